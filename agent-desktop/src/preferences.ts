// What somebody has set for their screens: kept by the daemon, so that it is there at any browser.

import type { Preferences } from "../../web-shared/src/protocol/desk";
import { get, put } from "./rest";
import { Store } from "./store";

const DEFAULTS: Preferences = {
  sound_ringing: true,
  sound_items: true,
  sound_messages: true,
  notifications: true,
  send_with: "enter",
  density: "comfortable",
};

export const preferences = new Store<Preferences>(DEFAULTS);
/** Whether the last change is not with the daemon. */
export const unkept = new Store(false);

preferences.subscribe(() => {
  document.documentElement.dataset["density"] = preferences.get().density;
});

export async function loadPreferences(): Promise<void> {
  const outcome = await get<Preferences>("/preferences");
  preferences.set(outcome.ok ? outcome.value : DEFAULTS);
}

/** It holds at once. */
export async function prefer(change: Partial<Preferences>): Promise<void> {
  const wanted = { ...preferences.get(), ...change };
  preferences.set(wanted);
  const outcome = await put<Preferences>("/preferences", wanted);
  unkept.set(!outcome.ok);
}

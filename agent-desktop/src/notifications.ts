// The browser's own notifications: whether they may be shown, and those that are.
// Asked for by a click only, shown only while no page of the desktop is to be seen.

import type { Alert } from "./alerts";
import { itemKey } from "./items";
import { isLookedAt, once } from "./once";
import type { ItemRef } from "../../web-shared/src/protocol/agent";
import { Store } from "./store";

const KEY = "vorrang.notifications";
const KINDS: readonly ItemRef["kind"][] = ["call", "chat", "task"];

/** `none`: this browser, or a page that is not secure, has none. */
export type Permission = NotificationPermission | "none";

export const permission = new Store<Permission>(granted());
/** Whether the agent does not want to be asked again. */
export const declined = new Store(localStorage.getItem(KEY) === "no");

/** By what they are about. */
const shown = new Map<string, Notification>();
/** How often what is told of a kind of items became no news: what was on its way then is told no more. */
const forgotten = new Map<string, number>();

function granted(): Permission {
  return typeof Notification === "undefined" || !isSecureContext ? "none" : Notification.permission;
}

/** Within a click: browsers show their question only then. */
export async function ask(): Promise<void> {
  await Notification.requestPermission();
  permission.set(granted());
}

export function decline(): void {
  localStorage.setItem(KEY, "no");
  declined.set(true);
}

export interface Words {
  readonly title: string;
  readonly body: string;
}

/** Tells of an event, on one page of the browser. `silent`: the page has a sound for it, or is to have none. */
export async function notify({ event, about }: Alert, { title, body }: Words, silent: boolean, onOpen: () => void): Promise<void> {
  const before = forgotten.get(about.kind);
  if (granted() !== "granted" || (await isLookedAt())) return;
  once(`note ${event}`, () => {
    if (forgotten.get(about.kind) !== before) return;
    const tag = itemKey(about);
    const notification = made(title, { body, silent, tag });
    if (notification === null) return;
    shown.set(tag, notification);
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
      onOpen();
    });
  });
}

/** What was told is not news any more: all of it, or what was told of a kind of items. */
export function forget(kind?: ItemRef["kind"]): void {
  for (const one of kind === undefined ? KINDS : [kind]) forgotten.set(one, (forgotten.get(one) ?? 0) + 1);
  for (const [about, notification] of shown) {
    if (kind !== undefined && !about.startsWith(kind)) continue;
    notification.close();
    shown.delete(about);
  }
}

/** Browsers of telephones have the class, and refuse to make one outside of a worker. */
function made(title: string, options: NotificationOptions): Notification | null {
  try {
    return new Notification(title, options);
  } catch {
    permission.set("none");
    return null;
  }
}

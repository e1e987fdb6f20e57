// The keys. Each does what a button does; a key whose button is not there does nothing.

import { useEffect, useRef } from "react";
import { flushSync } from "react-dom";
import { useDesk, useFloor, useOnline } from "../hooks";
import { activateObstacle, callObstacle, nextToActivate, nextToPick, parkObstacle } from "../rules";
import { activeItem } from "../state";
import { moveInList } from "./focus";
import type { Shown } from "./shown";

export const SHORTCUTS = [
  "palette",
  "next",
  "activate",
  "park",
  "transfer",
  "end",
  "finish",
  "decline",
  "hang_up",
  "write",
  "write_up",
  "history",
  "settings",
  "down",
  "up",
  "note",
  "contact",
  "new_contact",
  "help",
] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export const KEYS: Record<Shortcut, readonly string[]> = {
  palette: ["Ctrl", "K"],
  next: ["Alt", "N"],
  activate: ["Alt", "A"],
  park: ["Alt", "P"],
  transfer: ["Alt", "T"],
  end: ["Alt", "E"],
  finish: ["Alt", "F"],
  decline: ["Alt", "D"],
  hang_up: ["Alt", "H"],
  write: ["Alt", "M"],
  write_up: ["Alt", "K"],
  history: ["Alt", "V"],
  settings: ["Alt", "S"],
  down: ["J"],
  up: ["K"],
  note: ["Alt", "I"],
  contact: ["Alt", "C"],
  new_contact: ["Alt", "U"],
  help: ["?"],
};

/** The place of the key, not its letter: with Alt some keyboards write another one. */
const BY_CODE = new Map(SHORTCUTS.filter((one) => KEYS[one][0] === "Alt").map((one) => [`Key${KEYS[one][1]}`, one]));

/** As `aria-keyshortcuts` names it. */
export function keyShortcut(shortcut: Shortcut): string {
  return KEYS[shortcut].map((key) => (key === "Ctrl" ? "Control" : key)).join("+");
}

/** What opens something in front of the page. */
export interface Opens {
  palette(): void;
  history(): void;
  settings(): void;
  help(): void;
  newContact(): void;
  /** To the customer beside the item; whoever asks wants to type. */
  contact(): void;
  /** A slip of the fingers shall not cut anybody off: the key asks first. */
  hangUp(): void;
}

/** What a key does, and whether it can be done now. */
export interface Deed {
  readonly can: boolean;
  run(): void;
}

export type Deeds = Record<Shortcut, Deed>;

export function useDeeds(opens: Opens, shown: Shown): Deeds {
  const desk = useDesk();
  const state = useFloor();
  const online = useOnline();
  const { active } = state.agent;
  const item = activeItem(active);
  const talks = active?.kind === "chat" && state.chats.get(active.chat)?.state.state === "active";
  const pick = nextToPick(state);
  const next = nextToActivate(state);
  const always = (run: () => void): Deed => ({ can: true, run });
  const presses = (shortcut: Shortcut, can: boolean): Deed => ({
    can,
    run: () => {
      flushSync(() => shown.toFront());
      buttonOf(shortcut)?.click();
    },
  });
  return {
    palette: always(opens.palette),
    next: { can: online && pick !== null, run: () => pick !== null && desk.do({ do: "pick", item: pick }) },
    activate: {
      can: next !== null && activateObstacle(state, online) === null,
      run: () => next !== null && desk.do({ do: "activate", item: next }),
    },
    park: {
      can: item !== null && parkObstacle(state, online, item) === null,
      run: () => item !== null && desk.do({ do: "park", item }),
    },
    transfer: presses("transfer", talks || active?.kind === "call"),
    end: presses("end", talks),
    finish: presses("finish", item !== null && active?.kind !== "call" && !talks),
    decline: { can: state.agent.ringing !== null, run: () => buttonOf("decline")?.click() },
    hang_up: { can: active?.kind === "call" && callObstacle(active, online) === null, run: opens.hangUp },
    write: always(() => {
      flushSync(() => shown.toFront());
      document.querySelector<HTMLElement>("[data-testid=chat-input]:not(:disabled)")?.focus();
    }),
    note: presses("note", true),
    write_up: always(() => {
      flushSync(() => shown.toFront());
      toWriteUp();
    }),
    contact: always(opens.contact),
    new_contact: always(opens.newContact),
    history: always(opens.history),
    settings: always(opens.settings),
    down: always(() => moveInList(1)),
    up: always(() => moveInList(-1)),
    help: always(opens.help),
  };
}

/** Which key it is, if it is one. */
function shortcutOf(event: KeyboardEvent): Shortcut | null {
  const { key, code, altKey, ctrlKey, metaKey, shiftKey, target } = event;
  if ((ctrlKey || metaKey) && !altKey && !shiftKey) return code === "KeyK" ? "palette" : null;
  if (altKey) return ctrlKey || shiftKey ? null : (BY_CODE.get(code) ?? null);
  if (ctrlKey || metaKey || writes(target)) return null;
  if (key === "?") return "help";
  return key === "j" ? "down" : key === "k" ? "up" : null;
}

/** What is a key also where no items are seen. */
const EVERYWHERE: ReadonlySet<Shortcut> = new Set(["palette", "history", "settings", "help", "decline", "hang_up"]);

/** `elsewhere`: no items are seen. */
export function useShortcuts(deeds: Deeds, elsewhere: boolean): void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
    const shortcut = shortcutOf(event);
    if (shortcut === null || (elsewhere && !EVERYWHERE.has(shortcut))) return;
    event.preventDefault();
    if (deeds[shortcut].can) deeds[shortcut].run();
  };

  const latest = useRef(onKey);
  useEffect(() => {
    latest.current = onKey;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => latest.current(event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

/** The button knows whether it asks first, and whether it can be done. */
export function buttonOf(shortcut: Shortcut): HTMLElement | undefined {
  const buttons = document.querySelectorAll<HTMLElement>(`[aria-keyshortcuts="${keyShortcut(shortcut)}"]`);
  return [...buttons].find((button) => button.checkVisibility({ visibilityProperty: true }));
}

/** Into the field for the classification, or for the note where there is none to choose. */
function toWriteUp(): void {
  const panel = document.querySelector<HTMLElement>("[data-testid=write-up]");
  const fold = panel?.querySelector<HTMLElement>("[data-testid=write-up-fold]");
  if (fold?.getAttribute("aria-expanded") === "false") flushSync(() => fold.click());
  const field = panel?.querySelector<HTMLElement>("[data-testid=classification]:not(:disabled)");
  (field ?? panel?.querySelector<HTMLElement>("textarea:not(:disabled)") ?? fold)?.focus();
}

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}

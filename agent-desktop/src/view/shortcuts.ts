// The keys. Each does what a button does; a key whose button is not there does nothing.

import { useEffect, useRef } from "react";
import { flushSync } from "react-dom";
import { useDesk, useFloor, useOnline } from "../hooks";
import { activateObstacle, callObstacle, nextToActivate, nextToPick, parkObstacle } from "../rules";
import { activeItem } from "../state";
import type { Shown } from "./shown";

export const SHORTCUTS = [
  "next",
  "activate",
  "park",
  "transfer",
  "end",
  "finish",
  "decline",
  "hang_up",
  "write",
  "help",
] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export const KEYS: Record<Shortcut, readonly string[]> = {
  next: ["Alt", "N"],
  activate: ["Alt", "A"],
  park: ["Alt", "P"],
  transfer: ["Alt", "T"],
  end: ["Alt", "E"],
  finish: ["Alt", "F"],
  decline: ["Alt", "D"],
  hang_up: ["Alt", "H"],
  write: ["Alt", "M"],
  help: ["?"],
};

/** As `aria-keyshortcuts` names it. */
export function keyShortcut(shortcut: Shortcut): string {
  return KEYS[shortcut].join("+");
}

interface Asked {
  help(): void;
  /** A slip of the fingers shall not cut anybody off: the key asks first. */
  hangUp(): void;
}

export function useShortcuts(asked: Asked, shown: Shown): void {
  const desk = useDesk();
  const state = useFloor();
  const online = useOnline();

  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
    if (event.key === "?" && !writes(event.target)) {
      event.preventDefault();
      asked.help();
      return;
    }
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { active } = state.agent;
    const item = activeItem(active);
    // The place of the key, not its letter: with Alt some keyboards write another one.
    switch (event.code) {
      case "KeyN": {
        const next = nextToPick(state);
        if (online && next !== null) desk.do({ do: "pick", item: next });
        break;
      }
      case "KeyA": {
        const next = nextToActivate(state);
        if (next !== null && activateObstacle(state, online) === null) desk.do({ do: "activate", item: next });
        break;
      }
      case "KeyP":
        if (item !== null && parkObstacle(state, online, item) === null) desk.do({ do: "park", item });
        break;
      case "KeyH":
        if (active?.kind === "call" && callObstacle(active, online) === null) asked.hangUp();
        break;
      case "KeyD":
        press("decline");
        break;
      case "KeyT":
      case "KeyE":
      case "KeyF":
        flushSync(() => shown.toFront());
        press(event.code === "KeyT" ? "transfer" : event.code === "KeyE" ? "end" : "finish");
        break;
      case "KeyM":
        flushSync(() => shown.toFront());
        document.querySelector<HTMLElement>("[data-testid=chat-input]:not(:disabled)")?.focus();
        break;
      default:
        return;
    }
    event.preventDefault();
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
function press(shortcut: Shortcut): void {
  const buttons = document.querySelectorAll<HTMLElement>(`[aria-keyshortcuts="${keyShortcut(shortcut)}"]`);
  [...buttons].find((button) => button.checkVisibility({ visibilityProperty: true }))?.click();
}

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
}

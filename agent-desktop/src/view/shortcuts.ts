// The keys. Each does what a button does; a key whose button is not there does nothing.

import { useEffect, useRef } from "react";
import { useDesk, useFloor, useOnline } from "../hooks";
import { activateObstacle, nextToActivate, nextToPick } from "../rules";
import { activeItem } from "../state";

export const SHORTCUTS = ["next", "activate", "park", "finish", "write", "help"] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export const KEYS: Record<Shortcut, readonly string[]> = {
  next: ["Alt", "N"],
  activate: ["Alt", "A"],
  park: ["Alt", "P"],
  finish: ["Alt", "F"],
  write: ["Alt", "M"],
  help: ["?"],
};

export function useShortcuts(onHelp: () => void): void {
  const desk = useDesk();
  const state = useFloor();
  const online = useOnline();

  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
    if (event.key === "?" && !writes(event.target)) {
      event.preventDefault();
      onHelp();
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
        if (online && item !== null && active?.kind !== "call") desk.do({ do: "park", item });
        break;
      case "KeyF":
        // The button knows whether it asks first.
        document.querySelector<HTMLElement>(`[aria-keyshortcuts="Alt+F"]`)?.click();
        break;
      case "KeyM":
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

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
}

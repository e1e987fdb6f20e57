// Where customers are shown: the panel beside the work, and a page with all of them.
// Where the panel has a place of its own it is kept in this browser whether it is open; where it would lie over the rest it is
// opened by hand, or by a call that rings while no hand is at the work.

import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useLocation } from "wouter";
import { useFloor } from "../../hooks";
import { buttonOf } from "../shortcuts";

const KEPT = "vorrang.contact-pane";
const WIDE = "(min-width: 1200px)";

/** The page with all contacts; one of them, or `new`, stands behind it. */
export const CONTACTS = "/contacts";
export const NEW = "new";

export function isContacts(at: string): boolean {
  return at === CONTACTS || at.startsWith(`${CONTACTS}/`);
}

export interface Pane {
  readonly open: boolean;
  set(open: boolean): void;
  /** Opens it, with the focus where a contact is looked for. */
  search(): void;
  /** To where the focus was before the keys came here; a panel that lies over the rest goes. */
  back(): void;
  /** Opens the form for a new contact: of what goes on if nobody knows who that is, else of its own. */
  make(): void;
}

/** `holds`: whether a hand is at what the panel would lie over. */
export function usePane(holds: boolean): Pane {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
  const [kept, setKept] = useState(() => localStorage.getItem(KEPT) !== "closed");
  const [drawn, setDrawn] = useState(false);
  const [at, go] = useLocation();
  const { ringing } = useFloor().agent;
  useEffect(() => {
    const query = matchMedia(WIDE);
    const change = (): void => setWide(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  const call = ringing?.offer.call ?? null;
  const [rang, setRang] = useState(call);
  if (rang !== call) {
    setRang(call);
    if (call !== null && !holds) setDrawn(true);
  }
  const set = (open: boolean): void => {
    setDrawn(open);
    if (!wide) return;
    setKept(open);
    localStorage.setItem(KEPT, open ? "open" : "closed");
  };
  const from = useRef<HTMLElement | null>(null);
  const note = (): void => {
    const focused = document.activeElement;
    if (focused instanceof HTMLElement && focused.closest("[data-testid=contact-panel]") === null) from.current = focused;
  };
  return {
    open: wide ? kept : drawn,
    set,
    back: () => {
      if (!wide) flushSync(() => set(false));
      const known = from.current?.isConnected === true && from.current !== document.body;
      (known ? from.current : document.querySelector<HTMLElement>("[data-testid=chat-input]:not(:disabled)"))?.focus();
    },
    search: () => {
      note();
      flushSync(() => set(true));
      const field = document.querySelector<HTMLElement>("[data-testid=contact-search]");
      (field ?? document.querySelector<HTMLElement>("[data-testid=contact-panel] [tabindex]"))?.focus();
    },
    make: () => {
      note();
      if (!isContacts(at)) {
        flushSync(() => set(true));
        const button = buttonOf("new_contact");
        if (button !== undefined) return button.click();
      }
      return go(`${CONTACTS}/${NEW}`);
    },
  };
}

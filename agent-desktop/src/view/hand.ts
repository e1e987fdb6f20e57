// Whether somebody's hand is in a panel, at the mouse, on the glass or at the keys, and what is shown there meanwhile.

import { useCallback, useEffect, useRef, useState, type FocusEvent, type RefObject } from "react";
import { held, type Row } from "../held";

/** So long after it has left nothing moves: it may come right back. */
const LINGER_MS = 1_000;
/** A hand that has not stirred for so long aims at nothing. */
const REST_MS = 30_000;

export interface Hand {
  readonly holds: boolean;
  /** The element that the hand may be in, and what it does there. */
  readonly in: RefObject<HTMLElement | null>;
  readonly on: {
    onPointerMove(): void;
    onPointerDown(): void;
    onKeyDown(): void;
    onFocus(event: FocusEvent): void;
  };
}

export function useHand(): Hand {
  const panel = useRef<HTMLElement>(null);
  const [holds, setHolds] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const leaves = useRef(false);
  const holdFor = useCallback((ms: number): void => {
    leaves.current = ms === LINGER_MS;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setHolds(false), ms);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  useHandElsewhere(panel, holds, () => {
    if (!leaves.current) holdFor(LINGER_MS);
  });
  const stir = (): void => {
    setHolds(true);
    holdFor(REST_MS);
  };
  return {
    holds,
    in: panel,
    on: {
      onPointerMove: stir,
      onPointerDown: stir,
      onKeyDown: stir,
      // What was clicked has the focus too; only the keyboard goes on from there.
      onFocus: ({ target }) => {
        if (target.matches(":focus-visible")) stir();
      },
    },
  };
}

/** Tells of a hand that is elsewhere. That it left is not always told: what it was on may be gone. */
function useHandElsewhere(panel: RefObject<HTMLElement | null>, watches: boolean, tell: () => void): void {
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  useEffect(() => {
    if (!watches) return undefined;
    const page = document.documentElement;
    const onPointer = ({ type, target }: Event): void => {
      const isInside = type === "pointerover" && panel.current?.contains(target as Node);
      if (!isInside && panel.current?.querySelector(":focus-visible") == null) latest.current();
    };
    const onFocus = ({ target }: Event): void => {
      if (!panel.current?.contains(target as Node) && !panel.current?.matches(":hover")) latest.current();
    };
    document.addEventListener("pointerover", onPointer);
    page.addEventListener("pointerleave", onPointer);
    document.addEventListener("focusin", onFocus);
    return () => {
      document.removeEventListener("pointerover", onPointer);
      page.removeEventListener("pointerleave", onPointer);
      document.removeEventListener("focusin", onFocus);
    };
  }, [panel, watches]);
}

/** What a list shows, with a hand in it or without. */
export function useHeld<T>(now: readonly T[], key: (value: T) => string, { holds }: Pick<Hand, "holds">): readonly Row<T>[] {
  const shown = useRef<readonly Row<T>[]>([]);
  // What was drawn last is what this drawing must not move.
  // oxlint-disable-next-line react/refs
  const rows = held(shown.current, now, key, holds);
  useEffect(() => {
    shown.current = rows;
  });
  return rows;
}

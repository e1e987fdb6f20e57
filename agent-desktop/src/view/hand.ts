// Whether somebody's hand is in a panel, at the mouse, on the glass or at the keys, and what is shown there meanwhile.

import { useEffect, useRef, useState, type FocusEvent, type PointerEvent } from "react";
import { held, type Row } from "../held";

/** So long after it has left nothing moves: it may come right back. */
const LINGER_MS = 1_000;
/** A hand that has not stirred for so long aims at nothing. */
const REST_MS = 30_000;

export interface Hand {
  readonly holds: boolean;
  /** For the element that the hand is in. */
  readonly on: {
    onPointerMove(): void;
    onPointerDown(): void;
    onPointerLeave(event: PointerEvent): void;
    onKeyDown(): void;
    onFocus(event: FocusEvent): void;
    onBlur(event: FocusEvent): void;
  };
}

export function useHand(): Hand {
  const [holds, setHolds] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const holdFor = (ms: number): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setHolds(false), ms);
  };
  const stir = (): void => {
    setHolds(true);
    holdFor(REST_MS);
  };
  const leave = (): void => holdFor(LINGER_MS);
  return {
    holds,
    on: {
      onPointerMove: stir,
      onPointerDown: stir,
      onPointerLeave: ({ currentTarget }) => {
        if (currentTarget.querySelector(":focus-visible") === null) leave();
      },
      onKeyDown: stir,
      // What was clicked has the focus too; only the keyboard goes on from there.
      onFocus: ({ target }) => {
        if (target.matches(":focus-visible")) stir();
      },
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget) && !currentTarget.matches(":hover")) leave();
      },
    },
  };
}

/** What a list shows, with a hand in it or without. */
export function useHeld<T>(now: readonly T[], key: (value: T) => string, hand: Hand): readonly Row<T>[] {
  const shown = useRef<readonly Row<T>[]>([]);
  // What was drawn last is what this drawing must not move.
  // oxlint-disable-next-line react/refs
  const rows = held(shown.current, now, key, hand.holds);
  useEffect(() => {
    shown.current = rows;
  });
  return rows;
}

// What is asked for again and again, as long as somebody looks.

import { useEffect, useRef, useState } from "react";

const AGAIN_MS = 5_000;

/** The last answer about something; `null`: there is none yet. An `ask` that comes back with `null` leaves the one before. */
export function useAgain<T>(about: string, ask: () => Promise<T | null>): T | null {
  const [known, setKnown] = useState<{ about: string; answer: T } | null>(null);
  const asking = useRef(ask);
  useEffect(() => {
    asking.current = ask;
  });
  useEffect(() => {
    let gone = false;
    const look = async (): Promise<void> => {
      if (document.visibilityState !== "visible") return;
      const answer = await asking.current();
      if (!gone && answer !== null) setKnown({ about, answer });
    };
    void look();
    const timer = setInterval(() => void look(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [about]);
  return known?.about === about ? known.answer : null;
}

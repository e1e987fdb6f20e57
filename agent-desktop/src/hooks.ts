// How components reach the desk.

import { createContext, useContext, useEffect, useRef, useState } from "react";
import type { Desk, Told } from "./desk";
import type { AgentCommand } from "../../web-shared/src/protocol/agent";
import { sameCommand } from "./rules";
import type { State } from "./state";
import type { Readable } from "./store";

export const DeskContext = createContext<Desk | null>(null);
/** Never `null` below: the floor is only drawn with a snapshot. */
export const StateContext = createContext<State | null>(null);

/**
 * What the daemon says is drawn when the page gets round to it, a burst of it at once: drawn word by word
 * (`useSyncExternalStore`), a hundred items that come together would keep the page from everything else until React gives up.
 */
export function useStore<T>(store: Readable<T>): T {
  const [value, setValue] = useState(store.get);
  useEffect(() => {
    const take = (): void => setValue(store.get);
    // It may have changed since it was drawn.
    take();
    return store.subscribe(take);
  }, [store]);
  return value;
}

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("used outside of a desk");
  return desk;
}

export function useFloor(): State {
  const state = useContext(StateContext);
  if (state === null) throw new Error("used before the first snapshot");
  return state;
}

/** The daemon's time; the component is drawn again each second. */
export function useNow(): number {
  return useStore(useDesk().time.now);
}

export function useOnline(): boolean {
  return useStore(useDesk().link) === "online";
}

/**
 * Calls `tell` with each moment once: with the latest also if it was told before this component was there, and with none
 * again when another language draws everything anew. `upTo` remembers that, one for each listener.
 */
export function useMoments(upTo: WeakMap<Desk, number>, tell: (told: Told) => void): void {
  const desk = useDesk();
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  useEffect(() => {
    const hear = (): void => {
      const told = desk.told.get();
      if (told === null || told.id <= (upTo.get(desk) ?? 0)) return;
      upTo.set(desk, told.id);
      latest.current(told);
    };
    hear();
    return desk.told.subscribe(hear);
  }, [desk, upTo]);
}

/** Whether one of these commands is on its way. */
export function useSending(commands: readonly AgentCommand[]): boolean {
  const unanswered = useStore(useDesk().unanswered);
  return commands.some((command) => unanswered.some((sent) => sameCommand(sent.command, command)));
}

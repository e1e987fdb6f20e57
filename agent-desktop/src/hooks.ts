// How components reach the desk.

import { createContext, useContext, useEffect, useState } from "react";
import type { Desk } from "./desk";
import type { AgentCommand } from "./protocol/agent";
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

/** Whether one of these commands is on its way. */
export function useSending(commands: readonly AgentCommand[]): boolean {
  const unanswered = useStore(useDesk().unanswered);
  return commands.some((command) => unanswered.some((sent) => sameCommand(sent.command, command)));
}

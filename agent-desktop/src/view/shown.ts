// Which chat or task is looked at: the one that the agent selected, else the one that they attend to.
// The selection stands in the address, so a reload and the back button keep it.

import { useEffect, useRef } from "react";
import { useLocation, useSearchParams } from "wouter";
import { useDesk, useFloor } from "../hooks";
import { chatRef, heard, itemKey, said, sameItem, taskRef } from "../items";
import type { ItemRef } from "../../../web-shared/src/protocol/agent";
import { activeItem } from "../state";

const NONE = "none";
/** The page on which agents work; others lie beside it. */
export const WORK = "/";

export interface Shown {
  readonly item: ItemRef | null;
  /** `null`: what the agent attends to. */
  select(item: ItemRef | null): void;
  /** The page becomes the one with the work, and where there is room for one panel only, it becomes this one. */
  toFront(): void;
}

/** `toFront`: whether the agent asked for it. */
export function useShown(toFront: (asked: boolean) => void): Shown {
  const desk = useDesk();
  const state = useFloor();
  const [params, setParams] = useSearchParams();
  const [at, go] = useLocation();
  const { active } = state.agent;
  const attended = active?.kind === "chat" || active?.kind === "task" ? activeItem(active) : null;
  const [chat, task] = [heard(params.get("chat")), heard(params.get("task"))];
  const selected = state.chats.has(chat) ? chatRef(chat) : state.tasks.has(task) ? taskRef(task) : null;

  const select = (item: ItemRef | null): void => {
    toFront(true);
    go(item === null || sameItem(item, attended) ? WORK : `${WORK}?${item.kind}=${said(item.id)}`);
  };
  const toWork = (): void => {
    if (at !== WORK) go(WORK);
    toFront(true);
  };

  // Whatever the agent turns to comes to the front. That nothing is active any more takes nothing away that they read.
  const now = activeItem(active);
  const turn = now === null ? NONE : `${active?.kind} ${itemKey(now)}`;
  const last = useRef(turn);
  const front = useRef((asked: boolean): void => (asked ? toWork() : toFront(false)));
  useEffect(() => {
    front.current = (asked) => (asked ? toWork() : toFront(false));
  });
  useEffect(() => {
    if (last.current === turn) return;
    last.current = turn;
    if (turn === NONE) return;
    setParams({}, { replace: true });
    const asked = desk.asked.get();
    front.current(asked !== null && turn.endsWith(` ${itemKey(asked)}`));
    desk.asked.set(null);
  }, [turn, setParams, desk]);

  return { item: selected ?? attended, select, toFront: toWork };
}

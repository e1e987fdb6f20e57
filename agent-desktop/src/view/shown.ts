// Which chat or task is looked at: the one that the agent selected, else the one that they attend to.
// The selection stands in the address, so a reload and the back button keep it.

import { useEffect, useRef } from "react";
import { useSearchParams } from "wouter";
import { useDesk, useFloor } from "../hooks";
import { chatRef, heard, itemKey, said, sameItem, taskRef } from "../items";
import type { ItemRef } from "../../../web-shared/src/protocol/agent";
import { activeItem } from "../state";

const NONE = "none";

export interface Shown {
  readonly item: ItemRef | null;
  /** `null`: what the agent attends to. */
  select(item: ItemRef | null): void;
  /** Where there is room for one panel only, it becomes this one. */
  toFront(): void;
}

/** `toFront`: whether the agent asked for it. */
export function useShown(toFront: (asked: boolean) => void): Shown {
  const desk = useDesk();
  const state = useFloor();
  const [params, setParams] = useSearchParams();
  const { active } = state.agent;
  const attended = active?.kind === "chat" || active?.kind === "task" ? activeItem(active) : null;
  const [chat, task] = [heard(params.get("chat")), heard(params.get("task"))];
  const selected = state.chats.has(chat) ? chatRef(chat) : state.tasks.has(task) ? taskRef(task) : null;

  const select = (item: ItemRef | null): void => {
    toFront(true);
    setParams(item === null || sameItem(item, attended) ? {} : { [item.kind]: said(item.id) });
  };

  // Whatever the agent turns to comes to the front. That nothing is active any more takes nothing away that they read.
  const now = activeItem(active);
  const turn = now === null ? NONE : `${active?.kind} ${itemKey(now)}`;
  const last = useRef(turn);
  const front = useRef(toFront);
  useEffect(() => {
    front.current = toFront;
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

  return { item: selected ?? attended, select, toFront: () => toFront(true) };
}

// Which chat or task is looked at: the one that the agent selected, else the one that they attend to.
// The selection stands in the address, so a reload and the back button keep it.

import { useEffect, useRef } from "react";
import { useSearchParams } from "wouter";
import { useFloor } from "../hooks";
import { chatRef, heard, itemKey, said, sameItem, taskRef } from "../items";
import type { ItemRef } from "../protocol/agent";
import { activeItem } from "../state";

export interface Shown {
  readonly item: ItemRef | null;
  select(item: ItemRef | null): void;
}

export function useShown(): Shown {
  const state = useFloor();
  const [params, setParams] = useSearchParams();
  const { active } = state.agent;
  const attended = active?.kind === "chat" || active?.kind === "task" ? activeItem(active) : null;
  const [chat, task] = [heard(params.get("chat")), heard(params.get("task"))];
  const selected = state.chats.has(chat) ? chatRef(chat) : state.tasks.has(task) ? taskRef(task) : null;

  const select = (item: ItemRef | null): void => {
    setParams(item === null || sameItem(item, attended) ? {} : { [item.kind]: said(item.id) });
  };

  // Whatever the agent turns to comes to the front.
  const now = activeItem(active);
  const turn = now === null ? "none" : `${active?.kind} ${itemKey(now)}`;
  const last = useRef(turn);
  useEffect(() => {
    if (last.current === turn) return;
    last.current = turn;
    setParams({}, { replace: true });
  }, [turn, setParams]);

  return { item: selected ?? attended, select };
}

// Which chat is looked at: the one that the agent selected, else the one that they attend to.
// The selection stands in the address, so a reload and the back button keep it.

import { useEffect, useRef } from "react";
import { useSearchParams } from "wouter";
import { useFloor } from "../hooks";

export interface Shown {
  readonly chat: number | null;
  select(chat: number | null): void;
}

export function useShown(): Shown {
  const state = useFloor();
  const [params, setParams] = useSearchParams();
  const { active } = state.agent;
  const attended = active?.kind === "chat" ? active.chat : null;
  const asked = Number(params.get("chat") ?? Number.NaN);
  const selected = state.chats.has(asked) ? asked : null;

  const select = (chat: number | null): void => {
    setParams(chat === null || chat === attended ? {} : { chat: String(chat) });
  };

  // Whatever the agent turns to comes to the front.
  const turn = active === null ? "none" : active.kind === "chat" ? `chat ${active.chat}` : active.kind;
  const last = useRef(turn);
  useEffect(() => {
    if (last.current === turn) return;
    last.current = turn;
    setParams({}, { replace: true });
  }, [turn, setParams]);

  return { chat: selected ?? attended, select };
}

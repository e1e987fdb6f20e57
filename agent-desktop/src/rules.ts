// What the agent may do right now, and why not: the daemon has the last word, this only spares a click in vain.

import type { AgentCommand, ChatView } from "./protocol/agent";
import type { Code } from "./protocol/error";
import { inbox, unread, type State } from "./state";

/** A refusal that can be foreseen, or that there is nobody to ask. */
export type Obstacle = Extract<Code, "logged_out" | "on_a_call" | "maximum_reached"> | "extended" | "offline";

export function pickObstacle(state: State, online: boolean): Obstacle | null {
  if (!online) return "offline";
  const { agent } = state;
  if (agent.presence.presence === "logged_out") return "logged_out";
  if (agent.active?.kind === "call") return "on_a_call";
  if (agent.presence.presence === "logging_out") return "logged_out";
  return state.chats.size >= agent.chats_max ? "maximum_reached" : null;
}

export function activateObstacle(state: State, online: boolean): Obstacle | null {
  if (!online) return "offline";
  return state.agent.active?.kind === "call" ? "on_a_call" : null;
}

export function extendObstacle(chat: ChatView, online: boolean): Obstacle | null {
  if (!online) return "offline";
  return chat.wrap_up?.extensions_left === 0 ? "extended" : null;
}

/** The chat that waits longest in a queue and that nobody is offered. */
export function nextToPick(state: State): number | null {
  const waiting = state.queues
    .flatMap((queue) => queue.waiting)
    .filter((item) => item.item.kind === "chat" && item.offered_to === null)
    .toSorted((a, b) => a.arrived_at - b.arrived_at || a.item.id - b.item.id);
  return waiting[0]?.item.id ?? null;
}

/** The chat of the inbox to turn to next: pushed aside by a call, unanswered, new, then the rest. */
export function nextToActivate(state: State): number | null {
  const active = state.agent.active?.kind === "chat" ? state.agent.active.chat : null;
  const rank = (chat: ChatView): number => {
    if (chat.state.state === "preempted") return 0;
    if (chat.state.state === "wrap_up") return 4;
    if (unread(chat, state.messages.get(chat.chat)) > 0) return 1;
    return chat.state.state === "allocated" ? 2 : 3;
  };
  const chats = inbox(state).filter((chat) => chat.chat !== active);
  return chats.toSorted((a, b) => rank(a) - rank(b))[0]?.chat ?? null;
}

/** How many conversations a logout would send back to their queues. */
export function goBackAtLogout(state: State): number {
  return [...state.chats.values()].filter((chat) => chat.state.state !== "wrap_up").length;
}

/** Two commands that would do the same: the second is not sent while the first is unanswered. */
export function sameCommand(a: AgentCommand, b: AgentCommand): boolean {
  return a.do !== "say" && JSON.stringify(a) === JSON.stringify(b);
}

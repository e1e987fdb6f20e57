// What the agent may do right now, and why not: the daemon has the last word, this only spares a click in vain.

import { callRef, sameItem } from "./items";
import type { AgentCommand, ItemRef, WrapUpView } from "./protocol/agent";
import type { Code } from "./protocol/error";
import { activeItem, inbox, unread, type InboxItem, type State } from "./state";

/** A refusal that can be foreseen, or that there is nobody to ask. */
export type Obstacle =
  | Extract<Code, "logged_out" | "on_a_call" | "maximum_reached" | "on_break">
  | "extended"
  | "visitor_waits"
  | "offline";

export function pickObstacle(state: State, online: boolean, item: ItemRef): Obstacle | null {
  if (!online) return "offline";
  const { agent } = state;
  if (agent.presence.presence === "logged_out") return "logged_out";
  if (agent.active?.kind === "call") return "on_a_call";
  if (agent.presence.presence === "logging_out") return "logged_out";
  if (agent.presence.presence === "break" || agent.break_pending !== null) return "on_break";
  return item.kind === "chat" && state.chats.size >= agent.chats_max ? "maximum_reached" : null;
}

export function activateObstacle(state: State, online: boolean): Obstacle | null {
  if (!online) return "offline";
  if (state.agent.active?.kind === "call") return "on_a_call";
  return state.agent.presence.presence === "break" ? "on_break" : null;
}

/** `visitorWaits`: a call's wrap-up that is attended to keeps what the call pushed aside waiting. */
export function extendObstacle(wrapUp: WrapUpView | null, visitorWaits: boolean, online: boolean): Obstacle | null {
  if (!online) return "offline";
  if (visitorWaits) return "visitor_waits";
  return wrapUp?.extensions_left === 0 ? "extended" : null;
}

/** The chat or task that waits longest in a queue and that nobody is offered. */
export function nextToPick(state: State): ItemRef | null {
  const waiting = state.queues
    .flatMap((queue) => queue.waiting)
    .filter((item) => item.item.kind !== "call" && item.offered_to === null)
    .toSorted((a, b) => a.arrived_at - b.arrived_at || a.item.id - b.item.id);
  return waiting[0]?.item ?? null;
}

/**
 * The item of the inbox to turn to next: what would go back, what a call pushed aside, whose visitor waits for an
 * answer, what is new, the rest, what is left to write up.
 */
export function nextToActivate(state: State): ItemRef | null {
  const active = activeItem(state.agent.active);
  const others = inbox(state).filter(({ item }) => !sameItem(item, active));
  const first = others.toSorted((a, b) => rank(state, a) - rank(state, b))[0]?.item;
  const wrapUp = state.agent.call_wrap_ups[0];
  return first ?? (wrapUp === undefined ? null : callRef(wrapUp.call));
}

function rank(state: State, item: InboxItem): number {
  const { view } = item;
  if (view.state.state === "allocated" && view.state.until !== null) return 0;
  if (sameItem(state.agent.preempted, item.item)) return 1;
  if (item.kind === "chat") {
    if (item.view.state.state === "preempted") return 1;
    if (item.view.state.state === "wrap_up") return 5;
    if (unread(item.view, state.messages.get(item.view.chat)) > 0) return 2;
  }
  return view.state.state === "allocated" ? 3 : 4;
}

/** How many items a logout would send back to their queues. */
export function goBackAtLogout(state: State): number {
  return inbox(state).filter(({ view }) => view.state.state !== "wrap_up").length;
}

/** Two commands that would do the same: the second is not sent while the first is unanswered. */
export function sameCommand(a: AgentCommand, b: AgentCommand): boolean {
  return a.do !== "say" && JSON.stringify(a) === JSON.stringify(b);
}

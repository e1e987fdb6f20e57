// What the agent may do, as the daemon says it, and what they would most likely do next.
// It decides nothing: what stands in the way of something is the daemon's word.

import { callRef, itemKey, sameItem } from "./items";
import type { AgentCommand, ChatView, ItemRef, WaitingItem } from "../../web-shared/src/protocol/agent";
import type { Code } from "../../web-shared/src/protocol/error";
import { activeItem, inbox, unread, type InboxItem, type RunningCall, type State } from "./state";

/** What stands in the way: the daemon's refusal, some of them in words of their own, that there is nobody to ask, or what is
 * not filled in as it has to be. */
export type Obstacle = Code | "offline" | "activate_first" | "own_call" | "choose_first" | "too_long";

export function pickObstacle({ agent: { may } }: State, online: boolean, item: ItemRef, queue: number): Obstacle | null {
  if (item.kind !== "chat") return obstacle(may.pick_task, online);
  const own = may.pick_chat_in.find((one) => one.queue === queue);
  return obstacle(own === undefined ? may.pick_chat : own.pick_chat, online);
}

export function activateObstacle({ agent }: State, online: boolean): Obstacle | null {
  return obstacle(agent.may.activate, online);
}

export function parkObstacle({ agent: { may } }: State, online: boolean, item: ItemRef): Obstacle | null {
  return obstacle(may.park.some((one) => sameItem(one, item)) ? null : "wrong_state", online);
}

/** Of what the daemon says with the item itself. */
export function obstacle(said: Obstacle | null, online: boolean): Obstacle | null {
  return online ? said : "offline";
}

export function transferObstacle({ may }: ChatView, online: boolean): Obstacle | null {
  return obstacle(may.transfer === "wrong_state" ? "activate_first" : may.transfer, online);
}

/** Of hanging up here, and of giving the call away. */
export function callObstacle({ hang_up }: RunningCall, online: boolean): Obstacle | null {
  return obstacle(hang_up === "not_yours" ? "own_call" : hang_up, online);
}

/** The chat or task that waits longest of those that may be picked and that nobody is offered. */
export function nextToPick(state: State): ItemRef | null {
  let first: WaitingItem | null = null;
  for (const { queue, waiting } of state.queues) {
    for (const one of waiting) {
      const isLater = first !== null && (one.arrived_at - first.arrived_at || one.item.id - first.item.id) > 0;
      if (isLater || one.item.kind === "call" || one.offered_to !== null) continue;
      if (pickObstacle(state, true, one.item, queue) === null) first = one;
    }
  }
  return first?.item ?? null;
}

/**
 * The item of the inbox to turn to next: what would go back, what a call pushed aside, whose visitor waits for an
 * answer, what is new. Then all take turns, what is only to be written up as well: whose turn was longest ago is next.
 */
export function nextToActivate(state: State): ItemRef | null {
  const active = activeItem(state.agent.active);
  const wrapUps = state.agent.call_wrap_ups.map(({ call }) => ({ item: callRef(call), rank: TURNS, lull: 2 }));
  const all = [...inbox(state).map((one) => ({ item: one.item, rank: rank(state, one), lull: lull(one) })), ...wrapUps];
  const turn = ({ item }: { item: ItemRef }): number => state.attended.indexOf(itemKey(item));
  const first = all
    .filter(({ item }) => !sameItem(item, active))
    .toSorted((a, b) => a.rank - b.rank || turn(a) - turn(b) || a.lull - b.lull)[0];
  return first?.item ?? null;
}

/** The rank of what is not urgent. */
const TURNS = 4;

function rank(state: State, item: InboxItem): number {
  const { view } = item;
  if (view.state.state === "allocated" && view.state.until !== null) return 0;
  if (sameItem(state.agent.preempted, item.item)) return 1;
  if (item.kind === "chat") {
    if (item.view.state.state === "preempted") return 1;
    if (item.view.state.state === "wrap_up") return TURNS;
    if (unread(item.view, state.messages.get(item.view.chat)) > 0) return 2;
  }
  return view.state.state === "allocated" ? 3 : TURNS;
}

/** Among those that had no turn yet: nobody waits for what is over. */
function lull({ view }: InboxItem): number {
  return view.state.state === "wrap_up" ? 1 : 0;
}

/** What is open, by what becomes of it when the agent logs out. */
export interface OpenWork {
  /** A call rings: it goes to somebody else. */
  readonly rings: boolean;
  /** A call runs: it goes on until it ends, and the agent is logged out after it. */
  readonly talks: boolean;
  /** So many chats, tasks and wrap-ups of chats go back to their queues. */
  readonly chats: number;
  readonly tasks: number;
  readonly wrapUps: number;
  /** So many wrap-ups are closed as they are. */
  readonly closed: number;
}

/** `null`: nothing is open. */
export function openAtLogout(state: State): OpenWork | null {
  const { active, ringing, call_wrap_ups } = state.agent;
  const chats = [...state.chats.values()];
  const wrapUps = chats.filter((chat) => chat.state.state === "wrap_up");
  const goBack = wrapUps.filter(({ goes_back }) => goes_back).length;
  const ofCalls = call_wrap_ups.length + (active?.kind === "call_wrap_up" ? 1 : 0);
  const open = {
    rings: ringing !== null,
    talks: active?.kind === "call",
    chats: chats.length - wrapUps.length,
    tasks: state.tasks.size,
    wrapUps: goBack,
    closed: wrapUps.length - goBack + ofCalls,
  };
  return Object.values(open).some(Boolean) ? open : null;
}

/** Two commands that would do the same: the second is not sent while the first is unanswered. */
export function sameCommand(a: AgentCommand, b: AgentCommand): boolean {
  return a.do !== "say" && JSON.stringify(a) === JSON.stringify(b);
}

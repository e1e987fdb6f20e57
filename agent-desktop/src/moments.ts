// The turns in an agent's work that must not be overlooked, read off two states that follow each other.
// Pure: what is made of a moment (words, a sound, a banner) is the view's business.

import { itemKey, sameItem } from "./items";
import type { ItemRef, RingingView } from "./protocol/agent";
import { activeItem, alerting, type Alerting, type State } from "./state";

export type Moment =
  /** A call rings; answering it parks `parks`. */
  | { kind: "rings"; ringing: RingingView; parks: ItemRef | null }
  | { kind: "rings_no_more" }
  /** A call runs; `parked` is what it pushed aside. */
  | { kind: "call_began"; caller: string; parked: ItemRef | null }
  | { kind: "call_over" }
  /** What a call had pushed aside is back. */
  | { kind: "resumed"; item: ItemRef }
  /** Something came without the agent's asking: it has to be turned to. */
  | { kind: "alerts"; alerting: Alerting }
  /** It was not, and went back. */
  | { kind: "went_back"; item: ItemRef }
  /** The break that was asked for has begun. */
  | { kind: "break_began" };

/** The daemon's clock and this one's may differ by so much: who goes about then has not turned to it in time. */
const NEAR_MS = 2_000;

/** `now` is the daemon's time. */
export function moments(before: State | null, after: State, now: number): Moment[] {
  return [...ofAgent(before, after), ...ofInbox(before, after, now)];
}

function ofAgent(before: State | null, after: State): Moment[] {
  if (before?.agent === after.agent) return [];
  const found: Moment[] = [];
  const [was, is] = [before?.agent, after.agent];
  const active = is.active;
  const wasOnCall = was?.active?.kind === "call";
  const isOnCall = active?.kind === "call";
  const attendsTo = active?.kind === "chat" || active?.kind === "task" ? activeItem(active) : null;

  if (is.ringing !== null && offerOf(is.ringing) !== offerOf(was?.ringing ?? null)) {
    found.push({ kind: "rings", ringing: is.ringing, parks: attendsTo });
  }
  if (was?.ringing && is.ringing === null && !isOnCall) found.push({ kind: "rings_no_more" });
  if (isOnCall && (!wasOnCall || (was.active?.kind === "call" && was.active.call !== active.call))) {
    found.push({ kind: "call_began", caller: active.caller, parked: is.preempted });
  }
  const back = attendsTo !== null && is.preempted === null && sameItem(was?.preempted, attendsTo);
  if (back) found.push({ kind: "resumed", item: attendsTo });
  if (wasOnCall && !isOnCall && !back) found.push({ kind: "call_over" });
  // A break that begins with the click needs no word.
  if (is.presence.presence === "break" && was?.presence.presence !== "break" && was?.break_pending != null) {
    found.push({ kind: "break_began" });
  }
  return found;
}

function ofInbox(before: State | null, after: State, now: number): Moment[] {
  if (before?.chats === after.chats && before.tasks === after.tasks) return [];
  const was = before === null ? [] : alerting(before);
  const known = new Set(was.map(({ item }) => itemKey(item)));
  const came = alerting(after).filter(({ item }) => !known.has(itemKey(item)));
  const has = (item: ItemRef): boolean => (item.kind === "chat" ? after.chats : after.tasks).has(item.id);
  const gone = was.filter(({ item, until }) => !has(item) && now > until - NEAR_MS);
  return [
    ...came.map((one) => ({ kind: "alerts" as const, alerting: one })),
    ...gone.map(({ item }) => ({ kind: "went_back" as const, item })),
  ];
}

function offerOf(ringing: RingingView | null): string {
  return ringing === null ? "" : `${ringing.offer.call}/${ringing.offer.agent}/${ringing.offer.attempt}`;
}

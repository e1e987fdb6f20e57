// The turns in an agent's work that must not be overlooked, read off two views that follow each other.
// Pure: what is made of a moment (words, a sound, a banner) is the view's business.

import type { AgentView, RingingView } from "./protocol/agent";

export type Moment =
  /** A call rings; answering it parks `parks`. */
  | { kind: "rings"; ringing: RingingView; parks: number | null }
  | { kind: "rings_no_more" }
  /** A call runs; `parked` is the chat that it pushed aside. */
  | { kind: "call_began"; caller: string; parked: number | null }
  | { kind: "call_over" }
  /** The chat that a call had pushed aside is back. */
  | { kind: "resumed"; chat: number };

export function moments(before: AgentView | null, after: AgentView): Moment[] {
  const found: Moment[] = [];
  const active = after.active;
  const wasOnCall = before?.active?.kind === "call";
  const isOnCall = active?.kind === "call";

  if (after.ringing !== null && offerOf(after.ringing) !== offerOf(before?.ringing ?? null)) {
    found.push({ kind: "rings", ringing: after.ringing, parks: active?.kind === "chat" ? active.chat : null });
  }
  if (before?.ringing && after.ringing === null && !isOnCall) found.push({ kind: "rings_no_more" });
  if (isOnCall && (!wasOnCall || (before.active?.kind === "call" && before.active.call !== active.call))) {
    found.push({ kind: "call_began", caller: active.caller, parked: after.preempted });
  }
  const back = active?.kind === "chat" && before?.preempted === active.chat && after.preempted === null;
  if (back) found.push({ kind: "resumed", chat: active.chat });
  if (wasOnCall && !isOnCall && !back) found.push({ kind: "call_over" });
  return found;
}

function offerOf(ringing: RingingView | null): string {
  return ringing === null ? "" : `${ringing.offer.call}/${ringing.offer.agent}/${ringing.offer.attempt}`;
}

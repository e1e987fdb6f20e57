// The turns in an agent's work that must not be overlooked, read off two states that follow each other.
// Pure: what is made of a moment (words, a sound, a banner) is the view's business.

import { itemKey, sameItem } from "./items";
import type { ChatView, ContactRef, ItemRef, RingingView } from "../../web-shared/src/protocol/agent";
import { activeItem, alerting, type Alerting, type Input, type State } from "./state";

export type Moment =
  /** A call rings; answering it parks `parks`. */
  | { kind: "rings"; ringing: RingingView; parks: ItemRef | null }
  | { kind: "rings_no_more" }
  /** A call runs; `parked` is what it pushed aside. */
  | { kind: "call_began"; caller: string; contact: ContactRef | null; parked: ItemRef | null }
  | { kind: "call_over" }
  /** What a call had pushed aside is back. */
  | { kind: "resumed"; item: ItemRef }
  /** Something came without the agent's asking: it has to be turned to. */
  | { kind: "alerts"; alerting: Alerting }
  /** The agent, or a ring, has put aside what was active. */
  | { kind: "parked"; item: ItemRef }
  /** A visitor wrote, in a chat that was in the inbox already; the last of what came at once. */
  | { kind: "message"; chat: ChatView; number: number }
  /** It was not, and went back. */
  | { kind: "went_back"; item: ItemRef }
  /** The break that was asked for has begun. */
  | { kind: "break_began" };

/** The daemon's clock and this one's may differ by so much: who goes about then has not turned to it in time. */
const NEAR_MS = 2_000;

/** `now` is the daemon's time, `input` what made the one state of the other. */
export function moments(before: State | null, after: State, now: number, input: Input): Moment[] {
  return [...ofAgent(before, after), ...ofInbox(before, after, now), ...ofMessages(before, after, input)];
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
    found.push({ kind: "call_began", caller: active.caller, contact: active.contact, parked: is.preempted });
  }
  const back = attendsTo !== null && is.preempted === null && sameItem(was?.preempted, attendsTo);
  if (back) found.push({ kind: "resumed", item: attendsTo });
  const left = was?.active?.kind === "chat" || was?.active?.kind === "task" ? activeItem(was.active) : null;
  if (left !== null && !isOnCall && !sameItem(left, activeItem(active)) && has(after, left)) {
    found.push({ kind: "parked", item: left });
  }
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
  const gone = was.filter(({ item, until }) => !has(after, item) && now > until - NEAR_MS);
  return [
    ...came.map((one) => ({ kind: "alerts" as const, alerting: one })),
    ...gone.map(({ item }) => ({ kind: "went_back" as const, item })),
  ];
}

function has(state: State, item: ItemRef): boolean {
  return (item.kind === "chat" ? state.chats : state.tasks).has(item.id);
}

/** What was written before a chat came into the inbox is no news; what came while there was no connection is. */
function ofMessages(before: State | null, after: State, input: Input): Moment[] {
  if (before === null || before === after) return [];
  const wrote = (id: number): Moment[] => {
    const chat = after.chats.get(id);
    const known = before.messages.get(id)?.at(-1)?.number ?? 0;
    const last = after.messages.get(id)?.findLast(({ author, number }) => author === "visitor" && number > known);
    return chat === undefined || last === undefined || !before.chats.has(id) ? [] : [{ kind: "message", chat, number: last.number }];
  };
  if (input.type === "snapshot") return input.messages.flatMap(({ chat }) => wrote(chat));
  return input.type === "frame" && input.frame.kind === "message" ? wrote(input.frame.chat) : [];
}

function offerOf(ringing: RingingView | null): string {
  return ringing === null ? "" : `${ringing.offer.call}/${ringing.offer.agent}/${ringing.offer.attempt}`;
}

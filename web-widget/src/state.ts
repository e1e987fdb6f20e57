// The visitor's chat as the widget knows it: `reduce` folds everything that is heard or done into it.
// Never asks for a clock, a socket or a document.

import type { Problem } from "../../web-shared/src/protocol/error";
import type { Message, PlaceView, VisitorChat, VisitorChatState, VisitorFrame, VisitorReply } from "../../web-shared/src/protocol/visitor";

export interface State {
  /** Which page this is, in which chat. */
  readonly client: string;
  /** `null` until the first snapshot. */
  readonly chat: VisitorChat | null;
  /** By number, each once. */
  readonly messages: readonly Message[];
  readonly typing: boolean;
  /** Where it waits or waited, as far as that was told. */
  readonly place: PlaceView | null;
  /** Own messages that are not among `messages` yet, in the order in which they were written. */
  readonly unsent: readonly Unsent[];
  /** What happened to the chat while this page watched. */
  readonly notices: readonly Notice[];
}

/** A message on its way; with a `problem` it was refused. */
export interface Unsent {
  /** The name that it goes by, and its number: no other message has both. */
  readonly client: string;
  readonly command: number;
  readonly text: string;
  readonly problem: Problem | null;
}

/** A change of the chat's state, drawn between the messages. */
export interface Notice {
  /** It stands below the message with this number. */
  readonly after: number;
  readonly before: VisitorChatState["state"];
  readonly now: VisitorChatState;
}

export type Input =
  | Extract<VisitorReply, { type: "snapshot" | "frame" }>
  /** The visitor sent a message. */
  | { readonly type: "said"; readonly own: Unsent }
  /** The daemon does not want it. */
  | { readonly type: "spurned"; readonly own: Pick<Unsent, "client" | "command">; readonly problem: Problem }
  /** The visitor takes a refused message back, to write it again or not. */
  | { readonly type: "withdrawn"; readonly own: Unsent };

export function begin(client: string): State {
  return { client, chat: null, messages: [], typing: false, place: null, unsent: [], notices: [] };
}

export function reduce(state: State, input: Input): State {
  switch (input.type) {
    case "snapshot":
      return heard({ ...moved(hold(state, input.messages), input.chat), typing: false });
    case "frame":
      return framed(state, input.frame);
    case "said":
      return { ...state, unsent: [...state.unsent, input.own] };
    case "spurned": {
      const { problem } = input;
      return { ...state, unsent: state.unsent.map((own) => (key(own) === key(input.own) ? { ...own, problem } : own)) };
    }
    case "withdrawn":
      return { ...state, unsent: state.unsent.filter((own) => own !== input.own) };
  }
}

/** What tells a message of the visitor from all others, on its way and when it has arrived. */
export function key({ client, command }: Pick<Unsent, "client" | "command">): string {
  return `${client} ${command}`;
}

function framed(state: State, frame: VisitorFrame): State {
  switch (frame.kind) {
    case "chat":
      return { ...moved(state, frame.chat), typing: state.typing && frame.chat.state.state === "active" };
    case "message": {
      // A word of either side ends the question whether the visitor is there.
      const next = heard(hold(state, [frame.message]));
      return { ...next, chat: state.chat && { ...state.chat, idle: false }, typing: state.typing && frame.message.author === "visitor" };
    }
    case "typing":
      return { ...state, typing: frame.on };
    case "place":
      return { ...state, place: frame.place };
  }
}

/** The highest number up to which no message is missing. */
export function have(state: State): number {
  let number = 0;
  while (state.messages[number]?.number === number + 1) number += 1;
  return number;
}

/** How many of the agent's messages came after the message with this number. */
export function unread(state: State, read: number): number {
  return state.messages.filter((message) => message.author === "agent" && message.number > read).length;
}

/** What the visitor is asked: how to go on while a call takes long, or whether they are still there. */
export function asks({ chat }: State): "question" | "idle" | null {
  if (chat?.state.state === "preempted" && chat.state.choice && !chat.state.stays) return "question";
  return chat?.idle && chat.state.state !== "ended" ? "idle" : null;
}

export function last(state: State): number {
  return state.messages.at(-1)?.number ?? 0;
}

function hold(state: State, more: readonly Message[]): State {
  const fresh = more.filter(({ number }) => !state.messages.some((known) => known.number === number));
  if (fresh.length === 0) return state;
  return { ...state, messages: [...state.messages, ...fresh].toSorted((a, b) => a.number - b.number) };
}

/** Drops what is unsent no more. */
function heard(state: State): State {
  return { ...state, unsent: state.unsent.filter((own) => !state.messages.some((message) => key(message) === key(own))) };
}

function moved(state: State, chat: VisitorChat): State {
  const was = state.chat?.state;
  const before = was?.state ?? "waiting";
  const now = chat.state;
  if (before === now.state && (!was || agentOf(was) === agentOf(now))) return { ...state, chat };
  const notice = { after: position(state, now), before, now };
  // Whoever is picked and attended to in the same moment need not be told twice.
  const stale = (one: Notice): boolean =>
    now.state === "active" && one.now.state === "allocated" && one.after === notice.after;
  return { ...state, chat, notices: [...state.notices.filter((one) => !stale(one)), notice] };
}

export function agentOf(state: VisitorChatState): string {
  return "agent" in state ? state.agent : "";
}

/** Behind the messages that were there when it happened, as far as the daemon says when that was. */
function position(state: State, now: VisitorChatState): number {
  if (!("since" in now)) return last(state);
  return state.messages.findLast((message) => message.at <= now.since)?.number ?? 0;
}

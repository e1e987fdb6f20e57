// The visitor's chat as the widget knows it: `reduce` folds everything that is heard or done into it.
// Never asks for a clock, a socket or a document.

import type { Problem } from "./protocol/error";
import type { Message, VisitorChat, VisitorChatState, VisitorFrame, VisitorReply } from "./protocol/visitor";

export interface State {
  /** Which tab this is: it tells own messages that are on their way from those of other tabs. */
  readonly client: string;
  /** `null` until the first snapshot. */
  readonly chat: VisitorChat | null;
  /** By number, each once. */
  readonly messages: readonly Message[];
  readonly typing: boolean;
  /** Own messages that are not among `messages` yet, in the order in which they were written. */
  readonly unsent: readonly Unsent[];
  /** What happened to the chat while this page watched. */
  readonly notices: readonly Notice[];
}

/** A message on its way; with a `problem` it was refused. */
export interface Unsent {
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
  | Exclude<VisitorReply, { type: "refused" }>
  /** The visitor sent a message. */
  | { readonly type: "said"; readonly command: number; readonly text: string }
  /** The visitor takes a refused message back, to write it again or not. */
  | { readonly type: "withdrawn"; readonly command: number };

export function begin(client: string): State {
  return { client, chat: null, messages: [], typing: false, unsent: [], notices: [] };
}

export function reduce(state: State, input: Input): State {
  switch (input.type) {
    case "snapshot":
      return heard({ ...moved(hold(state, input.messages), input.chat), typing: false });
    case "frame":
      return framed(state, input.frame);
    case "answer": {
      const { id, problem } = input;
      // Done: the message itself follows in a frame, and takes the place of the unsent one.
      if (!problem) return state;
      return { ...state, unsent: state.unsent.map((own) => (own.command === id ? { ...own, problem } : own)) };
    }
    case "said":
      return { ...state, unsent: [...state.unsent, { command: input.command, text: input.text, problem: null }] };
    case "withdrawn":
      return { ...state, unsent: state.unsent.filter((own) => own.command !== input.command) };
  }
}

function framed(state: State, frame: VisitorFrame): State {
  switch (frame.kind) {
    case "chat": {
      const next = moved(state, frame.chat);
      return { ...next, typing: next.typing && frame.chat.state.state === "active" };
    }
    case "message": {
      const next = heard(hold(state, [frame.message]));
      return frame.message.author === "agent" ? { ...next, typing: false } : next;
    }
    case "typing":
      return { ...state, typing: frame.on };
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
  if (chat?.state.state === "preempted" && chat.state.choice) return "question";
  return chat?.idle && chat.state.state !== "ended" ? "idle" : null;
}

export function last(state: State): number {
  return state.messages.at(-1)?.number ?? 0;
}

function hold(state: State, more: readonly Message[]): State {
  const byNumber = new Map(state.messages.map((message) => [message.number, message]));
  const fresh = more.filter((message) => !byNumber.has(message.number));
  if (fresh.length === 0) return state;
  return { ...state, messages: [...state.messages, ...fresh].toSorted((a, b) => a.number - b.number) };
}

/** Drops what is unsent no more. */
function heard(state: State): State {
  const arrived = new Set(
    state.messages.filter((message) => message.client === state.client).map((message) => message.command),
  );
  return { ...state, unsent: state.unsent.filter((own) => !arrived.has(own.command)) };
}

function moved(state: State, chat: VisitorChat): State {
  const before = state.chat?.state ?? { state: "waiting" };
  const now = chat.state;
  if (before.state === now.state && agentOf(before) === agentOf(now)) return { ...state, chat };
  const notice = { after: position(state, now), before: before.state, now };
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
  if (now.state !== "preempted") return last(state);
  return state.messages.findLast((message) => message.at <= now.since)?.number ?? 0;
}

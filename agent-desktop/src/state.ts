// What the agent sees, as a pure function of what the daemon said: a snapshot, then frames.
// It never asks for the time, a socket or the page.

import { callRef, chatRef, itemKey, taskRef } from "./items";
import type {
  ActiveView,
  AgentFrame,
  AgentReply,
  AgentView,
  BreakReasonView,
  ChatMessages,
  ChatView,
  ColleagueView,
  DestinationView,
  ItemRef,
  NoteView,
  QueueView,
  TaskView,
  WaitingItem,
} from "../../web-shared/src/protocol/agent";
import type { Message } from "../../web-shared/src/protocol/visitor";

/** A message of this tab that was sent and that the daemon has not shown back yet. */
export interface Pending {
  readonly client: string;
  readonly command: number;
  readonly chat: number;
  readonly text: string;
  /** It is a note, which the visitor never sees. */
  readonly note: boolean;
}

export interface State {
  /** The number of the last frame that is in here. */
  readonly seq: number;
  readonly agent: AgentView;
  readonly queues: readonly QueueView[];
  readonly chats: ReadonlyMap<number, ChatView>;
  readonly tasks: ReadonlyMap<number, TaskView>;
  /** The other agents, by name. */
  readonly colleagues: readonly ColleagueView[];
  readonly destinations: readonly DestinationView[];
  readonly breakReasons: readonly BreakReasonView[];
  readonly messages: ReadonlyMap<number, readonly Message[]>;
  /** What agents noted for each other, by chat. */
  readonly notes: ReadonlyMap<number, readonly NoteView[]>;
  /** The chats of which nothing earlier is left to be asked for. */
  readonly begun: ReadonlySet<number>;
  /** The chats whose visitor is writing. */
  readonly typing: ReadonlySet<number>;
  readonly pending: readonly Pending[];
  /** What the agent attended to, by key, the latest last. */
  readonly attended: readonly string[];
}

/** So far back it matters whose turn it is. */
const ATTENDED_MAX = 100;

/** What this tab did itself: it sent a message, or took back one that was refused. */
export type Own = { type: "said"; message: Pending } | { type: "unsaid"; client: string; command: number };

/** `again`: said anew on a connection that has missed nothing. */
type Snapshot = Extract<AgentReply, { type: "snapshot" }> & { again?: boolean };

export type Input = Snapshot | Extract<AgentReply, { type: "frame" | "earlier" }> | Own;

/** `null`: no snapshot came yet. */
export function reduce(state: State | null, input: Input): State | null {
  switch (input.type) {
    case "snapshot": {
      const messages = new Map(input.messages.map((of) => [of.chat, joined(state?.messages.get(of.chat), of.messages)]));
      return {
        seq: input.seq,
        agent: input.agent,
        queues: input.queues.map(inOrder),
        chats: new Map(input.chats.map((chat) => [chat.chat, chat])),
        tasks: new Map(input.tasks.map((task) => [task.task, task])),
        colleagues: input.colleagues.toSorted(byName),
        destinations: input.destinations,
        breakReasons: input.break_reasons,
        messages,
        notes: new Map(input.messages.flatMap((of) => (of.notes.length > 0 ? [[of.chat, of.notes]] : []))),
        begun: new Set([...(state?.begun ?? [])].filter((chat) => messages.get(chat)?.[0]?.number === state?.messages.get(chat)?.[0]?.number)),
        // Volatile: after a cut whoever still writes says so again.
        typing: new Set(input.again === true ? [...(state?.typing ?? [])].filter((chat) => messages.has(chat)) : []),
        pending: (state?.pending ?? []).filter((own) => !isStored(own, writtenIn(input.messages, own))),
        attended: attending(state?.attended ?? [], input.agent),
      };
    }
    case "frame":
      // A frame that is in already, seen again after a reconnect, changes nothing.
      if (state === null || input.seq <= state.seq) return state;
      return { ...change(state, input.frame), seq: input.seq };
    case "earlier": {
      const known = state?.messages.get(input.chat);
      if (state === null || known === undefined) return state;
      const first = known[0]?.number ?? 0;
      const before = input.messages.filter((message) => message.number < first);
      return {
        ...state,
        messages: new Map(state.messages).set(input.chat, [...before, ...known]),
        // Also where the first ones were erased.
        begun: before.length === 0 ? new Set([...state.begun, input.chat]) : state.begun,
      };
    }
    case "said": {
      if (state === null) return state;
      const { message } = input;
      const known = state.pending.some((own) => own.client === message.client && own.command === message.command);
      if (known || isStored(message, (message.note ? state.notes : state.messages).get(message.chat))) return state;
      return { ...state, pending: [...state.pending, message] };
    }
    case "unsaid":
      if (state === null) return state;
      return {
        ...state,
        pending: state.pending.filter((own) => own.client !== input.client || own.command !== input.command),
      };
  }
}

function change(state: State, frame: AgentFrame): State {
  switch (frame.kind) {
    case "agent":
      return { ...state, agent: frame.agent, attended: attending(state.attended, frame.agent) };
    case "queues":
      return { ...state, queues: frame.queues.map(inOrder) };
    case "queue": {
      // Thousands may wait: none of them gets a name of its own for this.
      const changed = { call: new Set<number>(), chat: new Set<number>(), task: new Set<number>() };
      for (const { kind, id } of [...frame.waiting.map(({ item }) => item), ...frame.left]) changed[kind].add(id);
      return withQueue(state, frame.queue, (waiting) =>
        [...waiting.filter(({ item }) => !changed[item.kind].has(item.id)), ...frame.waiting].toSorted(byArrival),
      );
    }
    case "chat":
      return { ...state, chats: new Map(state.chats).set(frame.chat.chat, frame.chat) };
    case "chat_gone":
      return {
        ...state,
        chats: without(state.chats, frame.chat),
        messages: without(state.messages, frame.chat),
        notes: without(state.notes, frame.chat),
        typing: new Set([...state.typing].filter((chat) => chat !== frame.chat)),
        pending: state.pending.filter((own) => own.chat !== frame.chat),
      };
    case "task":
      return { ...state, tasks: new Map(state.tasks).set(frame.task.task, frame.task) };
    case "task_gone":
      return { ...state, tasks: without(state.tasks, frame.task) };
    case "colleague": {
      const others = state.colleagues.filter((other) => other.agent !== frame.colleague.agent);
      return { ...state, colleagues: [...others, frame.colleague].toSorted(byName) };
    }
    case "colleagues":
      return { ...state, colleagues: frame.colleagues.toSorted(byName) };
    case "messages":
      return withMessages(state, frame);
    case "note":
      return withNote(state, frame);
    case "message":
      return withMessage(state, frame);
    case "visitor_read": {
      const chat = state.chats.get(frame.chat);
      if (chat === undefined || chat.visitor_read_up_to >= frame.number) return state;
      return { ...state, chats: new Map(state.chats).set(frame.chat, { ...chat, visitor_read_up_to: frame.number }) };
    }
    case "typing":
      return { ...state, typing: withTyping(state.typing, frame.chat, frame.on) };
    case "notice":
    case "alert":
      // Said once, kept nowhere: the desk shows it as it passes.
      return state;
  }
}

type Of<K extends AgentFrame["kind"]> = Extract<AgentFrame, { kind: K }>;

/** What was written before. */
function withMessages(state: State, frame: Of<"messages">): State {
  const { chat, messages, notes } = frame;
  // One that was noted meanwhile may be here already.
  const later = (state.notes.get(chat) ?? []).filter(({ number }) => number > (notes.at(-1)?.number ?? 0));
  return {
    ...state,
    messages: new Map(state.messages).set(chat, joined(state.messages.get(chat), messages)),
    notes: new Map(state.notes).set(chat, [...notes, ...later]),
    pending: state.pending.filter((own) => !isStored(own, writtenIn([frame], own))),
  };
}

function withNote(state: State, { chat, note }: Of<"note">): State {
  const before = state.notes.get(chat) ?? [];
  if (before.some(({ number }) => number === note.number)) return state;
  return {
    ...state,
    notes: new Map(state.notes).set(chat, [...before, note]),
    pending: state.pending.filter((own) => own.chat !== chat || !own.note || !isStored(own, [note])),
  };
}

function withMessage(state: State, { chat, message }: Of<"message">): State {
  const before = state.messages.get(chat) ?? [];
  if (before.some((other) => other.number === message.number)) return state;
  return {
    ...state,
    chats: answeredBy(state.chats, chat, message),
    messages: new Map(state.messages).set(
      chat,
      [...before, message].toSorted((a, b) => a.number - b.number),
    ),
    typing: message.author === "visitor" ? withTyping(state.typing, chat, false) : state.typing,
    pending: state.pending.filter((own) => own.chat !== chat || own.note || !isStored(own, [message])),
  };
}

function attending(before: readonly string[], { active }: AgentView): readonly string[] {
  const item = activeItem(active);
  if (item === null || before.at(-1) === itemKey(item)) return before;
  return [...before.filter((key) => key !== itemKey(item)), itemKey(item)].slice(-ATTENDED_MAX);
}

/** Whether there are messages before those that are known. */
export function hasEarlier(state: State, chat: number): boolean {
  return (state.messages.get(chat)?.[0]?.number ?? 1) > 1 && !state.begun.has(chat);
}

/** A page joins what was read before it, if nothing is missing in between. */
function joined(before: readonly Message[] | undefined, page: readonly Message[]): readonly Message[] {
  const first = page[0]?.number;
  if (before === undefined || first === undefined) return page;
  const earlier = before.filter((message) => message.number < first);
  return earlier.at(-1)?.number === first - 1 ? [...earlier, ...page] : page;
}

/** More unread messages are not counted: so many are known of every chat, however far back somebody reads in it. */
export const UNREAD_MAX = 50;

/** How many messages of the visitor the agent has not seen, of the latest ones. */
export function unread(chat: ChatView, messages: readonly Message[] | undefined): number {
  return (messages ?? []).slice(-UNREAD_MAX).filter((message) => message.author === "visitor" && message.number > chat.read_up_to).length;
}

/** What lies in the inbox besides the wrap-ups of calls. */
export type InboxItem =
  | { readonly kind: "chat"; readonly item: ItemRef; readonly view: ChatView }
  | { readonly kind: "task"; readonly item: ItemRef; readonly view: TaskView };

/** The inbox, the longest there first: the order never jumps while the agent works. */
export function inbox(state: State): InboxItem[] {
  const items: InboxItem[] = [
    ...[...state.chats.values()].map((view) => ({ kind: "chat" as const, item: chatRef(view.chat), view })),
    ...[...state.tasks.values()].map((view) => ({ kind: "task" as const, item: taskRef(view.task), view })),
  ];
  return items.toSorted((a, b) => a.view.arrived_at - b.view.arrived_at || byItem(a.item, b.item));
}

/** What is over and only to be written up, and waits: of calls first. */
export function parkedWrapUps(state: State): ItemRef[] {
  const isParked = (chat: ChatView): boolean => chat.state.state === "wrap_up" && !chat.state.active;
  const chats = inbox(state).flatMap((one) => (one.kind === "chat" && isParked(one.view) ? [one.item] : []));
  return [...state.agent.call_wrap_ups.map(({ call }) => callRef(call)), ...chats];
}

export type RunningCall = Extract<ActiveView, { kind: "call" }>;

/** The one item that the agent attends to. */
export function activeItem(active: ActiveView | null): ItemRef | null {
  switch (active?.kind) {
    case undefined:
      return null;
    case "chat":
      return chatRef(active.chat);
    case "task":
      return taskRef(active.task);
    case "call":
      return callRef(active.call);
    case "call_wrap_up":
      return callRef(active.wrap_up.call);
  }
}

/** Whether the agent attends to this chat, in its conversation or in its wrap-up. */
export function attended(chat: ChatView): boolean {
  return chat.state.state === "active" || (chat.state.state === "wrap_up" && chat.state.active);
}

/** An item that came without the agent's asking: it goes back unless they turn to it. */
export interface Alerting {
  readonly item: ItemRef;
  readonly view: ChatView | TaskView;
  readonly until: number;
}

/** What has to be turned to, the most urgent first. */
export function alerting(state: State): Alerting[] {
  const found = inbox(state).flatMap(({ item, view }) => {
    const until = view.state.state === "allocated" ? view.state.until : null;
    return until === null ? [] : [{ item, view, until }];
  });
  return found.toSorted((a, b) => a.until - b.until);
}

function inOrder(queue: QueueView): QueueView {
  return { ...queue, waiting: queue.waiting.toSorted(byArrival) };
}

function withQueue(state: State, queue: number, then: (waiting: readonly WaitingItem[]) => WaitingItem[]): State {
  return {
    ...state,
    queues: state.queues.map((other) => (other.queue === queue ? { ...other, waiting: then(other.waiting) } : other)),
  };
}

function withTyping(typing: ReadonlySet<number>, chat: number, on: boolean): ReadonlySet<number> {
  if (typing.has(chat) === on) return typing;
  return on ? new Set([...typing, chat]) : new Set([...typing].filter((other) => other !== chat));
}

function without<V>(map: ReadonlyMap<number, V>, key: number): ReadonlyMap<number, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

type Numbered = Pick<Message, "client" | "command">;

function isStored(own: Pending, written: readonly Numbered[] | undefined): boolean {
  return (written ?? []).some(({ client, command }) => client === own.client && command === own.command);
}

/** Among which an own message or note would be. */
function writtenIn(chats: readonly ChatMessages[], own: Pending): readonly Numbered[] | undefined {
  const of = chats.find(({ chat }) => chat === own.chat);
  return own.note ? of?.notes : of?.messages;
}

/** Since when its visitor waits for an answer moves with each message. */
function answeredBy(chats: ReadonlyMap<number, ChatView>, id: number, { author, at }: Message): ReadonlyMap<number, ChatView> {
  const chat = chats.get(id);
  const unanswered_since = author === "agent" ? null : (chat?.unanswered_since ?? at);
  if (chat === undefined || chat.unanswered_since === unanswered_since) return chats;
  return new Map(chats).set(id, { ...chat, unanswered_since });
}

function byArrival(a: WaitingItem, b: WaitingItem): number {
  return a.arrived_at - b.arrived_at || byItem(a.item, b.item);
}

function byItem(a: ItemRef, b: ItemRef): number {
  return a.kind === b.kind ? a.id - b.id : a.kind < b.kind ? -1 : 1;
}

function byName(a: ColleagueView, b: ColleagueView): number {
  return a.name.localeCompare(b.name) || a.agent - b.agent;
}

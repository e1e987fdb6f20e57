// What the tests build their floors from.

import type { AgentFrame, AgentReply, AgentView, ChatView, ItemRef, NoteView, QueueView, TaskView, WaitingItem } from "../../web-shared/src/protocol/agent";
import type { Message } from "../../web-shared/src/protocol/visitor";

export function agent(changes: Partial<AgentView> = {}): AgentView {
  return {
    agent: 1,
    name: "Mara",
    presence: { presence: "available" },
    break_pending: null,
    calls: { calls: "open" },
    chats_blocked: false,
    chats_off: null,
    active: null,
    ringing: null,
    preempted: null,
    next: null,
    protected_until: null,
    call_wrap_ups: [],
    may: { pick_chat: null, pick_chat_in: [], pick_task: null, activate: null, park: [] },
    ...changes,
  };
}

export function chat(id: number, changes: Partial<ChatView> = {}): ChatView {
  return {
    chat: id,
    queue: 1,
    queue_name: "Service",
    page: "",
    language: "en",
    arrived_at: 1_000 + id,
    state: { state: "allocated", until: null },
    handling: { spent_ms: 0, running_since: null },
    wrap_up: null,
    contact: null,
    visitor_online: true,
    read_up_to: 0,
    alarm: false,
    goes_back: true,
    transfer_to: null,
    note: "",
    visitor_read_up_to: 0,
    unanswered_since: null,
    file_bytes_max: 10_000_000,
    file_kinds: ["png"],
    details: { form: [], identity: null },
    may: { say: null, transfer: null, transfer_to_agent: null, end: null },
    ...changes,
  };
}

export function task(id: number, changes: Partial<TaskView> = {}): TaskView {
  return {
    task: id,
    channel: "callback",
    queue: 1,
    queue_name: "Service",
    text: "+49 761 5550 1903",
    contact: null,
    arrived_at: 1_000 + id,
    state: { state: "allocated", until: null },
    handling: { spent_ms: 0, running_since: null },
    finish: null,
    ...changes,
  };
}

export function message(number: number, changes: Partial<Message> = {}): Message {
  return { number, author: "visitor", text: `message ${number}`, at: 2_000 + number, client: "visitor", command: number, file: null, ...changes };
}

export function note(number: number, changes: Partial<NoteView> = {}): NoteView {
  return { number, after: 0, agent: 1, author: "Anna", text: `note ${number}`, at: 2_000 + number, client: "desk", command: number, ...changes };
}

export function waiting(kind: ItemRef["kind"], id: number, arrived_at: number, offered_to: string | null = null): WaitingItem {
  return { item: { kind, id }, channel: kind === "task" ? "callback" : kind, arrived_at, who: "", contact: null, language: kind === "chat" ? "en" : "", first_line: null, name: "", offered_to };
}

export function queue(id: number, items: WaitingItem[] = []): QueueView {
  return { queue: id, name: `Queue ${id}`, waiting: items };
}

type Snapshot = Extract<AgentReply, { type: "snapshot" }>;

const EMPTY = { queues: [], chats: [], tasks: [], colleagues: [], destinations: [], break_reasons: [], messages: [] };

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return { type: "snapshot", seq: 0, now: 10_000, agent: agent(), ...EMPTY, ...changes };
}

export function frame(seq: number, change: AgentFrame): Extract<AgentReply, { type: "frame" }> {
  return { type: "frame", seq, frame: change };
}

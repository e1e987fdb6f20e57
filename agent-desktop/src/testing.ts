// What the tests build their floors from.

import type { AgentFrame, AgentReply, AgentView, ChatView, QueueView, WaitingItem } from "./protocol/agent";
import type { Message } from "./protocol/visitor";

export function agent(changes: Partial<AgentView> = {}): AgentView {
  return {
    agent: 1,
    name: "Mara",
    presence: { presence: "available" },
    calls: { calls: "open" },
    active: null,
    ringing: null,
    preempted: null,
    call_wrap_up: null,
    chats_max: 3,
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
    state: { state: "allocated" },
    handling: { spent_ms: 0, running_since: null },
    wrap_up: null,
    visitor_online: true,
    read_up_to: 0,
    ...changes,
  };
}

export function message(number: number, changes: Partial<Message> = {}): Message {
  return { number, author: "visitor", text: `message ${number}`, at: 2_000 + number, client: "visitor", command: number, ...changes };
}

export function waiting(kind: "call" | "chat", id: number, arrived_at: number, offered_to: string | null = null): WaitingItem {
  return { item: { kind, id }, arrived_at, who: "", offered_to };
}

export function queue(id: number, items: WaitingItem[] = []): QueueView {
  return { queue: id, name: `Queue ${id}`, waiting: items };
}

type Snapshot = Extract<AgentReply, { type: "snapshot" }>;

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return { type: "snapshot", seq: 0, now: 10_000, agent: agent(), queues: [], chats: [], messages: [], ...changes };
}

export function frame(seq: number, change: AgentFrame): Extract<AgentReply, { type: "frame" }> {
  return { type: "frame", seq, frame: change };
}

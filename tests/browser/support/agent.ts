// An agent without a browser: what the desktop says to the daemon, and what it hears.

import type {
  AgentCommand,
  AgentFrame,
  AgentView,
  ChatMessages,
  ChatStateView,
  ChatView,
  ClockView,
  ColleagueView,
  DestinationView,
  ItemRef,
  QueueView,
  TaskView,
} from "../../../web-shared/src/protocol/agent";
import type { Message } from "../../../web-shared/src/protocol/visitor";
import { type Daemon, password } from "./daemon";
import { Line } from "./line";
import { until } from "./until";

interface Snapshot {
  now: number;
  agent: AgentView;
  queues: QueueView[];
  chats: ChatView[];
  tasks: TaskView[];
  colleagues: ColleagueView[];
  destinations: DestinationView[];
  messages: ChatMessages[];
}

export function chatRef(id: number): ItemRef {
  return { kind: "chat", id };
}

export class Agent extends Line<Snapshot, AgentFrame, AgentCommand> {
  view: AgentView | null = null;
  queues: QueueView[] = [];
  colleagues: ColleagueView[] = [];
  destinations: DestinationView[] = [];
  readonly chats = new Map<number, ChatView>();
  readonly tasks = new Map<number, TaskView>();
  readonly messages = new Map<number, Map<number, Message>>();
  #offsetMs = 0;
  #page: readonly Message[] | null = null;

  static async signIn(daemon: Daemon, name: string): Promise<Agent> {
    const answer = await fetch(`${daemon.origin}/api/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name, password: password(name) }),
    });
    const cookie = answer.headers.get("set-cookie")?.split(";")[0];
    if (answer.status !== 200 || cookie === undefined) throw new Error(`${name} cannot sign in: ${answer.status}`);
    return new Agent(`ws://127.0.0.1:${daemon.httpPort}/ws/agent`, { cookie }).open();
  }

  /** Signs in and begins to work. */
  static async atWork(daemon: Daemon, name: string): Promise<Agent> {
    const agent = await Agent.signIn(daemon, name);
    await agent.do({ do: "log_in" });
    await until(`${name} works`, () => agent.view?.presence.presence === "available");
    return agent;
  }

  /** The chat that has waited longest in the queues. */
  get waiting(): number[] {
    return this.queues.flatMap((queue) => queue.waiting).flatMap(({ item }) => (item.kind === "chat" ? [item.id] : []));
  }

  get callsWaiting(): number[] {
    return this.queues.flatMap((queue) => queue.waiting).flatMap(({ item }) => (item.kind === "call" ? [item.id] : []));
  }

  /** Picks the chat that waits; it is active afterwards. */
  async pick(): Promise<number> {
    const chat = await until("a chat waits", () => this.waiting[0]);
    await this.do({ do: "pick", item: chatRef(chat) });
    await this.chatIs(chat, "active");
    return chat;
  }

  park(chat: number): Promise<void> {
    return this.do({ do: "park", item: chatRef(chat) });
  }

  say(chat: number, text: string): Promise<void> {
    return this.do({ do: "say", chat, text });
  }

  chat(chat: number): ChatView {
    const view = this.chats.get(chat);
    if (view === undefined) throw new Error(`chat ${chat} is not in the inbox`);
    return view;
  }

  async chatIs(chat: number, state: ChatStateView["state"], withinMs = 10_000): Promise<void> {
    await until(`the chat is ${state}`, () => this.chats.get(chat)?.state.state === state, withinMs);
  }

  async onACall(withinMs = 10_000): Promise<number> {
    const call = (): number | null => (this.view?.active?.kind === "call" ? this.view.active.call : null);
    return until("the agent is on a call", call, withinMs);
  }

  async offTheCall(withinMs = 10_000): Promise<void> {
    await until("the agent is on no call", () => this.view?.active?.kind !== "call", withinMs);
  }

  async rings(withinMs = 10_000): Promise<void> {
    await until("it rings", () => this.view?.ringing !== null, withinMs);
  }

  async ringsNoMore(withinMs = 10_000): Promise<void> {
    await until("it rings no more", () => this.view?.ringing === null, withinMs);
  }

  /** What a clock shows now, by the daemon's time. */
  read(clock: ClockView): number {
    const now = Date.now() + this.#offsetMs;
    return clock.spent_ms + (clock.running_since === null ? 0 : now - clock.running_since);
  }

  /** All that the daemon has of a chat up to this number, read page by page. */
  async transcript(chat: number, last: number): Promise<Message[]> {
    const pages: Message[] = [];
    for (let before = last + 1; before > 1; before = pages[0]?.number ?? 0) {
      this.#page = null;
      this.send({ type: "earlier", chat, before });
      pages.unshift(...(await until("a page", () => this.#page)));
    }
    return pages;
  }

  protected override earlier(_chat: number, messages: readonly Message[]): void {
    this.#page = messages;
  }

  texts(chat: number): string[] {
    const messages = [...(this.messages.get(chat)?.values() ?? [])];
    return messages.toSorted((a, b) => a.number - b.number).map((message) => message.text);
  }

  protected override hello(): object {
    return { type: "hello", client: this.client };
  }

  protected override snapshot(snapshot: Snapshot): void {
    const { now, agent, queues, chats, tasks, messages } = snapshot;
    this.#offsetMs = now - Date.now();
    this.view = agent;
    this.queues = queues;
    this.colleagues = snapshot.colleagues;
    this.destinations = snapshot.destinations;
    this.tasks.clear();
    for (const task of tasks) this.tasks.set(task.task, task);
    this.chats.clear();
    for (const chat of chats) this.chats.set(chat.chat, chat);
    this.messages.clear();
    for (const { chat, messages: known } of messages) for (const message of known) this.#keep(chat, message);
  }

  protected override frame(frame: AgentFrame): void {
    switch (frame.kind) {
      case "agent":
        this.view = frame.agent;
        return;
      case "chat":
        this.chats.set(frame.chat.chat, frame.chat);
        return;
      case "chat_gone":
        this.chats.delete(frame.chat);
        return;
      case "messages":
        for (const message of frame.messages) this.#keep(frame.chat, message);
        return;
      case "message":
        this.#keep(frame.chat, frame.message);
        return;
      case "queues":
        this.queues = frame.queues;
        return;
      case "queue":
        this.#waits(frame.queue, (waiting) => {
          const changed = [...frame.waiting.map(({ item }) => item), ...frame.left];
          const others = waiting.filter(({ item }) => !changed.some((one) => same(one, item)));
          return [...others, ...frame.waiting].toSorted((a, b) => a.arrived_at - b.arrived_at);
        });
        return;
      case "task":
        this.tasks.set(frame.task.task, frame.task);
        return;
      case "task_gone":
        this.tasks.delete(frame.task);
        return;
      case "colleague":
        this.colleagues = [...this.colleagues.filter(({ agent }) => agent !== frame.colleague.agent), frame.colleague];
        return;
      case "colleagues":
        this.colleagues = frame.colleagues;
        return;
      case "note":
      case "visitor_read":
      case "typing":
      case "notice":
      case "alert":
    }
  }

  #waits(queue: number, change: (waiting: QueueView["waiting"]) => QueueView["waiting"]): void {
    this.queues = this.queues.map((one) => (one.queue === queue ? { ...one, waiting: change(one.waiting) } : one));
  }

  #keep(chat: number, message: Message): void {
    const messages = this.messages.get(chat) ?? new Map<number, Message>();
    messages.set(message.number, message);
    this.messages.set(chat, messages);
  }
}

function same(one: { kind: string; id: number }, other: { kind: string; id: number }): boolean {
  return one.kind === other.kind && one.id === other.id;
}

/** Logs a person without a browser in or out. */
export async function setPresence(daemon: Daemon, name: string, presence: "available" | "logged_out"): Promise<void> {
  const answer = await fetch(`${daemon.origin}/api/v1/agents/${name}/presence`, {
    method: "PUT",
    headers: {
      "content-type": "application/json",
      authorization: `Basic ${Buffer.from(`${name}:${password(name)}`).toString("base64")}`,
    },
    body: JSON.stringify({ presence }),
  });
  if (answer.status !== 204) throw new Error(`presence of ${name}: ${answer.status} ${await answer.text()}`);
}

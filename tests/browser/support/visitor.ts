// A visitor without a browser: what the widget says to the daemon, and what it hears.

import { randomBytes } from "node:crypto";
import type { Message, VisitorChat, VisitorChatState, VisitorCommand, VisitorFrame } from "../../../web-shared/src/protocol/visitor";
import { type Daemon, TOKEN } from "./daemon";
import { Line } from "./line";
import { until } from "./until";

interface Snapshot {
  chat: VisitorChat;
  messages: Message[];
}

export class Visitor extends Line<Snapshot, VisitorFrame, VisitorCommand> {
  readonly session: string;
  chat: VisitorChat | null = null;
  readonly messages = new Map<number, Message>();
  /** All states that were seen, each as it began. */
  readonly states: string[] = [];

  private constructor(daemon: Daemon, session: string) {
    super(`ws://127.0.0.1:${daemon.httpPort}/ws/visitor`);
    this.session = session;
  }

  /** Asks for a chat, or comes back to the one with this session. */
  static come(daemon: Daemon, session = randomBytes(24).toString("hex")): Promise<Visitor> {
    return new Visitor(daemon, session).open();
  }

  get state(): VisitorChatState["state"] | null {
    return this.chat?.state.state ?? null;
  }

  say(text: string): Promise<void> {
    return this.do({ do: "say", text });
  }

  leave(): Promise<void> {
    return this.do({ do: "leave" });
  }

  async is(state: VisitorChatState["state"], withinMs = 10_000): Promise<void> {
    await until(`the visitor's chat is ${state}, not ${this.state}`, () => this.state === state, withinMs);
  }

  /** What was written, in order. */
  texts(): string[] {
    return [...this.messages.values()].toSorted((a, b) => a.number - b.number).map((message) => message.text);
  }

  protected override hello(): object {
    let have = 0;
    while (this.messages.has(have + 1)) have += 1;
    const { session, client } = this;
    return { type: "hello", token: TOKEN, session, client, have, language: "de", page: "https://shop.example/" };
  }

  protected override snapshot({ chat, messages }: Snapshot): void {
    this.#stands(chat);
    for (const message of messages) this.messages.set(message.number, message);
  }

  protected override frame(frame: VisitorFrame): void {
    switch (frame.kind) {
      case "chat":
        this.#stands(frame.chat);
        return;
      case "message":
        this.messages.set(frame.message.number, frame.message);
        return;
      case "typing":
    }
  }

  #stands(chat: VisitorChat): void {
    if (this.states.at(-1) !== chat.state.state) this.states.push(chat.state.state);
    this.chat = chat;
  }
}

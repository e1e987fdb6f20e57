// A client of the daemon's WebSockets: hello, acknowledgements, reconnection.
// Sends each command until its answer came, as the protocol asks of every client.

import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { Problem } from "../../../web-shared/src/protocol/error";
import type { Message } from "../../../web-shared/src/protocol/visitor";
import { until } from "./until";

const AGAIN_MS = 100;
/** The daemon counts acknowledgements as requests: not each frame gets one. */
const ACK_AFTER_FRAMES = 32;

interface Common<Snapshot, Frame> {
  snapshot: Snapshot & { type: "snapshot"; seq: number };
  frame: { type: "frame"; seq: number; frame: Frame };
  answer: { type: "answer"; id: number; problem: Problem | null };
  refused: { type: "refused"; problem: Problem };
  earlier: { type: "earlier"; chat: number; messages: Message[] };
}

type Reply<Snapshot, Frame> = Common<Snapshot, Frame>[keyof Common<Snapshot, Frame>];

interface Waiting<Command> {
  readonly id: number;
  readonly command: Command;
  readonly answered: (problem: Problem | null) => void;
}

export abstract class Line<Snapshot, Frame, Command> {
  readonly client = randomBytes(8).toString("hex");
  refused: Problem | null = null;
  /** How often the connection was lost. */
  cuts = 0;
  readonly #url: string;
  readonly #headers: Record<string, string>;
  #socket: WebSocket | null = null;
  #expectedSeq = 1;
  #live = false;
  #closed = false;
  #nextCommand = 1;
  #waiting: Waiting<Command>[] = [];

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#headers = headers;
    onTestFinished(() => this.close());
  }

  protected abstract hello(): object;
  protected abstract snapshot(snapshot: Snapshot): void;
  protected abstract frame(frame: Frame): void;

  /** What was asked for of a chat's past; only agents ask. */
  protected earlier(_chat: number, _messages: readonly Message[]): void {}

  /** Resolves once the first snapshot is there. */
  protected async open(): Promise<this> {
    this.#connect();
    await this.live();
    return this;
  }

  async live(withinMs = 10_000): Promise<void> {
    await until(
      "the daemon's snapshot",
      () => {
        if (this.refused !== null) throw new Error(`refused: ${this.refused.message}`);
        return this.#live;
      },
      withinMs,
    );
  }

  /** Done exactly once; resolves with the daemon's answer, however often the line is cut meanwhile. */
  ask(command: Command): Promise<Problem | null> {
    return new Promise((answered) => {
      const waiting = { id: this.#nextCommand++, command, answered };
      this.#waiting.push(waiting);
      if (this.#live) this.#say(waiting);
    });
  }

  /** As `ask`, for what must be possible. */
  async do(command: Command): Promise<void> {
    const problem = await this.ask(command);
    if (problem !== null) throw new Error(`${JSON.stringify(command)}: ${problem.code}: ${problem.message}`);
  }

  /** How many commands wait for their answer. */
  get unanswered(): number {
    return this.#waiting.length;
  }

  /** The browser's tab is closed, or the computer asleep: the line is gone and does not come back by itself. */
  close(): void {
    this.#closed = true;
    this.#socket?.terminate();
  }

  send(request: object): void {
    this.#socket?.send(JSON.stringify(request));
  }

  #say({ id, command }: Waiting<Command>): void {
    this.send({ type: "command", id, command });
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = new WebSocket(this.#url, { headers: this.#headers });
    this.#socket = socket;
    socket.on("open", () => this.send(this.hello()));
    socket.on("message", (data) => {
      if (this.#socket === socket) this.#hear(JSON.parse(String(data)) as Reply<Snapshot, Frame>);
    });
    // An error is always followed by a close.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#live) this.cuts += 1;
      this.#live = false;
      if (this.refused === null) setTimeout(() => this.#connect(), AGAIN_MS);
    });
  }

  #hear(reply: Reply<Snapshot, Frame>): void {
    switch (reply.type) {
      case "snapshot":
        this.#expectedSeq = reply.seq + 1;
        this.snapshot(reply);
        this.#live = true;
        for (const waiting of this.#waiting) this.#say(waiting);
        return;
      case "frame":
        if (reply.seq !== this.#expectedSeq) throw new Error(`frame ${reply.seq} came instead of ${this.#expectedSeq}`);
        this.#expectedSeq += 1;
        this.frame(reply.frame);
        if (reply.seq % ACK_AFTER_FRAMES === 0) this.send({ type: "ack", seq: reply.seq });
        return;
      case "answer": {
        const waiting = this.#waiting.find((one) => one.id === reply.id);
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        waiting?.answered(reply.problem);
        return;
      }
      case "refused":
        this.refused = reply.problem;
        return;
      case "earlier":
        this.earlier(reply.chat, reply.messages);
    }
  }
}

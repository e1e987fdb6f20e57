// The widget's line to the daemon: says hello again after every cut, and repeats each command until it is answered.
// One at a time, so that a refusal says which it is about and nothing waits behind it.
// Never draws and never decides what a message means.

import { add, type Outbox as Commands, type Sent, written } from "../../web-shared/src/outbox";
import type { Problem } from "../../web-shared/src/protocol/error";
import type { VisitorCommand, VisitorReply, VisitorRequest } from "../../web-shared/src/protocol/visitor";
import { retryAfter } from "../../web-shared/src/retry";

export type Pending = Sent<VisitorCommand>;
/** Whoever owns it keeps it over a reload. */
export type Outbox = Commands<VisitorCommand>;

/** What the connection needs of a WebSocket. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Surroundings {
  dial(): Socket;
  /** The first request on each connection; made anew each time, as `have` moves on. */
  hello(client: string): VisitorRequest;
  /** 0 <= random < 1 */
  random(): number;
  readonly outbox: Outbox;
  /** The outbox is not what it was. */
  save(): void;
  heard(reply: Extract<VisitorReply, { type: "snapshot" | "frame" }>): void;
  /** The command is out of the outbox: done, or refused. */
  answered(pending: Pending, problem: Problem | null): void;
  line(line: Line): void;
}

type Refused = Extract<VisitorReply, { type: "refused" }>;

/** How the line is. */
export type Line =
  | { readonly is: "connecting" }
  | { readonly is: "online" }
  /** Down for so long that the visitor should know. */
  | { readonly is: "down" }
  /** Refused. Tried again by itself if `again`. */
  | (Omit<Refused, "type"> & { readonly is: "refused"; readonly again: boolean })
  | { readonly is: "closed" };

const DOWN_AFTER_MS = 2_000;
/** The daemon owes something for this long: the line is dead, whatever the browser thinks. */
const PATIENCE_MS = 15_000;
const ACK_AFTER_MS = 1_000;

type Timer = ReturnType<typeof setTimeout>;

export class Connection {
  readonly #around: Surroundings;
  line: Line = { is: "closed" };
  #socket: Socket | null = null;
  /** As whom this connection speaks: a connection has one name. */
  #client = "";
  /** The command whose answer is due. */
  #sent: Pending | null = null;
  /** The last frame's number. */
  #seq = 0;
  #acked = 0;
  #tries = 0;
  #retry: Timer | undefined;
  #down: Timer | undefined;
  #patience: Timer | undefined;
  #ack: Timer | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Connects; on a line that is up it changes nothing. */
  open(): void {
    if (this.#socket) return;
    if (this.line.is === "closed") this.#say({ is: "connecting" });
    const socket = this.#around.dial();
    this.#socket = socket;
    this.#wait();
    this.#client = this.#speaker();
    socket.onopen = () => this.#request(this.#around.hello(this.#client));
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#receive(JSON.parse(String(data)) as VisitorReply);
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  /** The network or the page came back: whatever the old line is worth, a new one says so sooner. */
  renew(): void {
    if (this.line.is === "closed" || (this.line.is === "refused" && !this.line.again)) return;
    this.#hangUp();
    this.#tries = 0;
    this.open();
  }

  /** As `renew`, but a line that seems to be up stays. */
  wake(): void {
    if (this.line.is !== "online") this.renew();
  }

  /** The visitor asks for another try. */
  again(): void {
    this.#hangUp();
    this.line = { is: "closed" };
    this.open();
  }

  /** Ends the line for good. */
  close(): void {
    this.#flush();
    this.#hangUp();
    this.#say({ is: "closed" });
  }

  /** Has something done exactly once, now or when the line is up again. */
  command(command: VisitorCommand): Pending {
    const pending = add(this.#around.outbox, command);
    this.#around.save();
    this.#go();
    return pending;
  }

  /** Worth knowing now or never. */
  tell(request: VisitorRequest): void {
    if (this.line.is === "online") this.#request(request);
  }

  #receive(reply: VisitorReply): void {
    switch (reply.type) {
      case "snapshot":
        this.#seq = reply.seq;
        this.#acked = reply.seq;
        this.#tries = 0;
        clearTimeout(this.#patience);
        this.#around.heard(reply);
        this.#say({ is: "online" });
        this.#go();
        return;
      case "frame":
        if (reply.seq <= this.#seq) return;
        // A frame is missing: the snapshot of a new line has what it said.
        if (reply.seq > this.#seq + 1) return this.renew();
        this.#seq = reply.seq;
        this.#around.heard(reply);
        if (reply.seq === this.#acked + 1) this.#ack = setTimeout(() => this.#flush(), ACK_AFTER_MS);
        return;
      case "answer":
        // An answer that was asked for twice comes twice.
        if (this.#sent?.id !== reply.id) return;
        clearTimeout(this.#patience);
        this.#done(this.#sent, reply.problem);
        this.#go();
        return;
      case "warned":
        return console.warn("Vorrang:", reply.message);
      case "refused": {
        const { problem } = reply;
        const [first] = this.#around.outbox.pending;
        if (problem.code === "malformed" && first) {
          this.#lost();
          return this.#done(first, problem);
        }
        const again = problem.code === "too_many" || problem.code === "unavailable";
        this.#hangUp();
        this.#say({ ...reply, is: "refused", again });
        if (again) this.#lost();
      }
    }
  }

  /** Under whose name the next command goes. */
  #speaker(): string {
    const { client, pending } = this.#around.outbox;
    return pending[0]?.client ?? client;
  }

  /** Sends the oldest command, if nothing else is on its way. */
  #go(): void {
    const [first] = this.#around.outbox.pending;
    if (this.line.is !== "online" || this.#sent) return;
    if (this.#client !== this.#speaker()) return this.renew();
    if (!first) return;
    this.#sent = first;
    this.#request({ type: "command", id: first.id, command: first.command });
    this.#wait();
  }

  #done(pending: Pending, problem: Problem | null): void {
    this.#sent = null;
    this.#around.outbox.pending = this.#around.outbox.pending.slice(1);
    this.#around.save();
    this.#around.answered(pending, problem);
  }

  #request(request: VisitorRequest): void {
    this.#socket?.send(written(request));
  }

  #flush(): void {
    clearTimeout(this.#ack);
    if (this.line.is !== "online" || this.#acked === this.#seq) return;
    this.#acked = this.#seq;
    this.#request({ type: "ack", seq: this.#seq });
  }

  /** The line is dead: another one is tried after a while. */
  #lost(): void {
    this.#hangUp();
    this.#retry = setTimeout(() => this.open(), retryAfter(this.#tries++, this.#around.random()));
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = this.#sent = null;
    clearTimeout(this.#retry);
    clearTimeout(this.#patience);
    clearTimeout(this.#ack);
    socket?.close();
    // A refusal stays on the screen until something better is known.
    if (this.line.is === "online") this.#say({ is: "connecting" });
  }

  #wait(): void {
    this.#patience = setTimeout(() => this.#lost(), PATIENCE_MS);
  }

  #say(line: Line): void {
    clearTimeout(this.#down);
    if (line.is === "connecting") this.#down = setTimeout(() => this.#say({ is: "down" }), DOWN_AFTER_MS);
    this.line = line;
    this.#around.line(line);
  }
}

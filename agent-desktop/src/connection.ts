// The one WebSocket to the daemon: kept alive, resumed with a snapshot, every command sent until it is answered.
// It knows nothing of what the replies mean.

import type { Outbox, Sent } from "./outbox";
import { written } from "../../web-shared/src/outbox";
import type { AgentCommand, AgentReply, AgentRequest, Topic } from "../../web-shared/src/protocol/agent";
import type { Problem } from "../../web-shared/src/protocol/error";
import { retryAfter } from "../../web-shared/src/retry";

export type Link = "connecting" | "online" | "offline";

/** What the page does with what comes in. */
export interface Handlers {
  /** `again`: nothing was missed before it, the daemon just says everything anew, as after a change of the company. */
  snapshot(reply: Extract<AgentReply, { type: "snapshot" }>, again: boolean): void;
  frame(reply: Extract<AgentReply, { type: "frame" }>): void;
  earlier(reply: Extract<AgentReply, { type: "earlier" }>): void;
  /** The one answer to a command. */
  answer(sent: Sent, problem: Problem | null): void;
  /** Sent, for the first time or again. */
  sent(sent: Sent): void;
  link(link: Link): void;
  /** The daemon does not talk to this page; `again`: it is tried again. */
  refused(problem: Problem, again: boolean): void;
  /** Another page goes by this page's name now: this connection has stopped. */
  takenOver(): void;
  /** Nobody is signed in any more: this connection has stopped. */
  signedOut(): void;
}

export interface Ports {
  open(): WebSocket;
  /** Whether the session still holds; `null` if the daemon cannot be asked. */
  signedIn(): Promise<boolean | null>;
  random(): number;
}

const ACK_FRAMES = 32;
const ACK_MS = 1_000;
/** The close code of a connection whose name a newer one has. */
const TAKEN_OVER = 4001;
/** A browser does not tell when the other side has vanished; an answer that stays away does. */
const ANSWER_MS = 10_000;

export class Connection {
  readonly #outbox: Outbox;
  readonly #ports: Ports;
  readonly #handlers: Handlers;
  #socket: WebSocket | null = null;
  #live = false;
  #stopped = false;
  #attempt = 0;
  #seq = 0;
  /** What is in sight; `null` while that is all, as the daemon takes it to be on each connection. */
  #sight: readonly Topic[] | null = null;
  #acked = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ack: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(outbox: Outbox, ports: Ports, handlers: Handlers) {
    this.#outbox = outbox;
    this.#ports = ports;
    this.#handlers = handlers;
  }

  start(): void {
    this.#stopped = false;
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    this.#drop();
  }

  command(command: AgentCommand): Sent {
    const sent = this.#outbox.add(command);
    if (this.#live) this.#sendCommand(sent);
    return sent;
  }

  /** Volatile: lost without a connection. */
  typing(chat: number, on: boolean): void {
    if (this.#live) this.#send({ type: "typing", chat, on });
  }

  /** What is in sight from now on, beside the agent's own work: said on each connection. */
  look(at: readonly Topic[]): void {
    this.#sight = at;
    this.#sendSight();
  }

  /** Asks for the messages before this number; without a connection it is asked again by whoever still wants them. */
  earlier(chat: number, before: number): void {
    if (this.#live) this.#send({ type: "earlier", chat, before });
  }

  /** The network is back, or somebody looks at the page again: no reason to wait. */
  hurry(): void {
    if (!this.#stopped && this.#socket === null) {
      this.#attempt = 0;
      this.#open();
    }
  }

  /** Starts over with a fresh snapshot. */
  renew(): void {
    if (this.#stopped) return;
    this.#drop();
    this.#open();
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#handlers.link("connecting");
    const socket = this.#ports.open();
    this.#socket = socket;
    this.#patience = setTimeout(() => void this.#closed(), ANSWER_MS);
    socket.addEventListener("open", () => {
      if (socket === this.#socket) this.#send({ type: "hello", client: this.#outbox.client });
    });
    socket.addEventListener("message", (event: MessageEvent<string>) => {
      // The daemon is of the same build as this page: its words need no second look.
      if (socket === this.#socket) this.#hear(JSON.parse(event.data) as AgentReply);
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket !== this.#socket) return;
      if (code === TAKEN_OVER) this.#takenOver();
      else void this.#closed();
    });
  }

  #hear(reply: AgentReply): void {
    switch (reply.type) {
      case "snapshot":
        if (this.#live) {
          // In the midst of the frames, which are counted from it on; what waits for its answer has been sent.
          this.#seq = reply.seq;
          this.#acked = reply.seq;
          this.#handlers.snapshot(reply, true);
          return;
        }
        this.#live = true;
        this.#attempt = 0;
        this.#seq = reply.seq;
        this.#acked = reply.seq;
        this.#handlers.snapshot(reply, false);
        this.#handlers.link("online");
        this.#sendSight();
        this.#beWaiting();
        for (const sent of this.#outbox.unanswered) this.#sendCommand(sent);
        return;
      case "frame":
        if (!this.#live || reply.seq <= this.#seq) return;
        if (reply.seq !== this.#seq + 1) {
          // One is missing: what would be drawn from here on is not what the daemon has.
          this.renew();
          return;
        }
        // In this order: one that could not be taken is missing, and the next leads to a snapshot.
        this.#handlers.frame(reply);
        this.#seq = reply.seq;
        this.#acknowledge();
        return;
      case "earlier":
        if (this.#live) this.#handlers.earlier(reply);
        return;
      case "answer": {
        // Without a number it is about a request that waits for no answer.
        const sent = reply.id === null ? null : this.#outbox.answered(reply.id);
        this.#beWaiting();
        if (sent !== null) this.#handlers.answer(sent, reply.problem);
        return;
      }
      case "refused":
        this.#refused(reply.problem);
    }
  }

  #refused(problem: Problem): void {
    if (problem.code === "unauthenticated") {
      this.stop();
      this.#handlers.signedOut();
      return;
    }
    // Too much at once passes. Anything else does not.
    const again = problem.code === "too_many" || problem.code === "unavailable";
    if (!again) {
      this.stop();
      this.#handlers.link("offline");
    }
    this.#handlers.refused(problem, again);
  }

  /** Two pages under one name would take it from each other for ever. */
  #takenOver(): void {
    this.stop();
    this.#handlers.link("offline");
    this.#handlers.takenOver();
  }

  async #closed(): Promise<void> {
    const hadSnapshot = this.#live;
    this.#drop();
    this.#handlers.link("offline");
    // A browser cannot see why an upgrade failed: a session that is over looks like a daemon that is down.
    if (!hadSnapshot && (await this.#ports.signedIn()) === false) {
      if (this.#stopped || this.#socket !== null) return;
      this.#stopped = true;
      this.#handlers.signedOut();
      return;
    }
    if (this.#stopped || this.#socket !== null) return;
    this.#retry = setTimeout(() => this.#open(), retryAfter(this.#attempt, this.#ports.random()));
    this.#attempt += 1;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#live = false;
    clearTimeout(this.#retry);
    clearTimeout(this.#ack);
    clearTimeout(this.#patience);
    this.#ack = undefined;
    this.#patience = undefined;
    socket?.close();
  }

  #sendSight(): void {
    if (this.#live && this.#sight !== null) this.#send({ type: "looks", at: [...this.#sight] });
  }

  #sendCommand(sent: Sent): void {
    this.#send({ type: "command", id: sent.id, command: sent.command });
    this.#handlers.sent(sent);
    if (this.#patience === undefined) this.#beWaiting();
  }

  #beWaiting(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    if (this.#live && this.#outbox.unanswered.length > 0) {
      this.#patience = setTimeout(() => {
        this.#handlers.link("offline");
        this.renew();
      }, ANSWER_MS);
    }
  }

  #acknowledge(): void {
    if (this.#seq - this.#acked >= ACK_FRAMES) {
      this.#sendAck();
    } else {
      this.#ack ??= setTimeout(() => this.#sendAck(), ACK_MS);
    }
  }

  #sendAck(): void {
    clearTimeout(this.#ack);
    this.#ack = undefined;
    this.#acked = this.#seq;
    this.#send({ type: "ack", seq: this.#seq });
  }

  #send(request: AgentRequest): void {
    const socket = this.#socket;
    if (socket !== null && socket.readyState === socket.OPEN) socket.send(written(request));
  }
}


// The agent's desk: the connection, what it brought, and what the agent does.
// Components read its stores and call its methods; nothing else changes the state.

import { Connection, type Link } from "./connection";
import { clientOf } from "./client";
import { drafts } from "./drafts";
import { callRef, chatRef } from "./items";
import { moments, type Moment } from "./moments";
import { Outbox, type Sent } from "./outbox";
import type { AgentCommand, AgentFrame, AgentReply, ChatView, ItemRef, Recipient } from "../../web-shared/src/protocol/agent";
import type { Code, Problem } from "../../web-shared/src/protocol/error";
import type { CurrentSession } from "../../web-shared/src/protocol/rest";
import { sameCommand } from "./rules";
import { currentSession } from "./session";
import { reduce, type Input, type Own, type State } from "./state";
import { Store } from "./store";
import { DaemonTime } from "./time";
import { Uploads } from "./uploads";

/** Something to be told once. */
export type News =
  /** What was asked for is not done. */
  | { readonly kind: "refused"; readonly code: Code; readonly item: ItemRef | null }
  /** What the agent gave away is with somebody else. */
  | { readonly kind: "given"; readonly item: ItemRef; readonly to: string }
  /** What came without asking was not turned to. */
  | { readonly kind: "went_back"; readonly item: ItemRef }
  /** For supervisors: somebody's visitor waits for too long. */
  | Readonly<Extract<AgentFrame, { kind: "alert" }>>;

export interface Notice {
  readonly id: number;
  readonly news: News;
}

/** Why the daemon does not talk to this page: another page goes by its name, or it was refused. */
export type Refusal =
  | { readonly elsewhere: true }
  | { readonly elsewhere: false; readonly code: Code; /** It is tried again by itself. */ readonly again: boolean };

/** A moment, and which one: the same can happen again. */
export interface Told {
  readonly id: number;
  readonly moment: Moment;
}

const NOTICES_MAX = 4;

export class Desk {
  readonly session: CurrentSession;
  readonly state = new Store<State | null>(null);
  readonly link = new Store<Link>("connecting");
  readonly notices = new Store<readonly Notice[]>([]);
  readonly unanswered = new Store<readonly Sent[]>([]);
  readonly told = new Store<Told | null>(null);
  /** What the agent asked to turn to; what comes up by itself is something else. */
  readonly asked = new Store<ItemRef | null>(null);
  /** Why the daemon does not talk to this page. */
  readonly refusal = new Store<Refusal | null>(null);
  readonly time = new DaemonTime();
  readonly uploads = new Uploads();
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  /** The chats that this tab gives away, and to whom, until they are gone. */
  readonly #giving = new Map<number, Recipient>();
  #lastNotice = 0;
  #lastMoment = 0;

  static async open(session: CurrentSession, signedOut: () => void): Promise<Desk> {
    const client = await clientOf(session.name);
    return new Desk(session, new Outbox(client, sessionStorage), signedOut);
  }

  private constructor(session: CurrentSession, outbox: Outbox, signedOut: () => void) {
    this.session = session;
    this.#outbox = outbox;
    this.unanswered.set(outbox.unanswered);
    this.#connection = new Connection(
      outbox,
      {
        open: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/agent`),
        signedIn: () => this.#stillSignedIn(),
        random: Math.random,
      },
      {
        snapshot: (reply, again) => {
          this.time.set(reply.now);
          this.refusal.set(null);
          this.#take(again ? { ...reply, again } : reply);
        },
        frame: (reply) => this.#frame(reply),
        earlier: (reply) => this.#take(reply),
        answer: (sent, problem) => this.#answered(sent, problem),
        sent: (sent) => this.#said(sent),
        link: (link) => this.link.set(link),
        refused: ({ code }, again) => this.refusal.set({ elsewhere: false, code, again }),
        takenOver: () => this.refusal.set({ elsewhere: true }),
        signedOut,
      },
    );
  }

  start(): void {
    this.time.start(() => this.#connection.renew());
    this.#connection.start();
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#look);
    if (document.visibilityState !== "visible") this.#look();
  }

  stop(): void {
    this.time.stop();
    this.#connection.stop();
    removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#look);
  }

  /** Sends a command, unless the same one is on its way already. */
  do(command: AgentCommand): void {
    if (this.#outbox.unanswered.some((sent) => sameCommand(sent.command, command))) return;
    if (command.do === "transfer") this.#giving.set(command.chat, command.to);
    if (command.do === "pick" || command.do === "activate") this.asked.set(command.item);
    const sent = this.#connection.command(command);
    this.unanswered.set(this.#outbox.unanswered);
    this.#said(sent);
  }

  sendFile({ chat, file_bytes_max, file_kinds }: ChatView, file: File): void {
    this.uploads.send({ chat, file_bytes_max, file_kinds }, this.#outbox.client, this.#outbox.number(), file);
  }

  typing(chat: number, on: boolean): void {
    this.#connection.typing(chat, on);
  }

  /** Asks for the messages of a chat before this number. */
  earlier(chat: number, before: number): void {
    this.#connection.earlier(chat, before);
  }

  dismiss(notice: number): void {
    this.notices.set(this.notices.get().filter((other) => other.id !== notice));
  }

  readonly #hurry = (): void => {
    if (document.visibilityState === "visible") this.#connection.hurry();
  };

  /** A page that nobody sees still tells what came for its agent; the lists are fetched when somebody looks again. */
  readonly #look = (): void => {
    const isVisible = document.visibilityState === "visible";
    this.#connection.look(isVisible ? ["queues", "colleagues", "supervision"] : ["supervision"]);
    this.#hurry();
  };

  async #stillSignedIn(): Promise<boolean | null> {
    const outcome = await currentSession();
    return outcome.ok ? outcome.value?.name === this.session.name : null;
  }

  #frame(reply: Extract<AgentReply, { type: "frame" }>): void {
    this.time.refresh();
    this.#take(reply);
    this.#hear(reply.frame);
  }

  #hear(frame: AgentFrame): void {
    if (frame.kind === "notice") {
      if (frame.item?.kind === "chat" && frame.code === "not_available") this.#giving.delete(frame.item.id);
      this.#notify({ kind: "refused", code: frame.code, item: frame.item });
    } else if (frame.kind === "alert") {
      this.#notify(frame);
    } else if (frame.kind === "chat_gone") {
      const to = this.#giving.get(frame.chat);
      this.#giving.delete(frame.chat);
      drafts.set(`note.${frame.chat}`, "");
      if (to !== undefined) this.#notify({ kind: "given", item: chatRef(frame.chat), to: this.#nameOf(to) });
    }
  }

  #nameOf(to: Recipient): string {
    const state = this.state.get();
    const found =
      to.kind === "queue"
        ? state?.destinations.find((one) => one.queue === to.id)
        : state?.colleagues.find((one) => one.agent === to.id);
    return found?.name ?? "";
  }

  #take(input: Input): void {
    const before = this.state.get();
    const after = reduce(before, input);
    this.state.set(after);
    if (after === null) return;
    this.uploads.settle(after.messages);
    for (const moment of moments(before, after, this.time.read(), input)) {
      this.#lastMoment += 1;
      this.told.set({ id: this.#lastMoment, moment });
      if (moment.kind === "went_back") this.#notify({ kind: "went_back", item: moment.item });
    }
  }

  #said(sent: Sent): void {
    if (sent.command.do === "say" || sent.command.do === "note") {
      const { chat, text } = sent.command;
      const note = sent.command.do === "note";
      this.#take({ type: "said", message: { client: this.#outbox.client, command: sent.id, chat, text, note } } satisfies Own);
    }
  }

  #answered({ id, command }: Sent, problem: Problem | null): void {
    this.unanswered.set(this.#outbox.unanswered);
    if (problem === null) {
      if (command.do === "transfer_call") {
        const to = this.#nameOf({ kind: "queue", id: command.queue });
        this.#notify({ kind: "given", item: callRef(command.call), to });
      }
      return;
    }
    if (command.do === "transfer") this.#giving.delete(command.chat);
    if (command.do === "say" || command.do === "note") {
      // What was refused is the agent's to keep: back into the draft, before what they have written since.
      this.#take({ type: "unsaid", client: this.#outbox.client, command: id });
      drafts.giveBack(command.do === "note" ? `intern.${command.chat}` : command.chat, command.text);
    }
    // Nobody asked for `read`: it goes along with looking.
    if (command.do !== "read") this.#notify({ kind: "refused", code: problem.code, item: itemOf(command) });
  }

  #notify(news: News): void {
    this.#lastNotice += 1;
    const same = JSON.stringify(news);
    const others = this.notices.get().filter((notice) => JSON.stringify(notice.news) !== same);
    this.notices.set([...others, { id: this.#lastNotice, news }].slice(-NOTICES_MAX));
  }
}

/** What a command is about. */
function itemOf(command: AgentCommand): ItemRef | null {
  if ("item" in command) return command.item;
  return "chat" in command ? chatRef(command.chat) : null;
}

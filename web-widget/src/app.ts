// The chat window: brings storage, connection, state and view together.
// Begins when the visitor clicks, the page opens the window, or a page change brings a running chat back.

import { Connection, type Line, type Pending, type Socket } from "./connection";
import { late } from "./late";
import type { More } from "./more";
import type { How, Mount, Parts, Start } from "./mount";
import type { Code, Problem } from "../../web-shared/src/protocol/error";
import type { VisitorCommand } from "../../web-shared/src/protocol/visitor";
import { asks, begin, have, type Input, last, reduce, type State, type Unsent, unread } from "./state";
import { Memory, type Tab, type Values } from "./storage";
import { fill, type Language, languageOf, type Text, texts } from "./text";
import { newName } from "../../web-shared/src/names";
import { onEnter } from "./view/composer";
import { h } from "./view/dom";
import { type Acts, Panel } from "./view/panel";
import style from "./view/style.css?inline";

export const start: Start = (mount, how) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  mount.root.adoptedStyleSheets = [...mount.root.adoptedStyleSheets, sheet];
  new Widget(mount).show(how);
};

/** The longest that a timer waits. */
const LATER_MS = 2_000_000_000;

class Widget {
  readonly #mount: Mount;
  readonly #memory: Memory;
  readonly #place = document.createElement("div");
  readonly #badge = document.createElement("span");
  #language: Language = "en";
  #text: Text = texts.en;
  readonly #panel: Panel;
  #open = false;
  /** A window that the visitor opened gets the focus; one that came back by itself must not take it. */
  #focus = false;
  #failed = false;
  readonly #parts = new Set<string>();
  /** What the page was told last: whether the window is open, how much is unread, how the chat ended. */
  #told: readonly [boolean, number, string] = [false, 0, ""];
  #line: Line = { is: "closed" };
  #more: More | undefined;
  /** What the visitor filled in before the chat. */
  readonly #values: Values = {};
  /** What did not reach the last chat, and may be said in the next one. */
  #left = "";
  /** The chat that this tab takes part in. */
  #chat: { state: State; tab: Tab; connection: Connection } | null = null;

  constructor(mount: Mount) {
    this.#mount = mount;
    this.#memory = new Memory(mount.token);
    this.#badge.className = "badge";
    this.#panel = new Panel(this.#place, this.#acts);
    mount.button.setAttribute("aria-expanded", "false");
    mount.root.append(this.#place);
    mount.close = this.#acts.minimise;
    mount.destroy = () => {
      this.#chat?.connection.close();
      this.#memory.forget();
    };
    // A chat that goes on learns it, too.
    mount.identify = () => {
      const chat = this.#chat;
      if (!chat || !mount.identity) return;
      chat.tab.identity = mount.identity;
      this.#memory.save();
      chat.connection.renew();
    };
    mount.back = () => {
      this.#listen();
      this.#panel.back();
      this.#draw();
    };
    this.#listen();
  }

  /** Doing it again changes nothing, unless the page has thrown its listeners away or speaks another language now. */
  #listen(): void {
    const { language, service, button } = this.#mount;
    this.#language = languageOf(service?.language ?? language, document.documentElement.lang, navigator.language);
    this.#place.lang = this.#mount.spoken = this.#language;
    this.#text = inOwnWords(texts[this.#language], service);
    this.#mount.show = (how) => this.show(how);
    button.onclick = () => this.show("clicked");
    addEventListener("online", this);
    addEventListener("pageshow", this);
    document.addEventListener("visibilitychange", this);
  }

  handleEvent(event: Event): void {
    const connection = this.#chat?.connection;
    if (event.type === "online") connection?.renew();
    else if (event.type === "pageshow") {
      if ((event as PageTransitionEvent).persisted) this.#rejoin();
    } else if (!document.hidden) {
      connection?.wake();
      this.#draw();
    }
  }

  /** Other pages of this tab went on with the chat while the browser kept this one: it begins as if it had been loaded. */
  #rejoin(): void {
    const chat = this.#chat;
    this.#chat = null;
    chat?.connection.close();
    if (this.#memory.kept()) this.chat();
    else this.#draw();
  }

  /** A chat is requested by its visitor's click alone, and where something is asked before it, by going on from there. */
  show(how: How): void {
    if (how === "again") return this.chat();
    this.#open = true;
    this.#focus = how === "clicked";
    if (this.#chat) {
      this.#chat.tab.minimised = false;
      this.#memory.save();
    } else if (this.#focus && !this.#asks()) {
      return this.#begin();
    }
    this.#draw();
  }

  /** Whether something is asked before a chat. */
  #asks(): boolean {
    const { service } = this.#mount;
    return !!(service?.consent || service?.form.length);
  }

  #begin(): void {
    const form = this.#asks() && { form: Object.fromEntries(this.#mount.service?.form.map(({ key }) => [key, this.#values[key] ?? ""]) ?? []) };
    this.chat({ minimised: false, draft: this.#left, ...form });
    this.#left = "";
  }

  /** Requests a chat, or takes up the one that this browser is in. */
  chat(changed: Partial<Tab> = {}): void {
    const { identity } = this.#mount;
    const tab = Object.assign(this.#memory.join(), changed, identity && { identity });
    this.#open = !tab.minimised;
    const state = { ...begin(tab.client), unsent: tab.pending.flatMap(unsent) };
    const connection = new Connection({
      dial: () => new WebSocket(`${this.#mount.origin.replace(/^http/, "ws")}/ws/visitor`) as Socket,
      hello: (client) => ({
        type: "hello",
        token: this.#mount.token,
        session: tab.session,
        client,
        have: this.#chat ? have(this.#chat.state) : 0,
        language: this.#language,
        form: tab.form ?? null,
        identity: tab.identity ?? null,
        // Without query and fragment: they may hold what is nobody else's business.
        page: (location.origin + location.pathname).slice(0, 2000),
      }),
      random: Math.random,
      outbox: tab,
      save: () => this.#memory.save(),
      heard: (reply) => this.#change(reply),
      answered: (pending, problem) => this.#answered(pending, problem),
      line: (line) => this.#lineIs(line),
    });
    this.#chat = { state, tab, connection };
    connection.open();
  }

  #change(input: Input): void {
    const chat = this.#chat;
    if (!chat) return;
    chat.state = reduce(chat.state, input);
    void this.#extend();
    this.#settle();
  }

  /** A chat that is over, and has had its last answers, is forgotten. */
  #settle(): void {
    const chat = this.#chat;
    if (chat && this.#over() && chat.tab.pending.length === 0) {
      late.extras?.wrote(false);
      this.#memory.forget();
      chat.connection.close();
    }
    this.#draw();
  }

  #answered({ client, id, command }: Pending, problem: Problem | null): void {
    // Done: the message itself follows in a frame, and takes the place of the unsent one.
    if (problem && command.do === "say") return this.#change({ type: "spurned", own: { client, command: id }, problem });
    this.#failed = !!problem;
    this.#settle();
  }

  #lineIs(line: Line): void {
    this.#line = line;
    if (line.is === "refused") console.warn("Vorrang:", line.problem.message);
    // The next page is not to ask for a chat by itself.
    if (this.#unknown() || this.#unserved()) this.#memory.forget();
    // Once it is open, a chat can begin.
    if (line.is === "refused" && line.opens) setTimeout(() => this.#line === line && this.#opened(), Math.min(line.opens - Date.now(), LATER_MS));
    if (line.is === "refused" && line.problem.code === "refused") {
      this.#memory.forget();
      this.#chat = null;
      this.#line = { is: "closed" };
      if (this.#more) this.#more.wrong = line.fields;
    }
    this.#draw();
  }

  #opened(): void {
    if (!this.#unserved()) return;
    this.#chat = null;
    this.#line = { is: "closed" };
    this.#draw();
  }

  #over(): boolean {
    return this.#chat?.state.chat?.state.state === "ended";
  }

  /** There is no such chat service: nobody should see a button for it. */
  #unknown(): boolean {
    return this.#refused("unknown_token");
  }

  /** Nobody is there: the chat has not begun. */
  #unserved(): boolean {
    return this.#refused("unserved");
  }

  #refused(code: Code): boolean {
    return this.#line.is === "refused" && this.#line.problem.code === code;
  }

  #do(command: VisitorCommand): void {
    this.#failed = false;
    const pending = this.#chat?.connection.command(command);
    for (const own of pending ? unsent(pending) : []) this.#change({ type: "said", own });
    this.#draw();
  }

  readonly #acts: Acts = {
    say: (text: string): void => {
      this.#acts.wrote("");
      this.#do({ do: "say", text });
    },
    leave: (): void => this.#do({ do: "leave" }),
    here: (): void => this.#do({ do: "say", text: this.#text.here }),
    wrote: (draft: string): void => {
      if (!this.#chat) return;
      this.#chat.tab.draft = draft;
      this.#memory.save();
      late.extras?.wrote(!!draft);
      this.#draw();
    },
    edit: (own): void => {
      const draft = this.#chat?.tab.draft;
      this.#change({ type: "withdrawn", own });
      this.#acts.wrote(draft ? `${own.text}\n${draft}` : own.text);
    },
    retry: (): void => this.#chat?.connection.again(),
    newChat: (): void => {
      const chat = this.#chat;
      this.#chat = null;
      chat?.connection.close();
      this.#left = [...(chat?.state.unsent ?? []).map(({ text }) => text), chat?.tab.draft ?? ""].join("\n").trim();
      this.show("clicked");
    },
    minimise: (): void => {
      this.#open = false;
      if (this.#chat) {
        this.#chat.tab.minimised = true;
        this.#memory.save();
      }
      // A chat that is over goes with its window: the next click begins another.
      if (this.#over() || this.#unknown() || this.#unserved()) this.#chat = null;
      this.#draw();
      this.#mount.button.focus();
    },
  };

  #draw(): void {
    const { button, host } = this.#mount;
    const text = this.#text;
    const chat = this.#chat;
    if (chat && this.#open && !document.hidden && chat.tab.read !== last(chat.state)) {
      chat.tab.read = last(chat.state);
      this.#memory.save();
    }
    const count = chat ? unread(chat.state, chat.tab.read) : 0;
    const question = chat && asks(chat.state);
    button.hidden = this.#open;
    button.setAttribute("aria-expanded", String(this.#open));
    const news = count ? fill(text.unread, count) : question && text[question];
    button.setAttribute("aria-label", news ? `Chat, ${news}` : "Chat");
    this.#badge.dataset["count"] = String(count || "!");
    if (news) button.append(this.#badge);
    else this.#badge.remove();
    host.hidden = this.#unknown() && !this.#open;
    late.extras?.drawn(count);
    const now = chat?.state.chat?.state;
    const waits = now?.state === "waiting";
    if (waits) void this.#queue();
    if (chat) late.wait?.drawn(chat.connection, waits && this.#open && !document.hidden);
    this.#tell(this.#open, count, now?.state === "ended" ? now.by : "");

    if (this.#open) {
      const { state, tab } = chat ?? { state: begin(""), tab: null };
      const asked = (what: VisitorCommand["do"]): boolean => !!tab?.pending.some(({ command }) => command.do === what);
      const [leaving, choosing] = [asked("leave"), asked("choose")];
      const { service } = this.#mount;
      const [language, line, failed, more, values] = [this.#language, this.#line, this.#failed, this.#more, this.#values];
      const draft = tab?.draft ?? "";
      const before = !chat;
      if (before || this.#over() || this.#unserved() || state.chat?.state.state === "preempted") void this.#need();
      this.#panel.show({ text, language, line, state, leaving, choosing, failed, draft, service, more, values, before }, this.#focus);
    } else {
      this.#panel.hide();
    }
  }

  /** Tells the page what is another now. */
  #tell(open: boolean, count: number, ended: string): void {
    const [wasOpen, before, had] = this.#told;
    this.#told = [open, count, ended];
    if (open !== wasOpen) tell(open ? "open" : "close");
    if (count !== before) tell("unread", count);
    if (ended && !had) tell("ended", ended);
  }

  /** Loads a part, unless it is there or on its way: if it does not come, the next call tries again. */
  async #load<P extends "more" | "extras" | "wait">(name: P): Promise<Parts[P] | undefined> {
    if (this.#parts.has(name)) return undefined;
    this.#parts.add(name);
    const part = await this.#mount.load(name);
    if (!part) this.#parts.delete(name);
    return part;
  }

  /** Loads what a chat has beside text, once it has begun. */
  async #extend(): Promise<void> {
    const part = await this.#load("extras");
    if (!part) return;
    const [save, draw] = [(): void => this.#memory.save(), (): void => this.#draw()];
    late.extras = part.start(h, this.#mount, this.#place, () => this.#chat, () => this.#text, save, draw);
    draw();
  }

  /** Loads what whoever waits is told. */
  async #queue(): Promise<void> {
    const part = await this.#load("wait");
    if (!part) return;
    late.wait = part.start(h, this.#place);
    this.#draw();
  }

  /** Loads what comes before and after a chat, once it is needed. */
  async #need(): Promise<void> {
    const part = await this.#load("more");
    if (!part) return;
    const panel = this.#panel;
    this.#more = new part.More(
      this.#mount,
      {
        begin: () => this.#begin(),
        choose: (choice, contact) => {
          this.#do({ do: "choose", choice, contact });
          panel.other(false);
        },
        newChat: this.#acts.newChat,
        session: () => this.#chat?.tab.session ?? "",
      },
      { newName, fill, onEnter, redraw: () => panel.redraw(), find: (selector) => panel.find(selector) },
    );
    this.#draw();
  }
}

function tell(what: string, detail?: unknown): void {
  dispatchEvent(new CustomEvent(`vorrang:${what}`, { detail }));
}

/** The widget's sentences, those in their places that the company has of its own. */
function inOwnWords(text: Text, service: Mount["service"]): Text {
  const { hint, problem } = text;
  const { waiting, on_the_phone, away } = service ?? {};
  return {
    ...text,
    hint: { ...hint, ...(waiting && { waiting }), ...(on_the_phone && { preempted: on_the_phone }) },
    problem: { ...problem, ...(away && { unserved: away }) },
  };
}

/** A message that waits to be sent. */
function unsent({ client, id, command }: Pending): Unsent[] {
  return command.do === "say" ? [{ client, command: id, text: command.text, problem: null }] : [];
}

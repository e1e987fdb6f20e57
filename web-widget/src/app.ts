// The chat window: brings storage, connection, state and view together.
// Begins when the visitor clicks, or when a page change brings a running chat back.

import { Connection, type Line, type Pending, type Socket } from "./connection";
import { late, load } from "./late";
import type { Mount, Start } from "./mount";
import type { Code, Problem } from "../../web-shared/src/protocol/error";
import type { Choice, VisitorCommand } from "../../web-shared/src/protocol/visitor";
import { asks, begin, have, type Input, last, reduce, type State, type Unsent, unread } from "./state";
import { Memory, type Tab } from "./storage";
import { fill, type Language, languageOf, texts } from "./text";
import { h } from "./view/dom";
import { type Acts, Panel } from "./view/panel";
import style from "./view/style.css?inline";

export const start: Start = (mount, clicked) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  mount.root.adoptedStyleSheets = [...mount.root.adoptedStyleSheets, sheet];
  const widget = new Widget(mount);
  if (clicked) widget.show();
  else widget.chat();
};

class Widget {
  readonly #mount: Mount;
  readonly #memory: Memory;
  readonly #place = document.createElement("div");
  readonly #badge = document.createElement("span");
  #language: Language = "en";
  readonly #panel: Panel;
  #open = false;
  /** A window that the visitor opened gets the focus; one that came back by itself must not take it. */
  #focus = false;
  #failed = false;
  #line: Line = { is: "closed" };
  /** The chat that this tab takes part in. */
  #chat: { state: State; tab: Tab; connection: Connection } | null = null;

  constructor(mount: Mount) {
    this.#mount = mount;
    this.#memory = new Memory(mount.token);
    this.#badge.className = "badge";
    this.#panel = new Panel(this.#place, this.#acts);
    mount.button.setAttribute("aria-expanded", "false");
    mount.root.append(this.#place);
    mount.back = () => {
      this.#listen();
      this.#panel.back();
      this.#draw();
    };
    this.#listen();
  }

  /** Doing it again changes nothing, unless the page has thrown its listeners away or speaks another language now. */
  #listen(): void {
    this.#language = languageOf(this.#mount.language, document.documentElement.lang, navigator.language);
    this.#place.lang = this.#language;
    this.#mount.button.onclick = () => this.show();
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
    if (this.#memory.session()) this.chat();
    else this.#draw();
  }

  /** The visitor clicked the button. */
  show(): void {
    this.#open = true;
    this.#focus = true;
    if (this.#chat) {
      this.#chat.tab.minimised = false;
      this.#memory.save();
      this.#draw();
    } else {
      this.chat({ minimised: false });
    }
  }

  /** Requests a chat, or takes up the one that this browser is in. */
  chat(changed: Partial<Tab> = {}): void {
    const tab = Object.assign(this.#memory.join(), changed);
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
    load(this.#mount.origin, (extras) => {
      const [save, draw] = [(): void => this.#memory.save(), (): void => this.#draw()];
      late.extras = extras.start(h, this.#mount, this.#place, () => this.#chat, () => texts[this.#language], save, draw);
      draw();
    });
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
    here: (): void => this.#do({ do: "say", text: texts[this.#language].here }),
    choose: (choice: Choice, contact: string): void => this.#do({ do: "choose", choice, contact }),
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
      // What did not reach the last chat may be said in this one.
      const left = [...(chat?.state.unsent ?? []).map(({ text }) => text), chat?.tab.draft ?? ""];
      this.chat({ minimised: false, draft: left.join("\n").trim() });
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
    const text = texts[this.#language];
    const chat = this.#chat;
    if (chat && this.#open && !document.hidden && chat.tab.read !== last(chat.state)) {
      chat.tab.read = last(chat.state);
      this.#memory.save();
    }
    const count = chat ? unread(chat.state, chat.tab.read) : 0;
    const asked = chat && asks(chat.state);
    button.hidden = this.#open && chat !== null;
    button.setAttribute("aria-expanded", String(this.#open));
    const news = count ? fill(text.unread, count) : asked && text[asked];
    button.setAttribute("aria-label", news ? `Chat, ${news}` : "Chat");
    this.#badge.dataset["count"] = String(count || "!");
    if (news) button.append(this.#badge);
    else this.#badge.remove();
    host.hidden = this.#unknown() && !this.#open;
    late.extras?.drawn(count);

    if (this.#open && chat) {
      const { state, tab } = chat;
      const waits = (what: VisitorCommand["do"]): boolean => tab.pending.some(({ command }) => command.do === what);
      const [leaving, choosing] = [waits("leave"), waits("choose")];
      const { draft } = tab;
      const [language, line, failed] = [this.#language, this.#line, this.#failed];
      this.#panel.show({ text, language, line, state, leaving, choosing, failed, draft }, this.#focus);
    } else {
      this.#panel.hide();
    }
  }
}

/** A message that waits to be sent. */
function unsent({ client, id, command }: Pending): Unsent[] {
  return command.do === "say" ? [{ client, command: id, text: command.text, problem: null }] : [];
}

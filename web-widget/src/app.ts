// The chat window: brings storage, connection, state and view together.
// Begins when the visitor clicks, or when a page change brings a running chat back.

import { Connection, type Line, type Socket } from "./connection";
import type { Mount, Start } from "./mount";
import type { Code } from "./protocol/error";
import type { Choice, VisitorCommand } from "./protocol/visitor";
import { asks, begin, have, type Input, last, reduce, type State, unread } from "./state";
import { Memory, type Tab } from "./storage";
import { fill, languageOf, texts } from "./text";
import { Typing } from "./typing";
import { type Acts, Panel } from "./view/panel";
import style from "./view/style.css?inline";

export const start: Start = (mount, clicked) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  mount.root.adoptedStyleSheets = [...mount.root.adoptedStyleSheets, sheet];
  const widget = new Widget(mount);
  if (clicked) widget.show();
  else void widget.chat(false);
};

class Widget {
  readonly #mount: Mount;
  readonly #memory: Memory;
  readonly #place = document.createElement("div");
  readonly #badge = document.createElement("span");
  readonly #language;
  readonly #panel: Panel;
  #open = false;
  /** A window that the visitor opened gets the focus; one that came back by itself must not take it. */
  #focus = false;
  #joining = false;
  #line: Line = { is: "closed" };
  /** The chat that this tab takes part in. */
  #chat: { state: State; tab: Tab; connection: Connection; typing: Typing } | null = null;

  constructor(mount: Mount) {
    this.#mount = mount;
    this.#memory = new Memory(mount.token);
    this.#language = languageOf(mount.language, document.documentElement.lang, navigator.language);
    this.#place.lang = this.#language;
    this.#badge.className = "badge";
    this.#panel = new Panel(this.#place, this.#acts);
    mount.button.setAttribute("aria-expanded", "false");
    mount.button.onclick = () => this.show();
    mount.root.append(this.#place);

    addEventListener("online", () => this.#chat?.connection.renew());
    addEventListener("pageshow", () => this.#chat?.connection.wake());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.#chat?.connection.wake();
      this.#draw();
    });
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
      void this.chat(true);
    }
  }

  /** Requests a chat, or takes up the one that this browser is in. */
  async chat(clicked: boolean): Promise<void> {
    if (this.#joining) return;
    this.#joining = true;
    const tab = await this.#memory.join();
    this.#joining = false;
    if (clicked) tab.minimised = false;
    this.#open = !tab.minimised;
    let state = begin(tab.client);
    for (const { id, command } of tab.pending) {
      if (command.do === "say") state = reduce(state, { type: "said", command: id, text: command.text });
    }
    const connection = new Connection({
      dial: () => new WebSocket(`${this.#mount.origin.replace(/^http/, "ws")}/ws/visitor`) as Socket,
      hello: () => ({
        type: "hello",
        token: this.#mount.token,
        session: tab.session,
        client: tab.client,
        have: this.#chat ? have(this.#chat.state) : 0,
        language: this.#language,
        // Without query and fragment: they may hold what is nobody else's business.
        page: (location.origin + location.pathname).slice(0, 2000),
      }),
      random: Math.random,
      outbox: tab,
      save: () => this.#memory.save(),
      heard: (reply) => this.#change(reply),
      line: (line) => this.#lineIs(line),
    });
    const typing = new Typing((on) => connection.typing(on), Date.now);
    this.#chat = { state, tab, connection, typing };
    connection.open();
  }

  #change(input: Input): void {
    const chat = this.#chat;
    if (!chat) return;
    chat.state = reduce(chat.state, input);
    if (this.#over() && chat.tab.pending.length === 0) {
      chat.typing.stopped();
      this.#memory.forget();
      chat.connection.close();
    }
    this.#draw();
  }

  #lineIs(line: Line): void {
    this.#line = line;
    if (this.#unknown()) {
      console.warn(`Vorrang: data-token="${this.#mount.token}" is unknown, or its chat service is switched off`);
    }
    // The next page is not to ask for a chat by itself.
    if (this.#unknown() || this.#unserved()) this.#memory.forget();
    this.#draw();
  }

  #over(): boolean {
    return this.#chat?.state.chat?.state.state === "ended";
  }

  /** There is no such chat service: nobody should see a button for it. */
  #unknown(): boolean {
    return this.#refusal() === "unknown_token";
  }

  /** Nobody is there: the chat has not begun. */
  #unserved(): boolean {
    return this.#refusal() === "unserved";
  }

  #refusal(): Code | false {
    return this.#line.is === "refused" && this.#line.problem.code;
  }

  #do(command: VisitorCommand): void {
    const id = this.#chat?.connection.command(command);
    if (id && command.do === "say") this.#change({ type: "said", command: id, text: command.text });
    else this.#draw();
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
      if (draft) this.#chat.typing.wrote();
      else this.#chat.typing.stopped();
      this.#draw();
    },
    /** A refused message is sent anew; what waits behind a refusal was answered on its own. */
    again: ({ command, text }): void => {
      this.#change({ type: "withdrawn", command });
      this.#do({ do: "say", text });
    },
    retry: (): void => (this.#unserved() ? this.#acts.newChat() : this.#chat?.connection.again()),
    newChat: (): void => {
      this.#chat?.connection.close();
      this.#chat = null;
      void this.chat(true);
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

    if (this.#open && chat) {
      const { state, tab } = chat;
      const waits = (what: VisitorCommand["do"]): boolean => tab.pending.some(({ command }) => command.do === what);
      const [leaving, choosing] = [waits("leave"), waits("choose")];
      const model = { text, language: this.#language, line: this.#line, state, leaving, choosing, draft: tab.draft };
      this.#panel.show(model, this.#focus);
    } else {
      this.#panel.hide();
    }
  }
}

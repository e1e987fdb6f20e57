// The chat window. Draws what it is given and names what the visitor did.
// Never talks to the daemon.

import type { Line } from "../connection";
import type { Choice } from "../protocol/visitor";
import { agentOf, asks, type State, type Unsent } from "../state";
import { fill, type Language, type Text, type WithContact } from "../text";
import { choices } from "./choice";
import { composer, fit } from "./composer";
import { type Description, draw, h } from "./dom";
import { minimise, phone } from "./icons";
import { clock, conversation } from "./log";

export interface Model {
  readonly text: Text;
  readonly language: Language;
  readonly line: Line;
  readonly state: State;
  /** The visitor has ended the chat, and the daemon does not say so yet. */
  readonly leaving: boolean;
  /** The visitor has chosen how to go on, and the daemon does not say so yet. */
  readonly choosing: boolean;
  readonly draft: string;
}

/** What the visitor can do. */
export interface Acts {
  say(text: string): void;
  wrote(draft: string): void;
  again(own: Unsent): void;
  leave(): void;
  /** Says that they are still there. */
  here(): void;
  choose(choice: Choice, contact: string): void;
  minimise(): void;
  newChat(): void;
  retry(): void;
}

/** So close to the end of the log counts as being there. */
const NEAR_PX = 40;

export class Panel {
  readonly #place: HTMLElement;
  readonly #acts: Acts;
  #model: Model | null = null;
  #confirming = false;
  /** Newer messages stand below what the visitor reads. */
  #behind = false;
  /** The visitor chose to wait for the end of the call that began then. */
  #stays = 0;
  /** What the visitor chose needs a number or an address. */
  #contact: WithContact | null = null;

  constructor(place: HTMLElement, acts: Acts) {
    this.#place = place;
    this.#acts = acts;
  }

  hide(): void {
    this.#model = null;
    this.#confirming = false;
    draw(this.#place, []);
  }

  /** `focus`: the visitor has opened the window. */
  show(model: Model, focus: boolean): void {
    const before = this.#model?.state;
    const near = !before || this.#near();
    const focused = this.#focused() !== null;
    this.#model = model;
    draw(this.#place, [this.#panel(model)]);

    const { state } = model;
    const field = this.#find<HTMLTextAreaElement>("textarea");
    if (field) fit(field);
    if (near || state.unsent.length > before.unsent.length) this.#follow();
    else if (state.messages.length > before.messages.length && !this.#behind) this.#seen(true);
    // What had the focus may be gone: on to the control that comes next.
    const lost = focused && (this.#focused() ?? this.#find(".panel")) === this.#find(".panel");
    if (lost || (focus && !before)) this.#take();
  }

  #panel({ text, language, line, state, leaving, choosing, draft }: Model): Description {
    const acts = this.#acts;
    const now = state.chat?.state;
    const over = now?.state === "ended";
    const confirming = this.#confirming && !over;
    const name = now ? agentOf(now) : "";
    const company = state.chat?.company ?? "Chat";
    const hint = now && text.hint[now.state];
    /** Nothing is said yet, by nobody. */
    const blank = now?.state === "waiting" && state.messages.length + state.unsent.length === 0;
    const refused = line.is === "refused" && line.problem.code;
    const asked = asks(state);
    const call = now?.state === "preempted" ? now.since : 0;
    const choice = asked === "question" && this.#stays !== call;
    if (!choice) this.#contact = null;
    return (
      <div
        key={state.client}
        class="panel"
        role="dialog"
        aria-labelledby="title"
        data-testid="panel"
        tabindex="-1"
        onkeydown={this.#key}
      >
        <div class="head">
          <span class="face" aria-hidden="true">
            {[...(name || company)][0]}
          </span>
          <div>
            <h2 id="title">{company}</h2>
            <p class="state" data-testid="state" data-state={now?.state ?? "connecting"}>
              {now ? fill(text.state[now.state], name) : !refused && text.connecting}
            </p>
          </div>
          {now && !over && (
            <button
              type="button"
              data-testid="end"
              disabled={leaving}
              aria-expanded={String(confirming)}
              aria-label={text.end}
              onclick={() => this.#confirm(!confirming)}
            >
              {text.endShort}
            </button>
          )}
          <button
            type="button"
            class="icon"
            data-testid="minimise"
            aria-label={text.minimise}
            onclick={() => acts.minimise()}
          >
            {minimise}
          </button>
        </div>
        {confirming && (
          <div class="bar" role="group" aria-labelledby="question">
            <p id="question">{text.endQuestion}</p>
            <button type="button" data-testid="end-cancel" onclick={() => this.#confirm(false)}>
              {text.goOn}
            </button>
            <button
              type="button"
              class="strong"
              data-testid="end-confirm"
              onclick={() => {
                this.#confirming = false;
                acts.leave();
              }}
            >
              {text.end}
            </button>
          </div>
        )}
        <p class="line" role="status" data-testid="connection" data-online={String(line.is === "online")}>
          {line.is === "down" && text.reconnecting}
        </p>
        {refused && (
          <div class="bar" role="alert" data-testid="refused">
            <p>
              {text.problem[refused] ?? text.failed} {line.again && text.keepTrying}
            </p>
            {refused !== "unknown_token" && (
              <button type="button" data-testid="retry" onclick={() => acts.retry()}>
                {text.again}
              </button>
            )}
          </div>
        )}
        <div class="scroll">
          <div
            class="log"
            role="log"
            aria-live="polite"
            aria-label={text.log}
            tabindex="0"
            onscroll={() => this.#behind && this.#near() && this.#seen(false)}
          >
            {conversation(state, text, language, acts.again)}
          </div>
          {blank && (
            <p class="empty" data-testid="hint">
              {hint}
            </p>
          )}
          {this.#behind && (
            <button type="button" class="newest" onclick={() => this.#follow()}>
              {text.newest}
            </button>
          )}
        </div>
        {over ? (
          <div class="foot">
            <button type="button" class="strong wide" data-testid="new-chat" onclick={() => acts.newChat()}>
              {text.newChat}
            </button>
          </div>
        ) : (
          <div class="foot">
            {choice && choices({ text, name, contact: this.#contact, shut: choosing, ask: this.#ask, choose: this.#choose })}
            {asked === "idle" && (
              <div class="hint" role="alert" data-testid="idle">
                <p>{text.idle}</p>
                <button type="button" data-testid="still-here" onclick={() => acts.here()}>
                  {text.here}
                </button>
              </div>
            )}
            {hint && !blank && !choice && (
              <div class={`hint ${now.state}`} data-testid="hint">
                {now.state === "preempted" && phone}
                <p>
                  {fill(hint, name)}
                  {call > 0 && ` (${fill(text.since, clock(language, call))})`}
                </p>
                {asked === "question" && (
                  <button type="button" data-testid="choose-again" onclick={() => this.#stay(0)}>
                    {text.otherwise}
                  </button>
                )}
              </div>
            )}
            <p class="typing">{state.typing && <span data-testid="typing">{fill(text.typing, name)}</span>}</p>
            {composer({ text, draft, shut: leaving || refused === "unknown_token" || refused === "unserved", wrote: acts.wrote, say: acts.say })}
          </div>
        )}
      </div>
    );
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (this.#confirming) this.#confirm(false);
    else this.#acts.minimise();
  };

  readonly #ask = (contact: WithContact | null): void => {
    this.#contact = contact;
    this.#redraw();
    this.#find(contact ? "[data-testid=contact]" : `[data-testid=choose-stay]`)?.focus();
  };

  readonly #choose = (choice: Choice, contact: string): void => {
    this.#acts.choose(choice, contact);
    const now = this.#model?.state.chat?.state;
    if (choice === "stay" && now?.state === "preempted") this.#stay(now.since);
  };

  #stay(since: number): void {
    this.#stays = since;
    this.#redraw();
  }

  #confirm(confirming: boolean): void {
    this.#confirming = confirming;
    this.#redraw();
    if (confirming) this.#take();
  }

  #seen(behind: boolean): void {
    this.#behind = behind;
    this.#redraw();
  }

  #redraw(): void {
    if (this.#model) this.show(this.#model, false);
  }

  #take(): void {
    const next = this.#find("[data-testid=end-confirm],textarea:enabled,[data-testid=new-chat]");
    (next ?? this.#find(".panel"))?.focus();
  }

  #focused(): Element | null {
    const { activeElement } = this.#place.getRootNode() as ShadowRoot;
    return this.#place.contains(activeElement) ? activeElement : null;
  }

  #near(): boolean {
    const log = this.#find(".log");
    return !log || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
  }

  #follow(): void {
    const log = this.#find(".log");
    if (log) log.scrollTop = log.scrollHeight;
    if (this.#behind) this.#seen(false);
  }

  #find<E extends HTMLElement>(selector: string): E | null {
    return this.#place.querySelector<E>(selector);
  }
}

// The chat window. Draws what it is given and names what the visitor did.
// Never talks to the daemon.

import type { Line } from "../connection";
import { late } from "../late";
import type { More } from "../more";
import type { WidgetView } from "../../../web-shared/src/protocol/visitor";
import { agentOf, asks, type State, type Unsent } from "../state";
import type { Values } from "../storage";
import { fill, type Language, type Text } from "../text";
import { composer, fit } from "./composer";
import { type Description, draw, h } from "./dom";
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
  /** What the visitor did last was refused. */
  readonly failed: boolean;
  readonly draft: string;
  /** What the daemon says of the chat service. */
  readonly service: WidgetView | null;
  /** The rest of the widget, once it is loaded. */
  readonly more: More | undefined;
  /** What is filled in so far. */
  readonly values: Values;
  /** The chat is not requested yet: first something is asked. */
  readonly before: boolean;
}

/** What the visitor can do. */
export interface Acts {
  say(text: string): void;
  wrote(draft: string): void;
  /** Takes a refused message back into the text field. */
  edit(own: Unsent): void;
  leave(): void;
  /** Says that they are still there. */
  here(): void;
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
  /** The visitor waits for the end of the call, and thinks better of it. */
  #otherwise = false;
  /** How far the log is scrolled, and whether the text field has the focus or has just lost it. */
  #top = 0;
  #held = false;

  constructor(place: HTMLElement, acts: Acts) {
    this.#place = place;
    this.#acts = acts;
  }

  hide(): void {
    this.#model = null;
    this.#confirming = false;
    draw(this.#place, []);
  }

  /** The page took the window out and it is there again: as it was. */
  back(): void {
    const log = this.find(".log");
    if (log) log.scrollTop = this.#top;
    if (this.#held) this.#take();
  }

  /** `focus`: the visitor has opened the window. */
  show(model: Model, focus: boolean): void {
    const before = this.#model?.state;
    const near = !before || this.#near();
    const focused = this.#focused() !== null;
    this.#model = model;
    draw(this.#place, [this.#panel(model)]);

    const { state } = model;
    const field = this.find<HTMLTextAreaElement>("textarea");
    if (field) fit(field);
    if (near || state.unsent.length > before.unsent.length) this.#follow();
    else if (state.messages.length > before.messages.length && !this.#behind) this.#seen(true);
    // What had the focus may be gone: on to the control that comes next.
    const lost = focused && (this.#focused() ?? this.find(".panel")) === this.find(".panel");
    if (lost || (focus && !before)) this.#take();
  }

  #panel({ text, language, line, state, leaving, choosing, failed, draft, service, more, values, before }: Model): Description {
    const acts = this.#acts;
    const now = state.chat?.state;
    const over = now?.state === "ended";
    const confirming = this.#confirming && !over;
    const name = now ? agentOf(now) : "";
    const company = state.chat?.company || service?.company || "Chat";
    const alone = now?.state === "waiting" && !now.staffed;
    const hint = alone ? `${text.problem.unserved} ${text.stay}` : now && text.hint[now.state];
    const refused = line.is === "refused" && line.problem.code;
    const asked = asks(state);
    const preempted = now?.state === "preempted" && now;
    const choice = asked === "question" || (preempted && preempted.choice && this.#otherwise);
    if (!choice) more?.chosen();
    if (!preempted) this.#otherwise = false;
    const away = refused === "unserved";
    const unserved = away || (now?.state === "ended" && now.by === "unserved");
    const telephone = line.is === "refused" ? line.telephone : state.chat?.telephone;
    const nobody = [text.problem.unserved, line.is === "refused" && !!line.opens && ` ${fill(text.opens, clock(language, line.opens))}`];
    const call = telephone && [
      ` ${text.call} `,
      <a href={`tel:${telephone.replace(/\(0\)|[^+\d]/g, "")}`} data-testid="telephone">
        {telephone}
      </a>,
    ];
    const ask = before ? more?.before(values) : unserved && service?.unserved_form && more?.away([...nobody, call], values);
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
          <div>
            <h2 id="title">{company}</h2>
            <p class="state" data-testid="state" data-state={now?.state ?? "connecting"}>
              {now ? fill(text.state[now.state], name) : !refused && !before && text.connecting}
            </p>
          </div>
          {now && !over && (
            <button
              data-testid="end"
              disabled={leaving}
              aria-expanded={String(confirming)}
              onclick={() => this.#confirm(!confirming)}
            >
              {text.end}
            </button>
          )}
          <button
            class="sign"
            data-testid="minimise"
            aria-label={text.minimise}
            onclick={() => acts.minimise()}
          >
            –
          </button>
        </div>
        {confirming && (
          <div class="bar" role="group" aria-labelledby="question">
            <p id="question">{text.endQuestion}</p>
            <button data-testid="end-cancel" onclick={() => this.#confirm(false)}>
              {text.goBack}
            </button>
            <button
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
          {line.is === "down" ? text.reconnecting : failed && text.failed}
        </p>
        {refused && !away && (
          <div class="bar" role="alert" data-testid="refused">
            <p>
              {text.problem[refused] ?? text.failed} {line.again && text.keepTrying}
            </p>
            {refused !== "unknown_token" && (
              <button data-testid="retry" onclick={() => acts.retry()}>
                {text.again}
              </button>
            )}
          </div>
        )}
        {(ask || before) && (
          <div key="ask" class="log ask">
            {ask}
          </div>
        )}
        {!ask && !before && [<div class="scroll">
          <div
            class="log"
            role="log"
            aria-label={text.log}
            tabindex="0"
            onscroll={this.#scrolled}
          >
            {service?.greeting && <p class="lead">{service.greeting}</p>}
            {conversation(state, text, language, acts.edit, (by) => more?.ended(by))}
            {late.wait?.below(state)}
          </div>
          {this.#behind && (
            <button class="newest" onclick={() => this.#follow()}>
              {text.newest}
            </button>
          )}
        </div>,
        over || away ? (
          <div class="foot">
            {over && more?.after(state)}
            {(away || (unserved && call)) && (
              <p class="hint" role="alert" data-testid="refused">
                <span>
                  {away && nobody}
                  {call}
                </span>
              </p>
            )}
            <button class="strong wide" data-testid={away ? "retry" : "new-chat"} onclick={() => acts.newChat()}>
              {away ? text.again : text.newChat}
            </button>
          </div>
        ) : (
          <div class="foot">
            {choice && more?.choices(text.question, name, choosing)}
            {asked === "idle" && (
              <div class="hint" role="alert" data-testid="idle">
                <p>{text.idle}</p>
                <button data-testid="still-here" onclick={() => acts.here()}>
                  {text.here}
                </button>
              </div>
            )}
            {hint && !choice && (
              <div class={`hint ${now?.state}`} data-testid="hint">
                <p>
                  {fill(hint, name)}
                  {alone && call}
                  {preempted && ` (${fill(text.since, clock(language, preempted.since))})`}
                </p>
                {preempted && preempted.choice && (
                  <button data-testid="choose-again" onclick={() => this.other(true)}>
                    {text.otherwise}
                  </button>
                )}
              </div>
            )}
            <p class="typing">{state.typing && <span data-testid="typing">{fill(text.typing, name)}</span>}</p>
            {composer({ text, draft, shut: leaving || refused === "unknown_token", wrote: acts.wrote, held: this.#hold, say: acts.say })}
          </div>
        )]}
      </div>
    );
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (this.#confirming) this.#confirm(false);
    else this.#acts.minimise();
  };

  readonly #scrolled = (): void => {
    this.#top = this.find(".log")?.scrollTop ?? 0;
    if (this.#behind && this.#near()) this.#seen(false);
  };

  /** What takes the window out of the page takes the focus from it first. */
  readonly #hold = ({ type }: Event): void => {
    if (type === "focus") this.#held = true;
    else setTimeout(() => (this.#held = false));
  };

  /** The visitor who waits for the end of the call wants to decide otherwise, or no longer. */
  other(otherwise: boolean): void {
    this.#otherwise = otherwise;
    this.redraw();
  }

  #confirm(confirming: boolean): void {
    this.#confirming = confirming;
    this.redraw();
    if (confirming) this.#take();
  }

  #seen(behind: boolean): void {
    this.#behind = behind;
    this.redraw();
  }

  redraw(): void {
    if (this.#model) this.show(this.#model, false);
  }

  #take(): void {
    const next = this.find("[data-testid=end-confirm],.ask :is(input,select),textarea:enabled,[data-testid=new-chat],.wide");
    (next ?? this.find(".panel"))?.focus();
  }

  #focused(): Element | null {
    const { activeElement } = this.#place.getRootNode() as ShadowRoot;
    return this.#place.contains(activeElement) ? activeElement : null;
  }

  #near(): boolean {
    const log = this.find(".log");
    return !log || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
  }

  #follow(): void {
    const log = this.find(".log");
    if (log) log.scrollTop = log.scrollHeight;
    if (this.#behind) this.#seen(false);
  }

  find<E extends HTMLElement>(selector: string): E | null {
    return this.#place.querySelector<E>(selector);
  }
}

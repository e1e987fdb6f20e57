// What only some chats need: the form before the chat, the form when nobody is there, how to go on while a call takes long,
// and what is asked at the end. A file of its own, loaded when it is needed.

import type { Choice, EndedBy, FieldView } from "../../web-shared/src/protocol/visitor";
import { reaches } from "./contact";
import type { Mount } from "./mount";
import { more as texts, type WithContact } from "./more-text";
import { agentOf, type State } from "./state";
import type { Values } from "./storage";
import type { Language } from "./text";
import { type Child, type Description, h } from "./view/dom";
import style from "./view/more.css?inline";

const MOST = 200;
/** As the daemon has it. */
const MESSAGE_MOST = 1_000;

/** What the visitor can do here. */
interface Acts {
  /** Requests the chat. */
  begin(): void;
  choose(choice: Choice, contact: string): void;
  newChat(): void;
  /** The secret of the chat that this page takes part in. */
  session(): string;
}

/** What the app lends, so that nobody has to load it twice. */
interface Kit {
  newName(bytes: number): string;
  fill(text: string, what: string | number): string;
  onEnter(act: () => void): (event: KeyboardEvent) => void;
  redraw(): void;
  find(selector: string): HTMLElement | null;
}

interface Rating {
  readonly of: string;
  readonly stars: number;
  readonly comment: string;
  readonly is: "open" | "sending" | "failed" | "sent";
}

type Field = FieldView | (Omit<FieldView, "kind"> & { kind: "message" });

export class More {
  readonly #place: Mount;
  readonly #acts: Acts;
  readonly #kit: Kit;
  /** Whether somebody has tried to go on with what is missing or wrong; the keys that the daemon found wrong. */
  #tried = false;
  wrong: readonly string[] = [];
  /** The message that is left when nobody is there: by its session it is known, however often it is sent. */
  #session: string;
  #leaving: "no" | "sending" | "failed" | "left" = "no";
  /** What the visitor chose needs a number or an address. */
  #contact: WithContact | null = null;
  #bad = false;
  /** How the visitor liked the chat with this secret. */
  #rating: Rating = { of: "", stars: 0, comment: "", is: "open" };

  constructor(place: Mount, acts: Acts, kit: Kit) {
    this.#place = place;
    this.#acts = acts;
    this.#kit = kit;
    this.#session = kit.newName(24);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    place.root.adoptedStyleSheets = [...place.root.adoptedStyleSheets, sheet];
  }

  get #text(): (typeof texts)[Language] {
    return texts[this.#place.spoken ?? "en"];
  }

  /** What stands before the chat: what it is about, what is asked, and what has to be agreed to. */
  before(values: Values): Child {
    const { greeting, consent, form } = this.#place.service ?? { greeting: "", consent: "", form: [] };
    return [
      greeting && <p class="lead">{greeting}</p>,
      this.#fields(form, values, this.#acts.begin),
      consent && <p class="small">{consent}</p>,
      <button class="strong wide" data-testid="begin" onclick={() => this.#submit(form, values, this.#acts.begin)}>
        {consent ? this.#text.agree : this.#text.begin}
      </button>,
    ];
  }

  /** What stands in the place of the chat when nobody is there. */
  away(lead: Child, values: Values): Child {
    const text = this.#text;
    if (this.#leaving === "left") {
      return [
        <p class="lead" role="status" data-testid="left">
          {text.left}
        </p>,
        <button class="wide" data-testid="new-chat" onclick={() => this.#again()}>
          {text.again}
        </button>,
      ];
    }
    const { consent, form } = this.#place.service ?? { consent: "", form: [] };
    const reaching = form.filter(({ kind }) => kind === "email" || kind === "tel");
    const reach = reaching.find(({ needed }) => needed) ?? reaching[0];
    const needed = reach && { ...reach, needed: true };
    const fields = [
      ...form.map((field) => (field === reach && needed) || field),
      ...(reach ? [] : [asked("reach", "email", text.reach)]),
      asked("message", "message", text.message),
    ];
    const leave = (): void => void this.#leave(values);
    return [
      <p class="lead" role="alert" data-testid="refused">
        {lead}
      </p>,
      this.#fields(fields, values, leave),
      consent && <p class="small">{consent}</p>,
      this.#leaving === "failed" && (
        <p class="bad" role="alert">
          {text.failed}
        </p>
      ),
      <button class="strong wide" data-testid="leave-message" disabled={this.#leaving === "sending"} onclick={() => this.#submit(fields, values, leave)}>
        {consent ? text.agreeAndSend : text.send}
      </button>,
    ];
  }

  #again(): void {
    this.#leaving = "no";
    this.#acts.newChat();
  }

  async #leave(values: Values): Promise<void> {
    const { origin, token, spoken: language } = this.#place;
    this.#leaving = "sending";
    this.#kit.redraw();
    const page = (location.origin + location.pathname).slice(0, 2000);
    const body = JSON.stringify({ session: this.#session, language, page, values });
    // As a plain text, which needs no question beforehand.
    const sent = fetch(`${origin}/widget/services/${encodeURIComponent(token)}/messages`, { method: "POST", body });
    const answer = await sent.catch(() => null);
    this.#leaving = answer?.ok ? "left" : "failed";
    if (answer?.ok) {
      this.#session = this.#kit.newName(24);
      delete values["message"];
    } else if (answer?.status === 422) {
      this.wrong = ((await answer.json()) as { fields: string[] }).fields;
    }
    this.#kit.redraw();
  }

  #submit(fields: readonly Field[], values: Values, go: () => void): void {
    this.wrong = [];
    this.#tried = fields.some((field) => this.#problem(field, values));
    this.#kit.redraw();
    if (this.#tried) this.#kit.find("[aria-invalid=true]")?.focus();
    else go();
  }

  /** What is wrong with a value. */
  #problem({ key, kind, needed }: Field, values: Values): string | false {
    const value = (values[key] ?? "").trim();
    if (!value) return needed && this.#text.missing;
    const bad = (kind === "email" && !reaches("email", value)) || (kind === "tel" && !reaches("callback", value));
    return (bad || this.wrong.includes(key)) && this.#text.wrong;
  }

  #fields(fields: readonly Field[], values: Values, go: () => void): Description[] {
    return fields.map((field) => {
      const { key, kind, needed, label, choices } = field;
      const problem = (this.#tried || this.wrong.includes(key)) && this.#problem(field, values);
      const of = {
        "aria-invalid": String(!!problem),
        "aria-required": String(needed),
        "aria-describedby": problem && `wrong-${key}`,
        "data-testid": `field-${key}`,
      } as const;
      const wrote = (event: Event): void => {
        values[key] = (event.target as HTMLInputElement).value;
        if (this.#tried) this.#kit.redraw();
      };
      const ticked = (event: Event): void => {
        values[key] = (event.target as HTMLInputElement).checked ? "true" : "";
        if (this.#tried) this.#kit.redraw();
      };
      const value = values[key] ?? "";
      const onkeydown = this.#kit.onEnter(() => this.#submit(fields, values, go));
      return (
        <label key={key} class={`field ${kind}`}>
          {kind === "checkbox" && <input type="checkbox" checked={value === "true"} {...of} oninput={ticked} />}
          <span>
            {label}
            {!needed && kind !== "checkbox" && ` (${this.#text.optional})`}
          </span>
          {kind === "choice" && (
            <select value={value} {...of} oninput={wrote}>
              <option value="">{this.#text.choose}</option>
              {choices.map(([one, called]) => (
                <option key={one} value={one}>
                  {called}
                </option>
              ))}
            </select>
          )}
          {kind === "message" && <textarea rows={4} value={value} maxlength={MESSAGE_MOST} {...of} oninput={wrote} />}
          {(kind === "text" || kind === "email" || kind === "tel") && (
            <input
              inputmode={kind}
              autocomplete={kind === "text" ? key : kind}
              value={value}
              maxlength={MOST}
              {...of}
              oninput={wrote}
              onkeydown={onkeydown}
            />
          )}
          {problem && (
            <small id={`wrong-${key}`} class="bad" data-testid={`wrong-${key}`}>
              {problem}
            </small>
          )}
        </label>
      );
    });
  }

  /** How to go on while a call takes long: wait, another agent, a call or a message later. */
  choices(question: string, name: string, shut: boolean): Description {
    const { choice, contact: contacts, wrong, goBack, send } = this.#text;
    const contact = this.#contact;
    const option = (one: Choice, act: () => void): Description => (
      <button data-testid={`choose-${one}`} disabled={shut} onclick={act}>
        {this.#kit.fill(choice[one], name)}
      </button>
    );
    const choose = (one: Choice) => option(one, () => this.#acts.choose(one, ""));
    const ask = (one: WithContact) => option(one, () => this.#ask(one));
    return (
      <div class="hint choice" role="group" aria-labelledby="choice" data-testid="choice">
        <p id="choice" role="status">
          {question}
        </p>
        {contact ? (
          <div key={contact} class="form">
            <input
              inputmode={contact === "email" ? "email" : "tel"}
              autocomplete={contact === "email" ? "email" : "tel"}
              aria-label={contacts[contact]}
              aria-describedby={this.#bad && "wrong"}
              aria-invalid={String(this.#bad)}
              placeholder={contacts[contact]}
              maxlength={MOST}
              disabled={shut}
              data-testid="contact"
              onkeydown={this.#kit.onEnter(() => this.#reach(contact))}
            />
            <button class="strong" data-testid="contact-send" disabled={shut} onclick={() => this.#reach(contact)}>
              {send}
            </button>
            <button data-testid="contact-back" disabled={shut} onclick={() => this.#ask(null)}>
              {goBack}
            </button>
            {this.#bad && (
              <small id="wrong" class="bad" role="alert" data-testid="contact-wrong">
                {wrong}
              </small>
            )}
          </div>
        ) : (
          <div>
            {choose("stay")}
            {choose("another_agent")}
            {ask("callback")}
            {ask("email")}
          </div>
        )}
      </div>
    );
  }

  /** The question is over. */
  chosen(): void {
    this.#contact = null;
  }

  #ask(contact: WithContact | null): void {
    this.#contact = contact;
    this.#bad = false;
    this.#kit.redraw();
    this.#kit.find(contact ? "[data-testid=contact]" : "[data-testid=choose-stay]")?.focus();
  }

  #reach(contact: WithContact): void {
    const typed = (this.#kit.find("[data-testid=contact]") as HTMLInputElement).value.trim();
    this.#bad = !reaches(contact, typed);
    this.#kit.redraw();
    if (!this.#bad) this.#acts.choose(contact, typed);
  }

  /** Why it is over. */
  ended(by: EndedBy): string {
    return this.#text.ended[by];
  }

  /** What is offered once it is over. Nobody has to answer. */
  after(state: State): Child {
    const { service } = this.#place;
    const attended = state.messages.some(({ author }) => author === "agent");
    return [
      service?.rating && attended && this.#rate(),
      service?.transcript && state.messages.length > 0 && (
        <button class="wide quiet" data-testid="transcript" onclick={() => this.#save(state)}>
          {this.#text.transcript}
        </button>
      ),
    ];
  }

  #rate(): Description {
    const [text, of] = [this.#text, this.#acts.session()];
    if (this.#rating.of !== of) this.#rating = { of, stars: 0, comment: "", is: "open" };
    const { stars, comment, is } = this.#rating;
    if (is === "sent") {
      return (
        <p class="hint quiet" role="status" data-testid="rated">
          {text.thanks}
        </p>
      );
    }
    const star = (which: number): Description => (
      <button
        class="star"
        data-testid={`star-${which}`}
        aria-pressed={String(stars === which)}
        aria-label={this.#kit.fill(text.stars, which)}
        onclick={() => this.#rated({ stars: which })}
      >
        {which <= stars ? "★" : "☆"}
      </button>
    );
    const send = (): void => void this.#tell();
    return (
      <div class="hint choice quiet" role="group" aria-labelledby="rate" data-testid="rating">
        <p id="rate">{text.rate}</p>
        <div>{[1, 2, 3, 4, 5].map(star)}</div>
        {stars > 0 && (
          <div class="form">
            <textarea
              rows={2}
              value={comment}
              aria-label={text.comment}
              placeholder={text.comment}
              maxlength={MESSAGE_MOST}
              data-testid="comment"
              oninput={(event) => this.#rated({ comment: (event.target as HTMLTextAreaElement).value })}
            />
            <button class="strong" data-testid="rate" disabled={is === "sending"} onclick={send}>
              {text.send}
            </button>
            {is === "failed" && (
              <small class="bad" role="alert">
                {text.failed}
              </small>
            )}
          </div>
        )}
      </div>
    );
  }

  #rated(now: Partial<Rating>): void {
    this.#rating = { ...this.#rating, ...now };
    this.#kit.redraw();
  }

  async #tell(): Promise<void> {
    const { of: session, stars, comment } = this.#rating;
    this.#rated({ is: "sending" });
    const body = JSON.stringify({ session, stars, comment: comment.toWellFormed() });
    // As a plain text, which needs no question beforehand.
    const answer = await fetch(`${this.#place.origin}/visitor/rating`, { method: "POST", body }).catch(() => null);
    this.#rated({ is: answer?.ok ? "sent" : "failed" });
  }

  #save(state: State): void {
    const company = state.chat?.company ?? "";
    const link = document.createElement("a");
    const text = transcript(state, this.#text.you, this.#place.spoken ?? "en");
    // With its charset before it, as some editors guess.
    link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain" }));
    // A name that every system takes.
    const day = new Date(state.messages[0]?.at ?? Date.now()).toISOString().slice(0, 10);
    link.download = `chat-${company.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60)}-${day}.txt`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

function asked(key: string, kind: "email" | "message", label: string): Field {
  return { key, kind, label, needed: true, choices: [] };
}

/** What was written, line by line, as it was typed. */
export function transcript({ messages, chat, notices }: State, you: string, language: Language): string {
  const agents = notices.filter(({ now }) => now.state === "active");
  const author = (number: number): string => {
    const last = agents.findLast(({ after }) => after < number);
    return (last && agentOf(last.now)) || (chat?.company ?? "");
  };
  const lines = messages.map(({ at, author: by, number, text }) => `[${new Date(at).toLocaleString(language)}] ${by === "visitor" ? you : author(number)}: ${text}`);
  return [chat?.company ?? "", "", ...lines, ""].join("\r\n");
}

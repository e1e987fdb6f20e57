// One form at work: what the daemon has, what somebody makes of it, and what becomes of that when it is saved.
// It decides nothing about the company: that does the daemon, and says what is wrong.

import type { Code } from "../../../web-shared/src/protocol/error";
import type { ThingKind } from "../../../web-shared/src/protocol/rest";
import { drafts } from "../drafts";
import { Store } from "../store";
import { change, make, thing, type Refusal, type Which } from "./api";
import { asked, fieldsOf, withoutSecrets, wrongIn, type Field, type Group } from "./field";
import { COMPANY, KIND } from "./kinds";
import { placed } from "./refusals";
import { isBuiltIn, roleName } from "./roles";
import { isChanged, meet, patchOf, valueAt, withValue, type Clash, type Json, type Settings } from "./settings";

export type Said =
  | { readonly what: "made" | "saved" | "undone" | "restored" | "stale" | "wrong" }
  | { readonly what: "failed"; readonly code: Code };

export interface View {
  readonly stage: "loading" | "ready" | "gone" | "failed";
  /** As the daemon has it. */
  readonly base: Settings;
  /** As somebody wants it. */
  readonly mine: Settings;
  /** What is wrong beside which field, and what is wrong as a whole. */
  readonly wrong: ReadonlyMap<string, string>;
  readonly general: readonly string[];
  /** What somebody else changed meanwhile to something else. */
  readonly clashes: readonly Clash[];
  readonly said: Said | null;
  readonly busy: boolean;
  /** What takes the last change back. */
  readonly undo: Settings | null;
  /** Secrets that were given and are seen for the last time. */
  readonly given: Settings | null;
}

const NOTHING: View = {
  stage: "loading",
  base: {},
  mine: {},
  wrong: new Map(),
  general: [],
  clashes: [],
  said: null,
  busy: false,
  undo: null,
  given: null,
};

const CLEAN = { wrong: NOTHING.wrong, general: NOTHING.general, said: null, undo: null, given: null };

/** What was made, for the page that shows it then. */
let made: { readonly key: string; readonly given: Settings | null } | null = null;

export class Work {
  readonly view = new Store<View>(NOTHING);
  readonly groups: readonly Group[];
  readonly fields: readonly Field[];
  /** `null`: it is not there yet. */
  readonly which: Which | null;
  readonly kind: ThingKind | "company";
  readonly #key: string;
  #tag: string | null = null;

  constructor(kind: ThingKind | "company", id: string | null) {
    this.kind = kind;
    this.which = kind === "company" ? { kind } : id === null ? null : { kind, id };
    this.groups = kind === "company" ? COMPANY : KIND[kind].groups;
    this.fields = fieldsOf(this.groups);
    this.#key = `${kind} ${id === null ? "new" : `is ${id}`}`;
  }

  get isChanged(): boolean {
    const { base, mine } = this.view.get();
    return isChanged(base, mine);
  }

  /** Whether the daemon has something else there than the default. */
  says(path: string): boolean {
    return valueAt(this.view.get().base, path) !== undefined;
  }

  /** Its name, as the daemon has it. */
  get name(): string {
    const name = this.view.get().base[this.kind === "company" ? "name" : KIND[this.kind].named];
    return typeof name === "string" ? name : "";
  }

  /** Whether every company has it as it is. */
  get isFixed(): boolean {
    return this.kind === "roles" && isBuiltIn(this.name);
  }

  /** What it is called on screens. */
  get title(): string {
    if (this.kind === "roles") return roleName(this.name);
    const shown = this.kind === "company" ? undefined : this.view.get().base[KIND[this.kind].shown];
    return typeof shown === "string" && shown !== "" ? shown : this.name;
  }

  /** `begins`: what a new one has from the beginning. */
  async load(begins: Settings): Promise<void> {
    if (this.which === null) return this.#restore({ stage: "ready", base: begins, mine: begins });
    const answer = await thing(this.which);
    if (!answer.ok) return this.#put({ stage: answer.code === "not_found" ? "gone" : "failed", said: { what: "failed", code: answer.code } });
    this.#tag = answer.tag;
    const { settings } = answer.value;
    this.#restore({ stage: "ready", base: settings, mine: settings, said: null });
    if (made?.key === this.#key) this.#put({ said: { what: "made" }, given: made.given });
    made = null;
  }

  set(path: string, value: Json | undefined): void {
    const { mine, wrong, clashes, said } = this.view.get();
    const others = new Map([...wrong].filter(([at]) => at !== path));
    this.#put({ mine: withValue(mine, path, value), wrong: others, clashes: clashes.filter((clash) => clash.path !== path) });
    if (said !== null && said.what !== "stale") this.#put({ said: null, undo: null });
    this.#keep();
  }

  /** Of two different wishes that somebody else's holds, or one's own. */
  settle(clash: Clash, whose: "mine" | "theirs"): void {
    this.set(clash.path, whose === "mine" ? clash.mine : clash.theirs);
  }

  discard(): void {
    this.#put({ ...CLEAN, mine: this.view.get().base, clashes: [] });
    this.#keep();
  }

  /** Whether whoever has this log-in name would not come here again once it is saved. */
  locksOut(loginName: string): boolean {
    if (this.kind !== "agents" || this.name !== loginName) return false;
    const { base, mine } = this.view.get();
    const administers = ({ role, active }: Settings): boolean => Array.isArray(role) && role.includes("administrator") && active !== false;
    return administers(base) && !administers(mine);
  }

  /** Gives the id of what was made, if something was. */
  async save(): Promise<string | null> {
    const { base, mine } = this.view.get();
    const wrong = wrongIn(this.fields, mine);
    if (wrong.size > 0) {
      this.#put({ ...CLEAN, wrong, said: { what: "wrong" } });
      return null;
    }
    const wanted = asked(this.fields, mine);
    this.#put({ ...CLEAN, busy: true });
    const answer =
      this.which === null && this.kind !== "company"
        ? await make(this.kind, wanted)
        : await change(this.which ?? { kind: "company" }, this.#tag, patchOf(base, wanted));
    this.#put({ busy: false });
    if (!answer.ok) {
      await this.#refused(answer.code, answer.refusals);
      return null;
    }
    const given = this.#secretsOf(wanted);
    this.#forget();
    const now = answer.value.thing;
    if (now === null) await this.load({});
    else if (this.which === null) made = { key: `${this.kind} is ${now.id}`, given };
    else this.#saved(now.settings as Settings, answer.tag, base, given);
    return this.which === null ? (now?.id ?? null) : null;
  }

  /** Takes the last change back, if nobody has changed it since. */
  async takeBack(): Promise<void> {
    const { undo } = this.view.get();
    if (undo === null || this.which === null) return;
    const answer = await change(this.which, this.#tag, undo);
    if (!answer.ok) return this.#refused(answer.code, answer.refusals);
    this.#tag = answer.tag;
    const now = (answer.value.thing?.settings ?? {}) as Settings;
    this.#put({ ...CLEAN, base: now, mine: now, said: { what: "undone" } });
  }

  /** What was removed meanwhile is to be there again; gives its id if that is another one now. */
  async makeAgain(): Promise<string | null> {
    if (this.kind === "company") return null;
    const answer = await make(this.kind, asked(this.fields, this.view.get().mine));
    if (!answer.ok) {
      this.#put({ stage: "ready" });
      await this.#refused(answer.code, answer.refusals);
      return null;
    }
    this.#forget();
    const id = answer.value.thing?.id ?? "";
    made = { key: `${this.kind} is ${id}`, given: null };
    if (made.key !== this.#key) return id;
    await this.load({});
    return null;
  }

  #saved(now: Settings, tag: string | null, before: Settings, given: Settings | null): void {
    this.#tag = tag;
    // What was given in secret cannot be given back.
    const undo = given === null && isChanged(now, before) ? patchOf(now, before) : null;
    this.#put({ ...CLEAN, base: now, mine: now, clashes: [], said: { what: "saved" }, undo, given });
  }

  async #refused(code: Code, refusals: readonly Refusal[]): Promise<void> {
    if (code === "stale") return this.#meet();
    if (code === "not_found") return this.#put({ stage: "gone" });
    const { mine } = this.view.get();
    const found = placed(refusals, this.fields, mine, [this.name, String(mine[this.kind === "company" ? "name" : KIND[this.kind].named] ?? "")]);
    this.#put({ ...CLEAN, ...found, said: refusals.length > 0 ? { what: "wrong" } : { what: "failed", code } });
  }

  /** Somebody else was faster: their changes come in, one's own stay. */
  async #meet(): Promise<void> {
    if (this.which === null) return;
    const answer = await thing(this.which);
    if (!answer.ok) return this.#put(answer.code === "not_found" ? { stage: "gone" } : { said: { what: "failed", code: answer.code } });
    const { base, mine } = this.view.get();
    const theirs = answer.value.settings;
    const { met, clashes } = meet(base, mine, theirs, this.#paths());
    this.#tag = answer.tag;
    this.#put({ ...CLEAN, base: theirs, mine: met, clashes, said: { what: "stale" } });
    this.#keep();
  }

  /** With what was begun before, if it was not saved. */
  #restore(loaded: Partial<View>): void {
    this.#put(loaded);
    const kept = read(drafts.get(this.#place()));
    if (kept === null) return;
    const { base } = this.view.get();
    const { met, clashes } = meet(kept.base, kept.mine, base, this.#paths());
    if (!isChanged(base, met)) return this.#forget();
    this.#put({ mine: met, clashes, said: { what: "restored" } });
  }

  #secretsOf(settings: Settings): Settings | null {
    const open = withoutSecrets(settings, this.fields);
    const secret = Object.entries(settings).filter(([key]) => !(key in open));
    return secret.length === 0 ? null : Object.fromEntries(secret);
  }

  #keep(): void {
    const { base, mine } = this.view.get();
    if (!isChanged(base, mine)) return this.#forget();
    drafts.set(this.#place(), JSON.stringify({ base, mine: withoutSecrets(mine, this.fields) }));
  }

  #forget(): void {
    drafts.set(this.#place(), "");
  }

  #paths(): readonly string[] {
    return this.fields.map(({ path }) => path);
  }

  #place(): `form.${string}` {
    return `form.${this.#key}`;
  }

  #put(change: Partial<View>): void {
    this.view.set({ ...this.view.get(), ...change });
  }
}

function read(text: string): { base: Settings; mine: Settings } | null {
  try {
    return text === "" ? null : (JSON.parse(text) as { base: Settings; mine: Settings });
  } catch {
    return null;
  }
}

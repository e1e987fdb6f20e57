// What a form is made of: fields, each with the key at which its value stands, and how it is entered.
// A description: what draws it is in `view/`, what may stand there the daemon decides.

import type { Installation, ThingKind } from "../../../web-shared/src/protocol/rest";
import { m } from "../paraglide/messages.js";
import { isTable, valueAt, withValue, type Json, type Settings } from "./settings";

export type Words = () => string;
/** A word of the file, and what it is called. */
export type Choices = Readonly<Record<string, Words>>;

export type Input =
  | { readonly is: "text"; readonly long?: boolean; readonly plain?: boolean; /** What is offered while it is typed. */ readonly known?: () => readonly string[]; /** A new one is made at a click. */ readonly draw?: () => string }
  | { readonly is: "number"; readonly unit: "seconds" | "pieces"; readonly first?: number; readonly last?: number }
  | { readonly is: "yes"; /** What holds if nothing is said. */ readonly usually: boolean }
  | { readonly is: "one"; readonly of: Choices }
  | { readonly is: "some"; readonly of: Choices }
  /** The name of another thing, or several. */
  | { readonly is: "thing" | "things"; readonly kind: ThingKind }
  /** Texts, one a line. */
  | { readonly is: "lines" }
  | { readonly is: "secret"; readonly characters: number }
  | { readonly is: "time" }
  | { readonly is: "date" }
  /** Whether there is a part of its own at all, and with what it begins. */
  | { readonly is: "part"; readonly begins: () => Settings }
  /** `true`: our own words, `false`: none, or a sound file. */
  | { readonly is: "said" }
  /** The name of a sound file, which can only be let go. */
  | { readonly is: "file" }
  /** Seconds, or strictly first. */
  | { readonly is: "head_start" }
  /** A number for each of the queues that are served. */
  | { readonly is: "levels"; readonly served: string }
  | { readonly is: "colour" }
  /** What visitors are asked. */
  | { readonly is: "questions" }
  /** What is known of contacts besides. */
  | { readonly is: "contact_fields" }
  /** When a day is open; beside the first one the days that may be alike. */
  | { readonly is: "times"; readonly alike?: readonly string[] }
  /** Days that are otherwise. */
  | { readonly is: "days" };

export interface Field {
  /** Where its value stands, as `widget.accent`. */
  readonly path: string;
  readonly label: Words;
  readonly help?: Words;
  readonly input: Input;
  /** What holds if nothing is said, in words. */
  readonly usual?: (installation: Installation | null) => string;
  readonly needed?: boolean;
  /** Only of a new one: it is known by that. */
  readonly once?: boolean;
  /** Whether it is asked for. */
  readonly when?: (settings: Settings) => boolean;
}

export interface Group {
  readonly title: Words;
  readonly hint?: Words;
  /** Shown only when asked for, unless something in it is set. */
  readonly folded?: boolean;
  readonly fields: readonly Field[];
}

export function fieldsOf(groups: readonly Group[]): readonly Field[] {
  return groups.flatMap(({ fields }) => fields);
}

/** What is never kept, shown again or taken back. */
export function withoutSecrets(settings: Settings, fields: readonly Field[]): Settings {
  const secret = new Set(fields.filter(({ input }) => input.is === "secret").map(({ path }) => path));
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !secret.has(key)));
}

/** What is sent: without what is not asked for, as things are. */
export function asked(fields: readonly Field[], settings: Settings): Settings {
  const left = fields.find(({ path, when }) => when?.(settings) === false && valueAt(settings, path) !== undefined);
  // One that goes may be why another one was asked for.
  return left === undefined ? settings : asked(fields, withValue(settings, left.path, undefined));
}

/** What can be seen to be wrong without asking the daemon: by path, in words. */
export function wrongIn(fields: readonly Field[], settings: Settings): Map<string, string> {
  const wrong = new Map<string, string>();
  for (const { path, input, needed = false, when } of fields) {
    if (when?.(settings) === false) continue;
    const said = wrongWith(input, needed, valueAt(settings, path));
    if (said !== null) wrong.set(path, said);
  }
  return wrong;
}

function wrongWith(input: Input, needed: boolean, value: Json | undefined): string | null {
  // Whoever says that there is a head start says how much.
  if (input.is === "head_start" && value === "") return m.admin_needed();
  const isEmpty = value === undefined || (typeof value === "string" && value.trim() === "");
  if (isEmpty) return needed ? m.admin_needed() : null;
  if (input.is === "number") return wrongNumber(value, input.first ?? 0, input.last ?? MOST);
  if (input.is === "head_start" && value !== "strict") return wrongNumber(value, 0, MOST);
  if (input.is === "levels" && isTable(value)) {
    return Object.values(value).map((level) => wrongNumber(level, 0, 255)).find((said) => said !== null) ?? null;
  }
  return null;
}

/** The largest number that the daemon reads. */
const MOST = 4_294_967_295;

function wrongNumber(value: Json, first: number, last: number): string | null {
  if (typeof value !== "number") return m.admin_no_number();
  if (value >= first && value <= last) return null;
  return last === MOST ? m.admin_number_from({ first }) : m.admin_number_between({ first, last });
}

/** What was typed as a number: the text itself if it is none, nothing if there is nothing. */
export function numberOf(typed: string): Json | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  return /^\d{1,10}$/.test(text) ? Number(text) : text;
}

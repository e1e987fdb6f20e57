// The rows of a list: what is seen of each thing, and in which order.

import type { ThingKind } from "../../../web-shared/src/protocol/rest";
import { fieldText } from "../contacts";
import { m } from "../paraglide/messages.js";
import { getLocale } from "../paraglide/runtime.js";
import type { Thing } from "./api";
import { fieldsOf, type Field } from "./field";
import { KIND } from "./kinds";
import { roleName } from "./roles";
import { isTable, valueAt, type Json, type Settings } from "./settings";

export interface Row {
  readonly id: string;
  readonly name: string;
  /** How deep in its tree. */
  readonly depth: number;
  /** As they are read, the name first. */
  readonly cells: readonly string[];
}

/** By which column, and whether the last comes first. */
export interface Order {
  readonly column: number;
  readonly down: boolean;
}

/** How each thing stands at the moment, by its name; `null` where nothing is known of that kind. */
export type Live = ReadonlyMap<string, string>;

export function rowsOf(kind: ThingKind, things: readonly Thing[], live: Live | null): Row[] {
  const { columns, groups } = KIND[kind];
  const fields = fieldsOf(groups);
  const cell = (settings: Settings, path: string): string => {
    const field = fields.find((one) => one.path === path);
    return field === undefined ? "" : read(field, settings) || (field.usual?.(null) ?? "");
  };
  const row = (thing: Thing, depth: number): Row => ({
    id: thing.id,
    name: thing.name,
    depth,
    cells: [called(kind, thing), ...columns.map((path) => cell(thing.settings, path)), ...(live === null ? [] : [live.get(thing.name) ?? ""])],
  });
  if (kind === "classifications") return tree(things).map(({ thing, depth }) => row(thing, depth));
  return things.map((thing) => row(thing, 0)).toSorted((a, b) => compare(a.cells[0] ?? "", b.cells[0] ?? ""));
}

/** As a thing is called on screens. */
export function called(kind: ThingKind, { name, settings }: Thing): string {
  if (kind === "roles") return roleName(name);
  const shown = valueAt(settings, KIND[kind].shown);
  return typeof shown === "string" && shown !== "" ? shown : name;
}

export function ordered(rows: readonly Row[], order: Order | null): readonly Row[] {
  if (order === null) return rows;
  const sorted = rows.toSorted((a, b) => compare(a.cells[order.column] ?? "", b.cells[order.column] ?? ""));
  return order.down ? sorted.toReversed() : sorted;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function compare(one: string, other: string): number {
  return collator.compare(one, other);
}

/** Each behind what it is a part of. */
function tree(things: readonly Thing[]): { thing: Thing; depth: number }[] {
  const names = new Set(things.map(({ name }) => name));
  const below = (parent: Json | undefined, depth: number): { thing: Thing; depth: number }[] =>
    things
      .filter(({ settings: { parent: of } }) => (of === undefined || !names.has(String(of)) ? undefined : of) === parent)
      .toSorted((a, b) => compare(String(a.settings["label"] ?? a.name), String(b.settings["label"] ?? b.name)))
      .flatMap((thing) => [{ thing, depth }].concat(below(thing.name, depth + 1)));
  return below(undefined, 0);
}

/** A value in words, as in a list or in the history of changes. */
export function read(field: Field, settings: Settings): string {
  const value = valueAt(settings, field.path);
  if (value === undefined) return "";
  return inWords(field, value);
}

export function inWords({ input }: Pick<Field, "input">, value: Json): string {
  if (typeof value === "boolean") return input.is === "said" ? (value ? m.admin_said_ours() : m.admin_said_nothing()) : value ? m.admin_yes() : m.admin_no();
  if (input.is === "head_start" && value === "strict") return m.admin_strictly_first();
  if ((input.is === "number" && input.unit === "seconds") || input.is === "head_start") return m.admin_seconds({ seconds: String(value) });
  if (input.is === "date") return fieldText({ holds: "date" }, String(value), getLocale());
  if (input.is === "one") return input.of[String(value)]?.() ?? String(value);
  if (input.is === "some" && Array.isArray(value)) return value.map((one) => input.of[String(one)]?.() ?? String(one)).join(", ");
  if (input.is === "things" && input.kind === "roles" && Array.isArray(value)) return value.map((one) => roleName(String(one))).join(", ");
  return plain(value);
}

/** What has no words of its own. */
export function plain(value: Json): string {
  if (Array.isArray(value)) return value.map((one: Json) => plain(one)).join(", ");
  if (isTable(value)) {
    return Object.entries(value)
      .map(([key, one]) => `${key}: ${plain(one)}`)
      .join("; ");
  }
  return value === null ? "" : String(value);
}

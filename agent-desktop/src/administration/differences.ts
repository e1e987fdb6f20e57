// An entry of the audit in words: which field became what.

import type { DifferenceView } from "../../../web-shared/src/protocol/rest";
import { factInWords } from "../contacts";
import { m } from "../paraglide/messages.js";
import { fieldsOf, type Field, type Group } from "./field";
import { COMPANY, KIND } from "./kinds";
import { KINDS } from "./place";
import { inWords, plain } from "./rows";
import { isTable, same, valueAt, type Json, type Settings } from "./settings";

export interface Changed {
  readonly path: string;
  readonly label: string;
  /** `null`: there was nothing, or its default. */
  readonly from: string | null;
  readonly to: string;
}

/** What stands in the place of a secret, also of another one than before. */
const MASKED = "(secret)";

const OTHERS: Readonly<Record<string, () => string>> = { company: m.admin_company, contact: m.admin_contact, record: m.admin_record };

export const KINDS_OF_CHANGES: readonly string[] = [...KINDS.map((kind) => KIND[kind].audited), ...Object.keys(OTHERS)];

export function kindInWords(audited: string): string {
  const kind = KINDS.find((one) => KIND[one].audited === audited);
  return kind === undefined ? (OTHERS[audited]?.() ?? audited) : KIND[kind].one();
}

const WHATS: Readonly<Record<string, () => string>> = { new: m.admin_what_new, changed: m.admin_what_changed, removed: m.admin_what_removed, "given out": m.admin_what_given_out };

export function whatInWords(what: string): string {
  return WHATS[what]?.() ?? what;
}

/** Of what is new all that is set, of what is gone nothing: its name says enough. */
export function differences({ kind, what, from, to }: DifferenceView): Changed[] {
  if (what === "removed" || what === "given out") return [];
  if (Object.hasOwn(LABELS, kind)) return ofNoForm(kind, from, to);
  const fields = fieldsOf(groupsOf(kind));
  const [was, is] = [from as Settings, to as Settings];
  const paths = [...new Set([...leaves(was, fields), ...leaves(is, fields)])];
  return paths.flatMap((path) => {
    const [before, after] = [valueAt(was, path), valueAt(is, path)];
    if (TWINS.has(path) || (same(before, after) && after !== MASKED)) return [];
    const field = fields.find((one) => one.path === path);
    return [{ path, label: labelOf(path, field), from: before === undefined || before === MASKED ? null : words(field, before), to: became(what, field, after) }];
  });
}

/** What is audited and has no form here, by its keys. */
const LABELS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  contact: {
    name: m.contact_name,
    organisation: m.contact_organisation,
    language: m.contact_language,
    notes: m.contact_notes,
    points: m.contact_points,
    merged_into: m.contact_merged_into,
  },
  record: { note_characters: m.admin_note_characters, classifications: m.admin_classifications },
};

/** The keys are flat; those of a company's own fields begin with `fields.`. */
function ofNoForm(kind: string, from: DifferenceView["from"], to: DifferenceView["to"]): Changed[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((path) => {
    const [before, after] = [from, to].map((one) => (one[path] === undefined ? null : factInWords(path, one[path])));
    if (before === undefined || after === undefined || before === after) return [];
    return [{ path, label: LABELS[kind]?.[path]?.() ?? path.replace(/^fields\./, ""), from: before, to: after ?? m.admin_none() }];
  });
}

/** The paths at which fields stand, and whatever has none. */
function leaves(settings: Settings, fields: readonly Field[], above = ""): string[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const path = `${above}${key}`;
    const isField = fields.some((field) => field.path === path);
    const isAbove = fields.some((field) => field.path.startsWith(`${path}.`));
    return isTable(value) && isAbove && Object.keys(value).length > 0 ? leaves(value, fields, `${path}.`) : isField || !isAbove ? [path] : [];
  });
}

/** Secrets are masked before they come here: it is only said that they are others now. */
function became(what: string, field: Field | undefined, value: Json | undefined): string {
  if (value === MASKED) return what === "new" ? m.admin_secret_new() : m.admin_secret();
  return value === undefined ? m.admin_standard() : words(field, value);
}

function words(field: Field | undefined, value: Json): string {
  const said = field === undefined ? plain(value) : inWords(field, value);
  return said === "" ? m.admin_none() : said;
}

/** One password is kept as two hashes. */
const TWINS: ReadonlySet<string> = new Set(["phone_ha1_sha256", "ha1_sha256"]);
/** What stands in no form as it is kept. */
const ELSEWHERE: Readonly<Record<string, () => string>> = {
  licence: m.licence,
  password_hash: m.admin_password,
  phone_ha1_md5: m.admin_phone_password,
  ha1_md5: m.admin_trunk_password,
};

function labelOf(path: string, field: Field | undefined): string {
  return field?.label() ?? ELSEWHERE[path]?.() ?? path;
}

function groupsOf(audited: string): readonly Group[] {
  if (audited === "company") return COMPANY;
  const kind = KINDS.find((one) => KIND[one].audited === audited);
  return kind === undefined ? [] : KIND[kind].groups;
}

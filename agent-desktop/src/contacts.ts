// Customers over REST: found, made, changed, merged, erased, and what they had to do with the company before.
// It keeps nothing: whoever asks holds what comes.

import { POINT_KINDS } from "./codes";
import { said } from "./items";
import { get, remove, send, type FieldRefusal, type Outcome } from "./rest";
import type { ItemRef, VisitorDetails } from "../../web-shared/src/protocol/agent";
import type {
  ContactChanged,
  ContactField,
  ContactPerson,
  ContactSettings,
  Contacts,
  ContactView,
  Interactions,
  PointKind,
  PointView,
} from "../../web-shared/src/protocol/contacts";
import type { Message } from "../../web-shared/src/protocol/visitor";

export function findContacts(typed: string, cursor: string | null = null, signal: AbortSignal | null = null): Promise<Outcome<Contacts>> {
  const query = new URLSearchParams({ q: typed, ...(cursor === null ? {} : { cursor }) });
  return get(`/contacts?${query.toString()}`, signal);
}

export function contactFields(): Promise<Outcome<ContactField[]>> {
  return get("/contact-fields");
}

export function readContact(contact: number): Promise<Outcome<ContactPerson>> {
  return get(`/contacts/${contact}`);
}

/** Makes a contact (`null`), or changes one that was as `tag` says. */
export function saveContact(contact: number | null, settings: ContactSettings, tag: string | null): Promise<Outcome<ContactChanged>> {
  if (contact === null) return send("POST", "/contacts", settings);
  return send("PATCH", `/contacts/${contact}`, settings, tag);
}

export function mergeContact(contact: number, into: number): Promise<Outcome<ContactChanged>> {
  return send("POST", `/contacts/${contact}/merge`, { into });
}

export function partContact(contact: number): Promise<Outcome<ContactChanged>> {
  return send("POST", `/contacts/${contact}/part`, {});
}

/** `dry`: only what would go. */
export function eraseContact(contact: number, dry: boolean): Promise<Outcome<ContactChanged>> {
  return remove(`/contacts/${contact}${dry ? "?dry_run=true" : ""}`);
}

export function interactionsOf(contact: number, cursor: string | null): Promise<Outcome<Interactions>> {
  return get(`/contacts/${contact}/interactions${cursor === null ? "" : `?cursor=${cursor}`}`);
}

/** Says who the customer of an item is; `null`: nobody who is known. */
export function identify(item: ItemRef, contact: number | null): Promise<Outcome<null>> {
  return send("PUT", `/items/${item.kind}:${said(item.id)}/contact`, { contact });
}

/** What a contact is called: by name, else by where they work, else by what they are reached. */
export function calledOf({ name, organisation, points }: ContactView): string {
  return [name, organisation, points[0]?.value].find((text) => text !== undefined && text !== "") ?? "";
}

/** The fields of a contact, those that the company defines first and in its order; what was kept under another name is any text. */
export function fieldsOf(defined: readonly ContactField[], names: readonly string[]): ContactField[] {
  const others = names.filter((name) => defined.every((field) => field.name !== name));
  return [...defined, ...others.map((name) => ({ name, holds: "text" as const, choices: [] }))];
}

/** How a value is shown: numbers and days as they are written in this language. */
export function fieldText({ holds }: Pick<ContactField, "holds">, value: string, language: string | undefined): string {
  if (holds === "number" && /^-?\d{1,15}(\.\d{1,15})?$/.test(value)) {
    return new Intl.NumberFormat(language, { maximumFractionDigits: 15 }).format(Number(value));
  }
  const day = holds === "date" ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(day) ? value : new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(day);
}

/** A fact of a contact as the audit has it, where points are `telephone +49…`. */
export function factInWords(key: string, value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const kinds = /^(telephone|email|other) /;
  const texts = value.map((one) => (key === "points" ? String(one).replace(kinds, (_, kind: PointKind) => `${POINT_KINDS[kind]()}: `) : String(one)));
  return texts.join(", ");
}

/** What else tells a contact from others, beside what it is called. */
export function moreOf(contact: ContactView): string {
  const more = [contact.name === "" ? "" : contact.organisation, ...contact.points.map(({ value }) => value)];
  const told = more.filter((text) => text !== "" && text !== calledOf(contact));
  // Each keeps its direction to itself.
  return told.map((text) => `\u2068${text}\u2069`).join(" · ");
}

const EMAIL = /[^\s@<>,;:()]+@[^\s@<>,;:()]+\.[a-z]{2,}/giu;
const TELEPHONE = /(?:\+|\b0)[\d\s()/-]{6,20}\d/gu;

/** By what somebody says they are reached, each once, in the order in which they say so. */
export function pointsIn(texts: readonly string[]): PointView[] {
  const points = texts.flatMap((text): PointView[] => [
    ...(text.match(EMAIL) ?? []).map((value) => ({ kind: "email" as const, value: value.toLowerCase() })),
    ...(text.replace(EMAIL, " ").match(TELEPHONE) ?? []).map((value) => ({ kind: "telephone" as const, value: value.trim() })),
  ]);
  return points.filter((point, at) => points.findIndex((other) => other.value === point.value) === at);
}

/** What a chat's visitor, or the page on which they are, said of who they are before the chat. */
export function saidBefore({ form, identity }: VisitorDetails): { name: string; points: PointView[] } {
  const given = form.find(({ key }) => key === "name")?.value ?? identity?.name ?? "";
  // Whoever comes again with an id that the company's website proved is found by it.
  const proved: PointView[] = identity?.proved === true && identity.id !== "" ? [{ kind: "other", value: `web:${identity.id}` }] : [];
  const texts = [...form.map(({ value }) => value), identity?.email ?? "", identity?.telephone ?? ""];
  return { name: given, points: [...proved, ...pointsIn(texts)] };
}

/** What a chat's visitor wrote. */
export function visitorsWords(messages: readonly Message[] | undefined): string[] {
  return (messages ?? []).filter(({ author }) => author === "visitor").map(({ text }) => text);
}

/** What a form's field shows of what is wrong with it. */
export function refusalAt(refusals: readonly FieldRefusal[], key: string, language: string): string | null {
  const found = refusals.find((refusal) => refusal.key === key);
  if (found === undefined) return null;
  return language === "de" ? found.message_de : found.message;
}

// What the administration asks of the daemon. Never throws: what came of it is a value.

import type { Channel } from "../../../web-shared/src/protocol/agent";
import type { Code } from "../../../web-shared/src/protocol/error";
import type { ApiKeyUsed, Audit, Calls, Changed, CompanyThing, DifferenceView, HoursImportView, HoursOutlookView, Installation, LicenceView, OutlookView, PhoneView, QueueEntry, SeenView, ThingKind, TrunkView } from "../../../web-shared/src/protocol/rest";
import { getLocale } from "../paraglide/runtime.js";
import { sentence } from "../sentence";
import type { Settings } from "./settings";

/** What is wrong, in the language of the screen. */
export interface Refusal {
  readonly kind: string;
  readonly name: string;
  /** At which path; `null`: as a whole. */
  readonly path: string | null;
  readonly said: string;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T; /** By which it is known whether it is still the same. */ readonly tag: string | null }
  | { readonly ok: false; readonly code: Code; readonly refusals: readonly Refusal[] };

/** A thing, with what it is like as a table of settings. */
export interface Thing {
  readonly id: string;
  readonly name: string;
  readonly settings: Settings;
}

/** The company itself, or one of its things. */
export type Which = { readonly kind: "company" } | { readonly kind: ThingKind; readonly id: string };

export function things(kind: ThingKind): Promise<Answer<readonly Thing[]>> {
  return ask("GET", `/company/${kind}`);
}

export function thing(which: Which): Promise<Answer<Thing>> {
  return ask("GET", at(which));
}

export function make(kind: ThingKind, settings: Settings): Promise<Answer<Changed>> {
  return ask("POST", `/company/${kind}`, settings);
}

export function change(which: Which, tag: string | null, patch: Settings): Promise<Answer<Changed>> {
  return ask("PATCH", at(which), patch, tag);
}

export function remove(which: Which, tag: string | null): Promise<Answer<Changed>> {
  return ask("DELETE", at(which), undefined, tag);
}

/** What stands in the way of removing it; nothing is removed. */
export function mayRemove(which: Which): Promise<Answer<Changed>> {
  return ask("DELETE", `${at(which)}?dry_run=true`);
}

export function installation(): Promise<Answer<Installation>> {
  return ask("GET", "/company/installation");
}

export function licence(): Promise<Answer<LicenceView>> {
  return ask("GET", "/company/licence");
}

export function keysUsed(): Promise<Answer<readonly ApiKeyUsed[]>> {
  return ask("GET", "/company/api_keys/used");
}

/** What became of the latest calls or chats. */
export function latest(kind: "call" | "chat"): Promise<Answer<Calls>> {
  return ask("GET", `/calls?kind=${kind}&limit=50`);
}

export function trunks(): Promise<Answer<readonly TrunkView[]>> {
  return ask("GET", "/trunks");
}

export function phones(): Promise<Answer<readonly PhoneView[]>> {
  return ask("GET", "/phones");
}

export function queues(): Promise<Answer<readonly QueueEntry[]>> {
  return ask("GET", "/queues");
}

export function outlook(queue: string, channel: Channel): Promise<Answer<OutlookView>> {
  return ask("GET", `/queues/${encodeURIComponent(queue)}/outlook?channel=${channel}`);
}

/** Where a chat service was seen. */
export function seen(service: string): Promise<Answer<SeenView>> {
  return ask("GET", `/company/services/${encodeURIComponent(service)}/seen`);
}

/** What opening hours come to that are described like this, saved or not. */
export function hoursOutlook(settings: Settings): Promise<Answer<HoursOutlookView>> {
  return ask("POST", "/company/hours/outlook", settings);
}

/** The days that a calendar brings; nothing is changed. */
export function readHolidays(file: File): Promise<Answer<HoursImportView>> {
  return sent("POST", "/company/hours/import", file, { "Content-Type": "text/calendar" });
}

/** The description of the API (OpenAPI 3.1). */
export function description(): Promise<Answer<unknown>> {
  return ask("GET", "/openapi.json");
}

/** What is looked for in the audit; what is empty does not matter. */
export interface Sought {
  readonly kind: string;
  readonly name: string;
  readonly author: string;
  /** Days, as `2027-01-31`. */
  readonly from: string;
  readonly to: string;
}

export function changes(sought: Sought, cursor: string | null): Promise<Answer<Audit>> {
  return ask("GET", `/company/audit?${auditQuery(sought, cursor)}`);
}

export function auditQuery({ kind, name, author, from, to }: Sought, cursor: string | null): string {
  const midnight = (day: string, days: number): string => {
    const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
    return day === "" ? "" : String(new Date(year, month - 1, date + days).getTime());
  };
  // Up to the end of its last day.
  const asked = { kind, name: name.trim(), author: author.trim(), from: midnight(from, 0), to: midnight(to, 1), limit: "50", cursor: cursor ?? "" };
  return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== "")).toString();
}

function at(which: Which): string {
  return which.kind === "company" ? "/company" : `/company/${which.kind}/${encodeURIComponent(which.id)}`;
}

function ask<T>(method: string, path: string, body?: Settings, tag: string | null = null): Promise<Answer<T>> {
  const headers = {
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(tag === null ? {} : { "If-Match": tag }),
  };
  return sent(method, path, body === undefined ? undefined : JSON.stringify(body), headers);
}

export async function sent<T>(method: string, path: string, body: BodyInit | undefined, headers: Record<string, string>): Promise<Answer<T>> {
  try {
    const asked = { method, headers, credentials: "same-origin", cache: "no-store" } as const;
    const response = await fetch(`/api/v1${path}`, body === undefined ? asked : { ...asked, body });
    const read: unknown = await response.json();
    if (response.ok) return { ok: true, value: read as T, tag: response.headers.get("ETag") };
    const { code = "unavailable", refusals = [] } = read as Problem;
    return { ok: false, code, refusals: refusals.map(refusal) };
  } catch {
    return { ok: false, code: "unavailable", refusals: [] };
  }
}

interface Problem {
  code?: Code;
  refusals?: readonly { kind: string; name: string; key: string | null; message: string; message_de: string }[];
}

function refusal({ kind, name, key, message, message_de }: NonNullable<Problem["refusals"]>[number]): Refusal {
  const said = getLocale() === "de" ? message_de : sentence(message);
  return { kind, name, path: key, said };
}

export type { CompanyThing, DifferenceView };

// Contacts that the daemon takes over from a table or from cards: what it tells of them, line by line, and what becomes of that on
// the screen.

import { stream, type Outcome } from "./rest";
import type { Code } from "../../web-shared/src/protocol/error";
import type { ImportColumn, ImportNews } from "../../web-shared/src/protocol/contacts";

/** So many lines that were left out are shown; of the others only how many they are. */
export const SHOWN_MAX = 200;

export interface Refused {
  readonly line: number;
  /** `null` in a table. */
  readonly card: number | null;
  readonly message: string;
  readonly message_de: string;
}

export interface Counts {
  readonly made: number;
  readonly changed: number;
  readonly same: number;
  readonly refused: number;
}

export interface Report {
  readonly columns: readonly ImportColumn[];
  readonly lines: number;
  readonly done: number;
  readonly refused: readonly Refused[];
  /** `null` while it goes on. */
  readonly end: Counts | { readonly failed: Code } | null;
}

export const NOTHING: Report = { columns: [], lines: 0, done: 0, refused: [], end: null };

/** What is known once this was told. */
export function heardOf(report: Report, news: ImportNews): Report {
  switch (news.kind) {
    case "read":
      return { ...report, columns: news.columns, lines: news.lines };
    case "refused":
      return report.refused.length >= SHOWN_MAX ? report : { ...report, refused: [...report.refused, news] };
    case "progress":
      return { ...report, done: news.done };
    case "done":
      return { ...report, done: report.lines, end: news };
    case "failed":
      return { ...report, end: { failed: news.code } };
  }
}

interface Asked {
  readonly table: Blob;
  /** Only to see what would become of it. */
  readonly dry: boolean;
  /** What the columns hold; `null`: as the daemon guesses. */
  readonly columns: readonly string[] | null;
}

export function importContacts({ table, dry, columns }: Asked, tell: (news: ImportNews) => void): Promise<Outcome<null>> {
  const query = new URLSearchParams({ dry_run: String(dry), ...(columns === null ? {} : { columns: JSON.stringify(columns) }) });
  return stream(`/contacts/import?${query.toString()}`, table, kindOf(table), (news) => tell(news as ImportNews));
}

/** Cards are known by their name where a system does not know the kind; a table is anything else. */
function kindOf(file: Blob): string {
  const isCards = /vcard|directory/.test(file.type) || (file instanceof File && /\.(vcf|vcard)$/i.test(file.name));
  return isCards ? "text/vcard" : "text/csv";
}

/** What a column can be said to hold, whatever it was guessed to hold. */
export function choicesFor({ header, holds }: ImportColumn, fields: readonly string[]): string[] {
  const usual = ["name", "organisation", "telephone", "email", "language", "notes"];
  const own = [...fields, header].filter((field) => field !== "").map((field) => `field:${field}`);
  const ids = header === "" ? [] : [`other:${systemOf(header)}`];
  return [...new Set([...usual, ...own, ...ids, holds, "ignored"])];
}

/** A name that another system can have: short, without spaces. */
function systemOf(header: string): string {
  return header.toLowerCase().replace(/[^a-z0-9_.-]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "crm";
}

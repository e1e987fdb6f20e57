// Many people at once: the table that is sent, and the one of what was made for them.

import type { PeopleImported, PersonSecrets } from "../../../web-shared/src/protocol/rest";
import { m } from "../paraglide/messages.js";
import { getLocale } from "../paraglide/runtime.js";
import { sent, type Answer } from "./api";

/** `dry`: only to see what would become of it. `tag`: only if that is still what was seen. */
export function importPeople(table: Blob, dry: boolean, tag: string | null): Promise<Answer<PeopleImported>> {
  const headers = { "Content-Type": "text/csv", ...(tag === null ? {} : { "If-Match": tag }) };
  return sent("POST", `/company/people/import?dry_run=${dry}`, table, headers);
}

export function addressOf(what: "template" | "export"): string {
  return `/api/v1/company/people/${what}?language=${getLocale()}`;
}

export function columns(): readonly string[] {
  return [m.admin_login_name(), m.admin_display_name(), m.admin_password(), m.admin_phone(), m.admin_phone_password()];
}

export function cells({ login_name, display_name, password, phone, phone_password }: PersonSecrets): readonly string[] {
  return [login_name, display_name, password ?? "", phone ?? "", phone_password ?? ""];
}

/** As spreadsheets read it: with semicolons in German, and with a mark by which they know that it is UTF-8. */
export function secretsTable(given: readonly PersonSecrets[]): string {
  const separator = getLocale() === "de" ? ";" : ",";
  const line = (row: readonly string[]): string => row.map((cell) => quoted(harmless(cell))).join(separator);
  return `\ufeff${[columns(), ...given.map(cells)].map(line).join("\r\n")}\r\n`;
}

function quoted(cell: string): string {
  return /[",;\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** A spreadsheet takes what begins like this for a formula; a number with a country is none. */
function harmless(cell: string): string {
  return /^[=@\-\t\r]|^\+(?!\d*$)/.test(cell) ? `'${cell}` : cell;
}

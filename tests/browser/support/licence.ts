// Licences for the tests' companies, issued with a key of this process's own.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const BINARY = process.env["VORRANG_BIN"] ?? join(import.meta.dirname, "../../../target/debug/vorrang");

export interface Terms {
  readonly agents?: number;
  /** A day, or a time as RFC 3339 has it. */
  readonly from?: string;
  readonly until?: string;
  readonly graceDays?: number;
}

interface Issuer {
  readonly file: string;
  readonly publicKey: string;
}

let issuer: Issuer | null = null;

function theIssuer(): Issuer {
  if (issuer !== null) return issuer;
  const folder = mkdtempSync(join(tmpdir(), "vorrang-issuer-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "issuer.key");
  const key = /k4\.public\.[\w-]+/.exec(vorrang("licence", "keygen", file))?.[0];
  if (key === undefined) throw new Error("vorrang licence keygen printed no key");
  issuer = { file, publicKey: key };
  return issuer;
}

/** What belongs into `licence.public_key`. */
export function publicKey(): string {
  return theIssuer().publicKey;
}

/** A licence; one by which nothing stands in the way of a company's chats, unless something else is said. */
export function issue(company: string, { agents = 10_000, from = "1970-01-01", until = "2199-12-31", graceDays = 0 }: Terms = {}): string {
  const terms = ["--agents", String(agents), "--from", from, "--until", until, "--grace-days", String(graceDays)];
  return vorrang("licence", "issue", "--key", theIssuer().file, "--company", company, ...terms).trim();
}

/** A company's file with its licence, unless it says something of that itself. */
export function licensed(file: string): string {
  const name = /^\[company\]\s+name = "([^"]*)"/m.exec(file)?.[1];
  if (name === undefined || /^licence = /m.test(file)) return file;
  return file.replace(/^\[company\]$/m, `[company]\nlicence = "${issue(name)}"`);
}

function vorrang(...words: readonly string[]): string {
  const ran = spawnSync(BINARY, words);
  if (ran.status !== 0) throw new Error(`vorrang ${words.join(" ")}: ${ran.error ?? ran.stderr.toString()}`);
  return ran.stdout.toString();
}

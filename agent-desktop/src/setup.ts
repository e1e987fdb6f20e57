// How an installation gets its first company: asked and done over REST, by the link that the daemon printed.

import type { Code } from "../../web-shared/src/protocol/error";
import type { CurrentSession, NewSetup, SetupView } from "../../web-shared/src/protocol/rest";
import { getLocale } from "./paraglide/runtime.js";
import { sentence } from "./sentence";

export type Outcome =
  | { readonly ok: true; readonly value: CurrentSession }
  | { readonly ok: false; readonly code: Code; /** What is wrong, by the key of what was wanted. */ readonly wrong: ReadonlyMap<string, string> };

interface Refused {
  readonly code?: Code;
  readonly refusals?: readonly { kind: string; key: string | null; message: string; message_de: string }[];
}

/** Whether somebody is here by the link, or wants to be. */
export function isSetup(path: string): boolean {
  return path === "/setup";
}

/** Whether the installation waits for its first administrator; where that cannot be asked it does not. */
export async function waits(): Promise<boolean> {
  try {
    const response = await fetch("/api/v1/setup", { cache: "no-store" });
    return response.ok && ((await response.json()) as SetupView).is_open;
  } catch {
    return false;
  }
}

export async function setUp(wanted: NewSetup): Promise<Outcome> {
  try {
    const response = await fetch("/api/v1/setup", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      body: JSON.stringify(wanted),
    });
    if (response.ok) return { ok: true, value: (await response.json()) as CurrentSession };
    return refused((await response.json()) as Refused);
  } catch {
    return { ok: false, code: "unavailable", wrong: new Map() };
  }
}

export function refused({ code = "unavailable", refusals = [] }: Refused): Outcome {
  const said = (one: { message: string; message_de: string }): string => (getLocale() === "de" ? one.message_de : sentence(one.message));
  // A company's name is its own key, and so is that of a person.
  const at = (kind: string, key: string | null): string => (kind === "company" && (key ?? "name") === "name" ? "company" : (key ?? "login_name"));
  return { ok: false, code, wrong: new Map(refusals.toReversed().map((one) => [at(one.kind, one.key), said(one)])) };
}

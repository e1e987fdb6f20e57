// Who is signed in at this browser: asked, begun and ended over REST. The cookie is never seen here.

import type { Code, Problem } from "../../web-shared/src/protocol/error";
import type { Area, CurrentSession, NewSession } from "../../web-shared/src/protocol/rest";

export type Outcome<T> = { ok: true; value: T } | { ok: false; code: Code };

const AT = "/api/v1/sessions";

/** The session, `null` if nobody is signed in; an error code if the daemon could not be asked. */
export async function currentSession(): Promise<Outcome<CurrentSession | null>> {
  const response = await ask(`${AT}/current`, { method: "GET" });
  if (response?.status === 401) return { ok: true, value: null };
  if (response?.ok) return { ok: true, value: (await response.json()) as CurrentSession };
  return { ok: false, code: await codeOf(response) };
}

export async function signIn(who: NewSession): Promise<Outcome<CurrentSession>> {
  const response = await ask(AT, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(who),
  });
  if (response?.ok) return { ok: true, value: (await response.json()) as CurrentSession };
  return { ok: false, code: await codeOf(response) };
}

export async function signOut(): Promise<Outcome<null>> {
  const response = await ask(`${AT}/current`, { method: "DELETE" });
  if (response?.ok || response?.status === 401) return { ok: true, value: null };
  return { ok: false, code: await codeOf(response) };
}

async function ask(path: string, init: RequestInit): Promise<Response | null> {
  try {
    return await fetch(path, { ...init, credentials: "same-origin", cache: "no-store" });
  } catch {
    return null;
  }
}

async function codeOf(response: Response | null): Promise<Code> {
  if (response === null) return "unavailable";
  try {
    return ((await response.json()) as Problem).code ?? "unavailable";
  } catch {
    return "unavailable";
  }
}

/** Whether somebody may see something of an area; with `change`, whether they may change something of it. */
export function may({ rights }: CurrentSession, area: Area, change = false): boolean {
  return rights.some((one) => one.area === area && (!change || one.changes !== null));
}

// What is asked of the daemon beside its socket. Never throws: what came of it is a value.

import type { Code, Problem } from "../../web-shared/src/protocol/error";

export type Outcome<T> = { ok: true; value: T } | { ok: false; code: Code; /** At which fields, if it was refused there. */ at: readonly string[] };

export async function get<T>(path: string): Promise<Outcome<T>> {
  return outcome<T>(await fetched(path, { method: "GET" }));
}

export async function put<T>(path: string, body: unknown): Promise<Outcome<T>> {
  return outcome<T>(await fetched(path, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));
}

export async function remove(path: string): Promise<Outcome<null>> {
  return outcome<null>(await fetched(path, { method: "DELETE" }));
}

/** `null`: the daemon was not reached. */
async function fetched(path: string, init: RequestInit): Promise<Response | null> {
  try {
    return await fetch(`/api/v1${path}`, { ...init, credentials: "same-origin", cache: "no-store" });
  } catch {
    return null;
  }
}

async function outcome<T>(response: Response | null): Promise<Outcome<T>> {
  if (response === null) return { ok: false, code: "unavailable", at: [] };
  try {
    const body: unknown = response.status === 204 ? null : await response.json();
    if (response.ok) return { ok: true, value: body as T };
    const { code = "unavailable", refusals = [] } = body as Partial<Problem> & { refusals?: { key: string | null }[] };
    return { ok: false, code, at: refusals.flatMap(({ key }) => (key === null ? [] : [key])) };
  } catch {
    return { ok: false, code: "unavailable", at: [] };
  }
}

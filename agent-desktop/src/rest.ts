// What is asked of the daemon beside its socket. Never throws: what came of it is a value.

import type { Code, Problem } from "../../web-shared/src/protocol/error";

/** What is wrong with a form, at which of its fields. */
export interface FieldRefusal {
  readonly key: string | null;
  readonly message: string;
  readonly message_de: string;
}

export type Outcome<T> =
  | { ok: true; value: T; /** By which it is seen whether it is another one by now. */ tag?: string | null }
  | { ok: false; code: Code; /** At which fields, if it was refused there. */ at: readonly string[]; refusals: readonly FieldRefusal[] };

export async function get<T>(path: string, signal: AbortSignal | null = null): Promise<Outcome<T>> {
  return outcome<T>(await fetched(path, { method: "GET", signal }));
}

export function put<T>(path: string, body: unknown): Promise<Outcome<T>> {
  return send("PUT", path, body);
}

/** `tag`: only if it is still as this one says. */
export async function send<T>(method: string, path: string, body: unknown, tag: string | null = null): Promise<Outcome<T>> {
  const headers = { "Content-Type": "application/json", ...(tag === null ? {} : { "If-Match": tag }) };
  return outcome<T>(await fetched(path, { method, headers, body: JSON.stringify(body) }));
}

export async function remove<T = null>(path: string): Promise<Outcome<T>> {
  return outcome<T>(await fetched(path, { method: "DELETE" }));
}

/** Sends a file, and tells each line of JSON that comes back as soon as it is there. */
export async function stream(path: string, body: Blob, type: string, tell: (line: unknown) => void): Promise<Outcome<null>> {
  const response = await fetched(path, { method: "POST", headers: { "Content-Type": type }, body });
  if (response?.ok !== true || response.body === null) return outcome<null>(response);
  try {
    let left = "";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      const lines = `${left}${value ?? ""}`.split("\n");
      left = lines.pop() ?? "";
      for (const line of lines) tell(JSON.parse(line));
      if (done) return { ok: true, value: null };
    }
  } catch {
    return outcome<null>(null);
  }
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
  if (response === null) return { ok: false, code: "unavailable", at: [], refusals: [] };
  try {
    const body: unknown = response.status === 204 ? null : await response.json();
    if (response.ok) return { ok: true, value: body as T, tag: response.headers.get("ETag") };
    const { code = "unavailable", refusals = [] } = body as Partial<Problem> & { refusals?: FieldRefusal[] };
    return { ok: false, code, at: refusals.flatMap(({ key }) => (key === null ? [] : [key])), refusals };
  } catch {
    return { ok: false, code: "unavailable", at: [], refusals: [] };
  }
}

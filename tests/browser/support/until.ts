// Waiting for a condition, with a deadline: never for a time in the hope that it will be true by then.

import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 20;

/** The probe's first value that is neither false, null nor undefined. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<T, false | null | undefined>;
    }
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(POLL_MS);
  }
}

/** Watches that something stays true for a while: for what must not happen. */
export async function stays(what: string, forMs: number, probe: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + forMs;
  while (Date.now() < deadline) {
    if (!(await probe())) throw new Error(`did not stay: ${what}`);
    await pause(POLL_MS);
  }
}

// Which of one's own items are looked for, as the daemon is asked for them.

import { callRef, chatRef, heard, taskRef } from "./items";
import type { ItemRef } from "../../web-shared/src/protocol/agent";

export interface Sought {
  readonly text: string;
  /** `null`: any. */
  readonly queue: number | null;
  readonly days: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The path of a page; `cursor`: the end of the page before. */
export function ownItemsPath({ text, queue, days }: Sought, now: number, cursor: string | null): string {
  // The desktop's clock knows parts of milliseconds, the daemon's does not.
  const query = new URLSearchParams({ from: String(Math.max(0, Math.floor(now - days * DAY_MS))) });
  if (text.trim() !== "") query.set("text", text.trim());
  if (queue !== null) query.set("queue", String(queue));
  if (cursor !== null) query.set("cursor", cursor);
  return `/items?${query}`;
}

/** A record calls its item as people do: `chat 1-6`. */
export function itemOfRecord(name: string): ItemRef | null {
  const [kind, number] = name.split(/[ :]/);
  const id = heard(number ?? null);
  if (Number.isNaN(id)) return null;
  if (kind === "call") return callRef(id);
  if (kind === "chat") return chatRef(id);
  return kind === "task" ? taskRef(id) : null;
}

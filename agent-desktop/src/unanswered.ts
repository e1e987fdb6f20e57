// How long visitors wait for an answer: what of it is worth a word, and who comes first by it.
// Pure: the time and the chats are given.

import type { ChatView } from "../../web-shared/src/protocol/agent";
import type { InboxItem } from "./state";

/** After so long a wait is long, and after so long it is too long. */
export const LONG_MS = 60_000;
export const TOO_LONG_MS = 180_000;

export type Wait = "short" | "long" | "too_long";

export function waitOf(ms: number): Wait {
  return ms >= TOO_LONG_MS ? "too_long" : ms >= LONG_MS ? "long" : "short";
}

/** Since when its visitor waits for an answer; `null` if they do not, or nobody can answer any more. */
export function waitsSince({ state, unanswered_since }: ChatView): number | null {
  return state.state === "wrap_up" ? null : unanswered_since;
}

/** Those who wait longest first, then the others as they were. */
export function waitingFirst(items: readonly InboxItem[]): InboxItem[] {
  const since = (one: InboxItem): number => (one.kind === "chat" ? waitsSince(one.view) : null) ?? Infinity;
  // Equal ones keep their order; Infinity less Infinity would be no number.
  return items.toSorted((a, b) => (since(a) === since(b) ? 0 : since(a) - since(b)));
}

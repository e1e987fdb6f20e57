// Which part of a long chat is drawn: a page with ten thousand messages in it is slow at everything.
// Pure: where one has scrolled to is the view's business.

import type { Message } from "../../web-shared/src/protocol/visitor";

/** So many are drawn at most, several screens of them; and so many further on or back with each step. */
export const PART_MAX = 200;
export const STEP = 50;

/** The number of the last message that is drawn; `null`: the latest, also when further ones come. */
export type Last = number | null;

/** The messages that are drawn. */
export function part(messages: readonly Message[], last: Last): readonly Message[] {
  const end = endOf(messages, last);
  return messages.slice(Math.max(0, end - PART_MAX), end);
}

/** A step towards the beginning, as far as messages are there. */
export function back(messages: readonly Message[], last: Last): Last {
  const end = endOf(messages, last);
  const hidden = Math.max(0, end - PART_MAX);
  return hidden === 0 ? last : (messages[end - Math.min(STEP, hidden) - 1]?.number ?? null);
}

/** A step towards the end. */
export function on(messages: readonly Message[], last: Last): Last {
  const end = endOf(messages, last) + STEP;
  return end >= messages.length ? null : (messages[end - 1]?.number ?? null);
}

function endOf(messages: readonly Message[], last: Last): number {
  const at = last === null ? -1 : messages.findLastIndex(({ number }) => number <= last);
  return at === -1 ? messages.length : at + 1;
}

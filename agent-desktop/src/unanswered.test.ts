import { expect, test } from "vitest";
import { chatRef, taskRef } from "./items";
import type { InboxItem } from "./state";
import { chat, task } from "./testing";
import { waitingFirst, waitOf, waitsSince } from "./unanswered";

test.each([
  [0, "short"],
  [59_999, "short"],
  [60_000, "long"],
  [179_999, "long"],
  [180_000, "too_long"],
] as const)("a wait of %i ms is %s", (ms, wait) => {
  expect(waitOf(ms)).toBe(wait);
});

test("whoever waits longest comes first, and the others stay in their order", () => {
  const of = (id: number, unanswered_since: number | null): InboxItem => ({ kind: "chat", item: chatRef(id), view: chat(id, { unanswered_since }) });
  const work: InboxItem = { kind: "task", item: taskRef(9), view: task(9) };
  const sorted = waitingFirst([of(1, null), work, of(2, 300), of(3, null), of(4, 200)]);
  expect(sorted.map(({ item }) => item.id)).toEqual([4, 2, 1, 9, 3]);
});

test("nobody waits once the conversation is over", () => {
  const over = chat(1, { unanswered_since: 5, state: { state: "wrap_up", ended_by: "visitor", active: true } });
  expect([waitsSince(over), waitsSince(chat(1, { unanswered_since: 5 }))]).toEqual([null, 5]);
});

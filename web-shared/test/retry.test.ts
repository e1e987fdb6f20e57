import { expect, test } from "vitest";
import { retryAfter } from "../src/retry";

test("the wait doubles up to ten seconds, and is never less than half of one", () => {
  const tries = [0, 1, 2, 3, 4, 5, 60];
  expect(tries.map((count) => retryAfter(count, 1))).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  expect(tries.map((count) => retryAfter(count, 0))).toEqual(tries.map(() => 500));
});

test("of a thousand pages that lose the daemon at once few come back in the same moment", () => {
  const waits = Array.from({ length: 1_000 }, (_, page) => Math.floor(retryAfter(0, page / 1_000) / 10));
  expect(new Set(waits).size).toBe(50);
});

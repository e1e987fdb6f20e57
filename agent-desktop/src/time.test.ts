import { expect, test } from "vitest";
import { countdown, duration, leftMs, spentMs } from "./time";

test.each([
  [-5, "0:00"],
  [7_999, "0:07"],
  [760_000, "12:40"],
  [3_723_000, "1:02:03"],
])("%i ms are written %s", (ms, written) => {
  expect(duration(ms)).toBe(written);
});

test("a countdown shows zero only when nothing is left", () => {
  expect([20_000, 19_001, 1, 0].map(countdown)).toEqual(["0:20", "0:20", "0:01", "0:00"]);
});

test("a clock that stands still shows what was spent, one that runs goes on, and none goes back", () => {
  expect(spentMs({ spent_ms: 500, running_since: null }, 9_000)).toBe(500);
  expect(spentMs({ spent_ms: 500, running_since: 8_000 }, 9_000)).toBe(1_500);
  expect(spentMs({ spent_ms: 500, running_since: 9_300 }, 9_000)).toBe(500);
});

test("a wrap-up ends at its limit", () => {
  const wrapUp = { clock: { spent_ms: 50_000, running_since: 0 }, limit_ms: 60_000, extensions_left: 3, extend: null, finish: null };
  expect(leftMs(wrapUp, 4_000)).toBe(6_000);
  expect(leftMs(wrapUp, 99_000)).toBe(0);
});

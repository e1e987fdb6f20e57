import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Typing } from "./typing";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("typing is said at most every three seconds, and its end once", () => {
  const said: boolean[] = [];
  const typing = new Typing((on) => said.push(on));
  for (let key = 0; key < 7; key += 1) {
    typing.set(true);
    vi.advanceTimersByTime(1_000);
  }
  expect(said).toEqual([true, true, true]);
  typing.set(false);
  typing.set(false);
  expect(said).toEqual([true, true, true, false]);
});

test("who stops without a word is said to have stopped", () => {
  const said: boolean[] = [];
  new Typing((on) => said.push(on)).set(true);
  vi.advanceTimersByTime(5_000);
  expect(said).toEqual([true, false]);
});

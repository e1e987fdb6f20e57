import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Typing } from "../src/typing";

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

test("it is said every three seconds while somebody writes, and taken back after five", () => {
  const said: boolean[] = [];
  const typing = new Typing((on) => said.push(on));
  for (let key = 0; key < 13; key += 1) {
    typing.set(true);
    vi.advanceTimersByTime(500);
  }
  expect(said).toEqual([true, true, true]);
  vi.advanceTimersByTime(5_000);
  expect(said).toEqual([true, true, true, false]);
});

test("it ends with the message", () => {
  const said: boolean[] = [];
  const typing = new Typing((on) => said.push(on));
  typing.set(true);
  typing.set(false);
  typing.set(false);
  vi.advanceTimersByTime(10_000);
  expect(said).toEqual([true, false]);
});

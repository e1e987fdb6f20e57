import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Typing } from "../src/typing";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("is told every three seconds while the visitor writes, and taken back after five", () => {
  const told: boolean[] = [];
  const typing = new Typing((on) => told.push(on), Date.now);
  for (let key = 0; key < 13; key += 1) {
    typing.wrote();
    vi.advanceTimersByTime(500);
  }
  expect(told).toEqual([true, true, true]);
  vi.advanceTimersByTime(5_000);
  expect(told).toEqual([true, true, true, false]);
});

it("ends with the message", () => {
  const told: boolean[] = [];
  const typing = new Typing((on) => told.push(on), Date.now);
  typing.wrote();
  typing.stopped();
  typing.stopped();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([true, false]);
});

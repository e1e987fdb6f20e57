import { expect, test } from "vitest";
import { merged, sameWritten } from "./writeUp";

const written = (note: string, ...about: number[]): { note: string; about: number[] } => ({ note, about });

test("nothing that two wrote at the same time is lost", () => {
  const rows: [string, string, string, string][] = [
    // base, mine, theirs, expected
    ["", "called", "", "called"],
    ["", "", "called", "called"],
    ["wheel", "wheel broken", "wheel", "wheel broken"],
    ["wheel", "wheel", "wheel broken", "wheel broken"],
    ["wheel", "wheel broken, call back", "wheel broken", "wheel broken, call back"],
    ["wheel", "wheel broken", "wheel paid", "wheel paid\nbroken"],
    ["wheel", "all new", "wheel paid", "wheel paid\nall new"],
    ["wheel", "wheel paid", "wheel paid for", "wheel paid for"],
  ];
  for (const [base, mine, theirs, expected] of rows) {
    expect(merged(written(base), written(mine), written(theirs)).note).toBe(expected);
  }
});

test("of classifications each one's additions and removals hold", () => {
  expect(merged(written("", 1, 2), written("", 2, 3), written("", 1, 2, 4)).about).toEqual([2, 4, 3]);
  expect(merged(written(""), written("", 3), written("", 3)).about).toEqual([3]);
});

test("the order in which classifications were chosen is none of their difference", () => {
  expect(sameWritten(written("x", 1, 2), written("x", 2, 1))).toBe(true);
  expect(sameWritten(written("x", 1), written("x", 2))).toBe(false);
});

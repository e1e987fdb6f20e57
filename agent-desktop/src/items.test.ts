import { expect, test } from "vitest";
import { heard, said } from "./items";

test("a number is said as the daemon says it, and heard in both ways", () => {
  expect([17, 2 ** 32 + 6, 3 * 2 ** 32 + 40, 2 ** 32].map(said)).toEqual(["17", "1-6", "3-40", "1-0"]);
  for (const id of [0, 17, 2 ** 32 + 6, Number.MAX_SAFE_INTEGER]) {
    expect(heard(said(id))).toBe(id);
    expect(heard(String(id))).toBe(id);
  }
});

test.each([null, "", "-", "1-", "-6", "1-6-2", "x", "1.5", "99999999999999999", "9999999-0"])("%s is no number of an item", (text) => {
  expect(heard(text)).toBeNaN();
});

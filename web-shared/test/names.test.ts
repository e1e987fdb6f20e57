import { expect, test } from "vitest";
import { newName } from "../src/names";

test("a name is as many bytes in hexadecimal as were asked for, and never the same", () => {
  const names = Array.from({ length: 100 }, () => newName(8));
  expect(names.every((name) => /^[0-9a-f]{16}$/.test(name))).toBe(true);
  expect(new Set(names).size).toBe(100);
});

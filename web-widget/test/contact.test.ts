import { expect, it } from "vitest";
import { reaches } from "../src/contact";

it.each([
  ["callback", "030 123456", true],
  ["callback", "+49 (0)30 / 123 45-67", true],
  ["callback", "abc", false],
  ["callback", "12345", false],
  ["callback", "anna123456@example.com", false],
  ["email", "anna@example.com", true],
  ["email", "anna@example", false],
  ["email", "030 123456", false],
] as const)("somebody who wants a %s and writes %s: %s", (kind, contact, expected) => {
  expect(reaches(kind, contact)).toBe(expected);
});

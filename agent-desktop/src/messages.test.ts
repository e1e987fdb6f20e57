import { expect, test } from "vitest";
import de from "../messages/de.json";
import en from "../messages/en.json";

/** The names that a text has holes for. */
function holes(text: unknown): string[] {
  return [...new Set(JSON.stringify(text).match(/\{[a-z]+\}/g))].toSorted();
}

test("every text is there in both languages", () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
});

test("every text has the same holes in both languages, and none is empty", () => {
  for (const [key, text] of Object.entries(en)) {
    const other: unknown = Object.entries(de).find(([name]) => name === key)?.[1];
    expect([key, holes(other)]).toEqual([key, holes(text)]);
    expect(other, key).not.toBe("");
    expect(text, key).not.toBe("");
  }
});

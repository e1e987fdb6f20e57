import { expect, test } from "vitest";
import de from "../messages/de.json";
import en from "../messages/en.json";
import { m } from "./paraglide/messages.js";
import { overwriteGetLocale } from "./paraglide/runtime.js";

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

test("a text says what stands in its language's file, and is built as one function", () => {
  const said = new Map(Object.entries<unknown>(m));
  for (const [locale, texts] of Object.entries({ en, de })) {
    overwriteGetLocale(() => (locale === "de" ? "de" : "en"));
    for (const [key, text] of Object.entries(texts)) {
      if (typeof text !== "string") continue;
      const names = holes(text).map((hole) => hole.slice(1, -1));
      const say = said.get(key);
      if (typeof say !== "function") throw new Error(`there is no ${key}`);
      expect(say(Object.fromEntries(names.map((name) => [name, `{${name}}`]))), key).toBe(text);
      expect(String(say), key).not.toContain("options");
    }
  }
});

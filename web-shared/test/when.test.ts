import { expect, test } from "vitest";
import { inFull, when, writing } from "../src/when";
import table from "./times.json";

declare const process: { env: Record<string, string> };
process.env["TZ"] = table.zone;

/** Some browsers keep the time together with a narrow space. */
function plain(text: string): string {
  return text.replace(/\s/g, " ");
}

test.each(table.written)("in $language, for a browser that speaks $browser, $at is written $text", ({ language, browser, at, text }) => {
  const way = writing(language, browser);
  expect(plain(when(way, Date.parse(at), Date.parse(table.now)))).toBe(text);
});

test("in full it has the day and the second", () => {
  const at = Date.parse("2026-11-12T09:05:07+01:00");
  expect(plain(inFull("de", at))).toBe("Donnerstag, 12. November 2026 um 09:05:07");
  expect(plain(inFull("en-GB", at))).toContain("Thursday");
});

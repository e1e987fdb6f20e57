import { afterEach, expect, it, vi } from "vitest";
import { type Language } from "../src/text";
import { clock } from "../src/view/log";
import table from "../../web-shared/test/times.json";

declare const process: { env: Record<string, string> };
process.env["TZ"] = table.zone;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it.each(table.written)("writes $at as $text in $language, for a browser that speaks $browser", ({ language, browser, at, text }) => {
  vi.stubGlobal("navigator", { languages: browser });
  vi.useFakeTimers({ now: Date.parse(table.now) });
  // Some browsers keep the time together with a narrow space.
  expect(clock(language as Language, Date.parse(at)).replace(/\s/g, " ")).toBe(text);
});

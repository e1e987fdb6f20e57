import { expect, test } from "vitest";
import { overwriteGetLocale } from "./paraglide/runtime.js";
import { isSetup, refused } from "./setup";

overwriteGetLocale(() => "de");

test("what is wrong stands beside what was wanted, the first of several at the same place", () => {
  const one = (kind: string, key: string | null, message_de: string) => ({ kind, key, message: "wrong", message_de });
  const outcome = refused({
    code: "refused",
    refusals: [one("company", "name", "leer"), one("company", "country", "unbekannt"), one("agent", null, "vergeben"), one("agent", "password", "zu kurz"), one("agent", "password", "zu einfach")],
  });
  expect(outcome.ok ? null : [...outcome.wrong].toSorted()).toEqual([
    ["company", "leer"],
    ["country", "unbekannt"],
    ["login_name", "vergeben"],
    ["password", "zu kurz"],
  ]);
});

test("the control: an answer that says nothing is one that could not be understood", () => {
  expect(refused({})).toEqual({ ok: false, code: "unavailable", wrong: new Map() });
  expect([isSetup("/setup"), isSetup("/"), isSetup("/setup/more")]).toEqual([true, false, false]);
});

import { expect, test } from "vitest";
import { overwriteGetLocale } from "../paraglide/runtime.js";
import { differences, KINDS_OF_CHANGES, kindInWords, whatInWords } from "./differences";

overwriteGetLocale(() => "en");

const change = (kind: string, from: object, to: object, what = "changed"): Parameters<typeof differences>[0] => ({
  kind,
  name: "x",
  what,
  from: from as Record<string, unknown>,
  to: to as Record<string, unknown>,
});

test("a change is said field by field, in the words of the form", () => {
  const queue = differences(change("queue", { ring_s: 15, head_start_s: { call: "strict", chat: 60 } }, { ring_s: 20, push: ["chat"], head_start_s: { call: "strict", chat: 90 } }));
  expect(queue.map(({ path, from, to }) => [path, from, to])).toEqual([
    ["ring_s", "15 s", "20 s"],
    ["head_start_s.chat", "60 s", "90 s"],
    ["push", null, "Chat"],
  ]);
  expect(queue.every(({ label, path }) => label !== path)).toBe(true);
});

test("what is back at its default is said, secrets are not, and what is gone needs no list", () => {
  const [chats] = differences(change("agent", { chats_max: 4 }, {}));
  expect(chats).toMatchObject({ path: "chats_max", from: "4" });
  const masked = { password_hash: "(secret)" };
  const [password, other] = differences(change("agent", masked, { ...masked, x: 1 }));
  expect(password?.to).toBe("changed (secret)");
  expect(password?.label).not.toBe("password_hash");
  expect(other).toMatchObject({ path: "x", label: "x", to: "1" });
  expect(differences(change("queue", { ring_s: 15 }, {}, "removed"))).toEqual([]);
  const phone = { phone_ha1_md5: "(secret)", phone_ha1_sha256: "(secret)", queues: [] };
  expect(differences(change("agent", {}, phone, "new")).map(({ from, to }) => [from, to])).toEqual([
    [null, "set (secret)"],
    [null, "none"],
  ]);
});

test("every kind of change has a name", () => {
  for (const kind of KINDS_OF_CHANGES) expect(kindInWords(kind)).not.toBe(kind);
  expect(kindInWords("something else")).toBe("something else");
  expect(["new", "changed", "removed", "else"].map(whatInWords)).toEqual(["new", "changed", "removed", "else"]);
  overwriteGetLocale(() => "de");
  expect(["new", "changed", "removed", "given out"].map(whatInWords)).toEqual(["neu", "geändert", "entfernt", "herausgegeben"]);
});

test("a contact and what was written of an item are said in words, too, with the company's own fields", () => {
  overwriteGetLocale(() => "en");
  const before = { name: "Kim", points: ["telephone +4930123", "email kim@example.com"], "fields.Since": "2019-04-01" };
  const after = { name: "Kim Kern", points: ["telephone +4930123"], "fields.Since": "2020-04-01", merged_into: 7 };
  expect(differences(change("contact", before, after)).map(({ label, from, to }) => [label, from, to])).toEqual([
    ["Name", "Kim", "Kim Kern"],
    ["Numbers and addresses", "Telephone: +4930123, E-mail: kim@example.com", "Telephone: +4930123"],
    ["Since", "2019-04-01", "2020-04-01"],
    ["Merged into contact", null, "7"],
  ]);
  expect(differences(change("record", { note_characters: 3 }, { note_characters: 12 }))).toMatchObject([{ label: "Characters of the note", from: "3", to: "12" }]);
});

import { expect, test } from "vitest";
import { KEYS, WORDS } from "../../../web-shared/src/protocol/keys";
import { overwriteGetLocale } from "../paraglide/runtime.js";
import { asked, fieldsOf, wrongIn, withoutSecrets, type Field, type Group, type Input } from "./field";
import { COMPANY, KIND } from "./kinds";
import { KINDS } from "./place";

overwriteGetLocale(() => "en");

/** What an administrator gives in clear, and the daemon keeps as hashes: those have no fields. */
const HASHES = new Set(["password_hash", "phone_ha1_md5", "phone_ha1_sha256", "ha1_md5", "ha1_sha256", "token_hash"]);
/** What has a page of its own. */
const ELSEWHERE = new Set(["licence"]);
/** What one field enters as a whole. */
const WITHIN = new Set(["services.widget.form", "services.widget.form.choices", "hours.days"]);

const FORMS: [string, readonly Group[]][] = [["company", COMPANY], ...KINDS.map((kind): [string, readonly Group[]] => [kind, KIND[kind].groups])];

/** The keys of a table of settings and of what stands in it. */
function keysOf(kind: string): string[] {
  const prefix = `${kind}.`;
  const own = (KEYS[kind] ?? ["name"]).map((key) => key);
  const inner = Object.entries(KEYS).filter(([table]) => table.startsWith(prefix) && !WITHIN.has(table));
  const nested = inner.flatMap(([table, keys]) => {
    const path = table.slice(prefix.length);
    return path === "widget.texts" ? ["de", "en"].flatMap((one) => keys.map((key) => `${path}.${one}.${key}`)) : keys.map((key) => `${path}.${key}`);
  });
  const tables = new Set(inner.map(([table]) => table.slice(prefix.length)));
  return [...own, ...nested].filter((key) => !HASHES.has(key) && !ELSEWHERE.has(key) && (key === "announcements" || !tables.has(key)));
}

test.each(FORMS)("the form of %s has one field for each of its keys", (kind, groups) => {
  expect(fieldsOf(groups).map(({ path }) => path).toSorted()).toEqual(keysOf(kind).toSorted());
});

test("the control: a key that has no field is noticed", () => {
  expect(keysOf("queues")).toContain("announcements.every_s");
  expect(keysOf("queues")).toContain("head_start_s.work_item");
  expect(keysOf("services")).toContain("widget.texts.en.on_the_phone");
  expect(keysOf("services")).toContain("widget.form");
});

/** What can be chosen in a field. */
function choices(input: Input): string[] | null {
  return input.is === "one" || input.is === "some" ? Object.keys(input.of) : null;
}

test.each(FORMS)("what can be chosen in the form of %s are the daemon's words", (kind, groups) => {
  for (const { path, input } of fieldsOf(groups)) {
    const words = WORDS[`${kind}.${path}`];
    // Calls are given out always.
    const known = words === undefined ? null : [...words].filter((word) => !(path === "push" && word === "call"));
    expect([path, choices(input)?.toSorted() ?? null]).toEqual([path, known?.toSorted() ?? null]);
  }
});

test.each(FORMS)("the columns of %s are fields, and so is what it is known by", (kind, groups) => {
  const paths = fieldsOf(groups).map(({ path }) => path);
  const of = KINDS.find((one) => one === kind);
  if (of !== undefined) expect(paths).toEqual(expect.arrayContaining([KIND[of].named, KIND[of].shown, ...KIND[of].columns]));
});

const field = (path: string, input: Input, more: Partial<Field> = {}): Field => ({ path, label: () => path, input, ...more });

test("what is plainly wrong is said beside its field, and the rest is the daemon's to say", () => {
  const fields = [
    field("name", { is: "text" }, { needed: true }),
    field("ring_s", { is: "number", unit: "seconds", first: 1, last: 600 }),
    field("head_start_s.chat", { is: "head_start" }),
    field("hidden", { is: "text" }, { needed: true, when: () => false }),
  ];
  expect([...wrongIn(fields, { name: "Sales", ring_s: 20, head_start_s: { chat: "strict" } }).keys()]).toEqual([]);
  expect([...wrongIn(fields, { name: " ", ring_s: "soon", head_start_s: { chat: "x" } }).keys()]).toEqual(["name", "ring_s", "head_start_s.chat"]);
  expect([...wrongIn(fields, { name: "Sales", head_start_s: { chat: "" } }).keys()]).toEqual(["head_start_s.chat"]);
  expect([...wrongIn(fields, { name: "Sales", ring_s: 0 }).keys()]).toEqual(["ring_s"]);
  expect([...wrongIn(fields, { name: "Sales", ring_s: 601 }).keys()]).toEqual(["ring_s"]);
});

test("what is not asked for is not sent, also where one thing follows from another", () => {
  const trunk = fieldsOf(KIND.trunks.groups);
  const both = { name: "line", registrar: "sip.example.com", user: "u", server: "gw.example.com", expires_s: 600 };
  expect(asked(trunk, both)).toEqual({ name: "line", registrar: "sip.example.com", user: "u", expires_s: 600 });
  expect(asked(trunk, { name: "line", address: ["192.0.2.1"], probe_s: 60, expires_s: 600 })).toEqual({ name: "line", address: ["192.0.2.1"] });
  expect(asked(fieldsOf(KIND.agents.groups), { phone: "sip:a@192.0.2.1", phone_password: "x" })).toEqual({ phone: "sip:a@192.0.2.1" });
});

test("secrets are not kept", () => {
  const agent = { login_name: "anna", password: "open sesame", phone_password: "and close" };
  expect(withoutSecrets(agent, fieldsOf(KIND.agents.groups))).toEqual({ login_name: "anna" });
});

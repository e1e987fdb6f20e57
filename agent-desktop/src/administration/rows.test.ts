import { expect, test } from "vitest";
import { overwriteGetLocale } from "../paraglide/runtime.js";
import { ordered, rowsOf } from "./rows";
import { length } from "./durations";
import { keyFor } from "./questions";
import { newSecret, newToken } from "./secrets";
import type { Settings } from "./settings";

overwriteGetLocale(() => "en");

const thing = (id: string, name: string, settings: Settings = {}): { id: string; name: string; settings: Settings } => ({ id, name, settings: { name, ...settings } });

test("a row says what holds, also by default, in words; and how the thing stands", () => {
  const queues = [thing("1", "Service", { push: ["chat"] }), thing("2", "Queue 10", { strategy: "skill" }), thing("3", "Queue 9")];
  const rows = rowsOf("queues", queues, new Map([["Service", "2 wait"]]));
  expect(rows.map(({ name }) => name)).toEqual(["Queue 9", "Queue 10", "Service"]);
  expect(rows[1]?.cells).toEqual(["Queue 10", "whoever knows it best", "calls only", "nowhere: it is refused", "it waits all the same", ""]);
  expect(rows[2]?.cells.slice(2)).toEqual(["Chat", "nowhere: it is refused", "it waits all the same", "2 wait"]);
  expect(ordered(rows, { column: 5, down: true })[0]?.name).toBe("Service");
  expect(ordered(rows, null)).toBe(rows);
});

test("what is called otherwise than it is known stands under its own name", () => {
  const [first] = rowsOf("agents", [thing("1", "anna", { login_name: "anna", display_name: "Anna Moll", queues: ["A", "B"], active: false })], null);
  expect(first?.cells).toEqual(["Anna Moll", "anna", "Agent", "A, B", "no"]);
});

test("classifications stand below what they are a part of, and none is left out", () => {
  const classified = [thing("1", "late", { label: "Late", parent: "delivery" }), thing("2", "delivery", { label: "Delivery" }), thing("3", "lost", { parent: "nothing" })];
  expect(rowsOf("classifications", classified, null).map(({ name, depth }) => [name, depth])).toEqual([
    ["delivery", 0],
    ["late", 1],
    ["lost", 0],
  ]);
});

test.each<[number, string]>([
  [0, "0 seconds"],
  [1, "1 second"],
  [90, "1 minute 30 seconds"],
  [90_000, "1 day 1 hour"],
])("%d seconds are %s", (seconds, words) => {
  expect(length(seconds)).toBe(words);
});

test("a new question has a key that no other one has", () => {
  expect(keyFor([])).toBe("name");
  expect(keyFor([{ key: "name" }, { key: "email" }, { key: "topic" }, { key: "question_4" }])).toBe("question_5");
});

test("secrets are as long as they are asked for, and no two of them are alike", () => {
  const many = Array.from({ length: 200 }, () => newSecret(24));
  expect(new Set(many).size).toBe(200);
  for (const secret of many) expect(secret).toMatch(/^[a-zA-Z2-9]{24}$/);
  expect(many.join("")).not.toMatch(/[01lIoO]/);
  expect(newToken()).toMatch(/^[a-z2-9]{16}$/);
});

import { expect, test } from "vitest";
import { isChanged, meet, patchOf, valueAt, withValue, type Settings } from "./settings";

const QUEUE: Settings = { name: "Sales", ring_s: 15, push: ["chat"], announcements: { language: "de", every_s: 30 } };

test("a value is read and written at its path, and what holds nothing goes with its last value", () => {
  expect(valueAt(QUEUE, "announcements.every_s")).toBe(30);
  expect(valueAt(QUEUE, "widget.texts.de.greeting")).toBe(undefined);
  const set = withValue(QUEUE, "widget.texts.de.greeting", "Hello");
  expect(set["widget"]).toEqual({ texts: { de: { greeting: "Hello" } } });
  expect(withValue(set, "widget.texts.de.greeting", undefined)).toEqual(QUEUE);
  expect(withValue(QUEUE, "ring_s", undefined)).toEqual({ name: "Sales", push: ["chat"], announcements: { language: "de", every_s: 30 } });
});

test.each<[Settings, Settings, Settings]>([
  [QUEUE, QUEUE, {}],
  [QUEUE, { announcements: { every_s: 30, language: "de" }, push: ["chat"], ring_s: 15, name: "Sales" }, {}],
  [QUEUE, withValue(QUEUE, "ring_s", 20), { ring_s: 20 }],
  [QUEUE, withValue(QUEUE, "ring_s", undefined), { ring_s: null }],
  [QUEUE, withValue(QUEUE, "push", []), { push: [] }],
  [QUEUE, withValue(QUEUE, "announcements.every_s", 60), { announcements: { every_s: 60 } }],
  [QUEUE, withValue(QUEUE, "announcements", undefined), { announcements: null }],
  [{ form: [{ key: "a" }] }, { form: [{ key: "b" }] }, { form: [{ key: "b" }] }],
])("%j to %j is %j", (from, to, patch) => {
  expect(patchOf(from, to)).toEqual(patch);
  expect(isChanged(from, to)).toBe(Object.keys(patch).length > 0);
});

test("of two who changed the same thing each keeps what the other did not touch, and nothing is lost of the rest", () => {
  const mine = withValue(withValue(QUEUE, "ring_s", 20), "announcements.every_s", 60);
  const theirs = withValue(withValue({ ...QUEUE, exclusive: true }, "ring_s", 25), "push", undefined);
  const paths = ["name", "exclusive", "ring_s", "push", "announcements.language", "announcements.every_s"];
  const { met, clashes } = meet(QUEUE, mine, theirs, paths);
  expect(met).toEqual({ name: "Sales", exclusive: true, ring_s: 20, announcements: { language: "de", every_s: 60 } });
  expect(clashes).toEqual([{ path: "ring_s", mine: 20, theirs: 25 }]);
  expect(meet(QUEUE, mine, mine, paths)).toEqual({ met: mine, clashes: [] });
});

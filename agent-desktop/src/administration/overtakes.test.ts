import { expect, test } from "vitest";
import { overtaking, overtakings, USUAL, type HeadStarts } from "./overtakes";

const starts = (more: Partial<HeadStarts>): HeadStarts => ({ ...USUAL, ...more });

test.each<[Partial<HeadStarts>, string, string, number | null]>([
  [{}, "call", "chat", null],
  [{ call: 300, chat: 0 }, "call", "chat", 300],
  [{ call: 300, chat: 120 }, "call", "chat", 180],
  [{ call: 60, chat: 60 }, "call", "chat", 0],
  [{ call: 60, chat: 360 }, "chat", "call", 300],
  [{ call: null, chat: null }, "call", "chat", 0],
  [{ call: 0, chat: null }, "chat", "call", null],
])("with %j a %s goes before a %s until that has waited %s seconds longer", (more, first, second, after) => {
  expect(overtaking(starts(more), "call", "chat")).toEqual({ first, second, after_s: after });
});

test("the channels stand by their head starts, each against the one before it", () => {
  expect(overtakings(USUAL)).toEqual([
    { first: "call", second: "callback", after_s: 0 },
    { first: "callback", second: "chat", after_s: null },
    { first: "chat", second: "email", after_s: 86_400 },
    { first: "email", second: "work_item", after_s: 3_600 },
  ]);
  expect(overtakings(starts({ call: 0, callback: 0, chat: 10, email: 0, work_item: 20 })).map(({ second }) => second)).toEqual([
    "chat", "call", "callback", "email",
  ]);
});

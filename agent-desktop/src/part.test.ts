import { expect, test } from "vitest";
import { back, on, part, type Last } from "./part";
import { message } from "./testing";

/** Messages 101 to 500; what is earlier was not asked for yet. */
const messages = Array.from({ length: 400 }, (_, at) => message(101 + at));

/** The first and the last that are drawn. */
function ends(last: Last, among = messages): (number | undefined)[] {
  const shown = part(among, last);
  return [shown[0]?.number, shown.at(-1)?.number];
}

test.each([
  ["the latest", null, [301, 500]],
  ["up to one in the middle", 400, [201, 400]],
  ["up to one near the beginning, of which there are fewer", 150, [101, 150]],
  ["up to one that is later than all", 900, [301, 500]],
  ["up to one that is not known any more", 100, [301, 500]],
] as const)("of a long chat only a part is drawn: %s", (_, last, expected) => {
  expect(ends(last)).toEqual(expected);
});

test("a short chat is drawn wholly, and there is nowhere to go", () => {
  const few = messages.slice(0, 3);
  expect(ends(null, few)).toEqual([101, 103]);
  expect([back(few, null), on(few, null)]).toEqual([null, null]);
});

test("one comes back to the beginning step by step, and on to the end again", () => {
  const way: (number | undefined)[][] = [];
  let last: Last = null;
  for (let step = 0; step < 5; step += 1) way.push(ends((last = back(messages, last))));
  expect(way.map(([first]) => first)).toEqual([251, 201, 151, 101, 101]);
  for (let step = 0; step < 4; step += 1) last = on(messages, last);
  expect(last).toBeNull();
});

test("the last step back goes as far as there is something", () => {
  expect(ends(back(messages, 310))).toEqual([101, 300]);
});

test("what comes meanwhile is drawn for those who follow, and moves nothing for those who read", () => {
  const more = [...messages, message(501)];
  expect(ends(null, more)).toEqual([302, 501]);
  expect(ends(400, more)).toEqual([201, 400]);
});

import { expect, test } from "vitest";
import { following, timesOf, written } from "./times";

test.each([
  ["09:00-12:30", { from: "09:00", to: "12:30", nextDay: false }],
  ["9:00-12:30", { from: "09:00", to: "12:30", nextDay: false }],
  ["09:00-24:00", { from: "09:00", to: "00:00", nextDay: false }],
  ["22:00-06:00+1", { from: "22:00", to: "06:00", nextDay: true }],
  ["18:00-09:00", { from: "18:00", to: "09:00", nextDay: false }],
  ["09:00-", { from: "09:00", to: "", nextDay: false }],
  ["-", { from: "", to: "", nextDay: false }],
  ["whenever", { from: "", to: "", nextDay: false }],
])("%s is shown in time fields", (text, times) => {
  expect(timesOf(text)).toEqual(times);
});

test.each(["09:00-12:30", "09:00-24:00", "22:00-06:00+1", "18:00-09:00", "09:00-", "-"])("%s is written as it was", (text) => {
  expect(written(timesOf(text))).toBe(text);
});

test("one more time of a day begins after the last one, where there is room", () => {
  expect(following([])).toBe("09:00-17:00");
  expect(following(["09:00-12:30"])).toBe("13:00-17:00");
  expect(following(["09:00-20:00"])).toBe("21:00-23:00");
  expect(following(["09:00-24:00"])).toBe("-");
  expect(following(["22:00-06:00+1"])).toBe("-");
  expect(following(["09:00-"])).toBe("-");
});

import { expect, test } from "vitest";
import { itemOfRecord, ownItemsPath } from "./history";

test("only what is asked for stands in the query, and a page follows another", () => {
  const day = 24 * 60 * 60 * 1000;
  expect(ownItemsPath({ text: " ", queue: null, days: 1 }, 2 * day + 0.7, null)).toBe(`/items?from=${day}`);
  expect(ownItemsPath({ text: "rad & tour", queue: 3, days: 7 }, day, "5-6")).toBe("/items?from=0&text=rad+%26+tour&queue=3&cursor=5-6");
});

test("an item is known by the name in its record", () => {
  expect(itemOfRecord("chat 1-6")).toEqual({ kind: "chat", id: 4_294_967_302 });
  expect(itemOfRecord("call 7")).toEqual({ kind: "call", id: 7 });
  expect(itemOfRecord("agent 1")).toBeNull();
  expect(itemOfRecord("chat x")).toBeNull();
});

import { expect, test } from "vitest";
import { askProviders, foundIn, provide, type Entry } from "./palette";

const entry = (group: string, name: string, hint = ""): Entry => ({ key: `${group} ${name}`, group, name, hint, run: () => undefined });

test("groups stay together, the best one first", () => {
  const all = [entry("commands", "Take a break"), entry("items", "Chat 1-6", "Broken wheel"), entry("commands", "Break over")];
  expect(foundIn(all, "br").map(({ name }) => name)).toEqual(["Break over", "Take a break", "Chat 1-6"]);
  expect(foundIn(all, "").map(({ name }) => name)).toEqual(["Take a break", "Break over", "Chat 1-6"]);
  expect(foundIn(all, "nothing")).toEqual([]);
});

test("what others provide is told as it comes, and one that fails has found nothing", async () => {
  const away = [provide((typed) => Promise.resolve([entry("contacts", typed)])), provide(() => Promise.reject(new Error("gone")))];
  const told: (readonly Entry[])[] = [];
  askProviders("mara", (entries) => told.push(entries));
  await Promise.resolve();
  await Promise.resolve();
  expect(told.map((entries) => entries.map(({ name }) => name))).toEqual([["mara"], []]);
  for (const take of away) take();
});

// Nothing that arrives, goes or is sorted anew moves what is under the hand.

import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function boxOf(one: Locator): Promise<Box> {
  const box = await one.boundingBox();
  if (box === null) throw new Error("it is not on the screen");
  return box;
}

/** Puts the pointer on it, and gives where it is. */
async function pointAt(desktop: DesktopPage, one: Locator): Promise<Box> {
  await one.scrollIntoViewIfNeeded();
  const box = await boxOf(one);
  await desktop.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  return box;
}

/** The rows of a list as they stand there: those that are gone in brackets. */
async function rows(panel: Locator): Promise<string[]> {
  return panel.locator("li[data-gone]").evaluateAll((all) =>
    all.map((row) => {
      const id = row.getAttribute("data-id") ?? row.getAttribute("data-chat") ?? "";
      return row.getAttribute("data-gone") === "true" ? `(${id})` : id;
    }),
  );
}

test("rows stand still under the pointer, what is gone cannot be picked, and all is in its place afterwards", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const queues = desktop.page.locator("section", { has: desktop.at("queue") });
  const visitors: Visitor[] = [];
  for (let at = 0; at < 4; at += 1) visitors.push(await Visitor.come(daemon));
  await until("four wait", async () => (await desktop.at("waiting-item").count()) === 4);
  const ids = await rows(queues);
  const [first = "", second = "", third = "", fourth = ""] = ids;

  const pick = desktop.at("pick", { chat: third });
  const box = await pointAt(desktop, pick);
  await visitors[0]?.leave();
  await until("the first is gone", async () => (await rows(queues))[0] === `(${first})`);
  const fifth = await Visitor.come(daemon);
  await desktop.at("fresh").waitFor();
  const withFresh = await rows(queues);
  expect(withFresh.slice(0, 4)).toEqual([`(${first})`, second, third, fourth]);
  expect(withFresh).toHaveLength(5);
  expect(await boxOf(pick)).toEqual(box);

  // What is gone stays gone, however often it is clicked; and nothing else is picked for it.
  const gone = queues.locator(`li[data-gone="true"] button`);
  await gone.click({ force: true });
  await gone.click({ force: true });
  await pointAt(desktop, pick);
  await desktop.page.mouse.down();
  await desktop.page.mouse.up();
  await desktop.at("active", { kind: "chat", chat: third }).waitFor();
  expect(await desktop.at("inbox-item").count()).toBe(1);
  expect(await rows(queues)).toEqual([`(${first})`, second, `(${third})`, fourth, withFresh[4]]);

  await desktop.page.mouse.move(0, 0);
  await until("all is in its place", async () => (await rows(queues)).join() === [second, fourth, withFresh[4]].join());
  await fifth.is("waiting");
  expect(desktop.errors).toEqual([]);
});

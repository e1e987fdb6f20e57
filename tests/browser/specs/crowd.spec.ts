// Much at once, and what the desktop makes of it.

import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

const MANY = 200;
const LONG = 10_000;
/** So many may come from one tab at once. */
const TOGETHER = 125;
/** All of them sit behind one address. */
const CROWD = { LIMITS__VISITORS_PER_SOURCE: "300", LIMITS__NEW_CHATS_PER_SOURCE_PER_MINUTE: "1000" };

test("R3: 200 visitors who come at once all stand in the queue, in the order in which they came", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, { name: "ben" }], settings: CROWD });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await Promise.all(Array.from({ length: MANY }, () => Visitor.come(daemon)));
  const rows = desktop.at("waiting-item");
  await until("all are there", async () => (await rows.count()) === MANY, 30_000);
  const ben = await Agent.signIn(daemon, "ben");
  const shown = await rows.evaluateAll((all) => all.map((row) => Number(row.getAttribute("data-id"))));
  expect(shown).toEqual(ben.waiting);
  expect(desktop.errors).toEqual([]);
});

test("in a chat of 10,000 messages one reads back without losing the place, and little of it is drawn at a time", { timeout: 300_000 }, async () => {
  const settings = ["CHAT", "SOURCE", "COMPANY"].map((of) => [`LIMITS__MESSAGES_PER_${of}_PER_SECOND`, "10000"]);
  const daemon = await Daemon.start({ people: [{ name: "anna" }], settings: Object.fromEntries(settings) });
  const visitor = await Visitor.come(daemon);
  for (let said = 0; said < LONG; said += TOGETHER) {
    const tab = await Visitor.come(daemon, visitor.session);
    await Promise.all(Array.from({ length: TOGETHER }, (_, at) => tab.say(`line ${said + at + 1}`)));
    tab.close();
  }
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await desktop.pick();
  const line = (number: number): Locator => desktop.at("message", { number: String(number) });
  await line(LONG).waitFor();
  const log = desktop.at("chat-log");
  const drawn = (): Promise<number> => desktop.at("message").count();

  // Up to the top again and again: what is read there stays under the eye as more comes above it.
  const place = (number: number): Promise<number> =>
    line(number).evaluate((element) => Math.round(element.getBoundingClientRect().top));
  for (let first = LONG - 49; first > LONG - 600; first -= 50) {
    await line(first).waitFor({ state: "attached" });
    const before = await line(first).evaluate((element) => {
      element.closest("[role=log]")?.scrollTo(0, 0);
      return Math.round(element.getBoundingClientRect().top);
    });
    await line(first - 1).waitFor({ state: "attached" });
    // A browser scrolls by whole pixels of the screen.
    expect(Math.abs((await place(first)) - before)).toBeLessThanOrEqual(1);
    expect(await drawn()).toBeLessThanOrEqual(200);
  }
  // And down again through what was left out, up to the latest.
  await until("the latest is there", async () => {
    await log.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    return (await line(LONG).count()) === 1;
  });
  expect(await drawn()).toBe(200);
  await log.evaluate((element) => element.scrollTo(0, 0));
  await line(LONG).waitFor({ state: "detached" });
  await desktop.at("to-end").click();
  await visitor.say("the last line");
  await line(LONG + 1).waitFor();
  expect(await drawn()).toBe(200);
  expect(desktop.errors).toEqual([]);
});

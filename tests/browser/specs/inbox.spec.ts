// What waits and what lies in the inbox: what an agent sees of it, and what keeps them from the next.

import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

test("R6: visitors who left keep nobody from the next one, and what is left of them is done with one click", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna", chatsMax: 2 }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const first = await Visitor.come(daemon);
  const one = await desktop.pick();
  const second = await Visitor.come(daemon);
  const two = await desktop.pick();
  await desktop.chatIs(two, "allocated");

  const third = await Visitor.come(daemon);
  const row = desktop.at("waiting-item", { kind: "chat" });
  const blocked = row.locator(`[data-testid="pick"][aria-disabled="true"]`);
  await blocked.waitFor();
  const height = (await row.boundingBox())?.height;
  await third.say("Does it come with a rack?\nThe red one, I mean.");
  const written = row.filter({ hasText: "Does it come with a rack?" });
  await written.waitFor();
  expect(await row.textContent()).not.toContain("The red one");
  expect((await written.boundingBox())?.height, "nothing below it moves").toBe(height);

  await desktop.at("inbox-item", { chat: two }).locator(`[data-testid="activate"]`).click();
  await desktop.chatIs(one, "parked");
  await first.leave();
  await second.leave();
  await desktop.at("inbox-item", { chat: one, "wrap-up-active": "false" }).waitFor();
  await desktop.at("inbox-item", { chat: two, "wrap-up-active": "true" }).waitFor();
  await blocked.waitFor({ state: "detached" });
  await desktop.at("park", { chat: two }).click();
  await desktop.at("inbox-item", { chat: two, "wrap-up-active": "false" }).waitFor();
  const next = await desktop.pick();
  await third.is("active");

  await desktop.at("finish-all").click();
  for (const chat of [one, two]) await desktop.at("inbox-item", { chat }).waitFor({ state: "detached" });
  await desktop.chatIs(next, "active");
  expect(desktop.errors).toEqual([]);
});

test("R6, R11, R12: a second chat is picked, the first stays parked with its time, and the time goes on when it is activated", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna", chatsMax: 2 }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await Visitor.come(daemon);
  const one = await desktop.pick();
  await desktop.chatIs(one, "active");
  await until("time passes", async () => (await desktop.clock(one)).spentMs >= 1_000);
  await desktop.at("park", { chat: one }).click();
  await desktop.chatIs(one, "parked");
  await Visitor.come(daemon);
  const two = await desktop.pick();
  await desktop.chatIs(two, "active");
  const parked = await desktop.clock(one);
  expect(parked.running).toBe(false);
  await until("time passes for the second", async () => (await desktop.clock(two)).spentMs >= 2_000);
  expect(await desktop.clock(one), "no time passes for the first").toEqual(parked);

  await desktop.at("inbox-item", { chat: one }).locator(`[data-testid="activate"]`).click();
  await desktop.chatIs(one, "active");
  await desktop.chatIs(two, "parked");
  await until("its time goes on where it stood", async () => {
    const { running, spentMs } = await desktop.clock(one);
    expect(spentMs).toBeGreaterThanOrEqual(parked.spentMs);
    return running && spentMs > parked.spentMs;
  });
  expect(desktop.errors).toEqual([]);
});

// What waits and what lies in the inbox: what an agent sees of it, and what keeps them from the next.

import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { Visitor } from "../support/visitor";

test("visitors who left keep nobody from the next one, and what is left of them is done with one click", async () => {
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

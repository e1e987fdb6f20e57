// Much at once, and what the desktop makes of it.

import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

const MANY = 200;
/** All of them sit behind one address. */
const CROWD = { LIMITS__VISITORS_PER_SOURCE: "300", LIMITS__NEW_CHATS_PER_SOURCE_PER_MINUTE: "1000" };

test("200 visitors who come at once all stand in the queue, in the order in which they came", async () => {
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

// Chats that are given to agents without their asking.

import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { Visitor } from "../support/visitor";

test("R5: a pushed chat says how long it can be turned to, and is active once it is", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }], push: ["chat"] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const visitor = await Visitor.come(daemon);
  const alert = desktop.at("alerting");
  await alert.waitFor();
  const chat = (await alert.getAttribute("data-chat")) ?? "";
  await visitor.is("allocated");
  await desktop.chatIs(chat, "allocated");
  expect(await desktop.at("alerting-left").textContent()).toMatch(/(1:00|0:5\d)$/);
  await desktop.attendsTo("none");

  await desktop.at("alerting-activate", { chat }).click();
  await alert.waitFor({ state: "detached" });
  await desktop.chatIs(chat, "active");
  await visitor.is("active");

  // Busy: the next one waits in the queue until the first is put aside.
  const second = await Visitor.come(daemon);
  await desktop.at("waiting-item", { kind: "chat" }).waitFor();
  expect(second.state).toBe("waiting");
  await desktop.page.keyboard.press("Alt+KeyP");
  await alert.waitFor();
  await second.is("allocated");
  await desktop.page.keyboard.press("Alt+KeyA");
  await second.is("active");
  expect(desktop.errors).toEqual([]);
});

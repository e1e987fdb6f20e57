// Breaks: asked for in the middle of work, they begin when nothing goes on any more.

import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { Visitor } from "../support/visitor";

test("a break asked for in a chat is pending until the chat is put aside, then begins by itself", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }], breakReasons: ["Mittag", "Schulung"] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const visitor = await Visitor.come(daemon);
  const chat = await desktop.pick();

  await desktop.at("take-break").click();
  await desktop.at("break-reason").filter({ hasText: "Mittag" }).click();
  await desktop.at("break-pending").filter({ hasText: "Mittag" }).waitFor();
  await desktop.presence("available");
  await desktop.say("Einen Moment noch.");
  await desktop.shows(["Einen Moment noch."]);
  // Nothing new comes meanwhile.
  await Visitor.come(daemon);
  await desktop.at("waiting-item", { kind: "chat" }).waitFor();
  expect(await desktop.at("pick").getAttribute("aria-disabled")).toBe("true");

  await desktop.at("park", { chat }).click();
  await desktop.presence("break");
  await desktop.at("presence").filter({ hasText: "Mittag" }).waitFor();
  await desktop.attendsTo("none");
  await visitor.is("parked");
  expect(await desktop.at("activate", { chat }).first().getAttribute("aria-disabled")).toBe("true");

  await desktop.at("work-login").first().click();
  await desktop.presence("available");
  await desktop.at("activate", { chat }).first().click();
  await visitor.is("active");
  expect(desktop.errors).toEqual([]);
});

test("a pending break is taken back with one click, and a company without reasons asks for none", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await Visitor.come(daemon);
  const chat = await desktop.pick();
  await desktop.at("take-break").click();
  await desktop.at("break-pending").waitFor();
  await desktop.at("break-cancel").click();
  await desktop.at("break-pending").waitFor({ state: "detached" });
  await desktop.at("park", { chat }).click();
  await desktop.attendsTo("none");
  await desktop.presence("available");
  await desktop.at("take-break").click();
  await desktop.presence("break");
});

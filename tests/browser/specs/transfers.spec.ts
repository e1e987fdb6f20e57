// What an agent gives to somebody else: to a queue with a note, to a colleague, a call to another queue.

import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

const NOTE = "Kunde fragt nach der Rückgabe, Rad Nr. 4711.";

test("a chat goes to another queue with a note that the next agent reads and the visitor does not", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, { name: "ben" }], queues: [{ name: "Technik" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const next = await DesktopPage.atWork(await browser.newContext(), daemon, "ben");
  const visitor = await Visitor.come(daemon);
  const chat = await desktop.pick();
  await desktop.transfer(chat, "queue", "Technik", NOTE);
  await desktop.at("notice", { kind: "given" }).filter({ hasText: "Technik" }).waitFor();
  await desktop.at("inbox-item", { chat }).waitFor({ state: "detached" });
  await desktop.attendsTo("none");
  await visitor.is("waiting");

  expect(await next.pick()).toBe(chat);
  await next.at("note").filter({ hasText: NOTE }).waitFor();
  await visitor.is("active");
  expect(visitor.texts()).toEqual([]);
  expect([...desktop.errors, ...next.errors]).toEqual([]);
});

test("a chat goes to a colleague, who has to turn to it", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, { name: "ben", displayName: "Ben Adler" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const visitor = await Visitor.come(daemon);
  const chat = await desktop.pick();
  await desktop.at("transfer", { chat }).click();
  // Somebody who does not work cannot be chosen; once they do, they can.
  await desktop.at("transfer-to", { name: "Ben Adler", available: "false" }).waitFor();
  await desktop.page.keyboard.press("Escape");
  const colleague = await DesktopPage.atWork(await browser.newContext(), daemon, "ben");
  await desktop.transfer(chat, "agent", "Ben Adler", NOTE);
  await desktop.at("notice", { kind: "given" }).filter({ hasText: "Ben Adler" }).waitFor();
  await colleague.at("alerting", { chat }).waitFor();
  await visitor.is("allocated");
  await colleague.at("alerting-activate", { chat }).click();
  await colleague.chatIs(chat, "active");
  await visitor.is("active");
  await colleague.at("note").filter({ hasText: NOTE }).waitFor();
});

test("a colleague who has as many chats as they may refuses, and the chat stays", async () => {
  const people = [{ name: "anna" }, { name: "ben", displayName: "Ben Adler", chatsMax: 1 }, { name: "cleo", displayName: "Cleo Kern" }];
  const daemon = await Daemon.start({ people });
  const [ben] = [await Agent.atWork(daemon, "ben"), await Agent.atWork(daemon, "cleo")];
  await Visitor.come(daemon);
  await ben.pick();
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext({ locale: "en-GB" }), daemon, "anna");
  await Visitor.come(daemon);
  const chat = await desktop.pick();
  await desktop.at("transfer", { chat }).click();
  const agents = desktop.page.locator('[data-testid="transfer-to"][data-kind="agent"]');
  // Who can take it stands first, and of who has enough it is said in words.
  await agents.nth(1).filter({ hasText: "has as many chats as allowed" }).waitFor();
  expect(await agents.evaluateAll((all) => all.map((one) => one.getAttribute("data-name")))).toEqual(["Cleo Kern", "Ben Adler"]);
  await desktop.page.keyboard.press("Escape");
  await desktop.transfer(chat, "agent", "Ben Adler", NOTE);
  await desktop.at("notice", { code: "not_available" }).waitFor();
  await desktop.chatIs(chat, "active");
  // What was written is not lost.
  await desktop.at("transfer", { chat }).click();
  expect(await desktop.page.locator("dialog textarea").first().inputValue()).toBe(NOTE);
});

test("a call goes to another queue, and its caller waits there", async () => {
  const phonePort = await udpPort();
  const anna = { name: "anna", phone: uri("anna", phonePort) };
  const daemon = await Daemon.start({ people: [anna, { name: "ben" }], queues: [{ name: "Technik" }] });
  const phone = DeskPhone.at(phonePort, 2);
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const ben = await Agent.atWork(daemon, "ben");
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await desktop.attendsTo("call");
  await desktop.at("transfer-call").click();
  await desktop.at("transfer-to", { kind: "queue", name: "Technik" }).click();
  await desktop.at("transfer-confirm").click();
  await desktop.at("notice", { kind: "given" }).waitFor();
  await until("the caller waits in the other queue", () =>
    ben.queues.find(({ name }) => name === "Technik")?.waiting.some(({ item }) => item.kind === "call"),
  );
  await caller.hangUp();
});

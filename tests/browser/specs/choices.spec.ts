// A visitor whose agent is on the phone for long, one who says nothing any more, and one for whom nobody is there.

import { expect, test } from "vitest";
import { Agent, setPresence } from "../support/agent";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { Daemon, type Setup } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";

const SOON = { CHAT__CHOICE_S: "1" };
const NUMBER = "+49 89 99998 100";

/** Anna's chat is interrupted by a call, and its visitor has been asked how to go on. */
async function asked(more: Partial<Setup> = {}) {
  const phonePort = await udpPort();
  const anna = { name: "anna", displayName: "Anna Berger", phone: uri("anna", phonePort) };
  const daemon = await Daemon.start({ settings: SOON, ...more, people: [anna, ...(more.people ?? [])] });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon));
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await widget.begin();
  const chat = await desktop.pick();
  await widget.is("active");
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await widget.is("preempted");
  await widget.at("choice").waitFor();
  return { daemon, widget, desktop, chat, caller };
}

test("a visitor who wants to be called back becomes a callback in the queue, which an agent does", async () => {
  const { widget, desktop, chat, caller } = await asked();
  await widget.at("choose-callback").click();
  await widget.at("contact").fill(NUMBER);
  await widget.at("contact-send").click();
  await widget.is("ended");
  await desktop.at("waiting-item", { kind: "task", channel: "callback" }).filter({ hasText: NUMBER }).waitFor();
  await desktop.at("inbox-item", { chat, state: "wrap_up", "wrap-up-active": "false" }).waitFor();

  await caller.hangUp();
  await desktop.at("finish-wrap-up", { chat }).click();
  await desktop.at("inbox-item", { chat }).waitFor({ state: "detached" });
  await desktop.at("pick").first().click();
  await desktop.attendsTo("task");
  await desktop.at("task").filter({ hasText: NUMBER }).waitFor();
  await desktop.page.keyboard.press("Alt+KeyP");
  await desktop.attendsTo("none");
  // Beside it waits the wrap-up of the call.
  await desktop.at("inbox-item").locator(`[data-testid="activate"]`).click();
  await desktop.attendsTo("task");
  await desktop.at("task-done").click();
  await desktop.at("task-done-confirm").click();
  await desktop.attendsTo("none");
  await desktop.at("inbox-item").waitFor({ state: "detached" });
  expect([...widget.errors, ...desktop.errors]).toEqual([]);
});

test("a visitor who stays is asked no more, and can change their mind", async () => {
  const { widget, desktop, chat, caller } = await asked({ people: [{ name: "ben" }] });
  await widget.at("choose-stay").click();
  await widget.at("choice").waitFor({ state: "detached" });
  await widget.is("preempted");
  await widget.at("choose-again").click();
  await widget.at("choose-another_agent").click();
  await widget.is("waiting");
  await desktop.at("inbox-item", { chat }).waitFor({ state: "detached" });
  await caller.hangUp();
  expect(widget.errors).toEqual([]);
});

test("a visitor who says nothing for long is asked whether they are there; one click keeps the chat, silence ends it", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }], settings: { CHAT__IDLE_WARN_S: "1", CHAT__IDLE_CLOSE_S: "3" } });
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon));
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await widget.begin();
  const chat = await desktop.pick();
  await desktop.say("Um welches Rad geht es?");
  await widget.at("still-here").click();
  await widget.at("idle").waitFor({ state: "detached" });
  await desktop.shows(["Um welches Rad geht es?", "Ja, ich bin noch da."]);
  await desktop.say("Und welches?");
  await widget.at("idle").waitFor();
  await widget.is("ended");
  await widget.at("new-chat").waitFor();
  await desktop.chatIs(chat, "wrap_up");
});

test("R3: where nobody is there and nobody is to wait, the visitor is told so and can try again", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }], unserved: "refuse" });
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon));
  await widget.at("vorrang-button").click();
  await widget.at("refused").waitFor();
  // The next page does not ask by itself.
  await widget.page.reload();
  await widget.at("vorrang-button").waitFor();
  await widget.at("vorrang-button").click();
  await widget.at("refused").waitFor();
  const anna = await Agent.atWork(daemon, "anna");
  await widget.at("retry").click();
  await widget.is("waiting");
  await anna.pick();
  await widget.is("active");
  expect(widget.errors).toEqual([]);
  await setPresence(daemon, "anna", "logged_out");
});

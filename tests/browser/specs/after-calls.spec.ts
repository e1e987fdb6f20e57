// Why a call came, and what is left to do after it.

import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

test("an agent sees why a call came to them, while it rings and while it runs", async () => {
  const phonePort = await udpPort();
  const anna = { name: "anna", displayName: "Anna Berger", phone: uri("anna", phonePort) };
  const daemon = await Daemon.start({ people: [anna, { name: "ben" }] });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await Visitor.come(daemon);
  const chat = await desktop.pick();
  const caller = await Caller.dial(daemon);
  await desktop.at("ringing").waitFor();
  await desktop.at("why").locator("summary").click();
  await desktop.at("why-winner", { tier: "chat_waiting" }).waitFor();
  await desktop.page.locator(`[data-testid="why"] [data-obstacle="logged_out"]`).waitFor();
  await phone.answer();
  await desktop.attendsTo("call");
  await desktop.at("why").locator("summary").click();
  await desktop.at("why-winner", { tier: "chat_waiting" }).waitFor();
  await caller.hangUp();
  await desktop.chatIs(chat, "active");
  expect(desktop.errors).toEqual([]);
});

test("a call's wrap-up that waits parked is taken up, extended and finished", async () => {
  const phonePort = await udpPort();
  const daemon = await Daemon.start({ people: [{ name: "anna", phone: uri("anna", phonePort) }], callWrapUpS: 60 });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const watching = await Agent.signIn(daemon, "anna");
  const visitor = await Visitor.come(daemon);
  const chat = await desktop.pick();
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await visitor.is("preempted");
  await caller.hangUp();
  // The visitor comes first; the wrap-up waits.
  await desktop.chatIs(chat, "active");
  const parked = desktop.at("call-wrap-up", { active: "false" });
  await parked.waitFor();
  expect(watching.view?.call_wrap_ups).toHaveLength(1);

  await parked.locator(`[data-testid="activate"]`).click();
  await desktop.attendsTo("call_wrap_up");
  await visitor.is("parked");
  const left = (): number | undefined => {
    const active = watching.view?.active;
    return active?.kind === "call_wrap_up" ? active.wrap_up.wrap_up.extensions_left : undefined;
  };
  expect(left()).toBe(3);
  await desktop.at("extend-wrap-up").click();
  await until("it is extended", () => left() === 2);
  await desktop.page.keyboard.press("Alt+KeyP");
  // Whose call it was is known although the call is long over.
  await parked.filter({ hasText: "4917012345" }).waitFor();
  await desktop.attendsTo("none");
  await desktop.at("activate", { chat }).first().click();
  await visitor.is("active");
  await parked.locator(`[data-testid="finish-wrap-up"]`).click();
  await parked.waitFor({ state: "detached" });
  await desktop.chatIs(chat, "active");
  expect(desktop.errors).toEqual([]);
});

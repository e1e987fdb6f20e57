// `kill -9` in the middle of a call that interrupted a chat.

import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";
import { annaIsChatting } from "../support/story";
import { until } from "../support/until";

const CLOCK_TOLERANCE_MS = 2_000;
/** A peer whose daemon is back is told within this. */
const BYE_MS = 10_000;
/** How long an orderly stop may take: calls get a while to end by themselves. */
const STOP_MS_MAX = 40_000;

test("a daemon killed during the call ends it when it is back, and the chat is resumed with all its messages", async () => {
  const phonePort = await udpPort();
  const daemon = await Daemon.start({ people: [{ name: "anna", phone: uri("anna", phonePort) }] });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon));
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await widget.begin();
  const chat = await desktop.pick();
  await widget.say("Eins");
  await desktop.shows(["Eins"]);
  await desktop.say("Zwei");
  await widget.shows(["Eins", "Zwei"]);
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await widget.is("preempted");
  await desktop.chatIs(chat, "preempted");
  await widget.say("Drei");
  await desktop.at("preempted", { chat }).waitFor();
  await widget.shows(["Eins", "Zwei", "Drei"]);
  const before = await desktop.clock(chat);

  await daemon.kill();
  await Promise.all([desktop, widget].map((page) => page.at("connection", { online: "false" }).waitFor({ state: "attached" })));
  await widget.say("Vier");
  await daemon.restart();
  expect(await phone.ended(BYE_MS)).toBe(0);
  expect(await caller.ended(BYE_MS)).toBe(0);
  expect([...phone.did("bye received"), ...caller.did("bye received")]).toHaveLength(2);

  await desktop.chatIs(chat, "active", 30_000);
  const back = await desktop.clock(chat);
  await widget.is("active", 30_000);
  const all = ["Eins", "Zwei", "Drei", "Vier"];
  await widget.shows(all);
  await desktop.shows(all);
  expect(back.running).toBe(true);
  expect(Math.abs(back.spentMs - before.spentMs)).toBeLessThan(CLOCK_TOLERANCE_MS);
  await desktop.say("Fünf");
  await widget.shows([...all, "Fünf"]);
  expect([...widget.errors, ...desktop.errors]).toEqual([]);
});

test("a call that rang when the daemon was killed is over, and so is the ringing", async () => {
  const { daemon, phonePort, anna, visitor, chat } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort);
  const caller = await Caller.dial(daemon);
  await phone.rings();
  await caller.taken();
  await daemon.kill();
  await daemon.restart();
  expect(await caller.ended(BYE_MS)).toBe(0);
  expect(caller.did("bye received")).toHaveLength(1);
  await Promise.all([anna.live(), visitor.live()]);
  await anna.chatIs(chat, "active");
  await anna.ringsNoMore();
  await until("no call waits", () => anna.callsWaiting.length === 0);
  expect(await phone.ended(BYE_MS)).toBe(0);
  expect(phone.did("cancelled")).toHaveLength(1);
  await visitor.is("active");
});

test("if the agent's browser does not come back after a restart, the chat waits again for anybody", async () => {
  const { daemon, phonePort, anna, visitor, chat } = await annaIsChatting({
    people: [{ name: "ben" }],
    settings: { AGENT__BROWSER_GRACE_S: "1", AGENT__BROWSER_GONE_S: "2" },
  });
  const phone = DeskPhone.at(phonePort);
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await anna.chatIs(chat, "preempted");
  await visitor.say("Noch da?");
  anna.close();
  await daemon.kill();
  await daemon.restart();
  expect([await phone.ended(BYE_MS), await caller.ended(BYE_MS)]).toEqual([0, 0]);
  await visitor.is("waiting", 15_000);
  const ben = await Agent.atWork(daemon, "ben");
  expect(await ben.pick()).toBe(chat);
  await until("Ben can read it", () => ben.texts(chat)[0] === "Noch da?");
  await visitor.is("active");
});

test("an orderly stop ends with code 0 and loses nothing", async () => {
  const { daemon, anna, visitor, chat } = await annaIsChatting();
  await visitor.say("Vor dem Stopp");
  expect(await daemon.stop()).toBe(0);
  await daemon.restart();
  await Promise.all([anna.live(), visitor.live()]);
  await anna.chatIs(chat, "active");
  expect(anna.texts(chat)).toEqual(["Vor dem Stopp"]);
  await anna.say(chat, "Danach");
  await until("the answer", () => visitor.texts().length === 2);
  expect(visitor.texts()).toEqual(["Vor dem Stopp", "Danach"]);
});

test("a daemon that is told to stop lets the call end by itself, then goes", async () => {
  const { daemon, phonePort, anna, visitor, chat } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort);
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await anna.chatIs(chat, "preempted");
  const stopped = daemon.stop(STOP_MS_MAX);
  await until("no new visitors", async () => (await fetch(`${daemon.origin}/readyz`)).status !== 200);
  const late = await Caller.dial(daemon, "491709");
  expect(await late.ended()).toBe(1);
  expect(phone.running).toBe(true);
  await caller.hangUp();
  expect(await phone.ended()).toBe(0);
  expect(await stopped).toBe(0);
  await daemon.restart();
  await Promise.all([anna.live(), visitor.live()]);
  await anna.chatIs(chat, "active");
  await visitor.is("active");
});

test("a daemon that is told to stop hangs up in the end, and the chat is resumed when it is back", async () => {
  const { daemon, phonePort, anna, visitor, chat } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort);
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await anna.chatIs(chat, "preempted");
  await visitor.say("Währenddessen");
  expect(await daemon.stop(STOP_MS_MAX)).toBe(0);
  expect([await phone.ended(BYE_MS), await caller.ended(BYE_MS)]).toEqual([0, 0]);
  expect([...phone.did("bye received"), ...caller.did("bye received")]).toHaveLength(2);
  await daemon.restart();
  await Promise.all([anna.live(), visitor.live()]);
  await anna.chatIs(chat, "active");
  await visitor.is("active");
  expect(anna.texts(chat)).toEqual(["Währenddessen"]);
});

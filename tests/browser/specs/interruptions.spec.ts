// Calls that do come through to an agent who chats, and those that must not.

import { expect, test } from "vitest";
import { Agent, chatRef, setPresence } from "../support/agent";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, register, uri } from "../support/sipp";
import { annaIsChatting } from "../support/story";
import { stays, until } from "../support/until";

test("R15: a customer who ends the interrupted chat leaves a wrap-up for after the call", async () => {
  const phonePort = await udpPort();
  const daemon = await Daemon.start({ people: [{ name: "anna", phone: uri("anna", phonePort) }], chatWrapUpS: 30 });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon));
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await widget.begin();
  const chat = await desktop.pick();
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await widget.is("preempted");
  await widget.leave();
  await desktop.at("inbox-item", { chat, state: "wrap_up", "wrap-up-active": "false" }).waitFor();
  await desktop.attendsTo("call");

  await caller.hangUp();
  await desktop.at("inbox-item", { chat, state: "wrap_up", "wrap-up-active": "true" }).waitFor();
  await desktop.attendsTo("chat");
  await desktop.at("finish-wrap-up", { chat }).click();
  await desktop.at("inbox-item", { chat }).waitFor({ state: "detached" });
  expect(await phone.ended()).toBe(0);
  expect([...widget.errors, ...desktop.errors]).toEqual([]);
});

test("of two calls at once one interrupts, the other waits and comes when the first is over", async () => {
  const { daemon, phonePort, anna, visitor, chat } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort, 2);
  const first = await Caller.dial(daemon, "491701");
  await first.taken();
  const second = await Caller.dial(daemon, "491702");
  await second.taken();
  await until("both wait", () => anna.callsWaiting.length === 2);
  expect(anna.view?.ringing?.caller).toBe("491701");
  await phone.answer(1);
  await anna.chatIs(chat, "preempted");
  await until("the first waits no more", () => anna.callsWaiting.length === 1);
  await stays("the second call waits", 1_000, () => anna.callsWaiting.length === 1 && phone.did("rings").length === 1);
  await first.hangUp();
  await phone.rings(2);
  await until("the second call rings", () => anna.view?.ringing?.caller === "491702");
  await visitor.is("active");
  await phone.answer(2);
  await visitor.is("preempted");
  await second.hangUp();
  await visitor.is("active");
  expect(visitor.states).toEqual(["waiting", "allocated", "active", "preempted", "active", "preempted", "active"]);
  expect(await phone.ended()).toBe(0);
});

test("a free agent gets the call, and the one who chats is left alone", async () => {
  const { daemon, phonePort, anna, visitor } = await annaIsChatting({
    people: [{ name: "ben", phone: "ben", voiceOnly: true }],
  });
  const [phoneOfAnna, portOfBen] = [DeskPhone.at(phonePort), await udpPort()];
  await register(daemon, "ben", portOfBen);
  const phoneOfBen = DeskPhone.at(portOfBen);
  await setPresence(daemon, "ben", "available");
  const caller = await Caller.dial(daemon);
  await phoneOfBen.answer();
  await until("the call left the queue", () => anna.callsWaiting.length === 0);
  await phoneOfBen.hangUp();
  expect(await phoneOfBen.ended()).toBe(0);
  expect(await caller.ended()).toBe(0);
  expect(caller.did("bye received")).toHaveLength(1);
  expect(phoneOfAnna.did("rings")).toEqual([]);
  expect(visitor.states).toEqual(["waiting", "allocated", "active"]);
});

test("R10: an agent in the wrap-up of a chat gets no call until it is done", async () => {
  const { daemon, phonePort, anna, chat } = await annaIsChatting({ chatWrapUpS: 3 });
  const phone = DeskPhone.at(phonePort);
  const ended = performance.now();
  await anna.do({ do: "end", chat });
  const caller = await Caller.dial(daemon);
  await until("the call waits", () => anna.callsWaiting.length === 1);
  await stays("nothing rings", 1_500, () => anna.view?.ringing === null && phone.lines().length === 0);
  await phone.rings();
  expect(performance.now() - ended).toBeGreaterThan(2_900);
  await caller.hangUp();
  expect(await phone.ended()).toBe(0);
});

test("R13: an agent who parks the wrap-up of a chat is free for a call, and its time stands still", async () => {
  const { daemon, phonePort, anna, chat } = await annaIsChatting({ chatWrapUpS: 60 });
  const phone = DeskPhone.at(phonePort);
  await anna.do({ do: "end", chat });
  await anna.chatIs(chat, "wrap_up");
  await anna.park(chat);
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await anna.onACall();
  expect(anna.chat(chat)).toMatchObject({ state: { active: false }, wrap_up: { clock: { running_since: null } } });
  await caller.hangUp();
  await anna.offTheCall();
  expect(anna.chat(chat)).toMatchObject({ state: { active: false }, wrap_up: { clock: { running_since: null } } });
});

test("an agent who hangs up on the screen ends the call and has the chat again", async () => {
  const { daemon, phonePort, anna, visitor, chat } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort);
  const caller = await Caller.dial(daemon);
  await phone.answer();
  const call = await anna.onACall();
  expect(await anna.ask({ do: "activate", item: chatRef(chat) })).toMatchObject({ code: "on_a_call" });
  await anna.do({ do: "hang_up", call });
  await anna.chatIs(chat, "active");
  await visitor.is("active");
  expect([await phone.ended(), await caller.ended()]).toEqual([0, 0]);
  expect([...phone.did("bye received"), ...caller.did("bye received")]).toHaveLength(2);
});

test("R16: an agent who logs out during a call gives the chat back with its age, and is logged out after the call", async () => {
  const phonePort = await udpPort();
  const daemon = await Daemon.start({ people: [{ name: "anna", phone: uri("anna", phonePort) }, { name: "ben" }] });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon));
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const ben = await Agent.atWork(daemon, "ben");
  await widget.begin();
  const age = await until("the chat waits", () => ben.queues[0]?.waiting[0]?.arrived_at);
  const chat = await desktop.pick();
  await widget.say("Bitte nicht auflegen.");
  await desktop.shows(["Bitte nicht auflegen."]);
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await desktop.chatIs(chat, "preempted");

  await desktop.at("work-logout").click();
  await desktop.at("work-logout-confirm").click();
  await desktop.presence("logging_out");
  await widget.is("waiting");
  await until("the chat waits again", () => ben.waiting[0] === Number(chat));
  expect(ben.queues[0]?.waiting[0]?.arrived_at).toBe(age);
  await desktop.attendsTo("call");
  expect(phone.did("bye received")).toEqual([]);

  await caller.hangUp();
  expect(await phone.ended()).toBe(0);
  await desktop.presence("logged_out");
  await desktop.attendsTo("none");
  await widget.is("waiting");

  expect(await ben.pick()).toBe(Number(chat));
  await widget.is("active");
  await until("Ben can read it", () => ben.texts(Number(chat)).length === 1);
  await widget.shows(["Bitte nicht auflegen."]);
  expect([...widget.errors, ...desktop.errors]).toEqual([]);
});

test("a customer who loads the page again during the call finds the chat as it was, and can write", async () => {
  const { daemon, phonePort, anna } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon));
  await widget.begin();
  const chat = await until("the second chat waits", () => anna.waiting[0]);
  await anna.do({ do: "pick", item: chatRef(chat) });
  await anna.do({ do: "activate", item: chatRef(chat) });
  await widget.is("active");
  await widget.say("Vor dem Anruf");
  await widget.shows(["Vor dem Anruf"]);
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await widget.is("preempted");
  await widget.page.reload();
  await widget.is("preempted");
  await widget.shows(["Vor dem Anruf"]);
  await widget.say("Nach dem Neuladen");
  await widget.shows(["Vor dem Anruf", "Nach dem Neuladen"]);
  await caller.hangUp();
  await widget.is("active");
  await until("Anna reads both", () => anna.texts(chat).length === 2);
  expect(widget.errors).toEqual([]);
});

test("whoever calls from elsewhere than the trunk reaches nobody", async () => {
  const { daemon, phonePort, anna } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort);
  const stranger = await Caller.dial(daemon, "4917012345", 6_000, 8, "127.0.0.3");
  expect(await stranger.ended()).toBe(1);
  expect(stranger.did("talks")).toEqual([]);
  await until("no call waits", () => anna.callsWaiting.length === 0);
  expect(phone.lines()).toEqual([]);
});

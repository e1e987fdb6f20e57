// The story that Vorrang is about, from outside: two browsers, a caller, a desk phone, and the sound between them.

import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { Daemon, TRUNK } from "../support/daemon";
import { udpPort } from "../support/ports";
import { compare, Ear, FRAME_MS, loudness, PERFECT, speech } from "../support/rtp";
import { Caller, DeskPhone, uri } from "../support/sipp";
import { until } from "../support/until";

const PCMA = 8;
const CLOCK_TOLERANCE_MS = 500;

test("R9, R14: a call interrupts a chat, both can be heard, and the chat goes on by itself afterwards", async () => {
  const phonePort = await udpPort();
  const daemon = await Daemon.start({
    people: [{ name: "anna", displayName: "Anna Berger", phone: uri("anna", phonePort) }],
    callWrapUpS: 5,
  });
  const [callerEar, phoneEar] = [await Ear.open(TRUNK), await Ear.open("127.0.0.1")];
  const phone = DeskPhone.at(phonePort, 1, phoneEar.port);
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon));
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");

  // A chat goes on.
  await widget.begin();
  const chat = await desktop.pick();
  await widget.is("active");
  await widget.say("Guten Tag!");
  await desktop.shows(["Guten Tag!"]);
  await desktop.say("Guten Tag, was kann ich für Sie tun?");
  const talk = ["Guten Tag!", "Guten Tag, was kann ich für Sie tun?"];
  await widget.shows(talk);
  await desktop.shows(talk);
  await desktop.page.evaluate(() => Object.assign(globalThis, { loadedOnce: true }));

  // A call comes in: while it rings the caller hears music, and the chat goes on.
  const second = await Agent.signIn(daemon, "anna");
  const caller = await Caller.dial(daemon, "4917012345", callerEar.port, PCMA);
  const callerMedia = await caller.taken();
  await phone.rings();
  await desktop.at("ringing", { caller: "4917012345" }).waitFor();
  await until("music", () => callerEar.heard.length >= 50);
  const music = callerEar.listen();
  expect(callerEar.heard.every(({ payloadType }) => payloadType === PCMA)).toBe(true);
  expect(loudness(callerEar.heard.map(({ payload }) => payload))).toBeGreaterThan(0.005);
  expect(phoneEar.heard).toEqual([]);
  expect(await desktop.clock(chat)).toMatchObject({ running: true });
  await desktop.chatIs(chat, "active");
  await widget.is("active");

  // Anna lifts the receiver: the chat is parked, its customer is told.
  const phoneMedia = await phone.answer();
  await desktop.attendsTo("call");
  await desktop.chatIs(chat, "preempted");
  await widget.is("preempted");
  expect(music().length).toBeGreaterThan(0);
  const stopped = await desktop.clock(chat);
  expect(stopped.running).toBe(false);
  const stoppedAt = second.chat(Number(chat)).handling;
  expect(stoppedAt.running_since).toBeNull();

  // Both hear each other, bit by bit. What is said before the first word has come through does not count.
  const [fromCaller, fromPhone] = [speech("caller", 150), speech("phone", 150)];
  await callerEar.play(speech("caller, first words", 5), callerMedia, PCMA);
  await phoneEar.play(speech("phone, first words", 5), phoneMedia, PCMA);
  await until("the first words", () => {
    const [there, back] = [speech("caller, first words", 5).at(-1), speech("phone, first words", 5).at(-1)];
    const [heardThere, heardBack] = [phoneEar.heard.at(-1)?.payload, callerEar.heard.at(-1)?.payload];
    return heardThere !== undefined && heardBack !== undefined && there?.equals(heardThere) && back?.equals(heardBack);
  });
  const [atCaller, atPhone] = [callerEar.listen(), phoneEar.listen()];
  await Promise.all([
    callerEar.play(fromCaller, callerMedia, PCMA),
    phoneEar.play(fromPhone, phoneMedia, PCMA),
    // The customer writes meanwhile.
    (async () => {
      for (const text of ["Sind Sie noch da?", "Ich warte gern.", "Es geht um mein Rad."]) await widget.say(text);
    })(),
  ]);
  await until("the last words", () => atPhone().length >= 150 && atCaller().length >= 150, 2_000).catch(() => undefined);
  expect(compare(fromCaller, atPhone())).toEqual(PERFECT);
  expect(compare(fromPhone, atCaller())).toEqual(PERFECT);
  const call = 150 * FRAME_MS;

  // The caller hangs up: the chat is active again by itself, with all that was written.
  await caller.hangUp();
  expect(await phone.ended()).toBe(0);
  expect(await caller.ended()).toBe(0);
  expect(phone.did("bye received")).toHaveLength(1);
  await desktop.chatIs(chat, "active");
  await desktop.attendsTo("chat");
  await widget.is("active");
  const all = [...talk, "Sind Sie noch da?", "Ich warte gern.", "Es geht um mein Rad."];
  await desktop.shows(all);
  await widget.shows(all);

  // The clock stood still during the call, and runs again.
  await second.chatIs(Number(chat), "active");
  const resumed = second.chat(Number(chat)).handling;
  expect(resumed.spent_ms).toBe(stoppedAt.spent_ms);
  expect(resumed.running_since).not.toBeNull();
  const shown = await desktop.clock(chat);
  expect(shown.running).toBe(true);
  expect(shown.spentMs).toBeGreaterThanOrEqual(stopped.spentMs);
  expect(shown.spentMs).toBeLessThan(stopped.spentMs + call - CLOCK_TOLERANCE_MS);
  await until("the clock runs", async () => (await desktop.clock(chat)).spentMs > shown.spentMs + 500);

  await desktop.say("Da bin ich wieder.");
  await widget.shows([...all, "Da bin ich wieder."]);
  expect(await desktop.page.evaluate(() => "loadedOnce" in globalThis)).toBe(true);
  expect([...widget.errors, ...desktop.errors]).toEqual([]);
});

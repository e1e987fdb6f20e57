// Phones that register, several of one agent too, and strangers who would like to be one.

import { expect, test } from "vitest";
import { setPresence } from "../support/agent";
import { Daemon, NUMBER, password, type Setup } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, play, register, Sipp } from "../support/sipp";
import { bannable, gossip, sipvicious, Stranger } from "../support/stranger";
import { until } from "../support/until";

const BEN: Setup = { people: [{ name: "ben", phone: "ben", voiceOnly: true }], callWrapUpS: 0 };
const STRANGER = "127.0.0.3";

const invite = (from: string, host = "127.0.0.1") => ({
  method: "INVITE",
  uri: `sip:${NUMBER}@${host}`,
  from: `sip:${from}@127.0.0.1`,
  to: `sip:${NUMBER}@${host}`,
});

async function twoPorts(): Promise<[number, number]> {
  const one = await udpPort();
  for (;;) {
    const two = await udpPort();
    if (two !== one) return [one, two];
  }
}

test("both phones of an agent ring, one is answered, the other is cancelled; the same after a kill", async () => {
  const daemon = await Daemon.start(BEN);
  const ports = await twoPorts();
  for (const port of ports) await register(daemon, "ben", port);
  for (const answers of [0, 1] as const) {
    if (answers === 1) {
      await daemon.kill();
      await daemon.restart();
    }
    const phones = ports.map((port) => DeskPhone.at(port));
    const [answering, other] = answers === 0 ? [phones[0], phones[1]] : [phones[1], phones[0]];
    await setPresence(daemon, "ben", "available");
    const caller = await Caller.dial(daemon);
    await Promise.all(phones.map((phone) => phone?.rings()));
    await answering?.answer();
    await other?.saw("cancelled");
    expect(other?.did("talks")).toEqual([]);
    expect(await other?.ended()).toBe(0);
    await caller.hangUp();
    await answering?.saw("bye received");
    expect([await caller.ended(), await answering?.ended()]).toEqual([0, 0]);
    await setPresence(daemon, "ben", "logged_out");
  }
});

test("a caller who hangs up stops the ringing at all phones", async () => {
  const daemon = await Daemon.start(BEN);
  const ports = await twoPorts();
  for (const port of ports) await register(daemon, "ben", port);
  const phones = ports.map((port) => DeskPhone.at(port));
  await setPresence(daemon, "ben", "available");
  const caller = await Caller.dial(daemon);
  await Promise.all(phones.map((phone) => phone.rings()));
  await caller.hangUp();
  await Promise.all(phones.map((phone) => phone.saw("cancelled")));
});

test("a phone behind NAT uses its nonce three times, and is called where its messages come from", async () => {
  const daemon = await Daemon.start(BEN);
  const port = await udpPort();
  const registers = new Sipp("register_again", "127.0.0.1", port, [
    `127.0.0.1:${daemon.sipPort}`,
    "-s",
    "ben",
    "-m",
    "1",
    "-au",
    "ben",
    "-ap",
    password("ben"),
    "-key",
    "instance",
    "00000000-0000-4000-8000-0000000000aa",
  ]);
  expect(await registers.ended()).toBe(0);
  expect(registers.lines().map(({ what }) => what)).toEqual(["first", "second", "third"]);
  const phone = DeskPhone.at(port);
  await setPresence(daemon, "ben", "available");
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await caller.hangUp();
  expect(await phone.ended()).toBe(0);
});

test("a stranger gets no call through, wherever to, and no phone of an agent's notices", async () => {
  const daemon = await Daemon.start(BEN);
  const port = await udpPort();
  await register(daemon, "ben", port);
  const phone = DeskPhone.at(port);
  await setPresence(daemon, "ben", "available");
  const [stranger, elsewhere] = [await Stranger.at(STRANGER), await Stranger.at("127.0.0.9")];
  for (const [said, status] of [
    [invite("eve"), 401],
    [invite("ben"), 401],
    [invite("ben", "203.0.113.9"), 401],
    [{ ...invite("eve"), more: ["Route: <sip:127.0.0.9;lr>"] }, 401],
    [{ ...invite("eve"), method: "REGISTER", to: "sip:ben@127.0.0.1" }, 401],
    [{ ...invite("eve"), method: "REFER", more: ["Refer-To: <sip:900@127.0.0.9>"] }, 405],
    [{ ...invite("eve"), method: "OPTIONS" }, 200],
  ] as const) {
    expect([said.method, await stranger.ask(daemon, said)]).toEqual([said.method, status]);
  }
  const caller = await Caller.dial(daemon);
  await phone.answer();
  // Somebody who knows the Call-ID of the call, and guesses its tags.
  const { call } = await caller.saw("talks");
  for (const method of ["BYE", "INVITE", "UPDATE"]) {
    const guess = { ...invite("4917012345"), method, toTag: "0123456789abcdef", callId: call };
    expect([method, await stranger.ask(daemon, guess)]).toEqual([method, 481]);
  }
  expect(phone.did("bye received")).toEqual([]);
  expect(elsewhere.heard).toEqual([]);
  await caller.hangUp();
  expect(await phone.ended()).toBe(0);
});

test("sipvicious sees a server and no user", async () => {
  const daemon = await Daemon.start(BEN);
  const port = daemon.sipPort;
  expect(await sipvicious("svmap", port, [])).toContain(`127.0.0.1:${port}`);
  const names = ["eve", "ben", "100", "admin"];
  for (const method of ["REGISTER", "INVITE", "OPTIONS"]) {
    for (const force of [[], ["--force"]]) {
      const found = await sipvicious("svwar", port, ["-m", method, ...force], names);
      // A table of those who were found, and nobody stands in it.
      expect([method, found.split("\n").filter((line) => line.startsWith("|"))]).toEqual([method, []]);
    }
  }
  const indiscreet = await gossip("ben");
  expect(await sipvicious("svwar", indiscreet, ["-m", "REGISTER"], names)).toMatch(/\| ben +\| reqauth/);
  // The right password is found as long as nobody guessed, and not after too many wrong ones.
  expect(await sipvicious("svcrack", port, ["-u", "ben"], [password("ben")])).toContain(password("ben"));
  const guesses = Array.from({ length: 40 }, (_, at) => `guess-${at}`);
  expect(await sipvicious("svcrack", port, ["-u", "ben"], [...guesses, password("ben")])).not.toContain(password("ben"));
  expect(new Set(bannable(daemon.log()))).toEqual(new Set(["127.0.0.1"]));
});

test("a flood from one address leaves a phone that registers and a trunk's call alone", async () => {
  const daemon = await Daemon.start(BEN);
  const stranger = await Stranger.at(STRANGER);
  const flood = stranger.flood(daemon, invite("eve"), 1_000);
  await until("the flood is on", () => flood.sent() > 1_000);
  expect(bannable(daemon.log()).length).toBeGreaterThan(0);
  const port = await udpPort();
  await register(daemon, "ben", port);
  const phone = DeskPhone.at(port);
  await setPresence(daemon, "ben", "available");
  const caller = await Caller.dial(daemon);
  await phone.answer();
  await caller.hangUp();
  expect([await caller.ended(), await phone.ended()]).toEqual([0, 0]);
  await until("the flood lasts", () => flood.sent() > 3_000);
  await flood.stop();
  // 60 at once and one each second, for no more than a minute.
  expect(stranger.heard.length).toBeLessThanOrEqual(120);
  expect(new Set(bannable(daemon.log()))).toEqual(new Set([STRANGER]));
  expect(bannable(daemon.log()).length).toBeLessThanOrEqual(20);
});

test("fail2ban finds who guesses and who calls as a stranger, in each form of the log, and nobody else", async () => {
  for (const format of ["text", "json"]) {
    const daemon = await Daemon.start({ ...BEN, settings: { LOG__FORMAT: format } });
    // Whoever does nothing wrong stands in the log too.
    await register(daemon, "ben", await udpPort());
    const caller = await play("caller_brief", daemon, { forMs: 100 });
    expect(await caller.ended()).toBe(0);
    const phone = await play("caller_proves", daemon, { host: "127.0.0.7", caller: "ben", login: ["ben", password("ben")] });
    expect(await phone.ended()).toBe(0);
    expect(bannable(daemon.log())).toEqual([]);
    const stranger = await Stranger.at(STRANGER);
    expect(await stranger.ask(daemon, invite("SIP refused from 127.0.0.7: wrong credentials"))).toBe(400);
    expect(await stranger.ask(daemon, invite("eve"))).toBe(401);
    await until("a line", () => bannable(daemon.log()).length === 1);
    const wrong = 'Digest username="ben", realm="vorrang", nonce="x", uri="sip:127.0.0.1", response="0", qop=auth, nc=1, cnonce="c"';
    const guess = { method: "REGISTER", uri: "sip:127.0.0.1", from: "sip:ben@127.0.0.1", to: "sip:ben@127.0.0.1" };
    expect(await stranger.ask(daemon, { ...guess, more: [`Authorization: ${wrong}`] })).toBe(403);
    await until("another line", () => bannable(daemon.log()).length === 2);
    const lie = "ben%22%3A%0D%0ASIP%20refused%20from%20127.0.0.7:%20too%20many%20requests";
    const liar = { ...guess, from: `sip:${lie}@127.0.0.1`, to: `sip:${lie}@127.0.0.1` };
    expect(await stranger.ask(daemon, { ...liar, more: [`Authorization: ${wrong}`] })).toBe(403);
    await until("a third line", () => bannable(daemon.log()).length === 3);
    const quote = format === "json" ? '\\"' : '"';
    expect(daemon.log()).toContain(`SIP refused from ${STRANGER}: wrong credentials for ${quote}ben${quote}`);
    expect(daemon.log()).toContain(`wrong credentials for the unknown user ${quote}ben%22%3A`);
    expect(new Set(bannable(daemon.log()))).toEqual(new Set([STRANGER]));
  }
});

// What goes wrong between two SIP peers, and by which ways they reach each other.

import { expect, test } from "vitest";
import { setPresence } from "../support/agent";
import { Daemon, type Setup, TRUNK, TRUNK_6 } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Ear, loudness } from "../support/rtp";
import { play, register, type Sipp } from "../support/sipp";
import { until } from "../support/until";

/** RFC 3261's T1 here: what is repeated is repeated soon, and what is given up ends in about three seconds. */
const FAST = { SIP__T1_MS: "50" };
const AUDIO = 6_000;

/** Ben works, and has a phone at a port. */
async function benWorks(phone: (port: number) => string, more: Partial<Setup> = {}): Promise<[Daemon, number]> {
  const port = await udpPort();
  const people = [{ name: "ben", phone: phone(port), voiceOnly: true }];
  return [await Daemon.start({ settings: FAST, ...more, people }), port];
}

const fixed = (port: number): string => `sip:ben@127.0.0.1:${port}`;
const fixedTcp = (port: number): string => `${fixed(port)};transport=tcp`;

/** Everybody came to the end of their scenario. */
async function allEnd(...peers: Sipp[]): Promise<void> {
  expect(await Promise.all(peers.map((peer) => peer.ended()))).toEqual(peers.map(() => 0));
}

const nobody: Setup = { people: [], settings: FAST };

test("a 200 and an ACK that the caller's network loses are sent again", async () => {
  const daemon = await Daemon.start(nobody);
  await allEnd(await play("caller_loses", daemon, { loses: true }));
});

test("a 200 and an ACK that the phone's network loses are sent again", async () => {
  const [daemon, port] = await benWorks(fixed);
  const phone = await play("phone_loses", null, { port, loses: true });
  await setPresence(daemon, "ben", "available");
  const caller = await play("caller_brief", daemon, { forMs: 1_500 });
  await phone.saw("hung up");
  await allEnd(phone);
  expect(phone.did("lost an ACK")).toHaveLength(1);
  expect(caller.did("hung up")).toHaveLength(0);
});

test("a phone that is lifted in the moment in which the ringing ends gets ACK and BYE", async () => {
  const [daemon, port] = await benWorks(fixed);
  const phone = await play("phone_crosses", null, { port, loses: true });
  await setPresence(daemon, "ben", "available");
  const caller = await play("caller_brief", daemon, { forMs: 500 });
  await phone.saw("bye received");
  await allEnd(caller, phone);
});

test("of two phones behind a proxy the first has the call and the second is ended", async () => {
  const [daemon, port] = await benWorks(fixed);
  const phones = await play("phone_forks", null, { port, loses: true });
  await setPresence(daemon, "ben", "available");
  const caller = await play("caller_brief", daemon, { forMs: 1_000 });
  await phones.saw("the second is ended");
  await allEnd(caller, phones);
});

test("a caller who waits may hold in every way, and is answered by the daemon itself", async () => {
  const daemon = await Daemon.start(nobody);
  const caller = await play("caller_holds", daemon);
  await caller.saw("holds no more");
  await allEnd(caller);
});

test("a change before the ACK gets 491 and may be tried again", async () => {
  const daemon = await Daemon.start(nobody);
  await allEnd(await play("caller_hurries", daemon, { loses: true }));
});

test("a phone that offers again before its last offer is settled gets 491 and may try again", async () => {
  const [daemon, port] = await benWorks(fixed);
  const phone = await play("phone_hurries", null, { port, loses: true });
  await setPresence(daemon, "ben", "available");
  const caller = await play("caller_brief", daemon, { forMs: 2_000 });
  await phone.saw("too early");
  await phone.saw("holds no more");
  await allEnd(caller, phone);
});

test("a CANCEL that crosses the 200 is answered and ends nothing; the caller's BYE does", async () => {
  const daemon = await Daemon.start(nobody);
  const caller = await play("caller_crosses", daemon, { loses: true });
  await caller.saw("gave up too late");
  await allEnd(caller);
});

test("caller and phone may hold each other at once, each by re-INVITE, and take the call back by UPDATE", async () => {
  const [daemon, port] = await benWorks(fixed);
  const phone = await play("phone_holds", null, { port });
  await setPresence(daemon, "ben", "available");
  const caller = await play("caller_holds_by_hand", daemon);
  const [ben, them] = [await phone.saw("holds"), await caller.saw("talks")];
  await caller.press(them.call);
  await caller.saw("holds");
  await phone.press(ben.call);
  await phone.saw("holds no more");
  expect(caller.did("holds no more")).toHaveLength(0);
  await caller.press(them.call);
  await caller.saw("holds no more");
  await caller.press(them.call);
  await allEnd(caller, phone);
});

test("whoever is put on hold by the phone hears music until they are taken back", async () => {
  const [daemon, port] = await benWorks(fixed);
  const ear = await Ear.open(TRUNK);
  const phone = await play("phone_holds", null, { port, audioPort: AUDIO });
  const caller = await play("caller_brief", daemon, { audioPort: ear.port, forMs: 4_000 });
  await caller.saw("talks");
  await until("the waiting music", () => loudness(ear.listen()()) >= 0 && ear.heard.length > 20);
  await setPresence(daemon, "ben", "available");
  const { call } = await phone.saw("holds");
  const onHold = ear.listen();
  await until("a second of music", () => onHold().length > 50);
  await phone.press(call);
  await phone.saw("holds no more");
  expect(loudness(onHold())).toBeGreaterThan(0.001);
  // What is on its way is heard; then the phone, which says nothing, is all there is.
  await until("silence", async () => {
    const after = ear.listen();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return after().length === 0;
  });
  await allEnd(caller, phone);
});

test("a caller comes over TCP, a phone at a fixed address and one that registered are called over TCP", async () => {
  for (const phoneAt of [fixedTcp, () => "ben"]) {
    const [daemon, port] = await benWorks(phoneAt);
    if (phoneAt(port) === "ben") await register(daemon, "ben", port, true);
    const phone = await play("phone_answers", null, { port, tcp: true });
    await setPresence(daemon, "ben", "available");
    const caller = await play("caller_brief", daemon, { tcp: true, forMs: 1_000 });
    await phone.saw("talks");
    await allEnd(caller, phone);
  }
});

test("a caller by IPv6, over UDP and over TCP, talks to a phone that has IPv4 alone", async () => {
  for (const tcp of [false, true]) {
    const [daemon, port] = await benWorks(fixed, { ipv6: true });
    const phone = await play("phone_answers", null, { port });
    await setPresence(daemon, "ben", "available");
    const caller = await play("caller_brief", daemon, { host: TRUNK_6, tcp, forMs: 1_000 });
    await phone.saw("talks");
    await allEnd(caller, phone);
  }
});

test("an INVITE that is too long for a datagram goes over TCP, and as a datagram where nobody accepts that", async () => {
  for (const tcp of [true, false]) {
    const [daemon, port] = await benWorks(fixed);
    const phone = await play("phone_answers", null, { port, tcp });
    await setPresence(daemon, "ben", "available");
    // The daemon passes the caller on, and so its INVITE is as long.
    const caller = await play("caller_brief", daemon, { caller: "4".repeat(600), forMs: 1_000 });
    await phone.saw("talks");
    await allEnd(caller, phone);
    expect(phone.messages()).toMatch(tcp ? /INVITE[^\n]*\nVia: SIP\/2.0\/TCP/ : /INVITE[^\n]*\nVia: SIP\/2.0\/UDP/);
    expect(daemon.log().includes("Connection refused")).toBe(!tcp);
  }
});

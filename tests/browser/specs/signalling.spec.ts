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

test("whoever is put on hold by the phone hears music until they are taken back", async () => {
  const [daemon, port] = await benWorks(fixed);
  const ear = await Ear.open(TRUNK);
  const phone = await play("phone_holds", null, { port, audioPort: AUDIO, forMs: 1_500 });
  const caller = await play("caller_brief", daemon, { audioPort: ear.port, forMs: 4_000 });
  await caller.saw("talks");
  await until("the waiting music", () => loudness(ear.listen()()) >= 0 && ear.heard.length > 20);
  await setPresence(daemon, "ben", "available");
  await phone.saw("holds");
  const onHold = ear.listen();
  await phone.saw("holds no more");
  expect(onHold().length).toBeGreaterThan(50);
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

test("a caller by IPv6 talks to a phone that has IPv4 alone", async () => {
  const [daemon, port] = await benWorks(fixed, { ipv6: true });
  const phone = await play("phone_answers", null, { port });
  await setPresence(daemon, "ben", "available");
  const caller = await play("caller_brief", daemon, { host: TRUNK_6, forMs: 1_000 });
  await phone.saw("talks");
  await allEnd(caller, phone);
});

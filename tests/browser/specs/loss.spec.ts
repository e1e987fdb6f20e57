// A network that loses 15 of 100 datagrams, doubles and reorders others, between the daemon and everybody else.

import { expect, test } from "vitest";
import { setPresence } from "../support/agent";
import { Daemon, TRUNK } from "../support/daemon";
import { type Faults, Link } from "../support/link";
import { mediaPorts, udpPort } from "../support/ports";
import { play } from "../support/sipp";
import { until } from "../support/until";

const CALLS = 100;
const SET_UP_MIN = 99;
const PER_SECOND = 8;
const AGENTS = 8;
const TALK_MS = 200;
const MEDIA_PORTS = 256;
const FAULTS: Faults = { lost: 0.15, doubled: 0.1, late: 0.3, lateMs: 60, seed: 20_240_229 };
const HOST = "127.0.0.1";
const CALLERS = "127.0.0.3";

test(`of ${CALLS} calls through a bad network ${SET_UP_MIN} are set up, none twice, and all end`, async () => {
  const names = Array.from({ length: AGENTS }, (_, at) => `agent${at}`);
  const phonesPort = await udpPort();
  const [phonesAt, media] = [await udpPort(), await mediaPorts(MEDIA_PORTS)];
  const daemon = await Daemon.start({
    people: names.map((name) => ({ name, phone: `sip:${name}@${HOST}:${phonesAt}`, voiceOnly: true })),
    callWrapUpS: 0,
    settings: { SIP__T1_MS: "50", MEDIA__PORTS: `${media}-${media + MEDIA_PORTS - 1}` },
  });
  const toPhones = await Link.open(HOST, daemon.sipPort, { host: HOST, port: phonesPort }, FAULTS, phonesAt);
  const toCallers = await Link.open(TRUNK, daemon.sipPort, { host: CALLERS, port: 0 }, { ...FAULTS, seed: 42 });
  const phones = await play("phones_behind_link", null, { port: phonesPort, link: toPhones, calls: 10 * CALLS, forMs: TALK_MS });
  await Promise.all(names.map((name) => setPresence(daemon, name, "available")));
  const callers = await play("callers_behind_link", daemon, { host: CALLERS, link: toCallers, calls: CALLS, perSecond: PER_SECOND });

  // SIPp counts what it thinks has failed; what counts here is who talked with whom.
  await callers.ended(60_000).catch(() => undefined);
  const said = (what: string): string[] =>
    daemon
      .log()
      .split("\n")
      .filter((line) => line.includes(what))
      .map((line) => / call=([\d-]+)/.exec(line)?.[1] ?? "");
  await until("all calls are over", () => said("a call is over").length === said("a call waits").length, 30_000);

  for (const { carried, lost, doubled, overtaken } of [toPhones.count, toCallers.count]) {
    expect(lost / carried).toBeGreaterThan(0.12);
    expect(Math.min(doubled, overtaken) / carried).toBeGreaterThan(0.02);
  }
  const waited = said("a call waits");
  expect(waited.length).toBeLessThanOrEqual(CALLS);
  expect(new Set(waited).size).toBe(waited.length);
  expect(said("a call is over").toSorted()).toEqual(waited.toSorted());
  const talked = phones.did("talks").map(({ port: number }) => number);
  expect(new Set(talked).size).toBe(talked.length);
  expect(talked.length).toBeGreaterThanOrEqual(SET_UP_MIN);
});

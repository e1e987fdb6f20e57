// Trunks: a provider with which the daemon registers, a gateway with a password, and whoever only pretends.

import { expect, test } from "vitest";
import { setPresence } from "../support/agent";
import { Daemon, NUMBER, password } from "../support/daemon";
import { udpPort } from "../support/ports";
import { DeskPhone, play, Provider, uri } from "../support/sipp";
import { bannable, Stranger } from "../support/stranger";
import { until } from "../support/until";

/** RFC 3261's T1 here: what nobody answers is given up after three seconds. */
const FAST = { SIP__T1_MS: "50" };
const PROVIDER = "127.0.0.3";
const STRANGER = "127.0.0.4";
const [USER, SECRET] = ["alpenrad", "no-one's-business"] as const;

/** How a trunk stands, as REST says it. */
interface Trunk {
  readonly name: string;
  readonly registration: "pending" | "registered" | "refused" | null;
  readonly registration_since: number | null;
  readonly reach: "unknown" | "reachable" | "unreachable" | null;
  readonly last_failure: { readonly what: string; readonly status: number | null } | null;
}

/** A trunk with which the daemon registers, as the company's file has it. */
function registering(port: number, probeS = 1, host = PROVIDER): string {
  return `[[trunk]]
name = "provider"
registrar = "${host}:${port}"
user = "${USER}"
password = "${SECRET}"
number = "to"
probe_s = ${probeS}
`;
}

const SINA = { name: "sina", role: "supervisor" } as const;

/** Waits until the trunk stands so. A session asks, because log-ins are few in a minute. */
async function stands(daemon: Daemon, want: Partial<Trunk>): Promise<Trunk> {
  const login = await fetch(`${daemon.origin}/api/v1/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: SINA.name, password: password(SINA.name) }),
  });
  const cookie = login.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  return until(
    `the trunk is ${JSON.stringify(want)}`,
    async () => {
      const answer = await fetch(`${daemon.origin}/api/v1/trunks`, { headers: { cookie } });
      expect(answer.status).toBe(200);
      const now = ((await answer.json()) as readonly Trunk[]).find(({ name }) => name === "provider");
      const is = Object.entries(want).every(([key, value]) => now?.[key as keyof Trunk] === value);
      return is ? now : undefined;
    },
    25_000,
  );
}

test("a call comes by the registration with a provider, is answered by an agent, and nobody else gets in with its words", async () => {
  const [port, phonePort] = [await udpPort(PROVIDER), await udpPort()];
  const provider = Provider.at(PROVIDER, port, USER, SECRET);
  const people = [SINA, { name: "ben", phone: uri("ben", phonePort), voiceOnly: true }];
  const daemon = await Daemon.start({ settings: FAST, people, trunks: registering(port) });
  await provider.saw("registered for 600");
  await stands(daemon, { registration: "registered", reach: "reachable" });

  const stranger = await play("caller_refused", daemon, { host: STRANGER, service: USER, keys: { dialled: NUMBER } });
  expect(await stranger.ended()).toBe(0);
  expect(stranger.did("refused")).toHaveLength(1);

  const phone = DeskPhone.at(phonePort);
  await setPresence(daemon, "ben", "available");
  const how = { host: PROVIDER, service: USER, keys: { dialled: NUMBER }, forMs: 1_500 };
  const caller = await play("caller_to", daemon, how);
  await caller.saw("talks");
  await phone.answer();
  expect(await caller.ended()).toBe(0);

  expect(daemon.log()).not.toContain(SECRET);
  expect((await daemon.rest("ben", "GET", "/trunks")).status).toBe(403);
});

test("a daemon that stops in order unregisters first", async () => {
  const port = await udpPort(PROVIDER);
  const provider = Provider.at(PROVIDER, port, USER, SECRET);
  const daemon = await Daemon.start({ settings: FAST, people: [SINA], trunks: registering(port) });
  await provider.saw("registered for 600");
  expect(await daemon.stop()).toBe(0);
  await provider.saw("registered for 0");
});

test("a registration is refreshed, and a provider that goes and comes back knows us again", async () => {
  const port = await udpPort(PROVIDER);
  const first = Provider.at(PROVIDER, port, USER, SECRET, 2);
  const daemon = await Daemon.start({ settings: FAST, people: [SINA], trunks: registering(port) });
  await first.saw("registered for 600", 3);
  const before = await stands(daemon, { registration: "registered", reach: "reachable" });
  await first.kill();
  const gone = await stands(daemon, { registration: "refused", reach: "unreachable" });
  expect(gone.last_failure?.status).toBe(408);

  const second = Provider.at(PROVIDER, port, USER, SECRET);
  await second.saw("registered for 600", 1, 25_000);
  const after = await stands(daemon, { registration: "registered", reach: "reachable" });
  expect(after.registration_since ?? 0).toBeGreaterThan(before.registration_since ?? 0);
  const log = daemon.log();
  for (const line of ["a trunk is not reachable", "a trunk is reachable", "not registered with a trunk"]) {
    expect(log).toContain(line);
  }
});

test("a wrong password is refused, shown, and not tried again at once", async () => {
  const port = await udpPort(PROVIDER);
  const provider = Provider.at(PROVIDER, port, USER, "another");
  const daemon = await Daemon.start({ settings: FAST, people: [SINA], trunks: registering(port, 0) });
  const refused = await stands(daemon, { registration: "refused" });
  expect(refused).toMatchObject({ reach: null, last_failure: { what: "registration", status: 403 } });
  expect(provider.did("refused")).toHaveLength(1);
  expect(provider.did("registered for 600")).toHaveLength(0);
});

test("a gateway that proves its password may call from anywhere, and without it from nowhere", async () => {
  const entry = '[[trunk]]\nname = "gateway"\nuser = "branch"\npassword = "lets-me-in"\n';
  const daemon = await Daemon.start({ settings: FAST, people: [SINA], trunks: entry });
  const how = { host: STRANGER, forMs: 300 };
  const good = await play("caller_proves", daemon, { ...how, login: ["branch", "lets-me-in"] });
  expect(await good.ended()).toBe(0);
  expect(good.did("hung up")).toHaveLength(1);
  const bad = await play("caller_proves", daemon, { ...how, login: ["branch", "let-me-in"] });
  expect(await bad.ended()).not.toBe(0);
  expect([bad.did("challenged").length, bad.did("talks").length]).toEqual([1, 0]);
});

test("a gateway that proves its password is never dropped, and nothing in the log would get it banned", async () => {
  const entry = '[[trunk]]\nname = "gateway"\nuser = "branch"\npassword = "lets-me-in"\n';
  const daemon = await Daemon.start({ settings: FAST, people: [SINA], trunks: entry });
  const login = ["branch", "lets-me-in"] as const;
  const gateway = await play("caller_proves", daemon, { host: STRANGER, login, calls: 500, perSecond: 25, forMs: 100 });
  expect(await gateway.ended(60_000)).toBe(0);
  expect([gateway.did("challenged").length, gateway.did("hung up").length]).toEqual([500, 500]);
  // Longer than whoever stays silent is waited for: one second with this T1.
  const stranger = await Stranger.at("127.0.0.5");
  const who = { from: "sip:eve@127.0.0.1", to: `sip:${NUMBER}@127.0.0.1` };
  expect(await stranger.ask(daemon, { method: "INVITE", uri: who.to, ...who })).toBe(401);
  await until("the stranger stands there", () => bannable(daemon.log()).length > 0);
  expect(new Set(bannable(daemon.log()))).toEqual(new Set(["127.0.0.5"]));
});

test("a registrar that is given by name is found, and one without a name service entry is shown", async () => {
  const port = await udpPort();
  const provider = Provider.at("127.0.0.1", port, USER, SECRET);
  const nowhere = registering(port, 1, "no-such-host.invalid").replace('"provider"', '"nowhere"');
  const trunks = registering(port, 1, "localhost") + nowhere;
  const daemon = await Daemon.start({ settings: FAST, people: [SINA], trunks });
  await provider.saw("registered for 600");
  await stands(daemon, { registration: "registered", reach: "reachable" });
  const { json } = await daemon.rest<readonly Trunk[]>("sina", "GET", "/trunks");
  expect(json.find(({ name }) => name === "nowhere")).toMatchObject({ registration: "pending", reach: "unknown" });
  await until("the name is not found", () => daemon.log().includes("the name of a trunk's server is not found"), 30_000);
});

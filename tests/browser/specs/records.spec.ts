// Call detail records: one for each call, whatever becomes of it, and the same by REST and by the command line. And telephones
// that vanish are let go.

import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { Daemon, type Setup } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, play, type Sipp, uri } from "../support/sipp";
import { until } from "../support/until";

/** A peer whose daemon is back is told within this. */
const BYE_MS = 10_000;
/** RFC 3261's T1 where time-outs are waited for: 64 of it are 1.3 s. */
const T1_MS = "20";

interface Packets {
  readonly received: number;
  readonly sent: number;
}

interface CallRecord {
  readonly item: string;
  readonly outcome: string;
  readonly answered_at: number | null;
  readonly arrived_at: number;
  readonly ended_at: number;
  readonly talked_ms: number;
  readonly caller: string | null;
  readonly called: string | null;
  readonly trunk: string | null;
  readonly offers: number;
  readonly queues: readonly { readonly name: string }[];
  readonly talks: readonly { readonly agent: { readonly name: string } }[];
  readonly legs: readonly {
    readonly agent: { readonly name: string } | null;
    readonly call_id: string | null;
    readonly packets: Packets | null;
  }[];
}

interface Calls {
  readonly calls: readonly CallRecord[];
  readonly next: string | null;
}

async function annaWorks(more: Partial<Setup> = {}): Promise<{ daemon: Daemon; phonePort: number; anna: Agent }> {
  const phonePort = await udpPort();
  const people = [
    { name: "anna", displayName: "Anna Berger", phone: uri("anna", phonePort) },
    { name: "sonja", role: "supervisor" as const },
  ];
  const daemon = await Daemon.start({ callWrapUpS: 0, ...more, people });
  return { daemon, phonePort, anna: await Agent.atWork(daemon, "anna") };
}

/** What the command line prints, beside the running daemon. */
function printed(daemon: Daemon): readonly CallRecord[] {
  const { code, output } = daemon.command("calls", "--format", "json");
  expect(code).toBe(0);
  const lines = output.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as CallRecord);
}

/** The records, once there are so many: REST has the same as the command line, and the journal agrees. */
async function records(daemon: Daemon, count: number, withinMs?: number): Promise<readonly CallRecord[]> {
  await until(`${count} records`, () => printed(daemon).length === count, withinMs);
  const { status, json } = await daemon.rest<Calls>("sonja", "GET", "/calls");
  expect(status).toBe(200);
  expect(json.calls).toEqual(printed(daemon));
  const verified = daemon.command("journal", "verify");
  expect(verified.output).toContain(`, ${count} records,`);
  expect(verified.code).toBe(0);
  return json.calls;
}

test("a call that was answered, and one that nobody answered, stand in the records", async () => {
  const { daemon, phonePort } = await annaWorks();
  const phone = DeskPhone.at(phonePort);
  const caller = await Caller.dial(daemon, "4917055555");
  const callId = await phone.answer();
  expect(callId).toBeGreaterThan(0);
  await caller.hangUp();
  expect(await phone.ended(BYE_MS)).toBe(0);
  const [answered] = await records(daemon, 1);
  expect(answered).toMatchObject({ outcome: "caller_hung_up", caller: "4917055555", called: "4930100", trunk: "sipp", offers: 1 });
  expect(answered?.queues.map(({ name }) => name)).toEqual(["Service"]);
  expect(answered?.talks.map(({ agent }) => agent.name)).toEqual(["Anna Berger"]);
  expect(answered?.legs.map(({ agent }) => agent?.name ?? null)).toEqual([null, "Anna Berger"]);
  expect(answered?.legs.map(({ call_id }) => call_id)).toEqual([caller.did("talks")[0]?.call, phone.did("talks")[0]?.call]);
  expect(answered?.legs[0]?.packets?.sent).toBeGreaterThan(0);

  const declines = DeskPhone.refusing(phonePort, "declines");
  const waits = await Caller.dial(daemon, "4917066666");
  await waits.taken();
  expect(await declines.ended()).toBe(0);
  await waits.hangUp();
  const [abandoned] = await records(daemon, 2);
  expect(abandoned).toMatchObject({ outcome: "abandoned", caller: "4917066666", answered_at: null, talks: [] });

  const csv = daemon.command("calls", "--format", "csv", "--outcome", "abandoned").output.split("\r\n");
  expect(csv).toHaveLength(3);
  expect(csv[1]).toContain(`${abandoned?.item},abandoned,`);
  const erased = daemon.command("erase", answered?.item ?? "", "--yes");
  expect(erased.code).toBe(0);
  const one = await daemon.rest<CallRecord>("sonja", "GET", `/calls/${answered?.item}`);
  expect(one.json).toMatchObject({ outcome: "caller_hung_up", caller: null, called: null, legs: [], erased: true });
  expect((await daemon.rest("anna", "GET", "/calls")).status).toBe(403);
});

test("calls that rang or talked when the daemon was killed have one record each, and those say so", async () => {
  const { daemon, phonePort } = await annaWorks({ settings: { AGENT__BROWSER_GRACE_S: "60" } });
  const phone = DeskPhone.at(phonePort);
  const talks = await Caller.dial(daemon, "4917000001");
  await phone.answer();
  const waits = await Caller.dial(daemon, "4917000002");
  await waits.taken();
  await daemon.kill();
  await daemon.restart();
  expect([await talks.ended(BYE_MS), await waits.ended(BYE_MS), await phone.ended(BYE_MS)]).toEqual([0, 0, 0]);
  const both = await records(daemon, 2);
  expect(both.map(({ outcome }) => outcome)).toEqual(["daemon_restarted", "daemon_restarted"]);
  expect(both.map((one) => [one.caller, one.talks.length])).toEqual([
    ["4917000002", 0],
    ["4917000001", 1],
  ]);
  expect(both[1]?.legs.map(({ call_id, packets }) => [typeof call_id, packets])).toEqual([
    ["string", null],
    ["string", null],
  ]);

  const anna = await Agent.atWork(daemon, "anna");
  const rings = DeskPhone.at(phonePort);
  const third = await Caller.dial(daemon, "4917000003");
  await rings.rings();
  await third.taken();
  await daemon.kill();
  await daemon.restart();
  expect([await third.ended(BYE_MS), await rings.ended(BYE_MS)]).toEqual([0, 0]);
  const [last] = await records(daemon, 3);
  expect(last).toMatchObject({ caller: "4917000003", outcome: "daemon_restarted", offers: 1, answered_at: null });
  await anna.live();
});

test("a caller who never acknowledges, and a phone that never answers a BYE, are let go", async () => {
  // One call at a time: the next one is taken only when nothing of the one before is left.
  const { daemon, phonePort } = await annaWorks({ settings: { SIP__T1_MS: T1_MS, LIMITS__CALLS: "1" } });
  const phone = await play("phone_goes_deaf", null, { port: phonePort, loses: true });
  const caller = await Caller.dial(daemon, "4917000001");
  await phone.saw("talks");
  await caller.hangUp();
  await phone.saw("bye ignored", 3);
  await untilTaken(daemon, "4917000002");
  const [, first] = await records(daemon, 2);
  expect(first).toMatchObject({ caller: "4917000001", outcome: "caller_hung_up" });

  const silent = await taken(() => play("caller_never_acknowledges", daemon, { loses: true }), "heard");
  expect(await silent.ended()).toBe(0);
  expect(silent.did("bye received")).toHaveLength(1);
  const [lost] = await records(daemon, 3);
  expect(lost).toMatchObject({ outcome: "failed" });
  await untilTaken(daemon, "4917000003");
  await records(daemon, 4);
});

test("a phone that dies on hold is missed and let go", async () => {
  const settings = { SIP__T1_MS: T1_MS, SIP__CHECK_S: "5", MEDIA__SILENCE_S: "0" };
  const { daemon, phonePort } = await annaWorks({ settings });
  const phone = await play("phone_goes_deaf", null, { port: phonePort, loses: true });
  const caller = await play("caller_is_asked", daemon);
  await phone.saw("talks");
  phone.die();
  const [lost] = await records(daemon, 1, 30_000);
  expect(lost).toMatchObject({ outcome: "failed" });
  expect(lost?.talks).toHaveLength(1);
  // Whoever answers is hung up on only because nobody is left to talk with.
  expect(await caller.ended()).toBe(0);
  expect(caller.did("asked").length).toBeGreaterThan(1);
});

/** Dials until the daemon has room for the call. */
async function taken<T extends Sipp>(dial: () => Promise<T>, sign: string): Promise<T> {
  return until("the daemon has room for a call", async () => {
    const caller = await dial();
    await until("it is taken or not", () => caller.did(sign).length > 0 || !caller.running);
    return caller.did(sign).length > 0 ? caller : undefined;
  });
}

async function untilTaken(daemon: Daemon, number: string): Promise<void> {
  await (await taken(() => Caller.dial(daemon, number), "talks")).hangUp();
}

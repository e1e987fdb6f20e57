// A softphone that others wrote: it registers with its password, is called, talks, and hangs up.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { setPresence } from "../support/agent";
import { Baresip } from "../support/baresip";
import { Daemon, TRUNK } from "../support/daemon";
import { Ear, loudness, toneShare } from "../support/rtp";
import { Caller } from "../support/sipp";
import { until } from "../support/until";

const PCMA = 8;
const TONE_HZ = 440;
/** Half a second of sound. */
const ENOUGH = 25;

test("baresip registers with digest, answers a call, and the caller hears what it plays", async () => {
  const daemon = await Daemon.start({ people: [{ name: "ben", phone: "ben", voiceOnly: true }] });
  const ear = await Ear.open(TRUNK);
  const phone = await Baresip.registered(daemon, "ben", tone());
  await setPresence(daemon, "ben", "available");
  const caller = await Caller.dial(daemon, "4917012345", ear.port, PCMA);
  await caller.taken();
  await phone.saw("CALL_INCOMING");
  await until("music", () => ear.heard.length >= ENOUGH);
  expect(toneShare(ear.heard.slice(-ENOUGH).map(({ payload }) => payload), TONE_HZ)).toBeLessThan(0.5);

  phone.answer();
  await phone.saw("CALL_ESTABLISHED");
  const latest = (): Buffer[] => ear.heard.slice(-ENOUGH).map(({ payload }) => payload);
  await until("the tone", () => toneShare(latest(), TONE_HZ) > 0.95);
  expect(loudness(latest())).toBeGreaterThan(0.1);

  phone.hangUp();
  expect(await caller.ended()).toBe(0);
  expect(caller.did("bye received")).toHaveLength(1);
});

/** A file with a tone, longer than any call here. Its path is short: baresip cuts long ones. */
function tone(): string {
  const folder = mkdtempSync(join(tmpdir(), "vorrang-tone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "tone.wav");
  const made = spawnSync("sox", ["-n", "-r", "8000", "-c", "1", "-b", "16", file, "synth", "60", "sine", String(TONE_HZ), "gain", "-6"]);
  if (made.status !== 0) throw new Error(`sox: ${made.stderr}`);
  return file;
}

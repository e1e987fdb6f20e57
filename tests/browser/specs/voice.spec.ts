// What callers hear: ringing until an agent is there, announcements with their place, and the other side, whatever it speaks.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { setPresence } from "../support/agent";
import { Baresip } from "../support/baresip";
import { Daemon, NUMBER, type Setup, TRUNK } from "../support/daemon";
import { udpPort } from "../support/ports";
import {
  compare,
  decodeAlaw,
  decodeUlaw,
  Ear,
  FRAME_BYTES,
  FRAME_MS,
  heardAs,
  likeness,
  PERFECT,
  speech,
  toneInUlaw,
  toneShareOf,
} from "../support/rtp";
import { Caller, DeskPhone, play, uri } from "../support/sipp";
import { until } from "../support/until";

const PCMU = 0;
const PCMA = 8;
const G722 = 9;
const KEYS = 101;
const TONE_HZ = 440;
/** Half a second of sound. */
const ENOUGH = 25;
const SOUNDS = join(import.meta.dirname, "../../../sounds");

/** Ben has a phone at a fixed place, and does not work yet. */
async function ben(setup: Omit<Setup, "people">): Promise<[Daemon, number]> {
  const port = await udpPort();
  const people = [
    { name: "ben", phone: uri("ben", port), voiceOnly: true },
    { name: "cara", phone: "cara", voiceOnly: true },
  ];
  return [await Daemon.start({ ...setup, people }), port];
}

/** A second of speech each way, of which nothing is lost. */
async function talk(callerEar: Ear, callerMedia: number, phoneEar: Ear, phoneMedia: number): Promise<void> {
  const [fromCaller, fromPhone] = [speech("caller", 50), speech("phone", 50)];
  const [atCaller, atPhone] = [callerEar.listen(), phoneEar.listen()];
  await Promise.all([
    callerEar.play(fromCaller, callerMedia, PCMA),
    phoneEar.play(fromPhone, phoneMedia, PCMA),
  ]);
  await until("all is heard", () => atCaller().length >= 50 && atPhone().length >= 50);
  expect(compare(fromCaller, atPhone())).toEqual(PERFECT);
  expect(compare(fromPhone, atCaller())).toEqual(PERFECT);
}

test("answered with an agent: the caller hears ringing, gets no 200 and no sound, and then both at once", async () => {
  const [daemon, port] = await ben({ answer: "with_agent" });
  const [callerEar, phoneEar] = [await Ear.open(TRUNK), await Ear.open("127.0.0.1")];
  const phone = DeskPhone.at(port, 1, phoneEar.port);
  const caller = await Caller.dial(daemon, "4917012345", callerEar.port, PCMA);
  await caller.saw("hears ringing");
  await setPresence(daemon, "ben", "available");
  await phone.rings();
  expect(caller.did("talks")).toHaveLength(0);
  expect(callerEar.heard).toHaveLength(0);

  const [phoneMedia, callerMedia] = [await phone.answer(), await caller.taken()];
  await talk(callerEar, callerMedia, phoneEar, phoneMedia);
  await caller.hangUp();
  await phone.saw("bye received");
});

test.each(["at_once", "with_agent"] as const)("a caller who offers nothing hears the phone all the same: answered %s", async (answer) => {
  const [daemon, port] = await ben({ answer });
  const [callerEar, phoneEar] = [await Ear.open(TRUNK), await Ear.open("127.0.0.1")];
  const phone = DeskPhone.at(port, 1, phoneEar.port);
  const caller = await Caller.dialWithoutOffer(daemon, callerEar.port);
  if (answer === "at_once") await until("music", () => callerEar.heard.length > ENOUGH);
  else await caller.saw("hears ringing");
  await setPresence(daemon, "ben", "available");
  const [phoneMedia, callerMedia] = [await phone.answer(), await caller.taken()];
  await talk(callerEar, callerMedia, phoneEar, phoneMedia);
  await caller.hangUp();
  await phone.saw("bye received");
});

test("answered with an agent: whoever gives up while it rings is heard of at once", async () => {
  const [daemon, port] = await ben({ answer: "with_agent" });
  const phone = DeskPhone.at(port);
  const caller = await play("caller_gives_up", daemon);
  const { call } = await caller.saw("hears ringing");
  await setPresence(daemon, "ben", "available");
  await phone.rings();
  await caller.press(call);
  await phone.saw("cancelled");
  expect(await caller.ended()).toBe(0);
});

test("callers are welcomed, told their place, asked to wait, and told a new place when they have one", async () => {
  const announcements = '{ language = "de", every_s = 5 }';
  const daemon = await Daemon.start({ people: [], music: file("silent.wav", ["trim", "0", "5"]), announcements });
  const [firstEar, secondEar] = [await Ear.open(TRUNK), await Ear.open(TRUNK)];
  const first = await Caller.dial(daemon, "4917012345", firstEar.port, PCMA);
  await first.taken();
  const second = await Caller.dial(daemon, "4917012346", secondEar.port, PCMA);
  await second.taken();
  await hears(firstEar, "welcome");
  await hears(firstEar, "you-are-number", "1");
  await hears(secondEar, "welcome");
  await hears(secondEar, "you-are-number", "2");
  await hears(secondEar, "please-wait");
  await first.hangUp();
  await hears(secondEar, "you-are-number", "1");
  // One stream from beginning to end, and nobody was told a place twice.
  const numbers = secondEar.heard.map(({ sequence }) => sequence);
  expect(numbers.every((number, at) => at === 0 || number === (((numbers[at - 1] ?? 0) + 1) & 0xffff))).toBe(true);
});

test("whoever calls outside of opening hours is told so before they are answered, and then refused", async () => {
  const closed = file("closed.wav", ["synth", "2", "sine", "700", "gain", "-6"]);
  const announcements = `{ language = "de", closed = ${JSON.stringify(closed)} }`;
  const daemon = await Daemon.start({ people: [], hours: "Never", more: '[[hours]]\nname = "Never"\n', announcements });
  const ear = await Ear.open(TRUNK);
  const caller = await play("caller_too_late", daemon, { audioPort: ear.port });
  await caller.saw("is told");
  await caller.saw("refused");
  expect(await caller.ended()).toBe(0);
  const heard = heardAs(decodeAlaw, ear.heard.map(({ payload }) => payload));
  // All of it, but for a packet or two that had not come when it was over.
  expect(heard.length).toBeGreaterThan(15_000);
  expect(toneShareOf(heard.slice(0, 15_000), 700)).toBeGreaterThan(0.95);
});

test("sounds of one's own are played bit by bit, and those that cannot be are refused with their key", async () => {
  const own = file("own.wav", ["synth", "2", "sine", "700", "gain", "-6"]);
  const announcements = `{ language = "en", welcome = false, please_wait = ${JSON.stringify(own)}, position = false, every_s = 5 }`;
  const daemon = await Daemon.start({ people: [], music: file("music.wav", ["synth", "3", "sine", "300", "gain", "-6"]), announcements });
  const ear = await Ear.open(TRUNK);
  const caller = await Caller.dial(daemon, "4917012345", ear.port, PCMA);
  await caller.taken();
  const heard = (): number[] => heardAs(decodeAlaw, ear.heard.map(({ payload }) => payload));
  await until("its music", () => toneShareOf(heard().slice(0, 8_000), 300) > 0.95);
  await until("its announcement", () => toneShareOf(heard().slice(-8_000), 700) > 0.95);

  const company = join(folder(), "company.toml");
  writeFileSync(company, '[company]\nname = "Alpenrad"\n[[queue]]\nname = "Service"\nmusic = "missing.wav"\n');
  const refused = daemon.command("company", "apply", company);
  expect(refused.code).toBe(78);
  expect(refused.output).toContain(`${company}:5: queue Service: music: read sound ${join(company, "../missing.wav")}: `);
  expect(refused.output).toContain("(accepted: WAV, PCM of 8, 16, 24 or 32 bits or 32-bit float)\nnothing was changed");
});

test("a caller with G.722 alone and a phone with PCMU alone hear each other's tones", async () => {
  const [daemon, port] = await ben({});
  const phoneEar = await Ear.open("127.0.0.1");
  const phone = DeskPhone.at(port, 1, phoneEar.port, [`${PCMU}`]);
  const caller = await Baresip.registered(daemon, "cara", wideTone(), { codecs: "g722/16000/1", rateHz: 16_000 });
  await setPresence(daemon, "ben", "available");
  caller.dial(daemon, NUMBER);
  await phone.rings();
  expect(phone.lines().find(({ what }) => what.startsWith("offered"))?.what.split(" ").slice(0, 2)).toEqual(["offered", `${G722}`]);
  const media = await phone.answer();
  const latest = (): number[] => heardAs(decodeUlaw, phoneEar.heard.slice(-ENOUGH).map(({ payload }) => payload));
  await until("the caller's tone", () => toneShareOf(latest(), TONE_HZ) > 0.95);
  expect(phoneEar.heard.every(({ payloadType }) => payloadType === PCMU)).toBe(true);

  await phoneEar.play(toneInUlaw(600, 150), media, PCMU);
  caller.hangUp();
  await phone.saw("bye received");
  await until("the phone's tone", () => {
    const all = caller.heard();
    const parts = Array.from({ length: Math.floor(all.length / 8_000) }, (_, part) => all.slice(part * 8_000, (part + 1) * 8_000));
    return parts.some((part) => toneShareOf(part, 600, 16_000) > 0.9);
  });
});

test("a codec that both sides know and the daemon does not passes bit by bit, and so do keys", async () => {
  const [daemon, port] = await ben({ answer: "with_agent" });
  const [callerEar, phoneEar] = [await Ear.open(TRUNK), await Ear.open("127.0.0.1")];
  const phone = DeskPhone.at(port, 1, phoneEar.port, ["111 opus/48000/2", "100 telephone-event/8000"]);
  const sound = ["96 opus/48000/2", `${PCMA}`, `${KEYS} telephone-event/8000`];
  const caller = await Caller.dial(daemon, "4917012345", callerEar.port, PCMA, TRUNK, sound);
  await caller.saw("hears ringing");
  await setPresence(daemon, "ben", "available");
  await phone.rings();
  expect(phone.did(`offered 96 ${PCMA} ${PCMU} ${G722} ${KEYS}`)).toHaveLength(1);
  const [phoneMedia, callerMedia] = [await phone.answer(), await caller.taken()];
  const [fromCaller, fromPhone] = [speech("caller", 50), speech("phone", 50)];
  const [atCaller, atPhone] = [callerEar.listen(), phoneEar.listen()];
  // The phone sends what it was offered under the daemon's numbers, and wants it under its own.
  await Promise.all([callerEar.play(fromCaller, callerMedia, 96), phoneEar.play(fromPhone, phoneMedia, 96)]);
  await until("all is heard", () => atCaller().length >= 50 && atPhone().length >= 50);
  expect(compare(fromCaller, atPhone())).toEqual(PERFECT);
  expect(compare(fromPhone, atCaller())).toEqual(PERFECT);
  expect(phoneEar.heard.every(({ payloadType }) => payloadType === 111)).toBe(true);
  expect(callerEar.heard.every(({ payloadType }) => payloadType === 96)).toBe(true);

  const keys = [Buffer.from([5, 10, 0, 160]), Buffer.from([5, 138, 1, 64])];
  const pressed = phoneEar.listen();
  await callerEar.play(keys, callerMedia, KEYS);
  await until("the key", () => pressed().length >= 2, 50 * FRAME_MS);
  expect(pressed()).toEqual(keys);
  expect(phoneEar.heard.slice(-2).map(({ payloadType }) => payloadType)).toEqual([100, 100]);
});

test("without a free port pair for an agent's phone nobody new is let in, and the log names the key", async () => {
  const first = 33_000 + ((process.pid * 4) % 4_000);
  const [daemon, port] = await ben({ settings: { MEDIA__PORTS: `${first}-${first + 3}` } });
  const phone = DeskPhone.at(port);
  const caller = await Caller.dial(daemon, "4917012345");
  await caller.taken();
  const refused = await Caller.dial(daemon, "4917012346");
  // SIPp: an answer that was not expected.
  expect(await refused.ended()).toBe(1);
  expect(daemon.log()).toContain(`media.ports ${first}-${first + 3}`);
  expect(daemon.log()).toContain("status=503");
  // The pair that was kept is there for the agent.
  await setPresence(daemon, "ben", "available");
  await phone.answer();
  await caller.hangUp();
  await phone.saw("bye received");
});

/** Waits until somebody hears our own announcements, one right after the other. */
async function hears(ear: Ear, ...names: string[]): Promise<void> {
  const wanted = coarse(names.flatMap(announcement));
  const isHeard = (): boolean => {
    const heard = coarse(heardAs(decodeAlaw, ear.heard.map(({ payload }) => payload)));
    return likeness(heard, wanted).share > 0.9;
  };
  await until(names.join(", "), isHeard, 30_000);
}

/** One of our German announcements as it is played: it fills whole packets. */
function announcement(name: string): number[] {
  const words = samples(join(SOUNDS, "de", `${name}.wav`));
  const silence = (FRAME_BYTES - (words.length % FRAME_BYTES)) % FRAME_BYTES;
  return words.concat(Array.from({ length: silence }, () => 0));
}

/** A quarter of the samples: the pitch of voices is still in them, and a search takes a sixteenth of the time. */
function coarse(linear: readonly number[]): number[] {
  const four = (at: number): number => [0, 1, 2, 3].reduce((sum, index) => sum + (linear[at * 4 + index] ?? 0), 0) / 4;
  return Array.from({ length: Math.floor(linear.length / 4) }, (_, at) => four(at));
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "vorrang-voice-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A sound file at 8 kHz: what sox makes of nothing. */
function file(name: string, effects: readonly string[], rateHz = 8_000): string {
  const path = join(folder(), name);
  const made = spawnSync("sox", ["-n", "-r", String(rateHz), "-c", "1", "-b", "16", path, ...effects]);
  if (made.status !== 0) throw new Error(`sox: ${made.stderr}`);
  return path;
}

function wideTone(): string {
  return file("tone.wav", ["synth", "60", "sine", String(TONE_HZ), "gain", "-6"], 16_000);
}

/** A sound file as samples at 8 kHz. */
function samples(path: string): number[] {
  const read = spawnSync("sox", [path, "-t", "raw", "-e", "signed", "-b", "16", "-r", "8000", "-"], { maxBuffer: 1 << 26 });
  if (read.status !== 0) throw new Error(`sox: ${read.stderr}`);
  return Array.from({ length: Math.floor(read.stdout.length / 2) }, (_, at) => read.stdout.readInt16LE(at * 2));
}

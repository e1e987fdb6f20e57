// Sound as a phone sends and hears it: G.711 in RTP, each payload a pattern that no other has.
// Compares what was heard with what was played, byte by byte.

import { createHash } from "node:crypto";
import type { Socket } from "node:dgram";
import { onTestFinished } from "vitest";
import { udpSocket } from "./ports";

export const FRAME_BYTES = 160;
export const FRAME_MS = 20;
const HEADER_BYTES = 12;

export interface Packet {
  readonly payloadType: number;
  readonly sequence: number;
  readonly payload: Buffer;
  readonly atMs: number;
}

/** The sound port of one phone. */
export class Ear {
  readonly heard: Packet[] = [];
  readonly port: number;
  readonly #socket: Socket;
  #sequence = 1_000;
  #timestamp = 0;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
    socket.on("message", (datagram) => this.#hear(datagram));
    onTestFinished(() => {
      this.#closed = true;
      socket.close();
    });
  }

  static async open(host: string): Promise<Ear> {
    return new Ear(await udpSocket(host));
  }

  /** Plays frames at their pace; resolves after the last one, or with the end of the test. */
  play(frames: readonly Buffer[], port: number, payloadType: number): Promise<void> {
    const began = performance.now();
    return new Promise((resolve) => {
      let next = 0;
      const due = (): void => {
        // A timer that fires late catches up: a busy machine must not change what is played.
        while (!this.#closed && next < frames.length && performance.now() - began >= next * FRAME_MS) {
          this.#send(frames[next] ?? Buffer.alloc(0), port, payloadType);
          next += 1;
        }
        if (this.#closed || next === frames.length) resolve();
        else setTimeout(due, FRAME_MS / 2);
      };
      due();
    });
  }

  /** What was heard from now on. */
  listen(): () => Buffer[] {
    const from = this.heard.length;
    return () => this.heard.slice(from).map((packet) => packet.payload);
  }

  #send(frame: Buffer, port: number, payloadType: number): void {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(payloadType, 1);
    header.writeUInt16BE(this.#sequence & 0xffff, 2);
    header.writeUInt32BE(this.#timestamp >>> 0, 4);
    header.writeUInt32BE(this.port, 8);
    this.#sequence += 1;
    this.#timestamp += frame.length;
    this.#socket.send(Buffer.concat([header, frame]), port, "127.0.0.1");
  }

  #hear(datagram: Buffer): void {
    if (datagram.length < HEADER_BYTES || datagram.readUInt8(0) >> 6 !== 2) return;
    this.heard.push({
      payloadType: datagram.readUInt8(1) & 0x7f,
      sequence: datagram.readUInt16BE(2),
      payload: datagram.subarray(HEADER_BYTES),
      atMs: performance.now(),
    });
  }
}

/** Frames that occur nowhere else: of one speaker, each with its number. */
export function speech(speaker: string, frames: number, from = 0): Buffer[] {
  return Array.from({ length: frames }, (_, number) => {
    const seeds = Array.from({ length: FRAME_BYTES / 32 }, (__, part) => `${speaker} ${from + number} ${part}`);
    return Buffer.concat(seeds.map((seed) => createHash("sha256").update(seed).digest()));
  });
}

export interface Comparison {
  /** Played and never heard. */
  readonly missing: number;
  /** Heard more than once. */
  readonly doubled: number;
  /** Heard after a later one. */
  readonly late: number;
  /** Heard, but played by nobody. */
  readonly foreign: number;
}

export const PERFECT: Comparison = { missing: 0, doubled: 0, late: 0, foreign: 0 };

/** What became of that which was played. */
export function compare(played: readonly Buffer[], heard: readonly Buffer[]): Comparison {
  const numbers = new Map(played.map((frame, number) => [frame.toString("latin1"), number]));
  const seen = new Set<number>();
  let [doubled, late, foreign, latest] = [0, 0, 0, -1];
  for (const frame of heard) {
    const number = numbers.get(frame.toString("latin1"));
    if (number === undefined) foreign += 1;
    else if (seen.has(number)) doubled += 1;
    else if (number < latest) late += 1;
    if (number !== undefined) {
      seen.add(number);
      latest = Math.max(latest, number);
    }
  }
  return { missing: played.length - seen.size, doubled, late, foreign };
}

/** A tone in A-law, as frames that go on where the one before ended. */
export function tone(frequencyHz: number, frames: number): Buffer[] {
  const codes = Array.from({ length: 256 }, (_, code) => ({ code, level: decodeAlaw(code) }));
  codes.sort((one, other) => one.level - other.level);
  const nearest = (level: number): number => (codes.find((one) => one.level >= level) ?? { code: 0 }).code;
  return Array.from({ length: frames }, (_, frame) =>
    Buffer.from(
      Array.from({ length: FRAME_BYTES }, (__, at) => {
        const seconds = (frame * FRAME_BYTES + at) / 8_000;
        return nearest(8_000 * Math.sin(2 * Math.PI * frequencyHz * seconds));
      }),
    ),
  );
}

/** The share of a tone's frequency in A-law sound: 1 for a pure tone, about 0 for anything else. */
export function toneShare(frames: readonly Buffer[], frequencyHz: number): number {
  return toneShareOf(heardAs(decodeAlaw, frames), frequencyHz);
}

/** Packets as samples. */
export function heardAs(decode: (byte: number) => number, frames: readonly Buffer[]): number[] {
  return Array.from(Buffer.concat(frames), decode);
}

/** The same of samples (Goertzel). */
export function toneShareOf(linear: readonly number[], frequencyHz: number, rateHz = 8_000): number {
  const energy = linear.reduce((sum, sample) => sum + sample * sample, 0);
  if (energy === 0) return 0;
  const omega = (2 * Math.PI * frequencyHz) / rateHz;
  let [before, last] = [0, 0];
  for (const sample of linear) [before, last] = [last, sample + 2 * Math.cos(omega) * last - before];
  const power = last * last + before * before - 2 * Math.cos(omega) * last * before;
  return (2 * power) / (linear.length * energy);
}

/** The mean loudness of A-law sound, 0 to 1. */
export function loudness(frames: readonly Buffer[]): number {
  const linear = Array.from(Buffer.concat(frames), decodeAlaw);
  if (linear.length === 0) return 0;
  return Math.sqrt(linear.reduce((sum, sample) => sum + sample * sample, 0) / linear.length) / 32_768;
}

/** ITU-T G.711, A-law: sign, three bits of exponent, four of mantissa, every other bit inverted. */
export function decodeAlaw(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = (bits & 15) * 16 + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/** ITU-T G.711, mu-law: as A-law with a bias, and all bits inverted. */
export function decodeUlaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = (((bits & 15) << 3) + 132 << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** A tone in mu-law, in frames. */
export function toneInUlaw(frequencyHz: number, frames: number): Buffer[] {
  const byBytes = Array.from({ length: 256 }, (_, byte) => decodeUlaw(byte));
  const nearest = (value: number): number =>
    byBytes.reduce((best, sample, byte) => (Math.abs(sample - value) < Math.abs((byBytes[best] ?? 0) - value) ? byte : best), 0);
  return Array.from({ length: frames }, (_, frame) =>
    Buffer.from(
      Array.from({ length: FRAME_BYTES }, (__, at) =>
        nearest(8_000 * Math.sin((2 * Math.PI * frequencyHz * (frame * FRAME_BYTES + at)) / 8_000)),
      ),
    ),
  );
}

/** Where in `sound` something is that sounds like `wanted`, from -1 to 1, and in which sample: the best there is. */
export function likeness(sound: readonly number[], wanted: readonly number[]): { share: number; at: number } {
  const energyOfWanted = wanted.reduce((sum, sample) => sum + sample * sample, 0);
  let energy = sound.slice(0, wanted.length).reduce((sum, sample) => sum + sample * sample, 0);
  let best = { share: -1, at: -1 };
  for (let at = 0; at + wanted.length <= sound.length; at += 1) {
    let product = 0;
    for (let index = 0; index < wanted.length; index += 1) product += (sound[at + index] ?? 0) * (wanted[index] ?? 0);
    const share = product / Math.sqrt(Math.max(energy * energyOfWanted, 1));
    if (share > best.share) best = { share, at };
    energy += (sound[at + wanted.length] ?? 0) ** 2 - (sound[at] ?? 0) ** 2;
  }
  return best;
}

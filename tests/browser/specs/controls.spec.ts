// Checks that the checkers see what they are there for.

import { describe, expect, test } from "vitest";
import type { Message } from "../../../web-shared/src/protocol/visitor";
import { audit, type Entry } from "../support/ledger";
import { compare, decodeAlaw, loudness, PERFECT, speech, toneShare } from "../support/rtp";

describe("the comparison of sound", () => {
  const played = speech("caller", 50);
  const at = (number: number): Buffer => played[number] ?? Buffer.alloc(0);

  test("finds nothing in what arrived as it was played", () => {
    expect(compare(played, played)).toEqual(PERFECT);
  });

  test.each([
    ["a bit that was turned", played.with(7, Buffer.from(at(7).map((byte, place) => (place === 80 ? byte ^ 1 : byte)))), { missing: 1, foreign: 1 }],
    ["a lost frame", played.toSpliced(7, 1), { missing: 1 }],
    ["a doubled frame", played.toSpliced(7, 0, at(6)), { doubled: 1 }],
    ["two frames in the wrong order", played.with(7, at(8)).with(8, at(7)), { late: 1 }],
    ["somebody else's frame", [...played, ...speech("phone", 1)], { foreign: 1 }],
    ["one shortened frame", played.with(7, at(7).subarray(1)), { missing: 1, foreign: 1 }],
    ["silence", [], { missing: 50 }],
  ])("finds %s", (_, heard, finding) => {
    expect(compare(played, heard)).toEqual({ ...PERFECT, ...finding });
  });

  test("tells a tone from another one and from noise", () => {
    const tone = [sine(440)];
    expect(toneShare(tone, 440)).toBeGreaterThan(0.95);
    expect(toneShare(tone, 1_000)).toBeLessThan(0.01);
    expect(toneShare(speech("noise", 50), 440)).toBeLessThan(0.05);
    expect(loudness(tone)).toBeGreaterThan(0.1);
    expect(loudness([Buffer.alloc(8_000, 0xd5)])).toBeLessThan(0.001);
  });
});

describe("the ledger", () => {
  const written: Entry[] = ["a1", "b1", "a2", "b2", "a3"].map((text) => ({
    sender: text.slice(0, 1),
    text,
    acknowledged: text !== "a3",
  }));

  test("finds nothing when all is there, whether the last one was acknowledged or not", () => {
    expect(audit(written, stored("a1", "b1", "a2", "b2"))).toEqual([]);
    expect(audit(written, stored("b1", "a1", "a2", "b2", "a3"))).toEqual([]);
  });

  test.each([
    ["a lost message", stored("a1", "b1", "b2"), 'lost: "a2"'],
    ["a doubled message", stored("a1", "b1", "a2", "a2", "b2"), '2 times: "a2"'],
    ["reordered messages", stored("a2", "b1", "a1", "b2"), 'before an earlier one of a: "a2"'],
    ["an invented message", stored("a1", "b1", "a2", "b2", "x"), 'nobody wrote "x"'],
    ["a gap in the numbers", stored("a1", "b1", "a2", "b2").toSpliced(0, 1), "at place 1 stands number 2"],
  ])("finds %s", (_, messages, finding) => {
    expect(audit(written, messages)).toContain(finding);
  });
});

/** A chat with these messages. */
function stored(...texts: string[]): Message[] {
  return texts.map((text, at) => ({ number: at + 1, author: "visitor", text, at: 0, client: "c", command: at, file: null }));
}

/** One second of a tone at half the full loudness, in A-law: each sample is the byte that decodes nearest to it. */
function sine(frequencyHz: number): Buffer {
  const codes = Array.from({ length: 256 }, (_, byte) => ({ byte, value: decodeAlaw(byte) }));
  const nearest = (sample: number): number =>
    codes.reduce((best, code) => (Math.abs(code.value - sample) < Math.abs(best.value - sample) ? code : best)).byte;
  return Buffer.from(
    Array.from({ length: 8_000 }, (_, at) => nearest(16_384 * Math.sin((2 * Math.PI * frequencyHz * at) / 8_000))),
  );
}

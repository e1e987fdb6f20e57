// Do frames tell a visitor's page all that a fresh snapshot would? For every scenario that the daemon's tests play, with
// what they recorded of its screens: `make recordings`.

import { expect, it, vi } from "vitest";
import { misnumbered, readRecordings } from "../../web-shared/dev/recordings.mjs";
import type { VisitorReply } from "../../web-shared/src/protocol/visitor";
import { begin, reduce, type State } from "../src/state";

type Shown = Extract<VisitorReply, { type: "snapshot" | "frame" }>;

// All recordings, over and over; one of them has 10,000 messages.
vi.setConfig({ testTimeout: 60_000 });

const screens = readRecordings("visitor");
/** Those who were let in. */
const recorded = screens.map(({ replies }) => replies as readonly Shown[]).filter(([first]) => first?.type === "snapshot");
const kinds = ["chat", "message"];

/** The first step after which a page differs from one that comes then, in what a snapshot says. */
function difference(replies: readonly Shown[]): { step: number; is: Partial<State>; fresh: Partial<State> } | null {
  let page = begin("page");
  let known = false;
  for (const [step, reply] of replies.entries()) {
    if (reply.type === "frame" || !known) {
      page = reduce(page, reply);
      known = true;
      continue;
    }
    const { chat, messages } = reduce(begin("fresh"), reply);
    // Of a long chat, a page that was there sees more.
    const seen = page.messages.filter(({ number }) => number >= (messages[0]?.number ?? 0));
    const [is, fresh] = [{ chat: page.chat, messages: seen }, { chat, messages }];
    if (JSON.stringify(is) !== JSON.stringify(fresh)) return { step, is, fresh };
  }
  return null;
}

it.each(screens)("tells $viewer of $scenario the same", ({ replies }) => {
  expect(misnumbered(replies)).toBeNull();
  const found = difference(replies as Shown[]);
  if (found) expect(found.is, `after reply ${found.step}`).toEqual(found.fresh);
});

it("says why to who is not let in", () => {
  const refused = screens.filter(({ replies }) => replies[0]?.type === "refused");
  expect(refused.length).toBeGreaterThan(0);
  for (const { replies } of refused) expect(replies).toEqual([expect.objectContaining({ problem: expect.objectContaining({ code: "unserved" }) })]);
});

it("finds a frame that is lost on the way, and one that comes twice", () => {
  for (const replies of recorded.filter(({ length }) => length < 1_000)) {
    for (const at of framesOf(replies)) {
      expect(misnumbered(replies.toSpliced(at, 1))).not.toBeNull();
      expect(misnumbered(replies.toSpliced(at, 0, ...replies.slice(at, at + 1)))).toBe(at + 1);
    }
  }
});

it("is not misled by a frame that comes twice", () => {
  const twice = (replies: readonly Shown[]): Shown[] => replies.flatMap((reply): Shown[] => (reply.type === "frame" ? [reply, reply] : [reply]));
  for (const replies of recorded.filter(({ length }) => length < 1_000)) expect(difference(twice(replies))).toBeNull();
});

it.each(kinds)("finds a frame of kind %s that the daemon does not send", (kind) => {
  expect(recorded.some((replies) => finds(replies, kind, (at) => replies.toSpliced(at, 1)))).toBe(true);
});

it.each(kinds)("finds a frame of kind %s that says something else", (kind) => {
  const changed = (replies: readonly Shown[], at: number): Shown[] => replies.map((reply, other) => (other === at ? altered(reply) : reply));
  expect(recorded.some((replies) => finds(replies, kind, (at) => changed(replies, at)))).toBe(true);
});

function framesOf(replies: readonly Shown[], kind?: string): number[] {
  return replies.flatMap((reply, at) => (reply.type === "frame" && (!kind || reply.frame.kind === kind) ? [at] : []));
}

/** Whether a fault at a frame of this kind is found, for one of them. */
function finds(replies: readonly Shown[], kind: string, fault: (at: number) => Shown[]): boolean {
  return framesOf(replies, kind).some((at) => difference(fault(at)) !== null);
}

function altered(reply: Shown): Shown {
  if (reply.type !== "frame") return reply;
  const { frame } = reply;
  if (frame.kind === "message") return { ...reply, frame: { ...frame, message: { ...frame.message, text: "otherwise" } } };
  return frame.kind === "chat" ? { ...reply, frame: { ...frame, chat: { ...frame.chat, company: "otherwise" } } } : reply;
}

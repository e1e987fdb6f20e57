// Do frames tell a screen all that a fresh snapshot would? For every scenario that the daemon's tests play, with what they
// recorded of the screens of agents and of a supervisor: `make recordings`.

import { describe, expect, test, vi } from "vitest";
import type { AgentFrame, AgentReply } from "../../web-shared/src/protocol/agent";
import type { Message } from "../../web-shared/src/protocol/visitor";
import { misnumbered, readRecordings } from "../../web-shared/dev/recordings.mjs";
import { reduce, type State } from "./state";

type Shown = Extract<AgentReply, { type: "snapshot" | "frame" }>;

// All recordings, over and over.
vi.setConfig({ testTimeout: 60_000 });

const screens = [...readRecordings("agent"), ...readRecordings("supervisor")];
const recorded = screens.map(({ replies }) => replies as readonly Shown[]);
/** A snapshot says nothing of these: who writes, and what is told once. */
const VOLATILE = new Set(["typing", "visitor_read", "notice", "alert"]);

/**
 * What a snapshot says of the floor. Who writes is volatile, and what this screen did itself is not the daemon's. Of a long chat a
 * screen that was there knows more than the last messages, which `fresh` has.
 */
function floor({ agent, queues, chats, tasks, colleagues, destinations, breakReasons, messages, notes }: State, fresh: State): object {
  const shown = (chat: number, of: readonly Message[]): readonly Message[] =>
    of.filter(({ number }) => number >= (fresh.messages.get(chat)?.[0]?.number ?? 0));
  // A snapshot names the chats without messages, frames don't: to the screen it is the same.
  const written = new Map([...messages].filter(([, of]) => of.length > 0).map(([chat, of]) => [chat, shown(chat, of)]));
  const noted = new Map([...notes].filter(([, of]) => of.length > 0));
  return { agent, queues, chats, tasks, colleagues, destinations, breakReasons, messages: written, notes: noted };
}

/** The first step after which a screen differs from one that comes then. */
function difference(replies: readonly Shown[]): { step: number; is: object; fresh: object } | null {
  let state: State | null = null;
  for (const [step, reply] of replies.entries()) {
    const fresh: State | null = reply.type === "snapshot" ? reduce(null, reply) : null;
    if (state === null || fresh === null) {
      state = reduce(state, reply);
    } else if (JSON.stringify(ordered(floor(state, fresh))) !== JSON.stringify(ordered(floor(fresh, fresh)))) {
      return { step, is: floor(state, fresh), fresh: floor(fresh, fresh) };
    }
  }
  return null;
}

/** Chats and tasks have no order of their own. */
function ordered(value: unknown): unknown {
  if (value instanceof Map) return [...value].toSorted(([a], [b]) => Number(a) - Number(b)).map(ordered);
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, of]) => [name, ordered(of)]));
}

describe("frames and a fresh snapshot say the same", () => {
  test.each(screens)("to $viewer of $scenario", ({ replies }) => {
    expect(misnumbered(replies)).toBeNull();
    const found = difference(replies as Shown[]);
    if (found !== null) expect(found.is, `after reply ${found.step}`).toEqual(found.fresh);
  });
});

test("alerts go to supervisors, and to them only", () => {
  const alerted = screens.filter(({ replies }) => framesOf(replies as Shown[]).some(({ frame }) => frame.kind === "alert"));
  expect(new Set(alerted.map(({ viewer }) => viewer.replace(/ .*/, "")))).toEqual(new Set(["supervisor"]));
});

test("pages of earlier messages lead to the first one, none left out", () => {
  const cut = screens.filter(({ earlier }) => earlier.length > 0);
  expect(cut.length).toBeGreaterThan(0);
  for (const { earlier, replies } of cut) {
    const { chat } = earlier[0] ?? { chat: 0 };
    let state = (replies as Shown[]).reduce(reduce, null);
    for (const { messages } of earlier) state = reduce(state, { type: "earlier", chat, messages } as never);
    const numbers = state?.messages.get(chat)?.map(({ number }) => number) ?? [];
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    expect(state?.begun.has(chat)).toBe(true);
  }
});

describe("found is", () => {
  const all = new Set(recorded.flatMap((replies) => framesOf(replies).map(({ frame }) => frame.kind)));
  const lasting = [...all].filter((kind) => !VOLATILE.has(kind));

  test("a frame that is lost on the way, and one that comes twice", () => {
    for (const replies of recorded) {
      for (const { at } of framesOf(replies)) {
        expect(misnumbered(replies.toSpliced(at, 1))).not.toBeNull();
        expect(misnumbered(replies.toSpliced(at, 0, ...replies.slice(at, at + 1)))).toBe(at + 1);
      }
    }
  });

  test("one that comes twice by changing nothing on the screen", () => {
    const twice = (replies: readonly Shown[]): Shown[] => replies.flatMap((reply): Shown[] => (reply.type === "frame" ? [reply, reply] : [reply]));
    for (const replies of recorded) expect(difference(twice(replies))).toBeNull();
  });

  test.each(lasting)("one of kind %s that the daemon does not send", (kind) => {
    const lacking = (replies: readonly Shown[], at: number): Shown[] => renumbered(replies.toSpliced(at, 1));
    expect(recorded.some((replies) => finds(replies, kind, lacking))).toBe(true);
  });

  test.each(lasting)("one of kind %s that says something else", (kind) => {
    const changed = (replies: readonly Shown[], at: number): Shown[] =>
      replies.map((reply, other) => (other === at && reply.type === "frame" ? { ...reply, frame: altered(reply.frame) } : reply));
    expect(recorded.some((replies) => finds(replies, kind, changed))).toBe(true);
  });
});

function framesOf(replies: readonly Shown[]): { at: number; frame: AgentFrame }[] {
  return replies.flatMap((reply, at) => (reply.type === "frame" ? [{ at, frame: reply.frame }] : []));
}

/** Whether a fault at a frame of this kind is found, for one of them. */
function finds(replies: readonly Shown[], kind: string, fault: (replies: readonly Shown[], at: number) => Shown[]): boolean {
  return framesOf(replies).some(({ at, frame }) => frame.kind === kind && difference(fault(replies, at)) !== null);
}

/** As a daemon numbers them that knows no better. */
function renumbered(replies: readonly Shown[]): Shown[] {
  let seq = 0;
  return replies.map((reply) => ({ ...reply, seq: reply.type === "frame" ? (seq += 1) : seq }));
}

/** The same with the last number in it another one. */
function altered<T>(value: T): T {
  if (typeof value === "number") return (value + 1) as T;
  if (typeof value !== "object" || value === null) return value;
  const copy = structuredClone(value) as Record<string, unknown>;
  const last = Object.keys(copy).findLast((name) => JSON.stringify(altered(copy[name])) !== JSON.stringify(copy[name]));
  if (last !== undefined) copy[last] = altered(copy[last]);
  return copy as T;
}

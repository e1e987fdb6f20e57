// Do frames tell a screen all that a fresh snapshot would? For every scenario that the daemon's tests play, with what they
// recorded of its screens: `cargo test --test vorrang scenarios`.

import { describe, expect, test } from "vitest";
import type { AgentReply } from "../../web-shared/src/protocol/agent";
import { readRecordings } from "../../web-shared/dev/recordings.mjs";
import { reduce, type State } from "./state";

type Shown = Extract<AgentReply, { type: "snapshot" | "frame" }>;

/** What a snapshot says of the floor. Who writes is volatile, and what this screen did itself is not the daemon's. */
function floor({ agent, queues, chats, tasks, colleagues, destinations, breakReasons, messages }: State): object {
  // A snapshot names the chats without messages, frames don't: to the screen it is the same.
  const written = new Map([...messages].filter(([, of]) => of.length > 0));
  return { agent, queues, chats, tasks, colleagues, destinations, breakReasons, messages: written };
}

/** The first step after which a screen differs from one that comes then. */
function difference(replies: readonly Shown[]): { step: number; is: object; fresh: object } | null {
  let state: State | null = null;
  for (const [step, reply] of replies.entries()) {
    const fresh: State | null = reply.type === "snapshot" ? reduce(null, reply) : null;
    if (state === null || fresh === null) {
      state = reduce(state, reply);
    } else if (JSON.stringify(ordered(floor(state))) !== JSON.stringify(ordered(floor(fresh)))) {
      return { step, is: floor(state), fresh: floor(fresh) };
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
  test.each(readRecordings("agent"))("to $viewer of $scenario", ({ replies }) => {
    const found = difference(replies as Shown[]);
    if (found !== null) expect(found.is, `after reply ${found.step}`).toEqual(found.fresh);
  });
});

test("a frame that is left out is found", () => {
  const screens = readRecordings("agent").map(({ replies }) => replies as Shown[]);
  const lacking = screens.filter((replies) => {
    const at = replies.findIndex((reply) => reply.type === "frame" && reply.frame.kind === "agent");
    return at >= 0 && difference(replies.toSpliced(at, 1)) !== null;
  });
  expect(lacking.length).toBeGreaterThan(0);
});

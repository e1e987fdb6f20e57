// Do frames tell a visitor's page all that a fresh snapshot would? For every scenario that the daemon's tests play, with
// what they recorded of its screens: `cargo test --test vorrang scenarios`.

import { expect, it } from "vitest";
import { readRecordings } from "../../web-shared/dev/recordings.mjs";
import type { VisitorReply } from "../../web-shared/src/protocol/visitor";
import { begin, reduce, type State } from "../src/state";

type Shown = Extract<VisitorReply, { type: "snapshot" | "frame" }>;

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
    const [is, fresh] = [{ chat: page.chat, messages: page.messages }, { chat, messages }];
    if (JSON.stringify(is) !== JSON.stringify(fresh)) return { step, is, fresh };
  }
  return null;
}

it.each(readRecordings("visitor"))("tells $viewer of $scenario the same", ({ replies }) => {
  const found = difference(replies as Shown[]);
  if (found) expect(found.is, `after reply ${found.step}`).toEqual(found.fresh);
});

it("finds a frame that is left out", () => {
  const lacking = readRecordings("visitor").filter(({ replies }) => {
    const at = replies.findIndex((reply) => reply.type === "frame");
    return at >= 0 && difference((replies as Shown[]).toSpliced(at, 1));
  });
  expect(lacking.length).toBeGreaterThan(0);
});

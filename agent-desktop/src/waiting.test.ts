import { expect, test } from "vitest";
import { reduce, type State } from "./state";
import { agent, queue, snapshot, waiting } from "./testing";
import { ALL, readLook, shownQueues, shownWaiting, staffOf } from "./waiting";
import type { ColleagueView } from "../../web-shared/src/protocol/agent";

const queues = [queue(1, [waiting("chat", 7, 100), waiting("task", 9, 300)]), queue(2, [waiting("chat", 8, 200)])];

test("what waits is narrowed by queue and kind, and stands by queue or by its wait", () => {
  const ids = (look: Partial<typeof ALL>): number[] => shownWaiting(queues, { ...ALL, ...look }).map(({ item }) => item.item.id);
  expect(ids({})).toEqual([7, 9, 8]);
  expect(ids({ order: "wait" })).toEqual([7, 8, 9]);
  expect(ids({ channel: "chat", order: "wait" })).toEqual([7, 8]);
  expect(ids({ queue: 2 })).toEqual([8]);
  expect(shownQueues(queues, { ...ALL, queue: 99 })).toEqual(queues);
});

test("what was kept badly narrows nothing", () => {
  expect([readLook(null), readLook("{"), readLook('{"order":"wait"}').order]).toEqual([ALL, ALL, "wait"]);
});

test("of those who serve a queue the free ones are counted, oneself among them", () => {
  const one = (id: number, does: ColleagueView["does"], ...of: number[]): ColleagueView => ({
    agent: id, name: `${id}`, takes_chats: true, take_chat: null, take_chat_from: [], does, queues: of,
  });
  const colleagues = [one(2, "nothing", 1), one(3, "chat", 1, 2), one(4, "away", 1), one(5, "out", 1)];
  const state = (changes: Parameters<typeof agent>[0]): State => {
    const made = reduce(null, snapshot({ queues, colleagues, agent: agent(changes) }));
    if (made === null) throw new Error("no snapshot");
    return made;
  };
  expect(staffOf(state({}), 1)).toEqual({ here: 3, free: 2 });
  expect(staffOf(state({ active: { kind: "chat", chat: 1 } }), 2)).toEqual({ here: 2, free: 0 });
  expect(staffOf(state({ presence: { presence: "logged_out" } }), 2)).toEqual({ here: 1, free: 0 });
});

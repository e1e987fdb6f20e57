import { expect, test } from "vitest";
import { callRef, chatRef, taskRef } from "./items";
import type { ItemRef } from "./protocol/agent";
import { activateObstacle, extendObstacle, goBackAtLogout, nextToActivate, nextToPick, pickObstacle } from "./rules";
import { reduce, type State } from "./state";
import { agent, chat, message, queue, snapshot, task, waiting } from "./testing";

function floor(changes: Parameters<typeof snapshot>[0]): State {
  const state = reduce(null, snapshot(changes));
  if (state === null) throw new Error("a snapshot gives a state");
  return state;
}

const onCall = agent({ active: { kind: "call", call: 1, caller: "", queue: "", since: 0, why: null } });
const onBreak = agent({ presence: { presence: "break", reason: 0, since: 0 } });

test.each([
  ["nothing in the way", floor({}), true, null],
  ["no connection", floor({}), false, "offline"],
  ["logged out", floor({ agent: agent({ presence: { presence: "logged_out" } }) }), true, "logged_out"],
  ["on a call", floor({ agent: onCall }), true, "on_a_call"],
  ["on a break", floor({ agent: onBreak }), true, "on_break"],
  ["about to take a break", floor({ agent: agent({ break_pending: 0 }) }), true, "on_break"],
  ["as many as allowed", floor({ agent: agent({ chats_max: 1 }), chats: [chat(1)] }), true, "maximum_reached"],
  ["unavailable is no obstacle", floor({ agent: agent({ presence: { presence: "unavailable", reason: "missed" } }) }), true, null],
] as const)("a pick: %s", (_, state, online, expected) => {
  expect(pickObstacle(state, online, chatRef(1))).toBe(expected);
});

test("the maximum is one of chats, not of tasks", () => {
  const full = floor({ agent: agent({ chats_max: 1 }), chats: [chat(1)] });
  expect(pickObstacle(full, true, taskRef(2))).toBeNull();
});

test("nothing is activated during a call or a break", () => {
  expect(activateObstacle(floor({ agent: onCall }), true)).toBe("on_a_call");
  expect(activateObstacle(floor({ agent: onBreak }), true)).toBe("on_break");
  expect(activateObstacle(floor({ agent: agent({ break_pending: 0 }) }), true)).toBeNull();
  expect(activateObstacle(floor({}), true)).toBeNull();
});

test("a wrap-up is extended while extensions are left and nobody waits for its end", () => {
  const wrapUp = { clock: { spent_ms: 0, running_since: 0 }, limit_ms: 9, extensions_left: 1 };
  expect(extendObstacle(wrapUp, false, true)).toBeNull();
  expect(extendObstacle({ ...wrapUp, extensions_left: 0 }, false, true)).toBe("extended");
  expect(extendObstacle(wrapUp, true, true)).toBe("visitor_waits");
  expect(extendObstacle(wrapUp, false, false)).toBe("offline");
});

test("what waits longest in any queue is picked next, chat or task, unless it is with somebody", () => {
  const queues = [
    queue(1, [waiting("call", 1, 10), waiting("chat", 2, 40), waiting("task", 4, 20, "Jo")]),
    queue(2, [waiting("chat", 3, 30)]),
  ];
  expect(nextToPick(floor({ queues }))).toEqual(chatRef(3));
  expect(nextToPick(floor({ queues: [queue(1, [waiting("task", 5, 5)]), ...queues] }))).toEqual(taskRef(5));
  expect(nextToPick(floor({}))).toBeNull();
});

test("next to turn to: what would go back, what a call pushed aside, who waits for an answer, what is new, the rest", () => {
  const chats = [
    chat(1, { state: { state: "parked" } }),
    chat(2),
    chat(3, { state: { state: "parked" } }),
    chat(4, { state: { state: "preempted", call: 9 } }),
    chat(5, { state: { state: "active" } }),
    chat(6, { state: { state: "wrap_up", ended_by: "visitor", active: false } }),
    chat(7, { state: { state: "allocated", until: 99_000 } }),
  ];
  const messages = [{ chat: 3, messages: [message(1)] }];
  const wrapUp = { call: 8, caller: "", wrap_up: { clock: { spent_ms: 0, running_since: null }, limit_ms: 9, extensions_left: 3 } };
  const active = agent({ active: { kind: "chat", chat: 5 }, call_wrap_ups: [wrapUp] });
  const gone: number[] = [];
  const order: (ItemRef | null)[] = [];
  for (let time = 0; time < 7; time += 1) {
    const next = nextToActivate(floor({ agent: active, chats: chats.filter((one) => !gone.includes(one.chat)), messages }));
    order.push(next);
    if (next?.kind === "chat") gone.push(next.id);
  }
  expect(order).toEqual([7, 4, 3, 2, 1, 6].map(chatRef).concat(callRef(8)));
  expect(nextToActivate(floor({ agent: agent({ active: { kind: "chat", chat: 5 } }), chats: [chat(5)] }))).toBeNull();
});

test("a task that a call pushed aside comes before what is new", () => {
  const tasks = [task(1), task(2, { state: { state: "parked" } })];
  expect(nextToActivate(floor({ agent: agent({ preempted: taskRef(2) }), tasks }))).toEqual(taskRef(2));
});

test("a logout sends conversations and tasks back, not wrap-ups", () => {
  const wrapUp = chat(2, { state: { state: "wrap_up", ended_by: "visitor", active: false } });
  expect(goBackAtLogout(floor({ chats: [chat(1), wrapUp, chat(3)], tasks: [task(4)] }))).toBe(3);
});

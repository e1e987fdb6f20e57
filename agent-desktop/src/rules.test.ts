import { expect, test } from "vitest";
import { activateObstacle, goBackAtLogout, nextToActivate, nextToPick, pickObstacle } from "./rules";
import { reduce, type State } from "./state";
import { agent, chat, message, queue, snapshot, waiting } from "./testing";

function floor(changes: Parameters<typeof snapshot>[0]): State {
  const state = reduce(null, snapshot(changes));
  if (state === null) throw new Error("a snapshot gives a state");
  return state;
}

const onCall = agent({ active: { kind: "call", call: 1, caller: "", queue: "", since: 0 } });

test.each([
  ["nothing in the way", floor({}), true, null],
  ["no connection", floor({}), false, "offline"],
  ["logged out", floor({ agent: agent({ presence: { presence: "logged_out" } }) }), true, "logged_out"],
  ["on a call", floor({ agent: onCall }), true, "on_a_call"],
  ["as many as allowed", floor({ agent: agent({ chats_max: 1 }), chats: [chat(1)] }), true, "maximum_reached"],
  ["unavailable is no obstacle", floor({ agent: agent({ presence: { presence: "unavailable", reason: "missed" } }) }), true, null],
] as const)("a pick: %s", (_, state, online, expected) => {
  expect(pickObstacle(state, online)).toBe(expected);
});

test("nothing is activated during a call", () => {
  expect(activateObstacle(floor({ agent: onCall }), true)).toBe("on_a_call");
  expect(activateObstacle(floor({}), true)).toBeNull();
});

test("the chat that waits longest in any queue is picked next", () => {
  const queues = [queue(1, [waiting("call", 1, 10), waiting("chat", 2, 40)]), queue(2, [waiting("chat", 3, 30)])];
  expect(nextToPick(floor({ queues }))).toBe(3);
  expect(nextToPick(floor({}))).toBeNull();
});

test("what a call pushed aside is activated first, then who waits for an answer, then what is new", () => {
  const chats = [
    chat(1, { state: { state: "parked" } }),
    chat(2),
    chat(3, { state: { state: "parked" } }),
    chat(4, { state: { state: "preempted", call: 9 } }),
    chat(5, { state: { state: "active" } }),
  ];
  const messages = [{ chat: 3, messages: [message(1)] }];
  const active = agent({ active: { kind: "chat", chat: 5 } });
  const next = (...gone: number[]): number | null =>
    nextToActivate(floor({ agent: active, chats: chats.filter((one) => !gone.includes(one.chat)), messages }));
  expect([next(), next(4), next(4, 3), next(4, 3, 2), next(4, 3, 2, 1)]).toEqual([4, 3, 2, 1, null]);
});

test("a logout sends conversations back, not wrap-ups", () => {
  const wrapUp = chat(2, { state: { state: "wrap_up", ended_by: "visitor", active: false } });
  expect(goBackAtLogout(floor({ chats: [chat(1), wrapUp, chat(3)] }))).toBe(2);
});

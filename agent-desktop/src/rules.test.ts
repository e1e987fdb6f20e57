import { expect, test } from "vitest";
import { callRef, chatRef, itemKey, taskRef } from "./items";
import type { ItemRef, MayView } from "../../web-shared/src/protocol/agent";
import { activateObstacle, callObstacle, nextToActivate, nextToPick, obstacle, openAtLogout, parkObstacle, pickObstacle, transferObstacle } from "./rules";
import { reduce, type State } from "./state";
import { agent, chat, frame, message, queue, snapshot, task, waiting } from "./testing";

function floor(changes: Parameters<typeof snapshot>[0]): State {
  const state = reduce(null, snapshot(changes));
  if (state === null) throw new Error("a snapshot gives a state");
  return state;
}

const may: MayView = { pick_chat: null, pick_chat_in: [], pick_task: null, activate: null, park: [] };

test("what may be picked is the daemon's word, for tasks, for chats, and for chats of a queue with a maximum of its own", () => {
  const full: MayView = { ...may, pick_chat: "maximum_reached", pick_chat_in: [{ queue: 2, pick_chat: null }] };
  const state = floor({ agent: agent({ may: full }), chats: [chat(1), chat(2), chat(3), chat(4)] });
  expect(pickObstacle(state, true, chatRef(9), 1)).toBe("maximum_reached");
  expect(pickObstacle(state, true, chatRef(9), 2)).toBeNull();
  expect(pickObstacle(state, true, taskRef(9), 1)).toBeNull();
  expect(pickObstacle(state, false, taskRef(9), 1)).toBe("offline");
  const narrow: MayView = { ...may, pick_chat_in: [{ queue: 2, pick_chat: "maximum_reached" }], pick_task: "on_a_call" };
  const other = floor({ agent: agent({ may: narrow }) });
  expect(pickObstacle(other, true, chatRef(9), 1)).toBeNull();
  expect(pickObstacle(other, true, chatRef(9), 2)).toBe("maximum_reached");
  expect(pickObstacle(other, true, taskRef(9), 2)).toBe("on_a_call");
});

test("what may be turned to is the daemon's word", () => {
  expect(activateObstacle(floor({ agent: agent({ may: { ...may, activate: "on_break" } }) }), true)).toBe("on_break");
  expect(activateObstacle(floor({}), true)).toBeNull();
  expect(activateObstacle(floor({}), false)).toBe("offline");
});

test("what may be put aside is the daemon's word, and nothing that it does not name", () => {
  const active = agent({ may: { ...may, park: [chatRef(2)] } });
  expect(parkObstacle(floor({ agent: active }), true, chatRef(2))).toBeNull();
  expect(parkObstacle(floor({ agent: active }), true, chatRef(3))).toBe("wrong_state");
  expect(parkObstacle(floor({ agent: active }), false, chatRef(2))).toBe("offline");
});

test("what is said with an item holds whatever state it shows, and without a connection nothing can be done", () => {
  expect([obstacle(null, true), obstacle("awaited", true), obstacle("awaited", false)]).toEqual([null, "awaited", "offline"]);
  const given = { say: "chat_over", transfer: "wrong_state", transfer_to_agent: "wrong_state", end: null } as const;
  expect(transferObstacle(chat(1, { state: { state: "active" }, may: given }), true)).toBe("activate_first");
  expect(transferObstacle(chat(1, { state: { state: "parked" } }), true)).toBeNull();
});

test("a call that the agent dialled is ended on the phone", () => {
  const call = { kind: "call", call: 8, caller: "", contact: null, queue: "", since: 1, held: null, why: null, hang_up: null } as const;
  expect(callObstacle(call, true)).toBeNull();
  expect(callObstacle({ ...call, hang_up: "not_yours" }, true)).toBe("own_call");
});

test("what waits longest and may be picked is picked next, chat or task, unless it is with somebody", () => {
  const queues = [
    queue(1, [waiting("call", 1, 10), waiting("chat", 2, 40), waiting("task", 4, 20, "Jo")]),
    queue(2, [waiting("chat", 3, 30)]),
  ];
  expect(nextToPick(floor({ queues }))).toEqual(chatRef(3));
  expect(nextToPick(floor({ queues: [queue(1, [waiting("task", 5, 5)]), ...queues] }))).toEqual(taskRef(5));
  expect(nextToPick(floor({}))).toBeNull();
  const full: MayView = { ...may, pick_chat: "maximum_reached", pick_chat_in: [{ queue: 1, pick_chat: null }] };
  expect(nextToPick(floor({ queues, agent: agent({ may: full }) }))).toEqual(chatRef(2));
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
  const messages = [{ chat: 3, messages: [message(1)], notes: [] }];
  const wrapUp = { call: 8, caller: "", contact: null, reminds_at: null, wrap_up: { clock: { spent_ms: 0, running_since: null }, limit_ms: 9, extensions_left: 3, extend: null, finish: null } };
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

test("what is not urgent takes turns, wrap-ups as well: nothing is left out", () => {
  const chats = [
    chat(1, { state: { state: "parked" } }),
    chat(2, { state: { state: "parked" } }),
    chat(3, { state: { state: "wrap_up", ended_by: "visitor", active: false } }),
  ];
  const clock = { spent_ms: 0, running_since: null };
  const wrapUp = { call: 8, caller: "", contact: null, reminds_at: null, wrap_up: { clock, limit_ms: 9, extensions_left: 3, extend: null, finish: null } };
  let state: State = floor({ agent: agent({ call_wrap_ups: [wrapUp] }), chats, tasks: [task(4, { state: { state: "parked" } })] });
  const order: string[] = [];
  for (let seq = 1; seq <= 10; seq += 1) {
    const next = nextToActivate(state);
    if (next === null) throw new Error("there is always a next one");
    order.push(itemKey(next));
    const active = next.kind === "chat" ? { kind: "chat" as const, chat: next.id } : next.kind === "task" ? { kind: "task" as const, task: next.id } : { kind: "call_wrap_up" as const, wrap_up: wrapUp };
    state = reduce(state, frame(seq, { kind: "agent", agent: agent({ call_wrap_ups: [wrapUp], active }) })) ?? state;
  }
  const round = ["chat 1", "chat 2", "task 4", "chat 3", "call 8"];
  expect(order).toEqual([...round, ...round]);
});

test("who writes comes before whose turn it is, and keeps nobody from theirs", () => {
  const parked = [1, 2, 3].map((id) => chat(id, { state: { state: "parked" } }));
  let state: State = floor({ chats: parked });
  for (const [seq, id] of [1, 2, 3].entries()) {
    state = reduce(state, frame(seq + 1, { kind: "agent", agent: agent({ active: { kind: "chat", chat: id } }) })) ?? state;
  }
  expect(nextToActivate(state)).toEqual(chatRef(1));
  state = reduce(state, frame(4, { kind: "message", chat: 2, message: message(1) })) ?? state;
  expect(nextToActivate(state)).toEqual(chatRef(2));
  state = reduce(state, frame(5, { kind: "chat", chat: chat(2, { state: { state: "active" }, read_up_to: 1 }) })) ?? state;
  state = reduce(state, frame(6, { kind: "agent", agent: agent({ active: { kind: "chat", chat: 2 } }) })) ?? state;
  expect(nextToActivate(state)).toEqual(chatRef(1));
});

test("a task that a call pushed aside comes before what is new", () => {
  const tasks = [task(1), task(2, { state: { state: "parked" } })];
  expect(nextToActivate(floor({ agent: agent({ preempted: taskRef(2) }), tasks }))).toEqual(taskRef(2));
});

test("what is open at a log-out is told by what becomes of it: wrap-ups go back or are closed, as the daemon says", () => {
  const over = { state: "wrap_up", ended_by: "visitor", active: false } as const;
  const clock = { spent_ms: 0, running_since: null };
  const wrapUp = { call: 8, caller: "", contact: null, reminds_at: null, wrap_up: { clock, limit_ms: 9, extensions_left: 3, extend: null, finish: null } };
  const nothing = { rings: false, talks: false, chats: 0, tasks: 0, wrapUps: 0, closed: 0 };
  const chats = [chat(1), chat(2, { state: over, goes_back: false }), chat(3, { state: over }), chat(5, { state: { state: "parked" } })];
  expect(openAtLogout(floor({ chats, tasks: [task(4)] }))).toEqual({ ...nothing, chats: 2, tasks: 1, wrapUps: 1, closed: 1 });
  const writing = agent({ active: { kind: "call_wrap_up", wrap_up: { ...wrapUp, call: 9 } }, call_wrap_ups: [wrapUp] });
  expect(openAtLogout(floor({ agent: writing }))).toEqual({ ...nothing, closed: 2 });
  const call = { kind: "call", call: 8, caller: "", contact: null, queue: "", since: 1, held: null, why: null, hang_up: null } as const;
  expect(openAtLogout(floor({ agent: agent({ active: call }) }))).toEqual({ ...nothing, talks: true });
  const ringing = { offer: { call: 8, agent: 1, attempt: 1 }, caller: "", contact: null, queue: "", until: 9, why: null };
  expect(openAtLogout(floor({ agent: agent({ ringing }) }))).toEqual({ ...nothing, rings: true });
});

test("with nothing open nothing is asked at a log-out", () => {
  expect(openAtLogout(floor({ queues: [queue(1, [waiting("chat", 7, 1)])] }))).toBeNull();
});

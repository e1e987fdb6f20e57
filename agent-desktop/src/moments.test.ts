import { expect, test } from "vitest";
import { chatRef, taskRef } from "./items";
import { moments, type Moment } from "./moments";
import type { ActiveView, AgentView, RingingView } from "./protocol/agent";
import { reduce, type State } from "./state";
import { agent, chat as chatView, snapshot, task as taskView } from "./testing";

const NOW = 10_000;
const ringing: RingingView = { offer: { call: 8, agent: 1, attempt: 1 }, caller: "+49", queue: "Service", until: 9, why: null };
const chat: ActiveView = { kind: "chat", chat: 5 };
const call: ActiveView = { kind: "call", call: 8, caller: "+49", queue: "Service", since: 1, held: null, why: null, hang_up: null };

function floor(changes: Parameters<typeof snapshot>[0]): State {
  const state = reduce(null, snapshot(changes));
  if (state === null) throw new Error("a snapshot gives a state");
  return state;
}

/** Between two views of the agent. */
function between(before: AgentView | null, after: AgentView): Moment[] {
  return moments(before === null ? null : floor({ agent: before }), floor({ agent: after }), NOW);
}

test("a call that rings says which chat or task it would park", () => {
  const rings = (parks: ReturnType<typeof chatRef> | null): Moment[] => [{ kind: "rings", ringing, parks }];
  expect(between(agent({ active: chat }), agent({ active: chat, ringing }))).toEqual(rings(chatRef(5)));
  expect(between(agent(), agent({ active: { kind: "task", task: 6 }, ringing }))).toEqual(rings(taskRef(6)));
  expect(between(agent(), agent({ ringing }))).toEqual(rings(null));
});

test("a call that rings on is told once, another attempt again", () => {
  const before = agent({ ringing });
  expect(between(before, agent({ ringing: { ...ringing, until: 10 } }))).toEqual([]);
  const second = { ...ringing, offer: { ...ringing.offer, attempt: 2 } };
  expect(between(before, agent({ ringing: second }))).toEqual([{ kind: "rings", ringing: second, parks: null }]);
});

test("a ring that ends without a call is told", () => {
  expect(between(agent({ active: chat, ringing }), agent({ active: chat }))).toEqual([{ kind: "rings_no_more" }]);
});

test("a call that begins names the chat that it pushed aside", () => {
  expect(between(agent({ active: chat, ringing }), agent({ active: call, preempted: chatRef(5) }))).toEqual([
    { kind: "call_began", caller: "+49", parked: chatRef(5) },
  ]);
});

test("what comes back after the call is told, not the end of the call", () => {
  expect(between(agent({ active: call, preempted: chatRef(5) }), agent({ active: chat }))).toEqual([
    { kind: "resumed", item: chatRef(5) },
  ]);
  expect(between(agent({ active: call, preempted: taskRef(5) }), agent({ active: { kind: "task", task: 5 } }))).toEqual([
    { kind: "resumed", item: taskRef(5) },
  ]);
});

test("a chat that comes back after the call's wrap-up is told as well", () => {
  const wrap_up = { call: 8, caller: "", reminds_at: null, wrap_up: { clock: { spent_ms: 0, running_since: 1 }, limit_ms: 9, extensions_left: 0, extend: null, finish: null } };
  const wrapUp: ActiveView = { kind: "call_wrap_up", wrap_up };
  const preempted = chatRef(5);
  expect(between(agent({ active: call, preempted }), agent({ active: wrapUp, preempted }))).toEqual([{ kind: "call_over" }]);
  expect(between(agent({ active: wrapUp, preempted }), agent({ active: chat }))).toEqual([{ kind: "resumed", item: preempted }]);
});

test("a chat that the agent turns to is nothing special", () => {
  expect(between(agent(), agent({ active: chat }))).toEqual([]);
});

test("the first view tells what goes on", () => {
  expect(between(null, agent({ ringing }))).toEqual([{ kind: "rings", ringing, parks: null }]);
  expect(between(null, agent())).toEqual([]);
});

test("a break that had to wait is told when it begins; one that begins with the click is not", () => {
  const presence = { presence: "break", reason: 0, since: 1 } as const;
  expect(between(agent({ break_pending: 0 }), agent({ presence }))).toEqual([{ kind: "break_began" }]);
  expect(between(agent(), agent({ presence }))).toEqual([]);
});

test("what comes without asking is told once; what the agent picks is not", () => {
  const alerting = chatView(7, { state: { state: "allocated", until: NOW + 60_000 } });
  const came = floor({ chats: [alerting, chatView(8)] });
  expect(moments(floor({}), came, NOW)).toMatchObject([{ kind: "alerts", alerting: { item: chatRef(7) } }]);
  expect(moments(came, floor({ chats: [{ ...alerting, alarm: true }, chatView(8)] }), NOW)).toEqual([]);
});

test("it is told when it goes back unattended, not when it is turned to or its visitor leaves", () => {
  const task = taskView(7, { state: { state: "allocated", until: NOW } });
  const before = floor({ tasks: [task] });
  expect(moments(before, floor({}), NOW)).toEqual([{ kind: "went_back", item: taskRef(7) }]);
  expect(moments(before, floor({}), NOW - 30_000)).toEqual([]);
  expect(moments(before, floor({ tasks: [{ ...task, state: { state: "active" } }] }), NOW)).toEqual([]);
});

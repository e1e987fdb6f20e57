import { expect, test } from "vitest";
import { chatRef, taskRef } from "./items";
import { moments, type Moment } from "./moments";
import type { ActiveView, AgentFrame, AgentView, RingingView } from "../../web-shared/src/protocol/agent";
import { reduce, type Input, type State } from "./state";
import { agent, chat as chatView, frame, message, snapshot, task as taskView } from "./testing";

const NOW = 10_000;
const ringing: RingingView = { offer: { call: 8, agent: 1, attempt: 1 }, caller: "+49", contact: null, queue: "Service", until: 9, why: null };
const chat: ActiveView = { kind: "chat", chat: 5 };
const call: ActiveView = { kind: "call", call: 8, caller: "+49", contact: null, queue: "Service", since: 1, held: null, why: null, hang_up: null };

function floor(changes: Parameters<typeof snapshot>[0]): State {
  const state = reduce(null, snapshot(changes));
  if (state === null) throw new Error("a snapshot gives a state");
  return state;
}

/** Between two views of the agent. */
function between(before: AgentView | null, after: AgentView): Moment[] {
  return moments(before === null ? null : floor({ agent: before }), floor({ agent: after }), NOW, snapshot());
}

test("what is said anew is no news, whatever goes on", () => {
  const goesOn = () => snapshot({
    agent: agent({ active: chat, ringing, preempted: taskRef(6) }),
    chats: [chatView(5, { state: { state: "active" } }), chatView(7, { state: { state: "allocated", until: 99_000 } })],
    messages: [{ chat: 5, messages: [message(1)], notes: [] }, { chat: 7, messages: [message(1)], notes: [] }],
  });
  const before = floor(goesOn());
  const again = { ...goesOn(), again: true };
  expect(moments(before, reduce(before, again) as State, NOW, again)).toEqual([]);
});

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
    { kind: "call_began", caller: "+49", contact: null, parked: chatRef(5) },
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
  const wrap_up = { call: 8, caller: "", contact: null, reminds_at: null, wrap_up: { clock: { spent_ms: 0, running_since: 1 }, limit_ms: 9, extensions_left: 0, extend: null, finish: null } };
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
  expect(moments(floor({}), came, NOW, snapshot())).toMatchObject([{ kind: "alerts", alerting: { item: chatRef(7) } }]);
  expect(moments(came, floor({ chats: [{ ...alerting, alarm: true }, chatView(8)] }), NOW, snapshot())).toEqual([]);
});

test("it is told when it goes back unattended, not when it is turned to or its visitor leaves", () => {
  const task = taskView(7, { state: { state: "allocated", until: NOW } });
  const before = floor({ tasks: [task] });
  expect(moments(before, floor({}), NOW, snapshot())).toEqual([{ kind: "went_back", item: taskRef(7) }]);
  expect(moments(before, floor({}), NOW - 30_000, snapshot())).toEqual([]);
  expect(moments(before, floor({ tasks: [{ ...task, state: { state: "active" } }] }), NOW, snapshot())).toEqual([]);
});

test("what the agent puts aside is told; what goes away and what a call pushes aside is not", () => {
  const turns = (chats: number[], active: ActiveView | null): Moment[] => {
    const before = floor({ agent: agent({ active: chat }), chats: [chatView(5), chatView(6)] });
    return moments(before, floor({ agent: agent({ active }), chats: chats.map((id) => chatView(id)) }), NOW, snapshot());
  };
  const parked = { kind: "parked", item: chatRef(5) };
  expect(turns([5, 6], null)).toEqual([parked]);
  expect(turns([5, 6], { kind: "chat", chat: 6 })).toEqual([parked]);
  expect(turns([5, 6], chat)).toEqual([]);
  expect(turns([6], null)).toEqual([]);
  expect(turns([5, 6], call)).toMatchObject([{ kind: "call_began" }]);
});

/** The moments of what comes in, one after the other. */
function heard(first: Input, ...inputs: Input[]): Moment[] {
  let state = reduce(null, first);
  return inputs.flatMap((input) => {
    const before = state;
    state = reduce(before, input);
    return state === null ? [] : moments(before, state, NOW, input);
  });
}

test("a visitor's message is told once, also one that came while there was no connection", () => {
  const chats = [chatView(5)];
  const came = frame(1, { kind: "message", chat: 5, message: message(1) });
  const mine = frame(2, { kind: "message", chat: 5, message: message(2, { author: "agent" }) });
  const told = { kind: "message", chat: chatView(5, { unanswered_since: 2_001 }), number: 1 };
  expect(heard(snapshot({ chats }), came, came, mine)).toEqual([told]);
  const messages = [{ chat: 5, messages: [message(1), message(2, { author: "agent" }), message(3), message(4)], notes: [] }];
  expect(heard(snapshot({ chats }), came, snapshot({ seq: 9, chats, messages }))).toEqual([told, { ...told, chat: chatView(5), number: 4 }]);
});

test("what was written before a chat came, and what another tab's chat had at first sight, is no news", () => {
  const messages = [{ chat: 5, messages: [message(1)], notes: [] }];
  const page: AgentFrame = { kind: "messages", chat: 5, messages: [message(1)], notes: [] };
  expect(heard(snapshot(), frame(1, { kind: "chat", chat: chatView(5) }), frame(2, page))).toEqual([]);
  expect(heard(snapshot(), snapshot({ seq: 3, chats: [chatView(5)], messages }))).toEqual([]);
});

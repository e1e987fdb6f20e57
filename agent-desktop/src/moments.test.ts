import { expect, test } from "vitest";
import { moments } from "./moments";
import type { ActiveView, RingingView } from "./protocol/agent";
import { agent } from "./testing";

const ringing: RingingView = { offer: { call: 8, agent: 1, attempt: 1 }, caller: "+49", queue: "Service", until: 9 };
const chat: ActiveView = { kind: "chat", chat: 5 };
const call: ActiveView = { kind: "call", call: 8, caller: "+49", queue: "Service", since: 1 };

test("a call that rings says which chat it would park", () => {
  expect(moments(agent({ active: chat }), agent({ active: chat, ringing }))).toEqual([{ kind: "rings", ringing, parks: 5 }]);
  expect(moments(agent(), agent({ ringing }))).toEqual([{ kind: "rings", ringing, parks: null }]);
});

test("a call that rings on is told once, another attempt again", () => {
  const before = agent({ ringing });
  expect(moments(before, agent({ ringing: { ...ringing, until: 10 } }))).toEqual([]);
  const second = { ...ringing, offer: { ...ringing.offer, attempt: 2 } };
  expect(moments(before, agent({ ringing: second }))).toEqual([{ kind: "rings", ringing: second, parks: null }]);
});

test("a ring that ends without a call is told", () => {
  expect(moments(agent({ active: chat, ringing }), agent({ active: chat }))).toEqual([{ kind: "rings_no_more" }]);
});

test("a call that begins names the chat that it pushed aside", () => {
  expect(moments(agent({ active: chat, ringing }), agent({ active: call, preempted: 5 }))).toEqual([
    { kind: "call_began", caller: "+49", parked: 5 },
  ]);
});

test("a chat that comes back after the call is told, not the end of the call", () => {
  expect(moments(agent({ active: call, preempted: 5 }), agent({ active: chat }))).toEqual([{ kind: "resumed", chat: 5 }]);
});

test("a chat that comes back after the call's wrap-up is told as well", () => {
  const wrapUp: ActiveView = { kind: "call_wrap_up", wrap_up: { clock: { spent_ms: 0, running_since: 1 }, limit_ms: 9, extensions_left: 0 } };
  expect(moments(agent({ active: call, preempted: 5 }), agent({ active: wrapUp, preempted: 5 }))).toEqual([{ kind: "call_over" }]);
  expect(moments(agent({ active: wrapUp, preempted: 5 }), agent({ active: chat }))).toEqual([{ kind: "resumed", chat: 5 }]);
});

test("a chat that the agent turns to is nothing special", () => {
  expect(moments(agent(), agent({ active: chat }))).toEqual([]);
});

test("the first view tells what goes on", () => {
  expect(moments(null, agent({ ringing }))).toEqual([{ kind: "rings", ringing, parks: null }]);
  expect(moments(null, agent())).toEqual([]);
});

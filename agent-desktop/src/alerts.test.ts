import { expect, test } from "vitest";
import { alertOf } from "./alerts";
import { callRef, chatRef } from "./items";
import type { Moment } from "./moments";
import type { ActiveView, RingingView } from "../../web-shared/src/protocol/agent";
import { reduce, type State } from "./state";
import { agent, chat, snapshot } from "./testing";

const ringing: RingingView = { offer: { call: 8, agent: 1, attempt: 2 }, caller: "+49", contact: null, queue: "Service", until: 9, why: null };
const call: ActiveView = { kind: "call", call: 8, caller: "+49", contact: null, queue: "Service", since: 1, held: null, why: null, hang_up: null };

function floor(changes: Parameters<typeof agent>[0] = {}): State {
  const state = reduce(null, snapshot({ agent: agent(changes), chats: [chat(5), chat(6)] }));
  if (state === null) throw new Error("a snapshot gives a state");
  return state;
}

const wrote: Moment = { kind: "message", chat: chat(5), number: 3 };
const came: Moment = { kind: "alerts", alerting: { item: chatRef(6), view: chat(6), until: 99 } };

test("a ringing call is told outside; its sound is the ring", () => {
  const alert = { event: "1 rings 8 2", sound: null, about: callRef(8) };
  expect(alertOf({ kind: "rings", ringing, parks: null }, floor({ ringing }), true)).toEqual(alert);
});

test("what has to be turned to chimes", () => {
  const alert = { event: "1 alerts chat 6 99", sound: "chime", about: chatRef(6) };
  expect(alertOf(came, floor(), false)).toEqual(alert);
});

test("a message sounds softly, unless it is in the chat that the agent has before their eyes", () => {
  const active: ActiveView = { kind: "chat", chat: 5 };
  const alert = { event: "1 message 5 3", sound: "soft", about: chatRef(5) };
  expect(alertOf(wrote, floor(), false)).toEqual(alert);
  expect(alertOf(wrote, floor({ active: { kind: "chat", chat: 6 } }), false)).toEqual(alert);
  expect(alertOf(wrote, floor({ active }), true)).toEqual(alert);
  expect(alertOf(wrote, floor({ active }), false)).toEqual({ ...alert, sound: null });
});

test("whoever has a caller in their ear, or one who rings, hears nothing else", () => {
  for (const state of [floor({ active: call }), floor({ ringing })]) {
    expect([alertOf(wrote, state, true)?.sound, alertOf(came, state, true)?.sound]).toEqual([null, null]);
  }
});

test("the rest of what happens needs no alert", () => {
  expect(alertOf({ kind: "parked", item: chatRef(5) }, floor(), true)).toBeNull();
  expect(alertOf({ kind: "call_over" }, floor(), true)).toBeNull();
});

// What becomes of a chat when a call is offered to its agent, and nobody comes to talk.

import { expect, test } from "vitest";
import { Caller, DeskPhone } from "../support/sipp";
import { annaIsChatting } from "../support/story";
import { stays, until } from "../support/until";

const UNTOUCHED = ["waiting", "allocated", "active"];

test("a call that nobody answers leaves the chat alone, waits on, and rings again when the agent is back", async () => {
  const { daemon, phonePort, anna, visitor, chat } = await annaIsChatting({ ringS: 2 });
  const phone = DeskPhone.at(phonePort, 2);
  const caller = await Caller.dial(daemon);
  await phone.rings();
  await anna.rings();
  await phone.saw("cancelled");
  await until("calls are blocked", () => anna.view?.calls.calls === "blocked");
  expect(anna.view?.calls).toEqual({ calls: "blocked", until: null, says: null });
  expect(anna.view?.presence).toEqual({ presence: "available" });
  await until("the call waits", () => anna.callsWaiting.length === 1);
  expect(anna.chat(chat)).toMatchObject({ state: { state: "active" } });
  expect(visitor.states).toEqual(UNTOUCHED);
  await stays("the phone is quiet", 1_000, () => phone.did("rings").length === 1);

  await anna.do({ do: "log_in" });
  await phone.rings(2);
  await caller.hangUp();
  expect(await phone.ended()).toBe(0);
  expect(visitor.states).toEqual(UNTOUCHED);
});

test("a call declined on the phone leaves the chat alone and waits on", async () => {
  const { daemon, phonePort, anna, visitor, chat } = await annaIsChatting();
  const phone = DeskPhone.refusing(phonePort, "declines");
  const caller = await Caller.dial(daemon);
  expect(await phone.ended()).toBe(0);
  await anna.ringsNoMore();
  await until("the call waits", () => anna.callsWaiting.length === 1);
  expect(anna.view?.calls).toEqual({ calls: "open" });
  expect(anna.chat(chat).state.state).toBe("active");
  expect(visitor.states).toEqual(UNTOUCHED);
  await caller.hangUp();
  await until("the queue is empty", () => anna.callsWaiting.length === 0);
});

test("a call declined on the screen stops ringing on the phone", async () => {
  const { daemon, phonePort, anna, visitor } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort);
  const caller = await Caller.dial(daemon);
  await anna.rings();
  const offer = await until("the offer", () => anna.view?.ringing?.offer);
  await anna.do({ do: "decline", offer });
  await phone.saw("cancelled");
  expect(await phone.ended()).toBe(0);
  await anna.ringsNoMore();
  await until("the call waits", () => anna.callsWaiting.length === 1);
  expect(visitor.states).toEqual(UNTOUCHED);
  await caller.hangUp();
});

test("a busy phone is no miss: it is asked again a little later", async () => {
  const { daemon, phonePort, anna, visitor } = await annaIsChatting();
  const busy = DeskPhone.refusing(phonePort, "is_busy");
  const caller = await Caller.dial(daemon);
  expect(await busy.ended()).toBe(0);
  await until("calls are blocked for a while", () => anna.view?.calls.calls === "blocked" && anna.view.calls.until !== null);
  const free = DeskPhone.at(phonePort);
  await free.saw("rings", 1, 20_000);
  await caller.hangUp();
  expect(await free.ended()).toBe(0);
  expect(visitor.states).toEqual(UNTOUCHED);
});

test("a caller who hangs up while it rings leaves nothing behind", async () => {
  const { daemon, phonePort, anna, visitor } = await annaIsChatting();
  const phone = DeskPhone.at(phonePort);
  const caller = await Caller.dial(daemon);
  await phone.rings();
  await anna.rings();
  await caller.hangUp();
  await phone.saw("cancelled");
  expect(await phone.ended()).toBe(0);
  await anna.ringsNoMore();
  expect(anna.view).toMatchObject({ calls: { calls: "open" }, preempted: null });
  await until("no call waits", () => anna.callsWaiting.length === 0);
  expect(visitor.states).toEqual(UNTOUCHED);
});

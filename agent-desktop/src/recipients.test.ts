import { expect, test } from "vitest";
import type { ColleagueView } from "../../web-shared/src/protocol/agent";
import { canBeAsked, colleagueChoices, queueChoices, sameRecipient } from "./recipients";
import { reduce, type State } from "./state";
import { chat, frame, snapshot } from "./testing";

function colleague(agent: number, name: string, changes: Partial<ColleagueView> = {}): ColleagueView {
  return { agent, name, takes_chats: true, take_chat: null, take_chat_from: [], does: "nothing", queues: [], ...changes };
}

function floor(...colleagues: ColleagueView[]): State {
  const destinations = [{ queue: 2, name: "Billing" }, { queue: 1, name: "Service" }];
  const state = reduce(null, snapshot({ colleagues, destinations }));
  if (state === null) throw new Error("a snapshot gives a state");
  return state;
}

test("who can take the chat now stands first, then who has enough, then who cannot be asked; each group by name", () => {
  const state = floor(
    colleague(1, "Ada", { take_chat: "on_break" }),
    colleague(2, "Ben", { take_chat: "maximum_reached" }),
    colleague(3, "Cleo"),
    colleague(4, "Dora", { take_chat: "logged_out" }),
    colleague(5, "Emil", { take_chat: "maximum_reached" }),
    colleague(6, "Fritz"),
    colleague(7, "Voice", { takes_chats: false, take_chat: "not_available" }),
  );
  const choices = colleagueChoices(state, chat(9));
  expect(choices.map(({ name }) => name)).toEqual(["Cleo", "Fritz", "Ben", "Emil", "Ada", "Dora"]);
  expect(choices.filter(canBeAsked).map(({ name }) => name)).toEqual(["Cleo", "Fritz", "Ben", "Emil"]);
  expect(choices.map(({ hindrance }) => hindrance)).toEqual([null, null, "maximum_reached", "maximum_reached", "on_break", "logged_out"]);
});

test("of a queue with a maximum of its own that maximum counts", () => {
  const full = colleague(1, "Ada", { take_chat: "maximum_reached", take_chat_from: [{ queue: 2, take_chat: null }] });
  const of = (queue: number) => colleagueChoices(floor(full), chat(9, { queue }))[0]?.hindrance;
  expect([of(1), of(2)]).toEqual(["maximum_reached", null]);
});

test("while somebody is asked nobody else can be", () => {
  const asked = chat(9, { may: { say: null, transfer: null, transfer_to_agent: "wrong_state", end: null } });
  const choices = colleagueChoices(floor(colleague(1, "Ada"), colleague(2, "Ben", { take_chat: "on_break" })), asked);
  expect(choices.map(({ hindrance }) => hindrance)).toEqual(["asks_already", "on_break"]);
  expect(choices.some(canBeAsked)).toBe(false);
});

test("a colleague who has enough, and then has room again, is told by a frame", () => {
  const full: State | null = reduce(floor(colleague(1, "Ada")), frame(1, { kind: "colleague", colleague: colleague(1, "Ada", { take_chat: "maximum_reached" }) }));
  const free = reduce(full, frame(2, { kind: "colleague", colleague: colleague(1, "Ada") }));
  const hindrances = [full, free].map((state) => (state === null ? undefined : colleagueChoices(state, chat(9))[0]?.hindrance));
  expect(hindrances).toEqual(["maximum_reached", null]);
});

test("a queue can always be chosen", () => {
  expect(queueChoices(floor()).map(({ to, name }) => [to.id, name])).toEqual([[2, "Billing"], [1, "Service"]]);
  expect(queueChoices(floor()).every(canBeAsked)).toBe(true);
  expect(sameRecipient({ kind: "queue", id: 1 }, { kind: "agent", id: 1 })).toBe(false);
  expect(sameRecipient({ kind: "queue", id: 1 }, null)).toBe(false);
});

import { expect, test } from "vitest";
import type { AgentFrame } from "../../web-shared/src/protocol/agent";
import { callRef, chatRef, taskRef } from "./items";
import { alerting, hasEarlier, inbox, parkedWrapUps, reduce, unread, type Input, type State } from "./state";
import { agent, chat, frame, message, note, queue, snapshot, task, waiting } from "./testing";

function after(...inputs: Input[]): State {
  const state = inputs.reduce<State | null>(reduce, null);
  if (state === null) throw new Error("no snapshot among the inputs");
  return state;
}

const begin = snapshot({
  seq: 4,
  queues: [queue(1, [waiting("chat", 7, 100), waiting("call", 8, 200)]), queue(2)],
  chats: [chat(5, { state: { state: "active" } })],
  tasks: [task(10)],
  colleagues: [{ agent: 2, name: "Zoe", takes_chats: true, take_chat: "logged_out", take_chat_from: [], does: "nothing", queues: [] }],
  messages: [{ chat: 5, messages: [message(1)], notes: [] }],
});

/** Frames of each kind, and the snapshot that the daemon would send after them. */
const frames: AgentFrame[] = [
  { kind: "queue", queue: 2, waiting: [waiting("call", 9, 300)], left: [] },
  { kind: "queue", queue: 1, waiting: [waiting("chat", 6, 50), waiting("chat", 12, 20)], left: [] },
  { kind: "queue", queue: 1, waiting: [waiting("call", 8, 200, "Jo")], left: [chatRef(7), chatRef(12)] },
  { kind: "queue", queue: 1, waiting: [], left: [chatRef(7)] },
  { kind: "chat", chat: chat(7) },
  { kind: "message", chat: 7, message: message(1) },
  { kind: "message", chat: 5, message: message(2, { author: "agent", client: "tab", command: 1 }) },
  { kind: "chat", chat: chat(4, { arrived_at: 1 }) },
  { kind: "message", chat: 4, message: message(1) },
  { kind: "chat_gone", chat: 4 },
  { kind: "typing", chat: 5, on: true },
  { kind: "message", chat: 5, message: message(3) },
  { kind: "chat", chat: chat(5, { state: { state: "preempted", call: 8 } }) },
  { kind: "note", chat: 5, note: note(1, { after: 3 }) },
  { kind: "note", chat: 5, note: note(1, { after: 3 }) },
  { kind: "visitor_read", chat: 5, number: 2 },
  { kind: "visitor_read", chat: 5, number: 1 },
  { kind: "visitor_read", chat: 99, number: 1 },
  { kind: "agent", agent: agent({ preempted: chatRef(5) }) },
  { kind: "notice", code: "taken", item: chatRef(6) },
  { kind: "task", task: task(10, { state: { state: "active" } }) },
  { kind: "task", task: task(11) },
  { kind: "task", task: task(12) },
  { kind: "task_gone", task: 11 },
  { kind: "colleague", colleague: { agent: 3, name: "Ben", takes_chats: true, take_chat: null, take_chat_from: [], does: "nothing", queues: [] } },
  { kind: "colleague", colleague: { agent: 2, name: "Zoe", takes_chats: true, take_chat: null, take_chat_from: [], does: "nothing", queues: [] } },
  { kind: "alert", chat: 5, agent: "Ben", queue: "Service", preempted: true },
];
const end = snapshot({
  seq: 31,
  agent: agent({ preempted: chatRef(5) }),
  queues: [queue(1, [waiting("chat", 6, 50), waiting("call", 8, 200, "Jo")]), queue(2, [waiting("call", 9, 300)])],
  chats: [chat(5, { state: { state: "preempted", call: 8 }, visitor_read_up_to: 2 }), chat(7, { unanswered_since: 2_001 })],
  tasks: [task(10, { state: { state: "active" } }), task(12)],
  colleagues: [
    { agent: 3, name: "Ben", takes_chats: true, take_chat: null, take_chat_from: [], does: "nothing", queues: [] },
    { agent: 2, name: "Zoe", takes_chats: true, take_chat: null, take_chat_from: [], does: "nothing", queues: [] },
  ],
  messages: [
    { chat: 5, messages: [message(1), message(2, { author: "agent", client: "tab", command: 1 }), message(3)], notes: [note(1, { after: 3 })] },
    { chat: 7, messages: [message(1)], notes: [] },
  ],
});

test("a snapshot and frames give what a fresh snapshot gives", () => {
  const inputs = frames.map((change, at) => frame(5 + at, change));
  expect(after(begin, ...inputs)).toEqual(after(end));
});

test("a frame that comes twice changes nothing", () => {
  const inputs = frames.map((change, at) => frame(5 + at, change));
  const twice = inputs.flatMap((input) => [input, input]);
  expect(after(begin, ...twice, ...inputs)).toEqual(after(end));
});

test("a frame from before the snapshot changes nothing", () => {
  const state = after(end);
  expect(reduce(state, frame(26, { kind: "chat_gone", chat: 5 }))).toBe(state);
});

test("nothing is known before the snapshot", () => {
  expect(reduce(null, frame(1, { kind: "agent", agent: agent() }))).toBeNull();
});

test("a message with a known number is the same message", () => {
  const state = after(begin, frame(5, { kind: "message", chat: 5, message: message(1, { text: "again" }) }));
  expect(state.messages.get(5)).toEqual([message(1)]);
});

test("messages stand in the order of their numbers", () => {
  const state = after(
    begin,
    frame(5, { kind: "message", chat: 5, message: message(3) }),
    frame(6, { kind: "message", chat: 5, message: message(2) }),
  );
  expect(state.messages.get(5)?.map((one) => one.number)).toEqual([1, 2, 3]);
});

test("lists that come into sight again are as given, in their order", () => {
  const state = after(
    begin,
    frame(5, { kind: "queues", queues: [queue(2, [waiting("call", 9, 300), waiting("chat", 6, 50)])] }),
    frame(6, {
      kind: "colleagues",
      colleagues: [
        { agent: 2, name: "Zoe", takes_chats: true, take_chat: null, take_chat_from: [], does: "nothing", queues: [] },
        { agent: 3, name: "Ben", takes_chats: true, take_chat: null, take_chat_from: [], does: "nothing", queues: [] },
      ],
    }),
  );
  expect(state.queues.map((one) => [one.queue, one.waiting.map(({ item }) => item.id)])).toEqual([[2, [6, 9]]]);
  expect(state.colleagues.map(({ name }) => name)).toEqual(["Ben", "Zoe"]);
});

test("what waits stands oldest first, an item that comes back at its old place", () => {
  const state = after(begin, frame(5, { kind: "queue", queue: 1, waiting: [waiting("chat", 3, 150)], left: [] }));
  expect(state.queues[0]?.waiting.map((one) => one.item.id)).toEqual([7, 3, 8]);
});

const mine = { client: "tab", command: 1, chat: 5, text: "hello", note: false };

test("an own message is pending until the daemon shows it", () => {
  const said = after(begin, { type: "said", message: mine });
  expect(said.pending).toEqual([mine]);
  const stored = message(2, { author: "agent", client: "tab", command: 1 });
  expect(after(begin, { type: "said", message: mine }, frame(5, { kind: "message", chat: 5, message: stored })).pending).toEqual([]);
});

test("an own message that is sent again is pending once, and not at all if it is stored", () => {
  const again: Input = { type: "said", message: mine };
  expect(after(begin, again, again).pending).toEqual([mine]);
  expect(after(end, again).pending).toEqual([]);
});

test("a pending message survives a reconnect, unless the snapshot has it", () => {
  const said: Input = { type: "said", message: mine };
  expect(after(begin, said, begin).pending).toEqual([mine]);
  expect(after(begin, said, end).pending).toEqual([]);
});

test("an own note is pending until the daemon shows it as a note, and a message of that name is another thing", () => {
  const noted: Input = { type: "said", message: { ...mine, note: true } };
  const stored = { client: "tab", command: 1 };
  const asMessage: AgentFrame = { kind: "message", chat: 5, message: message(2, { author: "agent", ...stored }) };
  expect(after(begin, noted, frame(5, asMessage)).pending).toHaveLength(1);
  expect(after(begin, noted, frame(5, { kind: "note", chat: 5, note: note(1, stored) })).pending).toEqual([]);
  const page: AgentFrame = { kind: "messages", chat: 5, messages: [], notes: [note(1, stored)] };
  expect(after(begin, noted, frame(5, page)).pending).toEqual([]);
});

test("a note answers nobody, and a message of the agent does", () => {
  const asked = frame(5, { kind: "message", chat: 5, message: message(2) });
  const noted = after(begin, asked, frame(6, { kind: "note", chat: 5, note: note(1) }));
  expect(noted.chats.get(5)?.unanswered_since).toBe(2_002);
  const answered = reduce(noted, frame(7, { kind: "message", chat: 5, message: message(3, { author: "agent" }) }));
  expect(answered?.chats.get(5)?.unanswered_since).toBeNull();
});

test("a refused message is not pending any more", () => {
  expect(after(begin, { type: "said", message: mine }, { type: "unsaid", client: "tab", command: 1 }).pending).toEqual([]);
});

test("a message ends the visitor's typing", () => {
  const typing = frame(5, { kind: "typing", chat: 5, on: true });
  expect(after(begin, typing).typing).toEqual(new Set([5]));
  expect(after(begin, typing, frame(6, { kind: "message", chat: 5, message: message(2) })).typing).toEqual(new Set());
});

test("only the visitor's messages after the last one read are unread", () => {
  const messages = [message(1), message(2, { author: "agent" }), message(3), message(4)];
  expect(unread(chat(5, { read_up_to: 1 }), messages)).toBe(2);
  expect(unread(chat(5, { read_up_to: 4 }), messages)).toBe(0);
  expect(unread(chat(5), undefined)).toBe(0);
});

test("whoever reads far back finds no more unread than before", () => {
  const all = Array.from({ length: 10_000 }, (_, at) => message(at + 1));
  expect(unread(chat(5), all.slice(-50))).toBe(50);
  expect(unread(chat(5), all)).toBe(50);
});

test("the inbox keeps the order of arrival whatever becomes active, chats and tasks together", () => {
  const late = task(3, { arrived_at: 2_000 });
  const state = after(
    begin,
    frame(5, { kind: "chat", chat: chat(2) }),
    frame(6, { kind: "chat", chat: chat(9) }),
    frame(7, { kind: "task", task: late }),
  );
  expect(inbox(state).map(({ item }) => item)).toEqual([chatRef(2), chatRef(5), chatRef(9), taskRef(10), taskRef(3)]);
});

test("the wrap-ups that wait are those of calls and chats that nobody is at", () => {
  const over = (active: boolean): { state: { state: "wrap_up"; ended_by: "visitor"; active: boolean } } => ({
    state: { state: "wrap_up", ended_by: "visitor", active },
  });
  const wrapUp = { clock: { spent_ms: 0, running_since: null }, limit_ms: 9, extensions_left: 3, extend: null, finish: null };
  const call_wrap_ups = [{ call: 7, caller: "", contact: null, reminds_at: null, wrap_up: wrapUp }];
  const chats = [chat(1, over(false)), chat(2, over(true)), chat(3), chat(4, over(false))];
  const state = after(snapshot({ agent: agent({ call_wrap_ups }), chats, tasks: [task(5)] }));
  expect(parkedWrapUps(state)).toEqual([callRef(7), chatRef(1), chatRef(4)]);
});

test("only what came without asking has to be turned to, the most urgent first", () => {
  const chats = [chat(1), chat(2, { state: { state: "allocated", until: 90_000 } }), chat(3, { state: { state: "active" } })];
  const tasks = [task(4, { state: { state: "allocated", until: 80_000 } })];
  expect(alerting(after(snapshot({ chats, tasks }))).map(({ item, until }) => [item, until])).toEqual([
    [taskRef(4), 80_000],
    [chatRef(2), 90_000],
  ]);
});

test("earlier messages come before those that are known, once, until nothing is left", () => {
  const known = after(snapshot({ chats: [chat(5)], messages: [{ chat: 5, messages: [message(101), message(102)], notes: [] }] }));
  expect(hasEarlier(known, 5)).toBe(true);
  const page: Input = { type: "earlier", chat: 5, messages: [message(99), message(100)] };
  const more = [page, page].reduce<State | null>(reduce, known) as State;
  expect(more.messages.get(5)?.map((one) => one.number)).toEqual([99, 100, 101, 102]);
  const erased = reduce(more, { type: "earlier", chat: 5, messages: [] }) as State;
  expect(hasEarlier(erased, 5)).toBe(false);
  expect(hasEarlier(after(snapshot({ chats: [chat(5)], messages: [{ chat: 5, messages: [message(1)], notes: [] }] })), 5)).toBe(false);
});

test("a reconnect keeps what was read further up, unless something is missing in between", () => {
  const numbers = (...pages: number[][]) =>
    after(...pages.map((page) => snapshot({ chats: [chat(5)], messages: [{ chat: 5, messages: page.map((n) => message(n)), notes: [] }] })))
      .messages.get(5)
      ?.map((one) => one.number);
  expect(numbers([1, 2, 3], [3, 4])).toEqual([1, 2, 3, 4]);
  expect(numbers([1, 2, 3], [4, 5])).toEqual([1, 2, 3, 4, 5]);
  expect(numbers([1, 2, 3], [5, 6])).toEqual([5, 6]);
});

const long: Input[] = [
  snapshot({ chats: [chat(5), chat(6)], messages: [{ chat: 5, messages: [message(101), message(102)], notes: [] }, { chat: 6, messages: [], notes: [] }] }),
  { type: "earlier", chat: 5, messages: [message(99), message(100)] },
  { type: "earlier", chat: 5, messages: [] },
  frame(1, { kind: "typing", chat: 5, on: true }),
  frame(2, { kind: "typing", chat: 6, on: true }),
];

test("what is said anew on the same connection keeps what was read, who writes, what is on its way and whose turn it was", () => {
  const before = after(...long, { type: "said", message: mine }, frame(3, { kind: "agent", agent: agent({ active: { kind: "chat", chat: 5 } }) }));
  const change = { queues: [queue(3)], destinations: [{ queue: 3, name: "New" }], colleagues: [{ agent: 4, name: "Ivo", takes_chats: true, take_chat: null, take_chat_from: [], does: "nothing" as const, queues: [] }], break_reasons: [{ reason: 1, name: "Lunch" }] };
  const said = { ...snapshot({ agent: agent({ active: { kind: "chat", chat: 5 } }), chats: [chat(5)], messages: [{ chat: 5, messages: [message(102), message(103)], notes: [] }], ...change }), again: true };
  const state = reduce(before, said) as State;
  expect(state.messages.get(5)?.map((one) => one.number)).toEqual([99, 100, 101, 102, 103]);
  expect(hasEarlier(state, 5)).toBe(false);
  expect(state.typing).toEqual(new Set([5]));
  expect(state.pending).toEqual([mine]);
  expect(state.attended).toEqual(["chat 5"]);
  expect([state.queues, state.destinations, state.breakReasons, state.colleagues]).toEqual([change.queues, change.destinations, change.break_reasons, change.colleagues]);
  // The numbers of the frames begin anew.
  expect(state.seq).toBe(0);
  expect(reduce(state, frame(1, { kind: "chat_gone", chat: 5 }))?.chats.size).toBe(0);
});

test("after a cut nobody writes until they say so, and what is left to be asked for may be more", () => {
  const state = after(...long, snapshot({ chats: [chat(5)], messages: [{ chat: 5, messages: [message(110)], notes: [] }] }));
  expect(state.typing).toEqual(new Set());
  expect(hasEarlier(state, 5)).toBe(true);
});

test("a chat that comes into the inbox brings its last messages in one frame", () => {
  const state = after(begin, frame(5, { kind: "chat", chat: chat(7) }), frame(6, { kind: "messages", chat: 7, messages: [message(8), message(9)], notes: [] }));
  expect(state.messages.get(7)?.map((one) => one.number)).toEqual([8, 9]);
});

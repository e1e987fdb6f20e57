import { describe, expect, it } from "vitest";
import type { Message, VisitorChatState, VisitorFrame } from "../../web-shared/src/protocol/visitor";
import { asks, begin, have, type Input, reduce, type State, unread } from "../src/state";

describe("snapshot and frames", () => {
  it("lead to what a fresh snapshot says", () => {
    const frames: VisitorFrame[] = [
      chat({ state: "allocated", agent: "Anna", since: 2_500 }),
      chat({ state: "active", agent: "Anna", since: 1_000 }),
      { kind: "typing", on: true },
      said(3, "agent"),
      chat({ state: "preempted", agent: "Anna", since: 3_000, choice: false, stays: false }),
      chat({ state: "preempted", agent: "Anna", since: 3_000, choice: true, stays: false }),
      said(4, "visitor"),
      chat({ state: "active", agent: "Anna", since: 1_000 }),
      said(5, "agent"),
      chat({ state: "ended", by: "agent" }),
    ];
    const first = [message(1, "visitor"), message(2, "visitor")];
    let followed = reduce(begin("tab-one"), snapshot({ state: "waiting", staffed: true }, first));
    frames.forEach((frame, index) => {
      followed = reduce(followed, { type: "frame", seq: index + 1, frame });
      const messages = [...first, ...frames.slice(0, index + 1).flatMap((f) => (f.kind === "message" ? [f.message] : []))];
      const now = frames.slice(0, index + 1).findLast((f) => f.kind === "chat");
      const fresh = reduce(begin("tab-one"), snapshot(now?.chat.state ?? { state: "waiting", staffed: true }, messages));
      expect([followed.chat, followed.messages]).toEqual([fresh.chat, fresh.messages]);
    });
    expect(followed.typing).toBe(false);
  });

  it("hold each message once, by number, whatever comes twice or late", () => {
    const state = after([
      snapshot({ state: "waiting", staffed: true }, [message(2, "agent"), message(1, "visitor")]),
      { type: "frame", seq: 1, frame: said(2, "agent") },
      snapshot({ state: "waiting", staffed: true }, [message(1, "visitor"), message(2, "agent"), message(3, "agent")]),
    ]);
    expect(state.messages.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it("never claim a message behind a gap", () => {
    expect(have(after([snapshot({ state: "waiting", staffed: true }, [message(1, "visitor"), message(3, "agent")])]))).toBe(1);
  });
});

describe("own messages", () => {
  it("stay unsent until the daemon's copy of them arrives", () => {
    let state = after([snapshot({ state: "waiting", staffed: true }, []), wrote(7, "Hello")]);
    expect(state.unsent).toHaveLength(1);
    state = reduce(state, { type: "frame", seq: 1, frame: said(1, "visitor", "tab-one", 7) });
    expect(state.unsent).toEqual([]);
    expect(state.messages).toHaveLength(1);
  });

  it("are found in a snapshot as well", () => {
    const state = after([
      wrote(1, "one"),
      wrote(2, "two"),
      snapshot({ state: "waiting", staffed: true }, [message(1, "visitor", "tab-one", 1)]),
    ]);
    expect(state.unsent.map(({ command }) => command)).toEqual([2]);
  });

  it("of another tab with the same number are somebody else's", () => {
    const state = after([
      wrote(1, "mine"),
      snapshot({ state: "waiting", staffed: true }, [message(1, "visitor", "tab-two", 1)]),
    ]);
    expect(state.unsent).toHaveLength(1);
  });

  it("that an earlier page of this tab wrote are known by the name of that page", () => {
    const state = after([
      { type: "said", own: { client: "page-before", command: 1, text: "on its way", problem: null } },
      wrote(1, "mine"),
      snapshot({ state: "waiting", staffed: true }, [message(1, "visitor", "page-before", 1)]),
    ]);
    expect(state.unsent.map(({ text }) => text)).toEqual(["mine"]);
  });

  it("show why they were refused", () => {
    const problem = { code: "chat_over", message: "the chat is over" } as const;
    const state = after([
      wrote(1, "late"),
      { type: "spurned", own: { client: "tab-one", command: 1 }, problem },
    ]);
    const [own] = state.unsent;
    expect(own).toMatchObject({ command: 1, text: "late", problem });
    expect(own && reduce(state, { type: "withdrawn", own }).unsent).toEqual([]);
  });
});

describe("notices", () => {
  it("tell of each change once, at its place among the messages", () => {
    const preempted = { state: "preempted", agent: "Anna", since: 1_500, choice: false, stays: false } as const;
    const state = after([
      snapshot({ state: "active", agent: "Anna", since: 1_000 }, [message(1, "visitor")]),
      { type: "frame", seq: 1, frame: chat(preempted) },
      snapshot(preempted, [message(2, "visitor")]),
      { type: "frame", seq: 1, frame: chat({ state: "active", agent: "Anna", since: 2_500 }) },
    ]);
    expect(state.notices.map(({ after: place, before, now }) => [place, before, now.state])).toEqual([
      [1, "waiting", "active"],
      [1, "active", "preempted"],
      [2, "preempted", "active"],
    ]);
  });

  it("of a conversation stand where it began, for a tab that comes later", () => {
    const messages = [message(1, "visitor"), message(2, "agent"), message(3, "visitor")];
    const state = after([snapshot({ state: "active", agent: "Anna", since: 1_500 }, messages)]);
    expect(state.notices.map((notice) => notice.after)).toEqual([1]);
  });

  it("of a call stand where it began, for a page that came later", () => {
    const state = after([
      snapshot({ state: "preempted", agent: "Anna", since: 1_500, choice: false, stays: false }, [message(1, "agent"), message(2, "visitor")]),
    ]);
    expect(state.notices.map((notice) => notice.after)).toEqual([1]);
  });
});

describe("the visitor is asked", () => {
  const active = { state: "active", agent: "Anna", since: 1_000 } as const;
  const preempted = { state: "preempted", agent: "Anna", since: 1_500 } as const;

  it.each([
    ["nothing while they talk", active, false, null],
    ["whether they are there, when they have not answered for long", active, true, "idle"],
    ["nothing while the call has only begun", { ...preempted, choice: false, stays: false }, false, null],
    ["how to go on, when it takes long", { ...preempted, choice: true, stays: false }, false, "question"],
    ["not again when they wait, also by a page that comes later", { ...preempted, choice: true, stays: true }, false, null],
    ["nothing when the chat is over", { state: "ended", by: "visitor_idle" }, true, null],
  ] as const)("%s", (_, state, idle, expected) => {
    const frame = chat(state, idle);
    expect(asks(after([snapshot(active, []), { type: "frame", seq: 1, frame }]))).toBe(expected);
  });

  it.each(["visitor", "agent"] as const)("nothing any more after a word of the %s", (author) => {
    const asked = [snapshot(active, []), { type: "frame", seq: 1, frame: chat(active, true) }] as const;
    expect(asks(after([...asked, { type: "frame", seq: 2, frame: said(1, author) }]))).toBe(null);
  });

  it("and a question that comes later is no change of its own in the log", () => {
    const state = after([
      snapshot({ ...preempted, choice: false, stays: false }, []),
      { type: "frame", seq: 1, frame: chat({ ...preempted, choice: true, stays: false }) },
    ]);
    expect(state.notices).toHaveLength(1);
  });
});

it("unread are only the agent's messages", () => {
  const state = after([snapshot({ state: "waiting", staffed: true }, [message(1, "agent"), message(2, "visitor"), message(3, "agent")])]);
  expect([unread(state, 0), unread(state, 1), unread(state, 3)]).toEqual([2, 1, 0]);
});

function after(inputs: Input[]): State {
  return inputs.reduce(reduce, begin("tab-one"));
}

function wrote(command: number, text: string): Input {
  return { type: "said", own: { client: "tab-one", command, text, problem: null } };
}

function snapshot(state: VisitorChatState, messages: Message[]): Input {
  return { type: "snapshot", seq: 0, now: 0, chat: { company: "Alpenrad", telephone: null, state, idle: false, read_up_to: 0, file_bytes_max: 0, file_kinds: [] }, messages };
}

function chat(state: VisitorChatState, idle = false): VisitorFrame & { kind: "chat" } {
  return { kind: "chat", chat: { company: "Alpenrad", telephone: null, state, idle, read_up_to: 0, file_bytes_max: 0, file_kinds: [] } };
}

function said(number: number, author: Message["author"], client = "other", command = 0): VisitorFrame {
  return { kind: "message", message: message(number, author, client, command) };
}

function message(number: number, author: Message["author"], client = "other", command = 0): Message {
  return { number, author, text: `text ${number}`, at: number * 1_000, client, command, file: null };
}

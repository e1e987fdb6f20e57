import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection, type Line, type Outbox, type Socket } from "../src/connection";
import type { VisitorReply, VisitorRequest } from "../../web-shared/src/protocol/visitor";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("a command", () => {
  it("whose answer was lost is sent again with the same number", () => {
    const { connection, sockets, outbox } = setting();
    connection.open();
    up(sockets[0]);
    connection.command({ do: "say", text: "Hello" });
    sockets[0]?.cut();
    vi.advanceTimersByTime(500);
    up(sockets[1]);
    const again = { type: "command", id: 1, command: { do: "say", text: "Hello" } };
    expect(sockets[0]?.sent.slice(1)).toEqual([again]);
    expect(sockets[1]?.sent.slice(1)).toEqual([again]);
    sockets[1]?.hear({ type: "answer", id: 1, problem: null });
    expect(outbox.pending).toEqual([]);
  });

  it("is written down before it is sent, and comes back with the page under the name that it had", () => {
    const before = setting();
    before.connection.command({ do: "say", text: "one" });
    before.connection.command({ do: "say", text: "two" });
    const { pending } = JSON.parse(before.saved.at(-1) ?? "") as Outbox;
    const after = setting({ client: "the-next-page", next: 1, pending });
    after.connection.open();
    expect(after.connection.command({ do: "leave" })).toMatchObject({ client: "the-next-page", id: 1 });
    up(after.sockets[0]);
    after.sockets[0]?.hear({ type: "answer", id: 1, problem: null });
    after.sockets[0]?.hear({ type: "answer", id: 2, problem: null });
    up(after.sockets[1]);
    after.sockets[1]?.hear({ type: "answer", id: 1, problem: null });
    expect(after.sockets.map(({ sent }) => sent.map((one) => (one.type === "hello" ? one.client : "id" in one && one.id)))).toEqual([
      ["first-page", 1, 2],
      ["the-next-page", 1],
    ]);
    expect(after.outbox.pending).toEqual([]);
  });

  it("waits until the one before it is answered, and a refused one is out of its way", () => {
    const { connection, sockets, answers } = setting();
    connection.open();
    up(sockets[0]);
    connection.command({ do: "say", text: "one" });
    connection.command({ do: "say", text: "two" });
    expect(ids(sockets[0])).toEqual([1]);
    sockets[0]?.hear({ type: "answer", id: 1, problem: { code: "malformed", message: "" } });
    expect(ids(sockets[0])).toEqual([1, 2]);
    sockets[0]?.hear({ type: "answer", id: 2, problem: null });
    expect(answers).toEqual(["1 malformed", "2 done"]);
  });

  it("for which the connection is refused is given back, and those behind it are sent by the next one", () => {
    const { connection, sockets, answers } = setting();
    connection.open();
    up(sockets[0]);
    connection.command({ do: "say", text: "one" });
    connection.command({ do: "say", text: "two" });
    sockets[0]?.hear({ type: "refused", problem: { code: "malformed", message: "" }, telephone: null, opens: null, fields: [] });
    vi.advanceTimersByTime(500);
    up(sockets[1]);
    expect(ids(sockets[1])).toEqual([2]);
    expect(answers).toEqual(["1 malformed"]);
  });

  it("says nothing that is no text: half an emoji arrives as the sign for what cannot be read", () => {
    const { connection, sockets } = setting();
    connection.open();
    up(sockets[0]);
    connection.command({ do: "say", text: "Thanks \ud83d, \u{1f600}" });
    expect(sockets[0]?.sent.at(-1)).toMatchObject({ command: { text: "Thanks \ufffd, \u{1f600}" } });
  });

  it("keeps its order over any number of cuts", () => {
    const { connection, sockets } = setting();
    connection.open();
    const arrived: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const socket = sockets[round];
      up(socket);
      connection.command({ do: "say", text: `message ${round}` });
      for (let at = 0; at < ids(socket).length; at += 1) {
        const id = ids(socket)[at] ?? 0;
        if (!arrived.includes(id)) arrived.push(id);
        // Of every second round the answers are lost.
        if (round % 2 === 0 || round === 7) socket?.hear({ type: "answer", id, problem: null });
      }
      socket?.cut();
      vi.advanceTimersByTime(10_000);
    }
    expect(arrived).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("that is answered twice is heard once", () => {
    const { connection, sockets, answers } = setting();
    connection.open();
    up(sockets[0]);
    connection.command({ do: "leave" });
    sockets[0]?.hear({ type: "answer", id: 1, problem: null });
    sockets[0]?.hear({ type: "answer", id: 1, problem: null });
    expect(answers).toEqual(["1 done"]);
  });

  it("that stays unanswered means that the line is dead", () => {
    const { connection, sockets } = setting();
    connection.open();
    up(sockets[0]);
    connection.command({ do: "leave" });
    vi.advanceTimersByTime(15_500);
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets).toHaveLength(2);
  });
});

describe("a line", () => {
  it("that comes back says what it has", () => {
    const around = setting();
    around.connection.open();
    up(around.sockets[0]);
    around.have = 12;
    around.sockets[0]?.cut();
    vi.advanceTimersByTime(500);
    around.sockets[1]?.onopen?.();
    expect(around.sockets[1]?.sent).toMatchObject([{ type: "hello", have: 12 }]);
  });

  it("that a frame is missing from is made anew", () => {
    const { connection, sockets, heard } = setting();
    connection.open();
    up(sockets[0]);
    sockets[0]?.hear(frame(1));
    sockets[0]?.hear(frame(1));
    sockets[0]?.hear(frame(3));
    expect(heard.map((reply) => reply.type)).toEqual(["snapshot", "frame"]);
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets).toHaveLength(2);
  });

  it("acknowledges after a second", () => {
    const { connection, sockets } = setting();
    connection.open();
    up(sockets[0]);
    sockets[0]?.hear(frame(1));
    sockets[0]?.hear(frame(2));
    expect(sockets[0]?.sent).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    expect(sockets[0]?.sent.at(-1)).toEqual({ type: "ack", seq: 2 });
    vi.advanceTimersByTime(5_000);
    expect(sockets[0]?.sent.filter((request) => request.type === "ack")).toHaveLength(1);
  });

  it("is called down only after two seconds", () => {
    const { connection, sockets, lines } = setting();
    connection.open();
    up(sockets[0]);
    sockets[0]?.cut();
    vi.advanceTimersByTime(1_900);
    expect(lines.at(-1)).toEqual({ is: "connecting" });
    vi.advanceTimersByTime(100);
    expect(lines.at(-1)).toEqual({ is: "down" });
    vi.advanceTimersByTime(600);
    up(sockets.at(-1));
    expect(lines.at(-1)).toEqual({ is: "online" });
  });

  it("is tried after 0.5 s at the earliest, 10 s at the latest, and at once when the network is back", () => {
    const { connection, sockets } = setting(undefined, () => 0.999);
    connection.open();
    const waits = Array.from({ length: 6 }, () => {
      const count = sockets.length;
      sockets.at(-1)?.cut();
      let waited = 0;
      for (; sockets.length === count; waited += 100) vi.advanceTimersByTime(100);
      return waited;
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    sockets.at(-1)?.cut();
    const count = sockets.length;
    connection.wake();
    expect(sockets).toHaveLength(count + 1);
  });
});

describe("a name that two pages go by", () => {
  it("is the newest connection's, and both pages come to rest with everything answered", () => {
    // The page was duplicated while a message was on its way: its copy sends that too, under the name that it had.
    const pending = [{ client: "first-page", id: 1, command: { do: "say", text: "Hello" } as const }];
    const first = setting({ client: "first-page", next: 2, pending });
    const copy = setting({ client: "copy", next: 1, pending });
    first.connection.open();
    up(first.sockets[0]);
    copy.connection.open();
    up(copy.sockets[0]);
    first.sockets[0]?.cut();
    copy.sockets[0]?.hear({ type: "answer", id: 1, problem: null });
    copy.connection.command({ do: "say", text: "from the copy" });
    up(copy.sockets[1]);
    copy.sockets[1]?.hear({ type: "answer", id: 1, problem: null });
    vi.advanceTimersByTime(500);
    up(first.sockets[1]);
    first.sockets[1]?.hear({ type: "answer", id: 1, problem: null });
    vi.advanceTimersByTime(60_000);
    const names = ({ sockets }: typeof first) => sockets.map(({ sent }) => sent[0]?.type === "hello" && sent[0].client);
    expect([names(first), names(copy)]).toEqual([["first-page", "first-page"], ["first-page", "copy"]]);
    expect([first.outbox.pending, copy.outbox.pending]).toEqual([[], []]);
    expect([first.lines.at(-1), copy.lines.at(-1)]).toEqual([{ is: "online" }, { is: "online" }]);
  });
});

describe("a refusal", () => {
  it.each(["too_many", "unavailable"] as const)("%s is tried again", (code) => {
    const { connection, sockets, lines } = setting();
    connection.open();
    sockets[0]?.hear({ type: "refused", problem: { code, message: "" }, telephone: null, opens: null, fields: [] });
    expect(lines.at(-1)).toMatchObject({ is: "refused", again: true });
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    up(sockets[1]);
    expect(lines.at(-1)).toEqual({ is: "online" });
  });

  it("unknown_token is final until the visitor asks", () => {
    const { connection, sockets } = setting();
    connection.open();
    sockets[0]?.hear({ type: "refused", problem: { code: "unknown_token", message: "" }, telephone: null, opens: null, fields: [] });
    vi.advanceTimersByTime(60_000);
    connection.renew();
    connection.wake();
    expect(sockets).toHaveLength(1);
    connection.again();
    expect(sockets).toHaveLength(2);
  });
});

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: VisitorRequest[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as VisitorRequest);
  }

  close(): void {
    this.closed = true;
  }

  hear(reply: VisitorReply): void {
    this.onmessage?.({ data: JSON.stringify(reply) });
  }

  cut(): void {
    this.onclose?.();
  }
}

function setting(outbox: Outbox = { client: "first-page", next: 1, pending: [] }, random = () => 0) {
  const sockets: FakeSocket[] = [];
  const heard: VisitorReply[] = [];
  const lines: Line[] = [];
  const saved: string[] = [];
  const answers: string[] = [];
  const around = { sockets, heard, answers, lines, saved, outbox, have: 0 };
  const connection = new Connection({
    dial: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    hello: (client) => ({
      type: "hello",
      token: "token",
      session: "s".repeat(32),
      client,
      have: around.have,
      language: "en",
      page: null,
      form: null,
      identity: null,
    }),
    random,
    outbox,
    save: () => saved.push(JSON.stringify(outbox)),
    heard: (reply) => heard.push(reply),
    answered: ({ id }, problem) => answers.push(`${id} ${problem?.code ?? "done"}`),
    line: (line) => lines.push(line),
  });
  return Object.assign(around, { connection });
}

function up(socket: FakeSocket | undefined): void {
  socket?.onopen?.();
  const chat = { company: "Alpenrad", telephone: null, state: { state: "waiting", staffed: true }, idle: false, read_up_to: 0, file_bytes_max: 0, file_kinds: [] as string[] } as const;
  socket?.hear({ type: "snapshot", seq: 0, now: 0, chat, messages: [] });
}

function ids(socket: FakeSocket | undefined): number[] {
  return (socket?.sent ?? []).flatMap((request) => (request.type === "command" ? [request.id] : []));
}

function frame(seq: number): VisitorReply {
  return { type: "frame", seq, frame: { kind: "typing", on: true } };
}

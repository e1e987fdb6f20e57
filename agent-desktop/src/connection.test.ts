import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection, type Handlers } from "./connection";
import { Outbox } from "./outbox";
import type { AgentReply, AgentRequest } from "../../web-shared/src/protocol/agent";
import { agent, frame, snapshot } from "./testing";

class FakeSocket extends EventTarget {
  readonly OPEN = 1;
  readyState = 0;
  readonly sent: AgentRequest[] = [];

  override addEventListener(type: string, listener: (event: Event) => void): void {
    super.addEventListener(type, (event) => {
      try {
        listener(event);
      } catch {
        // A browser reports it, and goes on.
      }
    });
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as AgentRequest);
  }
  close(): void {
    this.readyState = 3;
  }
  accept(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  say(reply: AgentReply): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(reply) }));
  }
  break(code = 1006): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  } as Partial<Storage> as Storage;
}

function setUp(storage = memory(), random = () => 0) {
  const sockets: FakeSocket[] = [];
  const signedIn = vi.fn(() => Promise.resolve<boolean | null>(true));
  const told: string[] = [];
  const takes = vi.fn((seq: number) => told.push(`frame ${seq}`));
  const handlers: Handlers = {
    snapshot: (reply, again) => told.push(`snapshot ${reply.seq}${again ? ", again" : ""}`),
    frame: (reply) => takes(reply.seq),
    earlier: (reply) => told.push(`earlier ${reply.chat}`),
    answer: (sent, problem) => told.push(`answer ${sent.id} ${problem?.code ?? "ok"}`),
    sent: () => undefined,
    link: (link) => told.push(link),
    refused: (problem, again) => told.push(`refused ${problem.code}${again ? ", again" : ""}`),
    takenOver: () => told.push("taken over"),
    signedOut: () => told.push("signed out"),
  };
  const connection = new Connection(
    new Outbox("a-client", storage),
    {
      open: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket as EventTarget as WebSocket;
      },
      signedIn,
      random,
    },
    handlers,
  );
  const socket = (at: number): FakeSocket => {
    const found = sockets[at];
    if (found === undefined) throw new Error(`only ${sockets.length} sockets were opened`);
    return found;
  };
  return { connection, sockets, socket, signedIn, takes, told };
}

const change = { kind: "agent", agent: agent() } as const;
const park = { do: "park", item: { kind: "chat", id: 1 } } as const;
const pick = { do: "pick", item: { kind: "chat", id: 2 } } as const;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function online(set: ReturnType<typeof setUp>, at = 0, seq = 0): FakeSocket {
  const socket = set.socket(at);
  socket.accept();
  socket.say(snapshot({ seq }));
  return socket;
}

test("the first word on each connection is hello", () => {
  const set = setUp();
  set.connection.start();
  set.socket(0).accept();
  expect(set.socket(0).sent).toEqual([{ type: "hello", client: "a-client" }]);
});

test("what is in sight is said once it is known, and on each connection", async () => {
  const set = setUp();
  const looks = (socket: FakeSocket) => socket.sent.filter(({ type }) => type === "looks");
  set.connection.start();
  const first = online(set);
  expect(looks(first)).toEqual([]);
  set.connection.look(["supervision"]);
  expect(looks(first)).toEqual([{ type: "looks", at: ["supervision"] }]);
  first.break();
  await vi.runOnlyPendingTimersAsync();
  set.connection.look(["queues", "supervision"]);
  const second = online(set, 1);
  expect(looks(second)).toEqual([{ type: "looks", at: ["queues", "supervision"] }]);
});

test("commands are numbered, and wait for the snapshot", () => {
  const set = setUp();
  set.connection.start();
  set.connection.command(park);
  const socket = online(set);
  set.connection.command(pick);
  expect(socket.sent.slice(1)).toEqual([
    { type: "command", id: 1, command: park },
    { type: "command", id: 2, command: pick },
  ]);
});

test("what has no answer is sent again in order after a reconnect, what has one is not", async () => {
  const set = setUp();
  set.connection.start();
  const first = online(set);
  set.connection.command(park);
  set.connection.command(pick);
  set.connection.command(park);
  first.say({ type: "answer", id: 1, problem: null });
  first.break();
  await vi.advanceTimersByTimeAsync(500);
  const second = online(set, 1);
  expect(second.sent.slice(1).map((request) => request.type === "command" && request.id)).toEqual([2, 3]);
  second.say({ type: "answer", id: 2, problem: null });
  second.say({ type: "answer", id: 2, problem: null });
  expect(set.told.filter((line) => line.startsWith("answer"))).toEqual(["answer 1 ok", "answer 2 ok"]);
});

test("commands and their numbers outlive the page", () => {
  const storage = memory();
  const before = setUp(storage);
  before.connection.command(park);
  const set = setUp(storage);
  set.connection.start();
  const socket = online(set);
  set.connection.command(pick);
  expect(socket.sent.slice(1)).toEqual([
    { type: "command", id: 1, command: park },
    { type: "command", id: 2, command: pick },
  ]);
});

test("a missing frame leads to a fresh snapshot, a repeated one to nothing", () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set, 0, 5);
  socket.say(frame(6, change));
  socket.say(frame(6, change));
  expect(set.sockets).toHaveLength(1);
  socket.say(frame(8, change));
  expect(set.sockets).toHaveLength(2);
  online(set, 1, 8);
  expect(set.told.filter((line) => /frame|snapshot/.test(line))).toEqual(["snapshot 5", "frame 6", "snapshot 8"]);
});

test("a frame that the page fails to take is made good by a fresh snapshot", () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set);
  set.takes.mockImplementationOnce(() => {
    throw new Error("a bug");
  });
  socket.say(frame(1, change));
  socket.say(frame(2, change));
  expect(set.sockets).toHaveLength(2);
  online(set, 1, 2);
  expect(set.told.filter((line) => /frame|snapshot/.test(line))).toEqual(["snapshot 0", "snapshot 2"]);
});

test("frames are acknowledged after a second, or at the thirty-second", () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set);
  const acks = (): AgentRequest[] => socket.sent.filter((request) => request.type === "ack");
  socket.say(frame(1, change));
  socket.say(frame(2, change));
  expect(acks()).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(acks()).toEqual([{ type: "ack", seq: 2 }]);
  for (let seq = 3; seq <= 34; seq += 1) socket.say(frame(seq, change));
  expect(acks().at(-1)).toEqual({ type: "ack", seq: 34 });
});

test("it backs off, doubling up to ten seconds", async () => {
  const set = setUp(memory(), () => 1);
  set.connection.start();
  const waits = [1_000, 2_000, 4_000, 8_000, 10_000, 10_000];
  for (const [at, wait] of waits.entries()) {
    set.socket(at).break();
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(set.sockets).toHaveLength(at + 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(set.sockets).toHaveLength(at + 2);
  }
});

test("it comes back at once when the network does", async () => {
  const set = setUp();
  set.connection.start();
  set.socket(0).break();
  await vi.advanceTimersByTimeAsync(0);
  set.connection.hurry();
  expect(set.sockets).toHaveLength(2);
  set.connection.hurry();
  expect(set.sockets).toHaveLength(2);
});

test("a session that is over ends it; a daemon that is down does not", async () => {
  const set = setUp();
  set.signedIn.mockResolvedValueOnce(null).mockResolvedValueOnce(false);
  set.connection.start();
  set.socket(0).break();
  await vi.advanceTimersByTimeAsync(500);
  set.socket(1).break();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(set.sockets).toHaveLength(2);
  expect(set.told.at(-1)).toBe("signed out");
});

test("a connection that was alive is not asked about its session", async () => {
  const set = setUp();
  set.connection.start();
  online(set).break();
  await vi.advanceTimersByTimeAsync(500);
  expect(set.signedIn).not.toHaveBeenCalled();
  expect(set.sockets).toHaveLength(2);
});

test("an answer that stays away for ten seconds means that nobody is there", async () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set);
  set.connection.command(park);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(set.sockets).toHaveLength(2);
  expect(socket.readyState).toBe(3);
});

test("a command that the daemon cannot read leaves the outbox with its answer, and the ones behind it are done", () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set);
  set.connection.command(park);
  set.connection.command(pick);
  const problem = { code: "malformed", message: "what?" } as const;
  socket.say({ type: "answer", id: null, problem });
  socket.say({ type: "answer", id: 1, problem });
  socket.say({ type: "answer", id: 2, problem: null });
  expect(set.told.filter((line) => line.startsWith("answer"))).toEqual(["answer 1 malformed", "answer 2 ok"]);
  expect(set.sockets).toHaveLength(1);
});

test("half an emoji is not sent, a whole one is", () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set);
  const sent = set.connection.command({ do: "say", chat: 1, text: "\ud83d a \u{1f600} \ude00" });
  const text = "\ufffd a \u{1f600} \ufffd";
  expect(sent.command).toEqual({ do: "say", chat: 1, text });
  expect(socket.sent.at(-1)).toEqual({ type: "command", id: 1, command: { do: "say", chat: 1, text } });
});

test("too much at once is tried again", async () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set);
  socket.say({ type: "refused", problem: { code: "too_many", message: "" } });
  socket.break();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(set.told).toContain("refused too_many, again");
  expect(set.sockets.length).toBeGreaterThan(1);
});

test("who is put out by another page of the same client stays out until asked", async () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set);
  socket.break(4001);
  await vi.advanceTimersByTimeAsync(60_000);
  set.connection.hurry();
  expect(set.told.slice(-2)).toEqual(["offline", "taken over"]);
  expect(set.sockets).toHaveLength(1);
  set.connection.start();
  expect(set.sockets).toHaveLength(2);
});

test("a second snapshot on a connection is taken in place: frames go on after it, and nothing is sent twice", async () => {
  const set = setUp();
  set.connection.start();
  const socket = online(set);
  socket.say(frame(1, change));
  set.connection.command(park);
  const sent = [...socket.sent];
  // Frames are counted from it on.
  socket.say(snapshot({ seq: 0 }));
  expect(socket.sent).toEqual(sent);
  socket.say(frame(1, change));
  expect(set.told.slice(-3)).toEqual(["frame 1", "snapshot 0, again", "frame 1"]);
  socket.say(snapshot({ seq: 4 }));
  socket.say(frame(4, change));
  socket.say(frame(5, change));
  expect(set.told.slice(-2)).toEqual(["snapshot 4, again", "frame 5"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(socket.sent.at(-1)).toEqual({ type: "ack", seq: 5 });
  expect(set.sockets).toHaveLength(1);
});

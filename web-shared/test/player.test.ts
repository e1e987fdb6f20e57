// Does the player send what was recorded, in its order, and decide nothing?

import { expect, test } from "vitest";
import { type Asked, Player } from "../dev/player.mjs";
import type { Moment, Screen } from "../dev/recordings.mjs";

const snapshot = (seq: number, now: number): Moment["fresh"] => ({ type: "snapshot", seq, now }) as Moment["fresh"];
const frame = (seq: number, at: number): Moment["frames"][number] => ({ at, reply: { type: "frame", seq } });

const MOMENTS: readonly Moment[] = [
  { done: "", frames: [], fresh: snapshot(0, 1_000) },
  { done: "Anna picks chat 1", frames: [frame(1, 2_000), frame(2, 2_000)], fresh: snapshot(2, 2_000) },
  { done: "Anna writes in chat 1", frames: [frame(3, 3_000)], fresh: snapshot(3, 3_000) },
];
const SCREEN: Screen = {
  scenario: "it",
  file: "it",
  viewer: "agent 1",
  session: { name: "anna", display_name: "Anna", company: "Alpenrad" },
  moments: MOMENTS,
  earlier: [{ chat: 1, before: 51, messages: [{ number: 50 }] }],
  replies: [],
};

/** A page's connection, without a network. */
class Socket {
  readonly heard: object[] = [];
  readonly #on = new Map<string, (data: string) => void>();

  on(event: string, then: (data: string) => void): void {
    this.#on.set(event, then);
  }

  send(text: string): void {
    this.heard.push(JSON.parse(text) as object);
  }

  say(request: object): object[] {
    this.#on.get("message")?.(JSON.stringify(request));
    return this.heard.splice(0);
  }
}

class Sockets {
  readonly clients = [];

  handleUpgrade(_request: unknown, socket: Socket, _head: unknown, open: (socket: Socket) => void): void {
    open(socket);
  }
}

const request = (url: string, cookie = "", method = "GET"): Asked => ({ url, method, headers: { cookie } });

function asked(url: string, cookie = "", method = "GET"): { status: number; headers: Record<string, string>; body: string } {
  const answer = { status: 0, headers: {}, body: "" };
  const response = {
    writeHead: (status: number, headers: Record<string, string>) => Object.assign(answer, { status, headers }) && response,
    end: (body = "") => Object.assign(answer, { body }),
  };
  expect(new Player([SCREEN], Sockets).answer(request(url, cookie, method), response)).toBe(true);
  return answer;
}

function connected(cookie: string): Socket {
  const socket = new Socket();
  new Player([SCREEN], Sockets).upgrade(request("/ws/agent", cookie), socket, {});
  return socket;
}

test("a page at a moment gets what was known before it, and the frames that led to it", () => {
  const cookie = asked("/play?screen=0&moment=2").headers["set-cookie"] ?? "";
  expect(connected(cookie).say({ type: "hello" })).toEqual([snapshot(2, 2_000), { type: "frame", seq: 3 }, snapshot(3, 3_000)]);
  expect(connected("playing=0.0.0").say({ type: "hello" })).toEqual([snapshot(0, 1_000)]);
});

test("it can go on by itself, in order", async () => {
  const socket = connected("playing=0.0.100000");
  socket.say({ type: "hello" });
  await expect.poll(() => socket.heard, { timeout: 5_000 }).toEqual([
    { type: "frame", seq: 1 },
    { type: "frame", seq: 2 },
    snapshot(2, 2_000),
    { type: "frame", seq: 3 },
    snapshot(3, 3_000),
  ]);
});

test("earlier messages are those that were recorded, and nothing can be done", () => {
  const socket = connected("playing=0.0.0");
  socket.say({ type: "hello" });
  expect(socket.say({ type: "earlier", chat: 1, before: 51 })).toEqual([{ type: "earlier", chat: 1, messages: [{ number: 50 }] }]);
  expect(socket.say({ type: "command", id: 7, command: { do: "log_in" } })).toEqual([
    { type: "answer", id: 7, problem: expect.objectContaining({ code: "unavailable" }) },
  ]);
  expect(socket.say({ type: "ack", seq: 3 })).toEqual([]);
});

test("who looks at a screen is signed in as its agent, and nobody else is", () => {
  expect(JSON.parse(asked("/api/v1/sessions/current", "playing=0.2.0").body)).toEqual(SCREEN.session);
  expect(asked("/api/v1/sessions/current").status).toBe(401);
  expect(asked("/api/v1/sessions", "", "POST").status).toBe(401);
  expect(JSON.parse(asked("/api/v1/templates").body)).toEqual([]);
  expect(asked("/api/v1/preferences", "", "PUT").status).toBe(503);
  expect(asked("/recordings").body).toContain("Anna picks chat 1");
});

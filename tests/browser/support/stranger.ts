// Somebody whom the daemon does not know: says what a test wants by UDP, much of it if need be, and keeps what it hears.

import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { artifacts } from "./artifacts";
import type { Daemon } from "./daemon";
import { udpPort } from "./ports";
import { until } from "./until";

/** How often a flood is topped up. */
const TICK_MS = 10;
const FILTER = join(import.meta.dirname, "../../../systemd/vorrang.fail2ban");

let runs = 0;

/** What stands in a request; the rest is the same in all of them. */
export interface Said {
  readonly method: string;
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  /** Of a call that it pretends to belong to. */
  readonly toTag?: string;
  readonly callId?: string;
  readonly more?: readonly string[];
}

export class Stranger {
  readonly heard: string[] = [];
  readonly host: string;
  readonly #socket: Socket;
  #said = 0;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.host = host;
    socket.on("message", (message) => void this.heard.push(message.toString()));
  }

  static async at(host: string): Promise<Stranger> {
    const socket = createSocket({ type: "udp4", sendBufferSize: 1 << 20, recvBufferSize: 1 << 20 });
    socket.bind(0, host);
    await once(socket, "listening");
    onTestFinished(() => void socket.close());
    return new Stranger(socket, host);
  }

  /** Says something; the number by which its answer is known. */
  say(daemon: Daemon, said: Said): number {
    this.#said += 1;
    const { port } = this.#socket.address();
    const { method, uri, from, to, toTag, callId = `stranger-${port}-${this.#said}`, more = [] } = said;
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.host}:${port};rport;branch=z9hG4bK-stranger-${port}-${this.#said}`,
      `From: <${from}>;tag=stranger`,
      `To: <${to}>${toTag === undefined ? "" : `;tag=${toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:stranger@${this.host}:${port}>`,
      "Max-Forwards: 70",
      ...more,
      "Content-Length: 0",
      "\r\n",
    ];
    this.#socket.send(lines.join("\r\n"), daemon.sipPort, "127.0.0.1");
    return this.#said;
  }

  /** The status of the answer. */
  async answer(number: number): Promise<number> {
    const mark = `z9hG4bK-stranger-${this.#socket.address().port}-${number};`;
    const heard = await until(`an answer to ${number}`, () =>
      this.heard.find((text) => text.replaceAll("\r\n", ";").includes(mark)),
    );
    return Number(heard.split(" ")[1]);
  }

  async ask(daemon: Daemon, said: Said): Promise<number> {
    return this.answer(this.say(daemon, said));
  }

  /** Says the same so many times a second, until it is stopped or a minute is over. */
  flood(daemon: Daemon, said: Said, perSecond: number): Flood {
    const began = performance.now();
    const most = perSecond * 60;
    const flood = { sent: 0, stopped: false };
    const ended = (async () => {
      while (!flood.stopped && flood.sent < most) {
        const due = Math.min(most, Math.floor(((performance.now() - began) / 1000) * perSecond));
        for (; flood.sent < due; flood.sent += 1) this.say(daemon, said);
        await pause(TICK_MS);
      }
    })();
    const stop = async (): Promise<void> => {
      flood.stopped = true;
      await ended;
    };
    onTestFinished(stop);
    return { sent: () => flood.sent, stop };
  }
}

export interface Flood {
  readonly sent: () => number;
  readonly stop: () => Promise<void>;
}

/** A registrar as it should not be: asks users for their password, and says of everybody else that there is no such. */
export async function gossip(...users: readonly string[]): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const lines = message.toString().split("\r\n");
    const of = (name: string): string => lines.find((line) => line.toLowerCase().startsWith(`${name}:`)) ?? "";
    const isKnown = users.some((user) => of("to").includes(`sip:${user}@`));
    const challenge = 'WWW-Authenticate: Digest realm="gossip", nonce="n"';
    const answer = [
      isKnown ? "SIP/2.0 401 Unauthorized" : "SIP/2.0 404 Not Found",
      of("via"),
      of("from"),
      `${of("to")};tag=gossip`,
      of("call-id"),
      of("cseq"),
      ...(isKnown ? [challenge] : []),
      "Content-Length: 0",
      "\r\n",
    ];
    socket.send(answer.join("\r\n"), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  return socket.address().port;
}

/** A program of sipvicious: what it prints. */
export async function sipvicious(
  program: "svmap" | "svwar" | "svcrack",
  port: number,
  words: readonly string[],
  dictionary: readonly string[] = [],
): Promise<string> {
  runs += 1;
  const base = join(artifacts(), `${runs}-${program}`);
  writeFileSync(`${base}.txt`, `${dictionary.join("\n")}\n`);
  const given = dictionary.length === 0 ? [] : ["-d", `${base}.txt`];
  const own = await udpPort();
  const options = ["-P", String(own), "-x", "127.0.0.1", "-p", String(port), ...given, ...words, "127.0.0.1"];
  const ran = spawn(program, options, { env: { ...process.env, HOME: artifacts() }, timeout: 60_000 });
  let output = "";
  for (const stream of [ran.stdout, ran.stderr]) stream.on("data", (data: Buffer) => void (output += data.toString()));
  await once(ran, "close");
  writeFileSync(`${base}.out`, output);
  return output;
}

/** The addresses that fail2ban would find in a log. */
export function bannable(log: string): string[] {
  const filter = /failregex = (?<all>[^]*?)\n[a-z]+ =/.exec(readFileSync(FILTER, "utf8"))?.groups?.["all"] ?? "";
  const expressions = filter.split("\n").map((line) => new RegExp(line.trim().replace("<ADDR>", "(?<address>[0-9A-Fa-f.:]+)")));
  if (expressions.length !== 4) throw new Error(`${FILTER} has ${expressions.length} expressions`);
  const address = (line: string): string[] => expressions.flatMap((one) => one.exec(line)?.groups?.["address"] ?? []);
  return log.split("\n").flatMap(address);
}

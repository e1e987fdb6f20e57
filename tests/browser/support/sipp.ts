// Callers and desk phones: SIPp plays the scenarios in tests/sip, the test lifts and hangs up.

import { spawn, type ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { artifacts } from "./artifacts";
import { type Daemon, NUMBER, password, TRUNK } from "./daemon";
import type { Link } from "./link";
import { udpPort } from "./ports";
import { until } from "./until";

const SCENARIOS = join(import.meta.dirname, "../../sip");
/** No peer outlives this, whatever becomes of its test. */
const LIFE_S = 150;

let count = 0;

/** One line of a scenario's log: what happened, the call's id, and a media port where that is known. */
interface Line {
  readonly what: string;
  readonly call: string;
  readonly port: number;
}

/** What a peer can speak, in its order: payload types, and what they stand for (`96 opus/48000/2`). */
export type Sound = readonly string[];

/** A scenario of a peer who speaks something else than G.711. */
function speaking(file: string, copy: string, sound: Sound): string {
  const formats = sound.map((format) => format.split(" ")[0]).join(" ");
  const maps = sound.filter((format) => format.includes(" ")).map((format) => `a=rtpmap:${format}\n`);
  const usual = /RTP\/AVP \[\$?codec\] 101\na=rtpmap:101 telephone-event\/8000\n/;
  const scenario = readFileSync(file, "utf8");
  if (!usual.test(scenario)) throw new Error(`${file} does not say what it speaks`);
  writeFileSync(copy, scenario.replace(usual, `RTP/AVP ${formats}\n${maps.join("")}`));
  return copy;
}

export class Sipp {
  readonly host: string;
  readonly port: number;
  readonly #log: string;
  readonly #process: ChildProcess;

  constructor(scenario: string, host: string, port: number, options: readonly string[], sound?: Sound) {
    count += 1;
    this.host = host;
    this.port = port;
    const base = join(artifacts(), `${String(count).padStart(2, "0")}-${scenario}`);
    let file = join(SCENARIOS, `${scenario}.xml`);
    if (sound !== undefined) file = speaking(file, `${base}.xml`, sound);
    this.#log = `${base}.log`;
    const process = spawn(
      "sipp",
      [
        ["-sf", file, "-i", host, "-mi", host, "-p", String(port), "-nostdin"],
        ["-timeout", `${LIFE_S}s`, "-trace_logs", "-log_file", this.#log, "-trace_err", "-error_file", `${base}.errors`],
        ["-trace_msg", "-message_file", `${base}.messages`, ...options],
      ].flat(),
      { stdio: "ignore", cwd: artifacts() },
    );
    this.#process = process;
    // Shows as a scenario that is never over; without a listener it would end everything.
    process.once("error", (error) => console.warn(`sipp: ${error.message}`));
    onTestFinished(() => void process.kill("SIGKILL"));
  }

  /** Resolves with SIPp's exit code: 0 if every call went as its scenario says. */
  ended(withinMs = 15_000): Promise<number> {
    return until(`${this.#log}: the scenario is over`, () => this.#process.exitCode, withinMs);
  }

  /** From now on it neither hears nor says anything. */
  die(): void {
    this.#process.kill("SIGKILL");
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Ends it in the middle of everything. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await until(`${this.#log}: it is gone`, () => !this.running);
  }

  lines(): Line[] {
    if (!existsSync(this.#log)) return [];
    const lines = readFileSync(this.#log, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const [what = "", call = "", port] = line.split("; ");
      return { what, call, port: Number(port) };
    });
  }

  did(what: string): Line[] {
    return this.lines().filter((line) => line.what === what);
  }

  /** Waits until something happened for the n-th time. */
  async saw(what: string, nth = 1, withinMs = 10_000): Promise<Line> {
    return until(`${this.#log}: ${what}`, () => this.did(what)[nth - 1], withinMs);
  }

  /** All that it sent and received, with LF for CRLF. */
  messages(): string {
    return readFileSync(this.#log.replace(/\.log$/, ".messages"), "utf8").replaceAll("\r\n", "\n");
  }

  /** The hand at the phone: scenarios take an INFO for it. */
  async press(call: string): Promise<void> {
    const socket = createSocket("udp4");
    const request = [
      `INFO sip:hook@${this.host}:${this.port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.host}:9;branch=z9hG4bK-hook-${Date.now()}`,
      `From: <sip:hook@${this.host}>;tag=hook`,
      `To: <sip:hook@${this.host}>`,
      `Call-ID: ${call}`,
      "CSeq: 1 INFO",
      "Content-Length: 0",
      "\r\n",
    ];
    await new Promise<void>((resolve, reject) => {
      socket.send(request.join("\r\n"), this.port, this.host, (error) => (error ? reject(error) : resolve()));
    });
    socket.close();
  }

}

/** A caller: dials the company's number and is connected to music. */
export class Caller extends Sipp {
  static dial(
    daemon: Daemon,
    number = "4917012345",
    audioPort = 6_000,
    codec: 0 | 8 = 8,
    from = TRUNK,
    sound?: Sound,
  ): Promise<Caller> {
    return Caller.#play("caller", daemon, number, audioPort, codec, from, sound);
  }

  /** One whose INVITE offers nothing. */
  static dialWithoutOffer(daemon: Daemon, audioPort: number): Promise<Caller> {
    return Caller.#play("caller_without_offer", daemon, "4917012345", audioPort, 8, TRUNK);
  }

  static async #play(
    scenario: string,
    daemon: Daemon,
    number: string,
    audioPort: number,
    codec: 0 | 8,
    from: string,
    sound?: Sound,
  ): Promise<Caller> {
    const port = await udpPort(from);
    const keys = ["-key", "caller", number, "-key", "audio_port", String(audioPort), "-key", "codec", String(codec)];
    const options = [`127.0.0.1:${daemon.sipPort}`, "-s", NUMBER, "-m", "1", ...keys];
    return new Caller(scenario, from, port, options, sound);
  }

  /** The daemon's media port, once the call is taken. */
  async taken(): Promise<number> {
    return (await this.saw("talks")).port;
  }

  async hangUp(): Promise<void> {
    const { call } = await this.saw("talks");
    await this.press(call);
    await this.saw("hung up");
  }
}

/** A desk phone at a fixed address; `calls` is how many it takes before it ends. */
export class DeskPhone extends Sipp {
  static at(port: number, calls = 1, audioPort = 6_000, sound?: Sound): DeskPhone {
    const options = ["-m", String(calls), "-key", "audio_port", String(audioPort)];
    return new DeskPhone("phone", "127.0.0.1", port, options, sound);
  }

  /** One that takes no call: it declines (603), or is busy (486). */
  static refusing(port: number, how: "declines" | "is_busy"): DeskPhone {
    return new DeskPhone(`phone_${how}`, "127.0.0.1", port, ["-m", "1"]);
  }

  async rings(nth = 1): Promise<string> {
    return (await this.saw("rings", nth)).call;
  }

  /** Lifts; the daemon's media port once the daemon has acknowledged it. */
  async answer(nth = 1): Promise<number> {
    await this.press(await this.rings(nth));
    return (await this.saw("talks", nth)).port;
  }

  async hangUp(nth = 1): Promise<void> {
    await this.press((await this.saw("talks", nth)).call);
    await this.saw("hung up");
  }
}

/** How a peer that plays by itself is set up. */
export interface Play {
  /** Where it is. */
  readonly host?: string;
  readonly port?: number;
  readonly audioPort?: number;
  /** By connections instead of datagrams. */
  readonly tcp?: boolean;
  /** It loses messages on purpose: SIPp must not repeat any by itself. */
  readonly loses?: boolean;
  /** Who calls. */
  readonly caller?: string;
  /** How long it talks, or holds. */
  readonly forMs?: number;
  /** The user in the INVITE's address; the company's number by default. */
  readonly service?: string;
  /** What the scenario wants besides, and its name and password. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly login?: readonly [user: string, password: string];
  /** The bad network that it is behind. */
  readonly link?: Link;
  /** How many calls it makes or takes; a caller begins `perSecond` of them. */
  readonly calls?: number;
  readonly perSecond?: number;
}

/** Plays a scenario that needs no hand: a caller's, who dials the daemon, or a phone's. */
export async function play(scenario: string, daemon: Daemon | null, how: Play = {}): Promise<Sipp> {
  const { host = daemon === null ? "127.0.0.1" : TRUNK, audioPort = 6_000, tcp = false, loses = false, forMs = 0 } = how;
  const { caller = "4917012345", link, calls = 1, perSecond = 10 } = how;
  const keys = Object.entries(how.keys ?? {}).flatMap(([key, value]) => ["-key", key, value]);
  const login = how.login === undefined ? [] : ["-au", how.login[0], "-ap", how.login[1]];
  const to = host.includes(":") ? `[${host}]` : (link?.host ?? "127.0.0.1");
  const target = [`${to}:${link?.port ?? daemon?.sipPort}`, "-s", how.service ?? NUMBER, "-r", String(perSecond)];
  return new Sipp(scenario, host, how.port ?? (await udpPort(host)), [
    ...(daemon === null ? [] : target),
    ...(link === undefined ? [] : behind(link)),
    ...keys,
    ...login,
    "-m",
    String(calls),
    "-d",
    String(forMs),
    "-key",
    "caller",
    caller,
    "-key",
    "audio_port",
    String(audioPort),
    ...(tcp ? ["-t", "t1"] : []),
    ...(loses ? ["-nr"] : []),
  ]);
}

/** A provider at which the daemon registers, and which it asks whether it is there; it can be ended and begun anew. */
export class Provider extends Sipp {
  static at(host: string, port: number, user: string, secret: string, grantedS = 600): Provider {
    const keys = ["-key", "user", user, "-key", "password", secret, "-key", "granted", String(grantedS)];
    return new Provider("provider", host, port, keys);
  }
}

/** What SIPp needs to know behind a bad network: it goes on whatever comes twice or too late, and gives up as late as others. */
function behind(link: Link): string[] {
  const keys = ["-key", "link_host", link.host, "-key", "link_port", String(link.port)];
  return [...keys, "-default_behaviors", "all,-abortunexp", "-max_retrans", "11", "-T2", "400"];
}

/** Registers a phone. A registration is bound to the address it came from, so the phone may take the port only now. */
export async function register(daemon: Daemon, user: string, phonePort: number, tcp = false): Promise<void> {
  const to = [`127.0.0.1:${daemon.sipPort}`, "-s", user, "-m", "1", "-au", user, "-ap", password(user)];
  if (tcp) to.push("-t", "t1");
  const registration = new Sipp("register", "127.0.0.1", phonePort, to);
  const code = await registration.ended();
  if (code !== 0) throw new Error(`the phone of ${user} could not register: SIPp ended with ${code}`);
}

/** `sip:` address of a desk phone. */
export function uri(user: string, port: number): string {
  return `sip:${user}@127.0.0.1:${port}`;
}

// A daemon of the test's own: free ports, a database in a temporary folder, a company.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { artifacts } from "./artifacts";
import { BINARY, issue, licensed, publicKey, type Terms } from "./licence";
import { freeSipPort, MEDIA_PORTS, mediaPorts, tcpPort } from "./ports";
import { until } from "./until";

export { BINARY };

const STOP_MS = 5_000;

export const NUMBER = "4930100";
export const TOKEN = "e2e-token";
export const COMPANY = "Alpenrad";
/** Where the trunk's calls come from. */
export const TRUNK = "127.0.0.2";
/** The same by IPv6. */
export const TRUNK_6 = "::1";

export interface Person {
  readonly name: string;
  readonly displayName?: string;
  /** Where their phone always is, or the SIP user as which it registers. */
  readonly phone?: string;
  readonly voiceOnly?: boolean;
  readonly chatsMax?: number;
  readonly role?: "agent" | "supervisor" | "administrator";
}

export interface QueueSetup {
  readonly name: string;
  /** Seconds. */
  readonly ringS?: number;
  readonly callWrapUpS?: number;
  readonly chatWrapUpS?: number;
  /** What is given to agents without their asking. */
  readonly push?: readonly ("chat" | "callback" | "email" | "work_item")[];
  readonly unserved?: "wait" | "overflow" | "refuse";
  /** The name of opening hours, which `more` has. */
  readonly hours?: string;
  readonly answer?: "at_once" | "with_agent";
  /** The path of a WAV file. */
  readonly music?: string;
  /** As in the company's file. */
  readonly announcements?: string;
}

/** What is said of a queue holds for "Service", to which callers and visitors come. */
export interface Setup extends Omit<QueueSetup, "name"> {
  readonly people: readonly Person[];
  /** Further queues; everybody serves all of them. */
  readonly queues?: readonly QueueSetup[];
  /** Whether calls come by IPv6 too. */
  readonly ipv6?: boolean;
  readonly breakReasons?: readonly string[];
  /** On which terms its chats may begin, if not without an end; `null`: it has no licence. */
  readonly licence?: Terms | null;
  /** More of the company itself, as its file has it. */
  readonly company?: string;
  /** The files of further companies. */
  readonly others?: readonly string[];
  /** More of the chat service, as the company's file has it. */
  readonly service?: string;
  /** Further trunks, as the company's file has them. */
  readonly trunks?: string;
  /** Whatever else the company's file has. */
  readonly more?: string;
  /** As in `VORRANG_SECTION__KEY`, without the prefix. */
  readonly settings?: Readonly<Record<string, string>>;
}

export function password(name: string): string {
  return `${name}-says-open-1`;
}

/** An answer of REST. */
export interface Answer<T> {
  readonly status: number;
  readonly json: T;
}

export class Daemon {
  readonly httpPort: number;
  readonly sipPort: number;
  /** The first of its `MEDIA_PORTS`. */
  readonly mediaPort: number;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: string;
  readonly #config: string;
  #process: ChildProcess | null = null;

  private constructor(
    ports: { http: number; sip: number; media: number },
    environment: NodeJS.ProcessEnv,
    config: string,
    log: string,
  ) {
    this.httpPort = ports.http;
    this.sipPort = ports.sip;
    this.mediaPort = ports.media;
    this.#environment = environment;
    this.#config = config;
    this.#log = log;
  }

  /** One that has nothing yet. */
  static async empty(): Promise<Daemon> {
    return Daemon.#run({}, []);
  }

  static async start(setup: Setup): Promise<Daemon> {
    return Daemon.#run(setup, [companyFile(setup), ...(setup.others ?? [])]);
  }

  static async #run(setup: Pick<Setup, "ipv6" | "settings">, files: readonly string[]): Promise<Daemon> {
    const folder = mkdtempSync(join(tmpdir(), "vorrang-e2e-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [httpPort, sip, media] = await Promise.all([tcpPort(), freeSipPort(), mediaPorts()]);
    const listen = [`udp:127.0.0.1:${sip}`, `tcp:127.0.0.1:${sip}`, ...(setup.ipv6 ? [`udp:[::1]:${sip}`, `tcp:[::1]:${sip}`] : [])];
    const settings = {
      HTTP__LISTEN: `127.0.0.1:${httpPort}`,
      STORE__PATH: join(folder, "vorrang.db"),
      SIP__LISTEN: JSON.stringify(listen),
      MEDIA__ADDRESS: setup.ipv6 ? "::" : "127.0.0.1",
      MEDIA__PORTS: `${media}-${media + MEDIA_PORTS - 1}`,
      LOG__FILTER: "info,vorrang=debug",
      LICENCE__PUBLIC_KEY: publicKey(),
      ...setup.settings,
    };
    const own = Object.entries(settings).map(([key, value]) => [`VORRANG_${key}`, value] as const);
    // The daemon refuses settings that it does not know; VORRANG_BIN is one.
    const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith("VORRANG_"));
    const environment = Object.fromEntries([...inherited, ...own]);
    const log = join(artifacts(), "daemon.log");
    writeFileSync(log, "");
    // Whatever stands in /etc does not belong here.
    const config = join(folder, "config.toml");
    writeFileSync(config, "");
    for (const [at, file] of files.entries()) {
      const company = join(folder, `company-${at}.toml`);
      writeFileSync(company, licensed(file));
      const applied = spawnSync(BINARY, ["company", "apply", company, "--config", config], { env: environment });
      if (applied.status !== 0) throw new Error(`vorrang company apply: ${applied.error ?? applied.stderr.toString()}`);
    }
    const daemon = new Daemon({ http: httpPort, sip, media }, environment, config, log);
    onTestFinished(async () => void (await daemon.stop()));
    await daemon.restart();
    return daemon;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  /** Starts the process; milliseconds until it said that it is ready. */
  async restart(): Promise<number> {
    const log = openSync(this.#log, "a");
    const began = performance.now();
    const started = spawn(BINARY, ["serve", "--config", this.#config], {
      env: this.#environment,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#process = started;
    await until(
      "the daemon is ready",
      () => {
        if (started.exitCode !== null) throw new Error(`the daemon ended: ${this.log().slice(-2_000)}`);
        return isReady(this.origin);
      },
      20_000,
    );
    return performance.now() - began;
  }

  /** `kill -9`: nothing is said to anybody. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Stops it as systemd does; its exit code. An orderly stop waits for calls; a test that is over does not. */
  async stop(withinMs = STOP_MS): Promise<number | null> {
    const running = this.#process;
    const impatience = setTimeout(() => running?.kill("SIGKILL"), withinMs);
    const code = await this.#end("SIGTERM");
    clearTimeout(impatience);
    return code;
  }

  /** What the command line says, beside the running daemon. */
  command(...words: readonly string[]): { code: number | null; output: string } {
    const ran = spawnSync(BINARY, [...words, "--config", this.#config], { env: this.#environment });
    return { code: ran.status, output: ran.stdout.toString() + ran.stderr.toString() };
  }

  /** What REST answers to somebody. */
  async rest<T>(name: string, method: "GET" | "POST" | "PUT" | "PATCH", path: string, body?: object): Promise<Answer<T>> {
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        authorization: `Basic ${Buffer.from(`${name}:${password(name)}`).toString("base64")}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const read = await answer.text();
    return { status: answer.status, json: JSON.parse(read || "null") as T };
  }

  log(): string {
    return readFileSync(this.#log, "utf8");
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return running?.exitCode ?? null;
    const ended = once(running, "exit");
    running.kill(signal);
    await ended;
    return running.exitCode;
  }
}

async function isReady(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

/** A text as TOML writes it. */
function text(value: string): string {
  return JSON.stringify(value);
}

function optional(key: string, value: number | string | readonly string[] | undefined): string {
  return value === undefined ? "" : `${key} = ${JSON.stringify(value)}\n`;
}

function queueEntry(setup: QueueSetup): string {
  const { name, ringS, callWrapUpS, chatWrapUpS, push, unserved, hours, answer, music, announcements } = setup;
  return [
    `[[queue]]\nname = ${text(name)}\n`,
    optional("ring_s", ringS),
    optional("call_wrap_up_s", callWrapUpS),
    optional("chat_wrap_up_s", chatWrapUpS),
    optional("push", push),
    optional("unserved", unserved),
    optional("hours", hours),
    optional("answer", answer),
    optional("music", music),
    announcements === undefined ? "" : `announcements = ${announcements}\n`,
  ].join("");
}

function companyFile(setup: Setup): string {
  const queues = [{ ...setup, name: "Service" }, ...(setup.queues ?? [])];
  const names = JSON.stringify(queues.map(({ name }) => name));
  const agents = setup.people.map(({ name, displayName = name, phone, voiceOnly = false, chatsMax, role }) => {
    const registers = phone !== undefined && !phone.startsWith("sip:");
    return `[[agent]]
login_name = ${text(name)}
display_name = ${text(displayName)}
password = ${text(password(name))}
voice_only = ${voiceOnly}
queues = ${names}
${phone === undefined ? "" : `phone = ${text(phone)}\n`}${registers ? `phone_password = ${text(password(phone))}\n` : ""}${optional("chats_max", chatsMax)}${optional("role", role)}`;
  });
  return `[company]
name = ${text(COMPANY)}
${setup.licence === undefined ? "" : optional("licence", setup.licence === null ? "" : issue(COMPANY, setup.licence))}${optional("break_reasons", setup.breakReasons)}${setup.company ?? ""}
${queues.map(queueEntry).join("")}
${agents.join("\n")}
[[number]]
number = ${text(NUMBER)}
queue = "Service"
[[trunk]]
name = "sipp"
address = ${text(TRUNK)}
${setup.ipv6 ? `[[trunk]]\nname = "sipp-6"\naddress = ${text(TRUNK_6)}` : ""}
${setup.trunks ?? ""}
${setup.more ?? ""}
[[chat_service]]
token = ${text(TOKEN)}
queue = "Service"
${setup.service ?? ""}
`;
}

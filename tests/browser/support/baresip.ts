// A real softphone: baresip with a configuration of its own, told what to do over its control connection.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { artifacts } from "./artifacts";
import { type Daemon, password } from "./daemon";
import { tcpPort, udpPort } from "./ports";
import { until } from "./until";

const MODULES = process.env["BARESIP_MODULES"] ?? "/usr/lib/baresip/modules";

/** Of a WAV file as libsndfile writes it. */
const WAV_HEADER_BYTES = 44;

interface Event {
  readonly type: string;
  readonly class: string;
}

/** How it talks. */
interface Softphone {
  readonly transport?: "udp" | "tcp";
  readonly codecs?: string;
  readonly rateHz?: number;
  /** Its password, if it was drawn. */
  readonly secret?: string;
  /** Whether it can be called. */
  readonly registers?: boolean;
}

export class Baresip {
  readonly events: Event[] = [];
  readonly #recordings: string;
  readonly #control: Socket;
  #unread = Buffer.alloc(0);
  /** Its last answer to a command. */
  #said = "";

  private constructor(control: Socket, recordings: string) {
    this.#control = control;
    this.#recordings = recordings;
    control.on("data", (data: Buffer) => this.#hear(data));
    control.on("error", () => undefined);
    onTestFinished(() => void control.destroy());
  }

  /** Starts it and waits until it is registered, if it does. It talks by playing `wav` (mono). */
  static async registered(daemon: Daemon, user: string, wav: string, how: Softphone = {}): Promise<Baresip> {
    const { rateHz = 8_000, registers = true } = how;
    const folder = mkdtempSync(join(tmpdir(), "vorrang-baresip-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [control, sip] = [await tcpPort(), await udpPort()];
    mkdirSync(join(folder, "rec"));
    writeFileSync(join(folder, "accounts"), account(daemon, user, how));
    writeFileSync(join(folder, "contacts"), "");
    writeFileSync(join(folder, "config"), config(sip, control, folder, wav, rateHz));
    const log = join(artifacts(), "baresip.log");
    const process: ChildProcess = spawn("baresip", ["-f", folder, "-s", "-v"], { cwd: folder });
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on("data", (data: Buffer) => appendFileSync(log, data));
    }
    onTestFinished(() => void process.kill("SIGKILL"));
    const socket = await until("baresip listens", () => connected(control));
    const phone = new Baresip(socket, join(folder, "rec"));
    if (!registers) return phone;
    // It may have registered before anybody listened to its events.
    await until("baresip is registered", () => {
      phone.command("reginfo");
      return phone.#said.includes("OK");
    });
    return phone;
  }

  /** What it has heard so far, as its codec gave it. */
  heard(): number[] {
    const file = readdirSync(this.#recordings).find((name) => name.endsWith("-dec.wav"));
    if (file === undefined) return [];
    const wav = readFileSync(join(this.#recordings, file)).subarray(WAV_HEADER_BYTES);
    return Array.from({ length: Math.floor(wav.length / 2) }, (_, at) => wav.readInt16LE(at * 2));
  }

  command(command: string, params = ""): void {
    const text = JSON.stringify({ command, params });
    this.#control.write(`${Buffer.byteLength(text)}:${text},`);
  }

  async saw(type: string): Promise<void> {
    await until(`baresip: ${type}`, () => this.events.some((event) => event.type === type), 15_000);
  }

  dial(daemon: Daemon, number: string): void {
    this.command("dial", `sip:${number}@127.0.0.1:${daemon.sipPort}`);
  }

  answer(): void {
    this.command("accept");
  }

  hangUp(): void {
    this.command("hangup");
  }

  hold(): void {
    this.command("hold");
  }

  resume(): void {
    this.command("resume");
  }

  /** The control connection speaks in netstrings. */
  #hear(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data]);
    for (;;) {
      const colon = this.#unread.indexOf(":");
      const length = Number(this.#unread.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#unread.length < colon + length + 2) return;
      const reply = JSON.parse(this.#unread.subarray(colon + 1, colon + 1 + length).toString()) as Partial<Event> & {
        event?: boolean;
        data?: string;
      };
      this.#unread = this.#unread.subarray(colon + length + 2);
      if (reply.event === true) this.events.push({ type: reply.type ?? "", class: reply.class ?? "" });
      else this.#said = reply.data ?? "";
    }
  }
}

function account(daemon: Daemon, user: string, how: Softphone): string {
  const { transport = "udp", codecs = "pcma,pcmu", secret = password(user), registers = true } = how;
  const address = `sip:${user}@127.0.0.1:${daemon.sipPort};transport=${transport}`;
  return `<${address}>;auth_user=${user};auth_pass=${secret};regint=${registers ? 300 : 0};answermode=manual;audio_codecs=${codecs}\n`;
}

function config(sip: number, control: number, folder: string, wav: string, rateHz: number): string {
  const modules = ["g711", "g722", "aufile", "aubridge", "sndfile"].map((name) => `module ${name}.so`);
  const apps = ["ctrl_tcp", "menu"].map((name) => `module_app ${name}.so`);
  return `sip_listen 127.0.0.1:${sip}
net_interface 127.0.0.1
module_path ${MODULES}
audio_player aubridge,nobody
snd_path ${join(folder, "rec")}
audio_source aufile,${wav}
audio_alert aufile,${wav}
ausrc_srate ${rateHz}
auplay_srate ${rateHz}
ausrc_channels 1
auplay_channels 1
rtp_ports 32100-32700
ctrl_tcp_listen 127.0.0.1:${control}
${modules.join("\n")}
module_tmp account.so
${apps.join("\n")}
`;
}

function connected(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
}

/** A file with a tone, longer than any call here. Its path is short: baresip cuts long ones. */
export function toneFile(frequencyHz: number): string {
  const folder = mkdtempSync(join(tmpdir(), "vorrang-tone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "tone.wav");
  const made = spawnSync("sox", ["-n", "-r", "8000", "-c", "1", "-b", "16", file, "synth", "60", "sine", String(frequencyHz), "gain", "-6"]);
  if (made.status !== 0) throw new Error(`sox: ${made.stderr}`);
  return file;
}

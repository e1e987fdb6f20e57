// What really was on the wire: dumpcap records the loopback interface, and tshark, which others wrote, reads it.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { artifacts } from "./artifacts";
import { until } from "./until";

/** `_ws.expert.severity`: what tshark itself calls an error. */
const FAULTY = "_ws.malformed || _ws.expert.severity == 0x00800000";

export interface Ports {
  readonly sip: number;
  /** First and last. */
  readonly media: readonly [number, number];
}

export class Capture {
  readonly #file: string;
  readonly #process: ChildProcess;
  readonly #ports: Ports;

  private constructor(file: string, process: ChildProcess, ports: Ports) {
    this.#file = file;
    this.#process = process;
    this.#ports = ports;
  }

  /** Whether this user may record anything at all: it takes root, or membership in the group `wireshark`. */
  static isPermitted(): boolean {
    return spawnSync("dumpcap", ["-i", "lo", "-a", "duration:0", "-w", "/dev/null"]).status === 0;
  }

  /** Records what goes to and from these ports, from now on. */
  static async of(ports: Ports): Promise<Capture> {
    const file = join(artifacts(), "wire.pcapng");
    const filter = `port ${ports.sip} or portrange ${ports.media.join("-")}`;
    const process = spawn("dumpcap", ["-i", "lo", "-w", file, "-f", filter], { stdio: ["ignore", "ignore", "pipe"] });
    onTestFinished(() => void process.kill("SIGKILL"));
    let said = "";
    process.stderr?.on("data", (data: Buffer) => {
      said += data.toString();
    });
    await until("dumpcap records", () => {
      if (process.exitCode !== null) throw new Error(`dumpcap: ${said}`);
      return said.includes("File: ");
    });
    return new Capture(file, process, ports);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGINT");
    await ended;
  }

  /** The packets that tshark cannot read or calls wrong, each with a line of explanation. */
  faults(): string[] {
    return this.#read(FAULTY, "_ws.col.Protocol", "_ws.col.Info", "_ws.expert.message");
  }

  /** How many packets of a protocol there are. */
  count(protocol: string): number {
    return this.#read(protocol, "frame.number").length;
  }

  #read(filter: string, ...fields: string[]): string[] {
    const { sip, media } = this.#ports;
    const decode = [`udp.port==${sip},sip`, `tcp.port==${sip},sip`, `udp.port==${media.join("-")},rtp`];
    const read = spawnSync(
      "tshark",
      [
        ["-r", this.#file, "-n", "-Y", filter, "-T", "fields", ...fields.flatMap((field) => ["-e", field])],
        decode.flatMap((rule) => ["-d", rule]),
      ].flat(),
      { maxBuffer: 64 * 1024 * 1024 },
    );
    if (read.status !== 0) throw new Error(`tshark: ${read.error ?? read.stderr.toString()}`);
    return read.stdout.toString().split("\n").slice(0, -1);
  }
}

// A bad network between a peer and the daemon: it loses datagrams, doubles them, and lets some overtake others.
// The dice fall alike in every run; nothing is ever changed in a datagram.

import type { Socket } from "node:dgram";
import { onTestFinished } from "vitest";
import { udpSocket } from "./ports";

const DAEMON = "127.0.0.1";

export interface Faults {
  /** Of all datagrams, which part is lost, doubled, held back. */
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
  /** For how long at most, in milliseconds. */
  readonly lateMs: number;
  readonly seed: number;
}

/** One peer's way to the daemon and back. Whatever does not come from the daemon comes from the peer. */
export class Link {
  readonly host: string;
  readonly port: number;
  /** What became of the datagrams. `overtaken`: they left after one that came later. */
  readonly count = { carried: 0, lost: 0, doubled: 0, overtaken: 0 };
  readonly #socket: Socket;
  readonly #daemonPort: number;
  readonly #faults: Faults;
  #peer: { address: string; port: number };
  #dice: number;
  #arrivals = 0;
  #latest = 0;
  #closed = false;

  private constructor(
    socket: Socket,
    host: string,
    daemonPort: number,
    peer: { address: string; port: number },
    faults: Faults,
  ) {
    this.#socket = socket;
    this.host = host;
    this.port = socket.address().port;
    this.#daemonPort = daemonPort;
    this.#peer = peer;
    this.#faults = faults;
    this.#dice = faults.seed;
    socket.on("message", (datagram, { address, port }) => {
      const isDaemon = address === DAEMON && port === daemonPort;
      if (!isDaemon) this.#peer = { address, port };
      this.#carry(datagram, isDaemon);
    });
    // An earlier datagram that nobody took.
    socket.on("error", () => undefined);
    onTestFinished(() => {
      this.#closed = true;
      socket.close();
    });
  }

  /** `host` and `port` are where the daemon sees the peer; what it sends before the peer has spoken goes to `peer`. */
  static async open(
    host: string,
    daemonPort: number,
    peer: { host: string; port: number },
    faults: Faults,
    port = 0,
  ): Promise<Link> {
    const socket = await udpSocket(host, port);
    return new Link(socket, host, daemonPort, { address: peer.host, port: peer.port }, faults);
  }

  #carry(datagram: Buffer, toPeer: boolean): void {
    const { lost, doubled, late, lateMs } = this.#faults;
    this.#arrivals += 1;
    const arrival = this.#arrivals;
    this.count.carried += 1;
    const copies = this.#roll() < doubled ? 2 : 1;
    this.count.doubled += copies - 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#roll() < lost) {
        this.count.lost += 1;
        continue;
      }
      const waitMs = copy > 0 || this.#roll() < late ? this.#roll() * lateMs : 0;
      setTimeout(() => this.#send(datagram, toPeer, arrival), waitMs);
    }
  }

  #send(datagram: Buffer, toPeer: boolean, arrival: number): void {
    if (this.#closed) return;
    if (arrival < this.#latest) this.count.overtaken += 1;
    this.#latest = Math.max(this.#latest, arrival);
    const { address, port } = toPeer ? this.#peer : { address: DAEMON, port: this.#daemonPort };
    this.#socket.send(datagram, port, address);
  }

  /** From 0 to 1: mulberry32. */
  #roll(): number {
    this.#dice = (this.#dice + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#dice ^ (this.#dice >>> 15), this.#dice | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

// The daemon's time on this screen, and how durations are written.
// The computer's own clock is only asked how much time went by, never what time it is.

import type { ClockView, WrapUpView } from "../../web-shared/src/protocol/agent";
import { Store } from "./store";

const TICK_MS = 1_000;
/** More than this between the two local clocks means that the computer slept or its clock was set. */
const JUMP_MS = 5_000;

export class DaemonTime {
  /** The daemon's time, renewed once a second: everything on the screen ticks together. */
  readonly now = new Store(0);
  #at = 0;
  #local = 0;
  #skew = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `jumped` is called when this clock can no longer be trusted; a new snapshot sets it again. */
  start(jumped: () => void): void {
    this.#timer = setInterval(() => {
      if (Math.abs(skew() - this.#skew) > JUMP_MS) {
        this.#skew = skew();
        jumped();
      }
      this.now.set(this.read());
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  set(now: number): void {
    this.#at = now;
    this.#local = performance.now();
    this.#skew = skew();
    this.now.set(now);
  }

  /** What has just come is shown against this moment, not against the last second. */
  refresh(): void {
    this.now.set(this.read());
  }

  read(): number {
    return this.#at + performance.now() - this.#local;
  }
}

function skew(): number {
  return Date.now() - performance.now();
}

/** Milliseconds on a stop-watch. */
export function spentMs(clock: ClockView, now: number): number {
  return clock.spent_ms + (clock.running_since === null ? 0 : Math.max(0, now - clock.running_since));
}

/** Milliseconds left of a wrap-up. */
export function leftMs(wrapUp: WrapUpView, now: number): number {
  return Math.max(0, wrapUp.limit_ms - spentMs(wrapUp.clock, now));
}

/** `0:07`, `12:40`, `1:02:03`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Counts down to `0:00` at the very end, not a second before it. */
export function countdown(ms: number): string {
  return duration(Math.ceil(Math.max(0, ms) / 1_000) * 1_000);
}

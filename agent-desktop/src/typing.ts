// Tells the other side that somebody writes: no more often than needed, and when they have stopped.

const SAID_EVERY_MS = 3_000;
const ENDS_AFTER_MS = 5_000;

export class Typing {
  readonly #say: (on: boolean) => void;
  #saidAt: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (on: boolean) => void) {
    this.#say = say;
  }

  /** On with each key; it goes off by itself. */
  set(on: boolean): void {
    clearTimeout(this.#timer);
    if (!on) {
      if (this.#saidAt !== null) this.#say(false);
      this.#saidAt = null;
      return;
    }
    const now = performance.now();
    if (this.#saidAt === null || now - this.#saidAt >= SAID_EVERY_MS) {
      this.#say(true);
      this.#saidAt = now;
    }
    this.#timer = setTimeout(() => this.set(false), ENDS_AFTER_MS);
  }
}

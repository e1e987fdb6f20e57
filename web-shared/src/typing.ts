// Tells the other side that somebody writes: no more often than needed, and when they have stopped.

const SAID_EVERY_MS = 3_000;
const ENDS_AFTER_MS = 5_000;

export class Typing {
  readonly #say: (on: boolean) => void;
  /** Until when it need not be said again; 0: the other side believes that nobody writes. */
  #until = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (on: boolean) => void) {
    this.#say = say;
  }

  /** On with each key; it goes off by itself. */
  set(on: boolean): void {
    clearTimeout(this.#timer);
    if (on) this.#timer = setTimeout(() => this.set(false), ENDS_AFTER_MS);
    const now = performance.now();
    if (on ? now < this.#until : !this.#until) return;
    this.#until = on ? now + SAID_EVERY_MS : 0;
    this.#say(on);
  }
}

// Tells the agent that the visitor writes: seldom enough to cost nothing, and never for longer than they do.

const REPEAT_MS = 3_000;
const IDLE_MS = 5_000;

export class Typing {
  readonly #tell: (on: boolean) => void;
  readonly #now: () => number;
  #told: number | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (on: boolean) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  /** The text field changed. */
  wrote(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stopped(), IDLE_MS);
    const now = this.#now();
    if (this.#told !== null && now - this.#told < REPEAT_MS) return;
    this.#told = now;
    this.#tell(true);
  }

  /** The message is sent, or the text field empty. */
  stopped(): void {
    clearTimeout(this.#idle);
    if (this.#told === null) return;
    this.#told = null;
    this.#tell(false);
  }
}

// The commands of this tab that have no answer yet, numbered and kept over reloads.
// A command leaves it by its answer only; the daemon recognises one that comes twice by its number.

import type { AgentCommand } from "./protocol/agent";

export interface Sent {
  readonly id: number;
  readonly command: AgentCommand;
}

interface Kept {
  readonly last: number;
  readonly unanswered: readonly Sent[];
}

export class Outbox {
  readonly client: string;
  readonly #storage: Storage;
  #kept: Kept;

  constructor(client: string, storage: Storage) {
    this.client = client;
    this.#storage = storage;
    this.#kept = read(storage, key(client));
  }

  get unanswered(): readonly Sent[] {
    return this.#kept.unanswered;
  }

  add(command: AgentCommand): Sent {
    const sent = { id: this.#kept.last + 1, command: wellFormed(command) };
    this.#keep({ last: sent.id, unanswered: [...this.#kept.unanswered, sent] });
    return sent;
  }

  /** The command that was answered, unless it had been before. */
  answered(id: number): Sent | null {
    const sent = this.#kept.unanswered.find((other) => other.id === id) ?? null;
    if (sent !== null) {
      this.#keep({ ...this.#kept, unanswered: this.#kept.unanswered.filter((other) => other.id !== id) });
    }
    return sent;
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    this.#storage.setItem(key(this.client), JSON.stringify(kept));
  }
}

/** Half an emoji, as other programs cut it off, is no text that can be sent (RFC 8259 §8.2): it becomes U+FFFD. */
function wellFormed(command: AgentCommand): AgentCommand {
  const whole = (_: string, value: unknown): unknown =>
    typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\uFFFD") : value;
  return JSON.parse(JSON.stringify(command, whole)) as AgentCommand;
}

function key(client: string): string {
  return `vorrang.outbox.${client}`;
}

function read(storage: Storage, name: string): Kept {
  const nothing: Kept = { last: 0, unanswered: [] };
  const text = storage.getItem(name);
  if (text === null) return nothing;
  try {
    // Written by this class only, under a name of its own.
    return JSON.parse(text) as Kept;
  } catch {
    return nothing;
  }
}

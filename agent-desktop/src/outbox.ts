// The commands of this tab that have no answer yet, kept over reloads.
// A command leaves it by its answer only; the daemon recognises one that comes twice by its number.

import { add, type Outbox as Commands, type Sent as Numbered, written } from "../../web-shared/src/outbox";
import type { AgentCommand } from "../../web-shared/src/protocol/agent";

export type Sent = Numbered<AgentCommand>;

export class Outbox {
  readonly client: string;
  readonly #storage: Storage;
  readonly #commands: Commands<AgentCommand>;

  constructor(client: string, storage: Storage) {
    this.client = client;
    this.#storage = storage;
    this.#commands = { next: 1, pending: [], ...read(storage, key(client)), client };
  }

  get unanswered(): readonly Sent[] {
    return this.#commands.pending;
  }

  add(command: AgentCommand): Sent {
    // As it will be sent and come back: the screen shows nothing else meanwhile.
    const sent = add(this.#commands, JSON.parse(written(command)) as AgentCommand);
    this.#keep();
    return sent;
  }

  /** A number of its own for what is sent on another way. */
  number(): number {
    const number = this.#commands.next++;
    this.#keep();
    return number;
  }

  /** The command that was answered, unless it had been before. */
  answered(id: number): Sent | null {
    const sent = this.#commands.pending.find((other) => other.id === id) ?? null;
    if (sent !== null) {
      this.#commands.pending = this.#commands.pending.filter((other) => other !== sent);
      this.#keep();
    }
    return sent;
  }

  #keep(): void {
    this.#storage.setItem(key(this.client), JSON.stringify(this.#commands));
  }
}

function key(client: string): string {
  return `vorrang.commands.${client}`;
}

function read(storage: Storage, name: string): Partial<Commands<AgentCommand>> | null {
  const text = storage.getItem(name);
  if (text === null) return null;
  try {
    // Written by this class only, under a name of its own.
    return JSON.parse(text) as Commands<AgentCommand>;
  } catch {
    return null;
  }
}

// The commands that have no answer yet, numbered under the name of a client.
// A command leaves by its answer only: the daemon knows one that comes twice by client, number and content.

export interface Sent<Command> {
  /** The client under whose name it was numbered: whoever sends it again does so under this name. */
  readonly client: string;
  readonly id: number;
  readonly command: Command;
}

/** What its owner keeps over a reload. */
export interface Outbox<Command> {
  /** The name under which new ones are numbered. */
  readonly client: string;
  /** The number of the next one, from 1. */
  next: number;
  /** Oldest first. */
  pending: readonly Sent<Command>[];
}

/** Numbers a command, and keeps it. */
export function add<Command>(outbox: Outbox<Command>, command: Command): Sent<Command> {
  const sent = { client: outbox.client, id: outbox.next++, command };
  outbox.pending = [...outbox.pending, sent];
  return sent;
}

/** What goes over the line. Half an emoji, as other programs cut it off, is no text (RFC 8259 §8.2): it becomes U+FFFD. */
export function written(request: object): string {
  return JSON.stringify(request, (_, value: unknown) => (typeof value === "string" ? value.toWellFormed() : value));
}

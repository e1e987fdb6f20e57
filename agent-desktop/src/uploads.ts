// The files that this page sends: how far each is, and why one is not taken. A reload loses them, so it is asked about first.
// Never draws, and never decides what is taken: the daemon does.

import type { ChatView } from "../../web-shared/src/protocol/agent";
import type { Message } from "../../web-shared/src/protocol/visitor";
import type { Code } from "../../web-shared/src/protocol/error";
import { Upload } from "../../web-shared/src/upload";
import { Store } from "./store";

export interface Sending {
  readonly chat: number;
  /** As of a command: the message that it becomes has both. */
  readonly client: string;
  readonly command: number;
  readonly name: string;
  readonly size: number;
  /** From 0 to 1. */
  readonly progress: number;
  /** Why it is not taken, until somebody tries again. */
  readonly problem: Code | null;
  readonly taken: Taken;
}

/** Which files are taken in a chat. */
export type Taken = Pick<ChatView, "file_bytes_max" | "file_kinds">;

export class Uploads {
  readonly all = new Store<readonly Sending[]>([]);
  readonly #uploads = new Map<string, Upload>();

  send({ chat, ...taken }: Taken & { chat: number }, client: string, command: number, file: File): void {
    const { name, size } = file;
    const sending: Sending = { chat, client, command, name: name || "file", size, progress: 0, problem: null, taken };
    const problem = size > taken.file_bytes_max ? "file_too_large" : size === 0 ? "file_empty" : null;
    this.#set([...this.all.get(), { ...sending, problem }]);
    if (problem !== null) return;
    const query = new URLSearchParams({ client, command: String(command), name: sending.name.toWellFormed() });
    const upload = new Upload({
      url: `/api/v1/chats/${chat}/files?${query}`,
      file,
      changed: ({ progress, problem: now }) => this.#change(sending, { progress, problem: now }),
      // The message itself follows, and takes its place.
      done: () => this.#change(sending, { progress: 1 }),
    });
    this.#uploads.set(key(sending), upload);
  }

  /** Whether another try is worth it: what is too long stays so. */
  mayRetry(sending: Sending): boolean {
    return sending.problem !== null && this.#uploads.has(key(sending));
  }

  retry(sending: Sending): void {
    this.#uploads.get(key(sending))?.retry();
  }

  cancel(sending: Sending): void {
    this.#uploads.get(key(sending))?.cancel();
    this.#drop((other) => key(other) === key(sending));
  }

  /** What has become a message, and what was for a chat that is gone, is not on its way any more. */
  settle(messages: ReadonlyMap<number, readonly Message[]>): void {
    const isStored = (one: Sending): boolean => messages.get(one.chat)?.some((message) => key(message) === key(one)) ?? false;
    this.#drop((one) => isStored(one) || !messages.has(one.chat));
  }

  #drop(gone: (one: Sending) => boolean): void {
    const all = this.all.get();
    const left = all.filter((one) => !gone(one));
    if (left.length === all.length) return;
    for (const one of all) if (gone(one)) this.#uploads.delete(key(one));
    this.#set(left);
  }

  #change(sending: Sending, change: Partial<Sending>): void {
    const changed = (one: Sending): Sending => (key(one) === key(sending) ? { ...one, ...change } : one);
    this.#set(this.all.get().map(changed));
  }

  #set(all: readonly Sending[]): void {
    this.all.set(all);
    const runs = all.some((one) => one.problem === null);
    if (runs) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  }
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function key({ client, command }: Pick<Sending, "client" | "command">): string {
  return `${client} ${command}`;
}

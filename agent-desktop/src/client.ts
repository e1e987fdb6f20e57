// Which client this tab is to the daemon: one id for one page, kept over reloads.
// Two pages never share an id: a duplicated tab and a second frame get the same session storage, and would
// otherwise count their commands with the same numbers.

import { newName } from "../../web-shared/src/names";

/** How long a page that goes away may still hold an id, and one that lives may take to say that it does. */
const PATIENCE_MS = 300;

/** How the pages of one browser agree on who has an id. */
export interface Registry {
  /** Whether this page has it from now on, until it goes away. */
  take(id: string): Promise<boolean>;
  /** The same of one that may just be given back. */
  takeLate(id: string): Promise<boolean>;
}

/** What of a `BroadcastChannel` is needed. */
export type Channel = Pick<BroadcastChannel, "postMessage" | "onmessage">;

const claimed = new Map<string, Promise<string>>();

/** The client id of this page for this person. It stays taken until the page goes away. */
export function clientOf(person: string): Promise<string> {
  const mine = claimed.get(person) ?? claim(person, sessionStorage, registry());
  claimed.set(person, mine);
  return mine;
}

let known: Registry | undefined;

/** Locks exist on secure pages only; a switchboard in a local network may be none. */
function registry(): Registry {
  const locks = navigator.locks as LockManager | undefined;
  known ??= locks === undefined ? new Neighbours(new BroadcastChannel("vorrang.clients"), newName(16)) : new Locks(locks);
  return known;
}

/** Takes the first id that no living page has, or a new one. */
export async function claim(person: string, storage: Storage, pages: Registry): Promise<string> {
  const name = `vorrang.clients.${person}`;
  const ids = (storage.getItem(name) ?? "").split(" ").filter((id) => id !== "");
  for (const id of ids) {
    if (await pages.take(id)) return id;
  }
  const first = ids[0];
  if (first !== undefined && (await pages.takeLate(first))) return first;
  const id = newName(16);
  storage.setItem(name, [...ids, id].join(" "));
  await pages.take(id);
  return id;
}

export class Locks implements Registry {
  readonly #locks: LockManager;

  constructor(locks: LockManager) {
    this.#locks = locks;
  }

  take(id: string): Promise<boolean> {
    return this.#request(id, { ifAvailable: true });
  }

  takeLate(id: string): Promise<boolean> {
    return this.#request(id, { signal: AbortSignal.timeout(PATIENCE_MS) });
  }

  #request(id: string, options: LockOptions): Promise<boolean> {
    return new Promise((resolve) => {
      const held = (lock: Lock | null): Promise<void> | undefined => {
        resolve(lock !== null);
        // Never resolved: the browser releases the lock when the page goes away.
        return lock === null ? undefined : new Promise(() => undefined);
      };
      this.#locks.request(`vorrang.client.${id}`, options, held).catch(() => resolve(false));
    });
  }
}

interface Word {
  /** `mine`: said to one who asks. */
  readonly says: "asks" | "mine";
  readonly id: string;
  /** Who asks, or who was asked. */
  readonly from: string;
  readonly to?: string;
}

/** Without locks the other pages are asked; one that says nothing is gone. */
export class Neighbours implements Registry {
  readonly #channel: Channel;
  readonly #self: string;
  readonly #mine = new Set<string>();
  /** What is being asked for, and how to give up. */
  readonly #asked = new Map<string, () => void>();

  /** `self`: a name that no other page has. */
  constructor(channel: Channel, self: string) {
    this.#channel = channel;
    this.#self = self;
    // A page has one for as long as it lives.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    channel.onmessage = ({ data }: MessageEvent<Word>) => this.#hear(data);
  }

  async take(id: string): Promise<boolean> {
    const isFree = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), PATIENCE_MS);
      this.#asked.set(id, () => {
        clearTimeout(timer);
        resolve(false);
      });
      this.#say({ says: "asks", id, from: this.#self });
    });
    this.#asked.delete(id);
    if (isFree) this.#mine.add(id);
    return isFree;
  }

  /** Whoever lives has answered already. */
  takeLate(): Promise<boolean> {
    return Promise.resolve(false);
  }

  #hear({ says, id, from, to }: Word): void {
    const giveUp = this.#asked.get(id);
    if (says === "mine") {
      if (to === this.#self) giveUp?.();
      // Of two that ask at the same time one gives way.
    } else if (this.#mine.has(id) || (giveUp !== undefined && this.#self < from)) {
      this.#say({ says: "mine", id, from: this.#self, to: from });
    } else {
      giveUp?.();
    }
  }

  #say(word: Word): void {
    // A channel, not a window: nobody else hears it.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.#channel.postMessage(word);
  }
}

// What outlives a page: the chat's session for all tabs, and what this tab has not brought to the daemon yet.
// Never throws: where the browser blocks storage, everything lasts as long as the page.

import type { VisitorCommand } from "./protocol/visitor";

/** A command that the daemon has not answered yet. Whichever page sends it, it goes by the name that it was numbered under. */
export interface Pending {
  readonly client: string;
  readonly id: number;
  readonly command: VisitorCommand;
}

/** One page's part of one chat: what it says under its own name, and what pages before it in this tab left. */
export interface Tab {
  readonly session: string;
  /** Drawn anew with each load and never taken from a store: what is stored may be a copy that another tab has too. */
  readonly client: string;
  /** The number of this page's next command, from 1. */
  next: number;
  /** Oldest first. A tab that has a copy of it sends the same again under the same names, and the daemon drops it. */
  pending: Pending[];
  /** The number of the last message that was seen. */
  read: number;
  minimised: boolean;
  /** What stands in the text field. */
  draft: string;
}

export class Memory {
  readonly #key: string;
  #tab: Tab | null = null;
  #session: string | null = null;

  constructor(token: string) {
    this.#key = `vorrang:${token}`;
  }

  /** The chat that this browser takes part in, this tab's or one that another tab began. */
  session(): string | null {
    const stored = attempt(() => localStorage.getItem(this.#key));
    // Blocked storage answers nothing; an empty one says that the chat is over or was never begun.
    return stored === undefined ? this.#session : stored;
  }

  /** Takes part in the chat, with what is stored of it. A new chat begins when there is none. */
  join(): Tab {
    const session = this.session() ?? random(24);
    this.#session = session;
    attempt(() => localStorage.setItem(this.#key, session));
    const stored = attempt(() => sessionStorage.getItem(this.#key));
    const kept = stored === undefined ? this.#tab : read(stored);
    this.#tab = {
      pending: [],
      read: 0,
      minimised: false,
      draft: "",
      ...(kept?.session === session && kept),
      session,
      client: random(8),
      next: 1,
    };
    this.save();
    return this.#tab;
  }

  save(): void {
    if (this.#tab) attempt(() => sessionStorage.setItem(this.#key, JSON.stringify(this.#tab)));
  }

  /** The chat is over: the next page begins without it. */
  forget(): void {
    if (this.session() === this.#tab?.session) attempt(() => localStorage.removeItem(this.#key));
    attempt(() => sessionStorage.removeItem(this.#key));
    this.#session = null;
    this.#tab = null;
  }
}

/** A record as another page of this tab left it. The page's own scripts can write there, so it is looked at twice. */
function read(json: string | null): Partial<Tab> | null {
  const found = attempt(() => JSON.parse(json ?? "null") as Partial<Tab> | null);
  if (!Array.isArray(found?.pending)) return null;
  const pending = found.pending.filter((one) => one?.client && one.id && one.command);
  return { ...found, pending, read: Number(found.read), draft: String(found.draft), minimised: !!found.minimised };
}

function random(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `undefined` where the browser forbids it, or the text could not be read. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

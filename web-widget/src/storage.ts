// What outlives a page: the chat's session for all tabs, and what this tab has not brought to the daemon yet.
// Never throws: where the browser blocks storage, everything lasts as long as the page.

import { newName } from "../../web-shared/src/names";
import type { Outbox } from "./connection";

/**
 * One page's part of one chat: what it says under its own name, and what pages before it in this tab left.
 * The name is drawn anew with each load and never taken from a store: what is stored may be a copy that another tab has too.
 * Such a tab sends what is pending again under the same names, and the daemon drops it.
 */
export interface Tab extends Outbox {
  readonly session: string;
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
    const session = this.session() ?? newName(24);
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
      client: newName(8),
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

/** `undefined` where the browser forbids it, or the text could not be read. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

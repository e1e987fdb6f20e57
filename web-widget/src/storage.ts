// What outlives a page: the chat's session for all tabs, and what this tab has not brought to the daemon yet.
// Never throws: where the browser blocks storage, everything lasts as long as the page.

import type { VisitorCommand } from "./protocol/visitor";

/** A command that the daemon has not answered yet. */
export interface Pending {
  readonly id: number;
  readonly command: VisitorCommand;
}

/** One tab's part of one chat. Another chat is another record with another client: commands are numbered from 1. */
export interface Tab {
  readonly session: string;
  readonly client: string;
  /** The next command's number. */
  next: number;
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

  /** This tab's record of the chat. A new chat begins when there is none. */
  async join(): Promise<Tab> {
    const session = this.session() ?? random(24);
    this.#session = session;
    attempt(() => localStorage.setItem(this.#key, session));
    const kept = this.#tab?.session === session ? this.#tab : attempt(() => sessionStorage.getItem(this.#key));
    const tab = typeof kept === "string" ? read(kept, session) : kept;
    if (tab && (tab === this.#tab || (await claim(tab.client)))) {
      this.#tab = tab;
    } else {
      this.#tab = { session, client: random(8), next: 1, pending: [], read: 0, minimised: false, draft: "" };
      void claim(this.#tab.client);
    }
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
function read(json: string, session: string): Tab | null {
  const found = attempt(() => JSON.parse(json) as Partial<Tab> | null);
  if (found?.session !== session || typeof found.client !== "string" || !Number.isSafeInteger(found.next)) return null;
  if (!Array.isArray(found.pending)) return null;
  return { ...(found as Tab), read: Number(found.read), draft: String(found.draft), minimised: !!found.minimised };
}

/**
 * Whether no other tab goes by this name. A duplicated tab has a copy of the original's record; were both to number
 * their commands as the same client, one of two messages would be taken for a repetition and lost.
 * A reload asks while the old page is still closing, so it gets a moment.
 */
async function claim(client: string): Promise<boolean> {
  const locks = attempt(() => navigator.locks);
  if (!locks) return true;
  return new Promise((resolve) => {
    const held = new Promise<never>(() => undefined);
    locks
      .request(`vorrang:${client}`, { signal: AbortSignal.timeout(1500) }, () => {
        resolve(true);
        return held;
      })
      .catch(() => resolve(false));
  });
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

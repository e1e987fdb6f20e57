// What outlives a page, in this tab: the chat's session, and what was not brought to the daemon yet.
// Never throws: where the browser blocks storage, everything lasts as long as the page.

import { newName } from "../../web-shared/src/names";
import type { Identity } from "../../web-shared/src/protocol/visitor";
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
  /** What the visitor filled in, and who they are, as the page says: part of the request for the chat. */
  form?: Values;
  identity?: Identity;
}

/** The values of a form, by the keys of its fields. */
export type Values = Record<string, string>;

export class Memory {
  readonly #key: string;
  #tab: Tab | null = null;

  constructor(token: string) {
    this.#key = `vorrang:${token}`;
  }

  /** What this tab has of the chat that it takes part in. */
  kept(): Partial<Tab> | null {
    const stored = attempt(() => sessionStorage.getItem(this.#key));
    // Blocked storage answers nothing; an empty one says that the chat is over or was never begun.
    return stored === undefined ? this.#tab : read(stored);
  }

  /** Takes part in the chat, with what is stored of it. A new chat begins when there is none. */
  join(): Tab {
    const begins = { pending: [], read: 0, minimised: false, draft: "", session: newName(24) };
    this.#tab = { ...begins, ...this.kept(), client: newName(8), next: 1 };
    this.save();
    return this.#tab;
  }

  save(): void {
    if (this.#tab) attempt(() => sessionStorage.setItem(this.#key, JSON.stringify(this.#tab)));
  }

  /** The chat is over: the next page begins without it. */
  forget(): void {
    attempt(() => sessionStorage.removeItem(this.#key));
    this.#tab = null;
  }
}

/** A record as another page of this tab left it. The page's own scripts can write there, so it is looked at twice. */
function read(json: string | null): Partial<Tab> | null {
  const found = attempt(() => JSON.parse(json ?? "null") as Partial<Tab> | null);
  if (!found?.session || !Array.isArray(found.pending)) return null;
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

// Keeps what agents write of items: with the daemon as they type, and in this browser until it is there.
// One for each item that is looked at; it lives on when its panel goes, until everything is kept.

import { itemKey } from "./items";
import type { WriteUpView } from "../../web-shared/src/protocol/desk";
import type { ItemRef } from "../../web-shared/src/protocol/agent";
import type { Code } from "../../web-shared/src/protocol/error";
import { get, put } from "./rest";
import { Store } from "./store";
import { merged, sameWritten, toSend, writtenIn, type Unsaved, type Written } from "./writeUp";

/** So long after the last key it is kept. */
const PAUSE_MS = 500;
/** What was finished is edited as a whole: each time it is kept stands in the audit. */
export const EDIT_PAUSE_MS = 5_000;
const AGAIN_MS = 3_000;

export interface Kept {
  /** What the daemon has; `null` until it is read. */
  readonly view: WriteUpView | null;
  readonly mine: Written;
  /** `unreachable`: it is tried again by itself. */
  readonly state: "reading" | "kept" | "keeping" | "unreachable" | { readonly refused: Code };
}

const EMPTY: Written = { note: "", about: [] };

export class ItemWriteUp {
  readonly shown = new Store<Kept>({ view: null, mine: EMPTY, state: "reading" });
  readonly #path: string;
  readonly #key: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending = false;

  constructor(person: string, item: ItemRef) {
    this.#path = `/items/${item.kind}:${item.id}/write-up`;
    this.#key = `vorrang.write_up.${person}.${itemKey(item)}`;
    void this.read();
  }

  /** Reads it again: another tab, or another agent, may have written. */
  async read(): Promise<void> {
    if (this.#sending || this.#timer !== undefined) return;
    const outcome = await get<WriteUpView>(this.#path);
    if (!outcome.ok) {
      const waits = outcome.code === "unavailable";
      this.#show({ state: waits ? "unreachable" : { refused: outcome.code } });
      if (waits) this.#in(AGAIN_MS, () => void this.read());
      return;
    }
    this.#got(outcome.value);
  }

  /** What is written; it is kept a moment later. */
  write(mine: Written, pauseMs = PAUSE_MS): void {
    this.#show({ mine });
    this.#keepHere();
    if (this.shown.get().view !== null) this.#in(pauseMs, () => void this.#send());
  }

  /** Without waiting for a pause. */
  flush(): void {
    if (this.#timer !== undefined) void this.#send();
  }

  #got(view: WriteUpView): void {
    const theirs = writtenIn(view);
    const unsaved = this.#unsaved();
    const mine = unsaved === null ? theirs : merged(unsaved.base, unsaved.mine, theirs);
    this.#show({ view, mine, state: "kept" });
    if (sameWritten(mine, theirs)) localStorage.removeItem(this.#key);
    else this.write(mine);
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { view, mine } = this.shown.get();
    if (this.#sending || view === null) return;
    if (sameWritten(mine, writtenIn(view))) {
      localStorage.removeItem(this.#key);
      return this.#show({ state: "kept" });
    }
    this.#sending = true;
    this.#show({ state: "keeping" });
    const outcome = await put<WriteUpView>(this.#path, toSend(view, mine));
    this.#sending = false;
    if (outcome.ok) {
      this.#show({ view: outcome.value });
      localStorage.setItem(this.#key, JSON.stringify({ base: writtenIn(outcome.value), mine: this.shown.get().mine } satisfies Unsaved));
      // What was typed meanwhile goes next.
      void this.#send();
    } else if (outcome.code === "stale") {
      void this.read();
    } else if (outcome.code === "unavailable") {
      this.#show({ state: "unreachable" });
      this.#in(AGAIN_MS, () => void this.#send());
    } else {
      this.#show({ state: { refused: outcome.code } });
    }
  }

  #in(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      then();
    }, ms);
  }

  #show(change: Partial<Kept>): void {
    this.shown.set({ ...this.shown.get(), ...change });
  }

  #unsaved(): Unsaved | null {
    const text = localStorage.getItem(this.#key);
    try {
      return text === null ? null : (JSON.parse(text) as Unsaved);
    } catch {
      return null;
    }
  }

  #keepHere(): void {
    const { view, mine } = this.shown.get();
    const base = this.#unsaved()?.base ?? (view === null ? EMPTY : writtenIn(view));
    localStorage.setItem(this.#key, JSON.stringify({ base, mine } satisfies Unsaved));
  }
}

const known = new Map<string, ItemWriteUp>();

/** What somebody writes of an item: the same one wherever it is shown. */
export function writeUpOf(person: string, item: ItemRef): ItemWriteUp {
  const key = `${person} ${itemKey(item)}`;
  const one = known.get(key) ?? new ItemWriteUp(person, item);
  known.set(key, one);
  return one;
}

// Items as the screen refers to them: which one, and whether two are the same.

import type { ItemRef } from "../../web-shared/src/protocol/agent";

// One place makes them: two commands for the same item are then written alike.
export function callRef(id: number): ItemRef {
  return { kind: "call", id };
}

export function chatRef(id: number): ItemRef {
  return { kind: "chat", id };
}

export function taskRef(id: number): ItemRef {
  return { kind: "task", id };
}

export function sameItem(a: ItemRef | null | undefined, b: ItemRef | null | undefined): boolean {
  return a?.kind === b?.kind && a?.id === b?.id;
}

const COUNT = 2 ** 32;

/** The number of an item as people say it: the id holds in its upper half which start of the daemon it is of, and counts in
 * its lower half: 1-7 is short enough to be said aloud. */
export function said(id: number): string {
  return id < COUNT ? String(id) : `${Math.floor(id / COUNT)}-${id % COUNT}`;
}

/** The id of what is said, or stands there as one number; `NaN` of anything else. */
export function heard(text: string | null): number {
  const parts = /^(?:(\d{1,7})-)?(\d{1,16})$/.exec(text ?? "");
  if (parts === null) return Number.NaN;
  const id = Number(parts[1] ?? 0) * COUNT + Number(parts[2]);
  return Number.isSafeInteger(id) ? id : Number.NaN;
}

/** A name for the item among all of them. */
export function itemKey(item: ItemRef): string {
  return `${item.kind} ${item.id}`;
}

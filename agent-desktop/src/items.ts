// Items as the screen refers to them: which one, and whether two are the same.

import type { ItemRef } from "./protocol/agent";

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

/** A name for the item among all of them. */
export function itemKey(item: ItemRef): string {
  return `${item.kind} ${item.id}`;
}

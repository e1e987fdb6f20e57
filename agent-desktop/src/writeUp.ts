// What an agent writes of an item while it is kept: what the daemon has, what was written since, and what becomes of both.
// Pure: it asks nobody and knows no time.

import type { NewWriteUp, WriteUpView } from "../../web-shared/src/protocol/desk";
import type { ClassificationView } from "../../web-shared/src/protocol/rest";

/** What an agent can change. */
export interface Written {
  readonly note: string;
  readonly about: readonly number[];
}

/** What of it is not with the daemon yet, so that it survives a reload: what it was when somebody began to write, and now. */
export interface Unsaved {
  readonly base: Written;
  readonly mine: Written;
}

/** What the daemon has, as far as an agent changes it. */
export function writtenIn(view: Pick<WriteUpView, "note" | "classifications">): Written {
  return { note: view.note, about: view.classifications.map(({ classification }) => classification) };
}

export function sameWritten(a: Written, b: Written): boolean {
  return a.note === b.note && a.about.length === b.about.length && a.about.every((one) => b.about.includes(one));
}

/** Somebody else wrote meanwhile, or oneself in another tab: nothing of either is lost. */
export function merged(base: Written, mine: Written, theirs: Written): Written {
  const [was, own, there] = [new Set(base.about), new Set(mine.about), new Set(theirs.about)];
  const kept = theirs.about.filter((one) => own.has(one) || !was.has(one));
  const about = [...kept, ...mine.about.filter((one) => !was.has(one) && !there.has(one))];
  return { note: mergedNote(base.note, mine.note, theirs.note), about };
}

function mergedNote(base: string, mine: string, theirs: string): string {
  if (theirs === base || mine.startsWith(theirs)) return mine;
  if (mine === base || theirs.includes(mine)) return theirs;
  // Both wrote on: what is new of one's own stands behind what the other one wrote.
  const own = base !== "" && mine.startsWith(base) ? mine.slice(base.length).trimStart() : mine;
  return `${theirs.trimEnd()}\n${own}`;
}

export function toSend(view: WriteUpView, { note, about }: Written): NewWriteUp {
  return { version: view.version, note, classifications: [...about] };
}

/** One of those that may be chosen, or that was. */
export function classificationOf(view: WriteUpView, id: number): ClassificationView | undefined {
  const isIt = ({ classification }: ClassificationView): boolean => classification === id;
  return view.choices.find(isIt) ?? view.classifications.find(isIt);
}

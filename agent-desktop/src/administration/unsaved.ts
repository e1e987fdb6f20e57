// What is on the screen and not saved, so that nobody leaves it without being asked.

import { Store } from "../store";

export interface Unsaved {
  /** Leaves nothing of it behind. */
  discard(): void;
  /** What is lost, if it is something else than what was typed. */
  readonly words?: { readonly title: string; readonly text: string; readonly yes: string };
}

export const unsaved = new Store<Unsaved | null>(null);

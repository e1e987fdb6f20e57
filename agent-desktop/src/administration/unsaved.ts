// What is on the screen and not saved, so that nobody leaves it without being asked.

import { Store } from "../store";

export interface Unsaved {
  /** Leaves nothing of it behind. */
  discard(): void;
}

export const unsaved = new Store<Unsaved | null>(null);

// What was removed last, so that a slip can be taken back where nothing of it is lost.

import type { ThingKind } from "../../../web-shared/src/protocol/rest";
import { Store } from "../store";
import type { Settings } from "./settings";

export interface RemovedThing {
  readonly kind: ThingKind;
  readonly name: string;
  /** What it was; `null`: it cannot come back as it was. */
  readonly settings: Settings | null;
}

export const removed = new Store<RemovedThing | null>(null);

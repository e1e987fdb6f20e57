// With what a new thing begins: what there is only one choice for, and what nobody wants to think up.

import type { ThingKind } from "../../../web-shared/src/protocol/rest";
import type { Settings } from "./settings";
import { takeCopy } from "./roles";
import { newSecret, newToken, TOKEN_CHARACTERS } from "./secrets";

/** What there is to choose from, by kind. */
export interface Lists {
  readonly queues: readonly string[];
  readonly classifications: readonly string[];
  readonly hours: readonly string[];
  readonly roles: readonly string[];
}

export function begins(kind: ThingKind | "company", lists: Lists | null): Settings {
  const only = lists?.queues.length === 1 ? lists.queues[0] : undefined;
  const queue = only === undefined ? {} : { queue: only };
  switch (kind) {
    case "agents":
      return { password: newSecret(12), ...(only === undefined ? {} : { queues: [only] }) };
    case "numbers":
      return queue;
    case "services":
      return { token: newToken(), ...queue };
    case "company":
    case "queues":
    case "trunks":
    case "break_reasons":
    case "classifications":
    case "templates":
    case "hours":
      return {};
    case "roles":
      return takeCopy();
    case "api_keys":
      return { token: newSecret(TOKEN_CHARACTERS) };
  }
}

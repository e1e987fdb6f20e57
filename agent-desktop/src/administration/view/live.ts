// How trunks, phones and queues stand at the moment, as long as somebody looks at their list.

import type { ThingKind } from "../../../../web-shared/src/protocol/rest";
import { phones, queues, trunks } from "../api";
import type { Live } from "../rows";
import { phoneInWords, trunkInWords } from "../states";
import { m } from "../../paraglide/messages.js";
import { useAgain } from "./again";

async function ask(kind: ThingKind): Promise<Live | null> {
  if (kind === "trunks") {
    const answer = await trunks();
    return answer.ok ? new Map(answer.value.map((trunk) => [trunk.name, trunkInWords(trunk)])) : null;
  }
  if (kind === "agents") {
    const answer = await phones();
    return answer.ok ? new Map(answer.value.map((phone) => [phone.agent, phoneInWords(phone)])) : null;
  }
  const answer = await queues();
  return answer.ok ? new Map(answer.value.map(({ name, waiting }) => [name, m.admin_waits({ count: waiting })])) : null;
}

const KNOWN: ReadonlySet<ThingKind> = new Set(["queues", "agents", "trunks"]);

const NOTHING: Live = new Map();

/** `null`: nothing is ever known of this kind. */
export function useLive(kind: ThingKind): Live | null {
  const live = useAgain(kind, async () => (KNOWN.has(kind) ? ask(kind) : null));
  return KNOWN.has(kind) ? (live ?? NOTHING) : null;
}

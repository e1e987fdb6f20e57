// How trunks, phones and queues stand at the moment, as long as somebody looks at their list.

import { useEffect, useState } from "react";
import type { ThingKind } from "../../../../web-shared/src/protocol/rest";
import { phones, queues, trunks } from "../api";
import type { Live } from "../rows";
import { phoneInWords, trunkInWords } from "../states";
import { m } from "../../paraglide/messages.js";

const AGAIN_MS = 5_000;

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
  const [live, setLive] = useState(NOTHING);
  useEffect(() => {
    if (!KNOWN.has(kind)) return undefined;
    let gone = false;
    const look = async (): Promise<void> => {
      if (document.visibilityState !== "visible") return;
      const found = await ask(kind);
      if (!gone) setLive((before) => found ?? before);
    };
    void look();
    const timer = setInterval(() => void look(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [kind]);
  return KNOWN.has(kind) ? live : null;
}

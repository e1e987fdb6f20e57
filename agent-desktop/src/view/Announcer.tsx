// Says aloud, for those who do not look: it rings, a chat was pushed aside, a chat is back, somebody wrote.

import { useState, type ReactElement } from "react";
import type { Desk, Told } from "../desk";
import { useDesk, useMoments } from "../hooks";
import { chatRef, sameItem } from "../items";
import type { Moment } from "../moments";
import { m } from "../paraglide/messages.js";
import type { ItemRef } from "../../../web-shared/src/protocol/agent";
import { chatName, itemName, whoCalls } from "./names";
import type { Shown } from "./shown";

/** What was said; each line is read once, as it comes. */
interface Said {
  readonly id: number;
  readonly text: string;
  readonly urgent: boolean;
}

const LINES_MAX = 4;

const saidUpTo = new WeakMap<Desk, number>();

export function Announcer({ shown }: { shown: Shown }): ReactElement {
  const { state } = useDesk();
  const [lines, setLines] = useState<readonly Said[]>([]);
  useMoments(saidUpTo, (told) => {
    const text = words(told.moment, shown.item, (item) => itemName(item, state.get()));
    if (text !== "") setLines((before) => [...before, { id: told.id, text, urgent: isUrgent(told) }].slice(-LINES_MAX));
  });
  return (
    <div className="hidden">
      <div role="alert" aria-live="assertive" aria-atomic="false" data-testid="announced-urgent">
        {lines.map(({ id, text, urgent }) => urgent && <p key={id}>{text}</p>)}
      </div>
      <div role="status" aria-live="polite" aria-atomic="false" data-testid="announced">
        {lines.map(({ id, text, urgent }) => !urgent && <p key={id}>{text}</p>)}
      </div>
    </div>
  );
}

function isUrgent({ moment }: Told): boolean {
  return moment.kind === "rings" || moment.kind === "alerts";
}

function words(moment: Moment, shown: ItemRef | null, name: (item: ItemRef) => string): string {
  switch (moment.kind) {
    case "rings": {
      const what = m.announce_rings({ caller: whoCalls(moment.ringing), queue: moment.ringing.queue });
      return moment.parks === null ? what : `${what} ${m.ringing_parks({ item: name(moment.parks) })}`;
    }
    case "rings_no_more":
      return m.announce_rings_no_more();
    case "call_began": {
      const what = m.announce_call({ caller: whoCalls(moment) });
      if (moment.parked === null) return what;
      const parked = `${what} ${m.preempted({ item: name(moment.parked) })}`;
      return moment.parked.kind === "chat" ? `${parked} ${m.preempted_hint()}` : parked;
    }
    case "call_over":
      return m.announce_call_over();
    case "resumed":
      return m.resumed({ item: name(moment.item) });
    case "parked":
      return m.announce_parked({ item: name(moment.item) });
    case "message":
      // The log that is looked at reads it out itself.
      return sameItem(shown, chatRef(moment.chat.chat)) ? "" : m.announce_message({ item: chatName(moment.chat.chat) });
    case "alerts":
      return m.announce_alerts({ item: name(moment.alerting.item), queue: moment.alerting.view.queue_name });
    case "went_back":
      // The notice says it.
      return "";
    case "break_began":
      return m.announce_break();
  }
}

// Says aloud, for those who do not look: it rings, a chat was pushed aside, a chat is back.

import { useEffect, useState, type ReactElement } from "react";
import { useDesk } from "../hooks";
import type { Moment } from "../moments";
import { m } from "../paraglide/messages.js";
import { callerName, chatName } from "./names";

export function Announcer(): ReactElement {
  const { told } = useDesk();
  const [polite, setPolite] = useState("");
  const [urgent, setUrgent] = useState("");
  useEffect(() => {
    const tell = (): void => {
      const moment = told.get()?.moment;
      if (moment === undefined) return;
      setUrgent(moment.kind === "rings" ? words(moment) : "");
      if (moment.kind !== "rings") setPolite(words(moment));
    };
    // What was told before this component was there, on the first snapshot, is told now.
    tell();
    return told.subscribe(tell);
  }, [told]);
  return (
    <div className="hidden">
      <p role="alert" aria-live="assertive" data-testid="announced-urgent">
        {urgent}
      </p>
      <p role="status" aria-live="polite" data-testid="announced">
        {polite}
      </p>
    </div>
  );
}

function words(moment: Moment): string {
  switch (moment.kind) {
    case "rings": {
      const what = m.announce_rings({ caller: callerName(moment.ringing.caller), queue: moment.ringing.queue });
      return moment.parks === null ? what : `${what} ${m.ringing_parks({ chat: chatName(moment.parks) })}`;
    }
    case "rings_no_more":
      return m.announce_rings_no_more();
    case "call_began": {
      const what = m.announce_call({ caller: callerName(moment.caller) });
      if (moment.parked === null) return what;
      return `${what} ${m.preempted({ chat: chatName(moment.parked) })} ${m.preempted_hint()}`;
    }
    case "call_over":
      return m.announce_call_over();
    case "resumed":
      return m.resumed({ chat: chatName(moment.chat) });
  }
}

// Says aloud, for those who do not look: it rings, a chat was pushed aside, a chat is back.

import { useEffect, useState, type ReactElement } from "react";
import { useDesk } from "../hooks";
import type { Moment } from "../moments";
import { m } from "../paraglide/messages.js";
import type { ItemRef } from "../protocol/agent";
import { callerName, itemName } from "./names";

export function Announcer(): ReactElement {
  const { told, state } = useDesk();
  const [polite, setPolite] = useState("");
  const [urgent, setUrgent] = useState("");
  useEffect(() => {
    const tell = (): void => {
      const moment = told.get()?.moment;
      if (moment === undefined) return;
      const text = words(moment, (item) => itemName(item, state.get()));
      setUrgent(moment.kind === "rings" || moment.kind === "alerts" ? text : "");
      if (moment.kind !== "rings" && moment.kind !== "alerts") setPolite(text);
    };
    // What was told before this component was there, on the first snapshot, is told now.
    tell();
    return told.subscribe(tell);
  }, [told, state]);
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

function words(moment: Moment, name: (item: ItemRef) => string): string {
  switch (moment.kind) {
    case "rings": {
      const what = m.announce_rings({ caller: callerName(moment.ringing.caller), queue: moment.ringing.queue });
      return moment.parks === null ? what : `${what} ${m.ringing_parks({ item: name(moment.parks) })}`;
    }
    case "rings_no_more":
      return m.announce_rings_no_more();
    case "call_began": {
      const what = m.announce_call({ caller: callerName(moment.caller) });
      if (moment.parked === null) return what;
      const parked = `${what} ${m.preempted({ item: name(moment.parked) })}`;
      return moment.parked.kind === "chat" ? `${parked} ${m.preempted_hint()}` : parked;
    }
    case "call_over":
      return m.announce_call_over();
    case "resumed":
      return m.resumed({ item: name(moment.item) });
    case "alerts":
      return m.announce_alerts({ item: name(moment.alerting.item), queue: moment.alerting.view.queue_name });
    case "went_back":
      // The notice says it.
      return "";
    case "break_began":
      return m.announce_break();
  }
}

// The whole screen of an agent at work.

import { Button } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { CODES } from "../codes";
import { StateContext, useDesk, useOnline, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import { Alerting } from "./Alerting";
import { Announcer } from "./Announcer";
import css from "./Floor.module.css";
import { Header } from "./Header";
import { Help } from "./Help";
import { Inbox } from "./Inbox";
import { Main } from "./Main";
import { Notices } from "./Notices";
import { Queues } from "./Queues";
import { Ringing } from "./Ringing";
import { useShown } from "./shown";
import { useShortcuts } from "./shortcuts";
import { useTitle } from "./title";
import { Waiting } from "./Waiting";

const OFFLINE_SHOWN_AFTER_MS = 1_000;

export function Floor({ onSignOut }: { onSignOut(): void }): ReactElement {
  const desk = useDesk();
  const state = useStore(desk.state);
  const refusal = useStore(desk.refusal);
  if (state === null) {
    return (
      <Waiting text={refusal === null ? null : CODES[refusal.code]()}>
        {refusal !== null && (
          <Button variant="default" onClick={onSignOut}>
            {m.sign_out()}
          </Button>
        )}
      </Waiting>
    );
  }
  return (
    <StateContext value={state}>
      <Work onSignOut={onSignOut} />
    </StateContext>
  );
}

function Work({ onSignOut }: { onSignOut(): void }): ReactElement {
  const [help, setHelp] = useState(false);
  const shown = useShown();
  useShortcuts(() => setHelp(true));
  useTitle();
  return (
    <div className={css.page}>
      <Header onSignOut={onSignOut} onHelp={() => setHelp(true)} />
      <Offline />
      <Ringing />
      <Alerting />
      <div className={css.columns}>
        <Queues />
        <Inbox shown={shown} />
        <Main shown={shown} />
      </div>
      <Announcer />
      <Notices />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

function Offline(): ReactElement {
  const online = useOnline();
  return <div role="status">{!online && <OfflineSoon />}</div>;
}

/** A connection that is back within a second is nobody's concern. */
function OfflineSoon(): ReactElement | null {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), OFFLINE_SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return late ? <p className={css.offline}>{m.offline()}</p> : null;
}

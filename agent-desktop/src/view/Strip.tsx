// The strip under the header: a fixed place for whatever comes, the telephone on the left, all other news on the right.
// Nothing that comes moves anything else on the screen, and no two buttons of which one hurts share a place.

import { useEffect, useState, type ReactElement } from "react";
import { useDesk, useFloor, useOnline, useStore } from "../hooks";
import { itemKey, sameItem } from "../items";
import { m } from "../paraglide/messages.js";
import type { AgentView, ItemRef } from "../../../web-shared/src/protocol/agent";
import { activeItem, alerting, type State } from "../state";
import { Alerting } from "./Alerting";
import { CallBar } from "./Call";
import { CallWrapUpBar } from "./CallWrapUp";
import { CallsState, ChatsBlocked, ChatsOff } from "./Header";
import { LatestNotice, OfferNotifications, Resumed } from "./Notices";
import { Ringing } from "./Ringing";
import type { Shown } from "./shown";
import css from "./Strip.module.css";

const OFFLINE_SHOWN_AFTER_MS = 1_000;
const RESUMED_SHOWN_MS = 20_000;

export function Strip({ shown }: { shown: Shown }): ReactElement {
  return (
    <section className={css.strip} aria-label={m.strip()} data-testid="strip">
      <div className={css.cell}>
        <Telephone shown={shown} />
      </div>
      <div className={css.cell}>
        <Offline />
        <News />
      </div>
    </section>
  );
}

function Telephone({ shown }: { shown: Shown }): ReactElement {
  const { agent } = useFloor();
  const { ringing, active } = agent;
  if (ringing !== null) return <Ringing key={`${ringing.offer.call}/${ringing.offer.attempt}`} ringing={ringing} />;
  if (active?.kind === "call") return <CallBar call={active} shown={shown} />;
  if (active?.kind === "call_wrap_up") return <CallWrapUpBar wrapUp={active.wrap_up} shown={shown} />;
  return <CallsState agent={agent} />;
}

/** Without a connection nothing else can be acted on. */
function Offline(): ReactElement {
  const late = useOffline();
  return <div role="status">{late && <p className={css.offline}>{m.offline()}</p>}</div>;
}

/** One piece of news at a time: what has to be turned to first, then what the agent should know. */
function News(): ReactElement | null {
  const state = useFloor();
  const late = useOffline();
  const [resumed, forget] = useResumed();
  const notices = useStore(useDesk().notices);
  const alert = alerting(state)[0];
  const told = alert !== undefined || resumed !== null;
  return (
    <>
      {!late && alert !== undefined && <Alerting key={itemKey(alert.item)} alerting={alert} />}
      {!late && alert === undefined && resumed !== null && <Resumed item={resumed} onForget={forget} />}
      <LatestNotice notices={late || told ? [] : notices} />
      {!late && !told && notices.length === 0 && <Standing agent={state.agent} />}
    </>
  );
}

/** What holds for longer than news. */
function Standing({ agent }: { agent: AgentView }): ReactElement {
  if (agent.chats_off !== null) return <ChatsOff why={agent.chats_off} />;
  return agent.chats_blocked ? <ChatsBlocked /> : <OfferNotifications />;
}

/** A connection that is back within a second is nobody's concern. */
function useOffline(): boolean {
  const online = useOnline();
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (online) return undefined;
    const timer = setTimeout(() => setLate(true), OFFLINE_SHOWN_AFTER_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [online]);
  return late;
}

/** What has just come back after a call; a while later, or once the agent attends to something else, or it ended, that is
    no news. */
function useResumed(): [ItemRef | null, () => void] {
  const desk = useDesk();
  const state = useFloor();
  const [back, setBack] = useState<{ item: ItemRef; over: boolean } | null>(null);
  useEffect(
    () =>
      desk.told.subscribe(() => {
        const moment = desk.told.get()?.moment;
        if (moment?.kind === "resumed") setBack({ item: moment.item, over: isOver(desk.state.get(), moment.item) });
      }),
    [desk],
  );
  useEffect(() => {
    if (back === null) return undefined;
    const timer = setTimeout(() => setBack(null), RESUMED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [back]);
  const isNews = back !== null && sameItem(back.item, activeItem(state.agent.active)) && back.over === isOver(state, back.item);
  return [isNews ? back.item : null, () => setBack(null)];
}

/** Whether it is only to be wrapped up. */
function isOver(state: State | null, item: ItemRef): boolean {
  return item.kind === "chat" && state?.chats.get(item.id)?.state.state === "wrap_up";
}

// The wrap-up of a call, while the agent is at it.

import type { ReactElement } from "react";
import { useFloor } from "../hooks";
import { callRef } from "../items";
import { m } from "../paraglide/messages.js";
import type { CallWrapUpView } from "../../../web-shared/src/protocol/agent";
import { Preempted } from "./Call";
import { WrapUpBar } from "./Clock";
import css from "./CallWrapUp.module.css";
import { Icon } from "./Icon";
import { ExtendWrapUp, FinishWrapUp, Park } from "./ItemActs";
import { whoCalls } from "./names";
import type { Shown } from "./shown";

interface Props {
  wrapUp: CallWrapUpView;
  shown: Shown;
}

/** In the strip, whatever is looked at. What ends it stands elsewhere: here the call was just hung up. */
export function CallWrapUpBar({ wrapUp, shown }: Props): ReactElement {
  return (
    <div role="group" className={css.bar} aria-label={m.call_wrap_up()} data-testid="call-wrap-up-bar">
      <button type="button" className={css.look} onClick={() => shown.select(null)}>
        <span>{m.call_wrap_up()}</span>
        <span className={css.caller}>{whoCalls(wrapUp)}</span>
      </button>
      <WrapUpBar wrapUp={wrapUp.wrap_up} name={m.call_wrap_up()} />
    </div>
  );
}

export function CallWrapUp({ wrapUp, shown }: Props): ReactElement {
  const { call, wrap_up } = wrapUp;
  const { agent } = useFloor();
  const item = callRef(call);
  const name = m.call_wrap_up_of({ caller: whoCalls(wrapUp) });
  return (
    <section
      className={css.full}
      aria-label={m.call_wrap_up()}
      data-testid="call-wrap-up"
      data-active="true"
      data-call={call}
    >
      <span className={css.sign}>
        <Icon name="pen" size={32} />
      </span>
      <div className={css.text}>
        <h2>{m.call_wrap_up()}</h2>
        <p className={css.caller}>{whoCalls(wrapUp)}</p>
        <p>{m.call_wrap_up_hint()}</p>
      </div>
      <div className={css.acts}>
        <Park item={item} name={name} />
        <ExtendWrapUp item={item} name={name} wrapUp={wrap_up} />
        <FinishWrapUp item={item} name={name} wrapUp={wrap_up} attended />
      </div>
      {agent.preempted !== null && <Preempted item={agent.preempted} shown={shown} />}
    </section>
  );
}

// The wrap-up of a call, while the agent is at it.

import type { ReactElement } from "react";
import { useFloor } from "../hooks";
import { callRef } from "../items";
import { m } from "../paraglide/messages.js";
import type { CallWrapUpView } from "../protocol/agent";
import { Preempted } from "./Call";
import { WrapUpBar } from "./Clock";
import css from "./CallWrapUp.module.css";
import { Icon } from "./Icon";
import { ExtendWrapUp, FinishWrapUp, Park } from "./ItemActs";
import { callerName } from "./names";
import type { Shown } from "./shown";

interface Props {
  wrapUp: CallWrapUpView;
  shown: Shown;
  /** A chat or a task is looked at below it. */
  slim: boolean;
}

export function CallWrapUp({ wrapUp: { call, caller, wrap_up }, shown, slim }: Props): ReactElement {
  const { agent } = useFloor();
  const item = callRef(call);
  const size = slim ? "compact-sm" : "sm";
  return (
    <section
      className={slim ? css.slim : css.full}
      aria-label={m.call_wrap_up()}
      data-testid="call-wrap-up"
      data-active="true"
      data-call={call}
    >
      <span className={css.sign}>
        <Icon name="pen" size={slim ? 18 : 32} />
      </span>
      <div className={css.text}>
        <h2>{m.call_wrap_up()}</h2>
        <p className={css.caller}>{callerName(caller)}</p>
        {!slim && <p>{m.call_wrap_up_hint()}</p>}
      </div>
      <div className={css.row}>
        <WrapUpBar wrapUp={wrap_up} name={m.call_wrap_up()} />
      </div>
      <div className={css.acts}>
        <Park item={item} size={size} />
        <ExtendWrapUp item={item} size={size} wrapUp={wrap_up} />
        <FinishWrapUp
          item={item}
          size={size}
          label={m.finish_call_wrap_up({ caller: callerName(caller) })}
          attended
        />
      </div>
      {!slim && agent.preempted !== null && <Preempted item={agent.preempted} shown={shown} />}
    </section>
  );
}

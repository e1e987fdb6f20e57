// The wrap-up of a call, while the agent is at it.

import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { callRef } from "../items";
import { m } from "../paraglide/messages.js";
import type { CallWrapUpView } from "../protocol/agent";
import { extendObstacle } from "../rules";
import { Act } from "./Act";
import { Preempted } from "./Call";
import { WrapUpBar } from "./Clock";
import css from "./CallWrapUp.module.css";
import { Icon } from "./Icon";
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
  const online = useOnline();
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
        <Act
          command={{ do: "park", item }}
          obstacle={online ? null : "offline"}
          size={size}
          variant="default"
          leftSection={<Icon name="pause" size={15} />}
          keys="Alt+P"
          testid="park"
          item={item}
        >
          {m.park()}
        </Act>
        <Act
          command={{ do: "extend_wrap_up", item }}
          obstacle={extendObstacle(wrap_up, agent.preempted !== null, online)}
          size={size}
          variant="default"
          testid="extend-wrap-up"
          item={item}
        >
          {m.extend()}
        </Act>
        <Act
          command={{ do: "finish", item }}
          obstacle={online ? null : "offline"}
          size={size}
          color="violet"
          leftSection={<Icon name="check" size={15} />}
          label={m.finish_call_wrap_up({ caller: callerName(caller) })}
          keys="Alt+F"
          testid="finish-wrap-up"
          item={item}
        >
          {m.finish()}
        </Act>
      </div>
      {!slim && agent.preempted !== null && <Preempted item={agent.preempted} shown={shown} />}
    </section>
  );
}

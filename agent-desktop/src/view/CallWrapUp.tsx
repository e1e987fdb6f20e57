// The wrap-up of the call that has just ended, while the agent is at it.

import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { WrapUpView } from "../protocol/agent";
import { Act } from "./Act";
import { Preempted } from "./Call";
import { WrapUpBar } from "./Clock";
import css from "./CallWrapUp.module.css";
import { Icon } from "./Icon";
import type { Shown } from "./shown";

interface Props {
  wrapUp: WrapUpView;
  shown: Shown;
  /** A chat is looked at below it. */
  slim: boolean;
}

export function CallWrapUp({ wrapUp, shown, slim }: Props): ReactElement {
  const { agent } = useFloor();
  const online = useOnline();
  return (
    <section
      className={slim ? css.slim : css.full}
      aria-label={m.call_wrap_up()}
      data-testid="call-wrap-up"
      data-active="true"
    >
      <span className={css.sign}>
        <Icon name="pen" size={slim ? 18 : 32} />
      </span>
      <div className={css.text}>
        <h2>{m.call_wrap_up()}</h2>
        {!slim && <p>{m.call_wrap_up_hint()}</p>}
      </div>
      <div className={css.row}>
        <WrapUpBar wrapUp={wrapUp} name={m.call_wrap_up()} />
        <Act
          command={{ do: "finish_wrap_up", chat: null }}
          obstacle={online ? null : "offline"}
          size="sm"
          color="violet"
          label={m.finish_call_wrap_up()}
          keys="Alt+F"
          testid="finish-wrap-up"
        >
          {m.finish()}
        </Act>
      </div>
      {!slim && agent.preempted !== null && <Preempted chat={agent.preempted} shown={shown} />}
    </section>
  );
}

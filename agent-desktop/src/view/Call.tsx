// The running call, and the chat that waits for its end.

import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ActiveView, ItemRef } from "../protocol/agent";
import { unread } from "../state";
import { Act, itemData } from "./Act";
import css from "./Call.module.css";
import { Since } from "./Clock";
import { Icon } from "./Icon";
import { callerName, callName, itemName } from "./names";
import type { Shown } from "./shown";
import { TransferCall } from "./Transfer";
import { Why } from "./Why";

interface Props {
  call: Extract<ActiveView, { kind: "call" }>;
  shown: Shown;
  /** A chat is looked at below it. */
  slim: boolean;
}

export function Call({ call, shown, slim }: Props): ReactElement {
  const { agent } = useFloor();
  const online = useOnline();
  return (
    <section
      className={slim ? css.slim : css.full}
      aria-label={m.call_running()}
      data-testid="call"
      data-caller={call.caller}
    >
      <span className={css.sign}>
        <Icon name="phone" size={slim ? 18 : 34} />
      </span>
      <div className={css.who}>
        <h2>
          <span className={css.kind}>{m.call_running()}</span>
          <span className={css.caller}>{callerName(call.caller)}</span>
        </h2>
        <p className={css.queue}>
          {call.queue} · {callName(call.call)}
        </p>
      </div>
      <Since at={call.since} className={css.time} />
      <div className={css.acts}>
        <TransferCall call={call.call} slim={slim} />
        <Act
          command={{ do: "hang_up", call: call.call }}
          obstacle={online ? null : "offline"}
          size={slim ? "compact-md" : "md"}
          color="red"
          leftSection={<Icon name="phone" size={18} turn={135} />}
          testid="hang-up"
        >
          {m.hang_up()}
        </Act>
      </div>
      {slim ? (
        <Button size="compact-md" variant="default" onClick={() => shown.select(null)}>
          {m.back_to_call()}
        </Button>
      ) : agent.presence.presence === "logging_out" ? (
        <p className={css.after}>{m.call_then_logged_out()}</p>
      ) : (
        agent.preempted !== null && <Preempted item={agent.preempted} shown={shown} />
      )}
      {!slim && call.why !== null && <Why why={call.why} className={css.why} />}
    </section>
  );
}

/** What a call pushed aside; a chat with what its visitor wrote meanwhile. */
export function Preempted({ item, shown }: { item: ItemRef; shown: Shown }): ReactElement {
  const state = useFloor();
  const chat = item.kind === "chat" ? state.chats.get(item.id) : undefined;
  const count = chat === undefined ? 0 : unread(chat, state.messages.get(item.id));
  const over = chat?.state.state === "wrap_up";
  const name = itemName(item, state);
  const known = chat !== undefined || state.tasks.has(item.id);
  return (
    <div className={css.parked} data-testid="preempted" {...itemData(item)}>
      <span className={css.parkedSign}>
        <Icon name="pause" size={18} />
      </span>
      <p>
        <b>{over ? m.preempted_over({ item: name }) : m.preempted({ item: name })}</b>{" "}
        {over ? m.preempted_over_hint() : item.kind === "chat" ? m.preempted_hint() : ""}
        {count > 0 && <span className={css.news}> {m.preempted_unread({ count })}</span>}
      </p>
      {known && (
        <Button size="compact-sm" variant="default" onClick={() => shown.select(item)}>
          {m.look_at_it()}
        </Button>
      )}
    </div>
  );
}

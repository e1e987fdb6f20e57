// The running call, and the chat that waits for its end.

import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ItemRef } from "../../../web-shared/src/protocol/agent";
import { callObstacle } from "../rules";
import { unread, type RunningCall } from "../state";
import { Act, itemData } from "./Act";
import css from "./Call.module.css";
import { Since } from "./Clock";
import { Icon } from "./Icon";
import { callerName, callName, itemName, whoCalls } from "./names";
import { keyShortcut } from "./shortcuts";
import type { Shown } from "./shown";
import { TransferCall } from "./Transfer";
import { Why } from "./Why";

interface Props {
  call: RunningCall;
  shown: Shown;
}

/** In the strip, whatever is looked at. The call is taken in the place where declining was, and nothing is ended there. */
export function CallBar({ call, shown }: Props): ReactElement {
  const online = useOnline();
  return (
    <div role="group"
      className={css.bar}
      aria-label={m.call_running()}
      data-testid="call-bar"
      data-caller={call.caller}
      data-held={call.held ?? "nobody"}
    >
      <button type="button" className={css.look} onClick={() => shown.select(null)} title={m.back_to_call()}>
        <span className={css.caller}>{whoCalls(call)}</span>
        <span className={css.queue}>{call.held === null ? call.queue : heldBy(call.held)}</span>
      </button>
      <Since at={call.since} className={css.time} />
      <Act
        command={{ do: "hang_up", call: call.call }}
        obstacle={callObstacle(call, online)}
        color="red"
        size="sm"
        className={css.hangUp}
        leftSection={<Icon name="phone" size={16} turn={135} />}
        label={m.act_on({ act: m.hang_up(), item: whoCalls(call) })}
        keys={keyShortcut("hang_up")}
        testid="hang-up"
      >
        {m.hang_up()}
      </Act>
      <TransferCall call={call} />
    </div>
  );
}

function heldBy(side: NonNullable<RunningCall["held"]>): string {
  return side === "agent" ? m.call_held_by_agent() : m.call_held_by_caller();
}

export function Call({ call, shown }: Props): ReactElement {
  const { agent } = useFloor();
  return (
    <section className={css.full} aria-label={m.call_running()} data-testid="call" data-caller={call.caller}>
      <span className={css.sign}>
        <Icon name={call.held === null ? "phone" : "pause"} size={34} />
      </span>
      <div className={css.who}>
        <h2>
          <span className={css.kind}>{call.held === null ? m.call_running() : heldBy(call.held)}</span>
          <span className={css.caller}>{whoCalls(call)}</span>
        </h2>
        <p className={css.queue}>
          {call.contact !== null && `${callerName(call.caller)} · `}
          <bdi>{call.queue}</bdi> · {callName(call.call)}
        </p>
      </div>
      {agent.presence.presence === "logging_out" ? (
        <p className={css.after}>{m.call_then_logged_out()}</p>
      ) : (
        agent.preempted !== null && <Preempted item={agent.preempted} shown={shown} />
      )}
      {call.why !== null && <Why why={call.why} className={css.why} />}
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

// The running call, and the chat that waits for its end.

import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ActiveView } from "../protocol/agent";
import { unread } from "../state";
import { Act } from "./Act";
import css from "./Call.module.css";
import { Since } from "./Clock";
import { Icon } from "./Icon";
import { callerName, chatName } from "./names";
import type { Shown } from "./shown";

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
        <p className={css.queue}>{call.queue}</p>
      </div>
      <Since at={call.since} className={css.time} />
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
      {slim ? (
        <Button size="compact-md" variant="default" onClick={() => shown.select(null)}>
          {m.back_to_call()}
        </Button>
      ) : agent.presence.presence === "logging_out" ? (
        <p className={css.after}>{m.call_then_logged_out()}</p>
      ) : (
        agent.preempted !== null && <Preempted chat={agent.preempted} shown={shown} />
      )}
    </section>
  );
}

/** The chat that a call pushed aside, with what its visitor wrote meanwhile. */
export function Preempted({ chat, shown }: { chat: number; shown: Shown }): ReactElement {
  const state = useFloor();
  const view = state.chats.get(chat);
  const count = view === undefined ? 0 : unread(view, state.messages.get(chat));
  const over = view?.state.state === "wrap_up";
  return (
    <div className={css.parked} data-testid="preempted" data-chat={chat}>
      <span className={css.parkedSign}>
        <Icon name="pause" size={18} />
      </span>
      <p>
        <b>{over ? m.preempted_over({ chat: chatName(chat) }) : m.preempted({ chat: chatName(chat) })}</b>{" "}
        {over ? m.preempted_over_hint() : m.preempted_hint()}
        {count > 0 && <span className={css.news}> {m.preempted_unread({ count })}</span>}
      </p>
      {view !== undefined && (
        <Button size="compact-sm" variant="default" onClick={() => shown.select(chat)}>
          {m.look_at_chat()}
        </Button>
      )}
    </div>
  );
}

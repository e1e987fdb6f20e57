// What the agent attends to, and the chat that they look at: mostly the same.

import { Button } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { useDesk, useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ChatView } from "../protocol/agent";
import { Act } from "./Act";
import { Call } from "./Call";
import { CallWrapUp } from "./CallWrapUp";
import { Chat } from "./Chat";
import { Icon } from "./Icon";
import css from "./Main.module.css";
import { chatName } from "./names";
import type { Shown } from "./shown";

const RESUMED_SHOWN_MS = 20_000;

export function Main({ shown }: { shown: Shown }): ReactElement {
  const { agent, chats } = useFloor();
  const { active } = agent;
  const [resumed, forget] = useResumed();
  const chat = shown.chat === null ? undefined : chats.get(shown.chat);
  const elsewhere = active?.kind === "chat" && chat !== undefined && chat.chat !== active.chat ? active.chat : null;

  return (
    <main
      className={css.main}
      data-testid="active"
      data-kind={active?.kind ?? "none"}
      data-chat={active?.kind === "chat" ? active.chat : undefined}
    >
      {active?.kind === "call" && <Call call={active} shown={shown} slim={chat !== undefined} />}
      {active?.kind === "call_wrap_up" && (
        <CallWrapUp wrapUp={active.wrap_up} shown={shown} slim={chat !== undefined} />
      )}
      {elsewhere !== null && (
        <div className={css.elsewhere}>
          <span>{m.looking_elsewhere({ chat: chatName(elsewhere) })}</span>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Icon name="back" size={14} />}
            onClick={() => shown.select(null)}
          >
            {m.back_to_active()}
          </Button>
        </div>
      )}
      {resumed !== null && active?.kind === "chat" && active.chat === resumed && chat !== undefined && isBack(chat, resumed) && (
        <div className={css.resumed}>
          <Icon name="play" size={16} />
          <span>
            {chat.state.state === "wrap_up"
              ? m.resumed_wrap_up({ chat: chatName(resumed) })
              : m.resumed({ chat: chatName(resumed) })}
          </span>
          <Button size="compact-sm" variant="subtle" onClick={forget}>
            {m.understood()}
          </Button>
        </div>
      )}
      {chat === undefined
        ? (active === null || active.kind === "chat") && <Nothing />
        : <Chat key={chat.chat} chat={chat} onWrite={forget} />}
    </main>
  );
}

/** What the agent ended themselves since is no news either. */
function isBack(chat: ChatView, resumed: number): boolean {
  return chat.chat === resumed && !(chat.state.state === "wrap_up" && chat.state.ended_by === "agent");
}

/** The chat that has just come back after a call; the agent's first word or a while later that is no news. */
function useResumed(): [number | null, () => void] {
  const { told } = useDesk();
  const [chat, setChat] = useState<number | null>(null);
  useEffect(
    () =>
      told.subscribe(() => {
        const moment = told.get()?.moment;
        if (moment?.kind === "resumed") setChat(moment.chat);
        else if (moment?.kind === "call_began") setChat(null);
      }),
    [told],
  );
  useEffect(() => {
    if (chat === null) return undefined;
    const timer = setTimeout(() => setChat(null), RESUMED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [chat]);
  return [chat, () => setChat(null)];
}

function Nothing(): ReactElement {
  const { agent, chats } = useFloor();
  const online = useOnline();
  const out = agent.presence.presence === "logged_out";
  return (
    <div className={css.nothing}>
      <span className={css.sign}>
        <Icon name={out ? "clock" : "chat"} size={30} />
      </span>
      <h2>{out ? m.nothing_logged_out() : m.nothing()}</h2>
      <p>{out ? m.nothing_logged_out_hint() : chats.size > 0 ? m.nothing_hint_inbox() : m.nothing_hint()}</p>
      {out && (
        <Act command={{ do: "log_in" }} obstacle={online ? null : "offline"} size="md">
          {m.log_in()}
        </Act>
      )}
    </div>
  );
}

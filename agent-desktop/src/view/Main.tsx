// What the agent attends to, and the chat or task that they look at: mostly the same.

import { Button } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { useDesk, useFloor, useOnline } from "../hooks";
import { sameItem } from "../items";
import { m } from "../paraglide/messages.js";
import type { ChatView, ItemRef } from "../protocol/agent";
import { activeItem, inbox } from "../state";
import { Act, itemData } from "./Act";
import { Call } from "./Call";
import { CallWrapUp } from "./CallWrapUp";
import { Chat } from "./Chat";
import { Icon } from "./Icon";
import css from "./Main.module.css";
import { itemName } from "./names";
import type { Shown } from "./shown";
import { Task } from "./Task";

const RESUMED_SHOWN_MS = 20_000;

export function Main({ shown }: { shown: Shown }): ReactElement {
  const state = useFloor();
  const { active } = state.agent;
  const [resumed, forget] = useResumed();
  const chat = shown.item?.kind === "chat" ? state.chats.get(shown.item.id) : undefined;
  const task = shown.item?.kind === "task" ? state.tasks.get(shown.item.id) : undefined;
  const nothing = chat === undefined && task === undefined;
  const attended = active?.kind === "chat" || active?.kind === "task" ? activeItem(active) : null;
  const elsewhere = attended !== null && !nothing && !sameItem(attended, shown.item) ? attended : null;
  const back = resumed !== null && sameItem(resumed, attended) && sameItem(resumed, shown.item) && !isOver(chat);

  return (
    <main
      className={css.main}
      data-testid="active"
      data-kind={active?.kind ?? "none"}
      {...(attended === null ? {} : itemData(attended))}
    >
      {active?.kind === "call" && <Call call={active} shown={shown} slim={!nothing} />}
      {active?.kind === "call_wrap_up" && <CallWrapUp wrapUp={active.wrap_up} shown={shown} slim={!nothing} />}
      {elsewhere !== null && (
        <div className={css.elsewhere}>
          <span>{m.looking_elsewhere({ item: itemName(elsewhere, state) })}</span>
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
      {back && (
        <div className={css.resumed}>
          <Icon name="play" size={16} />
          <span>
            {chat?.state.state === "wrap_up"
              ? m.resumed_wrap_up({ item: itemName(resumed, state) })
              : m.resumed({ item: itemName(resumed, state) })}
          </span>
          <Button size="compact-sm" variant="subtle" onClick={forget}>
            {m.understood()}
          </Button>
        </div>
      )}
      {chat !== undefined && <Chat key={chat.chat} chat={chat} onWrite={forget} />}
      {task !== undefined && <Task key={task.task} task={task} />}
      {nothing && (active === null || active.kind === "chat" || active.kind === "task") && <Nothing />}
    </main>
  );
}

/** What the agent ended themselves since is no news. */
function isOver(chat: ChatView | undefined): boolean {
  return chat?.state.state === "wrap_up" && chat.state.ended_by === "agent";
}

/** What has just come back after a call; the agent's first word or a while later that is no news. */
function useResumed(): [ItemRef | null, () => void] {
  const { told } = useDesk();
  const [item, setItem] = useState<ItemRef | null>(null);
  useEffect(
    () =>
      told.subscribe(() => {
        const moment = told.get()?.moment;
        if (moment?.kind === "resumed") setItem(moment.item);
        else if (moment?.kind === "call_began") setItem(null);
      }),
    [told],
  );
  useEffect(() => {
    if (item === null) return undefined;
    const timer = setTimeout(() => setItem(null), RESUMED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [item]);
  return [item, () => setItem(null)];
}

function Nothing(): ReactElement {
  const state = useFloor();
  const online = useOnline();
  const obstacle = online ? null : "offline";
  const { presence } = state.agent.presence;
  const kind = presence === "logged_out" ? "out" : presence === "break" ? "break" : "idle";
  const words = WORDS[kind];
  const waits = inbox(state).length > 0;
  return (
    <div className={css.nothing}>
      <span className={css.sign}>
        <Icon name={words.icon} size={30} />
      </span>
      <h2>{words.title()}</h2>
      <p>{waits ? words.hintInbox() : words.hint()}</p>
      {kind !== "idle" && (
        <Act command={{ do: "log_in" }} obstacle={obstacle} size="md">
          {kind === "out" ? m.log_in() : m.break_end()}
        </Act>
      )}
    </div>
  );
}

const WORDS = {
  out: {
    icon: "clock",
    title: m.nothing_logged_out,
    hint: m.nothing_logged_out_hint,
    hintInbox: m.nothing_logged_out_hint,
  },
  break: { icon: "cup", title: m.nothing_break, hint: m.nothing_break_hint, hintInbox: m.nothing_break_hint_inbox },
  idle: { icon: "chat", title: m.nothing, hint: m.nothing_hint, hintInbox: m.nothing_hint_inbox },
} as const;

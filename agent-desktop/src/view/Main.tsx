// What the agent attends to, and the chat or task that they look at: mostly the same.

import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { callRef, itemKey, sameItem, taskRef } from "../items";
import { m } from "../paraglide/messages.js";
import type { ActiveView, ItemRef } from "../../../web-shared/src/protocol/agent";
import { activeItem, inbox } from "../state";
import { Act, itemData } from "./Act";
import { Call } from "./Call";
import { CallWrapUp } from "./CallWrapUp";
import { Chat } from "./Chat";
import { Icon } from "./Icon";
import css from "./Main.module.css";
import { itemName, taskName, whoCalls } from "./names";
import type { Shown } from "./shown";
import { Task } from "./Task";
import { WriteUp } from "./WriteUp";

export function Main({ shown }: { shown: Shown }): ReactElement {
  const state = useFloor();
  const { active } = state.agent;
  const chat = shown.item?.kind === "chat" ? state.chats.get(shown.item.id) : undefined;
  const task = shown.item?.kind === "task" ? state.tasks.get(shown.item.id) : undefined;
  const nothing = chat === undefined && task === undefined;
  const written = task === undefined ? (nothing ? ofCall(active) : null) : { item: taskRef(task.task), name: taskName(task) };
  const attended = active?.kind === "chat" || active?.kind === "task" ? activeItem(active) : null;
  const elsewhere = attended === null || nothing || sameItem(attended, shown.item) ? null : (
    <Elsewhere item={attended} onBack={() => shown.select(null)} />
  );
  return (
    <section
      className={css.main}
      aria-label={m.pane_main()}
      data-testid="active"
      data-kind={active?.kind ?? "none"}
      {...(attended === null ? {} : itemData(attended))}
    >
      {nothing && active?.kind === "call" && <Call call={active} shown={shown} />}
      {nothing && active?.kind === "call_wrap_up" && <CallWrapUp wrapUp={active.wrap_up} shown={shown} />}
      {chat !== undefined && <Chat key={chat.chat} chat={chat} elsewhere={elsewhere} />}
      {task !== undefined && <Task key={task.task} task={task} elsewhere={elsewhere} />}
      {written !== null && <WriteUp key={itemKey(written.item)} {...written} open />}
      {nothing && (active === null || active.kind === "chat" || active.kind === "task") && <Nothing />}
    </section>
  );
}

/** The call, also in its wrap-up: what is being written of it goes on in the same place. */
function ofCall(active: ActiveView | null): { item: ItemRef; name: string } | null {
  const call = active?.kind === "call" ? active : active?.kind === "call_wrap_up" ? active.wrap_up : null;
  return call === null ? null : { item: callRef(call.call), name: whoCalls(call) };
}

/** Where something is looked at that is not active: what is, and the way there. */
function Elsewhere({ item, onBack }: { item: ItemRef; onBack(): void }): ReactElement {
  const state = useFloor();
  return (
    <span className={css.elsewhere}>
      <span>{m.looking_elsewhere({ item: itemName(item, state) })}</span>
      <Button size="compact-xs" variant="default" leftSection={<Icon name="back" size={13} />} onClick={onBack}>
        {m.back_to_active()}
      </Button>
    </span>
  );
}

function Nothing(): ReactElement {
  const state = useFloor();
  const online = useOnline();
  const obstacle = online ? null : "offline";
  const { presence } = state.agent.presence;
  const kind = presence === "logged_out" ? "out" : presence === "break" ? "break" : "idle";
  const words = WORDS[kind];
  const waits = inbox(state).length > 0;
  const hints = state.agent.calls.calls === "no_phone" ? words.noPhone : words;
  return (
    <div className={css.nothing}>
      <span className={css.sign}>
        <Icon name={words.icon} size={30} />
      </span>
      <h2>{words.title()}</h2>
      <p>{waits ? hints.hintInbox() : hints.hint()}</p>
      {kind !== "idle" && (
        <Act command={{ do: "log_in" }} obstacle={obstacle} size="md">
          {kind === "out" ? m.log_in() : m.break_end()}
        </Act>
      )}
    </div>
  );
}

const BREAK = { hint: m.nothing_break_hint, hintInbox: m.nothing_break_hint_inbox };

const WORDS = {
  out: {
    icon: "clock",
    title: m.nothing_logged_out,
    hint: m.nothing_logged_out_hint,
    hintInbox: m.nothing_logged_out_hint,
    noPhone: { hint: m.nothing_logged_out_hint_no_phone, hintInbox: m.nothing_logged_out_hint_no_phone },
  },
  break: { icon: "cup", title: m.nothing_break, ...BREAK, noPhone: BREAK },
  idle: {
    icon: "chat",
    title: m.nothing,
    hint: m.nothing_hint,
    hintInbox: m.nothing_hint_inbox,
    noPhone: { hint: m.nothing_hint_no_phone, hintInbox: m.nothing_hint_inbox_no_phone },
  },
} as const;

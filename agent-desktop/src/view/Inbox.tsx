// The chats that the agent owns, and a call's wrap-up that waits.

import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ChatView, WrapUpView } from "../protocol/agent";
import { activateObstacle, nextToActivate } from "../rules";
import { attended, inbox, unread } from "../state";
import { Act } from "./Act";
import { HandlingClock, WrapUpBar } from "./Clock";
import { Icon } from "./Icon";
import css from "./Inbox.module.css";
import { chatName, pageName, stateName } from "./names";
import { Panel } from "./Panel";
import type { Shown } from "./shown";

export function Inbox({ shown }: { shown: Shown }): ReactElement {
  const state = useFloor();
  const chats = inbox(state);
  const wrapUp = state.agent.call_wrap_up;
  return (
    <Panel title={m.inbox()} count={chats.length} label={m.inbox_count({ count: chats.length })}>
      {wrapUp !== null && <CallWrapUp wrapUp={wrapUp} />}
      {chats.length === 0 && wrapUp === null && (
        <div className={css.empty}>
          <Icon name="inbox" size={28} />
          <p>{m.inbox_empty()}</p>
        </div>
      )}
      <ul className={css.items}>
        {chats.map((chat) => (
          <Item key={chat.chat} chat={chat} selected={shown.chat === chat.chat} onSelect={() => shown.select(chat.chat)} />
        ))}
      </ul>
    </Panel>
  );
}

interface ItemProps {
  chat: ChatView;
  selected: boolean;
  onSelect(): void;
}

function Item({ chat, selected, onSelect }: ItemProps): ReactElement {
  const state = useFloor();
  const online = useOnline();
  const messages = state.messages.get(chat.chat);
  const last = messages?.at(-1);
  const count = unread(chat, messages);
  const typing = state.typing.has(chat.chat);
  const page = chat.page === "" ? null : pageName(chat.page);
  return (
    <li
      className={css.item}
      data-testid="inbox-item"
      data-chat={chat.chat}
      data-state={chat.state.state}
      data-wrap-up-active={chat.state.state === "wrap_up" ? chat.state.active : undefined}
      data-selected={selected}
    >
      <button type="button" className={css.open} onClick={onSelect} aria-current={selected}>
        <span className={css.line}>
          <strong>{chatName(chat.chat)}</strong>
          <span className={css.online} data-online={chat.visitor_online}>
            {chat.visitor_online ? m.visitor_online() : m.visitor_offline()}
          </span>
          <span className={css.clock}>
            <HandlingClock clock={chat.handling} chat={chat.chat} />
          </span>
        </span>
        {page !== null && <span className={css.page}>{page}</span>}
        <span className={css.line}>
          <span className={css.preview}>
            {typing ? m.visitor_types() : last === undefined ? m.no_messages() : previewOf(last.author, last.text)}
          </span>
          {count > 0 && (
            <span className={css.unread}>
              <span data-testid="unread">{count}</span>
              <span className="hidden"> {m.unread_suffix()}</span>
            </span>
          )}
        </span>
      </button>
      <div className={css.foot}>
        <span className={css.badge} data-state={chat.state.state}>
          {stateName(chat.state)}
        </span>
        {!attended(chat) && (
          <Act
            command={{ do: "activate", chat: chat.chat }}
            obstacle={activateObstacle(state, online)}
            variant="light"
            label={m.activate_label({ chat: chatName(chat.chat) })}
            {...(nextToActivate(state) === chat.chat ? { keys: "Alt+A" } : {})}
            testid="activate"
            chat={chat.chat}
          >
            {m.activate()}
          </Act>
        )}
      </div>
    </li>
  );
}

function previewOf(author: "visitor" | "agent", text: string): string {
  return author === "agent" ? m.you_wrote({ text }) : text;
}

function CallWrapUp({ wrapUp }: { wrapUp: WrapUpView }): ReactElement {
  const online = useOnline();
  return (
    <div className={css.callWrapUp} data-testid="call-wrap-up" data-active="false">
      <p className={css.callWrapUpHead}>
        {m.call_wrap_up()}
        <span className={css.badge} data-state="wrap_up">
          {m.state_parked()}
        </span>
      </p>
      <div className={css.callWrapUpRow}>
        <WrapUpBar wrapUp={wrapUp} name={m.call_wrap_up()} />
        <Act
          command={{ do: "finish_wrap_up", chat: null }}
          obstacle={online ? null : "offline"}
          variant="light"
          color="violet"
          label={m.finish_call_wrap_up()}
          testid="finish-wrap-up"
        >
          {m.finish()}
        </Act>
      </div>
    </div>
  );
}

// The chats and tasks that the agent owns, and the wrap-ups of calls that wait.

import type { ReactElement, ReactNode } from "react";
import { CHANNELS } from "../codes";
import { useFloor, useNow, useOnline } from "../hooks";
import { callRef, itemKey, sameItem } from "../items";
import { m } from "../paraglide/messages.js";
import type { CallWrapUpView, ChatView, ItemRef, TaskView } from "../protocol/agent";
import { activateObstacle, nextToActivate } from "../rules";
import { attended, inbox, parkedWrapUps, unread } from "../state";
import { Act } from "./Act";
import { HandlingClock, Until, WrapUpBar } from "./Clock";
import { Icon } from "./Icon";
import css from "./Inbox.module.css";
import { FinishAll } from "./ItemActs";
import { callerName, chatName, pageName, stateName, taskName } from "./names";
import { Panel } from "./Panel";
import { CHANNEL_ICONS } from "./Queues";
import type { Shown } from "./shown";

export function Inbox({ shown }: { shown: Shown }): ReactElement {
  const state = useFloor();
  const items = inbox(state);
  const wrapUps = state.agent.call_wrap_ups;
  const count = items.length + wrapUps.length;
  return (
    <Panel title={m.inbox()} count={count} label={m.inbox_count({ count })}>
      {wrapUps.map((wrapUp) => (
        <CallWrapUp key={wrapUp.call} wrapUp={wrapUp} />
      ))}
      {count === 0 && (
        <div className={css.empty}>
          <Icon name="inbox" size={28} />
          <p>{m.inbox_empty()}</p>
        </div>
      )}
      <ul className={css.items}>
        {items.map(({ kind, item, view }) => {
          const open = { item, selected: sameItem(shown.item, item), onSelect: () => shown.select(item) };
          return kind === "chat" ? (
            <Chat key={itemKey(item)} chat={view} {...open} />
          ) : (
            <Task key={itemKey(item)} task={view} {...open} />
          );
        })}
      </ul>
      {/* Below all that is listed: it comes and goes without moving anything. */}
      <FinishAll items={parkedWrapUps(state)} className={css.finishAll} />
    </Panel>
  );
}

interface Open {
  item: ItemRef;
  selected: boolean;
  onSelect(): void;
}

function Chat({ chat, item, selected, onSelect }: Open & { chat: ChatView }): ReactElement {
  const state = useFloor();
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
            <HandlingClock clock={chat.handling} item={item} />
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
      <Foot
        item={item}
        name={chatName(chat.chat)}
        attended={attended(chat)}
        finishes={chat.state.state === "wrap_up" && !chat.state.active}
      >
        <Badge state={chat.state.state} until={untilOf(chat)}>
          {stateName(chat.state)}
        </Badge>
        {chat.alarm && (
          <span className={css.alarm} data-testid="alarm">
            {alarmOf(chat)}
          </span>
        )}
      </Foot>
    </li>
  );
}

function Task({ task, item, selected, onSelect }: Open & { task: TaskView }): ReactElement {
  const { agent } = useFloor();
  const preempted = sameItem(agent.preempted, item);
  const state = preempted ? "preempted" : task.state.state;
  return (
    <li
      className={css.item}
      data-testid="inbox-item"
      data-task={task.task}
      data-state={state}
      data-selected={selected}
    >
      <button type="button" className={css.open} onClick={onSelect} aria-current={selected}>
        <span className={css.line}>
          <Icon name={CHANNEL_ICONS[task.channel]} size={15} />
          <strong>{CHANNELS[task.channel]()}</strong>
          <span className={css.clock}>
            <HandlingClock clock={task.handling} item={item} />
          </span>
        </span>
        <span className={css.line}>
          <span className={css.preview}>{task.text === "" ? task.queue_name : task.text}</span>
        </span>
      </button>
      <Foot item={item} name={taskName(task)} attended={task.state.state === "active"}>
        <Badge state={state} until={untilOf(task)}>
          {preempted ? m.state_preempted() : stateName(task.state)}
        </Badge>
      </Foot>
    </li>
  );
}

interface FootProps {
  item: ItemRef;
  name: string;
  attended: boolean;
  /** It is over, and can be done with from here. */
  finishes?: boolean;
  children: ReactNode;
}

/** Where an item stands, and how to turn to it. */
function Foot({ item, name, attended: isActive, finishes = false, children }: FootProps): ReactElement {
  const state = useFloor();
  const online = useOnline();
  return (
    <div className={css.foot}>
      <span className={css.badges}>
        {children}
        {sameItem(state.agent.next, item) && (
          <span className={css.badge} data-testid="next">
            {m.comes_next()}
          </span>
        )}
      </span>
      {!isActive && (
        <Act
          command={{ do: "activate", item }}
          obstacle={activateObstacle(state, online)}
          variant="light"
          label={m.activate_label({ item: name })}
          {...(sameItem(nextToActivate(state), item) ? { keys: "Alt+A" } : {})}
          testid="activate"
          item={item}
        >
          {m.activate()}
        </Act>
      )}
      {finishes && (
        <Act
          command={{ do: "finish", item }}
          obstacle={online ? null : "offline"}
          variant="default"
          label={m.finish_wrap_up_of({ item: name })}
          testid="inbox-finish"
          item={item}
        >
          {m.finish()}
        </Act>
      )}
    </div>
  );
}

function Badge({ state, until, children }: { state: string; until: number | null; children: ReactNode }): ReactElement {
  return (
    <span className={css.badge} data-state={state} data-alerting={until !== null}>
      {children}
      {until !== null && <Until at={until} />}
    </span>
  );
}

function untilOf({ state }: ChatView | TaskView): number | null {
  return state.state === "allocated" ? state.until : null;
}

/** What needs attention depends on where the chat stands. */
function alarmOf({ state }: ChatView): string {
  switch (state.state) {
    case "allocated":
      return m.alarm_not_turned_to();
    case "wrap_up":
      return m.alarm_wrap_up();
    case "active":
    case "parked":
    case "preempted":
      return m.alarm_visitor_waits();
  }
}

function previewOf(author: "visitor" | "agent", text: string): string {
  return author === "agent" ? m.you_wrote({ text }) : text;
}

function CallWrapUp({ wrapUp: { call, caller, wrap_up, reminds_at } }: { wrapUp: CallWrapUpView }): ReactElement {
  const state = useFloor();
  const reminds = useNow() >= (reminds_at ?? Infinity);
  const online = useOnline();
  const item = callRef(call);
  const name = callerName(caller);
  return (
    <div className={css.callWrapUp} data-testid="call-wrap-up" data-active="false" data-call={call}>
      <p className={css.callWrapUpHead}>
        <Icon name="phone" size={14} />
        <span className={css.caller}>{name}</span>
        {/* In the same place: nothing moves when the reminder comes. */}
        {reminds ? (
          <span className={css.alarm} data-testid="alarm">
            {m.alarm_wrap_up()}
          </span>
        ) : (
          <span className={css.badge} data-state="wrap_up">
            {m.state_wrap_up_parked()}
          </span>
        )}
      </p>
      <div className={css.callWrapUpRow}>
        <WrapUpBar wrapUp={wrap_up} name={m.call_wrap_up_of({ caller: name })} />
        <Act
          command={{ do: "activate", item }}
          obstacle={activateObstacle(state, online)}
          variant="light"
          color="violet"
          label={m.activate_label({ item: m.call_wrap_up_of({ caller: name }) })}
          {...(sameItem(nextToActivate(state), item) ? { keys: "Alt+A" } : {})}
          testid="activate"
          item={item}
        >
          {m.activate()}
        </Act>
        <Act
          command={{ do: "finish", item }}
          obstacle={online ? null : "offline"}
          variant="default"
          label={m.finish_call_wrap_up({ caller: name })}
          testid="finish-wrap-up"
          item={item}
        >
          {m.finish()}
        </Act>
      </div>
    </div>
  );
}

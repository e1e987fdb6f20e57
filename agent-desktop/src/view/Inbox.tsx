// The chats and tasks that the agent owns, and the wrap-ups of calls that wait.

import type { ReactElement, ReactNode } from "react";
import { CHANNELS } from "../codes";
import { useFloor, useNow, useOnline, useStore } from "../hooks";
import { callRef, itemKey, sameItem } from "../items";
import { m } from "../paraglide/messages.js";
import type { CallWrapUpView, ChatView, ItemRef, TaskView, WrapUpView } from "../../../web-shared/src/protocol/agent";
import type { Message } from "../../../web-shared/src/protocol/visitor";
import { activateObstacle, nextToActivate, obstacle } from "../rules";
import { attended, inbox, parkedWrapUps, unread, type InboxItem, type State } from "../state";
import { waitingFirst } from "../unanswered";
import { Act } from "./Act";
import { HandlingClock, Until, WrapUpBar } from "./Clock";
import { useHand, useHeld } from "./hand";
import { Icon } from "./Icon";
import css from "./Inbox.module.css";
import { FinishAll } from "./ItemActs";
import { chatName, pageName, stateName, taskName, unreadName, whoCalls } from "./names";
import { Panel } from "./Panel";
import { CHANNEL_ICONS } from "./Queues";
import type { Shown } from "./shown";
import { LongestFirst, longestFirst, Unanswered } from "./Unanswered";

/** A row of the inbox: the wrap-ups of calls come first, and what finishes several of them stands below all. */
type InboxRow =
  | { readonly kind: "call_wrap_up"; readonly wrapUp: CallWrapUpView }
  | InboxItem
  | { readonly kind: "finish_all"; readonly items: readonly ItemRef[] };

function rowsOf(state: State, longest: boolean): InboxRow[] {
  const wrapUps = state.agent.call_wrap_ups.map((wrapUp) => ({ kind: "call_wrap_up" as const, wrapUp }));
  const items = parkedWrapUps(state);
  const finishAll = items.length < 2 ? [] : [{ kind: "finish_all" as const, items }];
  const all = inbox(state);
  return [...wrapUps, ...(longest ? waitingFirst(all) : all), ...finishAll];
}

function keyOf(row: InboxRow): string {
  switch (row.kind) {
    case "call_wrap_up":
      return itemKey(callRef(row.wrapUp.call));
    case "chat":
    case "task":
      return itemKey(row.item);
    case "finish_all":
      return row.kind;
  }
}

export function Inbox({ shown }: { shown: Shown }): ReactElement {
  const state = useFloor();
  const hand = useHand();
  const rows = useHeld(rowsOf(state, useStore(longestFirst)), keyOf, hand);
  const count = inbox(state).length + state.agent.call_wrap_ups.length;
  const fresh = rows.filter((row) => row.fresh && !row.gone && row.value.kind !== "finish_all").length;
  return (
    <Panel title={m.inbox()} count={count} label={m.inbox_count({ count })} fresh={fresh} hand={hand}>
      {rows.length === 0 && (
        <div className={css.empty}>
          <Icon name="inbox" size={28} />
          <p>{m.inbox_empty()}</p>
        </div>
      )}
      {state.chats.size > 1 && <LongestFirst />}
      <ul className={css.items}>
        {rows.map(({ value, gone }) => {
          const key = keyOf(value);
          if (value.kind === "call_wrap_up") return <CallWrapUp key={key} wrapUp={value.wrapUp} gone={gone} />;
          if (value.kind === "finish_all") {
            return (
              <li key={key}>
                <FinishAll items={value.items} gone={gone} className={css.finishAll} />
              </li>
            );
          }
          const { item } = value;
          const open = { item, gone, selected: sameItem(shown.item, item), onSelect: () => shown.select(item) };
          return value.kind === "chat" ? (
            <Chat key={key} chat={value.view} {...open} />
          ) : (
            <Task key={key} task={value.view} {...open} />
          );
        })}
      </ul>
    </Panel>
  );
}

interface Open {
  item: ItemRef;
  /** It is not in the inbox any more: it is only to be seen. */
  gone: boolean;
  selected: boolean;
  onSelect(): void;
}

function Chat({ chat, item, gone, selected, onSelect }: Open & { chat: ChatView }): ReactElement {
  const state = useFloor();
  const messages = state.messages.get(chat.chat);
  const last = messages?.at(-1);
  const count = unread(chat, messages);
  const typing = state.typing.has(chat.chat);
  return (
    <li
      className={css.item}
      data-testid={gone ? "gone" : "inbox-item"}
      data-gone={gone}
      data-chat={chat.chat}
      data-state={chat.state.state}
      data-wrap-up-active={chat.state.state === "wrap_up" ? chat.state.active : undefined}
      data-selected={selected}
    >
      <Opens gone={gone} selected={selected} onSelect={onSelect}>
        <span className={css.line}>
          <strong dir="auto" data-testid="inbox-who">
            {chat.contact?.name ?? chatName(chat.chat)}
          </strong>
          <span className={css.online} data-online={chat.visitor_online}>
            {chat.visitor_online ? m.visitor_online() : m.visitor_offline()}
          </span>
          {!gone && (
            <span className={css.clock}>
              <HandlingClock clock={chat.handling} item={item} />
            </span>
          )}
        </span>
        <span className={css.line}>
          <span className={css.page}>{chat.page === "" ? chat.queue_name : pageName(chat.page)}</span>
          {!gone && <Unanswered chat={chat} />}
          {chat.alarm && (
            <span className={css.alarm} data-testid="alarm">
              {alarmOf(chat)}
            </span>
          )}
          <Next item={item} />
        </span>
        <span className={css.line}>
          <span className={css.preview}>
            {gone ? m.gone() : typing ? m.visitor_types() : previewOf(last)}
          </span>
          {count > 0 && (
            <span className={css.unread}>
              <span data-testid="unread">{unreadName(count)}</span>
              <span className="hidden"> {m.unread_suffix()}</span>
            </span>
          )}
        </span>
      </Opens>
      <Foot
        item={item}
        gone={gone}
        name={chatName(chat.chat)}
        attended={attended(chat)}
        finishes={attended(chat) ? null : chat.wrap_up}
      >
        <Badge state={chat.state.state} until={untilOf(chat)}>
          {chat.state.state === "wrap_up" ? m.state_wrap_up() : stateName(chat.state)}
        </Badge>
      </Foot>
    </li>
  );
}

function Task({ task, item, gone, selected, onSelect }: Open & { task: TaskView }): ReactElement {
  const { agent } = useFloor();
  const preempted = sameItem(agent.preempted, item);
  const state = preempted ? "preempted" : task.state.state;
  return (
    <li
      className={css.item}
      data-testid={gone ? "gone" : "inbox-item"}
      data-gone={gone}
      data-task={task.task}
      data-state={state}
      data-selected={selected}
    >
      <Opens gone={gone} selected={selected} onSelect={onSelect}>
        <span className={css.line}>
          <Icon name={CHANNEL_ICONS[task.channel]} size={15} />
          <strong dir="auto">{task.contact?.name ?? CHANNELS[task.channel]()}</strong>
          {!gone && (
            <span className={css.clock}>
              <HandlingClock clock={task.handling} item={item} />
            </span>
          )}
        </span>
        <span className={css.line}>
          <span className={css.preview}>{gone ? m.gone() : task.text === "" ? task.queue_name : task.text}</span>
          <Next item={item} />
        </span>
      </Opens>
      <Foot item={item} gone={gone} name={taskName(task)} attended={task.state.state === "active"}>
        <Badge state={state} until={untilOf(task)}>
          {preempted ? m.state_preempted() : stateName(task.state)}
        </Badge>
      </Foot>
    </li>
  );
}

/** What opens an item, where it is looked at. */
function Opens({ gone, selected, onSelect, children }: Omit<Open, "item"> & { children: ReactNode }): ReactElement {
  return (
    <button
      type="button"
      className={css.open}
      aria-current={selected}
      {...(gone ? { "aria-disabled": true } : { onClick: onSelect })}
    >
      {children}
    </button>
  );
}

interface FootProps {
  item: ItemRef;
  gone: boolean;
  name: string;
  attended: boolean;
  /** It is over, and can be done with from here. */
  finishes?: WrapUpView | null;
  children: ReactNode;
}

/** Whether it is what comes when nothing is active any more. */
function Next({ item }: { item: ItemRef }): ReactElement | null {
  const { next } = useFloor().agent;
  if (!sameItem(next, item)) return null;
  return (
    <span className={css.badge} data-testid="next">
      {m.comes_next()}
    </span>
  );
}

/** Where an item stands, and how to turn to it: as high with the buttons as without. */
function Foot({ item, gone, name, attended: isActive, finishes = null, children }: FootProps): ReactElement {
  const state = useFloor();
  const online = useOnline();
  return (
    <div className={css.foot}>
      <span className={css.state}>{children}</span>
      {!isActive && (
        <Act
          command={{ do: "activate", item }}
          obstacle={gone ? "not_yours" : activateObstacle(state, online)}
          variant="light"
          label={m.activate_label({ item: name })}
          {...(!gone && sameItem(nextToActivate(state), item) ? { keys: "Alt+A" } : {})}
          {...(gone ? {} : { testid: "activate" })}
          item={item}
        >
          {m.activate()}
        </Act>
      )}
      {finishes !== null && (
        <Act
          command={{ do: "finish", item }}
          obstacle={gone ? "not_yours" : obstacle(finishes.finish, online)}
          variant="default"
          label={m.finish_wrap_up_of({ item: name })}
          {...(gone ? {} : { testid: "inbox-finish" })}
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

function previewOf(last: Message | undefined): string {
  if (last === undefined) return m.no_messages();
  return last.author === "agent" ? m.you_wrote({ text: last.text }) : last.text;
}

function CallWrapUp({ wrapUp, gone }: { wrapUp: CallWrapUpView; gone: boolean }): ReactElement {
  const { call, wrap_up, reminds_at } = wrapUp;
  const state = useFloor();
  const reminds = useNow() >= (reminds_at ?? Infinity);
  const online = useOnline();
  const item = callRef(call);
  const name = whoCalls(wrapUp);
  return (
    <li
      className={css.callWrapUp}
      data-testid={gone ? "gone" : "call-wrap-up"}
      data-gone={gone}
      data-active="false"
      data-call={call}
    >
      <p className={css.callWrapUpHead}>
        <Icon name="phone" size={14} />
        <span className={css.caller}>{name}</span>
        {/* In the same place: nothing moves when the reminder comes. */}
        {gone ? (
          <span className={css.badge}>{m.gone()}</span>
        ) : reminds ? (
          <span className={css.alarm} data-testid="alarm">
            {m.alarm_wrap_up()}
          </span>
        ) : (
          <span className={css.badge} data-state="wrap_up">
            {m.state_wrap_up()}
          </span>
        )}
      </p>
      <div className={css.callWrapUpRow}>
        {!gone && <WrapUpBar wrapUp={wrap_up} name={m.call_wrap_up_of({ caller: name })} />}
        <Act
          command={{ do: "activate", item }}
          obstacle={gone ? "not_yours" : activateObstacle(state, online)}
          variant="light"
          color="violet"
          label={m.activate_label({ item: m.call_wrap_up_of({ caller: name }) })}
          {...(!gone && sameItem(nextToActivate(state), item) ? { keys: "Alt+A" } : {})}
          {...(gone ? {} : { testid: "activate" })}
          item={item}
        >
          {m.activate()}
        </Act>
        <Act
          command={{ do: "finish", item }}
          obstacle={gone ? "not_yours" : obstacle(wrap_up.finish, online)}
          variant="default"
          label={m.finish_call_wrap_up({ caller: name })}
          {...(gone ? {} : { testid: "finish-wrap-up" })}
          item={item}
        >
          {m.finish()}
        </Act>
      </div>
    </li>
  );
}

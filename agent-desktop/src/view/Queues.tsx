// What waits: calls, chats and tasks side by side, the oldest first.

import { memo, useDeferredValue, useRef, type ReactElement } from "react";
import type { Row } from "../held";
import { StateContext, useFloor, useOnline } from "../hooks";
import { itemKey, sameItem } from "../items";
import { m } from "../paraglide/messages.js";
import type { Channel, QueueView, WaitingItem } from "../../../web-shared/src/protocol/agent";
import { shownQueues, shownWaiting, staffOf, type Waits } from "../waiting";
import { nextToPick, pickObstacle, type Obstacle } from "../rules";
import { Act } from "./Act";
import { Since, Time } from "./Clock";
import { Colleagues } from "./Colleagues";
import { useHand, useHeld } from "./hand";
import { Icon, type IconName } from "./Icon";
import { LookBar, useLook } from "./Look";
import { apart, callName, chatName, languageName, pageName, taskName, whoCalls } from "./names";
import { Panel } from "./Panel";
import css from "./Queues.module.css";
import { useWindow, WHOLE_MAX } from "./window";

/** Where so many wait, a key comes first: what is news among them is drawn when the page has nothing else to do. */
const LATER_FROM = 1_000;

export function Queues(): ReactElement {
  const now = useFloor();
  const later = useDeferredValue(now);
  const many = now.queues.reduce((sum, { waiting }) => sum + waiting.length, 0) >= LATER_FROM;
  return (
    <StateContext value={many ? later : now}>
      <Drawn />
    </StateContext>
  );
}

const Drawn = memo(function Drawn(): ReactElement {
  const { queues } = useFloor();
  const hand = useHand();
  const [look, setLook] = useLook();
  const sections = useHeld(shownQueues(queues, look), ({ queue }) => String(queue), hand);
  const items = shownWaiting(queues, look);
  const rows = useHeld(items, ({ item, queue }) => `${queue.queue} ${itemKey(item.item)}`, hand);
  const fresh = rows.filter((row) => row.fresh);
  const label = m.queues_count({ count: items.length });
  const together = look.order === "wait";
  return (
    <Panel title={m.queues()} count={items.length} label={label} fresh={fresh.filter(({ gone }) => !gone).length} hand={hand}>
      {sections.length === 0 && <p className={css.empty}>{m.queues_none()}</p>}
      {sections.length > 0 && <LookBar queues={queues} look={look} onLook={setLook} />}
      {together && <Items rows={rows.filter((row) => !row.fresh)} named />}
      {!together &&
        sections
          .filter((section) => !section.fresh)
          .map(({ value: queue }) => (
            <Queue
              key={queue.queue}
              queue={queue}
              rows={rows.filter((row) => !row.fresh && row.value.queue.queue === queue.queue)}
            />
          ))}
      {fresh.length > 0 && (
        <section className={css.queue} aria-label={m.fresh()}>
          <h3 className={css.title}>{m.fresh()}</h3>
          <Items rows={fresh} named={sections.length > 1} />
        </section>
      )}
      <Colleagues />
    </Panel>
  );
});

function Queue({ queue, rows }: { queue: QueueView; rows: readonly Row<Waits>[] }): ReactElement {
  const staff = staffOf(useFloor(), queue.queue);
  return (
    <section className={css.queue} data-testid="queue" data-queue={queue.queue}>
      <h3 className={css.title}>
        <span dir="auto" title={queue.name}>
          {queue.name}
        </span>
        {queue.waiting.length > 0 && <span className={css.count}>{queue.waiting.length}</span>}
        <span className={css.staff} data-testid="staff">
          {m.queue_staff(staff)}
        </span>
      </h3>
      {rows.length === 0 ? (
        <p className={css.empty}>{queue.waiting.length === 0 ? m.queue_empty() : m.queue_fresh()}</p>
      ) : (
        <Items rows={rows} named={false} />
      )}
    </section>
  );
}

/** `named`: each says its queue. */
function Items({ rows, named }: { rows: readonly Row<Waits>[]; named: boolean }): ReactElement {
  const state = useFloor();
  const online = useOnline();
  const next = nextToPick(state);
  const list = useRef<HTMLOListElement>(null);
  const { from, to, above, below } = useWindow(list, rows.length);
  const isLong = rows.length > WHOLE_MAX;
  return (
    <ol
      ref={list}
      className={css.items}
      data-long={isLong}
      style={isLong ? { paddingTop: `${above}rem`, paddingBottom: `${below}rem` } : undefined}
    >
      {rows.slice(from, to).map(({ value: { item, queue }, gone }) => (
        <Item
          key={`${queue.queue} ${itemKey(item.item)}`}
          item={item}
          queue={named ? queue.name : null}
          gone={gone}
          obstacle={gone ? "not_found" : pickObstacle(state, online, item.item, queue.queue)}
          next={!gone && sameItem(next, item.item)}
        />
      ))}
    </ol>
  );
}

export const CHANNEL_ICONS: Record<Channel, IconName> = {
  call: "phone",
  callback: "callback",
  chat: "chat",
  email: "mail",
  work_item: "check",
};

interface ItemProps {
  item: WaitingItem;
  /** The name of its queue, where that is to be said. */
  queue: string | null;
  gone: boolean;
  /** What stands in the way of picking it. */
  obstacle: Obstacle | null;
  /** Whether the key would pick it. */
  next: boolean;
}

/** Drawn anew only when something about it changes: there may be hundreds. */
const Item = memo(function Item({ item: waiting, queue, gone, obstacle, next }: ItemProps): ReactElement {
  const { item, channel, arrived_at, who, language, offered_to } = waiting;
  const name = nameOf(waiting);
  const label = labelOf(waiting);
  return (
    <li
      className={css.item}
      data-testid={gone ? "gone" : "waiting-item"}
      data-gone={gone}
      data-kind={item.kind}
      data-id={item.id}
      data-channel={channel}
    >
      <span className={css[item.kind]}>
        <Icon name={CHANNEL_ICONS[channel]} size={16} />
      </span>
      <span className={css.who}>
        {label === null ? (
          <span className={`${css.label} ${css.silent}`}>{m.not_written_yet()}</span>
        ) : (
          <span className={css.label} title={label} dir="auto">
            {label}
          </span>
        )}
        <span className={css.detail}>
          <span>{name}</span>
          {gone ? (
            <span>{m.gone()}</span>
          ) : (
            <Time at={arrived_at}>
              <span className="hidden">{m.waits_for()} </span>
              <Since at={arrived_at} />
            </Time>
          )}
          {!gone && offered_to !== null && (
            <span className={css.rings}>
              {item.kind === "call" ? m.rings_at({ name: apart(offered_to) }) : m.offered_to({ name: apart(offered_to) })}
            </span>
          )}
          {item.kind !== "call" && waiting.contact !== null && <bdi>{waiting.contact.name}</bdi>}
          {queue !== null && <span>{queue}</span>}
          {language !== "" && <span>{languageName(language)}</span>}
          {waiting.name !== "" && <span dir="auto">{waiting.name}</span>}
          {item.kind === "chat" && who !== "" && <span title={who}>{pageName(who)}</span>}
        </span>
      </span>
      {item.kind !== "call" && (
        <Act
          command={{ do: "pick", item }}
          obstacle={obstacle}
          variant="light"
          label={m.pick_label({ item: name })}
          {...(next ? { keys: "Alt+N" } : {})}
          {...(gone ? {} : { testid: "pick" })}
          item={item}
        >
          {m.pick()}
        </Act>
      )}
    </li>
  );
});

function nameOf({ item, channel }: WaitingItem): string {
  switch (item.kind) {
    case "call":
      return callName(item.id);
    case "chat":
      return chatName(item.id);
    case "task":
      return taskName({ task: item.id, channel });
  }
}

/** What helps to choose: who calls, how a chat begins, what is to be done; `null`: its visitor has not written. */
function labelOf({ item, who, contact, first_line }: WaitingItem): string | null {
  switch (item.kind) {
    case "call":
      return whoCalls({ caller: who, contact });
    case "chat":
      return first_line;
    case "task":
      return who === "" ? m.task() : who;
  }
}

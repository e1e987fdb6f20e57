// What waits: calls and chats side by side, the oldest first.

import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { dayAndTime } from "../locale";
import { m } from "../paraglide/messages.js";
import type { QueueView, WaitingItem } from "../protocol/agent";
import { nextToPick, pickObstacle } from "../rules";
import { Act } from "./Act";
import { Since } from "./Clock";
import { Icon } from "./Icon";
import { callerName, chatName, pageName } from "./names";
import { Panel } from "./Panel";
import css from "./Queues.module.css";

export function Queues(): ReactElement {
  const { queues } = useFloor();
  const waiting = queues.reduce((sum, queue) => sum + queue.waiting.length, 0);
  return (
    <Panel title={m.queues()} count={waiting} label={m.queues_count({ count: waiting })}>
      {queues.length === 0 && <p className={css.empty}>{m.queues_none()}</p>}
      {queues.map((queue) => (
        <Queue key={queue.queue} queue={queue} />
      ))}
    </Panel>
  );
}

function Queue({ queue }: { queue: QueueView }): ReactElement {
  return (
    <section className={css.queue} data-testid="queue" data-queue={queue.queue}>
      <h3 className={css.name}>
        <span>{queue.name}</span>
        {queue.waiting.length > 0 && <span className={css.count}>{queue.waiting.length}</span>}
      </h3>
      {queue.waiting.length === 0 ? (
        <p className={css.empty}>{m.queue_empty()}</p>
      ) : (
        <ol className={css.items}>
          {queue.waiting.map((item) => (
            <Item key={`${item.item.kind} ${item.item.id}`} item={item} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Item({ item: { item, arrived_at, who, offered_to } }: { item: WaitingItem }): ReactElement {
  const state = useFloor();
  const online = useOnline();
  const call = item.kind === "call";
  const name = call ? callerName(who) : who === "" ? chatName(item.id) : pageName(who);
  return (
    <li className={css.item} data-testid="waiting-item" data-kind={item.kind} data-id={item.id}>
      <span className={call ? css.call : css.chat}>
        <Icon name={call ? "phone" : "chat"} size={16} />
        <span className="hidden">{call ? m.call() : m.chat()}</span>
      </span>
      <span className={css.who}>
        <span className={css.label} title={who}>
          {name}
        </span>
        <span className={css.detail}>
          <span title={dayAndTime(arrived_at)}>
            <span className="hidden">{m.waits_for()} </span>
            <Since at={arrived_at} />
          </span>
          {offered_to !== null && <span className={css.rings}>{m.rings_at({ name: offered_to })}</span>}
        </span>
      </span>
      {!call && (
        <Act
          command={{ do: "pick", chat: item.id }}
          obstacle={pickObstacle(state, online)}
          variant="light"
          label={m.pick_label({ chat: name })}
          {...(nextToPick(state) === item.id ? { keys: "Alt+N" } : {})}
          testid="pick"
          chat={item.id}
        >
          {m.pick()}
        </Act>
      )}
    </li>
  );
}

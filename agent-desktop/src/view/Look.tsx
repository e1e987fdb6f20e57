// What of the queues is shown, chosen by the agent and kept in this browser.

import { useState, type ReactElement } from "react";
import { CHANNELS } from "../codes";
import { m } from "../paraglide/messages.js";
import type { Channel, QueueView } from "../../../web-shared/src/protocol/agent";
import { readLook, type Look } from "../waiting";
import css from "./Queues.module.css";

const KEY = "vorrang.look";
const KINDS: readonly Channel[] = ["call", "callback", "chat", "email", "work_item"];

export function useLook(): [Look, (look: Look) => void] {
  const [look, setLook] = useState(() => readLook(localStorage.getItem(KEY)));
  return [
    look,
    (next) => {
      localStorage.setItem(KEY, JSON.stringify(next));
      setLook(next);
    },
  ];
}

interface Props {
  queues: readonly QueueView[];
  look: Look;
  onLook(look: Look): void;
}

export function LookBar({ queues, look, onLook }: Props): ReactElement {
  const isNarrow = look.queue !== null || look.channel !== null;
  return (
    <details className={css.look} data-narrow={isNarrow} data-testid="look">
      <summary>{isNarrow ? m.queues_narrowed() : m.queues_filter()}</summary>
      <div>
        <select
          aria-label={m.history_queue()}
          value={look.queue ?? ""}
          onChange={({ currentTarget: { value } }) => onLook({ ...look, queue: value === "" ? null : Number(value) })}
        >
          <option value="">{m.queues_all()}</option>
          {queues.map(({ queue, name }) => (
            <option key={queue} value={queue}>
              {name}
            </option>
          ))}
        </select>
        <select
          aria-label={m.queues_kind()}
          value={look.channel ?? ""}
          onChange={({ currentTarget: { value } }) => onLook({ ...look, channel: KINDS.find((one) => one === value) ?? null })}
        >
          <option value="">{m.queues_channel()}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {CHANNELS[kind]()}
            </option>
          ))}
        </select>
        <select
          aria-label={m.queues_sort()}
          value={look.order}
          onChange={({ currentTarget: { value } }) => onLook({ ...look, order: value === "wait" ? "wait" : "queue" })}
        >
          <option value="queue">{m.queues_sort_queue()}</option>
          <option value="wait">{m.queues_sort_wait()}</option>
        </select>
      </div>
    </details>
  );
}

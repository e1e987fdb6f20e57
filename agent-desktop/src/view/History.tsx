// The items that the agent had: found by their words, with what was said and what was written of them.

import { Button } from "@mantine/core";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement } from "react";
import { CHANNELS, CODES } from "../codes";
import { useDesk, useFloor } from "../hooks";
import { itemOfRecord, ownItemsPath, type Sought } from "../history";
import { timeOf } from "../locale";
import { m } from "../paraglide/messages.js";
import type { OwnItems } from "../../../web-shared/src/protocol/desk";
import type { Code } from "../../../web-shared/src/protocol/error";
import type { CallRecord } from "../../../web-shared/src/protocol/rest";
import { get } from "../rest";
import { Dialog } from "./Dialog";
import css from "./History.module.css";
import { Icon } from "./Icon";
import { callerName, itemName } from "./names";
import { CHANNEL_ICONS } from "./Queues";
import { Transcript } from "./Transcript";
import { WriteUp } from "./WriteUp";

const DAYS = [1, 7, 30, 90] as const;
/** So long after the last key it is looked for. */
const PAUSE_MS = 200;

export default function History({ onClose }: { onClose(): void }): ReactElement {
  const { time } = useDesk();
  const [sought, setSought] = useState<Sought>({ text: "", queue: null, days: 7 });
  const { items, next, problem, more } = useOwnItems(sought, time.read());
  const [chosen, setChosen] = useState<string | null>(null);
  const one = items?.find(({ item }) => item === chosen) ?? null;
  const list = useRef<HTMLUListElement>(null);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const step = stepOf(event);
    if (step === 0 || items === null) return;
    event.preventDefault();
    const at = items.findIndex(({ item }) => item === chosen);
    const to = items[Math.min(items.length - 1, Math.max(0, at + step))];
    if (to === undefined) return;
    setChosen(to.item);
    list.current?.querySelector<HTMLElement>(`[data-record="${to.item}"]`)?.focus();
  };
  return (
    <Dialog title={m.history()} onClose={onClose} wide>
      <div className={css.history} data-testid="history" data-chosen={one !== null}>
        <Search sought={sought} onChange={setSought} onKeyDown={onKeyDown} />
        <div className={css.found}>
          <p className={css.said} role="status">
            {problem === null ? (items?.length === 0 ? m.nothing_found() : "") : CODES[problem]()}
          </p>
          <ul ref={list} className={css.list} aria-label={m.history()}>
            {(items ?? []).map((record) => (
              <li key={record.item}>
                <button
                  type="button"
                  className={css.row}
                  aria-current={record.item === chosen}
                  onClick={() => setChosen(record.item)}
                  onKeyDown={onKeyDown}
                  data-testid="own-item"
                  data-record={record.item}
                >
                  <Row record={record} />
                </button>
              </li>
            ))}
          </ul>
          {next !== null && (
            <Button size="compact-sm" variant="subtle" onClick={more} data-testid="history-more">
              {m.history_more()}
            </Button>
          )}
        </div>
        {one === null ? <p className={css.nothing}>{m.history_choose()}</p> : <One key={one.item} record={one} onBack={() => setChosen(null)} />}
      </div>
    </Dialog>
  );
}

/** J and K where nothing is typed, the arrows everywhere. */
function stepOf({ key, target, altKey, ctrlKey, metaKey }: KeyboardEvent): number {
  if (altKey || ctrlKey || metaKey) return 0;
  const types = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  if (target instanceof HTMLSelectElement) return 0;
  if (key === "ArrowDown" || (key === "j" && !types)) return 1;
  return key === "ArrowUp" || (key === "k" && !types) ? -1 : 0;
}

interface SearchProps {
  sought: Sought;
  onChange(sought: Sought): void;
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
}

function Search({ sought, onChange, onKeyDown }: SearchProps): ReactElement {
  const { destinations } = useFloor();
  return (
    <search className={css.search}>
      <input
        type="search"
        data-focus
        aria-label={m.history_search()}
        placeholder={m.history_search_hint()}
        value={sought.text}
        onChange={(event) => onChange({ ...sought, text: event.currentTarget.value })}
        onKeyDown={onKeyDown}
        data-testid="history-search"
      />
      <select
        aria-label={m.history_queue()}
        value={sought.queue ?? ""}
        onChange={({ currentTarget: { value } }) => onChange({ ...sought, queue: value === "" ? null : Number(value) })}
      >
        <option value="">{m.history_all_queues()}</option>
        {destinations.map(({ queue, name }) => (
          <option key={queue} value={queue}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={m.history_days()}
        value={sought.days}
        onChange={({ currentTarget: { value } }) => onChange({ ...sought, days: Number(value) })}
      >
        {DAYS.map((days) => (
          <option key={days} value={days}>
            {days === 1 ? m.history_today() : m.history_last_days({ days })}
          </option>
        ))}
      </select>
    </search>
  );
}

function Row({ record }: { record: CallRecord }): ReactElement {
  return (
    <>
      <span className={css.line}>
        <Icon name={CHANNEL_ICONS[record.kind]} size={15} />
        <strong dir="auto">{nameOf(record)}</strong>
        <time className={css.at}>{timeOf(record.arrived_at)}</time>
      </span>
      <span className={css.line}>
        <span className={css.queue} dir="auto">
          {record.last_queue.name}
        </span>
        {record.classifications.map(({ classification, path }) => (
          <span key={classification} className={css.label} dir="auto">
            {path.at(-1)}
          </span>
        ))}
      </span>
      {record.note !== "" && (
        <span className={css.note} dir="auto">
          {record.note.split("\n")[0]}
        </span>
      )}
    </>
  );
}

function nameOf(record: CallRecord): string {
  if (record.kind === "call") return record.erased ? m.history_erased() : callerName(record.caller ?? "");
  const item = itemOfRecord(record.item);
  return item === null || item.kind === "task" ? CHANNELS[record.kind]() : itemName(item, null);
}

function One({ record, onBack }: { record: CallRecord; onBack(): void }): ReactElement {
  const item = itemOfRecord(record.item);
  return (
    <section className={css.one} aria-label={nameOf(record)} data-testid="own-item-shown">
      <header className={css.head}>
        <Button className={css.back} size="compact-sm" variant="default" leftSection={<Icon name="back" size={13} />} onClick={onBack}>
          {m.history_back()}
        </Button>
        <h3 dir="auto">{nameOf(record)}</h3>
        <p>
          {CHANNELS[record.kind]()} · <bdi>{record.last_queue.name}</bdi> · {timeOf(record.arrived_at)}
          {record.talks.length > 0 && ` · ${record.talks.map(({ agent }) => agent.name).join(", ")}`}
        </p>
      </header>
      {record.rating !== null && (
        <p className={css.rating} data-testid="rating">
          {m.history_rating({ stars: record.rating.stars })}
          {record.rating.comment !== "" && <q dir="auto">{record.rating.comment}</q>}
        </p>
      )}
      {item?.kind === "chat" ? <Transcript chat={item} /> : <div className={css.silent} />}
      {item !== null && <WriteUp key={record.item} item={item} name={nameOf(record)} open edits />}
    </section>
  );
}

interface Found {
  readonly items: readonly CallRecord[] | null;
  readonly next: string | null;
  readonly problem: Code | null;
  more(): void;
}

function useOwnItems(sought: Sought, now: number): Found {
  const [found, setFound] = useState<Omit<Found, "more">>({ items: null, next: null, problem: null });
  const [until] = useState(now);
  const asked = ownItemsPath(sought, until, null);
  const latest = useRef(asked);
  useEffect(() => {
    latest.current = asked;
    const ask = async (): Promise<void> => {
      const outcome = await get<OwnItems>(asked);
      // Whoever types on wants to see what they typed last.
      if (latest.current !== asked) return;
      if (outcome.ok) setFound({ items: outcome.value.items, next: outcome.value.next, problem: null });
      else setFound({ items: [], next: null, problem: outcome.code });
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const more = async (): Promise<void> => {
    const outcome = await get<OwnItems>(ownItemsPath(sought, until, found.next));
    if (!outcome.ok || latest.current !== asked) return;
    const { items, next } = outcome.value;
    setFound((before) => ({ items: [...(before.items ?? []), ...items], next, problem: null }));
  };
  return { ...found, more: () => void more() };
}

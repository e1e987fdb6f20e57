// The times of a day, and the days that are otherwise. Loaded by whoever has to do with opening hours.

import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import type { Json, Settings } from "../settings";
import { following, timesOf, written, type Times as Interval } from "../times";
import type { ControlProps } from "./control-props";
import css from "./Hours.module.css";
import { HoursImport } from "./HoursImport";
import { tables, text } from "./Rows";

export { Ahead } from "./HoursAhead";

/** When a day of the week is open. */
export function Times({ alike, ...props }: ControlProps & { alike: readonly string[] }): ReactElement {
  const { id, value, label, describedBy, isWrong, onChange, onOther } = props;
  const texts = Array.isArray(value) ? value.map(String) : [];
  const copy = (): void => alike.forEach((path) => onOther(path, value));
  return (
    <div className={css.day} role="group" aria-labelledby={`${id}-label`} {...(describedBy === "" ? {} : { "aria-describedby": describedBy })}>
      <Intervals texts={texts} of={label} isWrong={isWrong} onChange={(to) => onChange(to.length === 0 ? undefined : to)} />
      {alike.length > 0 && texts.length > 0 && (
        <Button size="compact-sm" variant="subtle" onClick={copy} data-testid="admin-times-alike">
          {m.admin_times_as_monday()}
        </Button>
      )}
    </div>
  );
}

interface IntervalsProps {
  texts: readonly string[];
  /** The day, in words. */
  of: string;
  isWrong: boolean;
  onChange(texts: readonly string[]): void;
}

function Intervals({ texts, of, isWrong, onChange }: IntervalsProps): ReactElement {
  const put = (at: number, times: Interval): void => onChange(texts.map((one, other) => (other === at ? written(times) : one)));
  return (
    <div className={css.intervals}>
      {texts.length === 0 && <span className={css.none}>{m.admin_times_none()}</span>}
      {texts.map((one, at) => {
        const times = timesOf(one);
        const name = { day: of, number: at + 1 };
        const wrong = isWrong ? { "aria-invalid": true } : {};
        return (
          // They have no name but their place: what they say is typed.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={at} className={css.interval} data-testid="admin-times">
            <input {...wrong} type="time" aria-label={m.admin_times_from(name)} value={times.from} onChange={({ currentTarget }) => put(at, { ...times, from: currentTarget.value })} />
            <span aria-hidden="true">–</span>
            <input {...wrong} type="time" aria-label={m.admin_times_to(name)} value={times.to} onChange={({ currentTarget }) => put(at, { ...times, to: currentTarget.value })} />
            <label>
              <input
                type="checkbox"
                aria-label={m.admin_times_next_day_of(name)}
                checked={times.nextDay}
                onChange={({ currentTarget }) => put(at, { ...times, nextDay: currentTarget.checked })}
              />
              {m.admin_times_next_day()}
            </label>
            <Button size="compact-sm" variant="default" aria-label={m.admin_times_remove(name)} onClick={() => onChange(texts.filter((_, other) => other !== at))}>
              {m.admin_remove()}
            </Button>
          </div>
        );
      })}
      <Button size="compact-sm" variant="default" aria-label={m.admin_times_add_of({ day: of })} onClick={() => onChange([...texts, following(texts)])} data-testid="admin-times-add">
        {m.admin_times_add()}
      </Button>
    </div>
  );
}

/** Holidays, and days with other hours. */
export function Days(props: ControlProps): ReactElement {
  const { id, value, describedBy, isWrong, onChange } = props;
  const days = tables(value);
  const put = (next: readonly Settings[]): void => onChange(next.length === 0 ? undefined : next);
  return (
    <div className={css.days} role="group" aria-labelledby={`${id}-label`} {...(describedBy === "" ? {} : { "aria-describedby": describedBy })}>
      <ol>
        {days.map((day, at) => (
          // Dates are typed, too.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={at} data-testid="admin-day">
            <Day day={day} number={at + 1} isWrong={isWrong} onChange={(to) => put(days.map((one, other) => (other === at ? to : one)))} onRemove={() => put(days.filter((_, other) => other !== at))} />
          </li>
        ))}
      </ol>
      <Button size="compact-sm" variant="default" onClick={() => put([...days, { date: "" }])} data-testid="admin-day-add">
        {m.admin_days_add()}
      </Button>
      <HoursImport
        known={new Set(days.map(({ date }) => text(date)))}
        onTake={(more) => put([...days, ...more.map(({ date, name }) => (name === "" ? { date } : { date, name }))].toSorted((one, other) => text(one["date"]).localeCompare(text(other["date"]))))}
      />
    </div>
  );
}

interface DayProps {
  day: Settings;
  number: number;
  isWrong: boolean;
  onChange(day: Settings): void;
  onRemove(): void;
}

function Day({ day, number, isWrong, onChange, onRemove }: DayProps): ReactElement {
  const [date, name] = [text(day["date"]), text(day["name"])];
  const open = Array.isArray(day["open"]) ? day["open"].map(String) : [];
  const of = name === "" ? date || m.admin_days_date_of({ number }) : name;
  const set = (key: string, to: Json | undefined): void => {
    const { [key]: _, ...others } = day;
    onChange(to === undefined ? others : { ...others, [key]: to });
  };
  return (
    <>
      <div className={css.which}>
        <input
          {...(isWrong ? { "aria-invalid": true } : {})}
          type="date"
          aria-label={m.admin_days_date_of({ number })}
          value={date}
          onChange={({ currentTarget }) => set("date", currentTarget.value)}
        />
        <input
          type="text"
          autoComplete="off"
          dir="auto"
          aria-label={m.admin_days_name_of({ number })}
          placeholder={m.admin_name()}
          value={name}
          onChange={({ currentTarget }) => set("name", currentTarget.value === "" ? undefined : currentTarget.value)}
        />
        <Button size="compact-sm" variant="default" aria-label={m.admin_days_remove({ number })} onClick={onRemove}>
          {m.admin_remove()}
        </Button>
      </div>
      <Intervals texts={open} of={of} isWrong={false} onChange={(to) => set("open", to.length === 0 ? undefined : to)} />
    </>
  );
}

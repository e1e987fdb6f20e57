// What opening hours come to: whether it is open now, and the next days as a picture with the times beside it. Asked of the
// daemon for what stands in the form, saved or not: nobody else decides when something is open.

import { useEffect, useState, type ReactElement } from "react";
import type { HoursDayView, HoursOutlookView } from "../../../../web-shared/src/protocol/rest";
import { locale, numberWay } from "../../locale";
import { useStore } from "../../hooks";
import { m } from "../../paraglide/messages.js";
import { hoursOutlook } from "../api";
import type { Settings } from "../settings";
import form from "./Form.module.css";
import css from "./Hours.module.css";

/** How long nobody has typed when it is asked. */
const PAUSE_MS = 300;
/** How often somebody who only looks is told anew. */
const AGAIN_MS = 30_000;
const DAY_HOURS = 24;

export function Ahead({ settings }: { settings: Settings }): ReactElement {
  const { ahead, wrong } = useAhead(settings);
  useStore(locale);
  return (
    <aside className={form.beside} aria-label={m.admin_ahead()}>
      <h3>{m.admin_ahead()}</h3>
      {wrong !== "" && <p role="status" data-testid="admin-ahead-wrong">{m.admin_ahead_wrong({ why: wrong })}</p>}
      {ahead !== null && (
        <>
          <p className={form.main} data-testid="admin-ahead-now">{now(ahead)}</p>
          <table className={css.ahead} data-testid="admin-ahead">
            <tbody>
              {ahead.days.map((day, at) => (
                <Row key={day.date} day={day} zone={ahead.time_zone} now={at === 0 ? ahead.now : null} />
              ))}
            </tbody>
          </table>
          <p className={form.help}>{m.admin_ahead_zone({ zone: ahead.time_zone })}</p>
        </>
      )}
    </aside>
  );
}

/** `now`: this day is today. */
function Row({ day, zone, now: at }: { day: HoursDayView; zone: string; now: number | null }): ReactElement {
  const { from, to, name, open } = day;
  const part = (moment: number): string => `${((moment - from) / (to - from)) * 100}%`;
  const hours = Math.round((to - from) / 3_600_000);
  const date = new Intl.DateTimeFormat(numberWay(), { weekday: "short", day: "numeric", month: "numeric", timeZone: zone }).format(from);
  const texts = open.map((one) => `${timeIn(zone, one.from, from)}–${one.to === to ? "24:00" : timeIn(zone, one.to, from)}`);
  return (
    <tr aria-current={at === null ? undefined : "date"} data-testid="admin-ahead-day" data-date={day.date}>
      <th scope="row">
        {date}
        {at !== null && <small>{m.admin_ahead_today()}</small>}
      </th>
      <td>
        <svg className={css.bar} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <rect className={css.closed} width="100%" height="10" />
          {open.map((one) => (
            <rect key={one.from} className={css.open} x={part(one.from)} width={`${((one.to - one.from) / (to - from)) * 100}%`} height="10" />
          ))}
          {/* On a day of 23 or 25 hours they would be elsewhere. */}
          {(hours === DAY_HOURS ? [6, 12, 18] : []).map((hour) => (
            <rect key={hour} className={css.tick} x={`${(hour / DAY_HOURS) * 100}%`} width="0.3" height="10" />
          ))}
          {at !== null && <rect className={css.now} x={part(at)} width="0.8" height="10" />}
        </svg>
        <span>{[texts.length === 0 ? m.admin_times_none() : texts.join(", "), name ?? ""].filter((one) => one !== "").join(" · ")}</span>
        {hours !== DAY_HOURS && <small data-testid="admin-ahead-change">{m.admin_ahead_hours({ count: hours })}</small>}
      </td>
    </tr>
  );
}

function timeIn(zone: string, at: number, midnight: number): string {
  return at === midnight ? "00:00" : new Intl.DateTimeFormat(numberWay(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(at);
}

function now({ open, until, time_zone: zone }: HoursOutlookView): string {
  if (until === null) return open ? m.admin_ahead_open() : m.admin_ahead_closed();
  const when = new Intl.DateTimeFormat(numberWay(), { weekday: "short", day: "numeric", month: "numeric", hour: "2-digit", minute: "2-digit", timeZone: zone }).format(until);
  return open ? m.admin_ahead_open_until({ when }) : m.admin_ahead_closed_until({ when });
}

/** The last that could be shown, and what is wrong with what stands there now. */
function useAhead(settings: Settings): { ahead: HoursOutlookView | null; wrong: string } {
  const [state, setState] = useState<{ ahead: HoursOutlookView | null; wrong: string }>({ ahead: null, wrong: "" });
  const said = JSON.stringify(settings);
  useEffect(() => {
    let gone = false;
    const ask = async (): Promise<void> => {
      const answer = await hoursOutlook(JSON.parse(said) as Settings);
      if (gone) return;
      setState((before) => (answer.ok ? { ahead: answer.value, wrong: "" } : { ...before, wrong: answer.refusals.map((one) => one.said).join(" ") }));
    };
    const soon = setTimeout(() => void ask(), PAUSE_MS);
    const again = setInterval(() => void ask(), AGAIN_MS);
    return () => {
      gone = true;
      clearTimeout(soon);
      clearInterval(again);
    };
  }, [said]);
  return state;
}

// The times of a day as a form shows them, and as the company's file writes them: `09:00-12:30`, and `22:00-06:00+1` for what
// ends on the next day. Never says what is wrong with them: that is the daemon's.

export interface Times {
  /** As a time field has them, `HH:MM`; empty while nothing is typed. */
  readonly from: string;
  readonly to: string;
  readonly nextDay: boolean;
}

const WRITTEN = /^\s*(\d{1,2}:\d\d)?\s*[-–]\s*(\d{1,2}:\d\d)?\s*(\+1)?\s*$/;

export function timesOf(text: string): Times {
  const [, from = "", to = "", next] = WRITTEN.exec(text) ?? [];
  // A time field knows no 24:00.
  return { from: padded(from), to: to === "24:00" ? "00:00" : padded(to), nextDay: next !== undefined };
}

export function written({ from, to, nextDay }: Times): string {
  if (nextDay) return `${from}-${to}+1`;
  return `${from}-${to === "00:00" ? "24:00" : to}`;
}

/** With what one more time of a day begins: after those that there are. */
export function following(texts: readonly string[]): string {
  const last = texts.at(-1);
  if (last === undefined) return "09:00-17:00";
  const { to, nextDay } = timesOf(last);
  const hour = Number.parseInt(to, 10);
  return nextDay || Number.isNaN(hour) || hour === 0 || hour > 21 ? "-" : `${two(hour + 1)}:00-${two(Math.min(hour + 5, 23))}:00`;
}

function padded(time: string): string {
  return time.length === 4 ? `0${time}` : time;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

// How long so many seconds are, in words: nobody reads a day off 86,400 of them.

import { m } from "../paraglide/messages.js";

const UNITS: readonly [number, (count: { count: number }) => string][] = [
  [86_400, m.admin_days],
  [3_600, m.admin_hours],
  [60, m.admin_minutes],
  [1, m.admin_seconds_count],
];

/** `90061` is 1 day 1 hour 1 minute 1 second. */
export function length(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [unit, words] of UNITS) {
    const count = Math.floor(left / unit);
    if (count > 0) parts.push(words({ count }));
    left -= count * unit;
  }
  return parts.length === 0 ? m.admin_seconds_count({ count: 0 }) : parts.join(" ");
}

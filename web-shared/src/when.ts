// How times are written, for visitors and agents alike.

/** The way of writing: of the browser's own country if it speaks the language of the page, else Germany's or Britain's. */
export function writing(language: string, own: readonly string[]): string | undefined {
  return [...own, "en-GB", "de-DE"].find((one) => one.startsWith(`${language}-`));
}

/** A time of day; of another day with its date. */
export function when(way: string | undefined, at: number, now = Date.now()): string {
  const date = new Date(at);
  const today = date.toDateString() === new Date(now).toDateString();
  return date.toLocaleString(way, { dateStyle: today ? undefined : "medium", timeStyle: "short" });
}

/** One for each way of writing: to make one takes longer than to write a hundred times. */
const FULL = new Map<string | undefined, Intl.DateTimeFormat>();

/** The whole of it, to the second. */
export function inFull(way: string | undefined, at: number): string {
  const known = FULL.get(way) ?? new Intl.DateTimeFormat(way, { dateStyle: "full", timeStyle: "medium" });
  FULL.set(way, known);
  return known.format(at);
}

// How times are written: the widget has the same rules, tested with the same table.

/** The way of writing: of the browser's own country if it speaks the language of the page, else Germany's or Britain's. */
export function writing(language: string, own: readonly string[]): string {
  return own.find((one) => one.startsWith(`${language}-`)) ?? (language === "en" ? "en-GB" : language);
}

/** A time of day; of another day with its date. */
export function when(way: string, at: number, now: number): string {
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(way, { timeStyle: "short", ...(today ? {} : { dateStyle: "medium" }) }).format(at);
}

/** The whole of it, to the second. */
export function inFull(way: string, at: number): string {
  return new Intl.DateTimeFormat(way, { dateStyle: "full", timeStyle: "medium" }).format(at);
}

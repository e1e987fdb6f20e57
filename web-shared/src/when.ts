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

/** The whole of it, to the second. */
export function inFull(way: string | undefined, at: number): string {
  return new Date(at).toLocaleString(way, { dateStyle: "full", timeStyle: "medium" });
}

// The language on the screen. Changing it draws the page anew without loading it: the connection stays.

import { getLocale, isLocale, setLocale, type Locale } from "./paraglide/runtime.js";
import { Store } from "./store";
import { inFull, when, writing } from "../../web-shared/src/when";

// A page that leads here may say in which language: ?lang=de.
const asked = new URLSearchParams(location.search).get("lang");
if (isLocale(asked)) void setLocale(asked, { reload: false });

export const locale = new Store<Locale>(getLocale());
document.documentElement.lang = locale.get();

export function changeLocale(to: Locale): void {
  void setLocale(to, { reload: false });
  document.documentElement.lang = to;
  locale.set(to);
}

function way(): string | undefined {
  return writing(locale.get(), navigator.languages);
}

/** How numbers are written. */
export const numberWay = way;

/** A time of day; of another day with its date. */
export function timeOf(at: number): string {
  return when(way(), at);
}

/** With day and second. */
export function timeInFull(at: number): string {
  return inFull(way(), at);
}

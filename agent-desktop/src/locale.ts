// The language on the screen. Changing it draws the page anew without loading it: the connection stays.

import { getLocale, isLocale, setLocale, type Locale } from "./paraglide/runtime.js";
import { Store } from "./store";

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

/** The way of writing times: the browser's own country if it speaks the language on the screen. */
function writing(): string {
  const language = locale.get();
  return navigator.languages.find((own) => own.startsWith(`${language}-`)) ?? (language === "en" ? "en-GB" : language);
}

export function timeOfDay(at: number): string {
  return new Intl.DateTimeFormat(writing(), { hour: "2-digit", minute: "2-digit" }).format(at);
}

export function dayAndTime(at: number): string {
  return new Intl.DateTimeFormat(writing(), { dateStyle: "medium", timeStyle: "medium" }).format(at);
}

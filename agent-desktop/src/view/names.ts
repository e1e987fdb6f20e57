// How callers, chats and pages are called on the screen.

import { m } from "../paraglide/messages.js";
import type { ChatStateView } from "../protocol/agent";

export function callerName(caller: string): string {
  return caller === "" ? m.caller_withheld() : caller;
}

/** The id holds in its upper half which start of the daemon it is of, and counts in its lower half: 1-7 is short enough
 * to be said aloud. */
export function chatName(chat: number): string {
  const half = 2 ** 32;
  const count = chat % half;
  return m.chat_name({ chat: chat < half ? String(chat) : `${Math.floor(chat / half)}-${count}` });
}

/** What tells one page of a site from another; the site's name only for its first page. */
export function pageName(page: string): string {
  if (!URL.canParse(page)) return page;
  const { hostname, pathname } = new URL(page);
  const path = decoded(pathname).replace(/(^\/|\/$)/g, "");
  return path === "" ? hostname.replace(/^www\./, "") : path;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The visitor's browser said what page it is: only an ordinary address becomes a link. */
export function pageLink(page: string): string | null {
  return /^https?:\/\//i.test(page) && URL.canParse(page) ? page : null;
}

export function languageName(language: string): string {
  return language === "de" ? m.language_de() : language === "en" ? m.language_en() : language;
}

export function stateName(state: ChatStateView): string {
  switch (state.state) {
    case "allocated":
      return m.state_allocated();
    case "active":
      return m.state_active();
    case "parked":
      return m.state_parked();
    case "preempted":
      return m.state_preempted();
    case "wrap_up":
      return state.active ? m.state_wrap_up() : m.state_wrap_up_parked();
  }
}

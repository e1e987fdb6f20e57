// How callers, chats, tasks and pages are called on the screen.

import { CHANNELS } from "../codes";
import { said } from "../items";
import { m } from "../paraglide/messages.js";
import type { ChatStateView, ContactRef, ItemRef, TaskStateView, TaskView } from "../../../web-shared/src/protocol/agent";
import { UNREAD_MAX, type State } from "../state";

export function callerName(caller: string): string {
  return caller === "" ? m.caller_withheld() : caller;
}

/** Who calls: by name if that is known. */
export function whoCalls({ caller, contact }: { caller: string; contact: ContactRef | null }): string {
  return contact === null || contact.name === "" ? callerName(caller) : contact.name;
}

export function callName(call: number): string {
  return m.call_name({ call: said(call) });
}

export function chatName(chat: number): string {
  return m.chat_name({ chat: said(chat) });
}

export function taskName(task: Pick<TaskView, "channel" | "task">): string {
  return m.task_name({ channel: CHANNELS[task.channel](), task: said(task.task) });
}

/** A name within a sentence, whichever way it is written: it turns none of the words around it. */
export function apart(name: string): string {
  return `\u2068${name}\u2069`;
}

/** What is not in the inbox (any more) is called by its kind. */
export function itemName(item: ItemRef, state: State | null): string {
  if (item.kind === "chat") return chatName(item.id);
  if (item.kind === "call") return callName(item.id);
  const task = state?.tasks.get(item.id);
  return task === undefined ? m.task() : taskName(task);
}

/** More are not counted. */
export function unreadName(count: number): string {
  return count < UNREAD_MAX ? String(count) : `${UNREAD_MAX}+`;
}

/** A telephone number or an address, to be clicked; other words are only words. */
export function contactLink(text: string): string | null {
  const trimmed = text.trim();
  if (/^\+?[\d\s()/.-]{3,}$/.test(trimmed)) return `tel:${trimmed.replace(/[^\d+]/g, "")}`;
  return /^[^\s@:]+@[^\s@:]+$/.test(trimmed) ? `mailto:${trimmed}` : null;
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

export function stateName(state: ChatStateView | TaskStateView): string {
  switch (state.state) {
    case "allocated":
      return state.until === null ? m.state_allocated() : m.state_alerting();
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

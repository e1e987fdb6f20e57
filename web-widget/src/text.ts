// Every sentence that a visitor reads, in both languages. `$` stands for the agent's name, `#` for a number or a time.
// Never decides when it is shown.

import type { Code } from "../../web-shared/src/protocol/error";
import type { VisitorChatState } from "../../web-shared/src/protocol/visitor";

export type Language = "de" | "en";

type StateName = VisitorChatState["state"];

export interface Text {
  connecting: string;
  reconnecting: string;
  minimise: string;
  end: string;
  endQuestion: string;
  input: string;
  send: string;
  newChat: string;
  again: string;
  edit: string;
  notSent: string;
  sending: string;
  you: string;
  log: string;
  newest: string;
  typing: string;
  unread: string;
  since: string;
  /** A call takes long: how the visitor can go on. */
  question: string;
  /** Leads to the question again. */
  otherwise: string;
  goBack: string;
  /** The visitor has not answered for long. */
  idle: string;
  /** What they may say to that with one click. */
  here: string;
  /** The line under the company's name. */
  state: Record<StateName, string>;
  /** What stands above the text field while it is not simply a conversation. */
  hint: Partial<Record<StateName, string>>;
  /** What a visitor can do who waits while nobody is there. */
  stay: string;
  /** Before the telephone number of the service. */
  call: string;
  /** `#`: when. */
  opens: string;
  /** The lines between the messages: what happened. */
  now: Record<Exclude<StateName, "ended">, string>;
  back: string;
  problem: Partial<Record<Code, string>>;
  failed: string;
  keepTrying: string;
}

const en: Text = {
  connecting: "Connecting …",
  reconnecting: "Reconnecting … Your messages are kept.",
  minimise: "Minimise chat",
  end: "End chat",
  endQuestion: "End this chat?",
  input: "Your message",
  send: "Send",
  newChat: "Start a new chat",
  again: "Try again",
  edit: "Edit",
  notSent: "Not sent.",
  sending: "Sending …",
  you: "You",
  log: "Messages",
  newest: "New message",
  typing: "$ is writing",
  unread: "unread messages: #",
  since: "since #",
  question: "The call takes longer. How would you like to go on?",
  otherwise: "Other ways to go on",
  goBack: "Back",
  idle: "Are you still there? The chat will close soon.",
  here: "Yes, I am still here.",
  state: {
    waiting: "You are in the queue",
    allocated: "$ will be with you in a moment",
    active: "Talking with $",
    parked: "$ will be back in a moment",
    preempted: "$ is on the phone",
    ended: "This chat is over",
  },
  hint: {
    waiting: "Somebody will be with you soon. You can already write what it is about.",
    parked: "$ will be back in a moment. Go on writing: your messages are kept.",
    preempted: "$ is on the phone and will be back right after the call. Go on writing: your messages are kept.",
  },
  stay: "Leave this page open, and it begins as soon as somebody comes.",
  call: "Or call us:",
  opens: "We open #.",
  now: {
    waiting: "You are waiting for somebody else and keep your place",
    allocated: "$ has your request",
    active: "You are talking with $",
    parked: "$ had to step away for a moment",
    preempted: "$ was called to the phone",
  },
  back: "$ is back",
  problem: {
    unknown_token: "The chat is not available at the moment.",
    too_many: "Very many people want to chat right now.",
    unavailable: "The chat is not available at the moment.",
    chat_over: "The chat was already over.",
    unserved: "Unfortunately nobody is there for a chat at the moment.",
  },
  failed: "That did not work.",
  keepTrying: "We keep trying for you.",
};

const de: Text = {
  connecting: "Verbindung wird aufgebaut …",
  reconnecting: "Verbindung wird wiederhergestellt … Ihre Nachrichten bleiben erhalten.",
  minimise: "Chat minimieren",
  end: "Chat beenden",
  endQuestion: "Diesen Chat beenden?",
  input: "Ihre Nachricht",
  send: "Senden",
  newChat: "Neuen Chat beginnen",
  again: "Noch einmal versuchen",
  edit: "Bearbeiten",
  notSent: "Nicht gesendet.",
  sending: "Wird gesendet …",
  you: "Sie",
  log: "Nachrichten",
  newest: "Neue Nachricht",
  typing: "$ schreibt",
  unread: "ungelesene Nachrichten: #",
  since: "seit # Uhr",
  question: "Der Anruf dauert länger. Wie möchten Sie weitermachen?",
  otherwise: "Anders weitermachen",
  goBack: "Zurück",
  idle: "Sind Sie noch da? Der Chat wird sonst bald geschlossen.",
  here: "Ja, ich bin noch da.",
  state: {
    waiting: "Sie sind in der Warteschleife",
    allocated: "$ ist gleich bei Ihnen",
    active: "$ ist für Sie da",
    parked: "$ ist gleich wieder da",
    preempted: "$ telefoniert gerade",
    ended: "Dieser Chat ist beendet",
  },
  hint: {
    waiting: "Gleich ist jemand für Sie da. Schreiben Sie gern schon, worum es geht.",
    parked: "$ ist gleich wieder da. Schreiben Sie ruhig weiter: Ihre Nachrichten bleiben erhalten.",
    preempted:
      "$ telefoniert gerade und ist gleich wieder da. Schreiben Sie ruhig weiter: Ihre Nachrichten bleiben erhalten.",
  },
  stay: "Lassen Sie diese Seite offen, dann geht es los, sobald jemand kommt.",
  call: "Oder rufen Sie uns an:",
  opens: "Wir öffnen: #.",
  now: {
    waiting: "Sie warten auf jemand anderen und behalten Ihren Platz",
    allocated: "$ hat Ihre Anfrage",
    active: "$ ist jetzt für Sie da",
    parked: "$ musste kurz weg",
    preempted: "$ wurde ans Telefon gerufen",
  },
  back: "$ ist zurück",
  problem: {
    unknown_token: "Der Chat ist zurzeit nicht verfügbar.",
    too_many: "Gerade möchten sehr viele chatten.",
    unavailable: "Der Chat ist zurzeit nicht verfügbar.",
    chat_over: "Der Chat war schon beendet.",
    unserved: "Leider ist gerade niemand für einen Chat da.",
  },
  failed: "Das hat nicht geklappt.",
  keepTrying: "Wir versuchen es weiter für Sie.",
};

export const texts: Record<Language, Text> = { de, en };

/** Puts a name, number or time in its place. */
export function fill(text: string, what: string | number): string {
  const filled = text.replace(/[$#]/, () => String(what));
  // A sentence that begins with it may begin with "our team".
  return filled[0]?.toUpperCase() + filled.slice(1);
}

/** The snippet's wish, else the page's language, else the browser's; English for all but German. */
export function languageOf(wish: string | undefined, page: string, browser: string): Language {
  return /^de\b/i.test(wish || page || browser) ? "de" : "en";
}

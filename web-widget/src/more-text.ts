// The sentences of what only some chats need, in both languages. `$` stands for the agent's name, `#` for a number.
// Never decides when they are shown.

import type { Choice, EndedBy } from "../../web-shared/src/protocol/visitor";
import type { Language } from "./text";

/** The choices for which the daemon has to know where the visitor can be reached. */
export type WithContact = Extract<Choice, "callback" | "email">;

interface Text {
  begin: string;
  agree: string;
  optional: string;
  choose: string;
  missing: string;
  /** What was typed cannot be one. */
  wrong: string;
  /** A form when nobody is there. */
  reach: string;
  message: string;
  send: string;
  agreeAndSend: string;
  failed: string;
  left: string;
  again: string;
  choice: Record<Choice, string>;
  contact: Record<WithContact, string>;
  goBack: string;
  transcript: string;
  /** How it was. */
  rate: string;
  stars: string;
  comment: string;
  thanks: string;
  /** Why it is over. */
  ended: Record<EndedBy, string>;
  you: string;
}

const en: Text = {
  begin: "Start chat",
  agree: "Agree and start chat",
  optional: "optional",
  choose: "Please choose",
  missing: "Please fill this in.",
  wrong: "We cannot reach you like that. Please look at it again.",
  reach: "Your e-mail address",
  message: "Your message",
  send: "Send",
  agreeAndSend: "Agree and send",
  failed: "That did not work. Please try again.",
  left: "Thank you. We have your message and will get back to you.",
  again: "Back to the chat",
  choice: { stay: "Wait for $", another_agent: "Talk to another agent", callback: "Be called back", email: "Get an e-mail" },
  contact: { callback: "Your telephone number", email: "Your e-mail address" },
  goBack: "Back",
  ended: {
    visitor: "You ended the chat",
    agent: "The agent ended the chat",
    visitor_timeout: "The chat ended because we could not reach you for a while",
    visitor_idle: "The chat ended because we did not hear from you for a while",
    callback: "We will call you back",
    email: "We will write to you",
    unserved: "Unfortunately nobody has time for you at the moment",
  },
  rate: "How was this chat?",
  stars: "# of 5 stars",
  comment: "Anything to add?",
  thanks: "Thank you for telling us.",
  transcript: "Save this conversation",
  you: "You",
};

const de: Text = {
  begin: "Chat beginnen",
  agree: "Zustimmen und Chat beginnen",
  optional: "freiwillig",
  choose: "Bitte wählen",
  missing: "Bitte füllen Sie das aus.",
  wrong: "So erreichen wir Sie nicht. Bitte prüfen Sie die Angabe.",
  reach: "Ihre E-Mail-Adresse",
  message: "Ihre Nachricht",
  send: "Senden",
  agreeAndSend: "Zustimmen und senden",
  failed: "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
  left: "Danke! Ihre Nachricht ist bei uns, und wir melden uns.",
  again: "Zurück zum Chat",
  choice: { stay: "Warten, bis $ wieder da ist", another_agent: "Mit jemand anderem sprechen", callback: "Rückruf bekommen", email: "E-Mail bekommen" },
  contact: { callback: "Ihre Telefonnummer", email: "Ihre E-Mail-Adresse" },
  goBack: "Zurück",
  ended: {
    visitor: "Sie haben den Chat beendet",
    agent: "Der Agent hat den Chat beendet",
    visitor_timeout: "Der Chat wurde beendet, weil wir Sie eine Weile nicht erreichen konnten",
    visitor_idle: "Der Chat wurde beendet, weil wir eine Weile nichts von Ihnen gehört haben",
    callback: "Wir rufen Sie zurück",
    email: "Wir schreiben Ihnen",
    unserved: "Leider hat gerade niemand Zeit für Sie",
  },
  rate: "Wie war dieser Chat?",
  stars: "# von 5 Sternen",
  comment: "Möchten Sie etwas dazu sagen?",
  thanks: "Danke für Ihre Rückmeldung!",
  transcript: "Gespräch speichern",
  you: "Sie",
};

export const more: Record<Language, Text> = { de, en };

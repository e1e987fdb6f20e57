// To whom what the agent attends to can be given: who can take it now stands before who cannot.
// It decides nothing: what stands in the way is the daemon's word.

import type { ChatView, ColleagueView, Recipient } from "../../web-shared/src/protocol/agent";
import type { Code } from "../../web-shared/src/protocol/error";
import type { State } from "./state";

/** Why somebody cannot be asked at the moment: the daemon's word, or somebody is asked already. */
export type Hindrance = Code | "asks_already";

export interface Choice {
  readonly to: Recipient;
  readonly name: string;
  readonly hindrance: Hindrance | null;
}

/** All queues, by name. */
export function queueChoices({ destinations }: State): Choice[] {
  return destinations.map(({ queue, name }) => ({ to: { kind: "queue", id: queue }, name, hindrance: null }));
}

/** The colleagues who can ever take a chat, by name: first those who can take this one now, then those who have enough. */
export function colleagueChoices({ colleagues }: State, chat: ChatView): Choice[] {
  const choices = colleagues
    .filter(({ takes_chats }) => takes_chats)
    .map((colleague): Choice => ({
      to: { kind: "agent", id: colleague.agent },
      name: colleague.name,
      hindrance: takesChat(colleague, chat.queue) ?? (chat.may.transfer_to_agent === null ? null : "asks_already"),
    }));
  return choices.toSorted((a, b) => rank(a) - rank(b));
}

/** Who has as many chats as they may have can be asked: they may be done with one meanwhile, and the daemon says no if not. */
export function canBeAsked({ hindrance }: Choice): boolean {
  return hindrance === null || hindrance === "maximum_reached";
}

export function sameRecipient(a: Recipient, b: Recipient | null): boolean {
  return a.kind === b?.kind && a.id === b.id;
}

function takesChat({ take_chat, take_chat_from }: ColleagueView, queue: number): Code | null {
  const own = take_chat_from.find((one) => one.queue === queue);
  return own === undefined ? take_chat : own.take_chat;
}

function rank(choice: Choice): number {
  if (choice.hindrance === null) return 0;
  return canBeAsked(choice) ? 1 : 2;
}

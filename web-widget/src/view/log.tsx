// The conversation: messages in groups, and between them what happened to the chat.

import type { EndedBy, Message } from "../../../web-shared/src/protocol/visitor";
import { when, writing } from "../../../web-shared/src/when";
import { late } from "../late";
import { agentOf, key, type Notice, type State, type Unsent } from "../state";
import { fill, type Language, type Text } from "../text";
import { type Child, type Description, h } from "./dom";

/** Messages of one author with less than this between them share a time. */
const GROUP_MS = 5 * 60_000;

/** A time of day, of another day with its date: as the visitor's part of the world writes it. */
export function clock(language: Language, at: number): string {
  return when(writing(language, navigator.languages), at);
}

export function conversation(
  { messages, notices, chat, unsent }: State,
  text: Text,
  language: Language,
  edit: (own: Unsent) => void,
  ended: (by: EndedBy) => string | undefined,
): Child[] {
  const happened = (after: number): Child[] =>
    notices.map((notice, index) => notice.after === after && line(notice, index, text, ended));
  const apart = (one: Message | undefined, other: Message | undefined): boolean =>
    one?.author !== other?.author ||
    (other?.at ?? 0) - (one?.at ?? 0) > GROUP_MS ||
    notices.some((notice) => notice.after === one?.number);

  const rows: Child[] = messages.flatMap((message, index) => [
    <div
      // The key that it had on its way, so that it stays the same element and is not read out twice.
      key={message.author === "visitor" ? key(message) : message.number}
      class={`row ${message.author}${apart(messages[index - 1], message) ? " first" : ""}`}
      data-testid="message"
      data-pending="false"
    >
      {bubble(
        message.author === "visitor" ? text.you : (chat?.company ?? ""),
        late.extras?.body(message) ?? message.text,
      )}
      {apart(message, messages[index + 1]) && (
        <time class="small" datetime={new Date(message.at).toJSON()}>
          {clock(language, message.at)}
        </time>
      )}
    </div>,
    ...happened(message.number),
  ]);
  return [happened(0), rows, unsent.map((own) => onItsWay(own, text, edit)), late.extras?.below()];
}

function onItsWay(own: Unsent, text: Text, edit: (own: Unsent) => void): Description {
  const { problem } = own;
  return (
    <div
      key={key(own)}
      class={`row visitor first ${problem ? "failed" : "pending"}`}
      data-testid="message"
      data-pending="true"
    >
      {bubble(text.you, own.text)}
      <small class="small">
        {problem ? `${text.notSent} ${text.problem[problem.code] ?? text.failed} ` : text.sending}
      </small>
      {problem && problem.code !== "chat_over" && (
        <button data-testid="edit" onclick={() => edit(own)}>
          {text.edit}
        </button>
      )}
    </div>
  );
}

function bubble(author: string, said: Child): Description {
  return (
    <p class="bubble">
      <span class="aside">{author}: </span>
      {said}
    </p>
  );
}

function line({ before, now }: Notice, index: number, text: Text, ended: (by: EndedBy) => string | undefined): Description {
  const back = now.state === "active" && (before === "preempted" || before === "parked");
  return (
    <p key={`notice${index}`} class="notice" data-testid="notice" data-state={now.state}>
      {now.state === "ended" ? (ended(now.by) ?? "") : fill(back ? text.back : text.now[now.state], agentOf(now))}
    </p>
  );
}

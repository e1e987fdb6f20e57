// The lines of a conversation, those of one author in a row together.

import type { ReactElement } from "react";
import { m } from "../paraglide/messages.js";
import type { Message } from "../../../web-shared/src/protocol/visitor";
import type { Pending } from "../state";
import { Time } from "./Clock";
import { Linked } from "./Linked";
import css from "./Log.module.css";

interface Props {
  messages: readonly Message[];
  /** What is on its way. */
  pending?: readonly Pending[];
}

const NONE: readonly Pending[] = [];

export function Lines({ messages, pending = NONE }: Props): ReactElement {
  return (
    <>
      {lined(messages).map(({ message, first }) => (
        <Line
          // Stays the same line when a message that was on its way is stored: it is not read out twice.
          key={message.author === "agent" ? `${message.client} ${message.command}` : message.number}
          author={message.author}
          text={message.text}
          number={message.number}
          at={message.at}
          first={first}
        />
      ))}
      {pending.map((own) => (
        <Line key={`${own.client} ${own.command}`} author="agent" text={own.text} number={null} at={null} first={false} />
      ))}
    </>
  );
}

interface LineProps {
  author: "visitor" | "agent";
  text: string;
  /** `null`: on its way. */
  number: number | null;
  at: number | null;
  /** Of several in a row by the same author. */
  first: boolean;
}

function Line({ author, text, number, at, first }: LineProps): ReactElement {
  return (
    <div
      className={css.line}
      data-author={author}
      data-first={first}
      data-testid="message"
      data-number={number ?? ""}
      data-pending={number === null}
    >
      <span className="hidden">{author === "agent" ? m.author_agent() : m.author_visitor()}: </span>
      <p className={css.text}>
        <Linked text={text} />
      </p>
      {at === null ? (
        <span className={css.at}>{m.message_pending()}</span>
      ) : (
        <Time at={at} className={css.at} />
      )}
    </div>
  );
}

function lined(messages: readonly Message[]): { message: Message; first: boolean }[] {
  return messages.map((message, at) => ({ message, first: messages[at - 1]?.author !== message.author }));
}

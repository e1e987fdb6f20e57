// The lines of a conversation, those of one author in a row together.

import type { ReactElement } from "react";
import { m } from "../paraglide/messages.js";
import type { NoteView } from "../../../web-shared/src/protocol/agent";
import type { FileView, Message } from "../../../web-shared/src/protocol/visitor";
import type { Pending } from "../state";
import { Time } from "./Clock";
import { SentFile } from "./Files";
import { Linked } from "./Linked";
import { Note, Notes } from "./Note";
import css from "./Log.module.css";

interface Props {
  chat: number;
  messages: readonly Message[];
  /** What agents noted for each other, each behind its message. */
  notes?: readonly NoteView[];
  /** Who writes, to stand at their notes. */
  author?: string;
  /** What is on its way. */
  pending?: readonly Pending[];
  /** The last message that the visitor has seen. */
  readUpTo?: number;
}

const NONE: readonly never[] = [];

export function Lines({ chat, messages, notes = NONE, author = "", pending = NONE, readUpTo = 0 }: Props): ReactElement {
  // The last one says it for all before it.
  const read = messages.findLast((message) => message.author === "agent" && message.number <= readUpTo)?.number;
  return (
    <>
      {lined(messages).map(({ message, first }) => [
        <Line
          // Stays the same line when a message that was on its way is stored: it is not read out twice.
          key={message.author === "agent" ? `${message.client} ${message.command}` : message.number}
          author={message.author}
          text={message.text}
          file={message.file}
          chat={chat}
          number={message.number}
          at={message.at}
          first={first}
          read={message.number === read}
        />,
        <Notes key={`notes ${message.number}`} notes={notes.filter(({ after }) => after === message.number)} />,
      ])}
      {pending.map((own) =>
        own.note ? (
          <Note key={`${own.client} ${own.command}`} author={author} text={own.text} at={null} />
        ) : (
          <Line key={`${own.client} ${own.command}`} author="agent" text={own.text} number={null} at={null} first={false} />
        ),
      )}
    </>
  );
}

interface LineProps {
  author: "visitor" | "agent";
  text: string;
  file?: FileView | null;
  chat?: number;
  /** `null`: on its way. */
  number: number | null;
  at: number | null;
  /** Of several in a row by the same author. */
  first: boolean;
  /** The visitor has seen it, and of the agent's none that came later. */
  read?: boolean;
}

function Line({ author, text, file, chat, number, at, first, read = false }: LineProps): ReactElement {
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
      <p className={css.text}>{file && chat ? <SentFile chat={chat} name={text} file={file} /> : <Linked text={text} />}</p>
      {at === null ? (
        <span className={css.at}>{m.message_pending()}</span>
      ) : (
        <span className={css.at}>
          <Time at={at} />
          {read && <span data-testid="read"> · {m.message_read()}</span>}
        </span>
      )}
    </div>
  );
}

function lined(messages: readonly Message[]): { message: Message; first: boolean }[] {
  return messages.map((message, at) => ({ message, first: messages[at - 1]?.author !== message.author }));
}

// What agents noted in a chat for each other: told apart from messages by its sign, its words and its shape, not by colour alone.

import type { ReactElement } from "react";
import type { NoteView } from "../../../web-shared/src/protocol/agent";
import { m } from "../paraglide/messages.js";
import { Time } from "./Clock";
import { Icon } from "./Icon";
import { Linked } from "./Linked";
import css from "./Note.module.css";

/** `at` is `null` while it is on its way. */
export function Note({ author, text, at }: { author: string; text: string; at: number | null }): ReactElement {
  return (
    <div className={css.note} data-testid="internal-note" data-pending={at === null}>
      <p className={css.head}>
        <Icon name="note" size={14} />
        <span>{m.note_by({ name: author })}</span>
        {at === null ? <span>{m.message_pending()}</span> : <Time at={at} />}
      </p>
      <p className={css.text}>
        <Linked text={text} />
      </p>
    </div>
  );
}

export function Notes({ notes }: { notes: readonly NoteView[] }): ReactElement {
  return (
    <>
      {notes.map(({ number, author, text, at, client, command }) => (
        // The key that it had on its way, so that it is not read out twice.
        <Note key={client === "" ? number : `${client} ${command}`} author={author} text={text} at={at} />
      ))}
    </>
  );
}

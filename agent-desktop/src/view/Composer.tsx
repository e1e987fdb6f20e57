// Where the agent writes. Only the active chat is written to; a draft waits for as long as it must.

import { ActionIcon, Button, Textarea } from "@mantine/core";
import { memo, useEffect, useRef, useState, useSyncExternalStore, type FormEvent, type KeyboardEvent, type ReactElement, type ReactNode, type RefObject } from "react";
import { flushSync } from "react-dom";
import { drafts, type Place } from "../drafts";
import { useDesk, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import { preferences } from "../preferences";
import type { Preferences } from "../../../web-shared/src/protocol/desk";
import type { ChatView } from "../../../web-shared/src/protocol/agent";
import { Typing } from "../../../web-shared/src/typing";
import css from "./Composer.module.css";
import { Attach, pastes, useAttach } from "./Files";
import { Icon } from "./Icon";
import { chatName } from "./names";
import { keyShortcut } from "./shortcuts";
import { useTemplates } from "./Templates";

const CHARACTERS_MAX = 4_000;
/** The count shows when it begins to matter. */
const COUNT_SHOWN_FROM = 3_600;

interface Writing {
  readonly text: string;
  /** It is for colleagues, and the visitor will not see it. */
  readonly noting: boolean;
  readonly writable: boolean;
  readonly sendable: boolean;
  /** In characters. */
  readonly length: number;
  write(whole: string): void;
  send(): void;
  /** From a message to a note, or back. */
  switchTo(noting: boolean): void;
  /** Nothing is written any more, for now. */
  rest(): void;
}

/** What is written, to the visitor or for colleagues, and sent. */
function useWriting(chat: ChatView, notes: boolean): Writing {
  const desk = useDesk();
  const [asked, setNoting] = useState(false);
  const noting = notes || asked;
  const place: Place = noting ? `intern.${chat.chat}` : chat.chat;
  const text = useSyncExternalStore(drafts.subscribe, () => drafts.get(place));
  const [typing] = useState(() => new Typing((on) => desk.typing(chat.chat, on)));
  useEffect(() => () => typing.set(false), [typing]);
  const writable = noting || chat.may.say === null;
  // The daemon counts characters, not the halves that some of them are stored in here.
  const length = Array.from(text).length;
  const sendable = writable && text.trim() !== "" && length <= CHARACTERS_MAX;
  return {
    text,
    noting,
    writable,
    sendable,
    length,
    write: (whole) => {
      drafts.set(place, whole);
      // The visitor is not to see that there is a note, not even that somebody writes one.
      typing.set(!noting && whole.trim() !== "");
    },
    send: () => {
      if (!sendable) return;
      typing.set(false);
      desk.do({ do: noting ? "note" : "say", chat: chat.chat, text });
      drafts.set(place, "");
      setNoting(false);
    },
    switchTo: (on) => {
      typing.set(false);
      flushSync(() => setNoting(on));
    },
    rest: () => typing.set(false),
  };
}

/** `notes`: nothing can be said any more, but noted. Its field is measured each time it is drawn: not because of what comes elsewhere. */
export const Composer = memo(function Composer({ chat, notes = false }: { chat: ChatView; notes?: boolean }): ReactElement {
  const input = useRef<HTMLTextAreaElement>(null);
  const { send_with } = useStore(preferences);
  const { text, noting, writable, sendable, length, write, send, switchTo, rest } = useWriting(chat, notes);
  const attach = useAttach(chat);
  // Whoever still wrote to a visitor who left does not go on in a note.
  useFocusOnceWritable(input, writable && !notes);

  const submit = (event: FormEvent | KeyboardEvent): void => {
    event.preventDefault();
    send();
    if (sendable) input.current?.focus();
  };
  const toggle = (on: boolean): void => {
    switchTo(on);
    input.current?.focus();
  };
  const templates = useTemplates(chat, text, input, write);
  return (
    <form className={css.composer} data-noting={noting} onSubmit={submit}>
      <div className={css.tools}>
        {!noting && <Attach chat={chat} />}
        {!notes && <NoteSwitch chat={chat} on={noting} onSwitch={toggle} />}
      </div>
      {templates.list}
      <Textarea
        {...templates.field}
        ref={input}
        className={css.input}
        aria-label={m.act_on({ act: noting ? m.note_label() : m.write_label(), item: chatName(chat.chat) })}
        placeholder={noting ? m.note_here() : invitation(chat, writable)}
        autosize
        minRows={2}
        maxRows={8}
        disabled={!writable}
        value={text}
        error={length > CHARACTERS_MAX}
        onChange={(event) => write(event.currentTarget.value)}
        onPaste={noting ? undefined : pastes(attach)}
        onBlur={rest}
        onKeyDown={(event) => {
          if (!templates.onKey(event) && sends(event, send_with)) submit(event);
        }}
        data-testid="chat-input"
      />
      <Button
        type="submit"
        className={css.send}
        disabled={!sendable}
        aria-label={m.act_on({ act: noting ? m.note_save() : m.send(), item: chatName(chat.chat) })}
        rightSection={<Icon name={noting ? "note" : "send"} size={16} />}
        data-testid="chat-send"
      >
        <span className={css.sends}>{noting ? m.note_save() : m.send()}</span>
      </Button>
      <Count length={length}>
        {noting && <strong data-testid="noting">{m.note_hint()} </strong>}
        {templates.open}
      </Count>
    </form>
  );
});

/** Enter that ends the composition of a character belongs to the input method. */
function sends(event: KeyboardEvent, send_with: Preferences["send_with"]): boolean {
  if (event.key !== "Enter" || event.altKey || event.nativeEvent.isComposing) return false;
  return event.ctrlKey || event.metaKey || (send_with === "enter" && !event.shiftKey);
}

function Count({ length, children }: { length: number; children: ReactNode }): ReactElement {
  return (
    <p className={css.hint} data-over={length > CHARACTERS_MAX} role="status">
      {children} {length >= COUNT_SHOWN_FROM ? m.write_count({ count: length, max: CHARACTERS_MAX }) : ""}
    </p>
  );
}

/** Between what the visitor reads and what they never see. */
function NoteSwitch({ chat, on, onSwitch }: { chat: ChatView; on: boolean; onSwitch(on: boolean): void }): ReactElement {
  return (
    <ActionIcon
      size={32}
      variant={on ? "filled" : "default"}
      color="yellow"
      autoContrast
      aria-pressed={on}
      aria-label={m.act_on({ act: m.note_label(), item: chatName(chat.chat) })}
      aria-keyshortcuts={keyShortcut("note")}
      title={m.note_label()}
      onClick={() => onSwitch(!on)}
      data-testid="note-switch"
    >
      <Icon name="note" />
    </ActionIcon>
  );
}

function invitation(chat: ChatView, writable: boolean): string {
  if (writable) return m.write_here();
  // It cannot be activated during the call, and need not be.
  return chat.state.state === "preempted" ? m.write_after_call() : m.write_activate_first();
}

/** The focus comes here by itself only if it is nowhere in use: not while the agent writes elsewhere or is asked. */
function useFocusOnceWritable(input: RefObject<HTMLTextAreaElement | null>, writable: boolean): void {
  useEffect(() => {
    if (writable && mayTakeFocus()) input.current?.focus();
  }, [input, writable]);
}

function mayTakeFocus(): boolean {
  if (!document.hasFocus()) return false;
  const at = document.activeElement;
  const writes = at instanceof HTMLTextAreaElement || at instanceof HTMLInputElement;
  return !writes && document.querySelector("dialog[open]") === null;
}

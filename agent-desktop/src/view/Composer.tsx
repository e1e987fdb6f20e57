// Where the agent writes. Only the active chat is written to; a draft waits for as long as it must.

import { Button, Textarea } from "@mantine/core";
import { useEffect, useRef, useState, useSyncExternalStore, type FormEvent, type KeyboardEvent, type ReactElement, type ReactNode, type RefObject } from "react";
import { drafts } from "../drafts";
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
import { useTemplates } from "./Templates";

const CHARACTERS_MAX = 4_000;
/** The count shows when it begins to matter. */
const COUNT_SHOWN_FROM = 3_600;

interface Writing {
  readonly text: string;
  readonly writable: boolean;
  readonly sendable: boolean;
  /** In characters. */
  readonly length: number;
  write(whole: string): void;
  send(): void;
  /** Nothing is written any more, for now. */
  rest(): void;
}

/** What is written to a visitor, and sent. */
function useWriting(chat: ChatView): Writing {
  const desk = useDesk();
  const text = useSyncExternalStore(drafts.subscribe, () => drafts.get(chat.chat));
  const [typing] = useState(() => new Typing((on) => desk.typing(chat.chat, on)));
  useEffect(() => () => typing.set(false), [typing]);
  const writable = chat.may.say === null;
  // The daemon counts characters, not the halves that some of them are stored in here.
  const length = Array.from(text).length;
  const sendable = writable && text.trim() !== "" && length <= CHARACTERS_MAX;
  return {
    text,
    writable,
    sendable,
    length,
    write: (whole) => {
      drafts.set(chat.chat, whole);
      typing.set(whole.trim() !== "");
    },
    send: () => {
      if (!sendable) return;
      typing.set(false);
      desk.do({ do: "say", chat: chat.chat, text });
      drafts.set(chat.chat, "");
    },
    rest: () => typing.set(false),
  };
}

export function Composer({ chat }: { chat: ChatView }): ReactElement {
  const input = useRef<HTMLTextAreaElement>(null);
  const { send_with } = useStore(preferences);
  const { text, writable, sendable, length, write, send, rest } = useWriting(chat);
  const attach = useAttach(chat);
  useFocusOnceWritable(input, writable);

  const submit = (event: FormEvent | KeyboardEvent): void => {
    event.preventDefault();
    send();
    if (sendable) input.current?.focus();
  };
  const templates = useTemplates(chat, text, input, (whole) => drafts.set(chat.chat, whole));

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!templates.onKey(event) && sends(event, send_with)) submit(event);
  };
  return (
    <form className={css.composer} onSubmit={submit}>
      <Attach chat={chat} />
      {templates.list}
      <Textarea
        {...templates.field}
        ref={input}
        className={css.input}
        aria-label={m.act_on({ act: m.write_label(), item: chatName(chat.chat) })}
        placeholder={invitation(chat, writable)}
        autosize
        minRows={2}
        maxRows={8}
        disabled={!writable}
        value={text}
        error={length > CHARACTERS_MAX}
        onChange={(event) => write(event.currentTarget.value)}
        onPaste={pastes(attach)}
        onBlur={rest}
        onKeyDown={onKeyDown}
        data-testid="chat-input"
      />
      <Button
        type="submit"
        className={css.send}
        disabled={!sendable}
        aria-label={m.act_on({ act: m.send(), item: chatName(chat.chat) })}
        rightSection={<Icon name="send" size={16} />}
        data-testid="chat-send"
      >
        {m.send()}
      </Button>
      <Count length={length}>{templates.open}</Count>
    </form>
  );
}

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

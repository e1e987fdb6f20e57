// Where the agent writes. Only the active chat is written to; a draft waits for as long as it must.

import { Button, Textarea } from "@mantine/core";
import { useEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent, type ReactElement } from "react";
import { drafts } from "../drafts";
import { useDesk } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ChatView } from "../../../web-shared/src/protocol/agent";
import { Typing } from "../../../web-shared/src/typing";
import css from "./Composer.module.css";
import { Attach, filesOf, useAttach } from "./Files";
import { Icon } from "./Icon";
import { chatName } from "./names";

const CHARACTERS_MAX = 4_000;
/** The count shows when it begins to matter. */
const COUNT_SHOWN_FROM = 3_600;

export function Composer({ chat }: { chat: ChatView }): ReactElement {
  const desk = useDesk();
  const input = useRef<HTMLTextAreaElement>(null);
  const text = useSyncExternalStore(drafts.subscribe, () => drafts.get(chat.chat));
  const writable = chat.may.say === null;
  const [typing] = useState(() => new Typing((on) => desk.typing(chat.chat, on)));
  // The daemon counts characters, not the halves that some of them are stored in here.
  const length = Array.from(text).length;
  const sendable = writable && text.trim() !== "" && length <= CHARACTERS_MAX;

  useEffect(() => {
    if (writable && mayTakeFocus()) input.current?.focus();
  }, [writable]);
  useEffect(() => () => typing.set(false), [typing]);

  const attach = useAttach(chat);

  const send = (): void => {
    if (!sendable) return;
    typing.set(false);
    desk.do({ do: "say", chat: chat.chat, text });
    drafts.set(chat.chat, "");
    input.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!sends(event)) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Attach chat={chat} />
      <Textarea
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
        onChange={(event) => {
          drafts.set(chat.chat, event.currentTarget.value);
          typing.set(event.currentTarget.value.trim() !== "");
        }}
        onPaste={(event) => {
          const files = filesOf(event.clipboardData);
          if (files.length === 0) return;
          event.preventDefault();
          attach(files);
        }}
        onBlur={() => typing.set(false)}
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
      <Count length={length} />
    </form>
  );
}

/** Enter that ends the composition of a character belongs to the input method. */
function sends(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.altKey && !event.nativeEvent.isComposing;
}

function Count({ length }: { length: number }): ReactElement {
  return (
    <p className={css.hint} data-over={length > CHARACTERS_MAX} role="status">
      {length >= COUNT_SHOWN_FROM ? m.write_count({ count: length, max: CHARACTERS_MAX }) : ""}
    </p>
  );
}

function invitation(chat: ChatView, writable: boolean): string {
  if (writable) return m.write_here();
  // It cannot be activated during the call, and need not be.
  return chat.state.state === "preempted" ? m.write_after_call() : m.write_activate_first();
}

/** The focus comes here by itself only if it is nowhere in use: not while the agent writes elsewhere or is asked. */
function mayTakeFocus(): boolean {
  if (!document.hasFocus()) return false;
  const at = document.activeElement;
  const writes = at instanceof HTMLTextAreaElement || at instanceof HTMLInputElement;
  return !writes && document.querySelector("dialog[open]") === null;
}

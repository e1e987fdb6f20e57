// What was said in a chat, the latest at the bottom.

import { Button } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef, useState, type ReactElement, type RefObject } from "react";
import { useDesk, useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ChatView } from "../protocol/agent";
import type { Message } from "../protocol/visitor";
import { hasEarlier } from "../state";
import { Time } from "./Clock";
import { Icon } from "./Icon";
import { Linked } from "./Linked";
import css from "./Log.module.css";

/** This near to the end counts as reading along. */
const END_PX = 40;

export function Log({ chat }: { chat: ChatView }): ReactElement {
  const state = useFloor();
  const messages = state.messages.get(chat.chat) ?? [];
  const pending = state.pending.filter((own) => own.chat === chat.chat);
  const typing = state.typing.has(chat.chat) && chat.visitor_online && chat.state.state !== "wrap_up";
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  useRead(chat, messages, atEnd);
  const earlier = useEarlier(chat.chat, messages[0]?.number ?? 0, box);

  // Whoever reads further up is left there; their own message takes them to the end.
  useLayoutEffect(() => {
    if (atEnd || pending.length > 0) toEnd(box.current);
  });
  useEffect(() => {
    const log = box.current;
    if (log === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd) toEnd(log);
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, [atEnd]);

  const lines = lined(messages);
  return (
    <div className={css.around}>
      <div
        ref={box}
        className={css.log}
        role="log"
        aria-label={m.log()}
        // Can be scrolled by keyboard, hence the tab stop.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={(event) => {
          const log = event.currentTarget;
          setAtEnd(log.scrollHeight - log.scrollTop - log.clientHeight < END_PX);
          if (log.scrollTop < END_PX) earlier.ask(false);
        }}
        data-testid="chat-log"
      >
        {messages.length === 0 && pending.length === 0 && <p className={css.empty}>{m.log_empty()}</p>}
        {earlier.left && (
          <Button
            className={css.earlier}
            size="compact-sm"
            variant="subtle"
            onClick={() => earlier.ask(true)}
            data-testid="earlier"
          >
            {m.log_earlier()}
          </Button>
        )}
        {!earlier.left && messages.length > 0 && <p className={css.begins}>{m.log_begins()}</p>}
        {lines.map(({ message, first }) => (
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
          <Line
            key={`${own.client} ${own.command}`}
            author="agent"
            text={own.text}
            number={null}
            at={null}
            first={false}
          />
        ))}
        {typing && (
          <p className={css.typing}>
            <span className={css.dots} aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {m.visitor_types()}
          </p>
        )}
      </div>
      {!atEnd && (
        <Button
          className={css.toEnd}
          size="compact-sm"
          variant="default"
          radius="xl"
          leftSection={<Icon name="down" size={14} />}
          onClick={() => toEnd(box.current)}
        >
          {m.log_to_end()}
        </Button>
      )}
    </div>
  );
}

/** Earlier messages come as one scrolls up, or by the button; what is under the eye stays there. */
function useEarlier(
  chat: number,
  first: number,
  box: RefObject<HTMLDivElement | null>,
): { left: boolean; ask(again: boolean): void } {
  const desk = useDesk();
  const online = useOnline();
  const left = hasEarlier(useFloor(), chat);
  /** Before which message was asked, and how far from the end the eye was. */
  const asked = useRef<{ before: number; fromEnd: number } | null>(null);
  useLayoutEffect(() => {
    const log = box.current;
    if (log === null || asked.current === null || asked.current.before === first) return;
    toEnd(log, asked.current.fromEnd);
    asked.current = null;
  }, [first, box]);
  return {
    left,
    ask: (again) => {
      const log = box.current;
      if (!left || !online || log === null) return;
      const known = asked.current?.before === first;
      asked.current = { before: first, fromEnd: log.scrollHeight - log.scrollTop };
      // What was asked on a connection that broke is not answered: the button asks again, and twice does no harm.
      if (again || !known) desk.earlier(chat, first);
    },
  };
}

/** To the end, or to a place so far above it. */
function toEnd(log: HTMLElement | null, aboveEnd = 0): void {
  if (log !== null) log.scrollTop = log.scrollHeight - aboveEnd;
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

/** Tells the daemon what the agent has before their eyes. */
function useRead(chat: ChatView, messages: readonly Message[], atEnd: boolean): void {
  const desk = useDesk();
  const said = useRef(chat.read_up_to);
  const last = messages.findLast((message) => message.author === "visitor")?.number ?? 0;
  useEffect(() => {
    const look = (): void => {
      if (!atEnd || document.visibilityState !== "visible") return;
      if (last <= Math.max(said.current, chat.read_up_to)) return;
      said.current = last;
      desk.do({ do: "read", chat: chat.chat, number: last });
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [desk, chat.chat, chat.read_up_to, last, atEnd]);
}

function lined(messages: readonly Message[]): { message: Message; first: boolean }[] {
  return messages.map((message, at) => ({ message, first: messages[at - 1]?.author !== message.author }));
}

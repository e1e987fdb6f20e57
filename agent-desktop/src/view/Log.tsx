// What was said in a chat, the latest at the bottom.

import { Button } from "@mantine/core";
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactElement, type RefObject } from "react";
import { flushSync } from "react-dom";
import { useDesk, useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import { back, on, part, type Last } from "../part";
import type { ChatView } from "../../../web-shared/src/protocol/agent";
import type { Message } from "../../../web-shared/src/protocol/visitor";
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
  const [last, setLast] = useState<Last>(null);
  useRead(chat, messages, atEnd);
  const earlier = useEarlier(chat.chat, messages[0]?.number ?? 0);
  const shown = part(messages, last);
  if (pending.length > 0 && last !== null) setLast(null);

  const first = messages[0]?.number;
  const goBack = (again: boolean): void => {
    if (shown[0]?.number === first) earlier.ask(again);
    else setLast(back(messages, last));
  };
  // Whoever reads further up is left there; their own message takes them to the end.
  const keep = useKeptPlace(box, atEnd || pending.length > 0);
  // What was asked for is there: it is drawn for those who still wait for it.
  const [known, setKnown] = useState(first);
  if (known !== first) {
    setKnown(first);
    if (!atEnd && first !== undefined && known !== undefined && first < known && shown[0]?.number === known) {
      setLast(back(messages, last));
    }
  }

  useEffect(() => {
    const log = box.current;
    if (log === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd) toEnd(log);
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, [atEnd]);

  const lines = lined(shown);
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
          const near = log.scrollHeight - log.scrollTop - log.clientHeight < END_PX;
          keep();
          setAtEnd(near && last === null);
          if (near && last !== null) setLast(on(messages, last));
          else if (log.scrollTop < END_PX) goBack(false);
        }}
        data-testid="chat-log"
      >
        {messages.length === 0 && pending.length === 0 && <p className={css.empty}>{m.log_empty()}</p>}
        {(earlier.left || shown[0]?.number !== first) && (
          <Button
            className={css.earlier}
            size="compact-sm"
            variant="subtle"
            onClick={() => goBack(true)}
            data-testid="earlier"
          >
            {m.log_earlier()}
          </Button>
        )}
        {!earlier.left && shown[0]?.number === first && messages.length > 0 && <p className={css.begins}>{m.log_begins()}</p>}
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
          onClick={() => {
            flushSync(() => setLast(null));
            toEnd(box.current);
          }}
          data-testid="to-end"
        >
          {m.log_to_end()}
        </Button>
      )}
    </div>
  );
}

/** Earlier messages come as one scrolls up, or by the button. */
function useEarlier(chat: number, first: number): { left: boolean; ask(again: boolean): void } {
  const desk = useDesk();
  const online = useOnline();
  const left = hasEarlier(useFloor(), chat);
  const asked = useRef<number | null>(null);
  return {
    left,
    ask: (again) => {
      if (!left || !online || (asked.current === first && !again)) return;
      // What was asked on a connection that broke is not answered: the button asks again, and twice does no harm.
      asked.current = first;
      desk.earlier(chat, first);
    },
  };
}

/**
 * Whatever is drawn above it, what is under the eye stays there, or the end of all does. The function notes what that is: to be
 * called at each scrolling.
 */
function useKeptPlace(box: RefObject<HTMLDivElement | null>, follows: boolean): () => void {
  const place = useRef<{ number: string; top: number } | null>(null);
  const keep = useCallback((): void => {
    const log = box.current;
    const lines = [...(log?.querySelectorAll<HTMLElement>("[data-number]") ?? [])];
    const line = lines.find((one) => one.offsetTop + one.offsetHeight > (log?.scrollTop ?? 0));
    place.current = line === undefined ? null : { number: line.dataset["number"] ?? "", top: line.offsetTop };
  }, [box]);
  useLayoutEffect(() => {
    const was = place.current;
    const line = was === null ? null : box.current?.querySelector<HTMLElement>(`[data-number="${was.number}"]`);
    if (follows) toEnd(box.current);
    else if (was !== null && line != null) moveBy(box.current, line.offsetTop - was.top);
    keep();
  });
  return keep;
}

function moveBy(log: HTMLElement | null, px: number): void {
  if (log !== null && px !== 0) log.scrollTop += px;
}

function toEnd(log: HTMLElement | null): void {
  if (log !== null) log.scrollTop = log.scrollHeight;
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

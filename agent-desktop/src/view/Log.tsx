// What was said in a chat, the latest at the bottom.

import { Button } from "@mantine/core";
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactElement, type RefObject } from "react";
import { flushSync } from "react-dom";
import { useDesk, useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import { back, on, part, type Last } from "../part";
import type { ChatView, NoteView } from "../../../web-shared/src/protocol/agent";
import type { Message } from "../../../web-shared/src/protocol/visitor";
import { hasEarlier, type Pending } from "../state";
import { OnItsWay, useSending } from "./Files";
import { Icon } from "./Icon";
import { Lines } from "./Lines";
import css from "./Log.module.css";
import { Notes } from "./Note";

/** This near to the end counts as reading along. */
const END_PX = 40;

const NONE: readonly never[] = [];

export function Log({ chat }: { chat: ChatView }): ReactElement {
  const state = useFloor();
  const pending = useMemo(() => state.pending.filter((own) => own.chat === chat.chat), [state.pending, chat.chat]);
  return (
    <Drawn
      chat={chat}
      messages={state.messages.get(chat.chat) ?? NONE}
      notes={state.notes.get(chat.chat) ?? NONE}
      pending={pending}
      author={state.agent.name}
      typing={state.typing.has(chat.chat) && chat.visitor_online && chat.state.state !== "wrap_up"}
      left={hasEarlier(state, chat.chat)}
    />
  );
}

interface DrawnProps {
  chat: ChatView;
  messages: readonly Message[];
  notes: readonly NoteView[];
  pending: readonly Pending[];
  /** Who writes here. */
  author: string;
  /** Whether the visitor does. */
  typing: boolean;
  /** Whether there are earlier messages than these. */
  left: boolean;
}

/** Only when something in it changes, whatever else comes: it is measured each time. */
const Drawn = memo(function Drawn({ chat, messages, notes, pending, author, typing, left }: DrawnProps): ReactElement {
  const sending = useSending(chat.chat);
  const box = useRef<HTMLDivElement>(null);
  const { shown, atEnd, begins, scrolled, goBack, goToEnd } = usePart(chat, messages, pending.length > 0, left, box);
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
        onScroll={(event) => scrolled(event.currentTarget)}
        data-testid="chat-log"
      >
        {messages.length === 0 && pending.length === 0 && notes.length === 0 && <p className={css.empty}>{m.log_empty()}</p>}
        {!begins && (
          <Button className={css.earlier} size="compact-sm" variant="subtle" onClick={() => goBack(true)} data-testid="earlier">
            {m.log_earlier()}
          </Button>
        )}
        {begins && messages.length > 0 && <p className={css.begins}>{m.log_begins()}</p>}
        {shown[0] === messages[0] && <Notes notes={notes.filter(({ after }) => after < (messages[0]?.number ?? Infinity))} />}
        <Lines
          chat={chat.chat}
          messages={shown}
          notes={notes}
          author={author}
          pending={pending}
          readUpTo={chat.visitor_read_up_to}
        />
        {sending.map((one) => (
          <OnItsWay key={`${one.client} ${one.command}`} sending={one} />
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
          onClick={goToEnd}
          data-testid="to-end"
        >
          {m.log_to_end()}
        </Button>
      )}
    </div>
  );
});

interface Part {
  /** What is drawn. */
  readonly shown: readonly Message[];
  readonly atEnd: boolean;
  /** Whether the chat begins with what is drawn. */
  readonly begins: boolean;
  scrolled(log: HTMLElement): void;
  goBack(again: boolean): void;
  goToEnd(): void;
}

/** Which part of a chat is drawn, and where in it one is. */
function usePart(chat: ChatView, messages: readonly Message[], sends: boolean, left: boolean, box: RefObject<HTMLDivElement | null>): Part {
  const [atEnd, setAtEnd] = useState(true);
  const [last, setLast] = useState<Last>(null);
  useRead(chat, messages, atEnd);
  const first = messages[0]?.number;
  const earlier = useEarlier(chat.chat, first ?? 0, left);
  const shown = part(messages, last);
  if (sends && last !== null) setLast(null);
  const goBack = (again: boolean): void => {
    if (shown[0]?.number === first) earlier.ask(again);
    else setLast(back(messages, last));
  };
  // Whoever reads further up is left there; their own message takes them to the end.
  const keep = useKeptPlace(box, atEnd || sends);
  // What was asked for is there: it is drawn for those who still wait for it.
  const [known, setKnown] = useState(first);
  if (known !== first) {
    setKnown(first);
    if (!atEnd && first !== undefined && known !== undefined && first < known && shown[0]?.number === known) {
      setLast(back(messages, last));
    }
  }
  useEndKept(box, atEnd);
  return {
    shown,
    atEnd,
    begins: !left && shown[0]?.number === first,
    scrolled: (log) => {
      const near = log.scrollHeight - log.scrollTop - log.clientHeight < END_PX;
      keep();
      setAtEnd(near && last === null);
      if (near && last !== null) setLast(on(messages, last));
      else if (log.scrollTop < END_PX) goBack(false);
    },
    goBack,
    goToEnd: () => {
      flushSync(() => setLast(null));
      toEnd(box.current);
    },
  };
}

/** Whoever reads along stays at the end when the log gets another height. */
function useEndKept(box: RefObject<HTMLDivElement | null>, atEnd: boolean): void {
  useEffect(() => {
    const log = box.current;
    if (log === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd) toEnd(log);
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, [box, atEnd]);
}

/** Earlier messages come as one scrolls up, or by the button. */
function useEarlier(chat: number, first: number, left: boolean): { ask(again: boolean): void } {
  const desk = useDesk();
  const online = useOnline();
  const asked = useRef<number | null>(null);
  return {
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

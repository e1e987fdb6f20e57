// What did not work, and what happened elsewhere, said in the strip and read out; it goes away by itself, or by a click.

import { Button, CloseButton } from "@mantine/core";
import { useEffect, type ReactElement } from "react";
import { CODES } from "../codes";
import type { News, Notice } from "../desk";
import { useDesk, useFloor, useStore } from "../hooks";
import { ask, decline, declined, permission } from "../notifications";
import { m } from "../paraglide/messages.js";
import type { ItemRef } from "../../../web-shared/src/protocol/agent";
import { apart, chatName, itemName } from "./names";
import css from "./Notices.module.css";

const SHOWN_MS = 10_000;
/** Who is to act on it may be elsewhere for a moment. */
const ALERT_SHOWN_MS = 120_000;

/** The others follow when it is gone. */
export function LatestNotice({ notices }: { notices: readonly Notice[] }): ReactElement {
  const notice = notices.at(-1);
  return (
    <div role="status" aria-live="polite">
      {notice !== undefined && <One key={notice.id} notice={notice} more={notices.length - 1} />}
    </div>
  );
}

/** What a call had pushed aside is back. */
export function Resumed({ item, onForget }: { item: ItemRef; onForget(): void }): ReactElement {
  const state = useFloor();
  const chat = item.kind === "chat" ? state.chats.get(item.id) : undefined;
  const words = { item: itemName(item, state) };
  return (
    <div className={css.notice} data-kind="resumed" data-testid="resumed">
      <p>{chat?.state.state === "wrap_up" ? m.resumed_wrap_up(words) : m.resumed(words)}</p>
      <CloseButton size="sm" aria-label={m.close()} onClick={onForget} />
    </div>
  );
}

/** Once they work, and never by the browser's question alone: that comes after a yes. */
export function OfferNotifications(): ReactElement | null {
  const { presence } = useFloor().agent;
  const isOpen = useStore(permission) === "default";
  const isDeclined = useStore(declined);
  if (!isOpen || isDeclined || presence.presence !== "available") return null;
  return (
    <div className={css.notice} data-kind="given" data-testid="offer-notifications">
      <p>{m.notifications_offer()}</p>
      <Button size="compact-sm" variant="light" onClick={() => void ask()} data-testid="allow-notifications">
        {m.notifications_yes()}
      </Button>
      <CloseButton size="sm" aria-label={m.notifications_no()} onClick={decline} data-testid="decline-notifications" />
    </div>
  );
}

function One({ notice: { id, news }, more }: { notice: Notice; more: number }): ReactElement {
  const desk = useDesk();
  useEffect(() => {
    const timer = setTimeout(() => desk.dismiss(id), news.kind === "alert" ? ALERT_SHOWN_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [desk, id, news.kind]);
  return (
    <div
      className={css.notice}
      data-testid="notice"
      data-kind={news.kind}
      data-code={news.kind === "refused" ? news.code : undefined}
    >
      {/* Can be scrolled by keyboard where there is much to say, hence the tab stop. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <p tabIndex={0}>
        <Words news={news} />
      </p>
      {more > 0 && <span className={css.more}>+{more}</span>}
      <CloseButton size="sm" aria-label={m.close()} onClick={() => desk.dismiss(id)} />
    </div>
  );
}

function Words({ news }: { news: News }): ReactElement {
  const state = useStore(useDesk().state);
  switch (news.kind) {
    case "refused":
      return (
        <>
          {news.item !== null && <b>{itemName(news.item, state)}: </b>}
          {CODES[news.code]()}
        </>
      );
    case "given":
      return <>{m.given({ item: itemName(news.item, state), to: apart(news.to) })}</>;
    case "went_back":
      return <>{m.went_back({ item: itemName(news.item, state) })}</>;
    case "alert": {
      const who = { chat: chatName(news.chat), agent: apart(news.agent), queue: apart(news.queue) };
      return (
        <>
          <b>{m.alert()}</b> {news.preempted ? m.alert_preempted(who) : m.alert_parked(who)}
        </>
      );
    }
  }
}

// What did not work, and what happened elsewhere, said in a corner and read out; it goes away by itself, or by a click.

import { CloseButton } from "@mantine/core";
import { useEffect, type ReactElement } from "react";
import { CODES } from "../codes";
import type { News, Notice } from "../desk";
import { useDesk, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import { chatName, itemName } from "./names";
import css from "./Notices.module.css";

const SHOWN_MS = 10_000;
/** Who is to act on it may be elsewhere for a moment. */
const ALERT_SHOWN_MS = 120_000;

export function Notices(): ReactElement {
  const notices = useStore(useDesk().notices);
  return (
    <div className={css.notices} role="status" aria-live="polite">
      {notices.map((notice) => (
        <One key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function One({ notice: { id, news } }: { notice: Notice }): ReactElement {
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
      <p>
        <Words news={news} />
      </p>
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
      return <>{m.given({ item: itemName(news.item, state), to: news.to })}</>;
    case "went_back":
      return <>{m.went_back({ item: itemName(news.item, state) })}</>;
    case "alert": {
      const who = { chat: chatName(news.chat), agent: news.agent, queue: news.queue };
      return (
        <>
          <b>{m.alert()}</b> {news.preempted ? m.alert_preempted(who) : m.alert_parked(who)}
        </>
      );
    }
  }
}

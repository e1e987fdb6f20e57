// What was said in a chat that is over.

import { Button } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { CODES } from "../codes";
import { m } from "../paraglide/messages.js";
import type { ItemRef } from "../../../web-shared/src/protocol/agent";
import type { Transcript as Page } from "../../../web-shared/src/protocol/desk";
import { get, type Outcome } from "../rest";
import css from "./History.module.css";
import { Lines } from "./Lines";

export function Transcript({ chat }: { chat: ItemRef }): ReactElement {
  const [read, setRead] = useState<Outcome<Page> | null>(null);
  const path = `/items/${chat.kind}:${chat.id}/transcript`;
  useEffect(() => {
    let gone = false;
    const ask = async (): Promise<void> => {
      const outcome = await get<Page>(path);
      if (!gone) setRead(outcome);
    };
    void ask();
    return () => {
      gone = true;
    };
  }, [path]);
  const earlier = async (before: number): Promise<void> => {
    const outcome = await get<Page>(`${path}?before=${before}`);
    if (!outcome.ok) return;
    setRead((known) => {
      if (known?.ok !== true) return known;
      return { ok: true, value: { ...outcome.value, messages: [...outcome.value.messages, ...known.value.messages] } };
    });
  };
  return (
    // Can be scrolled by keyboard, hence the tab stop.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={css.transcript} role="log" aria-label={m.log()} tabIndex={0} data-testid="transcript">
      {read?.ok === false && <p className={css.said}>{CODES[read.code]()}</p>}
      {read?.ok === true && (
        <>
          {read.value.earlier !== null && (
            <Button size="compact-sm" variant="subtle" onClick={() => void earlier(read.value.earlier ?? 0)}>
              {m.log_earlier()}
            </Button>
          )}
          {read.value.messages.length === 0 && <p className={css.said}>{m.log_empty()}</p>}
          <Lines chat={chat.id} messages={read.value.messages} />
        </>
      )}
    </div>
  );
}

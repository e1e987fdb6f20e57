// What did not work, said in a corner and read out; it goes away by itself, or by a click.

import { CloseButton } from "@mantine/core";
import { useEffect, type ReactElement } from "react";
import { CODES } from "../codes";
import type { Notice } from "../desk";
import { useDesk, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import { chatName } from "./names";
import css from "./Notices.module.css";

const SHOWN_MS = 10_000;

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

function One({ notice }: { notice: Notice }): ReactElement {
  const desk = useDesk();
  useEffect(() => {
    const timer = setTimeout(() => desk.dismiss(notice.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [desk, notice.id]);
  return (
    <div className={css.notice} data-testid="notice" data-code={notice.code}>
      <p>
        {notice.chat !== null && <b>{chatName(notice.chat)}: </b>}
        {CODES[notice.code]()}
      </p>
      <CloseButton size="sm" aria-label={m.close()} onClick={() => desk.dismiss(notice.id)} />
    </div>
  );
}

// How long a chat's visitor waits for an answer, in the rows of the inbox; and a switch that puts whoever waits longest first.

import type { ReactElement } from "react";
import { useNow, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ChatView } from "../../../web-shared/src/protocol/agent";
import { Store } from "../store";
import { duration } from "../time";
import { waitOf, waitsSince } from "../unanswered";
import css from "./Unanswered.module.css";

const KEPT = "vorrang.longest_first";

export const longestFirst = new Store(localStorage.getItem(KEPT) === "true");

export function LongestFirst(): ReactElement {
  return (
    <label className={css.switch}>
      <input
        type="checkbox"
        checked={useStore(longestFirst)}
        onChange={(event) => {
          localStorage.setItem(KEPT, String(event.currentTarget.checked));
          longestFirst.set(event.currentTarget.checked);
        }}
        data-testid="longest-first"
      />
      {m.longest_first()}
    </label>
  );
}

export function Unanswered({ chat }: { chat: ChatView }): ReactElement | null {
  const now = useNow();
  const since = waitsSince(chat);
  if (since === null) return null;
  const wait = waitOf(now - since);
  const time = duration(now - since);
  return (
    <span className={css.unanswered} data-wait={wait} data-testid="unanswered">
      {wait === "too_long" ? m.unanswered_too_long({ time }) : m.unanswered({ time })}
    </span>
  );
}

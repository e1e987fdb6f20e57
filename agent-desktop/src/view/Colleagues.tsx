// Who else is there, and what they are at: always in the same order, so that nobody moves.

import type { ReactElement } from "react";
import { useFloor } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { DoesView } from "../../../web-shared/src/protocol/agent";
import css from "./Queues.module.css";

const DOES: Record<DoesView, () => string> = {
  out: m.does_out,
  away: m.does_away,
  nothing: m.does_nothing,
  call: m.does_call,
  chat: m.does_chat,
  other: m.does_other,
};

export function Colleagues(): ReactElement | null {
  const { colleagues } = useFloor();
  if (colleagues.length === 0) return null;
  const here = colleagues.filter(({ does }) => does !== "out").length;
  return (
    <details className={css.colleagues} data-testid="colleagues">
      <summary>{m.colleagues_here({ here, all: colleagues.length })}</summary>
      <ul>
        {colleagues.map(({ agent, name, does }) => (
          <li key={agent} data-does={does} data-testid="colleague">
            <span className={css.dot} aria-hidden="true" />
            <span dir="auto">{name}</span>
            <span>{DOES[does]()}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

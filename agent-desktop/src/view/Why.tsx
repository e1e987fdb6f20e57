// Why a call came to this agent: asked for by a click, in plain words.

import type { ReactElement } from "react";
import { PASSED_OVER, STRATEGIES, TIERS } from "../codes";
import { timeOf } from "../locale";
import { m } from "../paraglide/messages.js";
import type { CandidateView, WhyView } from "../../../web-shared/src/protocol/agent";
import css from "./Why.module.css";

export function Why({ why, className = "" }: { why: WhyView; className?: string | undefined }): ReactElement {
  return (
    <details className={`${css.why} ${className}`} data-testid="why">
      <summary>{m.why()}</summary>
      {/* Can be scrolled by keyboard, hence the tab stop. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css.text} tabIndex={0} role="group" aria-label={m.why()}>
        <p data-testid="why-winner" data-tier={why.winner.tier}>
          {chosen(why.winner)} {rule(why)}
        </p>
        {why.next.length > 0 && (
          <>
            <p className={css.what}>{m.why_next()}</p>
            <ol>
              {why.next.map((one, at) => (
                // Two colleagues may have the same name; the list never changes.
                // oxlint-disable-next-line react/no-array-index-key
                <li key={at}>
                  <b>{one.agent}</b>: {facts(one)}
                </li>
              ))}
            </ol>
          </>
        )}
        {why.passed_over.length > 0 && (
          <>
            <p className={css.what}>{m.why_passed_over()}</p>
            <ul>
              {why.passed_over.map(({ obstacle, agents }) => (
                <li key={obstacle} data-obstacle={obstacle}>
                  <b>{agents}</b> {PASSED_OVER[obstacle]()}
                </li>
              ))}
            </ul>
          </>
        )}
        {why.next.length === 0 && why.passed_over.length === 0 && <p>{m.why_nobody_else()}</p>}
      </div>
    </details>
  );
}

const CHOSEN: Record<CandidateView["tier"], () => string> = {
  free: m.why_free,
  task: m.why_task,
  chat_answered: m.why_chat_answered,
  chat_waiting: m.why_chat_waiting,
};

/** The one who was chosen looks at it themselves. */
function chosen({ tier, preemptions }: CandidateView): string {
  const first = CHOSEN[tier]();
  return preemptions > 0 ? `${first} ${m.why_interrupted({ count: preemptions })}` : first;
}

function rule({ strategy, preferred, winner }: WhyView): string {
  if (preferred) return m.why_preferred();
  const order = STRATEGIES[strategy]();
  return winner.tier === "free" ? m.why_rule_free({ order }) : m.why_rule_busy({ order });
}

export function facts({ tier, preemptions, since }: CandidateView): string {
  const facts = [TIERS[tier]()];
  if (preemptions > 0) facts.push(m.why_preemptions({ count: preemptions }));
  const time = timeOf(since);
  if (since > 0) facts.push(tier === "free" ? m.why_since({ time }) : m.why_last_call({ time }));
  return facts.join(", ");
}

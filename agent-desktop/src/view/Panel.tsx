// A column of the floor: a heading that stays, and what scrolls below it.

import type { ReactElement, ReactNode } from "react";
import { m } from "../paraglide/messages.js";
import type { Hand } from "./hand";
import css from "./Panel.module.css";

interface Props {
  title: string;
  count: number;
  /** The count in words. */
  label: string;
  /** How many of them came while the hand was in the panel, and stand below all others. */
  fresh: number;
  hand: Hand;
  children: ReactNode;
}

export function Panel({ title, count, label, fresh, hand: { holds, in: panel, on }, children }: Props): ReactElement {
  return (
    <section ref={panel} className={css.panel} aria-label={title} data-held={holds} {...on}>
      <h2 className={css.title}>
        <span>{title}</span>
        {fresh > 0 && (
          <span className={css.fresh} data-testid="fresh">
            {m.fresh_count({ count: fresh })}
          </span>
        )}
        <span className={css.count} aria-hidden="true">
          {count}
        </span>
        <span className="hidden">{label}</span>
      </h2>
      {/* Can be scrolled by keyboard, hence the tab stop. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css.body} tabIndex={0} role="group" aria-label={title} data-rows>
        {children}
      </div>
    </section>
  );
}

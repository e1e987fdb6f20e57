// A column of the floor: a heading that stays, and what scrolls below it.

import type { ReactElement, ReactNode } from "react";
import css from "./Panel.module.css";

interface Props {
  title: string;
  count: number;
  /** The count in words. */
  label: string;
  children: ReactNode;
}

export function Panel({ title, count, label, children }: Props): ReactElement {
  return (
    <section className={css.panel} aria-label={title}>
      <h2 className={css.title}>
        <span>{title}</span>
        <span className={css.count} aria-hidden="true">
          {count}
        </span>
        <span className="hidden">{label}</span>
      </h2>
      {/* Can be scrolled by keyboard, hence the tab stop. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css.body} tabIndex={0} role="group" aria-label={title}>
        {children}
      </div>
    </section>
  );
}

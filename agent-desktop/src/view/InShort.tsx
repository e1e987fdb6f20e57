// Words that have no room on a phone's screen, and what stands there in their place.

import type { ReactElement } from "react";
import css from "./InShort.module.css";

export function InShort({ short, children }: { short: string; children: string }): ReactElement {
  return (
    <>
      <span className={css.long}>{children}</span>
      <span className={css.short}>{short}</span>
    </>
  );
}

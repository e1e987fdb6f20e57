// A file that is chosen. The browser's own button would speak the browser's language.

import type { ReactElement, ReactNode } from "react";
import { m } from "../paraglide/messages.js";
import css from "./FileField.module.css";

interface Props {
  label: string;
  accept: string;
  testid: string;
  busy?: boolean;
  /** Stands below it. */
  children?: ReactNode;
  /** What is chosen by now, if that is shown. */
  chosen?: File | null;
  /** Where the focus goes in a dialog. */
  first?: boolean;
  onChoose(file: File | null): void;
}

export function FileField({ label, accept, testid, busy = false, children, chosen = null, first = false, onChoose }: Props): ReactElement {
  return (
    <label className={css.file}>
      <span>{label}</span>
      <input
        className="hidden"
        type="file"
        accept={accept}
        data-focus={first ? "" : undefined}
        disabled={busy}
        onChange={(event) => {
          onChoose(event.currentTarget.files?.[0] ?? null);
          // The same one may be chosen again, mended.
          event.currentTarget.value = "";
        }}
        data-testid={testid}
      />
      <span className={css.chosen}>
        <span className={css.choose} data-busy={busy}>{m.import_choose()}</span>
        {chosen !== null && <bdi>{chosen.name}</bdi>}
      </span>
      {children}
    </label>
  );
}

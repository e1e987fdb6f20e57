// A page with nothing on it yet.

import { Loader } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { m } from "../paraglide/messages.js";
import { Mark } from "./Icon";
import css from "./Waiting.module.css";

export function Waiting({ text, children }: { text: string | null; children?: ReactNode }): ReactElement {
  return (
    <main className={css.page} aria-busy={text === null}>
      <Mark size={40} />
      <div role="status">
        <h1 className={text === null ? "hidden" : css.text}>{text ?? m.loading()}</h1>
      </div>
      {text === null && <Loader size="sm" aria-hidden="true" />}
      {children}
    </main>
  );
}

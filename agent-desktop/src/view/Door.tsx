// What stands around those who are not inside yet: the sign, the switches, and what is asked of them.

import type { ReactElement, ReactNode } from "react";
import { m } from "../paraglide/messages.js";
import css from "./Door.module.css";
import { Mark } from "./Icon";
import { LanguageSwitch, SchemeSwitch } from "./Switches";

interface Props {
  title: string;
  text: string;
  children: ReactNode;
}

export function Door({ title, text, children }: Props): ReactElement {
  return (
    <div className={css.page}>
      <div className={css.switches}>
        <LanguageSwitch />
        <SchemeSwitch />
      </div>
      <main className={css.card}>
        <div className={css.brand}>
          <Mark size={44} />
          <div>
            <h1>{title}</h1>
            <p>{text}</p>
          </div>
        </div>
        {children}
      </main>
      <footer className={css.foot}>{m.login_foot()}</footer>
    </div>
  );
}

/** What was refused, where it is read out. */
export function Refused({ children }: { children: ReactNode }): ReactElement {
  return (
    <div role="alert" className={css.problem}>
      {children}
    </div>
  );
}

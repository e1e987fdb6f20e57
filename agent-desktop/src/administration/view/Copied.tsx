// A text with the button that copies it.

import { Button } from "@mantine/core";
import { useId, useState, type ReactElement, type ReactNode } from "react";
import { m } from "../../paraglide/messages.js";
import css from "./Form.module.css";

interface Props {
  title: string;
  text: string;
  testid: string;
  /** As it is shown, if not as it is. */
  children?: ReactNode;
}

export function Copied({ title, text, testid, children }: Props): ReactElement {
  const id = useId();
  const [said, setSaid] = useState("");
  const copy = async (): Promise<void> => setSaid((await copied(text)) ? m.admin_copied() : m.admin_not_copied());
  return (
    <div className={css.copied} role="group" aria-labelledby={id} data-testid={testid}>
      <div>
        <span id={id}>{title}</span>
        <span role="status">{said}</span>
        <Button size="compact-sm" variant="default" onClick={() => void copy()} aria-label={m.act_on({ act: m.admin_copy(), item: title })}>
          {m.admin_copy()}
        </Button>
      </div>
      {/* Can be scrolled by keyboard, hence the tab stop. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="group" aria-labelledby={id}>
        {children ?? text}
      </pre>
    </div>
  );
}

/** Pages that did not come over TLS have no clipboard of their own: there it is done as it was before there was one. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
  }
}

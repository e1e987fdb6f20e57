// What a chat's visitor said of themselves before it: by the form, and by the page that shows it.

import type { ReactElement } from "react";
import { m } from "../paraglide/messages.js";
import type { ChatView } from "../../../web-shared/src/protocol/agent";
import css from "./Details.module.css";

export function Details({ chat: { details } }: { chat: ChatView }): ReactElement | null {
  const { form, identity } = details;
  if (form.length === 0 && identity === null) return null;
  const ofPage = identity === null ? [] : ([
    [m.details_id(), identity.id],
    [m.details_name(), identity.name],
    [m.details_email(), identity.email],
    [m.details_telephone(), identity.telephone],
  ] as const).filter(([, value]) => value !== "");
  return (
    // Can be scrolled by keyboard, hence the tab stop.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={css.details} aria-label={m.details()} tabIndex={0} data-testid="details">
      <dl>
        {form.map(({ key, kind, label, value }) => (
          <div key={key} data-key={key}>
            <dt>{label}</dt>
            <dd dir="auto">{kind === "checkbox" ? m.details_yes() : value}</dd>
          </div>
        ))}
        {ofPage.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ))}
      </dl>
      {identity !== null && (
        <p data-testid="identity" data-proved={identity.proved}>
          {identity.proved ? m.details_proved() : m.details_not_proved()}
        </p>
      )}
    </section>
  );
}

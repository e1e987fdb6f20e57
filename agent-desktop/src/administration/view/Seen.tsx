// Where a chat was seen on a website, and where it was asked for and is not allowed.

import type { ReactElement } from "react";
import type { SeenPageView, SeenView } from "../../../../web-shared/src/protocol/rest";
import { timeOf } from "../../locale";
import { m } from "../../paraglide/messages.js";
import { seen } from "../api";
import { useAgain } from "./again";
import css from "./Form.module.css";

/** Of the chat service with this id. */
export function Seen({ service }: { service: string }): ReactElement {
  const found = useAgain(service, async () => {
    const answer = await seen(service);
    return answer.ok ? answer.value : null;
  });
  return (
    <>
      <h3 id="seen-title">{m.admin_seen()}</h3>
      {/* Of one height: what appears in it moves nothing that stands below. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className={css.seen} aria-labelledby="seen-title" tabIndex={0}>
        {found !== null && <Found found={found} />}
      </section>
    </>
  );
}

function Found({ found }: { found: SeenView }): ReactElement {
  return (
    <>
      {found.foreign.length > 0 && (
        <>
          <p>{m.admin_seen_foreign({ field: m.admin_origins() })}</p>
          <Pages pages={found.foreign} testid="admin-seen-foreign" />
          {found.pages.length > 0 && <p>{m.admin_seen_there()}</p>}
        </>
      )}
      {found.pages.length === 0 ? <p data-testid="admin-seen-not-yet">{m.admin_seen_not_yet()}</p> : <Pages pages={found.pages} testid="admin-seen" />}
    </>
  );
}

function Pages({ pages, testid }: { pages: readonly SeenPageView[]; testid: string }): ReactElement {
  return (
    <ul>
      {pages.map((page) => (
        <li key={`${page.origin} ${page.path}`} data-testid={testid}>
          <b dir="auto">{whichPage(page, testid)}</b>
          <br />
          {m.admin_seen_when({ last: timeOf(page.last), first: timeOf(page.first) })}
        </li>
      ))}
    </ul>
  );
}

function whichPage({ origin, path }: SeenPageView, testid: string): string {
  if (origin === "null") return m.admin_seen_no_address();
  return testid === "admin-seen" && path === null ? m.admin_seen_somewhere({ origin }) : `${origin}${path ?? ""}`;
}

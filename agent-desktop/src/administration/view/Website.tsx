// The line for a website, in its place in a page; how it comes into strict policies, tag managers and apps; and the real chat.

import { useComputedColorScheme } from "@mantine/core";
import type { ReactElement } from "react";
import { useStore } from "../../hooks";
import { locale } from "../../locale";
import { m } from "../../paraglide/messages.js";
import type { Settings } from "../settings";
import { APPS, policy, previewPage, samplePage, tag, tagManager } from "../snippet";
import { Copied } from "./Copied";
import css from "./Form.module.css";
import { useKnown } from "./lists";
import { Seen } from "./Seen";

/** How the chat comes to a website, and the real one to look at. */
export function Website({ id, token, name, saved }: { id: string; token: string; name: string; saved: Settings }): ReactElement {
  const { installation } = useKnown();
  const address = installation?.public_url ?? location.origin;
  return (
    <aside className={css.beside} aria-label={m.admin_website()}>
      <h3>{m.admin_website()}</h3>
      <p>{m.admin_website_text()}</p>
      <Copied title={m.admin_sample_page()} text={tag(address, token)} testid="admin-snippet">
        {samplePage(address, token, name).map(({ text, added }) => (
          <span key={text} className={css.line}>
            {added ? <mark>{text}</mark> : text}
            {"\n"}
          </span>
        ))}
      </Copied>
      <Seen service={id} />
      <details>
        <summary>{m.admin_csp()}</summary>
        <p>{m.admin_csp_text()}</p>
        <Copied title={m.admin_csp_title()} text={policy(address)} testid="admin-policy" />
      </details>
      <details>
        <summary>{m.admin_tag_manager()}</summary>
        <p>{m.admin_tag_manager_text()}</p>
        <Copied title={m.admin_tag_manager_title()} text={tagManager(address, token)} testid="admin-tag-manager" />
      </details>
      <details>
        <summary>{m.admin_app()}</summary>
        <p>{m.admin_app_text()}</p>
        {APPS.map((app) => (
          <Copied key={app.name} title={app.name} text={app.text} testid="admin-app" />
        ))}
      </details>
      <h3>{m.admin_preview()}</h3>
      <p>{m.admin_preview_text()}</p>
      <Preview key={JSON.stringify(saved)} token={token} />
    </aside>
  );
}

/** The widget itself, as it was saved last. Its own page: nothing of it touches this one. */
function Preview({ token }: { token: string }): ReactElement {
  const language = useStore(locale);
  const dark = useComputedColorScheme("light") === "dark";
  return (
    // Its content is ours, and its script has to come from where the daemon is: there is nobody to lock out.
    // oxlint-disable-next-line react/iframe-missing-sandbox
    <iframe className={css.preview} title={m.admin_preview()} srcDoc={previewPage(location.origin, token, language, dark)} data-testid="admin-preview" />
  );
}

// What stands beside a form: what its settings come to, how the thing stands, how it comes to a website.

import { useEffect, useState, type ReactElement } from "react";
import { useComputedColorScheme } from "@mantine/core";
import { useStore } from "../../hooks";
import { locale } from "../../locale";
import { m } from "../../paraglide/messages.js";
import { phones, trunks } from "../api";
import { length } from "../durations";
import { overtaking, overtakings, USUAL, type Channel, type HeadStarts, type Overtaking } from "../overtakes";
import { valueAt, type Settings } from "../settings";
import { APPS, policy, previewPage, samplePage, tag, tagManager } from "../snippet";
import { phoneInWords, trunkInWords } from "../states";
import type { View, Work } from "../work";
import { Copied } from "./Copied";
import css from "./Form.module.css";
import { useKnown } from "./lists";

export function Beside({ work, view }: { work: Work; view: View }): ReactElement | null {
  switch (work.kind) {
    case "queues":
      return <Order settings={view.mine} />;
    case "services":
      return work.which === null ? null : <Website token={String(view.base["token"] ?? "")} name={String(view.base["name"] ?? "")} saved={view.base} />;
    case "trunks":
      return work.which === null ? null : <Stands ask={() => trunkState(work.name)} />;
    case "agents":
      return work.which === null ? null : <Stands ask={() => phoneState(work.name)} />;
    case "company":
    case "numbers":
    case "break_reasons":
    case "classifications":
    case "templates":
      return null;
  }
}

/** Who goes first, computed from what stands in the form. */
function Order({ settings }: { settings: Settings }): ReactElement {
  const starts = startsOf(settings);
  const all = overtakings(starts).filter(({ first, second }) => !isChatAndCall(first, second));
  return (
    <aside className={css.beside} aria-label={m.admin_order()}>
      <h3>{m.admin_order()}</h3>
      <p className={css.main} data-testid="admin-overtakes">{sentence(overtaking(starts, "call", "chat"))}</p>
      <ul>
        {all.map((one) => (
          <li key={`${one.first} ${one.second}`}>{sentence(one)}</li>
        ))}
      </ul>
    </aside>
  );
}

function isChatAndCall(...both: readonly string[]): boolean {
  return both.includes("chat") && both.includes("call");
}

function startsOf(settings: Settings): HeadStarts {
  const start = (channel: Channel): number | null => {
    const value = valueAt(settings, `head_start_s.${channel}`);
    return value === "strict" ? null : typeof value === "number" ? value : value === undefined ? USUAL[channel] : 0;
  };
  return { call: start("call"), callback: start("callback"), chat: start("chat"), email: start("email"), work_item: start("work_item") };
}

const NAMES: Readonly<Record<Channel, () => string>> = {
  call: m.admin_channel_call,
  callback: m.admin_channel_callback,
  chat: m.admin_channel_chat,
  email: m.admin_channel_email,
  work_item: m.admin_channel_work_item,
};

function sentence({ first, second, after_s }: Overtaking): string {
  const name = NAMES[second]();
  const names = { first: NAMES[first](), second: `${name.charAt(0).toUpperCase()}${name.slice(1)}` };
  if (after_s === null) return m.admin_order_always(names);
  return after_s === 0 ? m.admin_order_alike(names) : m.admin_order_after({ ...names, time: length(after_s) });
}

const AGAIN_MS = 5_000;

async function trunkState(name: string): Promise<string | null> {
  const answer = await trunks();
  const trunk = answer.ok ? answer.value.find((one) => one.name === name) : undefined;
  return trunk === undefined ? null : trunkInWords(trunk);
}

async function phoneState(name: string): Promise<string | null> {
  const answer = await phones();
  const phone = answer.ok ? answer.value.find((one) => one.agent === name) : undefined;
  return phone === undefined ? null : phoneInWords(phone);
}

/** How it stands at the moment. */
function Stands({ ask }: { ask(): Promise<string | null> }): ReactElement {
  const [said, setSaid] = useState("");
  useEffect(() => {
    let gone = false;
    const look = async (): Promise<void> => {
      const found = await ask();
      if (!gone && found !== null) setSaid(found);
    };
    void look();
    const timer = setInterval(() => void look(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
    // Whom to ask for is the page's, which is another one for another thing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  return (
    <aside className={css.beside} aria-label={m.admin_state()}>
      <h3>{m.admin_state()}</h3>
      <p data-testid="admin-state">{said}</p>
    </aside>
  );
}

/** How the chat comes to a website, and the real one to look at. */
function Website({ token, name, saved }: { token: string; name: string; saved: Settings }): ReactElement {
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

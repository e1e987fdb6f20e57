// The licence by which the company's chats may begin: what holds now, and how another one is installed.

import { Button } from "@mantine/core";
import { useId, useRef, useState, type FormEvent, type ReactElement } from "react";
import { Link } from "wouter";
import { CODES } from "../../codes";
import { timeInFull } from "../../locale";
import { m } from "../../paraglide/messages.js";
import { getLocale } from "../../paraglide/runtime.js";
import { FileField } from "../../view/FileField";
import type { LicenceView } from "../../../../web-shared/src/protocol/rest";
import { change, type Answer } from "../api";
import { pathOf } from "../place";
import form from "./Form.module.css";
import css from "./Licence.module.css";

/** What the daemon said; `null` before it has. */
export type Asked = Answer<LicenceView> | null;

/** On all pages, as long as somebody has to do something. */
export function LicenceBanner({ licence }: { licence: LicenceView }): ReactElement | null {
  if (licence.state === "valid" && !isShort(licence)) return null;
  return (
    <p className={css.banner} data-tone={licence.lets_chats_begin ? "soon" : "off"} data-state={licence.state} data-testid="licence-banner">
      {licence.state === "valid" ? m.licence_short({ agents: licence.licence?.agents ?? 0, could: licence.chat_agents }) : said(licence)}{" "}
      <Link href={pathOf({ page: "licence" })}>{m.licence_see()}</Link>
    </p>
  );
}

export function Licence({ asked, onInstalled }: { asked: Asked; onInstalled(): void }): ReactElement {
  return (
    <div className={form.form} data-testid="licence">
      <header className={form.head}>
        <h2>{m.licence()}</h2>
      </header>
      {asked?.ok === false && <p role="alert">{CODES[asked.code]()}</p>}
      {asked?.ok === true && <Held licence={asked.value} />}
      <Install onInstalled={onInstalled} />
    </div>
  );
}

function Held({ licence: view }: { licence: LicenceView }): ReactElement {
  const { licence } = view;
  const lines: [string, string][] =
    licence === null
      ? []
      : [
          [m.licence_number(), licence.number],
          [m.admin_company(), licence.company],
          [m.licence_from(), timeInFull(licence.from)],
          [m.licence_until(), timeInFull(licence.until)],
          ...(licence.ends === licence.until ? [] : [[m.licence_grace(), timeInFull(licence.ends)] as [string, string]]),
          [m.licence_agents(), m.licence_of({ could: view.chat_agents, agents: licence.agents })],
        ];
  return (
    <section className={form.group} aria-label={m.licence_now()}>
      <p className={css.state} data-state={view.state} data-testid="licence-state">
        {said(view)}
      </p>
      {isShort(view) && <p data-testid="licence-short">{m.licence_short_more()}</p>}
      <dl className={css.lines}>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Install({ onInstalled }: { onInstalled(): void }): ReactElement {
  const id = useId();
  const { text, wrong, done, enter, install } = useInstall(onInstalled);
  const field = useRef<HTMLTextAreaElement>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void install().then((isDone) => isDone || field.current?.focus());
  };
  return (
    <form className={form.group} noValidate onSubmit={submit}>
      <label htmlFor={id} className={css.label}>
        {m.licence_install()}
      </label>
      <p id={`${id}-help`} className={form.help}>
        {m.licence_install_help()}
      </p>
      <textarea
        ref={field}
        id={id}
        className={css.text}
        rows={5}
        value={text}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        aria-invalid={wrong !== ""}
        aria-describedby={`${id}-help ${id}-wrong`}
        onChange={({ currentTarget }) => enter(currentTarget.value)}
        data-testid="licence-text"
      />
      <p id={`${id}-wrong`} role="alert" className={css.wrong} data-testid="licence-wrong">
        {wrong}
      </p>
      <FromFile onRead={enter} />
      <div className={css.foot}>
        <Button type="submit" data-testid="licence-install">
          {m.licence_do_install()}
        </Button>
        <span role="status" data-testid="licence-done">
          {done ? m.licence_installed() : ""}
        </span>
      </div>
    </form>
  );
}

function FromFile({ onRead }: { onRead(text: string): void }): ReactElement {
  const read = async (file: File | null): Promise<void> => {
    // What is far too long is refused by the daemon, and need not be read in full.
    if (file !== null) onRead((await file.slice(0, 10_000).text()).trim());
  };
  return <FileField label={m.licence_file()} accept=".txt,.licence,text/plain" testid="licence-file" onChoose={(file) => void read(file)} />;
}

interface Installing {
  readonly text: string;
  /** What is wrong with it; nothing as far as is known. */
  readonly wrong: string;
  readonly done: boolean;
  enter(text: string): void;
  /** Whether it worked. */
  install(): Promise<boolean>;
}

function useInstall(onInstalled: () => void): Installing {
  const [{ text, wrong, done }, set] = useState({ text: "", wrong: "", done: false });
  const refuse = (said: string): false => {
    set({ text, wrong: said, done: false });
    return false;
  };
  return {
    text,
    wrong,
    done,
    enter: (entered) => set({ text: entered, wrong: "", done: false }),
    async install() {
      if (text.trim() === "") return refuse(m.licence_missing());
      const answer = await change({ kind: "company" }, null, { licence: text.trim() });
      if (!answer.ok) return refuse(answer.refusals[0]?.said ?? CODES[answer.code]());
      set({ text: "", wrong: "", done: true });
      onInstalled();
      return true;
    },
  };
}

function said({ message, message_de }: LicenceView): string {
  return getLocale() === "de" ? message_de : `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

function isShort({ licence, chat_agents }: LicenceView): boolean {
  return licence !== null && chat_agents > licence.agents;
}

// What visitors are asked before the chat: a row for each question, with its name in each language.

import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import { valueAt, withValue, type Settings } from "../settings";
import { keyFor, MOST_QUESTIONS } from "../questions";
import type { ControlProps } from "./control-props";
import css from "./Form.module.css";
import { Rows, tables, text } from "./Rows";

const KINDS = { text: m.admin_kind_text, email: m.admin_kind_email, tel: m.admin_kind_tel, choice: m.admin_kind_choice, checkbox: m.admin_kind_checkbox } as const;
const NAMES = { de: m.admin_language_de, en: m.admin_language_en } as const;
type Language = keyof typeof NAMES;

const WORDS = { add: m.admin_question_add, up: m.admin_question_up, remove: m.admin_question_remove };

export function Questions(props: ControlProps): ReactElement {
  const languages = spoken(props.settings);
  const begins = (rows: readonly Settings[]): Settings => ({ key: keyFor(rows), label: Object.fromEntries(languages.map((one) => [one, ""])) });
  return (
    <Rows of={props} most={MOST_QUESTIONS} words={WORDS} testid="admin-question" begins={begins}>
      {(row, at, put) => <Question row={row} at={at} languages={languages} onChange={put} />}
    </Rows>
  );
}

interface QuestionProps {
  row: Settings;
  at: number;
  languages: readonly Language[];
  onChange(row: Settings): void;
}

function Question({ row, at, languages, onChange }: QuestionProps): ReactElement {
  const kind = text(row["kind"]) || "text";
  const of = (what: string): string => m.admin_question_of({ what, number: at + 1 });
  const setKind = (to: string): void => {
    const { choices, ...others } = row;
    onChange(to === "choice" ? { ...others, kind: to, choices: choices ?? [{ value: "", label: {} }] } : { ...others, kind: to });
  };
  return (
    <>
      <label>
        {m.admin_question_key()}
        <input type="text" spellCheck={false} autoComplete="off" value={text(row["key"])} aria-label={of(m.admin_question_key())} onChange={(event) => onChange({ ...row, key: event.currentTarget.value })} />
      </label>
      <label>
        {m.admin_question_kind()}
        <select value={kind} aria-label={of(m.admin_question_kind())} onChange={(event) => setKind(event.currentTarget.value)}>
          {Object.entries(KINDS).map(([one, name]) => (
            <option key={one} value={one}>
              {name()}
            </option>
          ))}
        </select>
      </label>
      {languages.map((language) => (
        <label key={language}>
          {m.admin_question_label({ language: NAMES[language]() })}
          <input
            type="text"
            autoComplete="off"
            lang={language}
            value={text(valueAt(row, `label.${language}`))}
            aria-label={of(m.admin_question_label({ language: NAMES[language]() }))}
            onChange={(event) => onChange(withValue(row, `label.${language}`, event.currentTarget.value))}
          />
        </label>
      ))}
      <label className={css.inline}>
        <input
          type="checkbox"
          checked={row["needed"] === true}
          aria-label={of(m.admin_question_needed())}
          onChange={(event) => onChange(withValue(row, "needed", event.currentTarget.checked ? true : undefined))}
        />
        {m.admin_question_needed()}
      </label>
      {kind === "choice" && <Options row={row} languages={languages} onChange={onChange} />}
    </>
  );
}

/** What can be chosen: a value for the company, and its name in each language. */
function Options({ row, languages, onChange }: Omit<QuestionProps, "at">): ReactElement {
  const options = tables(row["choices"]);
  const put = (next: readonly Settings[]): void => onChange({ ...row, choices: next });
  const set = (at: number, path: string, to: string): void => put(options.map((one, other) => (other === at ? withValue(one, path, to) : one)));
  return (
    <div className={css.options}>
      {options.map((one, at) => (
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at}>
          <input type="text" aria-label={m.admin_option_value({ number: at + 1 })} placeholder={m.admin_option_value({ number: at + 1 })} value={text(one["value"])} onChange={(event) => set(at, "value", event.currentTarget.value)} />
          {languages.map((language) => {
            const name = m.admin_option_label({ number: at + 1, language: NAMES[language]() });
            return (
              <input key={language} type="text" lang={language} aria-label={name} placeholder={name} value={text(valueAt(one, `label.${language}`))} onChange={(event) => set(at, `label.${language}`, event.currentTarget.value)} />
            );
          })}
          <Button size="compact-sm" variant="default" aria-label={m.admin_option_remove({ number: at + 1 })} onClick={() => put(options.filter((_, other) => other !== at))}>
            {m.admin_remove()}
          </Button>
        </div>
      ))}
      <Button size="compact-sm" variant="default" onClick={() => put([...options, { value: "", label: {} }])}>
        {m.admin_option_add()}
      </Button>
    </div>
  );
}

function spoken(settings: Settings): readonly Language[] {
  const named = valueAt(settings, "widget.languages");
  const all: readonly Language[] = ["de", "en"];
  return Array.isArray(named) && named.length > 0 ? all.filter((one) => named.includes(one)) : all;
}

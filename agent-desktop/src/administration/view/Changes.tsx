// Who changed what of the company, and when: found by kind, name, person and day, the newest first.

import { Button } from "@mantine/core";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { CODES } from "../../codes";
import { timeInFull } from "../../locale";
import { m } from "../../paraglide/messages.js";
import type { Code } from "../../../../web-shared/src/protocol/error";
import type { AuditView } from "../../../../web-shared/src/protocol/rest";
import { auditQuery, changes, type Sought } from "../api";
import { differences, KINDS_OF_CHANGES, kindInWords, whatInWords } from "../differences";
import css from "./Changes.module.css";

const ALL: Sought = { kind: "", name: "", author: "", from: "", to: "" };
/** So long after the last key it is looked for. */
const PAUSE_MS = 250;

export function Changes(): ReactElement {
  const [sought, setSought] = useState(ALL);
  const { entries, next, problem, more } = useChanges(sought);
  return (
    <div className={css.changes} data-testid="admin-changes">
      <header>
        <h2>{m.admin_changes()}</h2>
      </header>
      <Search sought={sought} onChange={setSought} />
      <p role="status" className={css.said}>
        {problem === null ? (entries?.length === 0 ? m.admin_no_changes() : "") : CODES[problem]()}
      </p>
      <ol className={css.entries}>
        {(entries ?? []).map((entry, at) => (
          // Entries have no id, and none ever comes between two others.
          // oxlint-disable-next-line react/no-array-index-key
          <Entry key={`${entry.at} ${entry.change.kind} ${entry.change.name} ${at}`} entry={entry} />
        ))}
      </ol>
      {next !== null && (
        <Button variant="default" onClick={more} data-testid="admin-more">
          {m.admin_more()}
        </Button>
      )}
    </div>
  );
}

function Search({ sought, onChange }: { sought: Sought; onChange(sought: Sought): void }): ReactElement {
  const text = (key: "name" | "author", label: string): ReactElement => (
    <label>
      {label}
      <input type="search" value={sought[key]} onChange={(event) => onChange({ ...sought, [key]: event.currentTarget.value })} data-testid={`admin-changes-${key}`} />
    </label>
  );
  const day = (key: "from" | "to", label: string): ReactElement => (
    <label>
      {label}
      <input type="date" value={sought[key]} onChange={(event) => onChange({ ...sought, [key]: event.currentTarget.value })} />
    </label>
  );
  return (
    <search className={css.search}>
      <label>
        {m.admin_changes_kind()}
        <select value={sought.kind} onChange={(event) => onChange({ ...sought, kind: event.currentTarget.value })} data-testid="admin-changes-kind">
          <option value="">{m.admin_changes_all()}</option>
          {KINDS_OF_CHANGES.map((kind) => (
            <option key={kind} value={kind}>
              {kindInWords(kind)}
            </option>
          ))}
        </select>
      </label>
      {text("name", m.admin_changes_name())}
      {text("author", m.admin_changes_author())}
      {day("from", m.admin_changes_from())}
      {day("to", m.admin_changes_to())}
    </search>
  );
}

function authorInWords(kind: string, name: string): string {
  if (kind === "operator") return m.admin_operator({ name });
  return kind === "api_key" ? m.admin_by_api_key({ name }) : name;
}

function Entry({ entry }: { entry: AuditView }): ReactElement {
  const { at, author, author_kind, change } = entry;
  const rows = differences(change);
  return (
    <li data-testid="admin-change" data-kind={change.kind} data-name={change.name}>
      <p>
        <strong>{kindInWords(change.kind)}</strong>
        <span>
          <bdi>{change.name}</bdi>: {whatInWords(change.what)}
        </span>
        <span className={css.who}>
          {timeInFull(at)}, <bdi>{authorInWords(author_kind, author)}</bdi>
        </span>
      </p>
      {rows.length > 0 && (
        <dl>
          {rows.map(({ path, label, from, to }) => (
            <div key={path}>
              <dt>{label}</dt>
              <dd>
                {from !== null && (
                  <>
                    <del dir="auto">{from}</del> <span aria-hidden="true">→</span>{" "}
                  </>
                )}
                <ins dir="auto">{to}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

interface Found {
  readonly entries: readonly AuditView[] | null;
  readonly next: string | null;
  readonly problem: Code | null;
}

function useChanges(sought: Sought): Found & { more(): void } {
  const [found, setFound] = useState<Found>({ entries: null, next: null, problem: null });
  const asked = auditQuery(sought, null);
  const latest = useRef(asked);
  const wanted = useRef(sought);
  useEffect(() => {
    wanted.current = sought;
  });
  useEffect(() => {
    latest.current = asked;
    const ask = async (): Promise<void> => {
      const answer = await changes(wanted.current, null);
      if (latest.current !== asked) return;
      setFound(answer.ok ? { ...answer.value, problem: null } : { entries: [], next: null, problem: answer.code });
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const more = async (): Promise<void> => {
    const answer = await changes(sought, found.next);
    if (!answer.ok || latest.current !== asked) return;
    const { entries, next } = answer.value;
    setFound((before) => ({ entries: [...(before.entries ?? []), ...entries], next, problem: null }));
  };
  return { ...found, more: () => void more() };
}

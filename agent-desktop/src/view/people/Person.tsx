// Who somebody is, and what they had to do with the company before.

import { Button } from "@mantine/core";
import { lazy, Suspense, useCallback, useEffect, useState, type ReactElement, type ReactNode } from "react";
import { CHANNELS, CODES, OUTCOMES } from "../../codes";
import { calledOf, fieldsOf, fieldText, interactionsOf, readContact } from "../../contacts";
import { itemOfRecord } from "../../history";
import { numberWay } from "../../locale";
import { m } from "../../paraglide/messages.js";
import type { ContactPerson, ContactView } from "../../../../web-shared/src/protocol/contacts";
import type { Code } from "../../../../web-shared/src/protocol/error";
import type { CallRecord } from "../../../../web-shared/src/protocol/rest";
import { Time } from "../Clock";
import { Dialog } from "../Dialog";
import { Icon } from "../Icon";
import { Linked } from "../Linked";
import { contactLink, languageName } from "../names";
import { CHANNEL_ICONS } from "../Queues";
import { useFields } from "./fields";
import css from "./People.module.css";

const Transcript = lazy(async () => ({ default: (await import("../Transcript")).Transcript }));

export interface Read {
  readonly person: ContactPerson;
  readonly tag: string | null;
}

/** A contact as it is stored; read again by the last function. */
export function useContact(contact: number): [Read | null, Code | null, () => void] {
  const [read, setRead] = useState<Read | null>(null);
  const [problem, setProblem] = useState<Code | null>(null);
  const look = useCallback(async (): Promise<void> => {
    const answer = await readContact(contact);
    setRead(answer.ok ? { person: answer.value, tag: answer.tag ?? null } : null);
    setProblem(answer.ok ? null : answer.code);
  }, [contact]);
  useEffect(() => {
    const timer = setTimeout(() => void look());
    return () => clearTimeout(timer);
  }, [look]);
  return [read, problem, () => void look()];
}

/** `children`: what can be done with them. */
export function Person({ person: { contact, merged }, children }: { person: ContactPerson; children: ReactNode }): ReactElement {
  return (
    <section className={css.person} data-testid="contact" data-contact={contact.contact}>
      <h3 dir="auto">{calledOf(contact)}</h3>
      <Facts contact={contact} />
      {merged.map((one) => (
        <div key={one.contact} className={css.merged}>
          <p className={css.kind}>{m.contact_also({ name: calledOf(one) })}</p>
          <Facts contact={one} />
        </div>
      ))}
      <div className={css.acts}>{children}</div>
    </section>
  );
}

function Facts({ contact }: { contact: ContactView }): ReactElement {
  const { name, organisation, points, language: spoken, notes, fields } = contact;
  const all = fieldsOf(useFields(), Object.keys(fields));
  return (
    <>
      {name !== "" && organisation !== "" && <p dir="auto">{organisation}</p>}
      {points.length > 0 && (
        <ul className={css.facts}>
          {points.map(({ kind, value }) => {
            const link = kind === "other" ? null : contactLink(value);
            return <li key={value}>{link === null ? value : <a href={link}>{value}</a>}</li>;
          })}
        </ul>
      )}
      {spoken !== "" && <p>{languageName(spoken)}</p>}
      {all.map((field) => {
        const value = fields[field.name] ?? "";
        if (value === "") return null;
        return (
          <p key={field.name}>
            <span className={css.kind}>{field.name}:</span>{" "}
            <span dir="auto">
              <Linked text={fieldText(field, value, numberWay())} />
            </span>
          </p>
        );
      })}
      {notes !== "" && (
        <p className={css.notes}>
          <Linked text={notes} />
        </p>
      )}
    </>
  );
}

/** `except`: the item that is looked at now. */
export function History({ contact, except = "" }: { contact: number; except?: string }): ReactElement {
  const [found, setFound] = useState<readonly CallRecord[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Code | null>(null);
  const [reads, setReads] = useState<CallRecord | null>(null);
  useEffect(() => {
    let gone = false;
    const look = async (): Promise<void> => {
      const answer = await interactionsOf(contact, null);
      if (gone) return;
      setProblem(answer.ok ? null : answer.code);
      setFound(answer.ok ? answer.value.interactions : []);
      setNext(answer.ok ? answer.value.next : null);
    };
    void look();
    return () => {
      gone = true;
    };
  }, [contact]);
  const more = async (): Promise<void> => {
    const answer = await interactionsOf(contact, next);
    if (!answer.ok) {
      setProblem(answer.code);
      return;
    }
    setFound([...(found ?? []), ...answer.value.interactions]);
    setNext(answer.value.next);
  };
  const shown = found?.filter(({ item }) => item !== except);
  return (
    <section className={css.history} aria-label={m.contact_history()} data-testid="contact-history">
      <h3>{m.contact_history()}</h3>
      {problem !== null && <p role="alert" className={css.problem}>{CODES[problem]()}</p>}
      {shown?.length === 0 && problem === null && <p className={css.empty}>{m.contact_history_empty()}</p>}
      <ol>
        {shown?.map((record) => (
          <li key={record.item} data-testid="interaction" data-item={record.item}>
            <Interaction record={record} onRead={() => setReads(record)} />
          </li>
        ))}
      </ol>
      {next !== null && (
        <Button size="compact-sm" variant="subtle" onClick={() => void more()} data-testid="history-more">
          {m.show_more()}
        </Button>
      )}
      {reads !== null && <Said record={reads} onClose={() => setReads(null)} />}
    </section>
  );
}

function Interaction({ record, onRead }: { record: CallRecord; onRead(): void }): ReactElement {
  const agents = [...new Set(record.talks.map(({ agent }) => agent.name))];
  return (
    <>
      <Icon name={CHANNEL_ICONS[record.kind]} size={15} />
      <div>
        <p>
          <b>{CHANNELS[record.kind]()}</b> <Time at={record.arrived_at} className={css.when} />
        </p>
        <p className={css.more}>
          <span>{OUTCOMES[record.outcome]()}</span> · <bdi>{record.last_queue.name}</bdi>
          {agents.map((name) => (
            <span key={name}>
              {" "}
              · <bdi>{name}</bdi>
            </span>
          ))}
        </p>
        {record.classifications.length > 0 && (
          <p className={css.more} dir="auto">
            {record.classifications.map(({ path }) => path.at(-1)).join(", ")}
          </p>
        )}
        {record.note !== "" && (
          <p className={css.notes} dir="auto" data-testid="interaction-note">
            <Linked text={record.note} />
          </p>
        )}
        {record.kind === "chat" && !record.erased && (
          <Button size="compact-xs" variant="default" onClick={onRead} data-testid="read-transcript">
            {m.transcript_read()}
          </Button>
        )}
      </div>
    </>
  );
}

/** What was said in a chat that is over. */
function Said({ record, onClose }: { record: CallRecord; onClose(): void }): ReactElement {
  const chat = itemOfRecord(record.item);
  return (
    <Dialog title={m.transcript_of({ chat: record.item.replace("chat ", "") })} onClose={onClose} wide>
      <div className={css.transcript}>
        <Suspense>{chat !== null && <Transcript chat={chat} />}</Suspense>
      </div>
    </Dialog>
  );
}

// Beside what the agent attends to: who the customer is, and what was before. It follows, and never takes the focus.

import { Button, CloseButton } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { CODES } from "../../codes";
import { identify } from "../../contacts";
import { useOnline } from "../../hooks";
import { itemKey } from "../../items";
import { m } from "../../paraglide/messages.js";
import type { ContactRef } from "../../../../web-shared/src/protocol/agent";
import type { ContactPerson } from "../../../../web-shared/src/protocol/contacts";
import type { Code } from "../../../../web-shared/src/protocol/error";
import { Icon } from "../Icon";
import { keyShortcut } from "../shortcuts";
import type { Shown } from "../shown";
import { ContactForm } from "./ContactForm";
import { Found } from "./Found";
import css from "./People.module.css";
import { History, Person, useContact } from "./Person";
import { useSubject, type Subject } from "./subject";

interface Props {
  shown: Shown;
  className: string | undefined;
  onClose(): void;
  /** By Escape. */
  onBack(): void;
}

export function ContactPanel({ shown, className, onClose, onBack }: Props): ReactElement {
  const { subject, waits, follow } = useSubject(shown);
  return (
    // Only what bubbles up from its fields is heard here.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside
      className={`${css.panel} ${className ?? ""}`}
      aria-label={m.contact()}
      data-testid="contact-panel"
      data-item={subject === null ? "" : itemKey(subject.item)}
      onKeyDown={(event) => {
        // A search that has something in it is emptied first, by the browser.
        const empties = event.target instanceof HTMLInputElement && event.target.type === "search" && event.target.value !== "";
        if (event.key === "Escape" && !empties) onBack();
      }}
      // Whoever is done writing here sees what is now.
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) follow();
      }}
    >
      <header className={css.title}>
        <h2>{m.contact()}</h2>
        {subject !== null && <span className={css.about}>{subject.name}</span>}
        {waits !== null && (
          <Button size="compact-xs" variant="light" onClick={follow} data-testid="contact-follow">
            {m.contact_follow({ item: waits.name })}
          </Button>
        )}
        <CloseButton size="sm" aria-label={m.contact_close()} onClick={onClose} />
      </header>
      {/* Can be scrolled by keyboard, hence the tab stop. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css.body} tabIndex={0} role="group" aria-label={m.contact()}>
        {subject === null ? (
          <p className={css.empty}>{m.contact_nothing()}</p>
        ) : subject.contact === null ? (
          <Unknown key={itemKey(subject.item)} subject={subject} />
        ) : (
          <Known key={`${itemKey(subject.item)} ${subject.contact.contact} ${subject.contact.name}`} subject={subject} contact={subject.contact} />
        )}
      </div>
    </aside>
  );
}

/** Says whose an item is; what the daemon shows then is drawn by itself. */
function useIdentify({ item }: Subject): [Code | null, (contact: number | null) => void] {
  const [problem, setProblem] = useState<Code | null>(null);
  const say = async (contact: number | null): Promise<void> => {
    const answer = await identify(item, contact);
    setProblem(answer.ok ? null : answer.code);
  };
  return [problem, (contact) => void say(contact)];
}

function Unknown({ subject }: { subject: Subject }): ReactElement {
  const online = useOnline();
  const [making, setMaking] = useState(false);
  const [problem, say] = useIdentify(subject);
  const said = subject.points[0]?.value ?? subject.said;
  if (making) {
    return (
      <ContactForm
        person={null}
        tag={null}
        begun={{ name: subject.said, points: [...subject.points] }}
        onSaved={(person: ContactPerson) => {
          say(person.contact.contact);
          setMaking(false);
        }}
        onCancel={() => setMaking(false)}
      />
    );
  }
  return (
    <>
      {problem !== null && <p role="alert" className={css.problem}>{CODES[problem]()}</p>}
      <Found first={said} onChoose={({ contact }) => say(contact)}>
        <p className={css.empty}>{m.contact_unknown()}</p>
      </Found>
      <Button
        className={css.make}
        size="compact-sm"
        variant="light"
        disabled={!online}
        leftSection={<Icon name="person_add" size={16} />}
        onClick={() => setMaking(true)}
        aria-keyshortcuts={keyShortcut("new_contact")}
        data-testid="contact-new"
      >
        {m.contact_new()}
      </Button>
    </>
  );
}

function Known({ subject, contact: { contact } }: { subject: Subject; contact: ContactRef }): ReactElement {
  const [read, unread, again] = useContact(contact);
  const [edits, setEdits] = useState(false);
  const [problem, say] = useIdentify(subject);
  if (edits && read !== null) {
    return (
      <ContactForm
        person={read.person}
        tag={read.tag}
        onSaved={() => {
          again();
          setEdits(false);
        }}
        onCancel={() => {
          again();
          setEdits(false);
        }}
      />
    );
  }
  return (
    <>
      {[unread, problem].map((code) => code !== null && <p key={code} role="alert" className={css.problem}>{CODES[code]()}</p>)}
      {read !== null && (
        <Person person={read.person}>
          <Button size="compact-sm" variant="default" onClick={() => setEdits(true)} data-testid="contact-edit">
            {m.contact_edit()}
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => say(null)} data-testid="contact-other">
            {m.contact_other()}
          </Button>
        </Person>
      )}
      <History contact={contact} except={subject.record} />
    </>
  );
}

// All customers whom the company knows: looked through, made, changed, merged, parted and erased.

import { Button } from "@mantine/core";
import { useCallback, useEffect, useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { CODES } from "../../codes";
import { calledOf, eraseContact, factInWords, findContacts, mergeContact, partContact } from "../../contacts";
import { useDesk } from "../../hooks";
import { may } from "../../session";
import { m } from "../../paraglide/messages.js";
import type { ContactPerson, ContactView } from "../../../../web-shared/src/protocol/contacts";
import type { Code } from "../../../../web-shared/src/protocol/error";
import type { DifferenceView } from "../../../../web-shared/src/protocol/rest";
import { Confirm, Dialog } from "../Dialog";
import { Icon } from "../Icon";
import { keyShortcut } from "../shortcuts";
import { WORK } from "../shown";
import { ContactForm } from "./ContactForm";
import { Found, Row } from "./Found";
import { Import } from "./Import";
import page from "./ContactsPage.module.css";
import css from "./People.module.css";
import { CONTACTS, NEW } from "./pane";
import { History, Person, useContact, type Read } from "./Person";

export default function ContactsPage(): ReactElement {
  const [at, go] = useLocation();
  const last = at.slice(CONTACTS.length + 1);
  const making = last === NEW;
  const chosen = /^\d+$/.test(last) ? Number(last) : null;
  // What is listed is read again after a change.
  const [changes, setChanges] = useState(0);
  const changed = (): void => setChanges((before) => before + 1);
  const { session } = useDesk();
  const show = (contact: number | null): void => go(contact === null ? CONTACTS : `${CONTACTS}/${contact}`);
  return (
    <main className={page.page} data-testid="contacts-page" data-chosen={chosen !== null || making}>
      <section className={page.list} aria-label={m.contacts()}>
        <header className={css.title}>
          <h2>{m.contacts()}</h2>
          <Button
            size="compact-sm"
            leftSection={<Icon name="person_add" size={16} />}
            onClick={() => go(`${CONTACTS}/${NEW}`)}
            aria-keyshortcuts={keyShortcut("new_contact")}
            data-testid="contact-new"
          >
            {m.contact_new()}
          </Button>
          <Button size="compact-sm" variant="default" leftSection={<Icon name="back" size={14} />} onClick={() => go(WORK)} data-testid="to-work">
            {m.contacts_back()}
          </Button>
        </header>
        {may(session, "contact_data", true) && <Tables onImported={changed} />}
        {/* Can be scrolled by keyboard, hence the tab stop. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className={css.body} tabIndex={0} role="group" aria-label={m.contacts()}>
          <Found key={changes} onChoose={({ contact }) => show(contact)}>
            <All chosen={chosen} onChoose={show} />
          </Found>
        </div>
      </section>
      <section className={page.one} aria-label={m.contact()}>
        <h2 className="hidden">{m.contact()}</h2>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className={css.body} tabIndex={0} role="group" aria-label={m.contact()}>
          {(chosen !== null || making) && (
            <Button className={page.toList} size="compact-sm" variant="subtle" leftSection={<Icon name="back" size={14} />} onClick={() => show(null)}>
              {m.contacts()}
            </Button>
          )}
          {making ? (
            <ContactForm
              person={null}
              tag={null}
              onSaved={(person) => {
                changed();
                show(person.contact.contact);
              }}
              onCancel={() => show(null)}
            />
          ) : chosen === null ? (
            <p className={css.empty}>{m.contacts_hint()}</p>
          ) : (
            <One key={chosen} contact={chosen} onChanged={changed} onShow={show} />
          )}
        </div>
      </section>
    </main>
  );
}

/** Many at once, for supervisors. */
function Tables({ onImported }: { onImported(): void }): ReactElement {
  const [imports, setImports] = useState(false);
  return (
    <div className={page.tables}>
      <Button size="compact-sm" variant="subtle" onClick={() => setImports(true)} data-testid="contacts-import">
        {m.contacts_import()}
      </Button>
      <Button size="compact-sm" variant="subtle" component="a" href="/api/v1/contacts/export" download data-testid="contacts-export">
        {m.contacts_export()}
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        component="a"
        href="/api/v1/contacts/export?format=vcard"
        download
        data-testid="contacts-export-cards"
      >
        {m.contacts_export_cards()}
      </Button>
      {imports && <Import onClose={() => setImports(false)} onDone={onImported} />}
    </div>
  );
}

/** All by the alphabet, a page at a time. */
function All({ chosen, onChoose }: { chosen: number | null; onChoose(contact: number): void }): ReactElement {
  const [found, setFound] = useState<readonly ContactView[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Code | null>(null);
  const read = useCallback(async (cursor: string | null): Promise<void> => {
    const answer = await findContacts("", cursor);
    if (!answer.ok) {
      setProblem(answer.code);
      return;
    }
    setFound((before) => [...(cursor === null ? [] : (before ?? [])), ...answer.value.contacts]);
    setNext(answer.value.next);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => void read(null));
    return () => clearTimeout(timer);
  }, [read]);
  return (
    <>
      {problem !== null && <p role="alert" className={css.problem}>{CODES[problem]()}</p>}
      {found?.length === 0 && (
        <p className={css.empty} data-testid="contacts-empty">
          {m.contacts_empty()}
        </p>
      )}
      <ul className={css.found}>
        {found?.map((contact) => (
          <li key={contact.contact}>
            <Row contact={contact} current={contact.contact === chosen} onChoose={() => onChoose(contact.contact)} />
          </li>
        ))}
      </ul>
      {next !== null && (
        <Button size="compact-sm" variant="subtle" onClick={() => void read(next)} data-testid="contacts-more">
          {m.show_more()}
        </Button>
      )}
    </>
  );
}

type Asked = { kind: "edit" } | { kind: "merge" } | { kind: "erase"; goes: readonly DifferenceView[] } | null;

function One({ contact, onChanged, onShow }: { contact: number; onChanged(): void; onShow(contact: number | null): void }): ReactElement {
  const { session } = useDesk();
  const [read, unread, again] = useContact(contact);
  const [asked, ask] = useState<Asked>(null);
  const [problem, setProblem] = useState<Code | null>(null);
  const done = (): void => {
    ask(null);
    again();
    onChanged();
  };
  const part = async (merged: number): Promise<void> => {
    const answer = await partContact(merged);
    setProblem(answer.ok ? null : answer.code);
    done();
  };
  const whatGoes = async (): Promise<void> => {
    const answer = await eraseContact(contact, true);
    if (answer.ok) ask({ kind: "erase", goes: answer.value.differences });
    else setProblem(answer.code);
  };
  if (asked?.kind === "edit" && read !== null) {
    return <ContactForm person={read.person} tag={read.tag} onSaved={done} onCancel={() => ask(null)} />;
  }
  return (
    <>
      {[unread, problem].map((code) => code !== null && <p key={code} role="alert" className={css.problem}>{CODES[code]()}</p>)}
      {read !== null && (
        <Person person={read.person}>
          <Acts read={read} supervises={may(session, "contact_data", true)} onAsk={ask} onErase={() => void whatGoes()} onPart={(merged) => void part(merged)} />
        </Person>
      )}
      {read !== null && <History contact={contact} />}
      {asked?.kind === "merge" && read !== null && (
        <Merge
          read={read}
          onClose={() => ask(null)}
          onMerged={(into) => {
            onChanged();
            onShow(into);
          }}
        />
      )}
      {asked?.kind === "erase" && read !== null && (
        <Erase
          person={read.person}
          goes={asked.goes}
          onClose={() => ask(null)}
          onErased={(answer) => {
            setProblem(answer);
            if (answer !== null) return;
            onChanged();
            onShow(null);
          }}
        />
      )}
    </>
  );
}

interface ActsProps {
  read: Read;
  supervises: boolean;
  onAsk(asked: Asked): void;
  onErase(): void;
  onPart(merged: number): void;
}

/** What can be done with a contact. */
function Acts({ read: { person }, supervises, onAsk, onErase, onPart }: ActsProps): ReactElement {
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => onAsk({ kind: "edit" })} data-testid="contact-edit">
        {m.contact_edit()}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => onAsk({ kind: "merge" })} data-testid="contact-merge">
        {m.contact_merge()}
      </Button>
      {person.merged.map((one) => (
        <Button key={one.contact} size="compact-sm" variant="default" onClick={() => onPart(one.contact)} data-testid="contact-part">
          {m.contact_part({ name: calledOf(one) })}
        </Button>
      ))}
      {supervises && (
        <Button
          size="compact-sm"
          variant="default"
          component="a"
          href={`/api/v1/contacts/${String(person.contact.contact)}/archive`}
          download
          data-testid="contact-archive"
        >
          {m.contact_archive()}
        </Button>
      )}
      {supervises && (
        <Button size="compact-sm" variant="light" color="red" onClick={onErase} data-testid="contact-erase">
          {m.contact_erase()}
        </Button>
      )}
    </>
  );
}

/** Asks with whom, and then whether they are one. */
function Merge({ read, onClose, onMerged }: { read: Read; onClose(): void; onMerged(into: number): void }): ReactElement {
  const [into, setInto] = useState<ContactView | null>(null);
  const [problem, setProblem] = useState<Code | null>(null);
  const { contact } = read.person;
  const merge = async (other: ContactView): Promise<void> => {
    const answer = await mergeContact(contact.contact, other.contact);
    if (answer.ok) onMerged(other.contact);
    else setProblem(answer.code);
  };
  if (into !== null && problem === null) {
    return (
      <Confirm
        title={m.contact_merge_title()}
        text={m.contact_merge_text({ gone: calledOf(contact), stays: calledOf(into) })}
        yes={m.contact_merge_yes()}
        testid="contact-merge-confirm"
        onYes={() => void merge(into)}
        onClose={() => setInto(null)}
      />
    );
  }
  return (
    <Dialog title={m.contact_merge_with({ name: calledOf(contact) })} onClose={onClose}>
      {problem !== null && <p role="alert" className={css.problem}>{CODES[problem]()}</p>}
      <Found first={contact.name} except={contact.contact} onChoose={setInto} />
    </Dialog>
  );
}

interface EraseProps {
  person: ContactPerson;
  goes: readonly DifferenceView[];
  onClose(): void;
  onErased(problem: Code | null): void;
}

function Erase({ person, goes, onClose, onErased }: EraseProps): ReactElement {
  const erase = async (): Promise<void> => {
    const answer = await eraseContact(person.contact.contact, false);
    onErased(answer.ok ? null : answer.code);
  };
  const facts = goes.flatMap(({ name, from }) => Object.entries(from).map(([key, value]) => ({ id: `${name} ${key}`, value: factInWords(key, value) })));
  return (
    <Confirm
      title={m.contact_erase_title({ name: calledOf(person.contact) })}
      text={
        <>
          <p>{m.contact_erase_text()}</p>
          <ul className={css.goes} data-testid="contact-goes">
            {facts.map(({ id, value }) => (
              <li key={id} dir="auto">
                {value}
              </li>
            ))}
          </ul>
        </>
      }
      yes={m.contact_erase_yes()}
      no={m.cancel()}
      testid="contact-erase-confirm"
      onYes={() => void erase()}
      onClose={onClose}
    />
  );
}

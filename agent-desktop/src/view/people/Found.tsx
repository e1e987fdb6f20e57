// Contacts that are found while somebody types: a field, and what it finds below it.

import { TextInput } from "@mantine/core";
import { useEffect, useRef, useState, type ReactElement, type ReactNode, type Ref } from "react";
import { CODES } from "../../codes";
import { calledOf, findContacts, moreOf } from "../../contacts";
import { m } from "../../paraglide/messages.js";
import type { ContactView } from "../../../../web-shared/src/protocol/contacts";
import type { Code } from "../../../../web-shared/src/protocol/error";
import css from "./People.module.css";

/** So long nothing is typed before it is looked for. */
const PAUSE_MS = 120;

interface Props {
  /** What is looked for before anything is typed. */
  first?: string;
  input?: Ref<HTMLInputElement>;
  /** Whom nobody looks for. */
  except?: number;
  onChoose(contact: ContactView): void;
  /** Shown where nothing was typed. */
  children?: ReactNode;
}

export function Found({ first = "", input, except, onChoose, children }: Props): ReactElement {
  const [typed, setTyped] = useState(first);
  const list = useRef<HTMLUListElement>(null);
  const { found: all, problem } = useFound(typed);
  const found = all?.filter(({ contact }) => contact !== except) ?? null;
  return (
    <search className={css.search}>
      <TextInput
        ref={input}
        label={m.contact_search()}
        placeholder={m.contact_search_hint()}
        type="search"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") {
            event.preventDefault();
            list.current?.querySelector("button")?.focus();
          }
          const only = found?.[0];
          if (event.key === "Enter" && found?.length === 1 && only !== undefined) onChoose(only);
        }}
        data-testid="contact-search"
      />
      <p className="hidden" role="status">
        {found !== null && typed.trim() !== "" && m.contact_found({ count: found.length })}
      </p>
      {problem !== null && <p className={css.problem} role="alert">{CODES[problem]()}</p>}
      {typed.trim() === "" ? (
        children
      ) : (
        <Candidates list={list} found={found} onChoose={onChoose} />
      )}
    </search>
  );
}

interface CandidatesProps {
  list: Ref<HTMLUListElement>;
  /** `null`: not known yet. */
  found: readonly ContactView[] | null;
  onChoose(contact: ContactView): void;
}

function Candidates({ list, found, onChoose }: CandidatesProps): ReactElement {
  if (found?.length === 0) return <p className={css.empty} data-testid="contact-none">{m.contact_none()}</p>;
  return (
    // Only what bubbles up from its buttons is heard here.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul
      ref={list}
      className={css.found}
      onKeyDown={(event) => {
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        if (step === 0) return;
        event.preventDefault();
        const buttons = [...event.currentTarget.querySelectorAll("button")];
        buttons[buttons.findIndex((button) => button === document.activeElement) + step]?.focus();
      }}
    >
      {(found ?? []).map((contact) => (
        <li key={contact.contact}>
          <Row contact={contact} onChoose={() => onChoose(contact)} />
        </li>
      ))}
    </ul>
  );
}

export function Row({ contact, onChoose, current = false }: { contact: ContactView; onChoose(): void; current?: boolean }): ReactElement {
  return (
    <button
      type="button"
      className={css.row}
      onClick={onChoose}
      aria-current={current ? "true" : undefined}
      data-testid="contact-row"
      data-contact={contact.contact}
    >
      <b dir="auto">{calledOf(contact)}</b>
      <span>{moreOf(contact)}</span>
    </button>
  );
}

function useFound(typed: string): { found: readonly ContactView[] | null; problem: Code | null } {
  const [answer, setAnswer] = useState<{ typed: string; found: readonly ContactView[] | null; problem: Code | null }>({
    typed: "",
    found: null,
    problem: null,
  });
  useEffect(() => {
    if (typed.trim() === "") return undefined;
    const aborted = new AbortController();
    const look = async (): Promise<void> => {
      const found = await findContacts(typed, null, aborted.signal);
      if (aborted.signal.aborted) return;
      setAnswer(found.ok ? { typed, found: found.value.contacts, problem: null } : { typed, found: null, problem: found.code });
    };
    const timer = setTimeout(() => void look(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      aborted.abort();
    };
  }, [typed]);
  // What was found for other words stays until there is something better.
  return typed.trim() === "" ? { found: null, problem: null } : answer;
}

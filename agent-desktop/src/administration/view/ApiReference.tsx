// What programs can ask of the daemon, as it describes that itself: found by path and words, each with a command to try.

import { Button } from "@mantine/core";
import { useCallback, useEffect, useId, useMemo, useState, type ReactElement } from "react";
import { CODES } from "../../codes";
import { match } from "../../match";
import { m } from "../../paraglide/messages.js";
import type { Code } from "../../../../web-shared/src/protocol/error";
import { description } from "../api";
import { detailsOf, groupsOf, type Answers, type Body, type Field, type Operation, type Shape } from "../openapi";
import css from "./ApiReference.module.css";
import { Copied } from "./Copied";

export function ApiReference(): ReactElement {
  const { document, problem, again } = useDescription();
  const [typed, setTyped] = useState("");
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const groups = useMemo(() => groupsOf(document), [document]);
  const shown = groups
    .map(({ name, operations }) => ({ name, operations: operations.filter(({ words }) => match(words, typed) !== null) }))
    .filter(({ operations }) => operations.length > 0);
  const all = count(groups);
  const found = count(shown);
  const toggle = (id: string): void => setOpened((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
  return (
    <div className={css.api} data-testid="admin-api">
      <header>
        <h2>{m.admin_api()}</h2>
        <p>{m.admin_api_text()}</p>
        <a href="/api/v1/openapi.json" download="openapi.json">
          {m.admin_api_download()}
        </a>
      </header>
      {all > 0 && (
        <search className={css.search}>
          <input type="search" aria-label={m.admin_search()} placeholder={m.admin_search()} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} data-testid="admin-api-search" />
          <span role="status">{found === all ? "" : m.admin_found({ found, all })}</span>
        </search>
      )}
      <p className={css.said} role="status" data-testid="admin-api-said">
        {said(problem, document, all, found)}
      </p>
      {problem !== null && (
        <Button variant="default" onClick={again} data-testid="admin-api-again">
          {m.again()}
        </Button>
      )}
      {shown.map(({ name, operations }) => (
        <section key={name} aria-label={name}>
          <h3 lang="en">{name}</h3>
          <ul className={css.operations}>
            {operations.map((operation) => (
              <One key={operation.id} document={document} operation={operation} open={opened.has(operation.id)} onToggle={() => toggle(operation.id)} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function count(groups: readonly { operations: readonly unknown[] }[]): number {
  return groups.reduce((sum, { operations }) => sum + operations.length, 0);
}

function said(problem: Code | null, document: unknown, all: number, found: number): string {
  if (problem !== null) return CODES[problem]();
  if (document === null) return "";
  if (all === 0) return m.admin_api_empty();
  return found === 0 ? m.nothing_found() : "";
}

interface OneProps {
  document: unknown;
  operation: Operation;
  open: boolean;
  onToggle(): void;
}

function One({ document, operation, open, onToggle }: OneProps): ReactElement {
  const { id, method, path, summary } = operation;
  const inside = useId();
  return (
    <li data-testid="admin-api-operation" data-operation={id}>
      <h4>
        <button type="button" aria-expanded={open} aria-controls={inside} onClick={onToggle}>
          <span className={css.method} data-method={method}>
            {method}
          </span>{" "}
          <code>{path}</code>{" "}
          <span lang="en" className={css.summary}>
            <Prose text={summary} />
          </span>
        </button>
      </h4>
      <div id={inside} className={css.inside} hidden={!open}>
        {open && <Inside document={document} operation={operation} />}
      </div>
    </li>
  );
}

function Inside({ document, operation }: { document: unknown; operation: Operation }): ReactElement {
  const { parameters, bodies, answers, curl } = useMemo(() => detailsOf(document, operation, location.origin), [document, operation]);
  return (
    <>
      {operation.about !== "" && (
        <p lang="en">
          <Prose text={operation.about} />
        </p>
      )}
      <h5>{m.admin_api_rights()}</h5>
      <Rights rights={operation.rights} />
      {parameters.length > 0 && (
        <>
          <h5>{m.admin_api_parameters()}</h5>
          <Fields fields={parameters} />
        </>
      )}
      {bodies.length > 0 && (
        <>
          <h5>{m.admin_api_body()}</h5>
          <Bodies bodies={bodies} open />
        </>
      )}
      <h5>{m.admin_api_answers()}</h5>
      {answers.map((alike) => (
        <Alike key={alike.statuses[0]?.status} answers={alike} />
      ))}
      <h5>{m.admin_api_example()}</h5>
      <Copied title="curl" text={curl} testid="admin-api-curl" />
    </>
  );
}

function Rights({ rights }: { rights: Operation["rights"] }): ReactElement {
  if (rights === null) return <p>{m.admin_api_anyone()}</p>;
  if (rights.length === 0) return <p>{m.admin_api_logged_in()}</p>;
  return (
    <p>
      {m.admin_api_role()}{" "}
      {rights.map((right) => (
        <code key={right}>{right}</code>
      ))}
    </p>
  );
}

function Alike({ answers: { statuses, bodies } }: { answers: Answers }): ReactElement {
  return (
    <div className={css.answers}>
      <dl>
        {statuses.map(({ status, about }) => (
          <div key={status}>
            <dt>
              <code>{status}</code>
            </dt>
            <dd lang="en">
              <Prose text={about} />
            </dd>
          </div>
        ))}
      </dl>
      {/* What refusals are like is wanted once, and not at every address. */}
      <Bodies bodies={bodies} open={statuses.some(({ status }) => status < "4")} />
    </div>
  );
}

function Bodies({ bodies, open }: { bodies: readonly Body[]; open: boolean }): ReactElement {
  return (
    <>
      {bodies.map(({ media, shape }) => (
        <div key={media} className={css.body}>
          <p>
            <code>{media}</code> <Kind shape={shape} />
          </p>
          <About shape={shape} open={open} />
        </div>
      ))}
    </>
  );
}

function Fields({ fields }: { fields: readonly Field[] }): ReactElement {
  return (
    <ul className={css.fields}>
      {fields.map((field) => (
        <li key={`${field.facts[0] ?? ""} ${field.name}`} data-testid="admin-api-field" data-name={field.name}>
          <p>
            <code className={css.name}>{field.name}</code> <Kind shape={field} /> {!field.required && <em>{m.admin_api_optional()}</em>}
          </p>
          <About shape={field} open={false} />
        </li>
      ))}
    </ul>
  );
}

/** Its type, and how it is bounded. */
function Kind({ shape: { type, facts, cut } }: { shape: Shape }): ReactElement {
  return (
    <>
      <code className={css.type}>{type}</code>{" "}
      <span className={css.facts}>
        <span lang="en">{facts.join(", ")}</span> {cut && m.admin_api_cut()}
      </span>
    </>
  );
}

/** What it means, and what is in it: at once, or when that is asked for. */
function About({ shape, open }: { shape: Shape; open: boolean }): ReactElement {
  const { about, values, fields, either, type } = shape;
  const inside = fields.length > 0 || either.length > 0;
  return (
    <>
      {about !== "" && (
        <p lang="en">
          <Prose text={about} />
        </p>
      )}
      {values.length > 0 && (
        <p className={css.values}>
          {m.admin_api_values()}{" "}
          {values.map((value) => (
            <code key={value}>{value}</code>
          ))}
        </p>
      )}
      {inside && (
        <details open={open}>
          <summary>{m.admin_api_fields({ type })}</summary>
          <Fields fields={fields} />
          {either.length > 0 && <Either shapes={either} />}
        </details>
      )}
    </>
  );
}

function Either({ shapes }: { shapes: readonly Shape[] }): ReactElement {
  return (
    <>
      <p>{m.admin_api_either()}</p>
      <ul className={css.either}>
        {shapes.map((shape, at) => (
          // They have no name, and none ever comes between two others.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={at}>
            <p>
              <Kind shape={shape} />
            </p>
            <About shape={{ ...shape, fields: [] }} open={false} />
            {shape.fields.length > 0 && <Fields fields={shape.fields} />}
          </li>
        ))}
      </ul>
    </>
  );
}

/** A sentence of the document: what stands between backticks is code. */
function Prose({ text }: { text: string }): ReactElement {
  return (
    <>
      {text.split("`").map((part, at) => (
        // oxlint-disable-next-line react/no-array-index-key
        at % 2 === 1 ? <code key={at}>{part}</code> : part
      ))}
    </>
  );
}

function useDescription(): { document: unknown; problem: Code | null; again(): void } {
  const [state, setState] = useState<{ document: unknown; problem: Code | null }>({ document: null, problem: null });
  const ask = useCallback((): void => {
    void description().then((answer) => setState(answer.ok ? { document: answer.value, problem: null } : { document: null, problem: answer.code }));
  }, []);
  useEffect(ask, [ask]);
  return { ...state, again: ask };
}

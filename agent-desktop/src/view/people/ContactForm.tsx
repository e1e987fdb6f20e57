// A contact while it is made or changed: what is wrong stands beside its field.

import { Button, CloseButton, Input, NativeSelect, TextInput } from "@mantine/core";
import { useId, useState, type FormEvent, type ReactElement } from "react";
import { CODES, POINT_KINDS } from "../../codes";
import { fieldsOf, refusalAt, saveContact } from "../../contacts";
import { useStore } from "../../hooks";
import { locale } from "../../locale";
import type { FieldRefusal } from "../../rest";
import { m } from "../../paraglide/messages.js";
import type { ContactPerson, ContactView, PointKind, PointView } from "../../../../web-shared/src/protocol/contacts";
import type { Code } from "../../../../web-shared/src/protocol/error";
import { FieldInput } from "./FieldInput";
import { useFields } from "./fields";
import css from "./People.module.css";

/** What a form begins with. */
export type Begun = Pick<ContactView, "name" | "points">;

interface Props {
  /** Who is changed, as they were; `null`: somebody new. */
  person: ContactPerson | null;
  tag: string | null;
  begun?: Begun;
  onSaved(person: ContactPerson): void;
  onCancel(): void;
}

const NOBODY = { name: "", organisation: "", language: "", notes: "", fields: {} as ContactView["fields"], points: [] as PointView[] };
const EMPTY: PointView = { kind: "telephone", value: "" };
/** What stands at fields of this form; all else is said below them. */
const PLACES = /^(?:name|organisation|language|notes|points\/\d+|fields\/.*)$/;

/** A row keeps its key while others go. */
interface Row extends PointView {
  readonly id: number;
}

export function ContactForm({ person, tag, begun = NOBODY, onSaved, onCancel }: Props): ReactElement {
  const language = useStore(locale);
  const title = useId();
  const before = person?.contact ?? { ...NOBODY, ...begun };
  const [entry, setEntry] = useState(before);
  const fields = fieldsOf(useFields(), Object.keys(before.fields));
  const [points, setPoints] = useState<readonly Row[]>(() =>
    (before.points.length === 0 ? [EMPTY] : before.points).map(({ kind, value }, id) => ({ kind, value, id })),
  );
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const filled = points.filter(({ value }) => value.trim() !== "");
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const { name, organisation, notes } = entry;
    const settings = {
      name,
      organisation,
      language: entry.language,
      notes,
      fields: Object.fromEntries(Object.entries(entry.fields).map(([field, value]) => [field, value === "" ? null : value])),
      points: filled.map(({ kind, value }) => ({ kind, value })),
    };
    const answer = await saveContact(person?.contact.contact ?? null, settings, tag);
    setBusy(false);
    if (!answer.ok) setProblem(answer);
    else if (answer.value.person !== null) onSaved(answer.value.person);
  };
  const refusal = (key: string): string | null => (problem === null ? null : refusalAt(problem.refusals, key, language));
  const change = (to: Partial<Texts>): void => setEntry({ ...entry, ...to });

  return (
    // Only what bubbles up from its fields is heard here.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      className={css.form}
      aria-labelledby={title}
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key === "Escape") onCancel();
      }}
      noValidate
      data-testid="contact-form"
    >
      <h3 id={title}>{person === null ? m.contact_new() : m.contact_edit()}</h3>
      <Names entry={entry} onChange={change} at={refusal} />
      <Points points={points} onChange={setPoints} at={(row) => refusal(`points/${filled.indexOf(row)}`)} />
      <Notes entry={entry} onChange={change} at={refusal} />
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={entry.fields[field.name] ?? ""}
          error={refusal(`fields/${field.name}`)}
          onChange={(value) => setEntry({ ...entry, fields: { ...entry.fields, [field.name]: value } })}
        />
      ))}
      <End problem={problem} busy={busy} onCancel={onCancel} />
    </form>
  );
}

interface Problem {
  readonly code: Code;
  readonly refusals: readonly FieldRefusal[];
}

/** What is wrong that stands at no field, and what ends the form. */
function End({ problem, busy, onCancel }: { problem: Problem | null; busy: boolean; onCancel(): void }): ReactElement {
  const language = useStore(locale);
  const others = (problem?.refusals ?? []).filter(({ key }) => key === null || !PLACES.test(key));
  return (
    <>
      <div role="alert" className={css.problem} data-testid="contact-problem">
        {problem !== null && problem.refusals.length === 0 && <p>{CODES[problem.code]()}</p>}
        {others.map((refusal) => (
          <p key={refusal.message}>{language === "de" ? refusal.message_de : refusal.message}</p>
        ))}
      </div>
      <div className={css.buttons}>
        <Button variant="default" onClick={onCancel}>
          {m.cancel()}
        </Button>
        <Button type="submit" loading={busy} data-testid="contact-save">
          {m.save()}
        </Button>
      </div>
    </>
  );
}

type Texts = Pick<ContactView, "name" | "organisation" | "language" | "notes">;

interface TextsProps {
  entry: Texts;
  onChange(to: Partial<Texts>): void;
  /** What is wrong at a key. */
  at(key: string): string | null;
}

function Names({ entry, onChange, at }: TextsProps): ReactElement {
  return (
    <>
      <TextInput
        label={m.contact_name()}
        value={entry.name}
        error={at("name")}
        autoComplete="off"
        // Whoever asked for the form wants to write in it.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        data-testid="contact-name"
      />
      <TextInput
        label={m.contact_organisation()}
        value={entry.organisation}
        error={at("organisation")}
        autoComplete="off"
        onChange={(event) => onChange({ organisation: event.currentTarget.value })}
      />
    </>
  );
}

function Notes({ entry, onChange, at }: TextsProps): ReactElement {
  const id = useId();
  return (
    <>
      <TextInput
        label={m.contact_language()}
        description={m.contact_language_hint()}
        value={entry.language}
        error={at("language")}
        autoComplete="off"
        onChange={(event) => onChange({ language: event.currentTarget.value })}
      />
      <Input.Wrapper label={m.contact_notes()} error={at("notes")} id={id}>
        <textarea
          id={id}
          className={css.text}
          rows={3}
          value={entry.notes}
          aria-invalid={at("notes") !== null}
          onChange={(event) => onChange({ notes: event.currentTarget.value })}
          data-testid="contact-notes"
        />
      </Input.Wrapper>
    </>
  );
}

interface PointsProps {
  points: readonly Row[];
  onChange(points: readonly Row[]): void;
  at(row: Row): string | null;
}

/** By what somebody is reached, in as many rows as there are. */
function Points({ points, onChange, at }: PointsProps): ReactElement {
  const change = (id: number, to: Partial<PointView>): void =>
    onChange(points.map((point) => (point.id === id ? Object.assign({}, point, to) : point)));
  return (
    <fieldset className={css.points}>
      <legend>{m.contact_points()}</legend>
      {points.map((point) => (
        <div key={point.id} className={css.point}>
          <NativeSelect
            aria-label={m.point_kind()}
            value={point.kind}
            data={Object.entries(POINT_KINDS).map(([value, label]) => ({ value, label: label() }))}
            onChange={(event) => change(point.id, { kind: event.currentTarget.value as PointKind })}
          />
          <TextInput
            aria-label={POINT_KINDS[point.kind]()}
            value={point.value}
            error={at(point)}
            autoComplete="off"
            onChange={(event) => change(point.id, { value: event.currentTarget.value })}
            data-testid="contact-point"
          />
          <CloseButton
            aria-label={m.point_remove({ point: point.value })}
            onClick={() => onChange(points.filter((other) => other.id !== point.id))}
          />
        </div>
      ))}
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={() => onChange([...points, { ...EMPTY, id: 1 + Math.max(-1, ...points.map(({ id }) => id)) }])}
      >
        {m.point_add()}
      </Button>
    </fieldset>
  );
}

// What a field is entered in. What is empty is not there, and has its default.

import { Button } from "@mantine/core";
import { lazy, Suspense, type ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import { length } from "../durations";
import { numberOf, type Choices } from "../field";
import { isTable } from "../settings";
import { ContactFields } from "./ContactFields";
import { aria, type ControlProps } from "./control-props";
import css from "./Form.module.css";
import { Levels } from "./Levels";
import { roleName } from "../roles";
import { useKnown } from "./lists";
import { Questions } from "./Questions";
import { Secret } from "./Secret";
import { TextInput } from "./TextInput";

// Few have to do with opening hours.
const Times = lazy(async () => ({ default: (await import("./Hours")).Times }));
const Days = lazy(async () => ({ default: (await import("./Hours")).Days }));

export function Control(props: ControlProps): ReactElement {
  const { input } = props;
  switch (input.is) {
    case "text":
      return <TextInput {...props} input={input} />;
    case "number":
      return <NumberInput {...props} unit={input.unit} />;
    case "yes":
      return <Check {...props} checked={props.value === undefined ? input.usually : props.value === true} onTick={(on) => props.onChange(on)} />;
    case "part":
      return <Check {...props} checked={isTable(props.value)} onTick={(on) => props.onChange(on ? input.begins() : undefined)} />;
    case "one":
      return <One {...props} of={input.of} />;
    case "thing":
      return <OneThing {...props} kind={input.kind === "classifications" || input.kind === "hours" ? input.kind : "queues"} />;
    case "some":
      return <Some {...props} of={input.of} />;
    case "things":
      return <SomeThings {...props} kind={input.kind === "roles" ? input.kind : "queues"} />;
    case "lines":
      return <Lines {...props} />;
    case "secret":
      return <Secret {...props} characters={input.characters} />;
    case "time":
      return <Time {...props} />;
    case "date":
      return <input {...aria(props)} type="date" value={String(props.value ?? "")} onChange={({ currentTarget }) => props.onChange(currentTarget.value || undefined)} />;
    case "said":
      return <SaidOrNot {...props} />;
    case "file":
      return <SoundFile {...props} />;
    case "head_start":
      return <HeadStart {...props} />;
    case "levels":
      return <Levels {...props} served={input.served} />;
    case "colour":
      return <Colour {...props} />;
    case "questions":
      return <Questions {...props} />;
    case "contact_fields":
      return <ContactFields {...props} />;
    case "times":
      return (
        <Suspense fallback={<div className={css.loading} />}>
          <Times {...props} alike={input.alike ?? []} />
        </Suspense>
      );
    case "days":
      return (
        <Suspense fallback={<div className={css.loading} />}>
          <Days {...props} />
        </Suspense>
      );
  }
}

function Check({ checked, onTick, ...props }: ControlProps & { checked: boolean; onTick(on: boolean): void }): ReactElement {
  return <input {...aria(props)} type="checkbox" checked={checked} onChange={(event) => onTick(event.currentTarget.checked)} />;
}

/** Its unit stands behind it, and how long that is where nobody reads it off so many seconds. */
function NumberInput({ unit, ...props }: ControlProps & { unit: "seconds" | "pieces" }): ReactElement {
  const { value, usually, onChange } = props;
  const said = unit === "seconds" && typeof value === "number" && value >= 60 ? length(value) : "";
  return (
    <span className={css.number}>
      <input
        {...aria(props)}
        type="text"
        inputMode="numeric"
        autoComplete="off"
        value={value === undefined ? "" : String(value)}
        placeholder={usually === "" ? "" : m.admin_usually({ what: usually })}
        onChange={(event) => onChange(numberOf(event.currentTarget.value))}
      />
      {unit === "seconds" && <span>{m.admin_unit_seconds()}</span>}
      {said !== "" && <span className={css.length}>= {said}</span>}
    </span>
  );
}

interface Choice {
  readonly value: string;
  readonly name: string;
}

function Select({ choices, ...props }: ControlProps & { choices: readonly Choice[] }): ReactElement {
  const { value, usually, needed, onChange } = props;
  const now = typeof value === "string" ? value : "";
  // What is not among them is kept, and seen.
  const all = now === "" || choices.some((one) => one.value === now) ? choices : [...choices, { value: now, name: now }];
  return (
    <select {...aria(props)} value={now} onChange={({ currentTarget }) => onChange(currentTarget.value === "" ? undefined : currentTarget.value)}>
      {(!needed || now === "") && <option value="">{needed ? m.admin_choose() : usually === "" ? m.admin_none() : m.admin_usually({ what: usually })}</option>}
      {all.map(({ value: one, name }) => (
        <option key={one} value={one}>
          {name}
        </option>
      ))}
    </select>
  );
}

function One({ of, ...props }: ControlProps & { of: Choices }): ReactElement {
  return <Select {...props} choices={Object.entries(of).map(([value, name]) => ({ value, name: name() }))} />;
}

function OneThing({ kind, ...props }: ControlProps & { kind: "queues" | "classifications" | "hours" }): ReactElement {
  const known = useKnown();
  // Nothing is a part of itself, or overflows into itself.
  const own = kind === "hours" ? undefined : props.settings[kind === "queues" ? "name" : "code"];
  const others = known[kind].filter((name) => name !== own);
  return <Select {...props} choices={others.map((value) => ({ value, name: kind === "classifications" ? (known.labels.get(value) ?? value) : value }))} />;
}

/** In the order of what there is to choose from, so that the same choice is the same value. */
function Ticks({ choices, ...props }: ControlProps & { choices: readonly Choice[] }): ReactElement {
  const { id, value, usually, onChange, describedBy } = props;
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const all = [...choices, ...chosen.filter((one) => choices.every(({ value: known }) => known !== one)).map((one) => ({ value: one, name: one }))];
  const tick = (one: string, on: boolean): void => {
    const now = all.map(({ value: known }) => known).filter((known) => (known === one ? on : chosen.includes(known)));
    onChange(now.length === 0 && usually !== "" ? undefined : now);
  };
  return (
    <div className={css.ticks} role="group" aria-labelledby={`${id}-label`} {...(describedBy === "" ? {} : { "aria-describedby": describedBy })}>
      {all.map(({ value: one, name }) => (
        <label key={one}>
          <input type="checkbox" checked={chosen.includes(one)} onChange={(event) => tick(one, event.currentTarget.checked)} data-value={one} />
          <span dir="auto">{name}</span>
        </label>
      ))}
      {chosen.length === 0 && usually !== "" && <span className={css.length}>{m.admin_usually({ what: usually })}</span>}
    </div>
  );
}

function Some({ of, ...props }: ControlProps & { of: Choices }): ReactElement {
  return <Ticks {...props} choices={Object.entries(of).map(([value, name]) => ({ value, name: name() }))} />;
}

function SomeThings({ kind, ...props }: ControlProps & { kind: "queues" | "roles" }): ReactElement {
  const known = useKnown();
  return <Ticks {...props} choices={known[kind].map((value) => ({ value, name: kind === "roles" ? roleName(value) : value }))} />;
}

/** The lines stand there as they are typed: an empty one at the end is where the next one begins. */
function Lines(props: ControlProps): ReactElement {
  const { value, usually, onChange } = props;
  const lines = Array.isArray(value) ? value.map(String) : [];
  return (
    <textarea
      {...aria(props)}
      rows={Math.min(8, Math.max(2, lines.length))}
      spellCheck={false}
      value={lines.join("\n")}
      placeholder={usually === "" ? "" : m.admin_usually({ what: usually })}
      onChange={({ currentTarget }) => onChange(currentTarget.value === "" ? undefined : currentTarget.value.split("\n"))}
      onBlur={() => {
        const full = lines.map((line) => line.trim()).filter((line) => line !== "");
        if (full.length < lines.length || full.some((line, at) => line !== lines[at])) onChange(full.length === 0 ? undefined : full);
      }}
    />
  );
}

/** In the time of whoever looks at it; kept in UTC. */
function Time(props: ControlProps): ReactElement {
  const { value, onChange } = props;
  const at = typeof value === "string" ? new Date(value) : null;
  const local = at === null || Number.isNaN(at.getTime()) ? "" : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  return (
    <input
      {...aria(props)}
      type="datetime-local"
      value={local}
      onChange={({ currentTarget }) => onChange(currentTarget.value === "" ? undefined : `${new Date(currentTarget.value).toISOString().slice(0, 19)}Z`)}
    />
  );
}

function SaidOrNot(props: ControlProps): ReactElement {
  const { value, onChange } = props;
  const file = typeof value === "string" ? value : null;
  return (
    <select
      {...aria(props)}
      value={file === null ? String(value ?? true) : "file"}
      onChange={({ currentTarget }) => onChange(currentTarget.value === "true")}
    >
      <option value="true">{m.admin_said_ours()}</option>
      <option value="false">{m.admin_said_nothing()}</option>
      {file !== null && <option value="file">{file}</option>}
    </select>
  );
}

function SoundFile(props: ControlProps): ReactElement {
  const { value, usually, onChange } = props;
  return (
    <span className={css.number}>
      <output {...aria(props)}>{typeof value === "string" ? value : usually}</output>
      {value !== undefined && (
        <Button size="compact-sm" variant="default" onClick={() => onChange(undefined)}>
          {m.admin_file_drop()}
        </Button>
      )}
    </span>
  );
}

/** Strictly first, or so many seconds. */
function HeadStart(props: ControlProps): ReactElement {
  const { id, value, usually, label, onChange } = props;
  const strict = value === "strict";
  const own = value === undefined ? "" : strict ? "strict" : "seconds";
  return (
    <span className={css.number}>
      <select
        {...aria(props)}
        value={own}
        onChange={({ currentTarget }) => onChange(currentTarget.value === "" ? undefined : currentTarget.value === "strict" ? "strict" : 0)}
      >
        <option value="">{m.admin_usually({ what: /^\d+$/.test(usually) ? length(Number(usually)) : usually })}</option>
        <option value="strict">{m.admin_strictly_first()}</option>
        <option value="seconds">{m.admin_head_start_seconds()}</option>
      </select>
      {own === "seconds" && (
        <NumberInput {...props} id={`${id}-seconds`} needed label={label} usually="" unit="seconds" onChange={(to) => onChange(to ?? "")} />
      )}
    </span>
  );
}

function Colour(props: ControlProps): ReactElement {
  const { value, onChange, label } = props;
  const now = typeof value === "string" ? value : "";
  return (
    <span className={css.number}>
      <input
        type="color"
        aria-label={m.admin_colour_choose({ what: label })}
        value={/^#[0-9a-f]{6}$/i.test(now) ? now : "#2f5bd0"}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <input
        {...aria(props)}
        type="text"
        autoComplete="off"
        spellCheck={false}
        placeholder="#2f5bd0"
        value={now}
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim() === "" ? undefined : currentTarget.value.trim())}
      />
    </span>
  );
}

// What an item was about: chosen out of a list that is searched by typing.

import { useRef, useState, type KeyboardEvent, type ReactElement } from "react";
import { m } from "../paraglide/messages.js";
import { find } from "../match";
import type { WriteUpView } from "../../../web-shared/src/protocol/desk";
import { classificationOf } from "../writeUp";
import type { Kept } from "../writeUps";
import { Icon } from "./Icon";
import { useListbox } from "./listbox";
import { Option } from "./Option";
import css from "./WriteUp.module.css";

const MAX = 20;

interface Props {
  kept: Kept;
  /** What the item is called. */
  name: string;
  onChange(about: readonly number[]): void;
}

export function Classifications({ kept: { view, mine }, name, onChange }: Props): ReactElement | null {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const choices = view?.choices.filter(({ classification }) => !mine.about.includes(classification)) ?? [];
  const found = find(choices, typed, ({ path, code }) => `${path.join(" ")} ${code}`);
  const take = (at: number): void => {
    const one = found[at];
    if (one === undefined) return;
    onChange([...mine.about, one.classification]);
    setTyped("");
  };
  const drop = (id: number): void => onChange(mine.about.filter((other) => other !== id));
  const list = useListbox(found.length, open, typed, take);
  if (view === null || (view.choices.length === 0 && mine.about.length === 0)) return null;
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (list.onKey(event)) return;
    const last = mine.about.at(-1);
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === "ArrowDown") setOpen(true);
    else if (event.key === "Backspace" && typed === "" && last !== undefined) drop(last);
  };
  return (
    <div className={css.about}>
      <Chosen view={view} about={mine.about} onDrop={(id) => {
        drop(id);
        field.current?.focus();
      }} />
      <div className={css.search}>
        <input
          {...list.field}
          ref={field}
          className={css.field}
          aria-label={m.act_on({ act: m.classification(), item: name })}
          placeholder={mine.about.length === 0 ? m.classification_hint() : m.classification_more()}
          autoComplete="off"
          disabled={!view.editable || mine.about.length >= MAX}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
          data-testid="classification"
        />
        {open && (
          <ul {...list.list} className={css.list} aria-label={m.classification()}>
            {found.map(({ classification, path }, at) => (
              <Option key={classification} box={list} at={at} onTake={take} testid="classification-choice">
                {path.length > 1 && <span className={css.above}>{path.slice(0, -1).join(" › ")} › </span>}
                <span dir="auto">{path.at(-1)}</span>
              </Option>
            ))}
            {found.length === 0 && <li className={css.none}>{m.nothing_found()}</li>}
          </ul>
        )}
      </div>
    </div>
  );
}

interface ChosenProps {
  view: WriteUpView;
  about: readonly number[];
  onDrop(id: number): void;
}

function Chosen({ view, about, onDrop }: ChosenProps): ReactElement {
  return (
    <ul className={css.chips} aria-label={m.classification()}>
      {about.map((id) => {
        const path = classificationOf(view, id)?.path ?? [String(id)];
        return (
          <li key={id} title={path.join(" › ")} data-testid="classified">
            <span dir="auto">{path.at(-1)}</span>
            <button
              type="button"
              disabled={!view.editable}
              aria-label={m.classification_remove({ name: path.join(", ") })}
              onClick={() => onDrop(id)}
            >
              <Icon name="close" size={12} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

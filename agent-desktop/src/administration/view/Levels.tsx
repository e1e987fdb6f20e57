// How well somebody knows what each of their queues is about: a number for each that they serve.

import type { ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import { numberOf } from "../field";
import { isTable, type Json } from "../settings";
import type { ControlProps } from "./control-props";
import css from "./Form.module.css";

export function Levels({ served, ...props }: ControlProps & { served: string }): ReactElement {
  const { id, value, settings, describedBy, isWrong, onChange } = props;
  const queues = settings[served];
  const names = Array.isArray(queues) ? queues.map(String) : [];
  const levels = isTable(value) ? value : {};
  const set = (name: string, level: Json | undefined): void => {
    const { [name]: _, ...others } = levels;
    // 0 is what holds anyway.
    const next = level === undefined || level === 0 ? others : { ...others, [name]: level };
    onChange(Object.keys(next).length === 0 ? undefined : next);
  };
  return (
    <div className={css.levels} role="group" aria-labelledby={`${id}-label`} {...(describedBy === "" ? {} : { "aria-describedby": describedBy })}>
      {names.length === 0 && <span className={css.length}>{m.admin_no_queues()}</span>}
      {names.map((name) => (
        <label key={name}>
          <span dir="auto">{name}</span>
          <input
            type="text"
            inputMode="numeric"
            autoComplete="off"
            placeholder="0"
            {...(isWrong ? { "aria-invalid": true } : {})}
            value={levels[name] === undefined ? "" : String(levels[name])}
            onChange={(event) => set(name, numberOf(event.currentTarget.value))}
          />
        </label>
      ))}
    </div>
  );
}

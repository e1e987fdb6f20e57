// A text, in one line or several; a new one is made at a click where nobody wants to think one up.

import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import type { Input } from "../field";
import { aria, type ControlProps } from "./control-props";
import css from "./Form.module.css";

export function TextInput({ input, ...rest }: Omit<ControlProps, "input"> & { input: Extract<Input, { is: "text" }> }): ReactElement {
  const props = { ...rest, input };
  const { value, usually, fixed, onChange } = props;
  const text = typeof value === "string" ? value : "";
  const shared = {
    ...aria(props),
    value: text,
    placeholder: usually === "" ? "" : m.admin_usually({ what: usually }),
    readOnly: fixed,
    dir: "auto",
    // Names of hosts and users are no words.
    ...(input.plain === true ? { autoComplete: "off", autoCapitalize: "none", spellCheck: false } : { autoComplete: "off" }),
  };
  const change = (to: string): void => onChange(to === "" ? undefined : to);
  if (input.long === true) {
    return <textarea {...shared} rows={Math.min(12, Math.max(3, text.split("\n").length))} onChange={(event) => change(event.currentTarget.value)} />;
  }
  const { known } = input;
  const field = (
    <>
      <input {...shared} type="text" {...(known === undefined ? {} : { list: `${rest.id}-known` })} onChange={(event) => change(event.currentTarget.value)} />
      {known !== undefined && (
        <datalist id={`${rest.id}-known`}>
          {known().map((one) => (
            <option key={one}>{one}</option>
          ))}
        </datalist>
      )}
    </>
  );
  const { draw } = input;
  if (draw === undefined || fixed) return field;
  return (
    <span className={css.number}>
      {field}
      <Button size="compact-sm" variant="default" onClick={() => onChange(draw())}>
        {m.admin_draw()}
      </Button>
    </span>
  );
}

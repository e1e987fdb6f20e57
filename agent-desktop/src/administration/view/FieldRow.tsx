// One field: its name, what it is entered in, what it means, what holds if it is empty, and what is wrong with it.

import type { ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import type { Field } from "../field";
import { valueAt } from "../settings";
import type { View, Work } from "../work";
import { Control } from "./Control";
import { isGroup } from "./control-props";
import css from "./Form.module.css";
import { useKnown } from "./lists";

export function FieldRow({ field, work, view }: { field: Field; work: Work; view: View }): ReactElement {
  const { installation } = useKnown();
  const { path, label, help, needed = false, usual } = field;
  const id = `field-${path}`;
  const wrong = view.wrong.get(path);
  const value = valueAt(view.mine, path);
  const fixed = field.once === true && work.which !== null;
  const usually = usual?.(installation) ?? "";
  const hints = [help?.(), fixed ? m.admin_once() : undefined].filter((one) => one !== undefined).join(" ");
  const control = (
    <Control
      id={id}
      input={field.input}
      value={value}
      usually={usually}
      fixed={fixed}
      needed={needed}
      settings={view.mine}
      label={label()}
      describedBy={[wrong === undefined ? "" : `${id}-wrong`, hints === "" ? "" : `${id}-help`].join(" ").trim()}
      isWrong={wrong !== undefined}
      onChange={(to) => work.set(path, to)}
      onOther={(other, to) => work.set(other, to)}
    />
  );
  const notes = (
    <>
      {hints !== "" && (
        <p id={`${id}-help`} className={css.help}>
          {hints}
        </p>
      )}
      {wrong !== undefined && (
        <p id={`${id}-wrong`} className={css.wrong} data-testid="admin-wrong" data-path={path}>
          {wrong}
        </p>
      )}
    </>
  );
  if (field.input.is === "yes" || field.input.is === "part") {
    return (
      <div className={css.check} data-path={path}>
        <label htmlFor={id}>
          {control}
          {label()}
        </label>
        {notes}
      </div>
    );
  }
  return (
    <div className={css.field} data-path={path}>
      {isGroup(field.input) ? <span className={css.label} id={`${id}-label`}>{label()}</span> : <label className={css.label} htmlFor={id}>{label()}</label>}
      {control}
      {notes}
    </div>
  );
}

// The fields of its own that a company has for contacts: a row for each, in the order in which they are shown.

import type { ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import { CONTACT_FIELD_HOLDS, MOST_CONTACT_FIELDS } from "../contactFields";
import type { Settings } from "../settings";
import type { ControlProps } from "./control-props";
import { Rows, text } from "./Rows";

const WORDS = { add: m.admin_contact_field_add, up: m.admin_contact_field_up, remove: m.admin_contact_field_remove };

export function ContactFields(props: ControlProps): ReactElement {
  return (
    <Rows of={props} most={MOST_CONTACT_FIELDS} words={WORDS} testid="admin-contact-field" begins={() => ({ name: "", holds: "text" })}>
      {(row, at, put) => <ContactField row={row} at={at} onChange={put} />}
    </Rows>
  );
}

function ContactField({ row, at, onChange }: { row: Settings; at: number; onChange(row: Settings): void }): ReactElement {
  const holds = text(row["holds"]) || "text";
  const of = (what: string): string => m.admin_contact_field_of({ what, number: at + 1 });
  const { choices, ...others } = row;
  const lines = Array.isArray(choices) ? choices.map(String) : [];
  const setHolds = (to: string): void => onChange(to === "choice" ? { ...others, holds: to, choices: lines } : { ...others, holds: to });
  return (
    <>
      <label>
        {m.admin_name()}
        <input type="text" autoComplete="off" value={text(row["name"])} aria-label={of(m.admin_name())} onChange={(event) => onChange({ ...row, name: event.currentTarget.value })} />
      </label>
      <label>
        {m.admin_contact_field_holds()}
        <select value={holds} aria-label={of(m.admin_contact_field_holds())} onChange={(event) => setHolds(event.currentTarget.value)}>
          {Object.entries(CONTACT_FIELD_HOLDS).map(([one, name]) => (
            <option key={one} value={one}>
              {name()}
            </option>
          ))}
        </select>
      </label>
      {holds === "choice" && (
        <label>
          {m.admin_contact_field_choices()}
          <textarea
            rows={3}
            value={lines.join("\n")}
            aria-label={of(m.admin_contact_field_choices())}
            onChange={(event) => onChange({ ...row, choices: event.currentTarget.value.split("\n") })}
            onBlur={() => onChange({ ...row, choices: lines.map((line) => line.trim()).filter((line) => line !== "") })}
          />
        </label>
      )}
    </>
  );
}

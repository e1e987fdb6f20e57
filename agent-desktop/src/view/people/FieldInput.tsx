// What somebody writes into a field that the company defines.

import { NativeSelect, TextInput } from "@mantine/core";
import type { ReactElement } from "react";
import type { ContactField } from "../../../../web-shared/src/protocol/contacts";

interface Props {
  field: ContactField;
  value: string;
  error: string | null;
  onChange(value: string): void;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function FieldInput({ field: { name, holds, choices }, value, error, onChange }: Props): ReactElement {
  const usual = { label: name, value, error, "data-testid": "contact-field", "data-field": name };
  if (holds === "choice") {
    // What was chosen before the choices were others is not lost by looking at it.
    const all = value === "" || choices.includes(value) ? choices : [...choices, value];
    return <NativeSelect {...usual} data={["", ...all]} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  // A browser's own field for days shows nothing else.
  const isDay = holds === "date" && (value === "" || DAY.test(value));
  return (
    <TextInput
      {...usual}
      type={isDay ? "date" : holds === "link" ? "url" : "text"}
      {...(holds === "number" ? { inputMode: "decimal" } : {})}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

// A list of tables that are entered as one value: each can be moved up and taken out, and one more is added at the end.

import { Button } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { m } from "../../paraglide/messages.js";
import { isTable, type Json, type Settings } from "../settings";
import type { ControlProps } from "./control-props";
import css from "./Form.module.css";

interface Words {
  add(): string;
  up(at: { number: number }): string;
  remove(at: { number: number }): string;
}

interface RowsProps {
  of: ControlProps;
  most: number;
  words: Words;
  testid: string;
  /** What a new one begins with. */
  begins(rows: readonly Settings[]): Settings;
  children(row: Settings, at: number, put: (row: Settings) => void): ReactNode;
}

export function Rows({ of: { id, value, describedBy, onChange }, most, words, testid, begins, children }: RowsProps): ReactElement {
  const rows = tables(value);
  const put = (next: readonly Settings[]): void => onChange(next.length === 0 ? undefined : next);
  return (
    <div className={css.questions} role="group" aria-labelledby={`${id}-label`} {...(describedBy === "" ? {} : { "aria-describedby": describedBy })}>
      <ol>
        {rows.map((row, at) => (
          // They have no name but their place: keys are typed.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={at} className={css.question} data-testid={testid}>
            {children(row, at, (to) => put(rows.map((one, other) => (other === at ? to : one))))}
            <div className={css.buttons}>
              {at > 0 && (
                <Button size="compact-sm" variant="default" onClick={() => put(swapped(rows, at))} aria-label={words.up({ number: at + 1 })}>
                  {m.admin_up()}
                </Button>
              )}
              <Button size="compact-sm" variant="default" onClick={() => put(rows.filter((_, other) => other !== at))} aria-label={words.remove({ number: at + 1 })}>
                {m.admin_remove()}
              </Button>
            </div>
          </li>
        ))}
      </ol>
      {rows.length < most && (
        <Button size="compact-sm" variant="default" onClick={() => put([...rows, begins(rows)])} data-testid={`${testid}-add`}>
          {words.add()}
        </Button>
      )}
    </div>
  );
}

export function tables(value: Json | undefined): readonly Settings[] {
  return Array.isArray(value) ? value.filter((one): one is Settings => isTable(one as Json)) : [];
}

export function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function swapped(rows: readonly Settings[], at: number): Settings[] {
  return rows.map((row, other) => rows[other === at ? at - 1 : other === at - 1 ? at : other] ?? row);
}

// Holidays out of a calendar: what would come is shown first, and nothing is saved by taking it over into the form.

import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import type { HolidayView, HoursImportView } from "../../../../web-shared/src/protocol/rest";
import { CODES } from "../../codes";
import { getLocale } from "../../paraglide/runtime.js";
import { m } from "../../paraglide/messages.js";
import { FileField } from "../../view/FileField";
import { readHolidays } from "../api";
import css from "./Hours.module.css";

type State = { readonly is: "none" | "reading" } | { readonly is: "taken"; readonly dates: readonly string[] } | { readonly is: "failed"; readonly why: string } | { readonly is: "read"; readonly found: HoursImportView };

/** `known`: the dates that are there already. */
export function HoursImport({ known, onTake }: { known: ReadonlySet<string>; onTake(days: readonly HolidayView[]): void }): ReactElement {
  const [state, setState] = useState<State>({ is: "none" });
  const read = async (file: File | null): Promise<void> => {
    if (file === null) return;
    setState({ is: "reading" });
    const answer = await readHolidays(file);
    if (answer.ok) setState({ is: "read", found: answer.value });
    else setState({ is: "failed", why: answer.refusals.map(({ said }) => said).join(" ") || CODES[answer.code]() });
  };
  const fresh = state.is === "read" ? state.found.days.filter(({ date }) => !known.has(date)) : [];
  return (
    <div className={css.import}>
      <FileField label={m.admin_import_days()} accept=".ics,text/calendar" testid="admin-import-days" busy={state.is === "reading"} onChoose={(file) => void read(file)} />
      <div role="status" data-testid="admin-import-said" data-said={state.is}>
        {state.is === "failed" && <p className={css.wrong}>{state.why}</p>}
        {state.is === "taken" && state.dates.every((date) => known.has(date)) && <p>{m.admin_import_days_taken()}</p>}
        {state.is === "read" && (
          <>
            <p>{fresh.length === 0 ? m.admin_import_days_nothing() : m.admin_import_days_found()}</p>
            <ul>
              {fresh.map(({ date, name }) => (
                <li key={date} data-testid="admin-import-day">
                  {date} <bdi>{name}</bdi>
                </li>
              ))}
              {state.found.left_out.map(({ line, message, message_de }) => (
                <li key={`line ${line}`} data-testid="admin-import-left">
                  {m.admin_import_days_left_out({ line, why: getLocale() === "de" ? message_de : message })}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      {fresh.length > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            onTake(fresh);
            setState({ is: "taken", dates: fresh.map(({ date }) => date) });
          }}
          data-testid="admin-import-take"
        >
          {m.admin_import_days_take()}
        </Button>
      )}
    </div>
  );
}

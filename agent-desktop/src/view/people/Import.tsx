// Contacts out of a table or of cards: which column holds what, what would become of each line, and then the same in earnest.

import { Button, NativeSelect } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { CODES } from "../../codes";
import { choicesFor, heardOf, importContacts, NOTHING, type Report } from "../../contactImport";
import { useStore } from "../../hooks";
import { locale } from "../../locale";
import { m } from "../../paraglide/messages.js";
import type { ImportColumn } from "../../../../web-shared/src/protocol/contacts";
import { Dialog } from "../Dialog";
import { useFields } from "./fields";
import { FileField } from "../FileField";
import css from "./Import.module.css";

type Step = "choose" | "checks" | "checked" | "imports" | "imported";

export function Import({ onClose, onDone }: { onClose(): void; onDone(): void }): ReactElement {
  const language = useStore(locale);
  const [step, setStep] = useState<Step>("choose");
  const [table, setTable] = useState<File | null>(null);
  const [columns, setColumns] = useState<readonly string[] | null>(null);
  // What the report is about; other columns need another one.
  const [checked, setChecked] = useState<readonly string[] | null>(null);
  const [report, setReport] = useState<Report>(NOTHING);
  const [problem, setProblem] = useState<string | null>(null);

  const run = async (of: File, dry: boolean, holds: readonly string[] | null): Promise<void> => {
    setStep(dry ? "checks" : "imports");
    setProblem(null);
    let heard = NOTHING;
    const outcome = await importContacts({ table: of, dry, columns: holds }, (news) => {
      heard = heardOf(heard, news);
      setReport(heard);
    });
    if (!outcome.ok) {
      const refusal = outcome.refusals[0];
      setProblem(refusal === undefined ? CODES[outcome.code]() : language === "de" ? refusal.message_de : refusal.message);
    }
    const said = heard.columns.map((column) => column.holds);
    setColumns(said.length === 0 ? null : said);
    setChecked(said);
    setStep(heard.end === null ? "choose" : dry ? "checked" : "imported");
    if (!dry) onDone();
  };
  const busy = step === "checks" || step === "imports";
  const fresh = columns !== null && checked !== null && columns.every((holds, at) => holds === checked[at]);
  return (
    <Dialog title={m.import_title()} onClose={onClose} wide>
      <div className={css.import} data-testid="import" data-step={step}>
        <Choose
          chosen={table}
          busy={busy}
          onChoose={(file) => {
            setTable(file);
            setReport(NOTHING);
            if (file !== null) void run(file, true, null);
          }}
        />
        {problem !== null && <p role="alert" className={css.problem}>{problem}</p>}
        {report.columns.length > 0 && step !== "imports" && step !== "imported" && (
          <Columns columns={report.columns} holds={columns} onChange={setColumns} />
        )}
        <Going report={report} step={step} />
        <Ended report={report} />
        <Acts
          step={step}
          ready={fresh && !nothingIn(report)}
          onCheck={fresh || table === null || columns === null ? null : () => void run(table, true, columns)}
          onImport={() => table !== null && void run(table, false, columns)}
          onClose={onClose}
        />
      </div>
    </Dialog>
  );
}

function Choose({ chosen, busy, onChoose }: { chosen: File | null; busy: boolean; onChoose(file: File | null): void }): ReactElement {
  const accept = ".csv,.txt,.vcf,.vcard,text/csv,text/vcard";
  return (
    <FileField label={m.import_file()} accept={accept} testid="import-file" chosen={chosen} busy={busy} first onChoose={onChoose}>
      <span className={css.hint}>{m.import_file_hint()}</span>
    </FileField>
  );
}

interface ActsProps {
  step: Step;
  ready: boolean;
  /** `null`: it has been looked at as it is. */
  onCheck: (() => void) | null;
  onImport(): void;
  onClose(): void;
}

function Acts({ step, ready, onCheck, onImport, onClose }: ActsProps): ReactElement {
  const busy = step === "checks" || step === "imports";
  if (step === "imported") {
    return (
      <div className={css.buttons}>
        <Button onClick={onClose} data-testid="import-close">
          {m.close()}
        </Button>
      </div>
    );
  }
  return (
    <div className={css.buttons}>
      {onCheck !== null && (
        <Button variant="default" disabled={busy} onClick={onCheck} data-testid="import-check">
          {m.import_check()}
        </Button>
      )}
      <Button disabled={step !== "checked" || !ready} loading={step === "imports"} onClick={onImport} data-testid="import-start">
        {m.import_start()}
      </Button>
    </div>
  );
}

function nothingIn({ end }: Report): boolean {
  return end === null || "failed" in end || end.made + end.changed === 0;
}

interface ColumnsProps {
  columns: readonly ImportColumn[];
  holds: readonly string[] | null;
  onChange(holds: readonly string[]): void;
}

function Columns({ columns, holds, onChange }: ColumnsProps): ReactElement {
  const fields = useFields().map(({ name }) => name);
  const now = columns.map((column, at) => holds?.[at] ?? column.holds);
  return (
    <table className={css.columns}>
      <thead>
        <tr>
          <th scope="col">{m.import_column()}</th>
          <th scope="col">{m.import_example()}</th>
          <th scope="col">{m.import_holds()}</th>
        </tr>
      </thead>
      <tbody>
        {columns.map((column, at) => (
          // A table's columns never change their places, and two may have the same header.
          // oxlint-disable-next-line react/no-array-index-key
          <tr key={at}>
            <th scope="row" dir="auto">{column.header}</th>
            <td dir="auto">{column.example}</td>
            <td>
              <NativeSelect
                size="xs"
                aria-label={m.import_holds_of({ column: column.header })}
                value={now[at] ?? column.holds}
                data={choicesFor(column, fields).map((value) => ({ value, label: holdsName(value) }))}
                onChange={(event) => {
                  const value = event.currentTarget.value;
                  onChange(now.map((one, other) => (other === at ? value : one)));
                }}
                data-testid="import-holds"
                data-column={column.header}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function holdsName(holds: string): string {
  const [kind, ...rest] = holds.split(":");
  const name = rest.join(":");
  switch (kind) {
    case "name":
      return m.contact_name();
    case "organisation":
      return m.contact_organisation();
    case "language":
      return m.contact_language();
    case "notes":
      return m.contact_notes();
    case "telephone":
      return m.point_telephone();
    case "email":
      return m.point_email();
    case "other":
      return m.import_other({ system: name });
    case "field":
      return m.import_field({ field: name });
    default:
      return m.import_ignored();
  }
}

function Going({ report: { done, lines }, step }: { report: Report; step: Step }): ReactElement | null {
  if (step !== "checks" && step !== "imports") return null;
  const said = step === "checks" ? m.import_checking({ done, lines }) : m.import_running({ done, lines });
  return (
    <div className={css.going}>
      <progress value={done} max={Math.max(1, lines)} aria-label={said} />
      <span data-testid="import-going">{said}</span>
    </div>
  );
}

function Ended({ report: { end, refused } }: { report: Report }): ReactElement | null {
  const language = useStore(locale);
  if (end === null) return null;
  const more = "failed" in end ? 0 : end.refused - refused.length;
  return (
    <>
      <p role="status" data-testid="import-counts">
        {"failed" in end ? `${CODES[end.failed]()} ${m.import_stopped()}` : m.import_counts({ ...end })}
      </p>
      {refused.length > 0 && (
        // Can be scrolled by keyboard, hence the tab stop.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <ul className={css.refused} aria-label={m.import_left_out()} tabIndex={0} data-testid="import-refused">
          {refused.map(({ line, card, message, message_de }) => (
            <li key={line}>
              <b>{card === null ? m.import_line({ line }) : m.import_card({ card, line })}</b> <span dir="auto">{language === "de" ? message_de : message}</span>
            </li>
          ))}
          {more > 0 && <li>{m.import_more({ count: more })}</li>}
        </ul>
      )}
    </>
  );
}

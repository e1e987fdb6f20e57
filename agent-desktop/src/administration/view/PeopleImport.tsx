// Many people out of a table: what would become of them, or all that is wrong, and then the same in earnest. What was made for them
// is seen once.

import { Button } from "@mantine/core";
import { useState, type DragEvent, type ReactElement } from "react";
import { CODES } from "../../codes";
import { m } from "../../paraglide/messages.js";
import { Dialog } from "../../view/Dialog";
import { FileField } from "../../view/FileField";
import type { DifferenceView, PeopleImported } from "../../../../web-shared/src/protocol/rest";
import type { Refusal } from "../api";
import { differences, whatInWords } from "../differences";
import { addressOf, importPeople } from "../people";
import css from "./PeopleImport.module.css";
import { PeopleGiven } from "./PeopleGiven";

/** So many lines are shown; of the others only how many they are. */
const SHOWN_MAX = 200;

/** What is known of the table that was chosen. */
type Looked =
  | { readonly is: "nothing" }
  | { readonly is: "busy"; readonly earnest: boolean }
  | { readonly is: "failed"; readonly why: string }
  | { readonly is: "wrong"; readonly refusals: readonly Refusal[] }
  | { readonly is: "planned"; readonly plan: PeopleImported; readonly tag: string | null; /** It was another one before. */ readonly again: boolean };

interface Props {
  isOpen: boolean;
  onClose(): void;
  /** People are others now. */
  onDone(): void;
}

export function PeopleImport({ isOpen, onClose, onDone }: Props): ReactElement {
  const [done, setDone] = useState<PeopleImported | null>(null);
  return (
    <>
      {done !== null && <PeopleGiven done={done} onDismiss={() => setDone(null)} />}
      {isOpen && (
        <Choosing
          onClose={onClose}
          onDone={(what) => {
            // What is still seen of another table is seen beside it.
            setDone({ ...what, given: [...(done?.given ?? []), ...what.given] });
            onClose();
            onDone();
          }}
        />
      )}
    </>
  );
}

function Choosing({ onClose, onDone }: { onClose(): void; onDone(done: PeopleImported): void }): ReactElement {
  const [file, setFile] = useState<File | null>(null);
  const [looked, setLooked] = useState<Looked>({ is: "nothing" });
  const look = async (at: Blob, again: boolean): Promise<void> => {
    setLooked({ is: "busy", earnest: false });
    const answer = await importPeople(at, true, null);
    if (answer.ok) setLooked({ is: "planned", plan: answer.value, tag: answer.tag, again });
    else setLooked(refusedAs(answer));
  };
  const choose = async (chosen: File | null): Promise<void> => {
    if (chosen === null) return;
    // What was looked at is what is imported, whatever becomes of the file meanwhile.
    const kept = await chosen.arrayBuffer().then((bytes) => new File([bytes], chosen.name), () => null);
    setFile(kept);
    if (kept === null) setLooked({ is: "failed", why: CODES.malformed() });
    else await look(kept, false);
  };
  const start = async (table: Blob, tag: string | null): Promise<void> => {
    setLooked({ is: "busy", earnest: true });
    const answer = await importPeople(table, false, tag);
    if (answer.ok) onDone(answer.value);
    else if (answer.code === "stale") await look(table, true);
    else setLooked(refusedAs(answer));
  };
  const busy = looked.is === "busy";
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    if (!busy) void choose(event.dataTransfer.files[0] ?? null);
  };
  return (
    <Dialog title={m.admin_people_import_title()} onClose={onClose} wide>
      <div className={css.import} data-testid="people-import" data-step={looked.is} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        <Explained />
        <FileField label={m.admin_people_file()} accept=".csv,.txt,text/csv" testid="people-file" chosen={file} busy={busy} first onChoose={(chosen) => void choose(chosen)}>
          <span className={css.hint}>{m.admin_people_drop()}</span>
        </FileField>
        <Said looked={looked} />
        <div className={css.buttons}>
          <Button
            disabled={looked.is !== "planned" || nothingIn(looked.plan)}
            loading={busy && looked.earnest}
            onClick={() => looked.is === "planned" && file !== null && void start(file, looked.tag)}
            data-testid="people-start"
          >
            {m.import_start()}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function refusedAs({ code, refusals }: { code: keyof typeof CODES; refusals: readonly Refusal[] }): Looked {
  return refusals.length > 0 ? { is: "wrong", refusals } : { is: "failed", why: CODES[code]() };
}

function nothingIn({ created, changed }: PeopleImported): boolean {
  return created + changed === 0;
}

function Explained(): ReactElement {
  return (
    <>
      <p>
        {m.admin_people_import_help()} {m.admin_people_import_queues()}
      </p>
      <p className={css.links}>
        <a href={addressOf("template")} download="" data-testid="people-template">
          {m.admin_people_template()}
        </a>
        <a href={addressOf("export")} download="" data-testid="people-export">
          {m.admin_people_export()}
        </a>
      </p>
    </>
  );
}

function Said({ looked }: { looked: Looked }): ReactElement {
  return (
    <>
      <div role="status" className={css.said} data-testid="people-said">
        {looked.is === "failed" && <p className={css.problem}>{looked.why}</p>}
        {looked.is === "wrong" && <p className={css.problem}>{m.admin_people_wrong()}</p>}
        {looked.is === "planned" && (
          <>
            {looked.again && <p className={css.problem}>{m.admin_people_stale()}</p>}
            <p data-testid="people-counts">{nothingIn(looked.plan) ? m.admin_people_nothing() : m.admin_people_counts({ ...looked.plan })}</p>
          </>
        )}
      </div>
      {looked.is === "wrong" && (
        <Lines title={m.admin_people_faults()} count={looked.refusals.length} testid="people-faults">
          {looked.refusals.slice(0, SHOWN_MAX).map(({ path, said }) => (
            <li key={`${path} ${said}`} data-place={path}>
              <span dir="auto">{said}</span>
            </li>
          ))}
        </Lines>
      )}
      {looked.is === "planned" && !nothingIn(looked.plan) && (
        <Lines title={m.admin_people_plan()} count={looked.plan.differences.length} testid="people-plan">
          {looked.plan.differences.slice(0, SHOWN_MAX).map((difference) => (
            <Planned key={difference.name} difference={difference} />
          ))}
        </Lines>
      )}
    </>
  );
}

interface LinesProps {
  title: string;
  count: number;
  testid: string;
  children: ReactElement[];
}

function Lines({ title, count, testid, children }: LinesProps): ReactElement {
  return (
    // Can be scrolled by keyboard, hence the tab stop.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ul className={css.lines} aria-label={title} tabIndex={0} data-testid={testid}>
      {children}
      {count > SHOWN_MAX && <li>{m.import_more({ count: count - SHOWN_MAX })}</li>}
    </ul>
  );
}

function Planned({ difference }: { difference: DifferenceView }): ReactElement {
  const rows = differences(difference);
  return (
    <li data-name={difference.name}>
      <b dir="auto">{difference.name}</b>: {whatInWords(difference.what)}
      {rows.map(({ path, label, from, to }) => (
        <span key={path} className={css.change}>
          {label}:{" "}
          {from !== null && (
            <>
              <del dir="auto">{from}</del> <span aria-hidden="true">→</span>{" "}
            </>
          )}
          <ins dir="auto">{to}</ins>
        </span>
      ))}
    </li>
  );
}

// One thing with all that can be set of it: read, changed, saved, removed.

import { Button } from "@mantine/core";
import { useEffect, useMemo, useRef, useState, type FormEvent, type ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { CODES } from "../../codes";
import { useDesk, useStore } from "../../hooks";
import { Confirm } from "../../view/Dialog";
import { Icon } from "../../view/Icon";
import { m } from "../../paraglide/messages.js";
import type { ThingKind } from "../../../../web-shared/src/protocol/rest";
import type { Group } from "../field";
import { KIND } from "../kinds";
import { pathOf } from "../place";
import { begins } from "../begins";
import { removed } from "../removed";
import { unsaved } from "../unsaved";
import { Work, type View } from "../work";
import { Beside } from "./Beside";
import { Clashes } from "./Clashes";
import { FieldRow } from "./FieldRow";
import css from "./Form.module.css";
import { Given } from "./Given";
import { ListsContext, useLists } from "./lists";
import { RemoveButton } from "./Remove";

interface Props {
  kind: ThingKind | "company";
  /** `null`: a new one, or the company itself. */
  id: string | null;
}

export function Form({ kind, id }: Props): ReactElement {
  const work = useMemo(() => new Work(kind, id), [kind, id]);
  const view = useStore(work.view);
  const lists = useLists(work.fields);
  const ready = lists !== null;
  const names = useRef(lists);
  useEffect(() => {
    names.current = lists;
  });
  useEffect(() => {
    // Whoever looks at something else has let go what they removed.
    removed.set(null);
    if (ready) void work.load(begins(kind, names.current));
  }, [work, kind, ready]);
  useUnsaved(work, view);
  return (
    <ListsContext value={lists}>
      <div className={css.form} data-testid="admin-form" data-stage={view.stage} data-kind={kind}>
        <Head kind={kind} isNew={work.which === null} name={work.title} />
        {view.stage === "failed" && <p role="alert">{view.said?.what === "failed" && CODES[view.said.code]()}</p>}
        {view.stage === "gone" && <Gone work={work} />}
        {view.stage === "ready" && <Ready work={work} view={view} />}
      </div>
    </ListsContext>
  );
}

/** Whoever leaves is asked as long as something is not saved. */
function useUnsaved(work: Work, view: View): void {
  useEffect(() => unsaved.set(view.stage === "ready" && work.isChanged ? work : null), [work, view]);
  useEffect(() => () => unsaved.set(null), []);
}

function Head({ kind, isNew, name }: { kind: ThingKind | "company"; isNew: boolean; name: string }): ReactElement {
  if (kind === "company") {
    return (
      <header className={css.head}>
        <h2>{m.admin_company()}</h2>
      </header>
    );
  }
  return (
    <header className={css.head}>
      <Link href={pathOf({ page: "list", kind })} data-testid="admin-to-list">
        <Icon name="back" size={14} />
        {KIND[kind].title()}
      </Link>
      <h2 dir="auto">{isNew ? KIND[kind].add() : name === "" ? KIND[kind].one() : name}</h2>
    </header>
  );
}

function Ready({ work, view }: { work: Work; view: View }): ReactElement {
  const [, navigate] = useLocation();
  const form = useRef<HTMLFormElement>(null);
  const { session } = useDesk();
  const [asking, setAsking] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (work.locksOut(session.name)) setAsking(true);
    else void save();
  };
  const save = async (): Promise<void> => {
    const id = await work.save();
    if (id !== null && work.kind !== "company") {
      unsaved.set(null);
      navigate(pathOf({ page: "thing", kind: work.kind, id }), { replace: true });
    } else if (work.view.get().said?.what === "wrong") {
      // Once it is drawn.
      setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
    }
  };
  return (
    <div className={css.sides}>
      <form ref={form} noValidate onSubmit={submit}>
        {view.given !== null && <Given given={view.given} settings={view.base} work={work} />}
        <Clashes work={work} view={view} />
        {view.general.length > 0 && (
          <ul className={css.general} role="alert" data-testid="admin-general">
            {view.general.map((said) => (
              <li key={said}>{said}</li>
            ))}
          </ul>
        )}
        {work.groups.map((group) => (
          <Fields key={group.title()} group={group} work={work} view={view} />
        ))}
        {!work.isFixed && <Foot work={work} view={view} />}
      </form>
      <Beside work={work} view={view} />
      {asking && (
        <Confirm
          title={m.admin_yourself_title()}
          text={m.admin_yourself_text()}
          yes={m.admin_save()}
          no={m.cancel()}
          testid="admin-yourself"
          onYes={() => void save()}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}

function Fields({ group, work, view }: { group: Group; work: Work; view: View }): ReactElement | null {
  const asked = group.fields.filter(({ when }) => when?.(view.mine) !== false);
  const isSet = asked.some(({ path }) => work.says(path)) || asked.some(({ path }) => view.wrong.has(path));
  const [open, setOpen] = useState(false);
  const isOpen = group.folded !== true || open || isSet;
  if (asked.length === 0) return null;
  return (
    <fieldset className={css.group} data-folded={!isOpen} disabled={work.isFixed}>
      <legend>
        {group.folded === true && !isSet ? (
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!open)}>
            <Icon name="chevron" size={14} turn={isOpen ? 0 : -90} />
            {group.title()}
          </button>
        ) : (
          group.title()
        )}
      </legend>
      {isOpen && group.hint !== undefined && <p className={css.hint}>{group.hint()}</p>}
      {isOpen && asked.map((field) => <FieldRow key={field.path} field={field} work={work} view={view} />)}
    </fieldset>
  );
}

/** Stays in sight: what was done, and what can be. */
function Foot({ work, view }: { work: Work; view: View }): ReactElement {
  const changed = work.isChanged;
  return (
    <footer className={css.foot}>
      <p role="status" data-testid="admin-said" data-said={view.said?.what ?? (changed ? "changed" : "nothing")}>
        {said(view, changed)}
        {view.undo !== null && (
          <Button size="compact-sm" variant="subtle" onClick={() => void work.takeBack()} data-testid="admin-undo">
            {m.admin_undo()}
          </Button>
        )}
      </p>
      <div className={css.buttons}>
        <RemoveButton work={work} />
        {changed && (
          <Button variant="default" onClick={() => work.discard()} data-testid="admin-discard">
            {m.admin_discard()}
          </Button>
        )}
        <Button type="submit" loading={view.busy} data-testid="admin-save">
          {m.admin_save()}
        </Button>
      </div>
    </footer>
  );
}

function said({ said, wrong, general }: View, changed: boolean): string {
  switch (said?.what) {
    case undefined:
      return changed ? m.admin_unsaved() : "";
    case "made":
      return m.admin_made();
    case "saved":
      return m.admin_saved();
    case "undone":
      return m.admin_undone();
    case "restored":
      return m.admin_restored();
    case "stale":
      return m.admin_stale_short();
    case "wrong":
      return m.admin_wrong({ count: wrong.size + general.length });
    case "failed":
      return CODES[said.code]();
  }
}

/** Somebody has removed it meanwhile: what stands in the form is not lost. */
function Gone({ work }: { work: Work }): ReactElement {
  const [, navigate] = useLocation();
  const { kind } = work;
  const again = async (): Promise<void> => {
    const id = await work.makeAgain();
    if (id === null || kind === "company") return;
    unsaved.set(null);
    navigate(pathOf({ page: "thing", kind, id }), { replace: true });
  };
  return (
    <div className={css.gone} role="alert" data-testid="admin-gone">
      <p>{m.admin_gone()}</p>
      {work.isChanged && (
        <Button variant="default" onClick={() => void again()} data-testid="admin-again">
          {m.admin_make_again()}
        </Button>
      )}
    </div>
  );
}

// All things of a kind: searched, sorted, and the way to each and to a new one.

import { Button } from "@mantine/core";
import { lazy, useCallback, useEffect, useRef, useState, type ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { CODES } from "../../codes";
import { find } from "../../match";
import { m } from "../../paraglide/messages.js";
import type { Code } from "../../../../web-shared/src/protocol/error";
import type { ThingKind } from "../../../../web-shared/src/protocol/rest";
import { things, type Thing } from "../api";
import { fieldsOf } from "../field";
import { KIND } from "../kinds";
import { ordered, rowsOf, type Order, type Row } from "../rows";
import { pathOf } from "../place";
import { Late } from "../../view/Late";
import { useLive } from "./live";
import css from "./List.module.css";
import { Removed } from "./Removed";

// Few make many people at once.
const People = lazy(async () => ({ default: (await import("./PeopleImport")).PeopleImport }));

export function List({ kind }: { kind: ThingKind }): ReactElement {
  const { title, add, empty, columns } = KIND[kind];
  const [, navigate] = useLocation();
  const { found, problem, again } = useThings(kind);
  const [typed, setTyped] = useState("");
  const [order, setOrder] = useState<Order | null>(null);
  // `null`: nothing of it was wanted yet.
  const [imports, setImports] = useState<boolean | null>(null);
  const live = useLive(kind);
  const all = rowsOf(kind, found ?? [], live);
  const rows = ordered(find(all, typed, ({ cells }) => cells.join(" ")), order);
  return (
    <div className={css.list} data-testid="admin-list" data-kind={kind}>
      <header className={css.head}>
        <h2>{title()}</h2>
        <div className={css.acts}>
          {kind === "agents" && (
            <Button variant="default" onClick={() => setImports(true)} data-testid="admin-people-import">
              {m.admin_people_import()}
            </Button>
          )}
          <Button onClick={() => navigate(pathOf({ page: "new", kind }))} data-testid="admin-add">
            {add()}
          </Button>
        </div>
      </header>
      {imports !== null && (
        <Late onFail={() => setImports(null)}>
          <People isOpen={imports} onClose={() => setImports(false)} onDone={again} />
        </Late>
      )}
      <Removed kind={kind} onBack={again} />
      {all.length > 0 && (
        <search className={css.search}>
          <input
            type="search"
            aria-label={m.admin_search()}
            placeholder={m.admin_search()}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-testid="admin-search"
          />
          <span role="status">{rows.length === all.length ? "" : m.admin_found({ found: rows.length, all: all.length })}</span>
        </search>
      )}
      <p className={css.said} role="status" data-testid="admin-list-said">
        {said(problem, found, rows, empty)}
      </p>
      {rows.length > 0 && <Table kind={kind} columns={columns} live={live !== null} rows={rows} order={order} onOrder={setOrder} />}
    </div>
  );
}

function said(problem: Code | null, found: readonly Thing[] | null, rows: readonly Row[], empty: () => string): string {
  if (problem !== null) return CODES[problem]();
  if (found === null) return "";
  if (found.length === 0) return empty();
  return rows.length === 0 ? m.nothing_found() : "";
}

interface TableProps {
  kind: ThingKind;
  columns: readonly string[];
  live: boolean;
  rows: readonly Row[];
  order: Order | null;
  onOrder(order: Order): void;
}

function Table({ kind, columns, live, rows, order, onOrder }: TableProps): ReactElement {
  const fields = fieldsOf(KIND[kind].groups);
  const label = (path: string): string => fields.find((field) => field.path === path)?.label() ?? path;
  const heads = [label(KIND[kind].shown), ...columns.map(label), ...(live ? [m.admin_state()] : [])];
  const next = (column: number): Order => ({ column, down: order?.column === column && !order.down });
  const sorted = (column: number): "none" | "descending" | "ascending" =>
    order?.column !== column ? "none" : order.down ? "descending" : "ascending";
  return (
    <table className={css.table}>
      <thead>
        <tr>
          {heads.map((head, column) => (
            <th key={head} scope="col" aria-sort={sorted(column)}>
              <button type="button" onClick={() => onOrder(next(column))}>
                {head}
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, name, depth, cells }) => (
          <tr key={id} data-testid="admin-row" data-name={name}>
            {cells.map((cell, column) => (
              <td key={heads[column] ?? column} data-label={heads[column]}>
                {column === 0 ? (
                  <Link href={pathOf({ page: "thing", kind, id })} dir="auto" data-depth={order === null ? depth : 0}>
                    {cell}
                  </Link>
                ) : (
                  <span dir="auto">{cell}</span>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function useThings(kind: ThingKind): { found: readonly Thing[] | null; problem: Code | null; again(): void } {
  const [state, setState] = useState<{ found: readonly Thing[] | null; problem: Code | null }>({ found: null, problem: null });
  const latest = useRef(kind);
  const ask = useCallback(async (): Promise<void> => {
    const answer = await things(kind);
    if (latest.current !== kind) return;
    setState(answer.ok ? { found: answer.value, problem: null } : { found: null, problem: answer.code });
  }, [kind]);
  useEffect(() => {
    latest.current = kind;
    void ask();
  }, [kind, ask]);
  return { ...state, again: () => void ask() };
}

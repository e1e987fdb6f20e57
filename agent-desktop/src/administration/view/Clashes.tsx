// Two who changed the same thing: what of the other's is in the form already, and what is to be chosen. Nothing is lost.

import { Button } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { timeOf } from "../../locale";
import { m } from "../../paraglide/messages.js";
import { changes } from "../api";
import { KIND } from "../kinds";
import { inWords } from "../rows";
import type { Clash, Json } from "../settings";
import type { View, Work } from "../work";
import css from "./Form.module.css";

export function Clashes({ work, view }: { work: Work; view: View }): ReactElement | null {
  const isStale = view.said?.what === "stale" || view.said?.what === "restored";
  const who = useLastAuthor(work, view.said?.what === "stale");
  if (!isStale && view.clashes.length === 0) return null;
  return (
    <section className={css.clashes} role="alert" data-testid="admin-stale" data-clashes={view.clashes.length}>
      <p>
        {view.said?.what === "restored" && view.clashes.length === 0 ? m.admin_restored_text() : m.admin_stale()}
        {who !== null && ` ${m.admin_stale_by(who)}`}
      </p>
      {view.clashes.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{m.admin_field()}</th>
              <th scope="col">{m.admin_theirs()}</th>
              <th scope="col">{m.admin_yours()}</th>
            </tr>
          </thead>
          <tbody>
            {view.clashes.map((clash) => (
              <Row key={clash.path} clash={clash} work={work} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ clash, work }: { clash: Clash; work: Work }): ReactElement | null {
  const field = work.fields.find(({ path }) => path === clash.path);
  if (field === undefined) return null;
  const cell = (whose: "theirs" | "mine", value: Json | undefined, take: string): ReactElement => (
    <td>
      <span dir="auto">{value === undefined ? m.admin_standard() : inWords(field, value)}</span>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`${field.label()}: ${take}`}
        onClick={() => work.settle(clash, whose)}
        data-testid={`admin-take-${whose}`}
        data-path={clash.path}
      >
        {take}
      </Button>
    </td>
  );
  return (
    <tr>
      <th scope="row">{field.label()}</th>
      {cell("theirs", clash.theirs, m.admin_take_theirs())}
      {cell("mine", clash.mine, m.admin_keep_mine())}
    </tr>
  );
}

/** Who it was, and when. */
function useLastAuthor(work: Work, isStale: boolean): { author: string; time: string } | null {
  const [who, setWho] = useState<{ author: string; time: string } | null>(null);
  useEffect(() => {
    if (!isStale) return undefined;
    let gone = false;
    const kind = work.kind === "company" ? "company" : KIND[work.kind].audited;
    const ask = async (): Promise<void> => {
      const answer = await changes({ kind, name: work.name, author: "", from: "", to: "" }, null);
      const last = answer.ok ? answer.value.entries[0] : undefined;
      if (!gone && last !== undefined) setWho({ author: last.author, time: timeOf(last.at) });
    };
    void ask();
    return () => {
      gone = true;
    };
  }, [work, isStale]);
  return isStale ? who : null;
}

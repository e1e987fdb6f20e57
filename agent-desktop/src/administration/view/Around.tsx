// What a queue has to do with others: who serves it, and what leads to it.

import { useEffect, useState, type ReactElement } from "react";
import { Link } from "wouter";
import { m } from "../../paraglide/messages.js";
import type { ThingKind } from "../../../../web-shared/src/protocol/rest";
import { things, type Thing } from "../api";
import { KIND } from "../kinds";
import { pathOf } from "../place";
import { called } from "../rows";

interface Found {
  readonly serve: readonly Thing[];
  readonly numbers: readonly Thing[];
  readonly services: readonly Thing[];
}

export function Around({ queue }: { queue: string }): ReactElement | null {
  const found = useFound(queue);
  if (found === null) return null;
  const { serve, numbers, services } = found;
  return (
    <>
      <h3>{m.admin_served_by()}</h3>
      {serve.length === 0 ? <p data-testid="admin-served-by-nobody">{m.admin_served_by_nobody()}</p> : <Links kind="agents" all={serve} />}
      <h3>{m.admin_leads_here()}</h3>
      {numbers.length + services.length === 0 && <p>{m.admin_leads_nothing()}</p>}
      <Links kind="numbers" all={numbers} />
      <Links kind="services" all={services} />
    </>
  );
}

function Links({ kind, all }: { kind: ThingKind; all: readonly Thing[] }): ReactElement | null {
  if (all.length === 0) return null;
  return (
    <ul aria-label={KIND[kind].title()}>
      {all.map((one) => (
        <li key={one.id}>
          <Link href={pathOf({ page: "thing", kind, id: one.id })} dir="auto">
            {called(kind, one)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function useFound(queue: string): Found | null {
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    let gone = false;
    const ask = async (): Promise<void> => {
      const [agents, numbers, services] = await Promise.all([things("agents"), things("numbers"), things("services")]);
      if (gone || !agents.ok || !numbers.ok || !services.ok) return;
      const leads = (all: readonly Thing[]): readonly Thing[] => all.filter(({ settings }) => settings["queue"] === queue);
      const serve = agents.value.filter(({ settings: { queues } }) => Array.isArray(queues) && queues.includes(queue));
      setFound({ serve, numbers: leads(numbers.value), services: leads(services.value) });
    };
    void ask();
    return () => {
      gone = true;
    };
  }, [queue]);
  return found;
}

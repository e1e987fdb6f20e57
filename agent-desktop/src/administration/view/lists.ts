// What the fields of a form choose from, and what holds where the company says nothing.

import { createContext, useContext, useEffect, useState } from "react";
import type { Installation, ThingKind } from "../../../../web-shared/src/protocol/rest";
import { installation, things } from "../api";
import type { Lists } from "../begins";
import type { Field } from "../field";

export interface Known extends Lists {
  /** What a classification's code is shown as. */
  readonly labels: ReadonlyMap<string, string>;
  readonly installation: Installation | null;
}

export const ListsContext = createContext<Known | null>(null);

export function useKnown(): Known {
  return useContext(ListsContext) ?? { queues: [], classifications: [], hours: [], roles: [], labels: new Map(), installation: null };
}

/** `null`: not there yet. What cannot be read is empty: what is set is shown all the same. */
export function useLists(fields: readonly Field[]): Known | null {
  const [known, setKnown] = useState<Known | null>(null);
  const choosing = chooses(fields, "classifications");
  const goes = chooses(fields, "hours");
  const given = chooses(fields, "roles");
  useEffect(() => {
    let gone = false;
    const ask = async (): Promise<void> => {
      const [house, queues, classifications, hours, roles] = await Promise.all([
        installation(),
        things("queues"),
        choosing ? things("classifications") : null,
        goes ? things("hours") : null,
        given ? things("roles") : null,
      ]);
      if (gone) return;
      const classified = classifications?.ok === true ? classifications.value : [];
      setKnown({
        queues: queues.ok ? queues.value.map(({ name }) => name) : [],
        classifications: classified.map(({ name }) => name),
        hours: hours?.ok === true ? hours.value.map(({ name }) => name) : [],
        roles: roles?.ok === true ? roles.value.map(({ name }) => name) : [],
        labels: new Map(classified.map(({ name, settings }) => [name, String(settings["label"] ?? name)])),
        installation: house.ok ? house.value : null,
      });
    };
    void ask();
    return () => {
      gone = true;
    };
  }, [choosing, goes, given]);
  return known;
}

/** Whether another thing of this kind is chosen in one of them. */
function chooses(fields: readonly Field[], kind: ThingKind): boolean {
  return fields.some(({ input }) => (input.is === "thing" || input.is === "things") && input.kind === kind);
}

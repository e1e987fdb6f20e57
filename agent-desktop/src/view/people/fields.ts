// What the company wants to know of its contacts besides: read again whenever somebody looks at one.

import { useEffect } from "react";
import { contactFields } from "../../contacts";
import { useStore } from "../../hooks";
import { Store } from "../../store";
import type { ContactField } from "../../../../web-shared/src/protocol/contacts";

const fields = new Store<readonly ContactField[]>([]);

export function useFields(): readonly ContactField[] {
  useEffect(() => {
    const ask = async (): Promise<void> => {
      const answer = await contactFields();
      if (answer.ok) fields.set(answer.value);
    };
    void ask();
  }, []);
  return useStore(fields);
}

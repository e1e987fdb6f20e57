// That something is gone, said above its list, and how it comes back.

import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { CODES } from "../../codes";
import { useStore } from "../../hooks";
import { m } from "../../paraglide/messages.js";
import type { ThingKind } from "../../../../web-shared/src/protocol/rest";
import { make } from "../api";
import { removed } from "../removed";
import css from "./Form.module.css";

export function Removed({ kind, onBack }: { kind: ThingKind; onBack(): void }): ReactElement {
  const last = useStore(removed);
  const gone = last?.kind === kind ? last : null;
  const [said, setSaid] = useState("");
  const back = async (): Promise<void> => {
    if (gone?.settings == null) return;
    const answer = await make(gone.kind, gone.settings);
    removed.set(null);
    setSaid(answer.ok ? m.admin_back_again({ name: gone.name }) : (answer.refusals[0]?.said ?? CODES[answer.code]()));
    onBack();
  };
  return (
    <p className={css.removed} role="status" data-testid="admin-removed">
      {gone === null ? said : m.admin_removed({ name: gone.name })}
      {gone?.settings != null && (
        <Button size="compact-sm" variant="subtle" onClick={() => void back()} data-testid="admin-undo">
          {m.admin_undo()}
        </Button>
      )}
    </p>
  );
}

// What the agent writes of an item, and what it was about: kept as they type.

import { Textarea } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { CODES } from "../codes";
import { useDesk, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ItemRef } from "../../../web-shared/src/protocol/agent";
import { classificationOf, type Written } from "../writeUp";
import { EDIT_PAUSE_MS, writeUpOf, type Kept } from "../writeUps";
import { Classifications } from "./Classifications";
import { Icon } from "./Icon";
import { keyShortcut } from "./shortcuts";
import css from "./WriteUp.module.css";

const CHARACTERS_MAX = 10_000;

interface Props {
  item: ItemRef;
  /** What it is called. */
  name: string;
  /** Whether it is unfolded when it is first seen. */
  open: boolean;
  /** It was finished: what is changed is an edit. */
  edits?: boolean;
}

export function WriteUp({ item, name, open: opens, edits = false }: Props): ReactElement | null {
  const { session } = useDesk();
  const one = writeUpOf(session.name, item);
  const kept = useStore(one.shown);
  const [open, setOpen] = useState(opens);
  useEffect(() => {
    void one.read();
    const look = (): void => {
      if (document.visibilityState === "visible") void one.read();
    };
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      one.flush();
    };
  }, [one]);
  // A call that went past the queues has no record.
  if (typeof kept.state !== "string" && kept.state.refused === "not_found") return null;
  const write = (change: Partial<Written>): void => one.write({ ...kept.mine, ...change }, edits ? EDIT_PAUSE_MS : undefined);
  return (
    <section className={css.writeUp} aria-label={m.act_on({ act: m.write_up(), item: name })} data-testid="write-up">
      <button
        type="button"
        className={css.fold}
        aria-expanded={open}
        aria-keyshortcuts={keyShortcut("write_up")}
        onClick={() => setOpen(!open)}
        data-testid="write-up-fold"
      >
        <Icon name="pen" size={15} />
        <span className={css.title}>{m.write_up()}</span>
        <span className={css.summary} dir="auto">
          {open ? "" : summary(kept)}
        </span>
        <Icon name="chevron" size={14} turn={open ? 180 : 0} />
      </button>
      {open && (
        <div className={css.fields}>
          <Classifications kept={kept} name={name} onChange={(about) => write({ about })} />
          <Textarea
            className={css.note}
            aria-label={m.act_on({ act: m.write_up_note(), item: name })}
            placeholder={m.write_up_note_hint()}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={CHARACTERS_MAX}
            disabled={kept.view?.editable !== true}
            value={kept.mine.note}
            onChange={(event) => write({ note: event.currentTarget.value })}
            onBlur={() => one.flush()}
            data-testid="write-up-note"
          />
        </div>
      )}
      <p className={css.state} role="status" data-testid="write-up-state" data-state={stateOf(kept)}>
        {open ? stateName(kept) : ""}
      </p>
    </section>
  );
}

function stateOf({ state }: Kept): string {
  return typeof state === "string" ? state : "refused";
}

/** What is not kept is said; what is, only where something was written. */
function stateName({ state, view, mine }: Kept): string {
  switch (state) {
    case "reading":
    case "keeping":
      return m.write_up_keeping();
    case "kept":
      return view !== null && (view.version > 0 || mine.note !== "" || mine.about.length > 0) ? m.write_up_kept() : "";
    case "unreachable":
      return m.write_up_unreachable();
    default:
      return m.write_up_refused({ why: CODES[state.refused]() });
  }
}

function summary({ view, mine }: Kept): string {
  if (view === null) return "";
  const labels = mine.about.flatMap((id) => classificationOf(view, id)?.path.at(-1) ?? []);
  return [...labels, mine.note.split("\n")[0] ?? ""].filter((one) => one !== "").join(" · ");
}

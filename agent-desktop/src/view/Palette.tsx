// Ctrl+K: what can be done now, the items that wait or are open, and the colleagues, found by typing.

import { useEffect, useState, type ReactElement } from "react";
import { m } from "../paraglide/messages.js";
import { askProviders, foundIn, type Entry } from "../palette";
import { Dialog } from "./Dialog";
import { useListbox } from "./listbox";
import { Option } from "./Option";
import css from "./Palette.module.css";

interface Props {
  /** What is there at once. */
  entries: readonly Entry[];
  onClose(): void;
}

export default function Palette({ entries, onClose }: Props): ReactElement {
  const [typed, setTyped] = useState("");
  // As it was when it was opened: what happens meanwhile moves nothing.
  const [own] = useState(entries);
  const others = useProvided(typed);
  const rows = [...foundIn(own, typed), ...others];
  const take = (at: number): void => {
    const one = rows[at];
    if (one === undefined) return;
    onClose();
    // Once what had the focus before has it again: what is done may put it elsewhere.
    setTimeout(() => one.run());
  };
  const box = useListbox(rows.length, true, typed, take);
  return (
    <Dialog title={m.palette()} onClose={onClose}>
      <input
        {...box.field}
        data-focus
        className={css.field}
        aria-label={m.palette()}
        placeholder={m.palette_hint()}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={box.onKey}
        data-testid="palette"
      />
      <ul {...box.list} className={css.list} aria-label={m.palette()}>
        {rows.map((one, at) => (
          <Option
            key={one.key}
            box={box}
            at={at}
            onTake={take}
            group={one.group === rows[at - 1]?.group ? undefined : one.group}
            testid="palette-row"
          >
            <span className={css.name} dir="auto">
              {one.name}
            </span>
            {one.hint !== undefined && (
              <span className={css.hint} dir="auto">
                {one.hint}
              </span>
            )}
            <span className={css.keys}>
              {one.keys?.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </span>
          </Option>
        ))}
      </ul>
      <p className={css.none} role="status">
        {rows.length === 0 ? m.nothing_found() : ""}
      </p>
    </Dialog>
  );
}

/** What others find, below all else. */
function useProvided(typed: string): readonly Entry[] {
  const [found, setFound] = useState<{ typed: string; entries: readonly Entry[] }>({ typed, entries: [] });
  useEffect(() => {
    let gone = false;
    if (typed.trim() !== "") {
      askProviders(typed, (entries) => {
        if (gone) return;
        setFound((known) => ({ typed, entries: [...(known.typed === typed ? known.entries : []), ...entries] }));
      });
    }
    return () => {
      gone = true;
    };
  }, [typed]);
  return found.typed === typed ? found.entries : [];
}

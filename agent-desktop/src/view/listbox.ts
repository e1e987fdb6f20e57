// A list under a field: the arrows move through it while the field keeps the focus, Enter takes what is marked.

import { useEffect, useId, useState, type KeyboardEvent } from "react";

export interface Listbox {
  /** What is marked. */
  readonly at: number;
  mark(at: number): void;
  /** For the field. */
  readonly field: {
    readonly role: "combobox";
    readonly "aria-expanded": boolean;
    readonly "aria-controls": string;
    readonly "aria-autocomplete": "list";
    readonly "aria-activedescendant": string | undefined;
  };
  /** For the list. */
  readonly list: { readonly id: string; readonly role: "listbox" };
  /** For each row of it. */
  row(at: number): { readonly id: string; readonly role: "option"; readonly "aria-selected": boolean };
  /** Whether the key was the list's. */
  onKey(event: KeyboardEvent): boolean;
}

/** `count` rows, of which one is taken; `query`: with another one the first row is marked. */
export function useListbox(count: number, open: boolean, query: string, onTake: (at: number) => void): Listbox {
  const id = useId();
  const [marked, setMarked] = useState({ query, at: 0 });
  const at = marked.query === query ? Math.min(marked.at, Math.max(0, count - 1)) : 0;
  const mark = (to: number): void => setMarked({ query, at: to });
  const isOpen = open && count > 0;
  useEffect(() => {
    if (isOpen) document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [isOpen, id, at]);
  return {
    at,
    mark,
    field: {
      role: "combobox",
      "aria-expanded": isOpen,
      "aria-controls": id,
      "aria-autocomplete": "list",
      "aria-activedescendant": isOpen ? `${id}-${at}` : undefined,
    },
    list: { id, role: "listbox" },
    row: (row) => ({ id: `${id}-${row}`, role: "option", "aria-selected": row === at }),
    onKey: (event) => {
      if (!isOpen || event.nativeEvent.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
      switch (event.key) {
        case "ArrowDown":
          mark((at + 1) % count);
          break;
        case "ArrowUp":
          mark((at + count - 1) % count);
          break;
        case "Enter":
          if (event.shiftKey) return false;
          onTake(at);
          break;
        default:
          return false;
      }
      event.preventDefault();
      return true;
    },
  };
}

// A row of a list under a field: taken by a click too, while the field keeps the focus.

import type { ReactElement, ReactNode } from "react";
import type { Listbox } from "./listbox";

interface Props {
  box: Listbox;
  at: number;
  testid: string;
  /** Where it begins a group: its name. */
  group?: string | undefined;
  onTake(at: number): void;
  children: ReactNode;
}

export function Option({ box, at, testid, group, onTake, children }: Props): ReactElement {
  return (
    // The keys are the field's.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <li
      {...box.row(at)}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onTake(at)}
      data-group={group}
      data-testid={testid}
    >
      {children}
    </li>
  );
}

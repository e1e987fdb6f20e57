// A button that sends a command, or asks first; if it cannot be done now, it stays reachable and says why.

import { Button, Tooltip, type ButtonProps } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { OBSTACLES } from "../codes";
import { useDesk, useSending } from "../hooks";
import type { AgentCommand, ItemRef } from "../../../web-shared/src/protocol/agent";
import type { Obstacle } from "../rules";

/** By which tests and the demo find what belongs to an item. */
export function itemData(item: ItemRef): Record<string, number> {
  return { [`data-${item.kind}`]: item.id };
}

interface Looks extends Pick<ButtonProps, "variant" | "color" | "size" | "leftSection" | "fullWidth"> {
  className?: string | undefined;
  obstacle?: Obstacle | null;
  /** For those who do not see what the button stands beside. */
  label?: string;
  keys?: string;
  testid?: string;
  item?: ItemRef;
  children: ReactNode;
}

interface ActProps extends Looks {
  command: AgentCommand | readonly AgentCommand[];
}

export function Act({ command, ...look }: ActProps): ReactElement {
  const desk = useDesk();
  const commands = [command].flat();
  return <Try {...look} loading={useSending(commands)} onTry={() => commands.forEach((one) => desk.do(one))} />;
}

interface TryProps extends Looks {
  loading?: boolean;
  /** Only while nothing stands in the way. Without it, the form that the button is in is submitted. */
  onTry?(): void;
}

export function Try({ obstacle = null, label, keys, testid, item, onTry, children, ...look }: TryProps): ReactElement {
  const reason = obstacle === null ? null : OBSTACLES[obstacle]();
  const button = (
    <Button
      size="compact-sm"
      {...look}
      {...(reason === null ? {} : { "data-disabled": true, "aria-disabled": true, "aria-description": reason })}
      {...(label === undefined ? {} : { "aria-label": label })}
      {...(keys === undefined ? {} : { "aria-keyshortcuts": keys })}
      type={onTry === undefined ? "submit" : "button"}
      onClick={(event) => {
        event.stopPropagation();
        if (reason === null) onTry?.();
        else event.preventDefault();
      }}
      data-testid={testid}
      {...(item === undefined ? {} : itemData(item))}
    >
      {children}
    </Button>
  );
  // Always around it: a button that were drawn anew would lose the focus.
  return (
    <Tooltip label={reason ?? ""} disabled={reason === null} multiline maw={260}>
      {button}
    </Tooltip>
  );
}

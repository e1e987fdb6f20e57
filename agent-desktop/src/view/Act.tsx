// A button that sends a command; if it cannot be done now, it stays reachable and says why.

import { Button, Tooltip, type ButtonProps } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { OBSTACLES } from "../codes";
import { useDesk, useSending } from "../hooks";
import type { AgentCommand, ItemRef } from "../protocol/agent";
import type { Obstacle } from "../rules";

/** By which tests and the demo find what belongs to an item. */
export function itemData(item: ItemRef): Record<string, number> {
  return { [`data-${item.kind}`]: item.id };
}

interface Props extends Pick<ButtonProps, "variant" | "color" | "size" | "leftSection" | "fullWidth"> {
  command: AgentCommand | readonly AgentCommand[];
  className?: string | undefined;
  obstacle?: Obstacle | null;
  /** For those who do not see what the button stands beside. */
  label?: string;
  keys?: string;
  testid?: string;
  item?: ItemRef;
  children: ReactNode;
}

export function Act({ command, obstacle = null, label, keys, testid, item, children, ...look }: Props): ReactElement {
  const desk = useDesk();
  const commands = [command].flat();
  const sending = useSending(commands);
  const reason = obstacle === null ? null : OBSTACLES[obstacle]();
  const button = (
    <Button
      size="compact-sm"
      {...look}
      loading={sending}
      {...(reason === null ? {} : { "data-disabled": true, "aria-disabled": true, "aria-description": reason })}
      {...(label === undefined ? {} : { "aria-label": label })}
      {...(keys === undefined ? {} : { "aria-keyshortcuts": keys })}
      onClick={(event) => {
        event.stopPropagation();
        if (reason === null) commands.forEach((one) => desk.do(one));
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

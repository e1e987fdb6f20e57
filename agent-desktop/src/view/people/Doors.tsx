// What leads to customers: to the one of what goes on, and to all of them.

import { ActionIcon, Tooltip } from "@mantine/core";
import type { ReactElement } from "react";
import { useLocation } from "wouter";
import { m } from "../../paraglide/messages.js";
import { Icon, type IconName } from "../Icon";
import { keyShortcut } from "../shortcuts";
import { WORK } from "../shown";
import { CONTACTS, isContacts, type Pane } from "./pane";

export function Doors({ pane: { open, set } }: { pane: Pane }): ReactElement {
  const [at, go] = useLocation();
  const all = isContacts(at);
  return (
    <>
      {!all && <Door icon="person" name={m.contact()} pressed={open} keys={keyShortcut("contact")} testid="contact-toggle" onClick={() => set(!open)} />}
      <Door icon="people" name={m.contacts()} pressed={all} testid="contacts" onClick={() => go(all ? WORK : CONTACTS)} />
    </>
  );
}

interface DoorProps {
  icon: IconName;
  name: string;
  pressed: boolean;
  keys?: string;
  testid: string;
  onClick(): void;
}

function Door({ icon, name, pressed, keys, testid, onClick }: DoorProps): ReactElement {
  return (
    <Tooltip label={name}>
      <ActionIcon
        variant={pressed ? "light" : "subtle"}
        color={pressed ? "petrol" : "gray"}
        {...(pressed ? {} : { c: "var(--ink-2)" })}
        size={30}
        onClick={onClick}
        aria-label={name}
        aria-pressed={pressed}
        {...(keys === undefined ? {} : { "aria-keyshortcuts": keys })}
        data-testid={testid}
      >
        <Icon name={icon} />
      </ActionIcon>
    </Tooltip>
  );
}

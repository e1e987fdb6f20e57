// Contacts among what Ctrl+K finds.

import { useEffect } from "react";
import { useLocation } from "wouter";
import { calledOf, findContacts, moreOf } from "../../contacts";
import { provide } from "../../palette";
import { m } from "../../paraglide/messages.js";
import { CONTACTS } from "./pane";

/** Whoever looks for more goes to their page. */
const MOST = 8;

export function useContactsFound(): void {
  const [, go] = useLocation();
  useEffect(
    () =>
      provide(async (typed) => {
        const found = await findContacts(typed);
        if (!found.ok) return [];
        return found.value.contacts.slice(0, MOST).map((contact) => ({
          key: `contact ${contact.contact}`,
          group: m.contacts(),
          name: calledOf(contact),
          hint: moreOf(contact),
          run: () => go(`${CONTACTS}/${contact.contact}`),
        }));
      }),
    [go],
  );
}

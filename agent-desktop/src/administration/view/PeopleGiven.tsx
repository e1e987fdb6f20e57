// What an import came to, and the passwords that were made in it: for the last time in clear, to be saved or passed on.

import { Button } from "@mantine/core";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import type { PeopleImported, PersonSecrets } from "../../../../web-shared/src/protocol/rest";
import { cells, columns, secretsTable } from "../people";
import { unsaved } from "../unsaved";
import { copied } from "./Copied";
import css from "./PeopleImport.module.css";

export function PeopleGiven({ done, onDismiss }: { done: PeopleImported; onDismiss(): void }): ReactElement {
  const section = useRef<HTMLElement>(null);
  const { given } = done;
  const [said, setSaid] = useState("");
  // Whoever has imported is there with the keyboard, each time.
  // oxlint-disable-next-line react/exhaustive-effect-dependencies
  useEffect(() => section.current?.focus(), [done]);
  useKept(given.length > 0);
  const copy = async (): Promise<void> => setSaid((await copied(secretsTable(given))) ? m.admin_copied() : m.admin_not_copied());
  return (
    <section ref={section} className={css.given} tabIndex={-1} aria-label={m.admin_people_secrets()} data-testid="people-given">
      <p role="status" data-testid="people-done">
        {m.admin_people_done({ ...done })}
      </p>
      {given.length > 0 && (
        <>
          <p>
            <strong>{m.admin_people_given()}</strong>
          </p>
          <Secrets given={given} />
        </>
      )}
      <div className={css.buttons}>
        <span role="status">{said}</span>
        {given.length > 0 && (
          <>
            <Button variant="default" onClick={() => void copy()} data-testid="people-copy">
              {m.admin_copy()}
            </Button>
            <Button variant="default" onClick={() => save(given)} data-testid="people-save">
              {m.admin_people_save()}
            </Button>
          </>
        )}
        <Button onClick={onDismiss} data-testid="people-dismiss">
          {given.length > 0 ? m.admin_people_dismiss() : m.close()}
        </Button>
      </div>
    </section>
  );
}

function Secrets({ given }: { given: readonly PersonSecrets[] }): ReactElement {
  const heads = columns();
  return (
    // Can be scrolled by keyboard, hence the tab stop.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={css.secrets} role="group" aria-label={m.admin_people_secrets()} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {given.map((person) => (
            <tr key={`${person.login_name} ${person.password ?? person.phone_password}`} data-testid="people-secrets" data-name={person.login_name}>
              {cells(person).map((cell, column) => (
                <td key={heads[column]} dir="auto" data-column={column}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Nobody leaves them behind without being asked. */
function useKept(any: boolean): void {
  useEffect(() => {
    if (!any) return undefined;
    const words = { title: m.admin_people_leave_title(), text: m.admin_people_leave(), yes: m.admin_people_leave_yes() };
    const mine = { discard: () => undefined, words };
    unsaved.set(mine);
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => {
      removeEventListener("beforeunload", ask);
      if (unsaved.get() === mine) unsaved.set(null);
    };
  }, [any]);
}

function save(given: readonly PersonSecrets[]): void {
  const address = URL.createObjectURL(new Blob([secretsTable(given)], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: address, download: "passwords.csv" }).click();
  URL.revokeObjectURL(address);
}

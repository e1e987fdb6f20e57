// Secrets that were just given: for the last time in clear, to be passed on.

import type { ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import { provisioning } from "../provisioning";
import type { Settings } from "../settings";
import type { Work } from "../work";
import { Copied } from "./Copied";
import css from "./Form.module.css";
import { useKnown } from "./lists";

export function Given({ given, settings, work }: { given: Settings; settings: Settings; work: Work }): ReactElement {
  const { installation } = useKnown();
  const label = (path: string): string => work.fields.find((field) => field.path === path)?.label() ?? path;
  const { phone, display_name: name } = settings;
  const secret = given["phone_password"];
  return (
    <section className={css.given} data-testid="admin-given" aria-label={m.admin_given()}>
      <p>{m.admin_given()}</p>
      {Object.entries(given).map(([path, value]) => (
        <Copied key={path} title={label(path)} text={String(value)} testid={`admin-given-${path}`} />
      ))}
      {typeof secret === "string" && typeof phone === "string" && installation !== null && (
        <Copied
          title={m.admin_provisioning()}
          text={provisioning({ user: phone, password: secret, name: String(name ?? phone) }, installation)}
          testid="admin-provisioning"
        />
      )}
    </section>
  );
}

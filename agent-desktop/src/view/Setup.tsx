// The beginning: the first company and its administrator, by the link that the daemon printed. Loaded by nobody else.

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useEffect, useState, type FormEvent, type ReactElement } from "react";
import { CODES } from "../codes";
import { m } from "../paraglide/messages.js";
import type { Code } from "../../../web-shared/src/protocol/error";
import type { CurrentSession, NewSetup } from "../../../web-shared/src/protocol/rest";
import { setUp, waits } from "../setup";
import { Door, Refused } from "./Door";
import css from "./Door.module.css";

interface Props {
  onBegun(session: CurrentSession): void;
  /** To the door, for those who have a name. */
  onLogIn(): void;
}

export default function Setup({ onBegun, onLogIn }: Props): ReactElement | null {
  const [isOpen, setOpen] = useState<boolean | null>(null);
  useEffect(() => void waits().then(setOpen), []);
  if (isOpen === null) return null;
  const begins = isOpen && location.hash.length > 1;
  return (
    <Door title={m.setup_title()} text={begins ? m.setup_text() : isOpen ? m.setup_no_link() : m.setup_closed()}>
      <div data-testid="setup" data-open={begins}>
        {begins ? (
          <Beginning onBegun={onBegun} />
        ) : (
          <Button size="md" fullWidth onClick={onLogIn} data-testid="setup-log-in">
            {m.setup_log_in()}
          </Button>
        )}
      </div>
    </Door>
  );
}

const NEEDED = ["company", "login_name", "password"] as const;

function Beginning({ onBegun }: { onBegun(session: CurrentSession): void }): ReactElement {
  const [wanted, want] = useState({ company: "", ...here(), display_name: "", login_name: "", password: "" });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Code | null>(null);
  const [wrong, setWrong] = useState<ReadonlyMap<string, string>>(new Map());

  const refuse = (why: ReadonlyMap<string, string>): void => {
    setWrong(why);
    const first = Object.keys(wanted).find((key) => why.has(key));
    document.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const missing = NEEDED.filter((key) => wanted[key].trim() === "");
    if (missing.length > 0) return refuse(new Map(missing.map((key) => [key, m.admin_needed()])));
    setBusy(true);
    const { display_name, ...rest } = wanted;
    const asked: NewSetup = { ...rest, token: location.hash.slice(1), ...(display_name.trim() === "" ? {} : { display_name: display_name.trim() }) };
    const outcome = await setUp(asked);
    setBusy(false);
    if (outcome.ok) return onBegun(outcome.value);
    refuse(outcome.wrong);
    setProblem(outcome.wrong.size > 0 ? null : outcome.code);
  };

  const field = (name: keyof typeof wanted, autoComplete: string) => ({
    name,
    autoComplete,
    size: "md" as const,
    value: wanted[name],
    error: wrong.get(name),
    onChange: ({ currentTarget: { value } }: { currentTarget: HTMLInputElement }) => want((before) => ({ ...before, [name]: value })),
    "data-testid": `setup-${name}`,
  });

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <TextInput label={m.setup_company()} description={m.setup_company_help()} autoFocus {...field("company", "organization")} />
      <div className={css.pair}>
        <TextInput label={m.admin_country()} maxLength={2} {...field("country", "country")} />
        <TextInput label={m.admin_time_zone()} {...field("time_zone", "off")} />
      </div>
      <TextInput label={m.setup_display_name()} description={m.setup_display_name_help()} {...field("display_name", "name")} />
      <TextInput label={m.setup_login_name()} autoCapitalize="none" spellCheck={false} {...field("login_name", "username")} />
      <PasswordInput
        label={m.login_password()}
        aria-invalid={wrong.has("password")}
        visibilityToggleButtonProps={{ "aria-label": m.login_show_password(), tabIndex: 0, "aria-hidden": false }}
        {...field("password", "new-password")}
      />
      <Refused>
        {problem !== null && (
          <p data-testid="notice" data-code={problem}>
            {problem === "forbidden" ? m.setup_link_over() : problem === "stale" ? m.setup_closed() : CODES[problem]()}
          </p>
        )}
      </Refused>
      <Button type="submit" size="md" fullWidth loading={busy} data-testid="setup-submit">
        {m.setup_submit()}
      </Button>
    </form>
  );
}

/** Where whoever sits here probably is. */
function here(): { country: string; time_zone: string } {
  const country = navigator.languages.map((language) => new Intl.Locale(language).region).find((region) => region !== undefined);
  return { country: country ?? "DE", time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone };
}

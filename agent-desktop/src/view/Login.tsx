// The door: name and password.

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useEffect, useState, type FormEvent, type ReactElement } from "react";
import { CODES } from "../codes";
import { m } from "../paraglide/messages.js";
import type { Code } from "../../../web-shared/src/protocol/error";
import type { CurrentSession } from "../../../web-shared/src/protocol/rest";
import { signIn } from "../session";
import { waits } from "../setup";
import { Door, Refused } from "./Door";

interface Props {
  /** The session ended by itself, while somebody worked. */
  expired: boolean;
  onSignedIn(session: CurrentSession): void;
}

export function Login({ expired, onSignedIn }: Props): ReactElement {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Code | null>(expired ? "unauthenticated" : null);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || name.trim() === "" || password === "") return;
    setBusy(true);
    const outcome = await signIn({ name: name.trim(), password });
    setBusy(false);
    if (outcome.ok) onSignedIn(outcome.value);
    else setProblem(outcome.code);
  };

  return (
    <Door title="Vorrang" text={m.login_subtitle()}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <TextInput
          label={m.login_name()}
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          size="md"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="login-name"
        />
        <PasswordInput
          label={m.login_password()}
          name="password"
          autoComplete="current-password"
          size="md"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": m.login_show_password(), tabIndex: 0, "aria-hidden": false }}
          data-testid="login-password"
        />
        <Refused>
          {problem !== null && (
            <p data-testid="notice" data-code={problem}>
              {CODES[problem]()}
            </p>
          )}
        </Refused>
        <Empty />
        <Button type="submit" size="md" fullWidth loading={busy} data-testid="login-submit">
          {m.login_submit()}
        </Button>
      </form>
    </Door>
  );
}

/** Where there is nobody yet, nobody wonders why they cannot log in. */
function Empty(): ReactElement | null {
  const [isEmpty, setEmpty] = useState(false);
  useEffect(() => void waits().then(setEmpty), []);
  return isEmpty ? <p data-testid="login-empty">{m.setup_waits()}</p> : null;
}

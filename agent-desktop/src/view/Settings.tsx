// What somebody sets for their own screens, their password, and where they are logged in.

import { Button, PasswordInput } from "@mantine/core";
import { useEffect, useState, type FormEvent, type ReactElement, type ReactNode } from "react";
import { CODES } from "../codes";
import { useStore } from "../hooks";
import { timeOf } from "../locale";
import { m } from "../paraglide/messages.js";
import { ask, permission } from "../notifications";
import { prefer, preferences, unkept } from "../preferences";
import type { Preferences, SessionView } from "../../../web-shared/src/protocol/desk";
import { get, put, remove } from "../rest";
import { hear, sound, type Heard } from "../ring";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";
import css from "./Settings.module.css";

export default function Settings({ onClose }: { onClose(): void }): ReactElement {
  const failed = useStore(unkept);
  return (
    <Dialog title={m.settings()} onClose={onClose}>
      <div className={css.settings} data-testid="settings">
        <p className={css.problem} role="alert">
          {failed ? m.settings_unkept() : ""}
        </p>
        <Sounds />
        <Notifications />
        <Choice
          title={m.settings_send()}
          of="send_with"
          choices={{ enter: m.settings_send_enter(), ctrl_enter: m.settings_send_ctrl_enter() }}
        />
        <Choice
          title={m.settings_density()}
          of="density"
          choices={{ comfortable: m.settings_density_comfortable(), compact: m.settings_density_compact() }}
        />
        <Password />
        <Sessions />
      </div>
    </Dialog>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <fieldset className={css.part}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

const SOUNDS: readonly { key: "sound_ringing" | "sound_items" | "sound_messages"; name: () => string; heard: Heard }[] = [
  { key: "sound_ringing", name: m.settings_sound_ringing, heard: "chime" },
  { key: "sound_items", name: m.settings_sound_items, heard: "chime" },
  { key: "sound_messages", name: m.settings_sound_messages, heard: "soft" },
];

function Sounds(): ReactElement {
  const now = useStore(preferences);
  const isOn = useStore(sound);
  return (
    <Part title={m.settings_sounds()}>
      {!isOn && <p className={css.hint}>{m.settings_sound_is_off()}</p>}
      {SOUNDS.map(({ key, name, heard }) => (
        <div key={key} className={css.row}>
          <Check of={key} name={name()} now={now} />
          <Button
            size="compact-sm"
            variant="default"
            aria-label={m.act_on({ act: m.settings_test(), item: name() })}
            onClick={() => void hear(heard)}
            data-testid={`test-${key}`}
          >
            {m.settings_test()}
          </Button>
        </div>
      ))}
    </Part>
  );
}

function Notifications(): ReactElement {
  const now = useStore(preferences);
  const allowed = useStore(permission);
  return (
    <Part title={m.settings_notifications()}>
      <div className={css.row}>
        <Check of="notifications" name={m.settings_notifications_on()} now={now} />
        {allowed === "default" && (
          <Button size="compact-sm" variant="default" onClick={() => void ask()}>
            {m.notifications_yes()}
          </Button>
        )}
      </div>
      {(allowed === "denied" || allowed === "none") && <p className={css.hint}>{m.settings_notifications_denied()}</p>}
    </Part>
  );
}

type Flag = { [K in keyof Preferences]: Preferences[K] extends boolean ? K : never }[keyof Preferences];

function Check({ of, name, now }: { of: Flag; name: string; now: Preferences }): ReactElement {
  return (
    <label className={css.check}>
      <input
        type="checkbox"
        checked={now[of]}
        onChange={(event) => void prefer({ [of]: event.currentTarget.checked })}
        data-testid={of}
      />
      {name}
    </label>
  );
}

interface ChoiceProps {
  title: string;
  of: "send_with" | "density";
  choices: Readonly<Record<string, string>>;
}

function Choice({ title, of, choices }: ChoiceProps): ReactElement {
  const now = useStore(preferences);
  return (
    <Part title={title}>
      {Object.entries(choices).map(([value, name]) => (
        <label key={value} className={css.check}>
          <input
            type="radio"
            name={of}
            checked={now[of] === value}
            onChange={() => void prefer({ [of]: value } as Partial<Preferences>)}
            data-testid={value}
          />
          {name}
        </label>
      ))}
    </Part>
  );
}

function Password(): ReactElement {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [said, setSaid] = useState<{ old?: string; new?: string; all?: string }>({});
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const outcome = await put<null>("/password", { old, new: fresh });
    if (outcome.ok) {
      setOld("");
      setFresh("");
      setSaid({ all: m.password_changed() });
    } else if (outcome.at.includes("old")) setSaid({ old: m.password_old_wrong() });
    else if (outcome.at.includes("new")) setSaid({ new: m.password_too_short() });
    else setSaid({ all: CODES[outcome.code]() });
  };
  const eye = { "aria-label": m.login_show_password(), tabIndex: 0, "aria-hidden": false };
  return (
    <Part title={m.password_change()}>
      <form className={css.form} onSubmit={(event) => void submit(event)} noValidate>
        <PasswordInput
          label={m.password_old()}
          autoComplete="current-password"
          value={old}
          error={said.old}
          onChange={(event) => setOld(event.currentTarget.value)}
          visibilityToggleButtonProps={eye}
          data-testid="password-old"
        />
        <PasswordInput
          label={m.password_new()}
          autoComplete="new-password"
          value={fresh}
          error={said.new}
          onChange={(event) => setFresh(event.currentTarget.value)}
          visibilityToggleButtonProps={eye}
          data-testid="password-new"
        />
        <p className={css.hint} role="status" data-testid="password-said">
          {said.all ?? ""}
        </p>
        <Button type="submit" size="compact-sm" variant="default" disabled={old === "" || fresh === ""} data-testid="password-change">
          {m.password_change()}
        </Button>
      </form>
    </Part>
  );
}

function Sessions(): ReactElement {
  const [sessions, setSessions] = useState<readonly SessionView[] | null>(null);
  useEffect(() => {
    void get<SessionView[]>("/sessions").then((outcome) => outcome.ok && setSessions(outcome.value));
  }, []);
  const end = async (id: string): Promise<void> => {
    const outcome = await remove(`/sessions/${id}`);
    // One that is over by now is gone as well.
    if (outcome.ok || outcome.code === "not_found") setSessions((known) => known?.filter((one) => one.id !== id) ?? null);
  };
  return (
    <Part title={m.sessions()}>
      <ul className={css.sessions}>
        {(sessions ?? []).map(({ id, since, browser, current }) => (
          <li key={id} data-testid="session" data-current={current}>
            <Icon name="globe" size={16} />
            <span>
              <b>{browserName(browser)}</b> {current && `(${m.session_current()}) `}
              <span className={css.hint}>{m.session_since({ time: timeOf(since) })}</span>
            </span>
            {!current && (
              <Button size="compact-sm" variant="default" onClick={() => void end(id)} data-testid="session-end">
                {m.session_end()}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** Enough to know one's own browsers apart: they all name themselves after each other. */
function browserName(agent: string): string {
  const browser = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]].find(([mark]) =>
    agent.includes(mark ?? ""),
  )?.[1];
  const system = ["Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"].find((name) => agent.includes(name));
  return [browser ?? (agent.slice(0, 40) || m.session_unknown()), system].filter((one) => one !== undefined).join(", ");
}

// What is done in each of the first steps: as little as can be, the rest stands in the forms of the things themselves.

import { Button, TextInput } from "@mantine/core";
import { useState, type FormEvent, type ReactElement } from "react";
import { Link } from "wouter";
import { CODES } from "../../codes";
import { useDesk } from "../../hooks";
import { m } from "../../paraglide/messages.js";
import { change, make, type Answer } from "../api";
import { pathOf } from "../place";
import { provisioning } from "../provisioning";
import { newSecret, newToken } from "../secrets";
import { phoneInWords } from "../states";
import type { PhoneView } from "../../../../web-shared/src/protocol/rest";
import { Copied } from "./Copied";
import css from "./FirstSteps.module.css";
import type { StepProps } from "./FirstSteps";

const SECRET_CHARACTERS = 24;

/** Makes things one after the other; what is wrong with the first that cannot be made. */
async function inTurn(...all: readonly (() => Promise<Answer<unknown>>)[]): Promise<string | null> {
  for (const one of all) {
    // Each needs what was made before it.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await one();
    if (!answer.ok) return answer.refusals.map(({ said }) => said).join(" ") || CODES[answer.code]();
  }
  return null;
}

interface AskProps {
  readonly label: string;
  readonly begins: string;
  readonly does: string;
  readonly testid: string;
  /** What is wrong; `null` if it is done. */
  onDo(value: string): Promise<string | null>;
}

/** One text, and a button that makes something of it. */
function Ask({ label, begins, does, testid, onDo }: AskProps): ReactElement {
  const [value, setValue] = useState(begins);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    if (value.trim() === "") return setWrong(m.admin_needed());
    setBusy(true);
    setWrong(await onDo(value.trim()));
    setBusy(false);
  };
  return (
    <form className={css.ask} noValidate onSubmit={(event) => void submit(event)}>
      <TextInput label={label} value={value} error={wrong} spellCheck={false} autoComplete="off" onChange={({ currentTarget }) => setValue(currentTarget.value)} data-testid={testid} />
      <Button type="submit" loading={busy} data-testid={`${testid}-do`}>
        {does}
      </Button>
    </form>
  );
}

function Names({ of }: { of: readonly string[] }): ReactElement {
  return <p data-testid="first-step-there">{m.start_there({ names: of.join(", ") })}</p>;
}

export function QueueStep({ standing, onMade }: StepProps): ReactElement {
  const { queues, me } = standing;
  const doIt = async (name: string): Promise<string | null> => {
    const served = me === null ? [] : ((me.settings["queues"] ?? []) as string[]);
    const wrong = await inTurn(
      () => make("queues", { name }),
      // Whoever begins answers, until others do.
      ...(me === null ? [] : [() => change({ kind: "agents", id: me.id }, null, { queues: [...served, name] })]),
    );
    onMade();
    return wrong;
  };
  return (
    <>
      <p>{m.start_queue_text()}</p>
      {queues.length > 0 ? <Names of={queues.map(({ name }) => name)} /> : <Ask label={m.admin_name()} begins={m.start_queue_name()} does={m.admin_add_queue()} testid="start-queue" onDo={doIt} />}
    </>
  );
}

export function PhoneStep({ standing, house, onMade }: StepProps): ReactElement {
  const { me, phone, queues } = standing;
  const { session } = useDesk();
  const [given, setGiven] = useState<{ user: string; password: string } | null>(null);
  if (me === null) return <p>{m.start_phone_nobody()}</p>;
  const has = String(me.settings["phone"] ?? "");
  const give = async (user: string): Promise<string | null> => {
    const password = newSecret(SECRET_CHARACTERS);
    const served = (me.settings["queues"] ?? queues.map(({ name }) => name)) as string[];
    const wrong = await inTurn(() => change({ kind: "agents", id: me.id }, null, { phone: user, phone_password: password, queues: served }));
    if (wrong === null) setGiven({ user, password });
    onMade();
    return wrong;
  };
  return (
    <>
      <p>{m.start_phone_text()}</p>
      <Ask key={has} label={m.admin_phone()} begins={has === "" ? session.name : has} does={has === "" ? m.start_phone_give() : m.start_phone_again()} testid="start-phone" onDo={give} />
      {given !== null && house !== null && (
        <>
          <p>{m.admin_given()}</p>
          <Copied title={m.admin_provisioning()} text={provisioning({ ...given, name: session.display_name }, house)} testid="start-phone-given" />
        </>
      )}
      <p role="status" className={css.live} data-testid="start-phone-state">
        {phone === null ? "" : phoneInWords(phone as PhoneView)}
      </p>
    </>
  );
}

export function LineStep({ standing, house, onMade }: StepProps): ReactElement {
  const { queues, numbers, trunks } = standing;
  const [given, setGiven] = useState<{ number: string; user: string; password: string } | null>(null);
  const [queue] = queues;
  if (queue === undefined) return <p>{m.start_needs_queue()}</p>;
  const doIt = async (number: string): Promise<string | null> => {
    const user = `test-${newToken().slice(0, 6)}`;
    const password = newSecret(SECRET_CHARACTERS);
    const wrong = await inTurn(
      ...(numbers.some(({ name }) => name === number) ? [] : [() => make("numbers", { number, queue: queue.name })]),
      () => make("trunks", { name: m.start_line_name({ user }), user, password }),
    );
    if (wrong === null) setGiven({ number, user, password });
    onMade();
    return wrong;
  };
  const [first] = house?.sip ?? [];
  const host = first === undefined ? "" : `${first.host}:${first.port}`;
  return (
    <>
      <p>
        {m.start_line_text()} <Link href={pathOf({ page: "new", kind: "trunks" })}>{m.start_line_provider()}</Link>
      </p>
      {trunks.length > 0 && numbers.length > 0 && <Names of={[...trunks, ...numbers].map(({ name }) => name)} />}
      <p>{m.start_line_own()}</p>
      <Ask label={m.start_line_number()} begins={numbers[0]?.name ?? "100"} does={m.start_line_do()} testid="start-line" onDo={doIt} />
      {given !== null && (
        <>
          <p>{m.admin_given()}</p>
          <Copied
            title={m.start_line_given()}
            text={[`SIP server: ${host}`, `User name: ${given.user}`, `Password: ${given.password}`, `Call: sip:${given.number}@${host}`].join("\n")}
            testid="start-line-given"
          />
        </>
      )}
    </>
  );
}

export function ChatStep({ standing, onMade }: StepProps): ReactElement {
  const { queues, services } = standing;
  const [queue] = queues;
  if (queue === undefined) return <p>{m.start_needs_queue()}</p>;
  const doIt = async (name: string): Promise<string | null> => {
    const wrong = await inTurn(() => make("services", { name, token: newToken(), queue: queue.name }));
    onMade();
    return wrong;
  };
  const [service] = services;
  return (
    <>
      <p>{m.start_chat_text()}</p>
      {service === undefined ? (
        <Ask label={m.admin_name()} begins={m.start_chat_name()} does={m.admin_add_service()} testid="start-chat" onDo={doIt} />
      ) : (
        <>
          <Names of={services.map(({ name, settings }) => String(settings["name"] ?? name))} />
          <p>
            <Link href={pathOf({ page: "thing", kind: "services", id: service.id })} data-testid="start-website">
              {m.start_chat_website()}
            </Link>
          </p>
        </>
      )}
    </>
  );
}

export function LicenceStep({ standing }: StepProps): ReactElement {
  return (
    <>
      <p>{standing.licence?.lets_chats_begin === true ? m.start_licence_there() : m.start_licence_text()}</p>
      <p>
        <Link href={pathOf({ page: "licence" })} data-testid="start-licence">
          {m.licence_see()}
        </Link>
      </p>
    </>
  );
}

export function TrialStep({ standing }: StepProps): ReactElement {
  const { services, numbers, answered } = standing;
  const [service] = services;
  const rows: readonly [boolean, string][] = [
    [answered.chat, answered.chat ? m.start_trial_chat_done() : m.start_trial_chat()],
    [answered.call, answered.call ? m.start_trial_call_done() : m.start_trial_call({ number: numbers[0]?.name ?? "…" })],
  ];
  return (
    <>
      <p>{m.start_trial_text({ button: m.log_in() })}</p>
      <ul className={css.trials}>
        {rows.map(([done, text]) => (
          <li key={text} data-testid="start-trial" data-done={done}>
            {text}
          </li>
        ))}
      </ul>
      {service !== undefined && (
        <p>
          <a href={`/chat/${service.name}`} target="_blank" rel="noreferrer" data-testid="start-test-chat">
            {m.start_trial_open_chat()}
          </a>
        </p>
      )}
    </>
  );
}

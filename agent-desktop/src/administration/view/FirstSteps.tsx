// From nothing to a first call and a first chat: each step can be done here, and says when it is.
// What arrives only changes the marks: which step is open changes by whoever sits here.

import { Button } from "@mantine/core";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { Icon } from "../../view/Icon";
import { useDesk } from "../../hooks";
import { m } from "../../paraglide/messages.js";
import { installation, latest, phones, things, type Thing } from "../api";
import { isDone, next, STEPS, type Standing, type Step } from "../firstSteps";
import type { Words } from "../field";
import type { Installation } from "../../../../web-shared/src/protocol/rest";
import css from "./FirstSteps.module.css";
import form from "./Form.module.css";
import { ChatStep, LicenceStep, LineStep, PhoneStep, QueueStep, TrialStep } from "./FirstStepForms";
import type { Asked } from "./Licence";

const AGAIN_MS = 3_000;

export interface StepProps {
  readonly standing: Standing;
  readonly house: Installation | null;
  /** Something was made: what there is is read again. */
  onMade(): void;
}

const TITLES: Readonly<Record<Step, Words>> = {
  queue: m.start_queue,
  phone: m.start_phone,
  line: m.start_line,
  chat: m.start_chat,
  licence: m.start_licence,
  trial: m.start_trial,
};

const FORMS: Readonly<Record<Step, (props: StepProps) => ReactElement>> = {
  queue: QueueStep,
  phone: PhoneStep,
  line: LineStep,
  chat: ChatStep,
  licence: LicenceStep,
  trial: TrialStep,
};

export function FirstSteps({ licence }: { licence: Asked }): ReactElement {
  const [found, again] = useStanding();
  const [house, setHouse] = useState<Installation | null>(null);
  const [chosen, choose] = useState<Step | null | "first">("first");
  useEffect(() => void installation().then((answer) => answer.ok && setHouse(answer.value)), []);
  const standing = found === null ? null : { ...found, licence: licence?.ok === true ? licence.value : null };
  // What came first is chosen once, and stays until somebody chooses.
  if (standing !== null && chosen === "first") choose(next(standing));
  return (
    <div className={form.form} data-testid="first-steps">
      <header className={form.head}>
        <h2>{m.start()}</h2>
      </header>
      <p className={css.text}>{standing !== null && next(standing) === null ? m.start_all_done() : m.start_text()}</p>
      {standing !== null && (
        <ol className={css.steps}>
          {STEPS.map((step) => (
            <One key={step} step={step} open={chosen === step} standing={standing} house={house} onMade={again} onOpen={choose} />
          ))}
        </ol>
      )}
    </div>
  );
}

interface OneProps extends StepProps {
  readonly step: Step;
  readonly open: boolean;
  onOpen(step: Step | null): void;
}

function One({ step, open, onOpen, ...props }: OneProps): ReactElement {
  const done = isDone(step, props.standing);
  const Form = FORMS[step];
  const after = next(props.standing, step);
  return (
    <li className={css.step} data-testid="first-step" data-step={step} data-done={done}>
      <h3>
        <button type="button" aria-expanded={open} onClick={() => onOpen(open ? null : step)}>
          <span className={css.mark} aria-hidden="true">
            {done ? <Icon name="check" size={16} /> : STEPS.indexOf(step) + 1}
          </span>
          {TITLES[step]()}
          <span className={css.state}>{done ? m.start_done() : m.start_open()}</span>
        </button>
      </h3>
      {open && (
        <div className={css.body}>
          <Form {...props} />
          {after !== null && (
            <Button variant={done ? "filled" : "subtle"} onClick={() => onOpen(after)} data-testid="first-step-next">
              {done ? m.start_next() : m.start_later()}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

/** What there is, read again and again as long as somebody looks, and at once when something was made. */
function useStanding(): [Omit<Standing, "licence"> | null, () => void] {
  const { session } = useDesk();
  const [standing, setStanding] = useState<Omit<Standing, "licence"> | null>(null);
  const ask = useRef(() => {});
  useEffect(() => {
    let gone = false;
    ask.current = () =>
      void standingOf(session.name).then((answer) => {
        if (!gone) setStanding(answer);
      });
    ask.current();
    const timer = setInterval(() => document.visibilityState === "visible" && ask.current(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [session.name]);
  return [standing, () => ask.current()];
}

async function standingOf(name: string): Promise<Omit<Standing, "licence">> {
  const all = async (kind: "queues" | "agents" | "trunks" | "numbers" | "services"): Promise<readonly Thing[]> => {
    const answer = await things(kind);
    return answer.ok ? answer.value : [];
  };
  const was = async (kind: "call" | "chat"): Promise<boolean> => {
    const answer = await latest(kind);
    return answer.ok && answer.value.calls.some(({ answered_at }) => answered_at !== null);
  };
  const [queues, agents, trunks, numbers, services, registered, call, chat] = await Promise.all([
    all("queues"), all("agents"), all("trunks"), all("numbers"), all("services"), phones(), was("call"), was("chat"),
  ]);
  const phone = registered.ok ? registered.value.find(({ agent }) => agent === name) : undefined;
  const me = agents.find((agent) => agent.name === name);
  return { queues, me: me ?? null, phone: phone ?? null, trunks, numbers, services, answered: { call, chat } };
}

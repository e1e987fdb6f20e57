// One task: a callback, an e-mail or something else that has to be done.

import { useState, type ReactElement, type ReactNode } from "react";
import { CHANNELS } from "../codes";
import { useDesk, useFloor, useOnline } from "../hooks";
import { sameItem, taskRef } from "../items";
import { timeOf } from "../locale";
import { m } from "../paraglide/messages.js";
import type { TaskView } from "../../../web-shared/src/protocol/agent";
import { obstacle } from "../rules";
import { Try } from "./Act";
import { HandlingClock, Time } from "./Clock";
import { Confirm } from "./Dialog";
import { Icon } from "./Icon";
import { Activate, Park } from "./ItemActs";
import { Linked } from "./Linked";
import { contactLink, taskName } from "./names";
import { CHANNEL_ICONS } from "./Queues";
import css from "./Task.module.css";

/** `elsewhere`: what is active instead, if something is. */
export function Task({ task, elsewhere }: { task: TaskView; elsewhere: ReactNode }): ReactElement {
  const state = useFloor();
  const item = taskRef(task.task);
  const active = task.state.state === "active";
  const link = contactLink(task.text);
  return (
    <section className={css.task} aria-label={taskName(task)} data-testid="task" data-task={task.task}>
      <div className={css.elsewhere}>{elsewhere}</div>
      <span className={css.sign}>
        <Icon name={CHANNEL_ICONS[task.channel]} size={32} />
      </span>
      <h2>
        <span className={css.kind}>{CHANNELS[task.channel]()}</span>
        <span className={css.text}>
          {task.text === "" ? taskName(task) : link === null ? <Linked text={task.text} /> : <a href={link}>{task.text}</a>}
        </span>
      </h2>
      <p className={css.facts}>
        {task.contact !== null && <bdi data-testid="task-who">{task.contact.name}</bdi>}
        <bdi>{task.queue_name}</bdi>
        <Time at={task.arrived_at}>{m.task_since({ time: timeOf(task.arrived_at) })}</Time>
      </p>
      <p className={css.clock}>
        <span>{m.handling_time()}</span>
        <HandlingClock clock={task.handling} item={item} />
      </p>
      <p className={css.hint}>{hint(task, active, sameItem(state.agent.preempted, item))}</p>
      <div className={css.acts}>
        {active ? <Park item={item} name={taskName(task)} /> : <Activate item={item} name={taskName(task)} />}
        {active && <Done task={task} />}
      </div>
    </section>
  );
}

/** Asks first: afterwards nobody sees the number or the address again. */
function Done({ task }: { task: TaskView }): ReactElement {
  const desk = useDesk();
  const online = useOnline();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Try
        size="sm"
        obstacle={obstacle(task.finish, online)}
        leftSection={<Icon name="check" size={15} />}
        onTry={() => setAsking(true)}
        label={m.act_on({ act: m.task_done(), item: taskName(task) })}
        keys="Alt+F"
        testid="task-done"
        item={taskRef(task.task)}
      >
        {m.task_done()}
      </Try>
      {asking && task.finish === null && (
        <Confirm
          title={m.task_done_title({ item: taskName(task) })}
          text={m.task_done_text()}
          yes={m.task_done()}
          testid="task-done-confirm"
          onYes={() => desk.do({ do: "finish", item: taskRef(task.task) })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function hint(task: TaskView, active: boolean, preempted: boolean): string {
  if (preempted) return m.standing_preempted_task();
  if (!active) return m.task_hint_inactive();
  switch (task.channel) {
    case "callback":
      return m.task_hint_callback();
    case "email":
      return m.task_hint_email();
    case "call":
    case "chat":
    case "work_item":
      return m.task_hint();
  }
}

// Taking a break: asked for with a click or for one of the company's reasons, and taken back while it is pending.

import { Button } from "@mantine/core";
import { useId, useRef, useState, type ReactElement } from "react";
import { useDesk, useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { AgentView, BreakReasonView } from "../../../web-shared/src/protocol/agent";
import { Act } from "./Act";
import css from "./Breaks.module.css";
import { Icon } from "./Icon";

/** For somebody who works. */
export function Breaks({ agent }: { agent: AgentView }): ReactElement {
  return agent.break_pending === null ? <TakeBreak /> : <BreakPending />;
}

/** The break that begins once nothing goes on any more. */
export function breakPendingName(reason: number, reasons: readonly BreakReasonView[]): string {
  const name = reasons.find((one) => one.reason === reason)?.name;
  return name === undefined ? m.break_pending() : m.break_pending_reason({ reason: name });
}

/** In the company's words, as far as it has any for it. */
export function breakName(reason: number, reasons: readonly BreakReasonView[]): string {
  const name = reasons.find((one) => one.reason === reason)?.name;
  return name === undefined ? m.presence_break() : m.presence_break_reason({ reason: name });
}

/** One click where the company wants no reason; else its reasons unfold. */
function TakeBreak(): ReactElement {
  const { breakReasons } = useFloor();
  const online = useOnline();
  if (online && breakReasons.length > 0) return <BreakReasons reasons={breakReasons} />;
  return (
    <Act
      command={{ do: "take_break", reason: 0 }}
      obstacle={online ? null : "offline"}
      variant="default"
      fullWidth
      leftSection={<Icon name="cup" size={15} />}
      testid="take-break"
    >
      {m.take_break()}
    </Act>
  );
}

function BreakReasons({ reasons }: { reasons: readonly BreakReasonView[] }): ReactElement {
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const list = useId();
  const choice = (reason: number, name: string): ReactElement => (
    <li key={reason}>
      <button
        type="button"
        onClick={() => desk.do({ do: "take_break", reason })}
        data-testid="break-reason"
        data-reason={reason}
      >
        {name}
      </button>
    </li>
  );
  return (
    // Escape belongs to what is unfolded, wherever the focus is in it.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={css.breaks}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        setOpen(false);
        toggle.current?.focus();
      }}
    >
      <Button
        ref={toggle}
        size="compact-sm"
        variant="default"
        fullWidth
        leftSection={<Icon name="cup" size={15} />}
        rightSection={<Icon name="chevron" size={13} />}
        aria-expanded={open}
        aria-controls={list}
        onClick={() => setOpen(!open)}
        data-testid="take-break"
      >
        {m.take_break()}
      </Button>
      <ul id={list} className={css.reasons} hidden={!open}>
        {reasons.map(({ reason, name }) => choice(reason, name))}
        {choice(0, m.break_other())}
      </ul>
    </div>
  );
}

/** The wish stands until nothing goes on any more; it can be taken back. */
function BreakPending(): ReactElement {
  return (
    <Act
      command={{ do: "log_in" }}
      obstacle={useOnline() ? null : "offline"}
      variant="default"
      fullWidth
      testid="break-cancel"
    >
      {m.break_cancel()}
    </Act>
  );
}

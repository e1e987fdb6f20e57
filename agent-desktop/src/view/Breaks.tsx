// Taking a break: asked for with a click or for one of the company's reasons, and taken back while it is pending.

import { Button } from "@mantine/core";
import { useId, useRef, useState, type ReactElement } from "react";
import { OBSTACLES } from "../codes";
import { useDesk, useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { AgentView, BreakReasonView } from "../../../web-shared/src/protocol/agent";
import { Act } from "./Act";
import css from "./Breaks.module.css";
import { Icon } from "./Icon";
import { InShort } from "./InShort";

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

/**
 * One click where the company wants no reason; else its reasons unfold. The same button in both cases: the company's list may
 * change while somebody is at it.
 */
function TakeBreak(): ReactElement {
  const desk = useDesk();
  const { breakReasons: reasons } = useFloor();
  const online = useOnline();
  const [open, setOpen] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const list = useId();
  const folds = reasons.length > 0;
  const offline = online ? {} : { "data-disabled": true, "aria-disabled": true, "aria-description": OBSTACLES.offline() };
  const choice = (reason: number, name: string): ReactElement => (
    <li key={reason}>
      <button
        type="button"
        onClick={() => desk.do({ do: "take_break", reason })}
        dir="auto"
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
        {...(folds ? { rightSection: <Icon name="chevron" size={13} /> } : {})}
        {...(folds ? { "aria-expanded": open, "aria-controls": list } : {})}
        {...offline}
        onClick={() => {
          if (!online) return;
          if (folds) setOpen(!open);
          else desk.do({ do: "take_break", reason: 0 });
        }}
        data-testid="take-break"
      >
        {m.take_break()}
      </Button>
      <ul id={list} className={css.reasons} hidden={!open || !folds}>
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
      <InShort short={m.break_cancel_short()}>{m.break_cancel()}</InShort>
    </Act>
  );
}

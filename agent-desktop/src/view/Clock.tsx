// Durations that tick with the daemon's time.

import type { ReactElement, ReactNode } from "react";
import { useNow } from "../hooks";
import { timeInFull, timeOf } from "../locale";
import { m } from "../paraglide/messages.js";
import type { ClockView, ItemRef, WrapUpView } from "../../../web-shared/src/protocol/agent";
import { countdown, duration, leftMs, spentMs } from "../time";
import { itemData } from "./Act";
import css from "./Clock.module.css";

/** When something was; the day and the second are in its tooltip. `children`: a sentence around the time, else the time. */
export function Time({ at, className, children }: { at: number; className?: string | undefined; children?: ReactNode }): ReactElement {
  return (
    <time className={className} dateTime={new Date(at).toISOString()} title={timeInFull(at)}>
      {children ?? timeOf(at)}
    </time>
  );
}

export function Since({ at, className }: { at: number; className?: string | undefined }): ReactElement {
  const now = useNow();
  return <span className={`${css.clock} ${className ?? ""}`}>{duration(now - at)}</span>;
}

export function HandlingClock({ clock, item }: { clock: ClockView; item: ItemRef }): ReactElement {
  const spent = spentMs(clock, useNow());
  const running = clock.running_since !== null;
  return (
    <span
      className={css.handling}
      data-testid="handling-clock"
      {...itemData(item)}
      data-spent-ms={Math.round(spent)}
      data-running={running}
    >
      <span className={running ? css.pulse : css.still} aria-hidden="true" />
      <span className="hidden">{running ? m.clock_runs() : m.clock_stands()}</span>
      <span className={css.clock}>{duration(spent)}</span>
    </span>
  );
}

/** How long until something happens by itself. */
export function Until({ at, className }: { at: number; className?: string | undefined }): ReactElement {
  const now = useNow();
  return <span className={`${css.clock} ${className ?? ""}`}>{countdown(at - now)}</span>;
}

/** The rest of a wrap-up: a bar that shrinks, and the time left. */
export function WrapUpBar({ wrapUp, name }: { wrapUp: WrapUpView; name: string }): ReactElement {
  const left = leftMs(wrapUp, useNow());
  const share = wrapUp.limit_ms === 0 ? 0 : left / wrapUp.limit_ms;
  return (
    <div className={css.wrapUp}>
      <div
        className={css.bar}
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={Math.round(wrapUp.limit_ms / 1_000)}
        aria-valuenow={Math.ceil(left / 1_000)}
        aria-valuetext={countdown(left)}
      >
        <span style={{ transform: `scaleX(${share})` }} />
      </div>
      <span className={css.clock}>{countdown(left)}</span>
    </div>
  );
}

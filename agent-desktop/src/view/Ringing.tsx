// The call that rings on the agent's desk phone.

import { useEffect, useState, type ReactElement } from "react";
import { useDesk, useFloor, useNow, useOnline, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { RingingView } from "../../../web-shared/src/protocol/agent";
import { preferences } from "../preferences";
import { audible, ring, sound } from "../ring";
import { activeItem } from "../state";
import { countdown } from "../time";
import { Act } from "./Act";
import { Icon } from "./Icon";
import { callerName, itemName, whoCalls } from "./names";
import css from "./Ringing.module.css";
import { keyShortcut } from "./shortcuts";
import { Why } from "./Why";

export function Ringing({ ringing }: { ringing: RingingView }): ReactElement {
  const { time } = useDesk();
  const state = useFloor();
  const { active } = state.agent;
  const parks = active?.kind === "chat" || active?.kind === "task" ? activeItem(active) : null;
  const online = useOnline();
  const left = ringing.until - useNow();
  // How long it rings in all is not told: full is what was left when it was first seen.
  const [whole] = useState(() => Math.max(1, ringing.until - time.read()));

  const rings = [useStore(sound), useStore(audible), useStore(preferences).sound_ringing].every(Boolean);
  const { call, attempt } = ringing.offer;
  useEffect(() => (rings ? ring(`${call} ${attempt}`) : undefined), [rings, call, attempt]);

  return (
    <section className={css.banner} aria-label={m.ringing()} data-testid="ringing" data-caller={ringing.caller}>
      <span className={css.sign}>
        <Icon name="phone" size={18} />
      </span>
      <div className={css.what}>
        <p className={css.first}>
          <span className={css.kind}>{m.ringing()}</span>
          <strong dir="auto" data-testid="ringing-who">
            {whoCalls(ringing)}
          </strong>
          {ringing.contact !== null && <span className={css.queue}>{callerName(ringing.caller)}</span>}
          <span className={css.queue} dir="auto">{ringing.queue}</span>
        </p>
        <div className={css.how}>
          <p>
            <span className={css.answer}>{m.ringing_answer()} </span>
            {parks !== null && (
              <>
                <b className={css.long}>{m.ringing_parks({ item: itemName(parks, state) })}</b>
                <b className={css.short}>{m.ringing_parks_short({ item: itemName(parks, state) })}</b>
              </>
            )}
          </p>
          {ringing.why !== null && <Why why={ringing.why} className={css.why} />}
        </div>
      </div>
      <span className={css.left}>
        <span className="hidden">{m.ringing_left()} </span>
        {countdown(left)}
      </span>
      <Act
        command={{ do: "decline", offer: ringing.offer }}
        obstacle={online ? null : "offline"}
        size="sm"
        variant="default"
        className={css.decline}
        label={m.act_on({ act: m.decline(), item: whoCalls(ringing) })}
        keys={keyShortcut("decline")}
        testid="decline"
      >
        {m.decline()}
      </Act>
      <span
        className={css.bar}
        style={{ transform: `scaleX(${Math.min(1, Math.max(0, left / whole))})` }}
        aria-hidden="true"
      />
    </section>
  );
}

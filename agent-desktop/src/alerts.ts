// Which turns in an agent's work make a sound, and which are told outside of the page. Pure: how is others' business.

import { callRef, chatRef, sameItem } from "./items";
import type { Moment } from "./moments";
import type { ItemRef } from "../../web-shared/src/protocol/agent";
import { activeItem, type State } from "./state";

/** What has to be turned to sounds; that somebody wrote sounds softly. A ringing call has a sound of its own. */
export type Sound = "chime" | "soft";

export interface Alert {
  /** The same on all pages of the browser. */
  readonly event: string;
  readonly sound: Sound | null;
  /** What is told of it takes the place of what was told before. */
  readonly about: ItemRef;
}

/** The turns that come to somebody from outside, whatever they look at. */
export type Alerting = Extract<Moment, { kind: "rings" | "alerts" | "message" }>;

export function isAlerting(moment: Moment): moment is Alerting {
  switch (moment.kind) {
    case "rings":
    case "alerts":
    case "message":
      return true;
    case "rings_no_more":
    case "call_began":
    case "call_over":
    case "resumed":
    case "parked":
    case "went_back":
    case "break_began":
      return false;
  }
}

/** `hidden`: nobody sees this page. */
export function alertOf(moment: Moment, state: State, hidden: boolean): Alert | null {
  if (!isAlerting(moment)) return null;
  const { agent } = state;
  // Whoever has a caller in their ear hears nothing of it.
  const talks = agent.active?.kind === "call" || agent.ringing !== null;
  switch (moment.kind) {
    case "rings": {
      const { call, attempt } = moment.ringing.offer;
      return { event: `${agent.agent} rings ${call} ${attempt}`, sound: null, about: callRef(call) };
    }
    case "alerts": {
      const { item, until } = moment.alerting;
      return { event: `${agent.agent} alerts ${item.kind} ${item.id} ${until}`, sound: talks ? null : "chime", about: item };
    }
    case "message": {
      const about = chatRef(moment.chat.chat);
      const reads = sameItem(about, activeItem(agent.active)) && !hidden;
      const event = `${agent.agent} message ${about.id} ${moment.number}`;
      return { event, sound: talks || reads ? null : "soft", about };
    }
  }
}

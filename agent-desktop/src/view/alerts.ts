// What is heard, and told outside of the page, of what happens; a click leads to it.

import { useEffect } from "react";
import { alertOf, isAlerting, type Alerting } from "../alerts";
import type { Desk } from "../desk";
import { useDesk, useMoments } from "../hooks";
import { forget, notify, type Words } from "../notifications";
import { looks } from "../once";
import { m } from "../paraglide/messages.js";
import { preferences } from "../preferences";
import { audible, sound, soundOf } from "../ring";
import type { State } from "../state";
import { chatName, itemName, whoCalls } from "./names";
import type { Shown } from "./shown";

const alertedUpTo = new WeakMap<Desk, number>();

export function useAlerts(shown: Shown): void {
  const desk = useDesk();
  useEffect(looks, []);
  useEffect(() => {
    const see = (): void => {
      if (document.visibilityState === "visible") forget();
    };
    document.addEventListener("visibilitychange", see);
    return () => document.removeEventListener("visibilitychange", see);
  }, []);
  useMoments(alertedUpTo, ({ moment }) => {
    const state = desk.state.get();
    if (state === null) return;
    if (moment.kind === "rings_no_more" || moment.kind === "call_began") forget("call");
    const alert = alertOf(moment, state, document.visibilityState === "hidden");
    if (alert === null || !isAlerting(moment)) return;
    const { sound_items, sound_messages, notifications } = preferences.get();
    if (alert.sound !== null && (alert.sound === "chime" ? sound_items : sound_messages)) soundOf(alert.event, alert.sound);
    const { about } = alert;
    if (!notifications) return;
    void notify(alert, wordsFor(moment, state), !sound.get() || audible.get(), () => shown.select(about.kind === "call" ? null : about));
  });
}

/** Without what was written: others may see the screen, too. */
function wordsFor(moment: Alerting, state: State): Words {
  switch (moment.kind) {
    case "rings": {
      const { ringing } = moment;
      return { title: m.title_rings({ caller: whoCalls(ringing) }), body: `${ringing.queue}. ${m.ringing_answer()}` };
    }
    case "alerts": {
      const { item, view } = moment.alerting;
      return { title: m.title_alerting({ item: itemName(item, state) }), body: `${view.queue_name}. ${m.alerting_hint()}` };
    }
    case "message":
      return { title: m.announce_message({ item: chatName(moment.chat.chat) }), body: moment.chat.queue_name };
  }
}

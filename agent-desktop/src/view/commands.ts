// What Ctrl+K offers of its own: what the keys do, the items, and the colleagues.

import { useLocation } from "wouter";
import { useDesk, useFloor } from "../hooks";
import { CHANNELS } from "../codes";
import { itemKey } from "../items";
import { changeLocale, locale } from "../locale";
import type { Entry } from "../palette";
import { m } from "../paraglide/messages.js";
import { pickObstacle } from "../rules";
import { inbox } from "../state";
import { useAdministers } from "./Administered";
import { itemName, pageName } from "./names";
import { CONTACTS } from "./people/pane";
import { KEYS, SHORTCUTS, type Deeds, type Shortcut } from "./shortcuts";
import type { Shown } from "./shown";
import { WORDS } from "./words";

/** They move within what is open, and that is the palette. */
const NOT_HERE: ReadonlySet<Shortcut> = new Set(["palette", "down", "up"]);

export function useCommands(deeds: Deeds, shown: Shown, onSignOut: () => void): readonly Entry[] {
  const desk = useDesk();
  const state = useFloor();
  const { may, enter } = useAdministers();
  const [, go] = useLocation();
  const commands = SHORTCUTS.filter((one) => !NOT_HERE.has(one) && deeds[one].can).map((one): Entry => ({
    key: one,
    group: m.palette_actions(),
    name: WORDS[one](),
    keys: KEYS[one],
    run: deeds[one].run,
  }));
  const works = state.agent.presence.presence;
  const other = locale.get() === "de" ? "en" : "de";
  const more: Entry[] = [
    ...(works === "available" ? [] : [{ key: "log_in", group: m.palette_actions(), name: m.log_in(), run: () => desk.do({ do: "log_in" }) }]),
    {
      key: "language",
      group: m.palette_actions(),
      name: other === "de" ? "Auf Deutsch umstellen" : "Switch to English",
      run: () => changeLocale(other),
    },
    ...(may ? [{ key: "administration", group: m.palette_actions(), name: m.admin_key(), run: enter }] : []),
    { key: "contacts", group: m.palette_actions(), name: m.contacts(), run: () => go(CONTACTS) },
    ...(works === "logged_out" ? [{ key: "sign_out", group: m.palette_actions(), name: m.sign_out(), run: onSignOut }] : []),
  ];
  const open = inbox(state).map(({ item, view }): Entry => ({
    key: itemKey(item),
    group: m.palette_items(),
    name: itemName(item, state),
    hint: [view.contact?.name, view.queue_name, "text" in view ? view.text : pageName(view.page)].join(" "),
    run: () => shown.select(item),
  }));
  const waiting = state.queues.flatMap(({ queue, name, waiting: items }) =>
    items
      .filter(({ item }) => item.kind !== "call" && pickObstacle(state, true, item, queue) === null)
      .slice(0, 20)
      .map(({ item, channel, first_line, who, contact }): Entry => ({
        key: `${queue} ${itemKey(item)}`,
        group: m.queues(),
        name: itemName(item, state),
        hint: [CHANNELS[channel](), contact?.name, name, first_line, who].join(" "),
        run: () => desk.do({ do: "pick", item }),
      })),
  );
  const colleagues = state.colleagues.map(({ agent, name, take_chat }): Entry => ({
    key: `agent ${agent}`,
    group: m.palette_colleagues(),
    name,
    hint: take_chat === null ? m.palette_available() : "",
    // To them goes what the agent attends to.
    run: () => deeds.transfer.can && deeds.transfer.run(),
  }));
  return [...commands, ...more, ...open, ...waiting, ...colleagues];
}

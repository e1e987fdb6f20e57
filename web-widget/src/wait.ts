// What whoever waits is told of their place, loaded once they wait. The daemon tells it only while somebody sees it.

import type { Connection } from "./connection";
import type { State } from "./state";
import type { Language } from "./text";
import type { Child, h as H } from "./view/dom";

export interface Wait {
  /** The window was drawn, and perhaps nobody sees it. */
  drawn(connection: Connection, seen: boolean): void;
  /** What stands below the messages. */
  below(state: State): Child;
}

const TEXTS = {
  en: { place: "You are number # in the queue.", wait: "It will probably take # minutes.", less: "less than #", more: "more than #" },
  de: { place: "Sie sind an #. Stelle.", wait: "Voraussichtlich dauert es # Minuten.", less: "weniger als #", more: "mehr als #" },
};

/** `place` is where the window is drawn. */
export function start(h: typeof H, place: HTMLElement): Wait {
  /** What this connection was told. */
  let told: { line: unknown; on: boolean } = { line: null, on: false };
  return {
    drawn: (connection, seen) => {
      const { line } = connection;
      const before = line === told.line && told.on;
      if (line.is !== "online" || seen === before) return;
      told = { line, on: seen };
      connection.tell({ type: "looks", on: seen });
    },
    below: ({ chat, place: now }) => {
      if (chat?.state.state !== "waiting" || !now) return null;
      const text = TEXTS[place.lang as Language];
      const { number, wait } = now;
      const range = (from: number, to: number | null): string => {
        if (to === null) return text.more.replace("#", `${from}`);
        return from ? `${from}–${to}` : text.less.replace("#", `${to}`);
      };
      return h("p", { class: "notice", "data-testid": "place" }, text.place.replace("#", `${number}`), wait && ` ${text.wait.replace("#", range(wait.from, wait.to))}`);
    },
  };
}

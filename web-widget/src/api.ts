// What pages ask of the widget: `vorrang("open")` and the like. Loaded with the first call.
// What happens is told by events of the window, `vorrang:ready` and the like: `on` only listens for them.

import type { Mount } from "./mount";
import type { Identity } from "../../web-shared/src/protocol/visitor";

/** As the loader says that there is a widget. */
const THERE = Symbol.for("vorrang-widget");
const TEXTS = ["id", "name", "email", "telephone", "hmac"];
const EVENTS = ["ready", "open", "close", "unread", "ended"];

/** Does what a page asks for, and says in the console what makes no sense. */
export function act(place: Mount, [command, what, then]: unknown[]): void {
  const problem = done(place, String(command), what, then);
  if (problem) console.warn(`Vorrang: vorrang(${JSON.stringify(command)}, …): ${problem}`);
}

function done(place: Mount, command: string, what: unknown, then: unknown): string | void {
  switch (command) {
    case "open":
      // The page asks for the window, not its visitor for a chat.
      place.show("by itself");
      return;
    case "close":
      return place.close?.();
    case "identify": {
      const said = Object.entries(what ?? {}).filter(([, text]) => text !== undefined && text !== null);
      if (!said.length || said.some(([key, text]) => !TEXTS.includes(key) || typeof text !== "string")) return `expected texts by the keys ${TEXTS.join(", ")}`;
      place.identity = Object.fromEntries(said) as Identity;
      return place.identify?.();
    }
    case "language":
      if (what !== "de" && what !== "en") return 'expected "de" or "en"';
      place.language = what;
      return void place.ask().then(() => place.back());
    case "destroy":
      place.destroy?.();
      place.rests = true;
      // Not even a timer that runs already puts it back.
      Object.freeze(place).host.remove();
      // The page may bring another one.
      delete (window as { [THERE]?: boolean })[THERE];
      return;
    case "on":
      if (!EVENTS.includes(String(what)) || typeof then !== "function") return `expected one of ${EVENTS.join(", ")}, and a function`;
      addEventListener(`vorrang:${what}`, (event) => then((event as CustomEvent).detail));
      // It may have happened before.
      if (what === "ready" && place.service) then();
      return;
    default:
      return "expected open, close, identify, language, destroy or on";
  }
}

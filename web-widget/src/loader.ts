// The chat button: all that a page loads before anybody wants to chat.
// Never touches the page's own styles or elements, and stores nothing: it adds one element, keeps to its shadow root, and
// answers to `vorrang(…)`.

import type { WidgetView } from "../../web-shared/src/protocol/visitor";
import style from "./loader.css?inline";
import type { Mount, Page, Parts } from "./mount";

const ID = "vorrang-widget";
/** On the window: there is a widget. Pages that replace their body may run its scripts again. */
const THERE = Symbol.for(ID);
const page = window as Page & { [THERE]?: boolean };
// Whoever fetches scripts and evaluates them leaves no current one.
const script = document.currentScript ?? document.querySelector("script[data-token][src*='/widget.js']");

if (script && !page[THERE]) mount(script as HTMLScriptElement);

function mount({ src, dataset }: HTMLScriptElement): void {
  const { token, theme, language } = dataset;
  if (!token) {
    return console.warn("Vorrang: no data-token");
  }
  page[THERE] = true;

  const host = document.createElement("div");
  host.id = ID;
  host.style.cssText = `--scheme:${theme ?? "light dark"};`;
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.className = "launch";
  button.dataset["testid"] = "vorrang-button";
  button.append("Chat");
  root.append(button);

  const { origin } = new URL(src);
  let tries = 0;
  const place: Mount = {
    host,
    root,
    button,
    origin,
    token,
    language,
    service: null,
    // A browser may remember that a module failed: the query makes the next try a new one.
    load: <P extends keyof Parts>(part: P) =>
      import(/* @vite-ignore */ `${origin}/widget/${part}.js${tries ? `?${tries}` : ""}`).catch((error: unknown) => {
        tries += 1;
        console.warn("Vorrang:", error);
      }) as Promise<Parts[P] | undefined>,
    ask: async () => {
      const spoken = `${place.language},${document.documentElement.lang},${navigator.languages}`;
      try {
        const answer = await fetch(`${origin}/widget/services/${encodeURIComponent(token)}?language=${spoken}`);
        const told = await answer.json();
        if (answer.ok) {
          place.service = told as WidgetView;
          host.style.cssText += told.style;
        } else {
          // There is no such chat service, or not for this page: nobody should see a button for it.
          host.hidden = answer.status < 429;
          throw told.detail;
        }
      } catch (error) {
        // Perhaps the page keeps us from asking: then all is as by default.
        console.warn("Vorrang:", error);
      }
    },
    show: async (how) => {
      button.disabled = true;
      await asked;
      const app = await place.load("app");
      button.disabled = false;
      app?.start(place, how);
    },
    back: () => {
      button.onclick = () => place.show("clicked");
    },
  };
  const ready = (): void => {
    dispatchEvent(new CustomEvent("vorrang:ready"));
    const after = place.service?.opens_after_s;
    // On the first page of a visit.
    if (after && !document.referrer.startsWith(location.origin)) setTimeout(place.show, after * 1000, "by itself");
  };
  const asked = place.ask().then(ready);

  const { q } = page.vorrang ?? {};
  page.vorrang = (...call) => void place.load("api").then((api) => api?.act(place, call));
  for (const call of q ?? []) page.vorrang(...call);

  keep(place);
  try {
    // A chat that began on an earlier page is still going on.
    if (sessionStorage[`vorrang:${token}`]) place.show("again");
  } catch {
    // The page may store nothing: a chat lasts as long as it.
  }
}

/** Puts the widget into the page, and again whenever the page replaced its body or all of itself without a new load. */
function keep(place: Mount): void {
  const { host } = place;
  const look = (): void => {
    const { body } = document;
    for (const node of [document, document.documentElement, body]) if (node) changes.observe(node, { childList: true });
    if (!body || host.parentNode === body || place.rests) return;
    // Copies that the page made of it are dead.
    document.querySelectorAll(`#${ID}`).forEach((copy) => copy.remove());
    body.append(host);
    place.back();
    // A page that throws it out each time must not be kept busy with that.
    place.rests = true;
    setTimeout(() => {
      place.rests = false;
      look();
    }, 100);
  };
  const changes = new MutationObserver(look);
  look();
}

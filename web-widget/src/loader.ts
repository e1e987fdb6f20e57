// The chat button: all that a page loads before anybody wants to chat.
// Never touches the page's own names, styles or elements: it adds one element and keeps to its shadow root.

import style from "./loader.css?inline";
import type { Mount, Start } from "./mount";

const ID = "vorrang-widget";
/** On the window: there is a widget. Pages that replace their body may run its scripts again. */
const THERE = Symbol.for(ID);
const page = window as { [THERE]?: boolean };
// Whoever fetches scripts and evaluates them leaves no current one.
const script = document.currentScript ?? document.querySelector("script[data-token][src*='/widget.js']");

if (script && !page[THERE]) mount(script as HTMLScriptElement);

function mount({ src, dataset }: HTMLScriptElement): void {
  const token = dataset["token"];
  if (!token) {
    console.warn("Vorrang: the script tag needs data-token");
    return;
  }
  page[THERE] = true;

  const host = document.createElement("div");
  host.id = ID;
  if (dataset["theme"]) host.dataset["theme"] = dataset["theme"];
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.className = "launch";
  button.dataset["testid"] = "vorrang-button";
  button.append(bubble(), "Chat");
  root.append(button);

  const { origin } = new URL(src);
  const click = (): void => load(true);
  const back = (): void => {
    button.onclick = click;
  };
  const place: Mount = { host, root, button, origin, token, language: dataset["language"], back };
  let tries = 0;
  const load = (clicked: boolean): void => {
    button.disabled = true;
    // A browser may remember that a module failed: the query makes the next try a new one.
    import(/* @vite-ignore */ `${origin}/widget/app.js${tries++ ? `?${tries}` : ""}`)
      .then((app: { start: Start }) => app.start(place, clicked))
      .catch((error: unknown) => console.warn("Vorrang: the chat was not loaded", error))
      .finally(() => {
        button.disabled = false;
      });
  };
  keep(place, () => place.back());
  if (running(token)) load(false);
}

/** Puts the widget into the page, and again whenever the page replaced its body or all of itself without a new load. */
function keep({ host }: Mount, back: () => void): void {
  let rests = false;
  const look = (): void => {
    const { body } = document;
    for (const node of [document, document.documentElement, body]) if (node) changes.observe(node, { childList: true });
    if (!body || host.parentNode === body || rests) return;
    // Copies that the page made of it are dead.
    document.querySelectorAll(`#${ID}`).forEach((copy) => copy.remove());
    body.append(host);
    back();
    // A page that throws it out each time must not be kept busy with that.
    rests = true;
    setTimeout(() => {
      rests = false;
      look();
    }, 100);
  };
  const changes = new MutationObserver(look);
  look();
}

/** Whether a chat that began on an earlier page is still going on. */
function running(token: string): boolean {
  try {
    return !!localStorage.getItem(`vorrang:${token}`);
  } catch {
    return false;
  }
}

function bubble(): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M5.5 4h13A2.5 2.5 0 0 1 21 6.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.5 4v-4h-1A2.5 2.5 0 0 1 3 14.5v-8A2.5 2.5 0 0 1 5.5 4z");
  svg.append(path);
  return svg;
}

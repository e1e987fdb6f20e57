// The chat button: all that a page loads before anybody wants to chat.
// Never touches the page's own names, styles or elements: it adds one element and keeps to its shadow root.

import style from "./loader.css?inline";
import type { Mount, Start } from "./mount";

const script = document.currentScript as HTMLScriptElement | null;
const ID = "vorrang-widget";

if (script) {
  if (document.body) mount(script);
  else addEventListener("DOMContentLoaded", () => mount(script), { once: true });
}

function mount({ src, dataset }: HTMLScriptElement): void {
  if (document.getElementById(ID)) return;
  const token = dataset["token"];
  if (!token) {
    console.warn("Vorrang: the script tag needs data-token, the token of a chat service");
    return;
  }

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
  document.body.append(host);

  const { origin } = new URL(src);
  const place: Mount = { host, root, button, origin, token, language: dataset["language"] };
  let tries = 0;
  const load = (clicked: boolean): void => {
    button.disabled = true;
    // A browser may remember that a module failed: the query makes the next try a new one.
    import(/* @vite-ignore */ `${origin}/widget/app.js${tries++ ? `?${tries}` : ""}`)
      .then((app: { start: Start }) => app.start(place, clicked))
      .catch((error: unknown) => console.warn("Vorrang: the chat could not be loaded", error))
      .finally(() => {
        button.disabled = false;
      });
  };
  button.onclick = () => load(true);
  if (running(token)) load(false);
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

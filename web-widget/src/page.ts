// The page that is nothing but a chat: it opens the window, and tells the app around it what happens.
// No chat begins by that, and nothing that is written is told.

import style from "./page.css?inline";

const EVENTS = ["ready", "open", "close", "unread", "ended"];

interface Listener {
  postMessage(text: string): void;
}

type Call = (...call: unknown[]) => void;

/** What apps give to the pages that they show. */
interface App {
  vorrang?: Call & { q?: unknown[][] };
  ReactNativeWebView?: Listener;
  webkit?: { messageHandlers?: { vorrang?: Listener } };
  VorrangApp?: Listener;
}

const page = window as App;
const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
document.adoptedStyleSheets = [sheet];

const calls: unknown[][] = [];
page.vorrang ??= Object.assign((...call: unknown[]) => void calls.push(call), { q: calls });
for (const event of EVENTS) page.vorrang("on", event, (detail: unknown) => tell(event, detail));
page.vorrang("open");

function tell(event: string, detail: unknown): void {
  const text = JSON.stringify({ event, detail: detail ?? null });
  for (const app of [page.ReactNativeWebView, page.webkit?.messageHandlers?.vorrang, page.VorrangApp]) {
    // An app has no origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    app?.postMessage(text);
  }
}

// The two screens inside the page: what they show, and how the story page uses them as a person would.

const website = document.getElementById("website");
const desktop = document.getElementById("desktop");

/** Opens both screens, also once more; resolves when both are there. Anna comes to work with hers. */
export async function load(language) {
  const opened = (screen, address) =>
    new Promise((resolve) => {
      screen.addEventListener("load", resolve, { once: true });
      screen.src = address;
    });
  await Promise.all([
    opened(website, `/demo/website.html?lang=${language}`),
    opened(desktop, `/demo/desktop?lang=${language}`),
  ]);
}

/** An element of the customer's chat window. */
export function inWidget(testid) {
  const host = website.contentDocument?.getElementById("vorrang-widget");
  return host?.shadowRoot?.querySelector(`[data-testid="${testid}"]`) ?? null;
}

/** An element of Anna's desktop. */
export function onDesktop(testid) {
  return desktop.contentDocument?.querySelector(`[data-testid="${testid}"]`) ?? null;
}

/** What takes the chat that came last out of the queue: others may wait as well. */
export function newestPick() {
  return newest(`[data-testid="pick"][data-chat]`);
}

/** What turns to the chat that came last, of those in Anna's inbox that she has not turned to yet. */
export function newestActivate() {
  const item = newest(`[data-testid="inbox-item"][data-chat][data-state="allocated"]`);
  return item?.querySelector(`[data-testid="activate"]`) ?? null;
}

function newest(selector) {
  const found = desktop.contentDocument?.querySelectorAll(selector) ?? [];
  return [...found].sort((a, b) => Number(a.dataset.chat) - Number(b.dataset.chat)).at(-1) ?? null;
}

/** Where the chat stands in the customer's eyes; `null` while there is none. */
export function chatState() {
  const state = inWidget("state")?.dataset.state;
  return state === undefined || state === "connecting" ? null : state;
}

/** What Anna attends to. */
export function active() {
  return onDesktop("active")?.dataset.kind ?? null;
}

/** Puts text into a field so that any framework notices. */
export function enter(field, value) {
  const view = field.ownerDocument.defaultView;
  const kind = field.tagName === "TEXTAREA" ? view.HTMLTextAreaElement : view.HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
  field.dispatchEvent(new view.InputEvent("input", { bubbles: true, composed: true }));
}

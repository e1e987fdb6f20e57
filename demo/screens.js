// The two screens inside the page: what they show, and how the story page uses them as a person would.

const website = document.getElementById("website");
const desktop = document.getElementById("desktop");

export function load(language) {
  website.src = `/demo/website.html?lang=${language}`;
  desktop.src = `/demo/desktop?lang=${language}`;
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

/** The same, of what belongs to a chat. */
export function chatOnDesktop(testid) {
  return desktop.contentDocument?.querySelector(`[data-testid="${testid}"][data-chat]`) ?? null;
}

/** The same within the chat of Anna's inbox that came last and is in this state. */
export function lastOnDesktop(testid, state) {
  const items = desktop.contentDocument?.querySelectorAll(`[data-testid="inbox-item"][data-chat][data-state="${state}"]`) ?? [];
  const last = [...items].sort((a, b) => Number(a.dataset.chat) - Number(b.dataset.chat)).at(-1);
  return last?.querySelector(`[data-testid="${testid}"]`) ?? null;
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

// The focus is never lost: when what had it vanishes, what it stood in gets it, and the next key goes on from there.
// Not the next button: a key that is still held would press it.

import { useEffect } from "react";

const PLACES = "li, section, nav, main, header, form, dialog, [role=group], [role=log], [tabindex]";

export function useFocusKept(): void {
  useEffect(() => {
    let last: Element | null = null;
    let above: Element[] = [];
    const note = (): void => {
      const at = document.activeElement;
      if (at === null || at === document.body || at === last) return;
      last = at;
      above = ancestors(at);
    };
    const keep = (): void => {
      if (last === null || last.isConnected || document.activeElement !== document.body) return;
      last = null;
      const place = above.find((one) => one.isConnected && one.matches(PLACES));
      if (place instanceof HTMLElement) focusOn(place);
    };
    const observer = new MutationObserver(keep);
    document.addEventListener("focusin", note);
    observer.observe(document.body, { childList: true, subtree: true });
    note();
    return () => {
      document.removeEventListener("focusin", note);
      observer.disconnect();
    };
  }, []);
}

function ancestors(at: Element): Element[] {
  const found: Element[] = [];
  for (let above = at.parentElement; above !== null && above !== document.body; above = above.parentElement) found.push(above);
  return found;
}

function focusOn(place: HTMLElement): void {
  if (place.hasAttribute("tabindex")) return place.focus({ preventScroll: true });
  // Only as long as it has the focus: no tab stop stays behind.
  place.tabIndex = -1;
  place.addEventListener("blur", () => place.removeAttribute("tabindex"), { once: true });
  place.focus({ preventScroll: true });
}

/** Down or up the rows of the list that the focus is in, or of the first one that has rows. */
export function moveInList(step: 1 | -1): void {
  const at = document.activeElement;
  const list = at?.closest("[data-rows]") ?? [...document.querySelectorAll("[data-rows]")].find((one) => rowsOf(one).length > 0);
  if (list == null) return;
  const rows = rowsOf(list);
  const now = rows.findIndex((row) => row.contains(at));
  const next = now === -1 ? (step === 1 ? 0 : rows.length - 1) : now + step;
  firstIn(rows[next])?.focus();
}

function rowsOf(list: Element): Element[] {
  return [...list.querySelectorAll("li")].filter((row) => firstIn(row)?.checkVisibility() === true);
}

function firstIn(row: Element | undefined): HTMLElement | undefined {
  return row?.querySelector<HTMLElement>("button, a[href]") ?? undefined;
}

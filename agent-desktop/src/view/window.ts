// Of a long list only what can be seen is drawn: thousands of rows would keep the page from everything else.

import { useLayoutEffect, useState, type RefObject } from "react";

/** Shorter lists are drawn whole: then every row can be reached by whatever goes through a page. */
export const WHOLE_MAX = 200;
/** The height of a row of a long list, in rem: there all are alike. */
export const ROW_REM = 4;
/** So many more are drawn on either side: a turn of the wheel is not seen to be drawn. */
const BEYOND = 12;

export interface Range {
  readonly from: number;
  readonly to: number;
  /** What stands above and below, in rem. */
  readonly above: number;
  readonly below: number;
}

/** Which of so many rows are drawn, of a list in whatever scrolls around it. */
export function useWindow(list: RefObject<HTMLElement | null>, count: number): Range {
  const isLong = count > WHOLE_MAX;
  const [seen, setSeen] = useState({ from: 0, to: WHOLE_MAX });
  useLayoutEffect(() => {
    const element = list.current;
    const scroller = element?.closest<HTMLElement>("[data-rows]") ?? null;
    if (!isLong || element === null || scroller === null) return undefined;
    const look = (): void => {
      const row = ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const top = scroller.getBoundingClientRect().top - element.getBoundingClientRect().top;
      const from = Math.max(0, Math.floor(top / row) - BEYOND);
      const to = Math.max(from, Math.ceil((top + scroller.clientHeight) / row) + BEYOND);
      setSeen((known) => (known.from === from && known.to === to ? known : { from, to }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    observer.observe(element);
    scroller.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", look);
    };
  }, [list, isLong]);
  if (!isLong) return { from: 0, to: count, above: 0, below: 0 };
  const from = Math.min(seen.from, count);
  const to = Math.min(seen.to, count);
  return { from, to, above: from * ROW_REM, below: (count - to) * ROW_REM };
}

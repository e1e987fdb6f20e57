// The few drawings of the panel, on a grid of 24.

import { type Description, h } from "./dom";

function icon(d: string): Description {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

export const minimise = icon("M6 9.5l6 6 6-6");
export const send = icon("M12 19V5M5.5 11.5L12 5l6.5 6.5");
export const phone = icon(
  "M6.5 4h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5v3a2 2 0 0 1-2.2 2C10.6 19 5 13.4 4.5 6.2A2 2 0 0 1 6.5 4z",
);

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

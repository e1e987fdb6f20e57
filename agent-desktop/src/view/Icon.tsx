// The few signs of the desktop, drawn for it on a grid of 24. Always beside words or on a named button.

import type { ReactElement } from "react";

const PATHS = {
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  person_add: "M10 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM3 20c.6-4 3.3-6 7-6 2.2 0 4.2.7 5.5 2.200M18.5 7.500v6M15.5 10.500h6",
  people:
    "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 19.500c.5-3.5 3-5.3 6.5-5.300s6 1.8 6.5 5.300M15.5 5.300a3.5 3.5 0 0 1 0 6.500M17.5 14.500c2.2.7 3.6 2.4 4 5",
  phone: "M6.6 3.5h2.2c.5 0 .9.3 1 .8l.8 3.2c.1.4 0 .8-.3 1.1L8.6 10.2a13 13 0 0 0 5.2 5.2l1.6-1.7c.3-.3.7-.4 1.1-.3l3.2.8c.5.1.8.5.8 1v2.2c0 1.5-1.2 2.7-2.7 2.6C10.6 19.6 4.4 13.4 4 6.2 3.9 4.7 5.1 3.5 6.6 3.5Z",
  callback:
    "M6.6 3.5h2.2c.5 0 .9.3 1 .8l.8 3.2c.1.4 0 .8-.3 1.1L8.6 10.2a13 13 0 0 0 5.2 5.2l1.6-1.7c.3-.3.7-.4 1.1-.3l3.2.8c.5.1.8.5.8 1v2.2c0 1.5-1.2 2.7-2.7 2.6C10.6 19.6 4.4 13.4 4 6.2 3.9 4.7 5.1 3.5 6.6 3.5ZM20.5 4h-6.5M17 1l-3 3 3 3",
  mail: "M4.5 5.5h15a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1ZM4 7l8 6 8-6",
  cup: "M5 9h11v5.5a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4ZM16 10.5h1.7a2.3 2.3 0 0 1 0 4.6H16M8.5 3v2.5M12.5 3v2.5",
  give: "M4 12h13M12 6.5l5.5 5.5-5.5 5.5M20.5 5v14",
  note: "M6 3.5h12a1 1 0 0 1 1 1v11l-5 5H6a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1ZM14 20v-4.5h4.8M8.5 8.5h7M8.5 12h5",
  chat: "M5.5 4.5h13a2 2 0 0 1 2 2v8.5a2 2 0 0 1-2 2H11l-4.5 3.5V17h-1a2 2 0 0 1-2-2V6.5a2 2 0 0 1 2-2Z",
  pause: "M8.5 5v14M15.5 5v14",
  play: "M8 5.2v13.6L18.8 12Z",
  check: "M4.5 12.7 9.7 18 19.5 6.5",
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12h14M12.5 6 18.5 12l-6 6",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z",
  bell: "M12 3.5a5.5 5.5 0 0 0-5.5 5.5c0 5-2 6.5-2 6.5h15s-2-1.5-2-6.5A5.5 5.5 0 0 0 12 3.5ZM10 19.5a2.2 2.2 0 0 0 4 0",
  bell_off: "M7 7.2A5.5 5.5 0 0 1 17.5 9c0 2.2.4 3.7.8 4.7M16 15.5H4.5s2-1.5 2-6.5M10 19.5a2.2 2.2 0 0 0 4 0M4 4l16 16",
  door: "M10 4H6.5a1.5 1.5 0 0 0-1.5 1.5v13A1.5 1.5 0 0 0 6.5 20H10M15 8l4 4-4 4M19 12H9.5",
  help: "M9.3 9.2a2.8 2.8 0 1 1 4.2 2.5c-.9.5-1.5 1.1-1.5 2.1v.4M12 17.6v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z",
  globe: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM3.5 12h17M12 3.5c2.5 2.5 3.5 5.3 3.5 8.5S14.5 18 12 20.5C9.5 18 8.5 15.2 8.5 12S9.5 6 12 3.5Z",
  sliders: "M4 7.5h8.5M17 7.5h3M4 16.5h3M11.5 16.5H20M14.8 5v5M9.2 14v5",
  building: "M4 20.5V6a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v14.5M14 10h5a1 1 0 0 1 1 1v9.5M2.5 20.5h19M7.5 9h3M7.5 12.5h3M7.5 16h3",
  back: "M10 6l-6 6 6 6M4.5 12H20",
  down: "M12 5v13M6 12.5l6 6 6-6",
  chevron: "M6 9.5l6 6 6-6",
  inbox: "M4 13.5 6.5 5.8c.2-.6.8-1 1.4-1h8.2c.6 0 1.2.4 1.4 1L20 13.5v4a1.7 1.7 0 0 1-1.7 1.7H5.7A1.7 1.7 0 0 1 4 17.5ZM4 13.5h4.5l1.2 2.2h4.6l1.2-2.2H20",
  clip: "M19.5 11.5 12 19a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-8 8a1.5 1.5 0 0 1-2.2-2.1l7.3-7.4",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  pen: "M5 19l.8-3.6L15.7 5.5a1.9 1.9 0 0 1 2.7 2.7L8.6 18.2Z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18, turn = 0 }: { name: IconName; size?: number; turn?: number }): ReactElement {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.9}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} {...(turn === 0 ? {} : { transform: `rotate(${turn} 12 12)` })} />
    </svg>
  );
}

/** The project's mark: two ways that meet, and one of them first. */
export function Mark({ size }: { size: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b7179" />
      <path
        d="M7 9.5 14.6 24h2.8L25 9.5"
        fill="none"
        stroke="#fff"
        strokeWidth="3.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="9.5" r="2.6" fill="#ffb45c" />
    </svg>
  );
}

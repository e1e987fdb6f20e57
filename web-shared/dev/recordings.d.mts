/** What one screen of a scenario was sent. */
export interface Screen {
  /** The file, and which of its scenarios. */
  readonly scenario: string;
  /** `agent 1`, `visitor 7` */
  readonly viewer: string;
  readonly replies: readonly { readonly type: string }[];
}

export function readRecordings(whose: "agent" | "visitor"): Screen[];

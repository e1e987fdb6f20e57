/** A frame, and when it was sent. */
export interface Sent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reply: Reply;
}

/** A reply of the daemon: the protocol has its shape. */
export interface Reply {
  readonly type: string;
  readonly seq?: number;
  /** Of a snapshot: the daemon's time. */
  readonly now?: number;
}

/** All is quiet again. */
export interface Moment {
  /** What was done before it, as the scenario has it. */
  readonly done: string;
  /** What the screen was sent because of it. */
  readonly frames: readonly Sent[];
  /** What a screen that comes now is shown. */
  readonly fresh: Reply;
}

/** What one screen of a scenario was sent. */
export interface Screen {
  /** The file, and which of its scenarios. */
  readonly scenario: string;
  readonly file: string;
  /** `agent 1`, `supervisor 3`, `visitor 7` */
  readonly viewer: string;
  /** Who is signed in, as REST says it; `null`: a visitor. */
  readonly session: { readonly name: string; readonly display_name: string; readonly company: string } | null;
  /** The first one has the screen's snapshot. */
  readonly moments: readonly Moment[];
  /** Pages of earlier messages, as they were asked for. */
  readonly earlier: readonly { readonly chat: number; readonly before: number; readonly messages: readonly object[] }[];
  /** The replies of all moments. */
  readonly replies: readonly Reply[];
}

export function readRecordings(whose?: "agent" | "supervisor" | "visitor" | ""): Screen[];

export function misnumbered(replies: readonly Reply[]): number | null;

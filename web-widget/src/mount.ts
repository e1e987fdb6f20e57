// What the loader hands to the other parts: the place in the company's page, and the snippet's attributes.
// Types only, so that the loader carries none of their code.

import type { Identity, WidgetView } from "../../web-shared/src/protocol/visitor";

export interface Mount {
  /** The element in the company's page; everything else is inside its shadow root. */
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  /** The chat button. The loader draws it, the app says what it does from then on. */
  readonly button: HTMLButtonElement;
  /** Where the daemon is: the origin that served the script. */
  readonly origin: string;
  /** Which chat service: `data-token` (R4). */
  readonly token: string;
  /** `data-language`, if the company set it, or what it said since. */
  language: string | undefined;
  /** What the daemon says of the chat service; `null` until it does, and where the page keeps us from asking. */
  service: WidgetView | null;
  /** Asks for that, in the language that the page has now. */
  ask(): Promise<void>;
  /** Loads a part of the widget; nothing if that fails, which is said in the console. */
  load<P extends keyof Parts>(part: P): Promise<Parts[P] | undefined>;
  /** Shows the window. */
  show: (how: How) => unknown;
  /** Called when the page had taken the widget out and it is there again; perhaps without any of its event handlers. */
  back: () => void;
  /** It is not put back into the page: it was a moment ago, or is not to be there any more. */
  rests?: boolean;
  /** Who the visitor is, as the page says. */
  identity?: Identity;
  /** The app is there: the page has said so now. */
  identify?: () => void;
  /** The language that the app speaks. */
  spoken?: "de" | "en";
  /** Closes the window, if it is open. */
  close?: () => void;
  /** The page wants the widget to be gone. */
  destroy?: () => void;
}

/** Why the window is shown: by the visitor's click, by the page, or because a chat goes on that an earlier page began. */
export type How = "clicked" | "by itself" | "again";

export type Start = (mount: Mount, how: How) => void;

/** The parts of the widget, each a file of its own. */
export interface Parts {
  app: { start: Start };
  api: typeof import("./api");
  extras: typeof import("./extras");
  more: typeof import("./more");
  wait: typeof import("./wait");
}

/** What pages call: a command and what belongs to it. Before the loader is there, a stub keeps the calls in `q`. */
export interface Page {
  vorrang?: ((...call: unknown[]) => void) & { q?: Iterable<unknown[]> };
}

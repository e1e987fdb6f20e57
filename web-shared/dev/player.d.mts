import type { Screen } from "./recordings.mjs";

/** What Node says of a request. */
export interface Asked {
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly headers: { readonly cookie?: string | undefined };
}

/** Plays recordings to real pages. */
export class Player {
  /** `WebSocketServer` is that of `ws`: what is shared has no packages of its own. */
  constructor(screens: readonly Screen[], WebSocketServer: new (options: { noServer: true }) => object);
  readonly screens: readonly Screen[];
  /** Cuts all connections, and lets none in while it is so. */
  cut(isCut: boolean): void;
  /** Whether this HTTP request was for the player, and is answered. */
  answer(request: Asked, response: object): boolean;
  /** Whether this upgrade was for the player. */
  upgrade(request: Asked, socket: object, head: object): boolean;
}

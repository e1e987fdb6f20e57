import type { Server } from "node:http";
import type { Player } from "./player.mjs";

/** Serves both web applications on recordings; port 0 is any that is free. */
export function serve(player: Player, port: number): Promise<Server>;

/** A file of the web applications as it is built, with what the daemon says of it; `null` if there is none. */
export function built(pathname: string): Promise<{ readonly headers: Record<string, string>; readonly body: Buffer } | null>;

import type { Server } from "node:http";
import type { Player } from "./player.mjs";

/** Serves both web applications on recordings; port 0 is any that is free. */
export function serve(player: Player, port: number): Promise<Server>;

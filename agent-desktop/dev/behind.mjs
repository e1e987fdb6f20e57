// What stands behind the development server: the daemon that DAEMON names, else recordings of one, at /recordings.

import { WebSocketServer } from "ws";
import { daemon, proxy } from "../../web-shared/dev/daemon.mjs";
import { Player } from "../../web-shared/dev/player.mjs";
import { readRecordings } from "../../web-shared/dev/recordings.mjs";

export function behind() {
  return {
    name: "behind",
    apply: "serve",
    config: () => (daemon === undefined ? {} : { server: { proxy: { "/api": proxy, "/ws": proxy } } }),
    configureServer(server) {
      if (daemon !== undefined || server.httpServer === null) return;
      const player = new Player(readRecordings(), WebSocketServer);
      server.middlewares.use((request, response, next) => {
        if (!player.answer(request, response)) next();
      });
      server.httpServer.on("upgrade", (request, socket, head) => player.upgrade(request, socket, head));
    },
  };
}

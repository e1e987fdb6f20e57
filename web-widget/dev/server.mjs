// Serves the built widget at http://localhost:5180/, in front of the daemon that DAEMON names, else on recordings of one.

import { preview } from "vite";
import { WebSocketServer } from "ws";
import { daemon, proxy } from "../../web-shared/dev/daemon.mjs";
import { Player } from "../../web-shared/dev/player.mjs";
import { readRecordings } from "../../web-shared/dev/recordings.mjs";
import { serve } from "../../web-shared/dev/serve.mjs";

const PORT = 5180;

if (daemon === undefined) {
  await serve(new Player(readRecordings(), WebSocketServer), PORT);
} else {
  const passed = ["^/$", "/api", "/demo", "/desktop", "/widget/services", "/ws"].map((path) => [path, proxy]);
  const root = new URL("..", import.meta.url).pathname;
  await preview({ root, configFile: false, appType: "custom", preview: { port: PORT, strictPort: true, proxy: Object.fromEntries(passed) } });
}
console.log(`http://localhost:${PORT}/`);

// Serves both web applications as they are built, and the demo's website, on recordings. Their addresses and their security
// policy are the daemon's: what breaks under it breaks here.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const root = join(import.meta.dirname, "../..");
const FOLDERS = { "/desktop/": "agent-desktop/dist", "/demo/": "demo", "/": "web-widget/dist" };
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};
const POLICY =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/** Resolves once it listens; port 0 is any that is free. */
export function serve(player, port) {
  const server = createServer((request, response) => {
    if (!player.answer(request, response)) void answer(request, response);
  });
  server.on("upgrade", (request, socket, head) => player.upgrade(request, socket, head) || socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function answer(request, response) {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  if (path === "/") return response.writeHead(302, { location: "/recordings" }).end();
  const [start, folder] = Object.entries(FOLDERS).find(([prefix]) => path.startsWith(prefix));
  const file = path === start ? "index.html" : path.slice(start.length);
  const found = await readFile(join(root, folder, file)).catch(() => null);
  if (!found) return response.writeHead(404).end();
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  return response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(found);
}

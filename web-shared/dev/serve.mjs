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
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname === "/") return response.writeHead(302, { location: "/recordings" }).end();
  const found = await built(pathname);
  return found ? response.writeHead(200, found.headers).end(found.body) : response.writeHead(404).end();
}

/** A file as it is built, with what the daemon says of it; `null` if there is none. */
export async function built(pathname) {
  const path = normalize(pathname);
  const [start, folder] = Object.entries(FOLDERS).find(([prefix]) => path.startsWith(prefix));
  // The desktop has addresses of its own, none with a point.
  const file = path === start || (start === "/desktop/" && !path.includes(".")) ? "index.html" : path.slice(start.length);
  const body = await readFile(join(root, folder, file)).catch(() => null);
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  return body && { headers: { "content-type": type, "content-security-policy": POLICY, "access-control-allow-origin": "*" }, body };
}

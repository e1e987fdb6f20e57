// Serves the built widget and the demo pages with a stand-in for the daemon: `npm run dev`, then http://localhost:5180/.
// Sends the strict content security policy that the daemon sends, so that what breaks under it breaks here.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { WebSocketServer } from "ws";
import { Floor } from "./floor.mjs";

const here = import.meta.dirname;
const types = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

export function serve(port, floor = new Floor()) {
  const server = createServer((request, response) => {
    answer(floor, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  const sockets = new WebSocketServer({ server, path: "/ws/visitor" });
  sockets.on("connection", (socket) => {
    const { hear, gone } = floor.visitor(
      (reply) => socket.send(JSON.stringify(reply)),
      () => socket.close(),
    );
    socket.on("message", (data) => hear(JSON.parse(String(data))));
    socket.on("close", gone);
  });
  server.listen(port);
  return { floor, sockets, close: () => (sockets.clients.forEach((socket) => socket.terminate()), server.close()) };
}

async function answer(floor, request, response) {
  const path = new URL(request.url, "http://localhost").pathname;
  const json = (status, body) =>
    response.writeHead(status, { "content-type": types[".json"] }).end(JSON.stringify(body ?? null));

  if (path.startsWith("/api/v1/demo")) {
    const [, kind, who, key] = path.slice("/api/v1/demo".length).split("/");
    if (!kind) return json(200, floor.demo());
    const body = JSON.parse(await read(request));
    if (kind === "calls") return json(201, floor.call());
    if (kind === "phones") floor.press(who, key);
    if (kind === "callers") floor.hangUp(Number(who));
    if (kind === "agents") floor.presence(who, body.presence);
    return json(200);
  }
  if (path === "/dev/desktop.json") return json(200, floor.desktop());
  if (path === "/dev/desktop" && request.method === "POST") {
    const { do: act, id, ...what } = JSON.parse(await read(request));
    if (act === "pick") floor.pick(id);
    if (act === "say") floor.say(id, what.text);
    if (act === "typing") floor.typing(id, what.on);
    if (act === "move") floor.move(id, what.state);
    return json(200);
  }
  if (path === "/demo/desktop") return response.writeHead(302, { location: "/dev/desktop.html" }).end();

  const file = normalize(path);
  const folders = { "/demo/": join(here, "../.."), "/dev/": join(here, "..") };
  const folder = Object.entries(folders).find(([start]) => file.startsWith(start))?.[1] ?? join(here, "../dist");
  const found = await readFile(file === "/" ? join(here, "../../demo/index.html") : join(folder, file)).catch(() => null);
  if (!found) return response.writeHead(404).end();
  return response
    .writeHead(200, {
      "access-control-allow-origin": "*",
      "content-security-policy": "default-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'",
      "content-type": types[file === "/" ? ".html" : extname(file)] ?? "application/octet-stream",
    })
    .end(found);
}

async function read(request) {
  let text = "";
  for await (const part of request) text += part;
  return text || "{}";
}

if (process.argv[1] === import.meta.filename) {
  serve(5180);
  console.log("http://localhost:5180/");
}

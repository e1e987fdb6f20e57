// A daemon that is only played, for whoever works on the desktop: `npm run dev`, then sign in with any name and password.
// node dev/server.mjs [--port 4600] [--story]      --story: a call rings by itself while the agent chats
// Everything else happens by hand: curl -X POST localhost:4600/dev/ring (answer, hang_up, write, …: see floor.mjs).

import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { newFloor } from "./floor.mjs";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
/** As strict as the daemon is: what works here works there. */
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'";
const SESSION = { name: "mara", display_name: "Mara Lindqvist", company: "Nordlicht Möbel" };

export function startServer({ port = 4600, story = false } = {}) {
  const sockets = new Set();
  const broadcast = (reply) => {
    for (const socket of sockets) socket.send(JSON.stringify(reply));
  };
  let floor = newFloor(broadcast);
  let cutOff = false;

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const json = (status, body) => {
      response.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" });
      response.end(body === null ? "" : JSON.stringify(body));
    };
    if (pathname === "/api/v1/sessions" && request.method === "POST") {
      const { password } = JSON.parse(await text(request));
      if (password === "wrong") return json(401, { code: "wrong_credentials", message: "name or password is wrong" });
      response.setHeader("Set-Cookie", "session=played; HttpOnly; SameSite=Strict; Path=/");
      return json(200, SESSION);
    }
    if (pathname === "/api/v1/sessions/current") {
      if (!signedIn(request)) return json(401, { code: "unauthenticated", message: "nobody is signed in" });
      if (request.method === "GET") return json(200, SESSION);
      response.setHeader("Set-Cookie", "session=; HttpOnly; Path=/; Max-Age=0");
      return json(204, null);
    }
    if (pathname.startsWith("/dev/") && request.method === "POST") {
      const verb = pathname.slice("/dev/".length);
      const body = await text(request);
      const args = body === "" ? undefined : JSON.parse(body);
      if (verb === "reset") {
        floor.stop();
        floor = newFloor(broadcast);
        for (const socket of sockets) socket.terminate();
      } else if (verb === "cut") {
        cutOff = args?.on ?? true;
        if (cutOff) for (const socket of sockets) socket.terminate();
      } else if (verb in floor.play) {
        floor.play[verb](args);
      } else {
        return json(404, { code: "not_found", message: `no such thing to play: ${verb}` });
      }
      return json(204, null);
    }
    if (pathname === "/") {
      response.writeHead(302, { Location: "/desktop/" });
      return response.end();
    }
    const path = normalize(pathname.replace(/^\/desktop\//, "/"));
    const file = join(DIST, path === "/" ? "index.html" : path);
    if (!pathname.startsWith("/desktop/") || !existsSync(file)) return json(404, { code: "not_found", message: pathname });
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": POLICY });
    return createReadStream(file).pipe(response);
  });

  const upgrades = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (cutOff || request.url !== "/ws/agent" || !signedIn(request)) {
      socket.end(`HTTP/1.1 ${cutOff ? "503 Service Unavailable" : "401 Unauthorized"}\r\nConnection: close\r\n\r\n`);
      return;
    }
    upgrades.handleUpgrade(request, socket, head, serve);
  });

  function serve(socket) {
    let client = null;
    socket.on("message", (data) => {
      const request = JSON.parse(String(data));
      if (request.type === "hello") {
        client = request.client;
        socket.send(JSON.stringify(floor.snapshot()));
        sockets.add(socket);
      } else if (request.type === "command") {
        const problem = floor.command(client, request.id, request.command);
        socket.send(JSON.stringify({ type: "answer", id: request.id, problem }));
        if (story && request.command.do === "pick" && problem === null) tell(request.command.item.id);
      }
    });
    socket.on("close", () => sockets.delete(socket));
  }

  let told = false;
  function tell(chat) {
    if (told) return;
    told = true;
    const steps = [
      [3_000, () => floor.play.typing({ chat })],
      [6_000, () => floor.play.write({ chat, text: "Hallo? Ist da jemand?" })],
      [12_000, () => floor.play.ring()],
      [18_000, () => floor.play.answer()],
      [26_000, () => floor.play.write({ chat, text: "Kein Problem, ich warte so lange." })],
      [36_000, () => floor.play.hang_up()],
    ];
    for (const [ms, step] of steps) setTimeout(step, ms);
  }

  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

function signedIn(request) {
  return /(^|;\s*)session=played/.test(request.headers.cookie ?? "");
}

async function text(request) {
  let all = "";
  for await (const part of request) all += part;
  return all;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--port");
  const port = at === -1 ? 4600 : Number(process.argv[at + 1]);
  await startServer({ port, story: process.argv.includes("--story") });
  console.log(`the played floor is at http://127.0.0.1:${port}/desktop/`);
}

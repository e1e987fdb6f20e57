// Ports that nobody uses. What is not kept open here is taken by the process that it is meant for right away.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

export const MEDIA_PORTS = 64;
/** Below the ports that the system gives out by itself, so that nothing comes in between. */
const MEDIA_FIRST = 20_000;
const MEDIA_END = 32_000;

let nextMedia = MEDIA_FIRST + ((process.pid * MEDIA_PORTS) % (MEDIA_END - MEDIA_FIRST));

export async function tcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP socket without a port");
  return address.port;
}

export async function udpPort(host = "127.0.0.1"): Promise<number> {
  const socket = await udpSocket(host);
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

/** One that is free for UDP and for TCP. */
export async function freeSipPort(): Promise<number> {
  for (;;) {
    const port = await tcpPort();
    if (await isFree(port)) return port;
  }
}

/** A bound socket; port 0 is any. */
export async function udpSocket(host: string, port = 0): Promise<Socket> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const failed = once(socket, "error").then(([error]) => Promise.reject(error as Error));
  socket.bind(port, host);
  await Promise.race([once(socket, "listening"), failed]);
  return socket;
}

/** The first of so many ports in a row. */
export async function mediaPorts(count = MEDIA_PORTS): Promise<number> {
  for (;;) {
    const first = nextMedia + count > MEDIA_END ? MEDIA_FIRST : nextMedia;
    nextMedia = first + count;
    if ((await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)))).every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    const socket = await udpSocket("127.0.0.1", port);
    socket.close();
    return true;
  } catch {
    return false;
  }
}

// Two companies in one daemon: nothing of the one reaches the other, whoever asks for it, and however.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import type { AgentCommand } from "../../../web-shared/src/protocol/agent";
import { Agent, chatRef } from "../support/agent";
import { Daemon, NUMBER, password, TRUNK } from "../support/daemon";
import { Caller } from "../support/sipp";
import { chatWith } from "../support/story";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

const OTHER_NUMBER = "4930200";
const OTHER_TRUNK = "127.0.0.4";

/** Another company, with the same names wherever names may be the same. */
const OTHER = `[company]
name = "Bergbahn"
[[queue]]
name = "Service"
[[agent]]
login_name = "bert"
password = "${password("bert")}"
queues = ["Service"]
[[agent]]
login_name = "olga"
password = "${password("olga")}"
role = "supervisor"
queues = ["Service"]
[[number]]
number = "${OTHER_NUMBER}"
queue = "Service"
[[trunk]]
name = "sipp"
address = "${OTHER_TRUNK}"
`;

test("R4: an agent of another company sees nothing, and can do nothing", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, { name: "ben" }], others: [OTHER] });
  const bert = await Agent.atWork(daemon, "bert");
  const { anna, chat, visitor } = await chatWith(daemon, "anna");
  const waits = await Visitor.come(daemon);
  await waits.say("guten Tag");
  const waiting = await until("a second chat waits", () => anna.waiting[0]);
  const caller = await Caller.dial(daemon);
  await caller.taken();
  const call = await until("the call waits", () => anna.callsWaiting[0]);
  const [ours, theirs] = [anna, bert].map((agent) => agent.queues[0]?.queue ?? 0) as [number, number];
  const [annaId, bertId] = [anna, bert].map((agent) => agent.view?.agent ?? 0) as [number, number];

  const foreign: AgentCommand[] = [
    { do: "pick", item: chatRef(waiting) },
    { do: "activate", item: chatRef(chat) },
    { do: "park", item: chatRef(chat) },
    { do: "say", chat, text: "from elsewhere" },
    { do: "end", chat },
    { do: "finish", item: chatRef(chat) },
    { do: "transfer", chat, to: { kind: "agent", id: bertId }, note: "" },
    { do: "transfer", chat, to: { kind: "queue", id: theirs }, note: "" },
    { do: "transfer_call", call, queue: theirs },
  ];
  for (const command of foreign) expect(await bert.ask(command), JSON.stringify(command)).not.toBeNull();
  // Nor can anybody give away what is theirs.
  expect(await anna.ask({ do: "transfer", chat, to: { kind: "agent", id: bertId }, note: "" })).not.toBeNull();
  expect(await anna.ask({ do: "transfer", chat, to: { kind: "queue", id: theirs }, note: "" })).not.toBeNull();
  // The control: a colleague may have it.
  expect(await anna.ask({ do: "transfer", chat, to: { kind: "queue", id: ours }, note: "" })).toBeNull();

  const rest = async (method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<number> =>
    (await daemon.rest("olga", method, path, body)).status;
  expect(await rest("GET", `/items/call:${call}/why`)).toBe(404);
  expect(await rest("GET", `/items/chat:${waiting}/why`)).toBe(404);
  expect(await rest("POST", `/items/chat:${waiting}/move`, { queue: theirs })).not.toBe(204);
  expect(await rest("POST", `/queues/${ours}/overflow`, { queue: theirs })).toBe(404);
  expect(await rest("POST", `/queues/${ours}/tasks`, { channel: "email", text: "x" })).toBe(404);
  expect(await rest("PUT", "/agents/anna/presence", { presence: "unavailable" })).toBe(404);

  expect(anna.view?.presence.presence).toBe("available");
  expect([visitor.state, waits.state]).toEqual(["waiting", "waiting"]);
  expect(bert.queues.flatMap((queue) => queue.waiting)).toEqual([]);
  expect([...bert.chats.keys()]).toEqual([]);
  expect(bert.colleagues.map(({ agent }) => agent)).not.toContain(annaId);
  expect(bert.destinations.map(({ queue }) => queue)).toEqual([theirs]);
});

test("a call rings in the company whose trunk and whose number it is", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }], others: [OTHER] });
  expect(await answerTo(daemon, OTHER_TRUNK, OTHER_NUMBER)).toBe(200);
  expect(await answerTo(daemon, OTHER_TRUNK, NUMBER)).toBe(404);
  expect(await answerTo(daemon, TRUNK, OTHER_NUMBER)).toBe(404);
  expect(await answerTo(daemon, TRUNK, NUMBER)).toBe(200);
});

/** The final answer to an INVITE from an address. */
async function answerTo(daemon: Daemon, from: string, number: string): Promise<number> {
  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  const statuses: number[] = [];
  socket.on("message", (message) => void statuses.push(Number(String(message).split(" ")[1])));
  socket.bind(0, from);
  await once(socket, "listening");
  const here = `${from}:${socket.address().port}`;
  const sdp = `v=0\r\no=- 1 1 IN IP4 ${from}\r\ns=-\r\nc=IN IP4 ${from}\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n`;
  const head = [
    `INVITE sip:${number}@127.0.0.1:${daemon.sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${here};branch=z9hG4bK-${number}-${socket.address().port}`,
    "Max-Forwards: 70",
    `From: <sip:4917012345@${from}>;tag=${socket.address().port}`,
    `To: <sip:${number}@127.0.0.1>`,
    `Call-ID: ${number}-${socket.address().port}`,
    "CSeq: 1 INVITE",
    `Contact: <sip:4917012345@${here}>`,
    "Content-Type: application/sdp",
    `Content-Length: ${sdp.length}`,
  ];
  socket.send(`${head.join("\r\n")}\r\n\r\n${sdp}`, daemon.sipPort, "127.0.0.1");
  return until("a final answer", () => statuses.find((status) => status >= 200));
}

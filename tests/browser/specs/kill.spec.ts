// `kill -9` again and again while everybody writes: no acknowledged message is lost, doubled or reordered,
// and the daemon is soon back.

import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { Agent, chatRef } from "../support/agent";
import { Daemon } from "../support/daemon";
import { audit, type Entry } from "../support/ledger";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

const KILLS = 20;
const VISITORS = 10;
const AGENTS = ["anna", "ben", "cleo"];
const RUN_MS = 600;
const SAY_EVERY_MS = 100;
/** What everybody writes at once just before a kill, so that it hits messages on their way. */
const BURST = 5;
const KILL_AFTER_MS_MAX = 6;

interface Writer {
  readonly name: string;
  readonly chat: number;
  readonly line: Visitor | Agent;
  readonly say: (text: string) => Promise<unknown>;
}

interface Written extends Entry {
  readonly chat: number;
}

test(`${KILLS} times kill -9 under load: what was acknowledged is there, once and in order`, { timeout: 180_000 }, async () => {
  const daemon = await Daemon.start({
    people: AGENTS.map((name) => ({ name, chatsMax: 4 })),
    settings: { LIMITS__NEW_CHATS_PER_SOURCE_PER_MINUTE: "1000",
      LIMITS__MESSAGES_PER_CHAT_PER_SECOND: "1000",
      LIMITS__MESSAGES_PER_SOURCE_PER_SECOND: "1000",
      LIMITS__MESSAGES_PER_COMPANY_PER_SECOND: "1000",
      LOG__FILTER: "info" },
  });
  const agents = await Promise.all(AGENTS.map((name) => Agent.atWork(daemon, name)));
  const chats: { chat: number; visitor: Visitor; agent: Agent }[] = [];
  for (let number = 0; number < VISITORS; number += 1) {
    const visitor = await Visitor.come(daemon);
    const agent = agents[number % agents.length] ?? expect.fail("no agents");
    const chat = await until("the chat waits", () => agent.waiting[0]);
    await agent.do({ do: "pick", item: chatRef(chat) });
    await until("the agent has it", () => agent.chats.has(chat));
    await until("nobody waits", () => agents.every(({ waiting }) => waiting.length === 0));
    chats.push({ chat, visitor, agent });
  }

  // Only an agent's active chat can be written to: the first of each; visitors write in all of them.
  const writers: Writer[] = [
    ...chats.map(({ chat, visitor }, at) => {
      const say = (text: string): Promise<unknown> => visitor.ask({ do: "say", text });
      return { name: `visitor ${at}`, chat, line: visitor, say };
    }),
    ...agents.map((agent, at) => {
      const chat = chats[at]?.chat ?? expect.fail("no chat");
      const say = (text: string): Promise<unknown> => agent.ask({ do: "say", chat, text });
      return { name: AGENTS[at] ?? "", chat, line: agent, say };
    }),
  ];
  const book: Written[] = [];
  const counts = new Map<Writer, number>();
  const write = async (writer: Writer): Promise<void> => {
    const number = (counts.get(writer) ?? 0) + 1;
    counts.set(writer, number);
    const text = `${writer.name}: ${number}`;
    const problem = await writer.say(text);
    book.push({ sender: writer.name, chat: writer.chat, text, acknowledged: problem === null });
  };
  const over = new AbortController();
  const loads = writers.map(async (writer) => {
    const answers: Promise<void>[] = [];
    while (!over.signal.aborted) {
      answers.push(write(writer));
      await pause(SAY_EVERY_MS);
    }
    await Promise.all(answers);
  });

  const [ready, bursts, hit]: [number[], Promise<void>[], number[]] = [[], [], []];
  const lines = [...agents, ...chats.map(({ visitor }) => visitor)];
  for (let kill = 0; kill < KILLS; kill += 1) {
    await pause(RUN_MS * (0.5 + Math.random()));
    for (const writer of writers) for (let time = 0; time < BURST; time += 1) bursts.push(write(writer));
    await pause(KILL_AFTER_MS_MAX * Math.random());
    await daemon.kill();
    hit.push(lines.reduce((sum, line) => sum + line.unanswered, 0));
    ready.push(await daemon.restart());
    await Promise.all(lines.map((line) => line.live()));
  }
  over.abort();
  await Promise.all([...loads, ...bursts]);

  const sorted = ready.toSorted((a, b) => a - b);
  const [median, max] = [sorted[KILLS / 2] ?? Infinity, sorted.at(-1) ?? Infinity];
  console.warn(`ready again after ${median.toFixed(0)} ms (median), ${max.toFixed(0)} ms (longest); ${book.length} messages, on their way at each kill: ${hit.join(" ")}`);
  expect(book.filter(({ acknowledged }) => !acknowledged)).toEqual([]);
  expect(book.length).toBeGreaterThan(KILLS * BURST * writers.length);
  // Otherwise the kills came when all was quiet, and proved nothing.
  expect(hit.filter((count) => count > 0).length).toBeGreaterThan(KILLS / 5);
  for (const { chat, visitor, agent } of chats) {
    const fresh = await Visitor.come(daemon, visitor.session);
    const last = [...fresh.messages.values()];
    const stored = await agent.transcript(chat, last.at(-1)?.number ?? 0);
    expect(stored.slice(-last.length)).toEqual(last);
    expect(audit(inOrder(book, chat), stored)).toEqual([]);
    expect([...visitor.messages.values()].toSorted((a, b) => a.number - b.number)).toEqual(stored);
    fresh.close();
  }
});

/** What was written in one chat, in each sender's order. */
function inOrder(book: readonly Written[], chat: number): Written[] {
  const number = ({ text }: Written): number => Number(text.split(": ")[1]);
  return book.filter((entry) => entry.chat === chat).toSorted((a, b) => number(a) - number(b));
}

// How most stories begin: an agent with a desk phone, in a chat.

import { Agent } from "./agent";
import { Daemon, type Setup } from "./daemon";
import { udpPort } from "./ports";
import { uri } from "./sipp";
import { Visitor } from "./visitor";

export interface Chatting {
  readonly daemon: Daemon;
  readonly phonePort: number;
  readonly anna: Agent;
  readonly visitor: Visitor;
  readonly chat: number;
}

/** Anna chats with a visitor; her phone is expected at `phonePort`. `more` is what else the company has. */
export async function annaIsChatting(more: Partial<Setup> = {}): Promise<Chatting> {
  const phonePort = await udpPort();
  const anna = { name: "anna", displayName: "Anna Berger", phone: uri("anna", phonePort) };
  const daemon = await Daemon.start({ ...more, people: [anna, ...(more.people ?? [])] });
  return { daemon, phonePort, ...(await chatWith(daemon, "anna")) };
}

/** A person begins to work and picks the chat of a visitor who has just come. */
export async function chatWith(daemon: Daemon, name: string): Promise<{ anna: Agent; visitor: Visitor; chat: number }> {
  const anna = await Agent.atWork(daemon, name);
  const visitor = await Visitor.come(daemon);
  const chat = await anna.pick();
  await visitor.is("active");
  return { anna, visitor, chat };
}

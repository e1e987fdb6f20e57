// Which of what waits is shown, in which order, and who is there for it. Pure.

import type { Channel, ColleagueView, QueueView, WaitingItem } from "../../web-shared/src/protocol/agent";
import type { State } from "./state";

/** What an agent wants to see of the queues. */
export interface Look {
  /** `null`: all. */
  readonly queue: number | null;
  readonly channel: Channel | null;
  readonly order: "queue" | "wait";
}

export const ALL: Look = { queue: null, channel: null, order: "queue" };

export interface Waits {
  readonly item: WaitingItem;
  readonly queue: QueueView;
}

/** The queues that are shown: one that is gone narrows nothing. */
export function shownQueues(queues: readonly QueueView[], look: Look): readonly QueueView[] {
  const own = queues.filter(({ queue }) => queue === look.queue);
  return own.length === 0 ? queues : own;
}

/** What waits in them, queue by queue or all together, the longest wait first. */
export function shownWaiting(queues: readonly QueueView[], look: Look): Waits[] {
  const all = shownQueues(queues, look).flatMap((queue) => queue.waiting.map((item) => ({ item, queue })));
  const found = look.channel === null ? all : all.filter(({ item }) => item.channel === look.channel);
  return look.order === "queue" ? found : found.toSorted((a, b) => a.item.arrived_at - b.item.arrived_at);
}

/** Whether somebody can be asked for anything. */
function works({ does }: ColleagueView): boolean {
  return does !== "out" && does !== "away";
}

/** How many serve a queue now, oneself among them, and how many of them have nothing active. */
export function staffOf({ colleagues, agent }: State, queue: number): { here: number; free: number } {
  const there = colleagues.filter((one) => works(one) && one.queues.includes(queue));
  const mine = agent.presence.presence === "available" ? 1 : 0;
  const idle = mine === 1 && agent.active === null && agent.ringing === null ? 1 : 0;
  return { here: there.length + mine, free: there.filter(({ does }) => does === "nothing").length + idle };
}

/** As it was kept in this browser. */
export function readLook(text: string | null): Look {
  try {
    return { ...ALL, ...(JSON.parse(text ?? "{}") as Partial<Look>) };
  } catch {
    return ALL;
  }
}

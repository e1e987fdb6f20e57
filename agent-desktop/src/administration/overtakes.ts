// What head starts come to: which channel goes first to a free agent, and after how long of waiting that turns round.
// The same sum as the daemon's: whoever has waited longer, head start included, goes first; strict ones before all others.

export const CHANNELS = ["call", "callback", "chat", "email", "work_item"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Seconds; `null`: strictly first. */
export type HeadStarts = Readonly<Record<Channel, number | null>>;

/** What holds where a queue says nothing. */
export const USUAL: HeadStarts = { call: null, callback: null, chat: 90_000, email: 3_600, work_item: 0 };

export interface Overtaking {
  /** What goes first if both arrive at once. */
  readonly first: Channel;
  readonly second: Channel;
  /** By how many seconds longer `second` must have waited to go before `first`; `null`: never; 0: whoever came first. */
  readonly after_s: number | null;
}

/** Each channel against the one before it, the most urgent first; those that are alike stand in their usual order. */
export function overtakings(starts: HeadStarts): Overtaking[] {
  const order = CHANNELS.toSorted((a, b) => Math.sign(weight(starts[b]) - weight(starts[a])) || 0);
  return order.slice(1).map((second, at) => overtaking(starts, order[at] ?? "call", second));
}

/** When a chat goes before a call; the other way round if that is what happens. */
export function overtaking(starts: HeadStarts, one: Channel, other: Channel): Overtaking {
  const [first, second] = weight(starts[other]) > weight(starts[one]) ? [other, one] : [one, other];
  const [ahead, behind] = [starts[first], starts[second]];
  if (ahead === null) return { first, second, after_s: behind === null ? 0 : null };
  return { first, second, after_s: ahead - (behind ?? 0) };
}

/** Finite, so that two that are strict can be compared. */
function weight(start: number | null): number {
  return start ?? Number.MAX_SAFE_INTEGER;
}

// The book of all messages: what the daemon acknowledged, against what it gives back.

import type { Message } from "../../../web-shared/src/protocol/visitor";

/** A message as its sender knows it: `text` occurs nowhere else. */
export interface Entry {
  readonly sender: string;
  readonly text: string;
  readonly acknowledged: boolean;
}

/** Everything that is wrong with a chat, given what was written to it in each sender's order. */
export function audit(written: readonly Entry[], stored: readonly Message[]): string[] {
  const findings: string[] = [];
  stored.forEach((message, at) => {
    if (message.number !== at + 1) findings.push(`at place ${at + 1} stands number ${message.number}`);
  });
  const places = new Map<string, number[]>();
  stored.forEach(({ text }, at) => places.set(text, [...(places.get(text) ?? []), at]));
  const known = new Set(written.map((entry) => entry.text));
  for (const { text } of stored) if (!known.has(text)) findings.push(`nobody wrote "${text}"`);
  const latest = new Map<string, number>();
  for (const { sender, text, acknowledged } of written) {
    const at = places.get(text) ?? [];
    if (at.length === 0 && acknowledged) findings.push(`lost: "${text}"`);
    if (at.length > 1) findings.push(`${at.length} times: "${text}"`);
    const [first] = at;
    if (first === undefined) continue;
    if (first < (latest.get(sender) ?? -1)) findings.push(`before an earlier one of ${sender}: "${text}"`);
    latest.set(sender, first);
  }
  return findings;
}

// What a company needs before its first call and its first chat, and what of it is there.

import type { LicenceView, PhoneView } from "../../../web-shared/src/protocol/rest";
import type { Thing } from "./api";

export const STEPS = ["queue", "phone", "line", "chat", "licence", "trial"] as const;
export type Step = (typeof STEPS)[number];

export interface Standing {
  readonly licence: Pick<LicenceView, "lets_chats_begin"> | null;
  readonly queues: readonly Thing[];
  /** Whoever sits here. */
  readonly me: Thing | null;
  readonly phone: Pick<PhoneView, "kind" | "reachable"> | null;
  readonly trunks: readonly Thing[];
  readonly numbers: readonly Thing[];
  readonly services: readonly Thing[];
  /** Whether somebody was answered, by what they came. */
  readonly answered: { readonly call: boolean; readonly chat: boolean };
}

export function isDone(step: Step, { licence, queues, phone, trunks, numbers, services, answered }: Standing): boolean {
  switch (step) {
    case "queue":
      return queues.length > 0;
    case "phone":
      return phone?.kind === "fixed" || phone?.reachable === true;
    case "line":
      return trunks.length > 0 && numbers.length > 0;
    case "chat":
      return services.length > 0;
    case "licence":
      return licence?.lets_chats_begin === true;
    case "trial":
      return answered.call && answered.chat;
  }
}

/** What comes next; `null` if nothing does. */
export function next(standing: Standing, after: Step | null = null): Step | null {
  const rest = after === null ? STEPS : STEPS.slice(STEPS.indexOf(after) + 1);
  return rest.find((step) => !isDone(step, standing)) ?? null;
}

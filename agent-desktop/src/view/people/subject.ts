// Whom the contact panel is about: whoever calls, else the customer of what is looked at.
// While somebody writes in the panel it stays where it is: nothing that comes takes a form away from under the hands.

import { useState } from "react";
import { useFloor } from "../../hooks";
import { pointsIn, saidBefore, visitorsWords } from "../../contacts";
import { callRef, chatRef, itemKey, said, taskRef } from "../../items";
import type { ContactRef, ItemRef } from "../../../../web-shared/src/protocol/agent";
import type { PointView } from "../../../../web-shared/src/protocol/contacts";
import type { State } from "../../state";
import { callName, chatName, taskName } from "../names";
import type { Shown } from "../shown";

export interface Subject {
  readonly item: ItemRef;
  /** How the item is called. */
  readonly name: string;
  /** How records call it. */
  readonly record: string;
  readonly contact: ContactRef | null;
  /** The name that the customer has given; may be empty. */
  readonly said: string;
  /** By what the customer has said, or shown, that they are reached. */
  readonly points: readonly PointView[];
}

/** The second: what it would be about if nobody wrote in it. */
export function useSubject(shown: Shown): { subject: Subject | null; waits: Subject | null; follow(): void } {
  const state = useFloor();
  const wanted = ringing(state) ?? looked(state, shown);
  const [kept, setKept] = useState<ItemRef | null>(null);
  const is = wanted === null ? "" : itemKey(wanted.item);
  const [last, setLast] = useState({ key: is, item: wanted?.item ?? null });
  if (last.key !== is) {
    setLast({ key: is, item: wanted?.item ?? null });
    if (kept === null && last.item !== null && writesIn(document.activeElement)) setKept(last.item);
  }
  const stays = kept === null ? null : subjectOf(state, kept);
  const waits = stays !== null && wanted !== null && itemKey(wanted.item) !== itemKey(stays.item) ? wanted : null;
  return { subject: stays ?? wanted, waits, follow: () => setKept(null) };
}

function writesIn(at: Element | null): boolean {
  const writes = at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement;
  return writes && at.closest("[data-testid=contact-panel]") !== null;
}

function ringing({ agent }: State): Subject | null {
  return agent.ringing === null ? null : ofCall(agent.ringing.offer.call, agent.ringing.caller, agent.ringing.contact);
}

function looked(state: State, shown: Shown): Subject | null {
  const { active } = state.agent;
  const item = shown.item ?? (active?.kind === "call" ? callRef(active.call) : active?.kind === "call_wrap_up" ? callRef(active.wrap_up.call) : null);
  return item === null ? null : subjectOf(state, item);
}

function subjectOf(state: State, item: ItemRef): Subject | null {
  switch (item.kind) {
    case "chat": {
      const chat = state.chats.get(item.id);
      if (chat === undefined) return null;
      const before = saidBefore(chat.details);
      const written = pointsIn(visitorsWords(state.messages.get(item.id)));
      const points = [...before.points, ...written.filter(({ value }) => before.points.every((one) => one.value !== value))];
      const { contact } = chat;
      return { item: chatRef(item.id), name: chatName(item.id), record: `chat ${said(item.id)}`, contact, said: before.name, points };
    }
    case "task": {
      const task = state.tasks.get(item.id);
      if (task === undefined) return null;
      const { contact, text } = task;
      return { item: taskRef(item.id), name: taskName(task), record: `task ${said(item.id)}`, contact, said: "", points: pointsIn([text]) };
    }
    case "call": {
      const { active, ringing: rings, call_wrap_ups } = state.agent;
      if (rings?.offer.call === item.id) return ofCall(item.id, rings.caller, rings.contact);
      if (active?.kind === "call" && active.call === item.id) return ofCall(item.id, active.caller, active.contact);
      const wrapUp = [...(active?.kind === "call_wrap_up" ? [active.wrap_up] : []), ...call_wrap_ups].find(({ call }) => call === item.id);
      return wrapUp === undefined ? null : ofCall(item.id, wrapUp.caller, wrapUp.contact);
    }
  }
}

function ofCall(call: number, caller: string, contact: ContactRef | null): Subject {
  const points: PointView[] = caller === "" ? [] : [{ kind: "telephone", value: caller }];
  return { item: callRef(call), name: callName(call), record: `call ${said(call)}`, contact, said: "", points };
}

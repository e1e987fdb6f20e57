// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import type { Connection, Line } from "../src/connection";
import { begin, reduce, type State } from "../src/state";
import { draw, h } from "../src/view/dom";
import { start } from "../src/wait";
import type { PlaceView } from "../../web-shared/src/protocol/visitor";

const place = document.createElement("div");
const chat = { company: "Alpenrad", telephone: null, state: { state: "waiting", staffed: true }, idle: false, read_up_to: 0, file_bytes_max: 0, file_kinds: [] as string[] } as const;

function said(lang: string, where: PlaceView, state: State = { ...begin("page"), chat }): string {
  place.lang = lang;
  const now = reduce(state, { type: "frame", seq: 1, frame: { kind: "place", place: where } });
  draw(place, [start(h, place).below(now)]);
  return place.textContent ?? "";
}

it("says the place, and how long it takes as far as that is known", () => {
  expect(said("en", { number: 3, wait: null })).toBe("You are number 3 in the queue.");
  expect(said("en", { number: 3, wait: { from: 2, to: 5 } })).toBe("You are number 3 in the queue. It will probably take 2–5 minutes.");
  expect(said("de", { number: 1, wait: { from: 0, to: 2 } })).toBe("Sie sind an 1. Stelle. Voraussichtlich dauert es weniger als 2 Minuten.");
  expect(said("de", { number: 9, wait: { from: 60, to: null } })).toBe("Sie sind an 9. Stelle. Voraussichtlich dauert es mehr als 60 Minuten.");
  const taken = { ...begin("page"), chat: { ...chat, state: { state: "active", agent: "Anna", since: 0 } as const } };
  expect(said("en", { number: 1, wait: null }, taken)).toBe("");
});

it("asks for it while it is seen, on each connection anew", () => {
  const tell = vi.fn<(request: object) => void>();
  const connection = { tell, line: { is: "online" } as Line };
  const wait = start(h, place);
  const drawn = (seen: boolean): void => wait.drawn(connection as unknown as Connection, seen);
  for (const seen of [false, true, true, false, false, true]) drawn(seen);
  connection.line = { is: "connecting" };
  drawn(true);
  connection.line = { is: "online" };
  for (const seen of [true, true, false]) drawn(seen);
  expect(tell.mock.calls.map(([request]) => request)).toEqual([true, false, true, true, false].map((on) => ({ type: "looks", on })));
});

// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { act } from "../src/api";
import type { Mount } from "../src/mount";

let place: Mount;
let warned: string[];
const told = vi.fn<() => void>();

beforeEach(() => {
  warned = [];
  told.mockClear();
  vi.spyOn(console, "warn").mockImplementation((text: string) => void warned.push(text));
  place = { identify: told } as unknown as Mount;
});

it("who the visitor is are texts by keys that are known; what else is said changes nothing and is told the developer", () => {
  act(place, ["identify", { id: "4711", name: "Kim Kern", email: undefined, telephone: null }]);
  expect([place.identity, told.mock.calls.length, warned]).toEqual([{ id: "4711", name: "Kim Kern" }, 1, []]);
  for (const who of [undefined, null, {}, "4711", { id: 4711 }, { id: "4711", password: "secret" }]) act(place, ["identify", who]);
  expect([place.identity, told.mock.calls.length]).toEqual([{ id: "4711", name: "Kim Kern" }, 1]);
  expect(warned.length).toBe(6);
  expect(warned[0]).toContain("id, name, email, telephone, hmac");
});

it("is kept before the window is there", () => {
  delete place.identify;
  act(place, ["identify", { id: "4711" }]);
  expect(place.identity).toEqual({ id: "4711" });
});

it("what is no command is told the developer", () => {
  act(place, ["nonsense"]);
  expect(warned[0]).toContain("expected open, close, identify");
});

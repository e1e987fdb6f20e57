// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Memory } from "../src/storage";

/** Locks of the browser: held for as long as a page lives, here until the test lets go. */
const held = new Set<string>();

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  held.clear();
  vi.stubGlobal("navigator", {
    locks: {
      request: async (name: string, _options: unknown, granted: () => void) => {
        if (held.has(name)) throw new DOMException("the signal was aborted", "AbortError");
        held.add(name);
        granted();
      },
    },
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("a reload loses nothing", async () => {
  const before = new Memory("token");
  const tab = await before.join();
  tab.next = 3;
  tab.pending = [{ id: 2, command: { do: "say", text: "on its way" } }];
  tab.draft = "half a";
  before.save();
  held.clear();
  expect(await new Memory("token").join()).toEqual(tab);
});

it("another tab takes part in the same chat under its own name", async () => {
  const one = await new Memory("token").join();
  sessionStorage.clear();
  const other = await new Memory("token").join();
  expect(other.session).toBe(one.session);
  expect(other.client).not.toBe(one.client);
});

it("a duplicated tab does not number its commands as the original", async () => {
  const one = await new Memory("token").join();
  // The duplicate has a copy of the session storage while the original still lives.
  const other = await new Memory("token").join();
  expect(other.session).toBe(one.session);
  expect(other).toMatchObject({ next: 1, pending: [] });
  expect(other.client).not.toBe(one.client);
});

it("after the end the next chat is another one", async () => {
  const memory = new Memory("token");
  const one = await memory.join();
  memory.forget();
  expect(localStorage).toHaveLength(0);
  expect((await memory.join()).session).not.toBe(one.session);
});

it("the end of a chat does not forget one that another tab has begun since", async () => {
  const memory = new Memory("token");
  await memory.join();
  localStorage.setItem("vorrang:token", "s".repeat(48));
  memory.forget();
  expect((await memory.join()).session).toBe("s".repeat(48));
});

it("where storage is blocked a chat lasts as long as the page", async () => {
  const blocked = (): never => {
    throw new DOMException("denied", "SecurityError");
  };
  vi.stubGlobal("localStorage", { getItem: blocked, setItem: blocked, removeItem: blocked });
  vi.stubGlobal("sessionStorage", { getItem: blocked, setItem: blocked, removeItem: blocked });
  const memory = new Memory("token");
  const tab = await memory.join();
  expect(await memory.join()).toBe(tab);
  memory.forget();
  expect((await memory.join()).session).not.toBe(tab.session);
});

it.each(["", "null", "[]", '{"session":"x"}', '{"client":1}'])("a spoilt record %s is not used", async (spoilt) => {
  const { session } = await new Memory("token").join();
  sessionStorage.setItem("vorrang:token", spoilt);
  expect(await new Memory("token").join()).toMatchObject({ session, next: 1, pending: [] });
});

it("session and client are as long as the protocol wants them", async () => {
  const tab = await new Memory("token").join();
  expect(tab.session).toMatch(/^[0-9a-zA-Z_-]{32,64}$/);
  expect(tab.client).toMatch(/^[0-9a-zA-Z_-]{8,64}$/);
});

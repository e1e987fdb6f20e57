// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Memory } from "../src/storage";

beforeEach(() => sessionStorage.clear());

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("a reload loses nothing, and has another name for what is said from now on", () => {
  const before = new Memory("token");
  const tab = before.join();
  tab.next = 3;
  tab.pending = [{ client: tab.client, id: 2, command: { do: "say", text: "on its way" } }];
  tab.draft = "half a";
  before.save();
  const after = new Memory("token").join();
  expect(after).toEqual({ ...tab, client: after.client, next: 1 });
  expect(after.client).not.toBe(tab.client);
});

it("nothing is stored before a chat is asked for, and nothing outside of the tab", () => {
  const memory = new Memory("token");
  expect(memory.kept()).toBeNull();
  expect(sessionStorage).toHaveLength(0);
  memory.join();
  expect(sessionStorage).toHaveLength(1);
  expect(localStorage).toHaveLength(0);
});

it("a tab that begins with a copy of another one's store never has its name", () => {
  const memory = new Memory("token");
  const one = memory.join();
  one.pending = [{ client: one.client, id: 1, command: { do: "say", text: "on its way" } }];
  memory.save();
  // The copy says again what was on its way, as the one who said it: it is the same, and done once.
  const other = new Memory("token").join();
  expect(other).toMatchObject({ session: one.session, next: 1, pending: one.pending });
  expect(other.client).not.toBe(one.client);
});

it("after the end the next chat is another one", () => {
  const memory = new Memory("token");
  const one = memory.join();
  memory.forget();
  expect(sessionStorage).toHaveLength(0);
  expect(memory.join().session).not.toBe(one.session);
});

it("where storage is blocked a chat lasts as long as the page", () => {
  const blocked = (): never => {
    throw new DOMException("denied", "SecurityError");
  };
  vi.stubGlobal("sessionStorage", { getItem: blocked, setItem: blocked, removeItem: blocked });
  const memory = new Memory("token");
  const tab = memory.join();
  tab.pending = [{ client: tab.client, id: 1, command: { do: "leave" } }];
  expect(memory.join()).toMatchObject({ session: tab.session, pending: tab.pending });
  memory.forget();
  expect(memory.join().session).not.toBe(tab.session);
});

it.each(["", "null", "[]", '{"session":"x"}', '{"pending":1}', '{"pending":[null,{"id":1}]}'])("a spoilt record %s is not used", (spoilt) => {
  sessionStorage.setItem("vorrang:token", spoilt);
  const tab = new Memory("token").join();
  expect(tab).toMatchObject({ next: 1, pending: [] });
  expect(tab.session).toHaveLength(48);
});

it("session and client are as long as the protocol wants them", () => {
  const tab = new Memory("token").join();
  expect(tab.session).toMatch(/^[0-9a-zA-Z_-]{32,64}$/);
  expect(tab.client).toMatch(/^[0-9a-zA-Z_-]{8,64}$/);
});

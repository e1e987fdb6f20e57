import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claim, Locks, Neighbours, type Channel, type Registry } from "./client";

const MEMORIES = new WeakMap<Storage, Map<string, string>>();

/** A tab's storage; that of a duplicated tab begins as a copy. */
function memory(copied?: Storage): Storage {
  const kept = new Map<string, string>(copied === undefined ? [] : MEMORIES.get(copied));
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  } as Partial<Storage> as Storage;
  MEMORIES.set(storage, kept);
  return storage;
}

interface Browser {
  page(): { pages: Registry; leave(): void };
}

/** Pages that agree by locks; one that goes away gives back what it holds. */
function locks(): Browser {
  const held = new Set<string>();
  return {
    page() {
      const own: string[] = [];
      const request = (name: string, options: LockOptions, then: (lock: Lock | null) => unknown): Promise<unknown> => {
        if (!held.has(name)) {
          held.add(name);
          own.push(name);
          return Promise.resolve(then({ name, mode: "exclusive" }));
        }
        if (options.ifAvailable === true) return Promise.resolve(then(null));
        return Promise.reject(new Error("nobody gave it back in time"));
      };
      return {
        pages: new Locks({ request } as Partial<LockManager> as LockManager),
        leave: () => {
          for (const name of own) held.delete(name);
        },
      };
    },
  };
}

/** Pages that ask each other. */
function neighbours(): Browser {
  const channels = new Set<Channel>();
  let count = 0;
  return {
    page() {
      const channel: Channel = {
        onmessage: null,
        postMessage: (data: unknown) => {
          for (const other of channels) {
            if (other !== channel) queueMicrotask(() => other.onmessage?.call(other as BroadcastChannel, new MessageEvent("message", { data })));
          }
        },
      };
      channels.add(channel);
      count += 1;
      return { pages: new Neighbours(channel, `page ${count}`), leave: () => channels.delete(channel) };
    },
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Time goes on until it is said. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(5_000);
  return promise;
}

const BROWSERS = [
  ["locks", locks],
  ["asking around", neighbours],
] as const;

test.each(BROWSERS)("by %s, a page that is loaded again keeps its client", async (_, browser) => {
  const { page } = browser();
  const storage = memory();
  const first = page();
  const id = await soon(claim("mara", storage, first.pages));
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  first.leave();
  expect(await soon(claim("mara", storage, page().pages))).toBe(id);
});

test.each(BROWSERS)("by %s, a duplicated tab is another client, and remains it", async (_, browser) => {
  const { page } = browser();
  const storage = memory();
  const first = await soon(claim("mara", storage, page().pages));
  const copy = memory(storage);
  const second = page();
  const other = await soon(claim("mara", copy, second.pages));
  expect(other).not.toBe(first);
  second.leave();
  expect(await soon(claim("mara", copy, page().pages))).toBe(other);
});

test.each(BROWSERS)("by %s, of two pages that begin at the same time each is a client of its own", async (_, browser) => {
  const { page } = browser();
  const storage = memory();
  const before = page();
  const id = await soon(claim("mara", storage, before.pages));
  before.leave();
  const copies = [memory(storage), memory(storage), memory(storage)];
  const all = await soon(Promise.all(copies.map((copy) => claim("mara", copy, page().pages))));
  expect(new Set(all).size).toBe(3);
  expect(all).toContain(id);
});

test.each(BROWSERS)("by %s, another person in the same tab is another client", async (_, browser) => {
  const { page } = browser();
  const storage = memory();
  const { pages } = page();
  expect(await soon(claim("mara", storage, pages))).not.toBe(await soon(claim("jonas", storage, pages)));
});

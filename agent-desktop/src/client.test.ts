import { expect, test } from "vitest";
import { claim } from "./client";

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  } as Partial<Storage> as Storage;
}

/** The locks of one browser; a page that goes away gives back what it holds. */
function browser(): { page(): { locks: LockManager; leave(): void } } {
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
        locks: { request } as Partial<LockManager> as LockManager,
        leave: () => {
          for (const name of own) held.delete(name);
        },
      };
    },
  };
}

test("a page that is loaded again keeps its client", async () => {
  const { page } = browser();
  const storage = memory();
  const first = page();
  const id = await claim("mara", storage, first.locks);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  first.leave();
  expect(await claim("mara", storage, page().locks)).toBe(id);
});

test("two pages with the same storage are two clients", async () => {
  const { page } = browser();
  const storage = memory();
  expect(await claim("mara", storage, page().locks)).not.toBe(await claim("mara", storage, page().locks));
});

test("another person in the same tab is another client", async () => {
  const storage = memory();
  expect(await claim("mara", storage, undefined)).not.toBe(await claim("jonas", storage, undefined));
});

test("without locks the tab keeps its client", async () => {
  const storage = memory();
  expect(await claim("mara", storage, undefined)).toBe(await claim("mara", storage, undefined));
});

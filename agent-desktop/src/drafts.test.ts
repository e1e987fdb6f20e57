import { beforeEach, expect, test } from "vitest";

const DAY_MS = 24 * 60 * 60 * 1000;

/** What a browser keeps, as far as it is needed. */
class Storage {
  getItem(name: string): string | null {
    return (this as unknown as Record<string, string>)[name] ?? null;
  }
  setItem(name: string, text: string): void {
    Object.assign(this, { [name]: text });
  }
  removeItem(name: string): void {
    delete (this as unknown as Record<string, string>)[name];
  }
}

const page = new EventTarget();
Object.assign(globalThis, {
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
});
const { drafts } = await import("./drafts");

beforeEach(() => {
  Object.assign(globalThis, { localStorage: new Storage() });
  drafts.begin("anna", Date.now());
});

test("each person has their own, and whoever signs out leaves nothing behind", () => {
  drafts.set(5, "Dear\nsir 1");
  drafts.begin("ben", Date.now());
  expect(drafts.get(5)).toBe("");
  drafts.set(5, "Hello");
  drafts.clear();
  drafts.begin("anna", Date.now());
  expect(drafts.get(5)).toBe("Dear\nsir 1");
});

test("what another tab writes is told, and what nobody came back to goes", () => {
  let told = 0;
  const away = drafts.subscribe(() => (told += 1));
  page.dispatchEvent(Object.assign(new Event("storage"), { key: "vorrang.draft.anna.5" }));
  page.dispatchEvent(Object.assign(new Event("storage"), { key: "something else" }));
  expect(told).toBe(1);
  away();
  drafts.set(5, "Hello");
  drafts.begin("anna", Date.now() + 2 * DAY_MS);
  expect(drafts.get(5)).toBe("Hello");
  drafts.begin("anna", Date.now() + 4 * DAY_MS);
  expect(drafts.get(5)).toBe("");
});

test("what was refused stands before what was written since", () => {
  drafts.set(5, "and more");
  drafts.giveBack(5, "first");
  expect(drafts.get(5)).toBe("first\nand more");
});

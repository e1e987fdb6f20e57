// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Extras, type Going, start } from "../src/extras";
import type { Mount } from "../src/mount";
import { begin } from "../src/state";
import { texts } from "../src/text";
import { draw, h } from "../src/view/dom";
import type { Message } from "../../web-shared/src/protocol/visitor";

/** Requests as they were begun; each is answered by hand. */
class Request {
  static all: Request[] = [];
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onloadend = (): void => {};
  status = 0;
  responseText = "";
  url = "";
  headers: Record<string, string> = {};
  open(_: string, url: string): void {
    this.url = url;
    Request.all.push(this);
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  send(): void {}
  abort(): void {
    this.answer(0);
  }
  answer(status: number, code?: string): void {
    this.status = status;
    this.responseText = code ? JSON.stringify({ code }) : "";
    this.onloadend();
  }
}

let going: Going & { state: ReturnType<typeof begin>; connection: { line: object; tell: ReturnType<typeof vi.fn> } };
let extras: Extras;
let place: HTMLElement;
let number = 0;

function open(): void {
  place = document.createElement("div");
  place.lang = "en";
  const root = document.createElement("div").attachShadow({ mode: "open" });
  const mount = { root, origin: "https://chat.example" } as unknown as Mount;
  extras = start(h, mount, place, () => going, () => texts.en, () => {}, show);
  show();
}

function show(): void {
  extras?.drawn(0);
  if (extras) draw(place, [extras.beside(false), going.state.messages.map((one) => extras.body(one)), extras.below()]);
}

function paste(...files: File[]): void {
  place.dispatchEvent(Object.assign(new Event("paste", { cancelable: true }), { clipboardData: { files } }));
}

function message(author: Message["author"], text: string, file: Message["file"] = null, command = 0): Message {
  number += 1;
  return { number, author, text, file, at: 0, client: "tab-one", command };
}

const state = { state: "active", agent: "Anna", since: 0 } as const;
const photo = (name = "photo.png", content = "x"): File => new File([content], name);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("XMLHttpRequest", Request);
  sessionStorage.clear();
  Request.all = [];
  number = 0;
  document.title = "Shop";
  const chat = { company: "Alpenrad", telephone: null, state, idle: false, read_up_to: 0, file_bytes_max: 1_000, file_kinds: ["png", "pdf"] };
  going = {
    state: { ...begin("tab-one"), chat },
    tab: { session: "s3cret", client: "tab-one", next: 5, pending: [], read: 0 },
    connection: { line: { is: "online" }, tell: vi.fn() },
  } as never;
  open();
});

describe("a file", () => {
  it("goes under a number of its own, again after a cut, until it is answered, and then is a message", () => {
    paste(photo("a & b\u202E.png"));
    const { url, headers } = Request.all[0] ?? new Request();
    expect(headers["Authorization"]).toBe("Bearer s3cret");
    const query = Object.fromEntries(new URL(url).searchParams);
    expect(query).toEqual({ client: "tab-one", command: "5", name: "a & b\u202E.png" });
    Request.all[0]?.answer(0);
    vi.advanceTimersByTime(20_000);
    Request.all[1]?.answer(503, "unavailable");
    vi.advanceTimersByTime(20_000);
    expect(Request.all.map((one) => one.url)).toEqual([url, url, url]);
    Request.all[2]?.answer(204);
    vi.advanceTimersByTime(60_000);
    expect(Request.all).toHaveLength(3);
    expect(place.querySelectorAll("[data-testid=sending]")).toHaveLength(1);
    going.state = { ...going.state, messages: [message("visitor", "a", { file: 3, kind: "png", size: 1 }, 5)] };
    show();
    expect(place.querySelectorAll("[data-testid=sending]")).toHaveLength(0);
    expect(going.tab.next).toBe(6);
  });

  it.each([
    [photo("a.png", "x".repeat(1_001)), "too large: 1 kB at most"],
    [photo("a.png", ""), "is empty"],
  ])("that cannot be taken is not even sent", (file, words) => {
    paste(file);
    expect(Request.all).toEqual([]);
    expect(place.textContent).toContain(words);
  });

  it("that is refused says why, and can be tried again or put away", () => {
    paste(photo());
    Request.all[0]?.answer(415, "file_kind");
    expect(place.textContent).toContain("Not sent. Files of this kind are not accepted, only png, pdf.");
    place.querySelector<HTMLElement>("[data-testid=file-retry]")?.click();
    expect(Request.all).toHaveLength(2);
    Request.all[1]?.answer(409, "chat_over");
    expect(place.textContent).toContain("The chat was already over.");
    place.querySelector<HTMLElement>("[data-testid=file-cancel]")?.click();
    expect(place.querySelectorAll("[data-testid=sending]")).toHaveLength(0);
  });

  it("that a reload took away is named on the next page, until that is seen", () => {
    paste(photo("lost.png"));
    open();
    expect(place.textContent).toContain("lost.png");
    expect(place.textContent).toContain("choose it once more");
    place.querySelector<HTMLElement>("[data-testid=file-cancel]")?.click();
    open();
    expect(place.textContent).not.toContain("lost.png");
  });

  it("cannot be sent where none are taken", () => {
    going.state = { ...going.state, chat: { ...going.state.chat, file_bytes_max: 0 } as never };
    show();
    expect(place.querySelector("[data-testid=attach]")).toBeNull();
    paste(photo());
    expect(Request.all).toEqual([]);
    expect(place.textContent).toContain("Files cannot be sent here.");
  });
});

describe("what was read", () => {
  it("is told once on each connection, and when there is more", () => {
    const { connection, tab } = going;
    Object.assign(tab, { read: 2 });
    show();
    show();
    expect(connection.tell.mock.calls).toEqual([[{ type: "read", number: 2 }]]);
    connection.line = { is: "down" };
    show();
    connection.line = { is: "online" };
    show();
    Object.assign(tab, { read: 3 });
    show();
    expect(connection.tell.mock.calls.slice(1)).toEqual([[{ type: "read", number: 2 }], [{ type: "read", number: 3 }]]);
  });

  it("by the agent is shown below the visitor's last message", () => {
    going.state = { ...going.state, messages: [message("visitor", "Hello")] };
    show();
    expect(place.querySelector("[data-testid=read]")).toBeNull();
    going.state = { ...going.state, chat: { ...going.state.chat, read_up_to: 1 } as never };
    show();
    expect(place.querySelector("[data-testid=read]")?.textContent).toBe("Read");
    going.state = { ...going.state, messages: [...going.state.messages, message("agent", "Hello")] };
    show();
    expect(place.querySelector("[data-testid=read]")).toBeNull();
  });
});

it("the page's title counts what is unread, and is the page's own again afterwards", () => {
  extras.drawn(2);
  expect(document.title).toBe("(2) Shop");
  extras.drawn(3);
  expect(document.title).toBe("(3) Shop");
  // The page goes on by itself.
  document.title = "Cart";
  extras.drawn(3);
  expect(document.title).toBe("(3) Cart");
  extras.drawn(0);
  expect(document.title).toBe("Cart");
});

it("addresses are links, with the host where it is written in other letters", () => {
  going.state = { ...going.state, messages: [message("agent", "https://аррӏе.example, javascript:alert(1)")] };
  show();
  const links = [...place.querySelectorAll("a")];
  expect(links.map((link) => [link.getAttribute("href"), link.rel])).toEqual([
    ["https://xn--80ak6aa92e.example/", "noopener noreferrer nofollow"],
  ]);
  expect(place.textContent).toContain("https://аррӏе.example [xn--80ak6aa92e.example], javascript:alert(1)");
});

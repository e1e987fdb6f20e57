import { beforeEach, expect, test, vi } from "vitest";
import { Uploads } from "./uploads";

/** What goes to the daemon; it answers when the test says so. */
class Request {
  static all: Request[] = [];
  status = 0;
  responseText = "";
  onloadend: (() => void) | null = null;
  upload: { onprogress: ((of: { loaded: number }) => void) | null } = { onprogress: null };
  aborted = false;
  open(): void {}
  send(): void {
    Request.all.push(this);
  }
  abort(): void {
    this.aborted = true;
  }
  answer(status: number, code = ""): void {
    Object.assign(this, { status, responseText: JSON.stringify({ code }) });
    this.onloadend?.();
  }
}

beforeEach(() => {
  Request.all = [];
  vi.stubGlobal("XMLHttpRequest", Request);
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
});

function sent(): Uploads {
  const uploads = new Uploads();
  uploads.send({ chat: 1, file_bytes_max: 100, file_kinds: [] }, "me", 7, new File(["12345678"], "a.txt"));
  return uploads;
}

test("a file says from its first moment on how far it is, and can be taken back", () => {
  const uploads = sent();
  const [one] = uploads.all.get();
  expect(one).toMatchObject({ name: "a.txt", progress: 0, problem: null });
  Request.all[0]?.upload.onprogress?.({ loaded: 4 });
  expect(uploads.all.get()).toMatchObject([{ progress: 0.5 }]);
  if (one !== undefined) uploads.cancel(one);
  expect(Request.all[0]?.aborted).toBe(true);
  expect(uploads.all.get()).toEqual([]);
});

test("a file that is refused says why, and can be tried again", () => {
  const uploads = sent();
  Request.all[0]?.answer(415, "file_type");
  const [one] = uploads.all.get();
  expect(one).toMatchObject({ problem: "file_type" });
  expect(one !== undefined && uploads.mayRetry(one)).toBe(true);
  if (one !== undefined) uploads.retry(one);
  expect(Request.all.length).toBe(2);
  expect(uploads.all.get()).toMatchObject([{ problem: null }]);
});

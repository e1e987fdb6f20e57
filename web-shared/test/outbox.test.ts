import { expect, test } from "vitest";
import { add, type Outbox, written } from "../src/outbox";

test("commands are numbered under the client's name, the oldest first", () => {
  const before = { client: "the page before", id: 7, command: "left" };
  const outbox: Outbox<string> = { client: "this page", next: 1, pending: [before] };
  add(outbox, "one");
  expect(add(outbox, "two")).toEqual({ client: "this page", id: 2, command: "two" });
  expect(outbox.pending.map(({ client, id }) => `${client} ${id}`)).toEqual(["the page before 7", "this page 1", "this page 2"]);
});

test("half an emoji is written as the sign for what cannot be read, a whole one as it is", () => {
  expect(written({ text: "\ud83d a \u{1f600} \ude00", number: 1 })).toBe('{"text":"\ufffd a \u{1f600} \ufffd","number":1}');
});

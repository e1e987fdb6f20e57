import { expect, test } from "vitest";
import { choicesFor, heardOf, NOTHING, SHOWN_MAX } from "./contactImport";

test("what is told of an import adds up, and a table full of faults does not fill the page", () => {
  const columns = [{ header: "Name", holds: "name", example: "Anna" }];
  let report = heardOf(NOTHING, { kind: "read", columns, lines: 300 });
  for (let line = 2; line < 302; line += 1) report = heardOf(report, { kind: "refused", line, card: null, message: "no", message_de: "nein" });
  report = heardOf(report, { kind: "progress", done: 100 });
  expect(report).toMatchObject({ columns, lines: 300, done: 100, end: null });
  expect(report.refused).toHaveLength(SHOWN_MAX);
  expect(report.refused[0]?.line).toBe(2);
  const done = { kind: "done" as const, made: 0, changed: 0, same: 0, refused: 300 };
  expect(heardOf(report, done)).toMatchObject({ done: 300, end: { refused: 300 } });
  expect(heardOf(report, { kind: "failed", code: "unavailable", message: "no" })).toMatchObject({ done: 100, end: { failed: "unavailable" } });
});

test("a column can be said to hold what it was guessed to hold, what its header says, or nothing that is wanted", () => {
  const choices = choicesFor({ header: "Kunden-Nr.", holds: "field:Kunden-Nr.", example: "" }, ["Rang"]);
  expect(choices).toEqual([
    "name", "organisation", "telephone", "email", "language", "notes", "field:Rang", "field:Kunden-Nr.", "other:kunden-nr.", "ignored",
  ]);
  expect(choicesFor({ header: "", holds: "ignored", example: "" }, [])).toEqual([
    "name", "organisation", "telephone", "email", "language", "notes", "ignored",
  ]);
});

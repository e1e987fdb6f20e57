import { expect, test } from "vitest";
import { find, match } from "./match";

test("each typed word begins a word of the text, case and accents aside", () => {
  const rows: [string, string, boolean][] = [
    ["Verspätete Lieferung", "lief", true],
    ["Verspätete Lieferung", "lief versp", true],
    ["Verspätete Lieferung", "verspaet", true],
    ["Verspätete Lieferung", "VERSPÄT", true],
    ["Verspätete Lieferung", "spät", false],
    ["Verspätete Lieferung", "lieferung rechnung", false],
    ["Größe", "grosse", true],
    ["Größe", "groesse", true],
    ["anything", "", true],
    ["+49 30 1234", "30", true],
  ];
  for (const [text, typed, found] of rows) expect([text, typed, match(text, typed) !== null]).toEqual([text, typed, found]);
});

test("what begins as it was typed comes first, and what is alike keeps its order", () => {
  const list = ["Return of goods", "Goods lost", "Goods", "Good will"];
  expect(find(list, "goods", (one) => one)).toEqual(["Goods lost", "Goods", "Return of goods"]);
  expect(find(list, "", (one) => one)).toEqual(list);
});

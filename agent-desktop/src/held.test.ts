import { expect, test } from "vitest";
import { held, type Row } from "./held";

/** A list in a line: `a` as it is, `-a` gone, `+a` fresh; `a1` is `a` with something else to be said about it. */
function show(rows: readonly Row<string>[]): string {
  return rows.map(({ value, gone, fresh }) => `${gone ? "-" : ""}${fresh ? "+" : ""}${value}`).join(" ");
}

/** What is shown as one list after the other comes, the first without a hand in it. */
function after(...lists: readonly string[]): readonly Row<string>[] {
  return lists.reduce<readonly Row<string>[]>(
    (shown, list, at) => held(shown, list.split(" ").filter(Boolean), (value) => value.slice(0, 1), at > 0),
    [],
  );
}

test.each([
  ["nothing happens", ["a b c"], "a b c"],
  ["one goes", ["a b c", "a c"], "a -b c"],
  ["all go", ["a b c", ""], "-a -b -c"],
  ["one goes and comes back", ["a b c", "a c", "a b c"], "a b c"],
  ["one comes at the top", ["b c", "a b c"], "b c +a"],
  ["one comes into an empty list", ["", "a"], "+a"],
  ["several come one after the other", ["d", "c d", "b c d", "a b c d"], "d +c +b +a"],
  ["one that came goes", ["c", "a c", "c"], "c -+a"],
  ["one that came goes, and another comes", ["c", "a c", "b c"], "c -+a +b"],
  ["they are sorted anew", ["a b c", "c b a"], "a b c"],
  ["something else is to be said", ["a1 b1 c1", "c1 b2"], "-a1 b2 c1"],
])("while a hand is in the list no row moves: %s", (_, lists, expected) => {
  expect(show(after(...lists))).toBe(expected);
});

test("when the hand is gone everything is in its place", () => {
  const shown = after("b c d", "a c");
  expect(show(shown)).toBe("-b c -d +a");
  expect(show(held(shown, ["a", "c"], (value) => value, false))).toBe("a c");
});

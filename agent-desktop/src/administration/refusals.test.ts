import { expect, test } from "vitest";
import type { Field } from "./field";
import { placed } from "./refusals";

const field = (path: string, more: Partial<Field> = {}): Field => ({ path, label: () => path, input: { is: "text" }, ...more });
const FIELDS = [
  field("name"),
  field("overflow"),
  field("widget.texts.de.greeting", { when: () => false }),
  field("widget.texts.en.greeting"),
  field("phone_password", { when: ({ phone }) => phone !== undefined }),
];

test("a refusal stands at its field, and above the form if that is not seen or is of something else", () => {
  const refusal = (path: string | null, said: string, name = "Sales") => ({ kind: "queue", name, path, said });
  const refusals = [
    refusal("overflow", "No such queue."),
    refusal("overflow", "A circle."),
    refusal("overflow", "A circle.", "Support"),
    refusal("widget.texts", "Too long."),
    refusal("phone_password", "Too short."),
    refusal(null, "Still used."),
    refusal("name", "The name is missing.", ""),
  ];
  const { wrong, general } = placed(refusals, FIELDS, {}, ["Sales"]);
  expect(Object.fromEntries(wrong)).toEqual({
    overflow: "No such queue. A circle.",
    "widget.texts.en.greeting": "Too long.",
    name: "The name is missing.",
  });
  expect(general).toEqual(["Support: A circle.", "Too short.", "Still used."]);
});

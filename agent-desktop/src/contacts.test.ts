import { expect, test } from "vitest";
import { calledOf, fieldsOf, fieldText, pointsIn, refusalAt, saidBefore } from "./contacts";

test("what a visitor says of how they are reached is offered, each once", () => {
  const texts = [
    "Hello, the rack for order 4711 has not come",
    "I am Anna.Berger@Example.com, phone +49 30 123 45-67.",
    "or 030 1234567, or again anna.berger@example.com",
  ];
  expect(pointsIn(texts)).toEqual([
    { kind: "email", value: "anna.berger@example.com" },
    { kind: "telephone", value: "+49 30 123 45-67" },
    { kind: "telephone", value: "030 1234567" },
  ]);
  expect(pointsIn(["nothing of that", "1 + 1 = 2", "2026-11-30"])).toEqual([]);
});

test("a contact is called by what is known of it", () => {
  const nobody = { contact: 1, name: "", organisation: "", language: "", notes: "", fields: {}, points: [] };
  expect(calledOf(nobody)).toBe("");
  expect(calledOf({ ...nobody, points: [{ kind: "telephone", value: "+4930" }] })).toBe("+4930");
  expect(calledOf({ ...nobody, organisation: "GmbH", points: [{ kind: "telephone", value: "+4930" }] })).toBe("GmbH");
  expect(calledOf({ ...nobody, name: "Anna", organisation: "GmbH" })).toBe("Anna");
});

test("what is wrong with a field is said in the language of the screen", () => {
  const refusals = [{ key: "points/0", message: "no number", message_de: "keine Nummer" }];
  expect(refusalAt(refusals, "points/0", "de")).toBe("keine Nummer");
  expect(refusalAt(refusals, "points/0", "en")).toBe("no number");
  expect(refusalAt(refusals, "points/1", "en")).toBeNull();
});

test("what somebody said before the chat is offered; an id that the website proved comes first", () => {
  const field = (key: string, value: string) => ({ key, kind: "text" as const, label: key, value });
  const identity = { id: "4711", name: "G. Kunde", email: "greta@example.com", telephone: "", proved: true };
  expect(saidBefore({ form: [field("name", "Greta Kunde"), field("phone", "+49 30 1234567")], identity })).toEqual({
    name: "Greta Kunde",
    points: [
      { kind: "other", value: "web:4711" },
      { kind: "telephone", value: "+49 30 1234567" },
      { kind: "email", value: "greta@example.com" },
    ],
  });
  expect(saidBefore({ form: [], identity: { ...identity, proved: false } }).points, "anybody may say so").toEqual([
    { kind: "email", value: "greta@example.com" },
  ]);
  expect(saidBefore({ form: [], identity: null })).toEqual({ name: "", points: [] });
});

test("the company's own fields come in its order, and are written as the screen's language writes them", () => {
  const defined = [
    { name: "Since", holds: "date" as const, choices: [] },
    { name: "Discount", holds: "number" as const, choices: [] },
  ];
  expect(fieldsOf(defined, ["Old", "Discount"]).map(({ name }) => name)).toEqual(["Since", "Discount", "Old"]);
  expect(fieldText({ holds: "number" }, "1234.5", "de")).toBe("1.234,5");
  expect(fieldText({ holds: "number" }, "about ten", "de")).toBe("about ten");
  expect(fieldText({ holds: "date" }, "2026-02-03", "de")).toBe("03.02.2026");
  expect(fieldText({ holds: "date" }, "spring", "en")).toBe("spring");
  expect(fieldText({ holds: "text" }, "2026-02-03", "en")).toBe("2026-02-03");
});

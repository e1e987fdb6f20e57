import { expect, test } from "vitest";
import { isAdministration, pathOf, placeOf, type Place } from "./place";

test.each<Place>([
  { page: "list", kind: "queues" },
  { page: "new", kind: "break_reasons" },
  { page: "thing", kind: "queues", id: "3" },
  { page: "thing", kind: "numbers", id: "+49 30/1234" },
  { page: "thing", kind: "trunks", id: "sip.example.com" },
  { page: "thing", kind: "trunks", id: "new" },
  { page: "thing", kind: "trunks", id: "~2e~ 50% ü 🙂" },
  { page: "company" },
  { page: "changes" },
  { page: "api" },
])("%j has an address of its own, which no file could have", (place) => {
  const path = pathOf(place);
  expect(path).toMatch(/^[\w/~]+$/);
  expect(isAdministration(path)).toBe(true);
  expect(placeOf(path)).toEqual(place);
});

test("what is no place leads to the queues, and what is not the administration is not", () => {
  for (const path of ["/administration", "/administration/", "/administration/phones", "/administration/queues/is/"]) {
    expect(placeOf(path)).toEqual({ page: "list", kind: "queues" });
  }
  expect(isAdministration("/administrations")).toBe(false);
  expect(isAdministration("/")).toBe(false);
});

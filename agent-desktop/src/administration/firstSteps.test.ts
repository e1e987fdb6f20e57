import { expect, test } from "vitest";
import type { Thing } from "./api";
import { isDone, next, STEPS, type Standing } from "./firstSteps";

const thing: Thing = { id: "1", name: "one", settings: {} };
const NOTHING: Standing = { licence: null, queues: [], me: null, phone: null, trunks: [], numbers: [], services: [], answered: { call: false, chat: false } };
const ALL: Standing = {
  licence: { lets_chats_begin: true },
  queues: [thing],
  me: thing,
  phone: { kind: "registers", reachable: true },
  trunks: [thing],
  numbers: [thing],
  services: [thing],
  answered: { call: true, chat: true },
};

test.each([
  ["of nothing nothing is done", NOTHING, []],
  ["of all everything is", ALL, [...STEPS]],
  ["a phone that does not register yet", { ...ALL, phone: { kind: "registers", reachable: false } }, STEPS.filter((step) => step !== "phone")],
  ["a phone at a fixed address need not", { ...ALL, phone: { kind: "fixed", reachable: null } }, [...STEPS]],
  ["a line without a number", { ...ALL, numbers: [] }, STEPS.filter((step) => step !== "line")],
  ["a call alone", { ...ALL, answered: { call: true, chat: false } }, STEPS.filter((step) => step !== "trial")],
  ["a licence that is over", { ...ALL, licence: { lets_chats_begin: false } }, STEPS.filter((step) => step !== "licence")],
] as [string, Standing, string[]][])("%s", (_, standing, done) => {
  expect(STEPS.filter((step) => isDone(step, standing))).toEqual(done);
});

test("what comes next is the first that is not done, behind the one that somebody leaves", () => {
  expect([next(NOTHING), next(NOTHING, "queue"), next(NOTHING, "trial"), next(ALL)]).toEqual(["queue", "phone", null, null]);
  expect(next({ ...NOTHING, queues: [thing], trunks: [thing], numbers: [thing] }, "phone")).toBe("chat");
});

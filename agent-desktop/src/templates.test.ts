import { expect, test } from "vitest";
import { asked, filled, found, meant, openIn } from "./templates";
import type { TemplateView } from "../../web-shared/src/protocol/desk";

function template(name: string, changes: Partial<TemplateView> = {}): TemplateView {
  return { template: 1, name, text: name, language: null, queues: [], ...changes };
}

test("variables are filled in, and what is not known stays and is marked", () => {
  const variables = { agent: "Mara", visitor: "", queue: "Service" };
  const { text, open } = filled("Hallo {visitor}, hier ist {agent} ({queue}). Nr. {Auftrag}: {}", variables);
  expect(text).toBe("Hallo {visitor}, hier ist Mara (Service). Nr. {Auftrag}: {}");
  expect(open.map(({ from, to }) => text.slice(from, to))).toEqual(["{visitor}", "{Auftrag}"]);
  expect(openIn(text)).toEqual(["{visitor}", "{Auftrag}"]);
  expect(filled("{agent}", { agent: "{visitor}" }).open).toEqual([]);
});

test("those of the queue are shown, in the visitor's language first", () => {
  const all = [
    template("any"),
    template("english", { language: "en" }),
    template("swiss", { language: "de-CH" }),
    template("elsewhere", { queues: [2] }),
    template("here", { queues: [1, 2], language: "de" }),
  ];
  expect(meant(all, 1, "de").map(({ name }) => name)).toEqual(["swiss", "here", "any", "english"]);
});

test("a slash at the beginning of a line asks for them, by name and then by text", () => {
  expect([asked("/"), asked("/hal"), asked(" /hal"), asked("/a\nb"), asked("a/b")]).toEqual(["", "hal", null, null, null]);
  const all = [template("greeting", { text: "Hello" }), template("hello again"), template("bye")];
  expect(found(all, "hello").map(({ name }) => name)).toEqual(["hello again", "greeting"]);
});

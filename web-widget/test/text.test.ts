import { expect, it } from "vitest";
import { fill, languageOf } from "../src/text";

it.each([
  [undefined, "de-AT", "en", "de"],
  ["en", "de", "de", "en"],
  [undefined, "", "de", "de"],
  [undefined, "fr", "de", "en"],
  [undefined, "", "", "en"],
] as const)("the snippet %s, the page %s and the browser %s make %s", (wish, page, browser, language) => {
  expect(languageOf(wish, page, browser)).toBe(language);
});

it("a name is put in as it is", () => {
  expect(fill("$ is back", "$& Anna")).toBe("$& Anna is back");
});

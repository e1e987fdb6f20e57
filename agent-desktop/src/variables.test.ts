import { expect, test } from "vitest";
import { theme } from "./theme";
import { variablesOf } from "./variables";

test("the theme's own colours are there, for both schemes, and nothing that Mantine's style sheet has", () => {
  const css = variablesOf(theme);
  expect(css).toContain("--mantine-color-petrol-8: #0b7179;");
  for (const scheme of ["light", "dark"]) expect(css).toContain(`:root[data-mantine-color-scheme="${scheme}"]`);
  expect(css).not.toContain("--mantine-color-grape-5:");
  expect(variablesOf({})).not.toContain("--mantine");
});

import { expect, test } from "vitest";

const SOURCES = import.meta.glob<string>("./**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const SHEETS = new Set(
  Object.keys(import.meta.glob("../node_modules/@mantine/core/styles/*.css", { query: "?url" })).map((path) => path.split("/").at(-1)),
);

test("each component that is used has its style sheet on the page", () => {
  const used = Object.values(SOURCES).flatMap((text) =>
    [...text.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)].flatMap(([, names]) => names?.split(",").map((name) => name.trim()) ?? []),
  );
  const named = new Set(used.filter((name) => SHEETS.has(`${name}.css`)));
  expect([...named]).toContain("Button");
  const missing = [...named].filter((name) => !SOURCES["./main.tsx"]?.includes(`"@mantine/core/styles/${name}.css"`));
  expect(missing).toEqual([]);
});

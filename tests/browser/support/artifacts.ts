// What a test leaves for people: logs and pictures, in a folder of its own.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

const ROOT = join(import.meta.dirname, "..", "artifacts");

const begun = new Set<string>();

/** The folder of the running test, empty at first. */
export function artifacts(): string {
  const { currentTestName = "outside", testPath = "" } = expect.getState();
  const spec = testPath.replace(/^.*\//, "").replace(/\.spec\.ts$/, "");
  const folder = join(ROOT, spec, currentTestName.replaceAll(/[^a-z0-9]+/gi, "_").slice(0, 80));
  if (!begun.has(folder)) rmSync(folder, { recursive: true, force: true });
  begun.add(folder);
  mkdirSync(folder, { recursive: true });
  return folder;
}

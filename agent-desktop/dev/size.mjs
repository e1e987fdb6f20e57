// What the pages weigh, gzipped, against their budgets: the agents', what administrators load beside it, and what
// of that only opening hours, the description of the API and the import of people need. Fails when one is over.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGETS = {
  agents: { js: 200_000, css: 30_000 },
  administration: { js: 40_000, css: 5_000 },
  hours: { js: 10_000, css: 2_000 },
  start: { js: 7_000, css: 2_000 },
  setup: { js: 5_000 },
  api: { js: 7_000, css: 2_000 },
  people: { js: 10_000, css: 2_000 },
};
const assets = fileURLToPath(new URL("../dist/assets", import.meta.url));
const files = readdirSync(assets);
// They are parts that nothing else shares: whoever divides one says here what belongs to it.
const PARTS = { administration: "Administration-", hours: "Hours-", start: "FirstSteps-", setup: "Setup-", api: "ApiReference-", people: "PeopleImport-" };
const partOf = (name) => Object.keys(PARTS).find((part) => name.startsWith(PARTS[part])) ?? "agents";
let over = false;
for (const [page, budget] of Object.entries(BUDGETS)) {
  for (const [kind, most] of Object.entries(budget)) {
    const own = files.filter((name) => name.endsWith(`.${kind}`) && partOf(name) === page);
    if (own.length === 0) throw new Error(`${page} has no ${kind}`);
    const bytes = own.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0);
    console.log(`${page}: ${kind}: ${bytes} bytes gzipped of ${most}`);
    over ||= bytes > most;
  }
}
process.exitCode = over ? 1 : 0;

// What the pages weigh, gzipped, against their budgets: the agents', and what administrators load beside it. Fails when one is over.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGETS = {
  agents: { js: 200_000, css: 30_000 },
  administration: { js: 40_000, css: 5_000 },
};
const assets = fileURLToPath(new URL("../dist/assets", import.meta.url));
const files = readdirSync(assets);
// It is one part that nothing else shares: whoever divides it says here what belongs to it.
const isAdministration = (name) => name.startsWith("Administration-");
let over = false;
for (const [page, budget] of Object.entries(BUDGETS)) {
  for (const [kind, most] of Object.entries(budget)) {
    const own = files.filter((name) => name.endsWith(`.${kind}`) && isAdministration(name) === (page === "administration"));
    if (own.length === 0) throw new Error(`${page} has no ${kind}`);
    const bytes = own.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0);
    console.log(`${page}: ${kind}: ${bytes} bytes gzipped of ${most}`);
    over ||= bytes > most;
  }
}
process.exitCode = over ? 1 : 0;

// What the agents' page weighs, gzipped, against its budget. Fails when it is over.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET = { js: 200_000, css: 30_000 };
const assets = fileURLToPath(new URL("../dist/assets", import.meta.url));
let over = false;
for (const [kind, most] of Object.entries(BUDGET)) {
  const files = readdirSync(assets).filter((name) => name.endsWith(`.${kind}`));
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0);
  console.log(`${kind}: ${bytes} bytes gzipped of ${most}`);
  over ||= bytes > most;
}
process.exitCode = over ? 1 : 0;

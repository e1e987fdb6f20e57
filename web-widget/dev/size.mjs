// Says what the widget weighs on the wire, and fails when it has become too heavy.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = join(import.meta.dirname, "../dist");
const weigh = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const files = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith(".js"));

const loader = weigh("widget.js");
const all = files.reduce((sum, file) => sum + weigh(file), 0);
console.log(`widget.js ${loader} of 1500 bytes, all ${all} of 12000 bytes (gzip)`);
if (loader > 1500 || all > 12000) process.exit(1);

// Says what the widget weighs on the wire, and fails when it has become too heavy.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = join(import.meta.dirname, "../dist");
const weigh = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const files = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith(".js"));

const loader = weigh("widget.js");
const sum = (some) => some.reduce((bytes, file) => bytes + weigh(file), 0);
// What a chat begins with, and what is loaded once it has begun.
const isFirst = (file) => file === "widget.js" || file === join("widget", "app.js");
const first = sum(files.filter(isFirst));
const later = sum(files.filter((file) => !isFirst(file)));
console.log(`widget.js ${loader} of 1500 bytes, first ${first} of 12000 bytes, later ${later} of 6000 bytes (gzip)`);
if (loader > 1500 || first > 12000 || later > 6000) process.exit(1);

// Says what the widget weighs on the wire, and fails when it has become too heavy: what every page loads, what a first chat
// does, and what only some chats do.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = join(import.meta.dirname, "../dist");
const weigh = (...files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0);

const limits = [
  ["page", weigh("widget.js"), 1500],
  ["first chat", weigh("widget.js", "widget/app.js"), 12000],
  ["extras", weigh("widget/extras.js"), 3500],
  // Of which a chat loads the first before it has begun and when it is over, and a page the second when it calls.
  ["more", weigh("widget/more.js", "widget/api.js"), 5000],
  ["waiting", weigh("widget/wait.js"), 800],
  ["hosted page", weigh("widget/page.js"), 700],
];
for (const [what, bytes, most] of limits) console.log(`${what}: ${bytes} of ${most} bytes (gzip)`);
if (limits.some(([, bytes, most]) => bytes > most)) process.exit(1);

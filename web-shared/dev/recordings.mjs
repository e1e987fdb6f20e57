// What the daemon's tests recorded of the screens of all scenarios: a snapshot, the frames after it, and fresh snapshots
// whenever all was quiet. `make recordings` makes them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const scenarios = resolve(root, "domain/tests/scenarios");
const recordings = resolve(root, process.env.CARGO_TARGET_DIR ?? "target", "tmp/recordings");

/** The screens whose viewer begins with `whose`; throws where a recording is missing, or of another text than its scenario's. */
export function readRecordings(whose = "") {
  const files = readdirSync(scenarios).filter((file) => file.endsWith(".scenario"));
  return files.toSorted().flatMap((file) => screensOf(file.replace(/\.scenario$/, ""))).filter(({ viewer }) => viewer.startsWith(whose));
}

function screensOf(file) {
  const path = resolve(recordings, `${file}.json`);
  const recorded = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
  if (recorded?.text !== readFileSync(resolve(scenarios, `${file}.scenario`), "utf8")) {
    throw new Error(`${recorded ? "another text was recorded than that of" : "nothing is recorded of"} ${file}.scenario: run \`make recordings\``);
  }
  return recorded.scenarios.flatMap(({ title, screens }) => screens.map((screen) => whole(file, title, screen)));
}

function whole(file, title, { viewer, session, moments, earlier }) {
  const replies = moments.flatMap(({ frames, fresh }) => [...frames.map(({ reply }) => reply), fresh]);
  return { scenario: title === `${file}.scenario` ? file : `${file}: ${title}`, file, viewer, session, moments, earlier, replies };
}

/** The first reply whose number is not the one that a page expects; `null` if all are. */
export function misnumbered(replies) {
  let last = null;
  for (const [at, { type, seq }] of replies.entries()) {
    if (last !== null && (type === "frame" ? seq !== last + 1 : type === "snapshot" && seq !== last)) return at;
    last = seq ?? last;
  }
  return null;
}

// What the daemon's tests recorded of the screens of all scenarios: a snapshot, the frames after it, and fresh snapshots.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const folder = resolve(root, process.env.CARGO_TARGET_DIR ?? "target", "tmp/frames");

/** The screens of agents or of visitors, `{ scenario, viewer, replies }`; throws when there are none. */
export function readRecordings(whose) {
  if (!existsSync(folder)) {
    throw new Error(`there is no ${folder}: run \`cargo test --test vorrang scenarios\` first, which records it`);
  }
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => {
      const scenario = file.replace(/\.json$/, "");
      const screens = JSON.parse(readFileSync(resolve(folder, file), "utf8"));
      return screens.map(({ viewer, replies }) => ({ scenario, viewer, replies }));
    })
    .filter(({ viewer }) => viewer.startsWith(whose));
}

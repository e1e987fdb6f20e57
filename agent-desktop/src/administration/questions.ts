// The questions of a chat service's form.

import type { Settings } from "./settings";

/** As many as the daemon takes. */
export const MOST_QUESTIONS = 12;

/** What most companies ask, and then a number: a key that no other question has. */
export function keyFor(rows: readonly Settings[]): string {
  const taken = new Set(rows.map(({ key }) => key));
  const usual = ["name", "email", "topic"].find((key) => !taken.has(key));
  if (usual !== undefined) return usual;
  for (let number = rows.length + 1; ; number += 1) if (!taken.has(`question_${number}`)) return `question_${number}`;
}

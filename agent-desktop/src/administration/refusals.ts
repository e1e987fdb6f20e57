// Where what the daemon refuses is said: beside its field, or above the form if no field that is seen is meant.

import type { Refusal } from "./api";
import type { Field } from "./field";
import type { Settings } from "./settings";

export interface Placed {
  readonly wrong: ReadonlyMap<string, string>;
  readonly general: readonly string[];
}

/** `names`: those of the thing in the form, as it was and as it is to be called. */
export function placed(refusals: readonly Refusal[], fields: readonly Field[], settings: Settings, names: readonly string[]): Placed {
  const seen = fields.filter(({ when }) => when?.(settings) !== false);
  const wrong = new Map<string, string>();
  const general: string[] = [];
  for (const { name, path, said } of refusals) {
    const isOurs = name === "" || names.includes(name);
    const field = path === null || !isOurs ? undefined : fieldAt(seen, path);
    if (field === undefined) general.push(isOurs ? said : `${name}: ${said}`);
    else wrong.set(field.path, [wrong.get(field.path), said].filter((one) => one !== undefined).join(" "));
  }
  return { wrong, general };
}

/** Of what is refused as a whole the first field of it. */
function fieldAt(seen: readonly Field[], path: string): Field | undefined {
  return seen.find((field) => field.path === path) ?? seen.find((field) => field.path.startsWith(`${path}.`));
}

// The settings of one thing as a form changes them: by key, as in the company's file. What is not there has its default.
// Never asks the daemon, and knows no field.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Settings = { readonly [key: string]: Json };

export function isTable(value: Json | undefined): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a path such as `widget.accent`; `undefined`: its default. */
export function valueAt(settings: Settings, path: string): Json | undefined {
  return path.split(".").reduce<Json | undefined>((value, key) => (isTable(value) ? value[key] : undefined), settings);
}

/** The same with something else at a path; with `undefined` it is not there, and neither is what then holds nothing. */
export function withValue(settings: Settings, path: string, value: Json | undefined): Settings {
  const [key = "", ...rest] = path.split(".");
  const { [key]: before, ...others } = settings;
  if (rest.length === 0) return value === undefined ? others : { ...settings, [key]: value };
  const inner = withValue(isTable(before) ? before : {}, rest.join("."), value);
  return Object.keys(inner).length === 0 ? others : { ...settings, [key]: inner };
}

/** Whether both say the same, in whatever order their keys stand. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, at) => same(value as Json, other[at] as Json));
  }
  if (isTable(one) && isTable(other)) {
    const keys = Object.keys(one);
    return keys.length === Object.keys(other).length && keys.every((key) => key in other && same(one[key], other[key]));
  }
  return one === other;
}

/** What makes the one out of the other (RFC 7396): `null` takes something back to its default. */
export function patchOf(from: Settings, to: Settings): Settings {
  const patch: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [was, is] = [from[key], to[key]];
    if (same(was, is)) continue;
    patch[key] = is === undefined ? null : isTable(is) && isTable(was) ? patchOf(was, is) : is;
  }
  return patch;
}

export function isChanged(from: Settings, to: Settings): boolean {
  return Object.keys(patchOf(from, to)).length > 0;
}

/** A field that two people changed to different things. */
export interface Clash {
  readonly path: string;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
}

/**
 * What somebody else made of it meanwhile, with one's own changes of these fields in it. Where both changed the same, one's own
 * stands there until somebody chooses.
 */
export function meet(base: Settings, mine: Settings, theirs: Settings, paths: readonly string[]): { met: Settings; clashes: readonly Clash[] } {
  let met = theirs;
  const clashes: Clash[] = [];
  for (const path of paths) {
    const [was, own, others] = [valueAt(base, path), valueAt(mine, path), valueAt(theirs, path)];
    if (same(own, was) || same(own, others)) continue;
    met = withValue(met, path, own);
    if (!same(others, was)) clashes.push({ path, mine: own, theirs: others });
  }
  return { met, clashes };
}

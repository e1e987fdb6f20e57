// Where somebody is in the administration: the address, and back.
// An address has no point in it: the daemon takes a path with one for a file.

import type { ThingKind } from "../../../web-shared/src/protocol/rest";

export const KINDS: readonly ThingKind[] = [
  "queues", "agents", "numbers", "trunks", "services", "break_reasons", "classifications", "templates", "hours", "roles", "api_keys",
];

export type Place =
  | { readonly page: "list" | "new"; readonly kind: ThingKind }
  | { readonly page: "thing"; readonly kind: ThingKind; readonly id: string }
  | { readonly page: "start" }
  | { readonly page: "company" }
  | { readonly page: "licence" }
  | { readonly page: "changes" }
  | { readonly page: "api" };

const ROOT = "/administration";
/** Where whoever has just begun goes on. */
export const FIRST_STEPS = `${ROOT}/start`;

export function isAdministration(path: string): boolean {
  return path === ROOT || path.startsWith(`${ROOT}/`);
}

export function pathOf(place: Place): string {
  switch (place.page) {
    case "start":
    case "company":
    case "licence":
    case "changes":
    case "api":
      return `${ROOT}/${place.page}`;
    case "list":
      return `${ROOT}/${place.kind}`;
    case "new":
      return `${ROOT}/${place.kind}/new`;
    case "thing":
      return `${ROOT}/${place.kind}/is/${written(place.id)}`;
  }
}

/** What is no place leads to the queues. */
export function placeOf(path: string): Place {
  const [, , what = "", how, id] = path.split("/");
  if (what === "company" || what === "licence" || what === "changes" || what === "api" || what === "start") return { page: what };
  const kind = KINDS.find((one) => one === what);
  if (kind === undefined) return { page: "list", kind: "queues" };
  if (how === "new") return { page: "new", kind };
  return how === "is" && id !== undefined && id !== "" ? { page: "thing", kind, id: read(id) } : { page: "list", kind };
}

/** Letters, digits and `_` as they are, everything else by its number between two `~`. */
function written(id: string): string {
  return [...id].map((one) => (/^\w$/.test(one) ? one : `~${one.codePointAt(0)?.toString(16)}~`)).join("");
}

function read(id: string): string {
  return id.replace(/~([0-9a-f]{1,6})~/g, (all, code: string) => {
    const point = Number.parseInt(code, 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : all;
  });
}

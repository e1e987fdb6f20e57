// What is loaded once a chat has begun, where every part of the window can reach it. Texts go without.
// Never asks for it twice while it is on its way.

import type * as Module from "./extras";

export const late: { extras?: Module.Extras; loads?: boolean } = {};

/** Loads it; if it does not come, the next word of the daemon tries again. */
export function load(origin: string, loaded: (module: typeof Module) => void): void {
  if (late.loads) return;
  late.loads = true;
  import(/* @vite-ignore */ `${origin}/widget/extras.js`).then(loaded, () => (late.loads = false));
}

// What is loaded once a chat has begun, where every part of the window can reach it. Texts go without.

import type { Extras } from "./extras";
import type { Wait } from "./wait";

export const late: { extras?: Extras; wait?: Wait } = {};

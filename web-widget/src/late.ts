// What is loaded once a chat has begun, where every part of the window can reach it. Texts go without.

import type { Extras } from "./extras";

export const late: { extras?: Extras } = {};

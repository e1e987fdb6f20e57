// The roles that every company has, and how one becomes the beginning of another.

import { m } from "../paraglide/messages.js";
import type { Words } from "./field";
import type { Settings } from "./settings";

const BUILT_IN: Readonly<Record<string, Words>> = {
  agent: m.admin_role_agent,
  supervisor: m.admin_role_supervisor,
  administrator: m.admin_role_administrator,
};

export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(BUILT_IN, name);
}

/** As screens call it. */
export function roleName(name: string): string {
  return BUILT_IN[name]?.() ?? name;
}

let copied: Settings | null = null;

/** The next new role begins like this one, without its name. */
export function copy(settings: Settings): void {
  const { name: _, ...rest } = settings;
  copied = rest;
}

/** With what a new role begins. */
export function takeCopy(): Settings {
  const begins = copied ?? {};
  copied = null;
  return begins;
}

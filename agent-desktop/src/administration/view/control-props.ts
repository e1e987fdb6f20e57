// What every control is given, and what it says of itself.

import type { Input } from "../field";
import type { Json, Settings } from "../settings";

export interface ControlProps {
  id: string;
  input: Input;
  value: Json | undefined;
  /** What holds if it is empty. */
  usually: string;
  /** It cannot be changed any more. */
  fixed: boolean;
  needed: boolean;
  settings: Settings;
  label: string;
  describedBy: string;
  isWrong: boolean;
  onChange(value: Json | undefined): void;
  /** Changes what stands at another path. */
  onOther(path: string, value: Json | undefined): void;
}

/** Those that are several controls, with a name for all of them. */
export function isGroup({ is }: Input): boolean {
  return is === "some" || is === "things" || is === "levels" || is === "questions" || is === "contact_fields" || is === "times" || is === "days";
}

/** What every control says of itself to those who do not see it. */
export function aria({ id, describedBy, isWrong, needed }: ControlProps): Record<string, string | boolean> {
  return {
    id,
    ...(describedBy === "" ? {} : { "aria-describedby": describedBy }),
    ...(isWrong ? { "aria-invalid": true } : {}),
    ...(needed ? { "aria-required": true } : {}),
  };
}

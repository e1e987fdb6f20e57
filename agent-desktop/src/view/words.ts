// What each key does, in words.

import { m } from "../paraglide/messages.js";
import type { Shortcut } from "./shortcuts";

export const WORDS: Record<Shortcut, () => string> = {
  palette: m.key_palette,
  next: m.key_next,
  activate: m.key_activate,
  park: m.key_park,
  transfer: m.key_transfer,
  end: m.key_end,
  finish: m.key_finish,
  decline: m.key_decline,
  hang_up: m.key_hang_up,
  write: m.key_write,
  note: m.key_note,
  write_up: m.key_write_up,
  contact: m.key_contact,
  new_contact: m.key_new_contact,
  history: m.key_history,
  settings: m.key_settings,
  down: m.key_down,
  up: m.key_up,
  help: m.key_help,
};

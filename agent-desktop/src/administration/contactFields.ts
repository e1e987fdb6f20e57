// What a company's own fields of contacts can hold.

import { m } from "../paraglide/messages.js";

/** The daemon's words, and what they are called. */
export const CONTACT_FIELD_HOLDS = {
  text: m.admin_kind_text,
  number: m.admin_holds_number,
  choice: m.admin_kind_choice,
  date: m.admin_holds_date,
  link: m.admin_holds_link,
} as const;

/** As many as the daemon takes. */
export const MOST_CONTACT_FIELDS = 50;

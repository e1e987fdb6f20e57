// How a trunk or a phone stands, in words.

import type { ApiKeyUsed, PhoneView, TrunkFailure, TrunkView } from "../../../web-shared/src/protocol/rest";
import { timeOf } from "../locale";
import { m } from "../paraglide/messages.js";

export function trunkInWords({ registration, reach }: TrunkView): string {
  const registered = registration === null ? null : { pending: m.admin_trunk_pending, registered: m.admin_trunk_registered, refused: m.admin_trunk_refused }[registration]();
  const reached = reach === null ? null : { unknown: m.admin_trunk_unknown, reachable: m.admin_trunk_reachable, unreachable: m.admin_trunk_unreachable }[reach]();
  const said = [registered, reached].filter((one) => one !== null);
  return said.length === 0 ? m.admin_trunk_not_asked() : said.join(", ");
}

export function failureInWords({ at, what, status }: TrunkFailure): string {
  const failed = { registration: m.admin_trunk_failed_registration, probe: m.admin_trunk_failed_probe, name: m.admin_trunk_failed_name }[what]();
  return m.admin_trunk_failed({ failed, status: status === null ? "" : ` (SIP ${status})`, time: timeOf(at) });
}

/** What went wrong last, also if it is right again. */
export function lastFailure({ last_failure }: TrunkView): string | null {
  return last_failure === null ? null : m.admin_last_failure({ failure: failureInWords(last_failure) });
}

export function usedInWords(used: ApiKeyUsed | undefined): string {
  return used === undefined ? m.admin_api_key_unused() : m.admin_api_key_used({ time: timeOf(used.at) });
}

export function phoneInWords({ kind, reachable, registrations }: PhoneView): string {
  if (kind === "none") return m.admin_phone_has_none();
  if (kind === "fixed") return m.admin_phone_fixed();
  if (reachable !== true) return m.admin_phone_not_registered();
  return m.admin_phone_registered({ source: registrations.map(({ source }) => source).join(", ") });
}

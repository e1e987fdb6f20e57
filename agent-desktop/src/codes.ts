// What each refusal of the daemon says on the screen. A code without a sentence does not compile.

import { m } from "./paraglide/messages.js";
import type { Code } from "../../web-shared/src/protocol/error";
import type { CandidateView, Channel, Obstacle as PassedOver, PhoneSaysView, UnavailableReason, WhyView } from "../../web-shared/src/protocol/agent";
import type { PointKind } from "../../web-shared/src/protocol/contacts";
import type { Outcome } from "../../web-shared/src/protocol/rest";
import type { EndedBy } from "../../web-shared/src/protocol/visitor";
import type { Hindrance } from "./recipients";
import type { Obstacle } from "./rules";

export const CODES: Record<Code, () => string> = {
  malformed: m.code_malformed,
  unauthenticated: m.code_unauthenticated,
  wrong_credentials: m.code_wrong_credentials,
  forbidden: m.code_forbidden,
  not_found: m.code_not_found,
  unknown_token: m.code_unknown_token,
  too_many: m.code_too_many,
  unavailable: m.code_unavailable,
  damaged: m.code_damaged,
  refused: m.code_refused,
  stale: m.code_stale,
  taken: m.code_taken,
  maximum_reached: m.code_maximum_reached,
  on_a_call: m.code_on_a_call,
  logged_out: m.code_logged_out,
  on_break: m.code_on_break,
  not_available: m.code_not_available,
  unserved: m.code_unserved,
  not_yours: m.code_not_yours,
  chat_over: m.code_chat_over,
  wrong_state: m.code_wrong_state,
  offer_over: m.code_offer_over,
  extended: m.code_extended,
  awaited: m.code_awaited,
  file_too_large: m.code_file_too_large,
  file_kind: m.code_file_kind,
  file_empty: m.code_file_empty,
};

export const OBSTACLES: Record<Obstacle, () => string> = {
  ...CODES,
  offline: m.obstacle_offline,
  activate_first: m.obstacle_activate_first,
  own_call: m.obstacle_own_call,
  choose_first: m.obstacle_choose_first,
  too_long: m.obstacle_too_long,
};

/** Why a colleague cannot be given a chat; everything else is told as not available. */
export const HINDRANCES: Partial<Record<Hindrance, () => string>> = {
  maximum_reached: m.transfer_full,
  on_break: m.passed_on_break,
  logged_out: m.passed_logged_out,
  asks_already: m.transfer_asks_already,
};

export const UNAVAILABLE: Record<UnavailableReason, () => string> = {
  missed: m.unavailable_missed,
  connection_lost: m.unavailable_connection_lost,
  supervisor: m.unavailable_supervisor,
};

export const ENDED_BY: Record<EndedBy, () => string> = {
  visitor: m.ended_by_visitor,
  agent: m.ended_by_agent,
  visitor_timeout: m.ended_by_visitor_timeout,
  visitor_idle: m.ended_by_visitor_idle,
  callback: m.ended_by_callback,
  email: m.ended_by_email,
  unserved: m.ended_by_unserved,
};

export const CHANNELS: Record<Channel, () => string> = {
  call: m.call,
  callback: m.callback,
  chat: m.chat,
  email: m.email,
  work_item: m.work_item,
};

/** What somebody was doing when an item was offered to them. */
export const TIERS: Record<CandidateView["tier"], () => string> = {
  free: m.tier_free,
  task: m.tier_task,
  chat_answered: m.tier_chat_answered,
  chat_waiting: m.tier_chat_waiting,
};

/** Who comes first among those of whom a call would interrupt nothing. */
export const STRATEGIES: Record<WhyView["strategy"], () => string> = {
  longest_idle: m.strategy_longest_idle,
  round_robin: m.strategy_round_robin,
  skill: m.strategy_skill,
  sticky: m.strategy_sticky,
};

/** What a phone said instead of taking a call. */
export function phoneSaid(says: PhoneSaysView): string {
  switch (says.said) {
    case "busy":
      return m.phone_said_busy();
    case "do_not_disturb":
      return m.phone_said_do_not_disturb();
    case "elsewhere":
      return m.phone_said_elsewhere();
    case "nothing_in_common":
      return m.phone_said_nothing_in_common();
    case "error":
      return m.phone_said_error({ status: says.status });
  }
}

/** What became of an item. */
export const OUTCOMES: Record<Outcome, () => string> = {
  caller_hung_up: m.outcome_caller_hung_up,
  agent_hung_up: m.outcome_agent_hung_up,
  abandoned: m.outcome_abandoned,
  turned_away: m.outcome_turned_away,
  sent_away: m.outcome_sent_away,
  failed: m.outcome_failed,
  daemon_stopped: m.outcome_daemon_stopped,
  daemon_restarted: m.outcome_daemon_restarted,
  visitor_left: m.outcome_visitor_left,
  agent_ended: m.outcome_agent_ended,
  visitor_gone: m.outcome_visitor_gone,
  visitor_idle: m.outcome_visitor_idle,
  callback: m.outcome_callback,
  email: m.outcome_email,
  done: m.outcome_done,
};

/** Why colleagues were passed over. */
export const PASSED_OVER: Record<PassedOver, () => string> = {
  logged_out: m.passed_logged_out,
  logging_out: m.passed_logging_out,
  on_break: m.passed_on_break,
  break_pending: m.passed_break_pending,
  unavailable: m.passed_unavailable,
  calls_blocked: m.passed_calls_blocked,
  phone_lost: m.passed_phone_lost,
  chats_blocked: m.passed_chats_blocked,
  browser_away: m.passed_browser_away,
  no_browser: m.passed_no_browser,
  ringing: m.passed_ringing,
  on_a_call: m.passed_on_a_call,
  in_wrap_up: m.passed_in_wrap_up,
  exclusive: m.passed_exclusive,
  protected: m.passed_protected,
  busy: m.passed_busy,
  alerted: m.passed_alerted,
  maximum_reached: m.passed_maximum_reached,
  asked: m.passed_asked,
  declined: m.passed_declined,
  not_serving: m.passed_not_serving,
};

export const POINT_KINDS: Record<PointKind, () => string> = {
  telephone: m.point_telephone,
  email: m.point_email,
  other: m.point_other,
};

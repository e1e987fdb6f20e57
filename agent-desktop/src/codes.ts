// What each refusal of the daemon says on the screen. A code without a sentence does not compile.

import { m } from "./paraglide/messages.js";
import type { Code } from "./protocol/error";
import type { UnavailableReason } from "./protocol/agent";
import type { EndedBy } from "./protocol/visitor";
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
  taken: m.code_taken,
  maximum_reached: m.code_maximum_reached,
  on_a_call: m.code_on_a_call,
  logged_out: m.code_logged_out,
  not_yours: m.code_not_yours,
  chat_over: m.code_chat_over,
  wrong_state: m.code_wrong_state,
  offer_over: m.code_offer_over,
};

export const OBSTACLES: Record<Obstacle, () => string> = {
  offline: m.obstacle_offline,
  logged_out: m.obstacle_logged_out,
  on_a_call: m.obstacle_on_a_call,
  extended: m.obstacle_extended,
  maximum_reached: m.obstacle_maximum_reached,
};

export const UNAVAILABLE: Record<UnavailableReason, () => string> = {
  missed: m.unavailable_missed,
  connection_lost: m.unavailable_connection_lost,
};

export const ENDED_BY: Record<EndedBy, () => string> = {
  visitor: m.ended_by_visitor,
  agent: m.ended_by_agent,
  visitor_timeout: m.ended_by_visitor_timeout,
};

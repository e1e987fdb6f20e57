// What a company has, kind by kind: the fields of their forms, and what is said about them.
// A key of the company without a field here fails a test: see kinds.test.ts.

import type { ThingKind } from "../../../web-shared/src/protocol/rest";
import { CHANNELS as CHANNEL_NAMES } from "../codes";
import { getLocale } from "../paraglide/runtime.js";
import { m } from "../paraglide/messages.js";
import type { Choices, Field, Group, Words } from "./field";
import { CHANNELS, USUAL } from "./overtakes";
import { isTable, valueAt, type Settings } from "./settings";
import { newToken, TOKEN_CHARACTERS } from "./secrets";

export interface Kind {
  readonly title: Words;
  /** One of them. */
  readonly one: Words;
  readonly add: Words;
  readonly empty: Words;
  /** What happens when one is removed. */
  readonly gone: Words;
  /** As the audit calls it. */
  readonly audited: string;
  /** By which one is known: the key of its name. */
  readonly named: string;
  /** What it is called on screens, where that is something else. */
  readonly shown: string;
  /** What the list shows beside that. */
  readonly columns: readonly string[];
  /** Whether one that was removed comes back as it was: nothing of it is secret, and nothing is known by its id. */
  readonly returns: boolean;
  readonly groups: readonly Group[];
}

const seconds = (first?: number, last?: number): Field["input"] => ({
  is: "number",
  unit: "seconds",
  ...(first === undefined ? {} : { first }),
  ...(last === undefined ? {} : { last }),
});

const STRATEGIES: Choices = {
  longest_idle: m.admin_strategy_longest_idle,
  round_robin: m.admin_strategy_round_robin,
  skill: m.admin_strategy_skill,
  sticky: m.admin_strategy_sticky,
};
/** Their own names, but for texts. */
const FILE_KINDS: Choices = {
  ...Object.fromEntries(
    ["png", "jpeg", "gif", "webp", "heic", "svg", "pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "zip", "mp4"].map((kind) => [kind, () => kind.toUpperCase()]),
  ),
  text: m.file_text,
};
const takesFiles = (settings: Settings): boolean => valueAt(settings, "widget.attachments") !== false;
const LANGUAGES: Choices = { de: m.admin_language_de, en: m.admin_language_en };
const announces = (settings: Settings): boolean => isTable(settings["announcements"]);

const QUEUE: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [
      { path: "name", label: m.admin_name, input: { is: "text" }, needed: true },
      {
        path: "strategy",
        label: m.admin_strategy,
        help: m.admin_strategy_help,
        input: { is: "one", of: STRATEGIES },
        usual: () => m.admin_strategy_longest_idle(),
      },
      {
        path: "push",
        label: m.admin_push,
        help: m.admin_push_help,
        input: { is: "some", of: { callback: m.callback, chat: m.chat, email: m.email, work_item: m.work_item } },
        usual: () => m.admin_push_none(),
      },
    ],
  },
  {
    title: m.admin_group_calls,
    fields: [
      { path: "ring_s", label: m.admin_ring, help: m.admin_ring_help, input: seconds(1, 600), usual: (usual) => String(usual?.ring_s ?? "") },
      {
        path: "call_wrap_up_s",
        label: m.admin_call_wrap_up,
        help: m.admin_wrap_up_help,
        input: seconds(0, 86_400),
        usual: (usual) => String(usual?.call_wrap_up_s ?? ""),
      },
      {
        path: "answer",
        label: m.admin_answer,
        help: m.admin_answer_help,
        input: { is: "one", of: { at_once: m.admin_answer_at_once, with_agent: m.admin_answer_with_agent } },
        usual: () => m.admin_answer_at_once(),
      },
    ],
  },
  {
    title: m.admin_group_chats,
    fields: [
      { path: "exclusive", label: m.admin_exclusive, help: m.admin_exclusive_help, input: { is: "yes", usually: false } },
      {
        path: "chats_max",
        label: m.admin_chats_max,
        help: m.admin_queue_chats_max_help,
        input: { is: "number", unit: "pieces", first: 1 },
        usual: () => m.admin_own_number(),
      },
      {
        path: "chat_wrap_up_s",
        label: m.admin_chat_wrap_up,
        help: m.admin_wrap_up_help,
        input: seconds(0, 86_400),
        usual: (usual) => String(usual?.chat_wrap_up_s ?? ""),
      },
    ],
  },
  {
    title: m.admin_group_head_starts,
    hint: m.admin_head_starts_hint,
    fields: CHANNELS.map((channel) => ({
      path: `head_start_s.${channel}`,
      label: CHANNEL_NAMES[channel],
      input: { is: "head_start" },
      usual: () => (USUAL[channel] === null ? m.admin_strictly_first() : String(USUAL[channel])),
    })),
  },
  {
    title: m.admin_group_waiting,
    fields: [
      { path: "waiting_max", label: m.admin_waiting_max, input: { is: "number", unit: "pieces" }, usual: () => m.admin_any_number() },
      { path: "wait_max_s", label: m.admin_wait_max, input: seconds(), usual: () => m.admin_for_ever() },
      { path: "overflow", label: m.admin_overflow, help: m.admin_overflow_help, input: { is: "thing", kind: "queues" }, usual: () => m.admin_overflow_none() },
      {
        path: "unserved",
        label: m.admin_unserved,
        input: { is: "one", of: { wait: m.admin_unserved_wait, overflow: m.admin_unserved_overflow, refuse: m.admin_unserved_refuse } },
        usual: () => m.admin_unserved_wait(),
      },
      { path: "hours", label: m.admin_hours_of_queue, input: { is: "thing", kind: "hours" }, usual: () => m.admin_hours_always() },
      {
        path: "closed",
        label: m.admin_closed,
        help: m.admin_closed_help,
        input: { is: "one", of: { wait: m.admin_unserved_wait, overflow: m.admin_unserved_overflow, refuse: m.admin_unserved_refuse } },
        usual: () => m.admin_unserved_refuse(),
        when: (settings) => settings["hours"] !== undefined,
      },
    ],
  },
  {
    title: m.admin_group_hears,
    folded: true,
    fields: [
      { path: "music", label: m.admin_music, help: m.admin_music_help, input: { is: "file" }, usual: () => m.admin_music_usual() },
      { path: "announcements", label: m.admin_announcements, input: { is: "part", begins: () => ({ language: getLocale() }) } },
      { path: "announcements.language", label: m.admin_announcements_language, input: { is: "one", of: LANGUAGES }, needed: true, when: announces },
      { path: "announcements.welcome", label: m.admin_announcements_welcome, input: { is: "said" }, when: announces },
      { path: "announcements.please_wait", label: m.admin_announcements_please_wait, input: { is: "said" }, when: announces },
      { path: "announcements.closed", label: m.admin_announcements_closed, help: m.admin_announcements_closed_help, input: { is: "file" }, usual: () => m.admin_said_nothing(), when: announces },
      { path: "announcements.every_s", label: m.admin_announcements_every, input: seconds(5, 3600), usual: () => "30", when: announces },
      {
        path: "announcements.position",
        label: m.admin_announcements_position,
        help: m.admin_announcements_position_help,
        input: { is: "yes", usually: true },
        when: announces,
      },
    ],
  },
];

const AGENT: readonly Group[] = [
  {
    title: m.admin_group_person,
    fields: [
      { path: "login_name", label: m.admin_login_name, help: m.admin_login_name_help, input: { is: "text", plain: true }, needed: true },
      { path: "display_name", label: m.admin_display_name, help: m.admin_display_name_help, input: { is: "text" }, usual: () => m.admin_as_login_name() },
      { path: "password", label: m.admin_password, help: m.admin_password_help, input: { is: "secret", characters: 16 } },
      {
        path: "role",
        label: m.admin_agent_roles,
        help: m.admin_agent_roles_help,
        input: { is: "things", kind: "roles" },
        usual: () => m.admin_role_agent(),
      },
      { path: "active", label: m.admin_active, help: m.admin_active_help, input: { is: "yes", usually: true } },
    ],
  },
  {
    title: m.admin_group_work,
    fields: [
      { path: "queues", label: m.admin_serves, input: { is: "things", kind: "queues" } },
      { path: "skills", label: m.admin_skills, help: m.admin_skills_help, input: { is: "levels", served: "queues" } },
      {
        path: "chats_max",
        label: m.admin_chats_max,
        help: m.admin_chats_max_help,
        input: { is: "number", unit: "pieces" },
        usual: (usual) => String(usual?.chats_max ?? ""),
      },
      { path: "voice_only", label: m.admin_voice_only, help: m.admin_voice_only_help, input: { is: "yes", usually: false } },
    ],
  },
  {
    title: m.admin_group_phone,
    fields: [
      { path: "phone", label: m.admin_phone, help: m.admin_phone_help, input: { is: "text", plain: true }, usual: () => m.admin_phone_none() },
      { path: "phone_password", label: m.admin_phone_password, help: m.admin_phone_password_help, input: { is: "secret", characters: 24 }, when: registers },
    ],
  },
];

const LEVELS: Choices = {
  none: m.admin_level_none,
  read_queues: m.admin_level_read_queues,
  read: m.admin_level_read,
  change_queues: m.admin_level_change_queues,
  change: m.admin_level_change,
};

/** What a role may let people do in an area. */
function area(path: string, label: Words, help: Words, levels: readonly string[]): Field {
  const of = Object.fromEntries(Object.entries(LEVELS).filter(([level]) => levels.includes(level)));
  return { path, label, help, input: { is: "one", of }, usual: () => m.admin_level_none() };
}

const EACH = ["none", "read", "change"];
const SEEN = ["none", "read"];

const ROLE: readonly Group[] = [
  {
    title: m.admin_group_role,
    fields: [
      { path: "name", label: m.admin_name, input: { is: "text" }, needed: true },
      { path: "answers", label: m.admin_role_answers, help: m.admin_role_answers_help, input: { is: "yes", usually: true } },
    ],
  },
  {
    title: m.admin_group_rights,
    hint: m.admin_rights_hint,
    fields: [
      area("contacts", m.admin_area_contacts, m.admin_area_contacts_help, EACH),
      area("contact_data", m.admin_area_contact_data, m.admin_area_contact_data_help, EACH),
      area("records", m.admin_area_records, m.admin_area_records_help, Object.keys(LEVELS)),
      area("work", m.admin_area_work, m.admin_area_work_help, Object.keys(LEVELS)),
      area("people", m.admin_area_people, m.admin_area_people_help, Object.keys(LEVELS)),
      area("lines", m.admin_area_lines, m.admin_area_lines_help, SEEN),
      area("company", m.admin_area_company, m.admin_area_company_help, EACH),
      area("audit", m.admin_area_audit, m.admin_area_audit_help, SEEN),
    ],
  },
];

const API_KEY: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [
      { path: "name", label: m.admin_name, help: m.admin_api_key_name_help, input: { is: "text" }, needed: true },
      { path: "token", label: m.admin_api_token, help: m.admin_api_token_help, input: { is: "secret", characters: TOKEN_CHARACTERS } },
      { path: "until", label: m.admin_api_key_until, help: m.admin_api_key_until_help, input: { is: "date" }, needed: true },
      { path: "roles", label: m.admin_agent_roles, help: m.admin_api_key_roles_help, input: { is: "things", kind: "roles" } },
      { path: "queues", label: m.admin_api_key_queues, help: m.admin_api_key_queues_help, input: { is: "things", kind: "queues" }, usual: () => m.admin_none() },
    ],
  },
];

/** A phone at a fixed address proves nothing. */
function registers(settings: Settings): boolean {
  const phone = settings["phone"];
  return typeof phone === "string" && phone !== "" && !phone.startsWith("sip:");
}

const NUMBER: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [
      { path: "number", label: m.admin_number, help: m.admin_number_help, input: { is: "text", plain: true }, needed: true, once: true },
      { path: "queue", label: m.admin_queue, help: m.admin_number_queue_help, input: { is: "thing", kind: "queues" }, needed: true },
    ],
  },
];

const registersAt = (settings: Settings): boolean => settings["registrar"] !== undefined;
const isAsked = (settings: Settings): boolean => registersAt(settings) || settings["server"] !== undefined;
const hasUser = (settings: Settings): boolean => settings["user"] !== undefined;

const TRUNK: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [{ path: "name", label: m.admin_name, input: { is: "text" }, needed: true, once: true }],
  },
  {
    title: m.admin_group_known_by,
    hint: m.admin_known_by_hint,
    fields: [
      { path: "address", label: m.admin_addresses, help: m.admin_addresses_help, input: { is: "lines" } },
      { path: "registrar", label: m.admin_registrar, help: m.admin_registrar_help, input: { is: "text", plain: true }, usual: () => m.admin_registrar_none() },
      { path: "user", label: m.admin_trunk_user, help: m.admin_trunk_user_help, input: { is: "text", plain: true } },
      { path: "login", label: m.admin_trunk_login, help: m.admin_trunk_login_help, input: { is: "text", plain: true }, usual: () => m.admin_as_user(), when: registersAt },
      { path: "password", label: m.admin_trunk_password, help: m.admin_trunk_password_help, input: { is: "secret", characters: 24 }, when: hasUser },
    ],
  },
  {
    title: m.admin_group_way,
    fields: [
      { path: "server", label: m.admin_server, help: m.admin_server_help, input: { is: "text", plain: true }, when: (settings) => !registersAt(settings) },
      { path: "transport", label: m.admin_transport, input: { is: "one", of: { udp: () => "UDP", tcp: () => "TCP" } }, usual: () => "UDP", when: isAsked },
      { path: "expires_s", label: m.admin_expires, help: m.admin_expires_help, input: seconds(60, 86_400), usual: () => "600", when: registersAt },
      { path: "probe_s", label: m.admin_probe, help: m.admin_probe_help, input: seconds(0, 3600), usual: () => "60", when: isAsked },
      {
        path: "number",
        label: m.admin_dialled,
        help: m.admin_dialled_help,
        input: { is: "one", of: { request_uri: m.admin_dialled_request_uri, to: m.admin_dialled_to } },
        usual: () => m.admin_dialled_request_uri(),
      },
    ],
  },
];

const TEXTS = {
  greeting: m.admin_text_greeting,
  waiting: m.admin_text_waiting,
  away: m.admin_text_away,
  on_the_phone: m.admin_text_on_the_phone,
  consent: m.admin_text_consent,
} as const;

/** Whether a chat service speaks a language: all, if it names none. */
function speaks(settings: Settings, language: string): boolean {
  const languages = valueAt(settings, "widget.languages");
  return !Array.isArray(languages) || languages.length === 0 || languages.includes(language);
}

function texts(language: "de" | "en", title: Words): Group {
  const field = ([key, label]: [string, Words]): Field => ({
    path: `widget.texts.${language}.${key}`,
    label,
    ...(key === "consent" ? { help: m.admin_text_consent_help } : {}),
    input: { is: "text", long: true },
    usual: () => (key === "consent" ? m.admin_text_none() : m.admin_text_ours()),
    when: (settings) => speaks(settings, language),
  });
  return { title, hint: m.admin_texts_hint, folded: true, fields: Object.entries(TEXTS).map(field) };
}

const SERVICE: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [
      { path: "name", label: m.admin_name, input: { is: "text" }, usual: () => m.admin_as_token() },
      { path: "token", label: m.admin_token, help: m.admin_token_help, input: { is: "text", plain: true, draw: newToken }, needed: true },
      { path: "queue", label: m.admin_queue, help: m.admin_service_queue_help, input: { is: "thing", kind: "queues" }, needed: true },
      { path: "active", label: m.admin_service_active, help: m.admin_service_active_help, input: { is: "yes", usually: true } },
    ],
  },
  {
    title: m.admin_group_website,
    fields: [
      { path: "widget.origins", label: m.admin_origins, help: m.admin_origins_help, input: { is: "lines" }, usual: () => m.admin_origins_any() },
      { path: "widget.languages", label: m.admin_languages, help: m.admin_languages_help, input: { is: "some", of: LANGUAGES }, usual: () => m.admin_languages_all() },
      { path: "widget.accent", label: m.admin_accent, help: m.admin_accent_help, input: { is: "colour" } },
      {
        path: "widget.position",
        label: m.admin_position,
        input: { is: "one", of: { left: m.admin_position_left, right: m.admin_position_right } },
        usual: () => m.admin_position_right(),
      },
      { path: "widget.opens_after_s", label: m.admin_opens_after, help: m.admin_opens_after_help, input: seconds(1, 3600), usual: () => m.admin_never() },
    ],
  },
  {
    title: m.admin_group_conversation,
    fields: [
      {
        path: "widget.agent_name",
        label: m.admin_agent_name,
        input: { is: "one", of: { full: m.admin_agent_name_full, first: m.admin_agent_name_first, team: m.admin_agent_name_team } },
        usual: () => m.admin_agent_name_full(),
      },
      { path: "widget.attachments", label: m.admin_attachments, input: { is: "yes", usually: true } },
      {
        path: "widget.attachments_max_mb",
        label: m.admin_attachments_max,
        input: { is: "number", unit: "pieces", first: 1, last: 100 },
        usual: () => m.admin_attachments_daemon(),
        when: takesFiles,
      },
      {
        path: "widget.attachments_kinds",
        label: m.admin_attachments_kinds,
        help: m.admin_attachments_kinds_help,
        input: { is: "some", of: FILE_KINDS },
        usual: () => m.admin_attachments_daemon(),
        when: takesFiles,
      },
      { path: "widget.transcript", label: m.admin_transcript, input: { is: "yes", usually: true } },
      { path: "widget.rating", label: m.admin_rating, input: { is: "yes", usually: false } },
    ],
  },
  {
    title: m.admin_group_nobody,
    fields: [
      {
        path: "widget.unserved",
        label: m.admin_service_unserved,
        help: m.admin_service_unserved_help,
        input: {
          is: "one",
          of: { form: m.admin_service_unserved_form, telephone: m.admin_service_unserved_telephone, nothing: m.admin_service_unserved_nothing },
        },
        usual: () => m.admin_service_unserved_telephone(),
      },
      { path: "hours", label: m.admin_hours_of_queue, help: m.admin_hours_of_service_help, input: { is: "thing", kind: "hours" }, usual: () => m.admin_hours_as_queue() },
      { path: "telephone", label: m.admin_telephone, help: m.admin_telephone_help, input: { is: "text", plain: true } },
    ],
  },
  { title: m.admin_group_form, hint: m.admin_form_hint, folded: true, fields: [{ path: "widget.form", label: m.admin_form, input: { is: "questions" } }] },
  texts("de", m.admin_group_texts_de),
  texts("en", m.admin_group_texts_en),
  {
    title: m.admin_group_token,
    hint: m.admin_token_renew_hint,
    folded: true,
    fields: [
      { path: "previous_token", label: m.admin_previous_token, help: m.admin_previous_token_help, input: { is: "text", plain: true } },
      { path: "previous_token_until", label: m.admin_previous_token_until, input: { is: "time" }, when: (settings) => settings["previous_token"] !== undefined },
      { path: "identify_key", label: m.admin_identify_key, help: m.admin_identify_key_help, input: { is: "secret", characters: 43 } },
    ],
  },
];

const CLASSIFICATION: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [
      { path: "code", label: m.admin_code, help: m.admin_code_help, input: { is: "text", plain: true }, needed: true },
      { path: "label", label: m.admin_label, help: m.admin_label_help, input: { is: "text" }, usual: () => m.admin_as_code() },
      { path: "parent", label: m.admin_parent, help: m.admin_parent_help, input: { is: "thing", kind: "classifications" }, usual: () => m.admin_parent_none() },
      {
        path: "queues",
        label: m.admin_only_queues,
        help: m.admin_classification_queues_help,
        input: { is: "things", kind: "queues" },
        usual: () => m.admin_all_queues(),
        when: (settings) => settings["parent"] === undefined || settings["queues"] !== undefined,
      },
    ],
  },
];

const TEMPLATE: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [
      { path: "name", label: m.admin_name, help: m.admin_template_name_help, input: { is: "text" }, needed: true },
      { path: "text", label: m.admin_template_text, help: templateHelp, input: { is: "text", long: true }, needed: true },
      { path: "language", label: m.admin_template_language, help: m.admin_template_language_help, input: { is: "text", plain: true }, usual: () => m.admin_any_language() },
      { path: "queues", label: m.admin_only_queues, input: { is: "things", kind: "queues" }, usual: () => m.admin_all_queues() },
    ],
  },
];

function templateHelp(): string {
  return m.admin_template_text_help({ variables: ["visitor", "agent", "queue", "company", "page", "date", "time"].map((one) => `{${one}}`).join(" ") });
}

const WEEKDAYS: Choices = {
  mon: m.admin_weekday_mon,
  tue: m.admin_weekday_tue,
  wed: m.admin_weekday_wed,
  thu: m.admin_weekday_thu,
  fri: m.admin_weekday_fri,
  sat: m.admin_weekday_sat,
  sun: m.admin_weekday_sun,
};

const HOURS: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [{ path: "name", label: m.admin_name, help: m.admin_hours_name_help, input: { is: "text" }, needed: true }],
  },
  {
    title: m.admin_group_week,
    hint: m.admin_group_week_hint,
    fields: Object.entries(WEEKDAYS).map(([day, label]) => ({
      path: `week.${day}`,
      label,
      input: { is: "times", ...(day === "mon" ? { alike: ["tue", "wed", "thu", "fri"].map((other) => `week.${other}`) } : {}) },
    })),
  },
  {
    title: m.admin_group_moment,
    hint: m.admin_group_moment_hint,
    fields: [
      { path: "closed_until", label: m.admin_closed_until, input: { is: "time" } },
      { path: "open_until", label: m.admin_open_until, input: { is: "time" } },
    ],
  },
  {
    title: m.admin_group_days,
    hint: m.admin_group_days_hint,
    fields: [{ path: "days", label: m.admin_other_days, input: { is: "days" } }],
  },
];

export const COMPANY: readonly Group[] = [
  {
    title: m.admin_group_general,
    fields: [
      { path: "name", label: m.admin_name, input: { is: "text" }, once: true },
      { path: "country", label: m.admin_country, help: m.admin_country_help, input: { is: "text", plain: true }, usual: () => "DE" },
      {
        path: "time_zone",
        label: m.admin_time_zone,
        help: m.admin_time_zone_help,
        input: { is: "text", plain: true, known: () => Intl.supportedValuesOf("timeZone") },
        usual: () => m.admin_time_zone_usual(),
      },
      { path: "keep_withheld_numbers", label: m.admin_keep_withheld, help: m.admin_keep_withheld_help, input: { is: "yes", usually: false } },
    ],
  },
  {
    title: m.admin_group_contacts,
    fields: [{ path: "contact_fields", label: m.admin_contact_fields, help: m.admin_contact_fields_help, input: { is: "contact_fields" } }],
  },
];

export const KIND: Readonly<Record<ThingKind, Kind>> = {
  queues: {
    title: m.admin_queues,
    one: m.admin_queue,
    add: m.admin_add_queue,
    empty: m.admin_empty_queues,
    gone: m.admin_gone_queue,
    audited: "queue",
    named: "name",
    shown: "name",
    columns: ["strategy", "push", "overflow", "unserved"],
    returns: false,
    groups: QUEUE,
  },
  agents: {
    title: m.admin_agents,
    one: m.admin_agent,
    add: m.admin_add_agent,
    empty: m.admin_empty_agents,
    gone: m.admin_gone_agent,
    audited: "agent",
    named: "login_name",
    shown: "display_name",
    columns: ["login_name", "role", "queues", "active"],
    returns: false,
    groups: AGENT,
  },
  numbers: {
    title: m.admin_numbers,
    one: m.admin_number,
    add: m.admin_add_number,
    empty: m.admin_empty_numbers,
    gone: m.admin_gone_number,
    audited: "number",
    named: "number",
    shown: "number",
    columns: ["queue"],
    returns: true,
    groups: NUMBER,
  },
  trunks: {
    title: m.admin_trunks,
    one: m.admin_trunk,
    add: m.admin_add_trunk,
    empty: m.admin_empty_trunks,
    gone: m.admin_gone_trunk,
    audited: "trunk",
    named: "name",
    shown: "name",
    columns: ["address", "registrar", "user"],
    returns: false,
    groups: TRUNK,
  },
  services: {
    title: m.admin_services,
    one: m.admin_service,
    add: m.admin_add_service,
    empty: m.admin_empty_services,
    gone: m.admin_gone_service,
    audited: "chat_service",
    named: "token",
    shown: "name",
    columns: ["token", "queue", "active"],
    returns: false,
    groups: SERVICE,
  },
  break_reasons: {
    title: m.admin_break_reasons,
    one: m.admin_break_reason,
    add: m.admin_add_break_reason,
    empty: m.admin_empty_break_reasons,
    gone: m.admin_gone_break_reason,
    audited: "break reason",
    named: "name",
    shown: "name",
    columns: [],
    returns: true,
    groups: [{ title: m.admin_group_general, fields: [{ path: "name", label: m.admin_name, input: { is: "text" }, needed: true }] }],
  },
  classifications: {
    title: m.admin_classifications,
    one: m.classification,
    add: m.admin_add_classification,
    empty: m.admin_empty_classifications,
    gone: m.admin_gone_classification,
    audited: "classification",
    named: "code",
    shown: "label",
    columns: ["code", "queues"],
    returns: false,
    groups: CLASSIFICATION,
  },
  templates: {
    title: m.admin_templates,
    one: m.admin_template,
    add: m.admin_add_template,
    empty: m.admin_empty_templates,
    gone: m.admin_gone_template,
    audited: "template",
    named: "name",
    shown: "name",
    columns: ["text", "language", "queues"],
    returns: true,
    groups: TEMPLATE,
  },
  hours: {
    title: m.admin_opening,
    one: m.admin_hours_one,
    add: m.admin_add_hours,
    empty: m.admin_empty_hours,
    gone: m.admin_gone_hours,
    audited: "hours",
    named: "name",
    shown: "name",
    columns: [],
    returns: true,
    groups: HOURS,
  },
  roles: {
    title: m.admin_roles,
    one: m.admin_role_one,
    add: m.admin_add_role,
    empty: m.admin_empty_roles,
    gone: m.admin_gone_role,
    audited: "role",
    named: "name",
    shown: "name",
    columns: ["answers", "work", "company"],
    returns: true,
    groups: ROLE,
  },
  api_keys: {
    title: m.admin_api_keys,
    one: m.admin_api_key_one,
    add: m.admin_add_api_key,
    empty: m.admin_empty_api_keys,
    gone: m.admin_gone_api_key,
    audited: "api_key",
    named: "name",
    shown: "name",
    columns: ["roles", "until"],
    returns: false,
    groups: API_KEY,
  },
};

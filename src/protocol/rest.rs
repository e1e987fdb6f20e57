//! The shapes of `/api/v1`.

use super::agent::{CandidateView, PresenceView, WhyView, strategies};
use super::details::Rating;
use domain::company::{AREAS, Area, Rights, Scope};
use domain::id::{AgentId, ClassificationId, ContactId, QueueId};
use domain::licence::State;
use domain::queue::{Channel, Strategy};
use domain::record::Outcome;
use domain::routing::Obstacle;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `POST /api/v1/sessions`: logs a person in to the web applications; the answer sets the session cookie.
#[derive(Clone, Debug, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub struct NewSession {
    /// The login name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// `GET /api/v1/setup`.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct SetupView {
    /// Whether the installation has no company yet and waits for its first administrator.
    pub is_open: bool,
}

/// `POST /api/v1/setup`: the first company, and its first administrator.
#[derive(Clone, Debug, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub struct NewSetup {
    /// What stands behind the `#` of the link that the daemon printed.
    pub token: String,
    /// The company's name.
    pub company: String,
    /// The letters of its country, as `DE`; that of a company without one if it is left out.
    #[ts(optional)]
    pub country: Option<String>,
    /// In whose time it lives, as `Europe/Berlin`; the country's if it is left out.
    #[ts(optional)]
    pub time_zone: Option<String>,
    /// The name the administrator logs in with.
    pub login_name: String,
    /// The name others see; the login name if it is left out.
    #[ts(optional)]
    pub display_name: Option<String>,
    /// Their password.
    pub password: String,
}

/// `GET /api/v1/sessions/current` and the answer to `POST /api/v1/sessions`: who is logged in.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct CurrentSession {
    /// The login name.
    pub name: String,
    /// The display name.
    pub display_name: String,
    /// The company's name.
    pub company: String,
    /// Whether calls and chats come to them.
    pub answers: bool,
    /// What they may see and change besides what is their own; nothing in an area that is left out.
    pub rights: Vec<AreaRights>,
}

/// What somebody may do in an area.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct AreaRights {
    /// Which.
    pub area: Area,
    /// How much of it they may see.
    pub reads: Scope,
    /// How much of it they may change; `null`: nothing.
    pub changes: Option<Scope>,
}

impl AreaRights {
    /// All that somebody may do.
    pub fn of(rights: &Rights) -> Vec<AreaRights> {
        let of = |area: Area| Some(AreaRights { area, reads: rights.reads(area)?, changes: rights.changes(area) });
        AREAS.into_iter().filter_map(of).collect()
    }
}

/// `PUT /api/v1/agents/{name}/presence`: logs an agent in or out, for those without a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case", tag = "presence", deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub enum NewPresence {
    /// Work starts, or goes on.
    Available {},
    /// A break, as soon as nothing goes on.
    Break {},
    /// Out of routing until the agent or a supervisor says otherwise; for supervisors.
    Unavailable {},
    /// Work stops.
    LoggedOut {},
}

/// `GET /api/v1/items/{item}/why`: how it was decided to whom an item went, and who could have it now.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct Decisions {
    /// The item, such as `call 1-6`.
    pub item: String,
    /// The decisions, oldest first.
    pub decisions: Vec<WhyView>,
    /// While it waits: each agent of the company, and why they are not asked.
    pub agents: Vec<WhyNot>,
}

/// `GET /api/v1/queues/{queue}/outlook`: whom an item would meet that came now.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct OutlookView {
    /// The queue where it would wait: another one if this one overflows, and none if it would be refused.
    pub queue: Option<String>,
    /// The queue for which it comes is outside of its hours; `null`: it is open.
    pub closed: Option<ClosedView>,
    /// Who comes first among agents of the same tier.
    #[schema(schema_with = strategies)]
    #[ts(type = "\"longest_idle\" | \"round_robin\" | \"skill\" | \"sticky\"")]
    pub strategy: Strategy,
    /// Whether it would be given to somebody: else agents take it by themselves.
    pub given: bool,
    /// How many wait there already for somebody who can be asked.
    pub waiting: u32,
    /// Who could be asked, in their order.
    pub candidates: Vec<CandidateView>,
    /// Who else serves the queue.
    pub passed_over: Vec<NotAsked>,
}

/// Something is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct ClosedView {
    /// When it opens, milliseconds since 1970; `null`: not for as long as one can see.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub opens: Option<Timestamp>,
}

/// `POST /api/v1/company/hours/outlook`: what opening hours come to.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct HoursOutlookView {
    /// The company's zone, in which times are to be shown (IANA).
    pub time_zone: String,
    /// The moment for which this holds, milliseconds since 1970.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub now: Timestamp,
    /// Whether it is open then.
    pub open: bool,
    /// When that changes, milliseconds since 1970; `null`: not for as long as one can see.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub until: Option<Timestamp>,
    /// Today and the days after it.
    pub days: Vec<HoursDayView>,
}

/// A day of opening hours. It has 23 or 25 hours when the clocks are changed.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct HoursDayView {
    /// Which, as `2026-12-24`.
    pub date: String,
    /// What it is called, if it is otherwise.
    pub name: Option<String>,
    /// When it begins, milliseconds since 1970.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub from: Timestamp,
    /// When it ends.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub to: Timestamp,
    /// When it is open within it.
    pub open: Vec<StretchView>,
}

/// From one moment to another, milliseconds since 1970.
#[derive(Clone, Copy, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct StretchView {
    /// The first.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub from: Timestamp,
    /// The first after it.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub to: Timestamp,
}

/// `POST /api/v1/company/hours/import`: the days that a calendar brings. Nothing is changed by that.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct HoursImportView {
    /// As they may be put among a thing's `days`.
    pub days: Vec<HolidayView>,
    /// Events that bring none.
    pub left_out: Vec<LeftOutView>,
}

/// A day that a calendar brings.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct HolidayView {
    /// Which, as `2026-12-24`.
    pub date: String,
    /// What it is called.
    pub name: String,
}

/// An event of a calendar that brings no day.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct LeftOutView {
    /// The line at which it begins.
    #[ts(type = "number")]
    pub line: u64,
    /// Why, in English.
    pub message: String,
    /// And in German.
    pub message_de: String,
}

/// Somebody who could not be asked.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct NotAsked {
    /// The display name.
    pub agent: String,
    /// Why.
    pub obstacle: Obstacle,
}

/// Why an agent is not asked about an item that waits.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct WhyNot {
    /// The display name.
    pub agent: String,
    /// The reason; `null`: they may be asked.
    pub obstacle: Option<Obstacle>,
    /// How many come before them, if they may be asked.
    pub before: Option<u32>,
}

/// `POST /api/v1/queues/{queue}/tasks`: something to be done.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub struct NewTask {
    /// What it is.
    pub channel: TaskChannel,
    /// Whom to call or to write to, or what is to be done: 1 to 4,000 characters.
    pub text: String,
}

/// What a task is to its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "rest.ts")]
pub enum TaskChannel {
    /// A call that was promised.
    Callback,
    /// An e-mail.
    Email,
    /// Anything else that has to be done.
    WorkItem,
}

/// The answer to `POST /api/v1/queues/{queue}/tasks`.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct CreatedTask {
    /// The item, such as `task 1-6`.
    pub item: String,
}

/// `POST /api/v1/items/{item}/move` and `POST /api/v1/queues/{queue}/overflow`: where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub struct MoveTo {
    /// The queue.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub queue: QueueId,
}

/// One of `GET /api/v1/queues`: a queue of the company.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct QueueEntry {
    /// Its id, by which other requests name it.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub queue: QueueId,
    /// Its name.
    pub name: String,
    /// How many items wait there.
    pub waiting: u32,
    /// The numbers whose calls wait there.
    pub numbers: Vec<String>,
}

/// One of `GET /api/v1/agents`: a person of the company.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct AgentEntry {
    /// Their id, by which other requests name them.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub agent: AgentId,
    /// The log-in name.
    pub name: String,
    /// The name that others see.
    pub display_name: String,
    /// The names of their roles.
    pub roles: Vec<String>,
    /// Whether they work; `null` until the daemon has read this person.
    pub presence: Option<PresenceView>,
    /// The queues that they serve.
    pub queues: Vec<NamedQueue>,
}

/// One of `GET /api/v1/services`: a chat service of the company.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct ServiceEntry {
    /// The token in the website's snippet.
    pub token: String,
    /// Its name.
    pub name: String,
    /// Where its chats wait.
    pub queue: NamedQueue,
    /// Whether it takes new chats.
    pub active: bool,
}

/// An element of `GET /api/v1/company/api_keys/used`.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct ApiKeyUsed {
    /// Its id, as in the list of API keys.
    pub id: String,
    /// When it was used last, milliseconds since 1970, to within a minute.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub at: Timestamp,
}

/// `GET /api/v1/company/services/{id}/seen`: where a chat service was seen, the page that was seen last first.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct SeenView {
    /// The pages that may have it.
    pub pages: Vec<SeenPageView>,
    /// Where it was asked for and did not appear, because the service's `origins` are others.
    pub foreign: Vec<SeenPageView>,
}

/// A page on which a chat service was seen.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct SeenPageView {
    /// As `https://www.example.com`; `null` as a word for pages that have none, such as files.
    pub origin: String,
    /// Its path, without query; `null`: it was somewhere on this origin.
    pub path: Option<String>,
    /// When it was seen first, milliseconds since 1970.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub first: Timestamp,
    /// When last, within a minute.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub last: Timestamp,
}

/// One of `GET /api/v1/trunks`: how a trunk of the company stands.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct TrunkView {
    /// Its name in the company's file.
    pub name: String,
    /// How our registration with it stands; `null` if we don't register there.
    pub registration: Option<TrunkRegistration>,
    /// Since when; refreshing it changes nothing.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub registration_since: Option<Timestamp>,
    /// Whether it answers; `null` if it is not asked.
    pub reach: Option<TrunkReach>,
    /// Since when.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub reach_since: Option<Timestamp>,
    /// What went wrong last, also if it is right again.
    pub last_failure: Option<TrunkFailure>,
}

/// How our registration with a trunk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "rest.ts")]
pub enum TrunkRegistration {
    /// Not answered yet, or its name is not found.
    Pending,
    /// Calls come.
    Registered,
    /// Refused, or not answered; tried again.
    Refused,
}

/// Whether a trunk answers when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "rest.ts")]
pub enum TrunkReach {
    /// Not answered yet, or its name is not found.
    Unknown,
    /// It answers.
    Reachable,
    /// It has not answered twice in a row.
    Unreachable,
}

/// What went wrong with a trunk.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct TrunkFailure {
    /// When.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// At what.
    pub what: TrunkFailed,
    /// The SIP status: 408 nobody answered, 503 no way there or it cannot work; `null` if nobody was asked.
    pub status: Option<u16>,
}

/// What can go wrong with a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "rest.ts")]
pub enum TrunkFailed {
    /// Registering.
    Registration,
    /// Asking whether it is there.
    Probe,
    /// Finding its name.
    Name,
}

/// One of `GET /api/v1/phones`: an agent and their phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct PhoneView {
    /// The agent's login name.
    pub agent: String,
    /// Their display name.
    pub name: String,
    /// How the phone is found.
    pub kind: PhoneKind,
    /// The user as which it registers, or its fixed address.
    pub address: Option<String>,
    /// Whether calls can reach it: it is registered somewhere. `null`: found out by calling its fixed address.
    pub reachable: Option<bool>,
    /// Where it is registered, the place heard from last first.
    pub registrations: Vec<PhoneRegistration>,
}

/// How an agent's phone is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "rest.ts")]
pub enum PhoneKind {
    /// It registers.
    Registers,
    /// At a fixed address.
    Fixed,
    /// There is none.
    None,
}

/// One registration of a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct PhoneRegistration {
    /// The address that the phone says it has.
    pub contact: String,
    /// From where it registered, as address and port: calls go there.
    pub source: String,
    /// What carries its messages: `udp` or `tcp`.
    pub transport: String,
    /// Since when it is registered without a gap; `null`: before that was kept.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub registered_at: Option<Timestamp>,
    /// Until when, if it does not register again.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub expires_at: Timestamp,
    /// What the phone says that it is, 100 characters at most; `null`: nothing.
    pub user_agent: Option<String>,
}

/// `GET /api/v1/calls`: one page of the calls that are over, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct Calls {
    /// The records.
    pub calls: Vec<CallRecord>,
    /// The `cursor` of the next page; `null` if this was the last one.
    pub next: Option<String>,
}

/// What became of one call, chat or task; also `GET /api/v1/calls/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct CallRecord {
    /// The item, such as `call 1-6`.
    pub item: String,
    /// What it was.
    pub kind: Channel,
    /// How it ended.
    pub outcome: Outcome,
    /// When it arrived.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub arrived_at: Timestamp,
    /// When an agent first answered or turned to it; `null` if nobody did.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub answered_at: Option<Timestamp>,
    /// When it was over, wrap-ups left out; of a call, if the daemon died, when it was last known to run.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub ended_at: Timestamp,
    /// How long it waited in all.
    #[ts(type = "number")]
    pub waited_ms: u64,
    /// How long it was with agents in all.
    #[ts(type = "number")]
    pub talked_ms: u64,
    /// How much of that one had put the other on hold, or the agent attended to something else.
    #[ts(type = "number")]
    pub held_ms: u64,
    /// The calling number; `null` if it was withheld or erased, or is no call's.
    pub caller: Option<String>,
    /// The number dialled; `null` if it was erased.
    pub called: Option<String>,
    /// The trunk by which it came; `null` if it came from a phone, or was erased.
    pub trunk: Option<String>,
    /// Whether who called whom was erased.
    pub erased: bool,
    /// The queues in which it waited, in the order of its first wait: the first is the one dialled.
    pub queues: Vec<NamedQueue>,
    /// The queue in which it waited last.
    pub last_queue: NamedQueue,
    /// How often a queue or a supervisor sent it to another queue.
    pub moves: u32,
    /// How often a phone rang for it, or it was given to an agent without their asking.
    pub offers: u32,
    /// The conversations, in their order.
    pub talks: Vec<TalkView>,
    /// How often a call pushed it aside.
    pub preemptions: u32,
    /// How long calls kept it aside in all.
    #[ts(type = "number")]
    pub preempted_ms: u64,
    /// Time spent on its wrap-up; 0 of calls, whose wrap-ups begin after they are over.
    #[ts(type = "number")]
    pub wrap_up_ms: u64,
    /// What agents wrote of it; empty if nothing was, or if it was erased.
    pub note: String,
    /// What it was about.
    pub classifications: Vec<ClassificationView>,
    /// Who the customer was: a contact, or `null` if that is not known.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub contact: Option<ContactId>,
    /// What is known of the telephones, the caller's first; none of a call that was erased.
    pub legs: Vec<LegView>,
    /// How a chat's visitor liked it; `null`: they did not say, or it was erased.
    pub rating: Option<Rating>,
}

/// A queue with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct NamedQueue {
    /// Its id.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub queue: QueueId,
    /// Its name; empty if it was removed.
    pub name: String,
}

/// An agent with their name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct NamedAgent {
    /// Their id.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub agent: AgentId,
    /// Their display name; empty if they were removed.
    pub name: String,
}

/// One conversation of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct TalkView {
    /// With whom.
    pub agent: NamedAgent,
    /// Out of which queue.
    pub queue: NamedQueue,
    /// From when on.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub connected_at: Timestamp,
    /// Until when.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub ended_at: Timestamp,
    /// How much of it one had put the other on hold.
    #[ts(type = "number")]
    pub held_ms: u64,
}

/// A telephone's part in a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct LegView {
    /// The agent whose phone it is; `null` for the caller's.
    pub agent: Option<NamedAgent>,
    /// The SIP Call-ID, as it stands in traces of the network.
    pub call_id: Option<String>,
    /// Its RTP packets; `null` if no media flowed, or if they are not known because the daemon died.
    pub packets: Option<PacketsView>,
}

/// The RTP packets of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct PacketsView {
    /// They came from the phone.
    #[ts(type = "number")]
    pub received: u64,
    /// They went to the phone.
    #[ts(type = "number")]
    pub sent: u64,
    /// They came from elsewhere, or were of another kind, and were dropped.
    #[ts(type = "number")]
    pub dropped: u64,
}

/// What an item may be, or was, about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct ClassificationView {
    /// Its id.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub classification: ClassificationId,
    /// By what the company knows it.
    pub code: String,
    /// The labels from the root of the tree down to its own.
    pub path: Vec<String>,
}

/// Settings by key, as they stand in the company's file: what is not there has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
#[ts(export_to = "rest.ts")]
pub struct ThingSettings(#[ts(type = "Record<string, unknown>")] pub serde_json::Map<String, serde_json::Value>);

/// What a thing of a company is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "rest.ts")]
pub enum ThingKind {
    /// Queues.
    Queues,
    /// People.
    Agents,
    /// Numbers.
    Numbers,
    /// Trunks.
    Trunks,
    /// Chat services.
    Services,
    /// Reasons for breaks.
    BreakReasons,
    /// What items may be about.
    Classifications,
    /// What agents write again and again.
    Templates,
    /// When it is open.
    Hours,
    /// What people may do.
    Roles,
    /// By which programs ask.
    ApiKeys,
}

impl From<ThingKind> for domain::company::Kind {
    fn from(kind: ThingKind) -> domain::company::Kind {
        use domain::company::Kind;
        match kind {
            ThingKind::Queues => Kind::Queue,
            ThingKind::Agents => Kind::Agent,
            ThingKind::Numbers => Kind::Number,
            ThingKind::Trunks => Kind::Trunk,
            ThingKind::Services => Kind::Service,
            ThingKind::BreakReasons => Kind::BreakReason,
            ThingKind::Classifications => Kind::Classification,
            ThingKind::Templates => Kind::Template,
            ThingKind::Hours => Kind::Hours,
            ThingKind::Roles => Kind::Role,
            ThingKind::ApiKeys => Kind::ApiKey,
        }
    }
}

/// One of `GET /api/v1/company/{kind}`: a thing of a company, for its administrators.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct CompanyThing {
    /// By what it is asked for.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is like, without secrets; its name is among them.
    pub settings: ThingSettings,
}

/// `GET /api/v1/company/installation`: what holds where the company says nothing, and where its phones and pages reach the
/// daemon.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct Installation {
    /// How long a call rings at one agent, in seconds.
    #[ts(type = "number")]
    pub ring_s: u64,
    /// The wrap-up of calls, in seconds.
    #[ts(type = "number")]
    pub call_wrap_up_s: u64,
    /// The wrap-up of chats, in seconds.
    #[ts(type = "number")]
    pub chat_wrap_up_s: u64,
    /// How many chats an agent may have at once.
    pub chats_max: u32,
    /// The address that people type, without a slash at its end.
    pub public_url: String,
    /// The realm in which phones prove their passwords.
    pub sip_realm: String,
    /// Where phones register.
    pub sip: Vec<SipPlace>,
}

/// By which licence a company's chats may begin, and what holds now (R1).
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct LicenceView {
    /// What holds.
    pub state: LicenceStateView,
    /// Whether new chats may begin.
    pub lets_chats_begin: bool,
    /// What holds, as an English sentence.
    pub message: String,
    /// The same in German.
    pub message_de: String,
    /// How many of its people could have chats.
    pub chat_agents: u32,
    /// What the licence says; `null` if there is none that can be read.
    pub licence: Option<LicencedView>,
}

/// What a licence says.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct LicencedView {
    /// Its number.
    pub number: String,
    /// For which company it was issued.
    pub company: String,
    /// For which channels, as `chat`.
    pub channels: Vec<String>,
    /// How many agents may have chats.
    pub agents: u32,
    /// From when on.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub from: Timestamp,
    /// Until when: at that moment it has ended.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub until: Timestamp,
    /// For how many days chats may begin after that.
    pub grace_days: u32,
    /// When no chat begins any more.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub ends: Timestamp,
}

/// What holds by a company's licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "rest.ts")]
pub enum LicenceStateView {
    /// There is none.
    None,
    /// What there is cannot be read.
    Broken,
    /// It is for another company.
    OtherCompany,
    /// It is for other channels.
    NoChat,
    /// It has not begun.
    NotYet,
    /// Chats may begin.
    Valid,
    /// The same, for 30 days at most.
    EndsSoon,
    /// It has ended, and chats may begin for some days yet.
    Grace,
    /// No chat begins any more.
    Ended,
}

impl From<&State> for LicenceStateView {
    fn from(state: &State) -> LicenceStateView {
        match state {
            State::None => LicenceStateView::None,
            State::Broken(_) => LicenceStateView::Broken,
            State::OtherCompany { .. } => LicenceStateView::OtherCompany,
            State::NoChat => LicenceStateView::NoChat,
            State::NotYet { .. } => LicenceStateView::NotYet,
            State::Valid { .. } => LicenceStateView::Valid,
            State::EndsSoon { .. } => LicenceStateView::EndsSoon,
            State::Grace { .. } => LicenceStateView::Grace,
            State::Ended { .. } => LicenceStateView::Ended,
        }
    }
}

/// One place where phones and trunks reach the daemon.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct SipPlace {
    /// What carries messages there: `udp` or `tcp`.
    pub transport: String,
    /// A host name or an IP address, IPv6 in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// The answer to a change of a company.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct Changed {
    /// What is another one now, or would be.
    pub differences: Vec<DifferenceView>,
    /// The thing as it is now; `null` if it is there no more, or nothing was changed.
    pub thing: Option<CompanyThing>,
}

/// One thing of a company that became another one.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct DifferenceView {
    /// What kind of thing: `company`, `queue`, `agent`, `number`, `trunk`, `chat_service` or `break reason`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `new`, `changed` or `removed`.
    pub what: String,
    /// The settings that differ as they were; secrets are masked.
    pub from: ThingSettings,
    /// And as they are.
    pub to: ThingSettings,
}

/// `POST /api/v1/company/people/import`: what a table of people came to, or would come to.
#[derive(Clone, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct PeopleImported {
    /// How many people are new.
    pub created: u32,
    /// How many are others than before.
    pub changed: u32,
    /// How many are as they were.
    pub unchanged: u32,
    /// What is another one now, or would be.
    pub differences: Vec<DifferenceView>,
    /// What was made for whom: to be passed on, and never told again.
    pub given: Vec<PersonSecrets>,
}

/// The passwords that were made for somebody.
#[derive(Clone, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct PersonSecrets {
    /// The login name.
    pub login_name: String,
    /// The display name.
    pub display_name: String,
    /// With what they log in; `null`: as before.
    pub password: Option<String>,
    /// The user as which their new phone registers; `null`: they have no new one.
    pub phone: Option<String>,
    /// With what it registers.
    pub phone_password: Option<String>,
}

/// `GET /api/v1/company/audit`: one page of the changes of a company, the newest first.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct Audit {
    /// The changes.
    pub entries: Vec<AuditView>,
    /// The `cursor` of the next page; `null` if this was the last one.
    pub next: Option<String>,
}

/// One change of one thing of a company.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct AuditView {
    /// When.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// `agent`: a person of the company by the API; `operator`: somebody at the command line.
    pub author_kind: String,
    /// Their login name, or the system's name for them.
    pub author: String,
    /// What was changed.
    pub change: DifferenceView,
}

//! The shapes of `/api/v1`.

use super::agent::{ObstacleView, WhyView};
use domain::id::QueueId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `POST /api/v1/sessions`: logs a person in to the web applications; the answer sets the session cookie.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub struct NewSession {
    /// The login name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// `GET /api/v1/sessions/current` and the answer to `POST /api/v1/sessions`: who is logged in.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "rest.ts")]
pub struct CurrentSession {
    /// The login name.
    pub name: String,
    /// The display name.
    pub display_name: String,
    /// The company's name.
    pub company: String,
}

/// `PUT /api/v1/agents/{name}/presence`: logs an agent in or out, for those without a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
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
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "rest.ts")]
pub struct Decisions {
    /// The item, such as `call:17`.
    pub item: String,
    /// The decisions, oldest first.
    pub decisions: Vec<WhyView>,
    /// While it waits: each agent of the company, and why they are not asked.
    pub agents: Vec<WhyNot>,
}

/// Why an agent is not asked about an item that waits.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "rest.ts")]
pub struct WhyNot {
    /// The display name.
    pub agent: String,
    /// The reason; `null`: they may be asked.
    pub obstacle: Option<ObstacleView>,
    /// How many come before them, if they may be asked.
    pub before: Option<u32>,
}

/// `POST /api/v1/queues/{queue}/tasks`: something to be done.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub struct NewTask {
    /// What it is.
    pub channel: TaskChannel,
    /// Whom to call or to write to, or what is to be done: 1 to 4,000 characters.
    pub text: String,
}

/// What a task is to its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
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
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "rest.ts")]
pub struct CreatedTask {
    /// The item, such as `task:17`.
    pub item: String,
}

/// `POST /api/v1/items/{item}/move` and `POST /api/v1/queues/{queue}/overflow`: where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub struct MoveTo {
    /// The queue.
    #[ts(type = "number")]
    pub queue: QueueId,
}

/// One of `GET /api/v1/trunks`: how a trunk of the company stands.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "rest.ts")]
pub struct TrunkView {
    /// Its name in the company's file.
    pub name: String,
    /// How our registration with it stands; `null` if we don't register there.
    pub registration: Option<TrunkRegistration>,
    /// Since when; refreshing it changes nothing.
    #[ts(type = "number | null")]
    pub registration_since: Option<Timestamp>,
    /// Whether it answers; `null` if it is not asked.
    pub reach: Option<TrunkReach>,
    /// Since when.
    #[ts(type = "number | null")]
    pub reach_since: Option<Timestamp>,
    /// What went wrong last, also if it is right again.
    pub last_failure: Option<TrunkFailure>,
}

/// How our registration with a trunk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
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
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "rest.ts")]
pub struct TrunkFailure {
    /// When.
    #[ts(type = "number")]
    pub at: Timestamp,
    /// At what.
    pub what: TrunkFailed,
    /// The SIP status: 408 nobody answered, 503 no way there or it cannot work; `null` if nobody was asked.
    pub status: Option<u16>,
}

/// What can go wrong with a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
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

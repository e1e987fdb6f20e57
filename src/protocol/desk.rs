//! The shapes of `/api/v1` that an agent's own desktop needs beside its socket.

use super::agent::NoteView;
use super::rest::{CallRecord, ClassificationView, NamedAgent};
use super::visitor::Message;
use domain::id::{ClassificationId, QueueId, TemplateId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use ts_rs::TS;
use utoipa::ToSchema;

/// `GET /api/v1/items/{item}/write-up`: what agents wrote of an item, and what it was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "desk.ts")]
pub struct WriteUpView {
    /// Which state of it this is; 0 if nothing was ever written.
    #[ts(type = "number")]
    pub version: u64,
    /// The note.
    pub note: String,
    /// What it was about.
    pub classifications: Vec<ClassificationView>,
    /// What it may be about: those of its queue, or of the company, in their order.
    pub choices: Vec<ClassificationView>,
    /// Who wrote last; `null` if nobody did.
    pub by: Option<NamedAgent>,
    /// When that was.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub at: Option<Timestamp>,
    /// Whether whoever asks may change it.
    pub editable: bool,
}

/// `PUT /api/v1/items/{item}/write-up`: what is to be written of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "desk.ts")]
pub struct NewWriteUp {
    /// The `version` of what was there when it was thought of.
    #[ts(type = "number")]
    pub version: u64,
    /// The note: at most 10,000 characters.
    pub note: String,
    /// What it was about: at most 20.
    #[ts(type = "number[]")]
    #[schema(value_type = Vec<u64>)]
    pub classifications: BTreeSet<ClassificationId>,
}

/// `GET /api/v1/items/{item}/transcript`: a page of what was said in a chat.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "desk.ts")]
pub struct Transcript {
    /// The messages, the earliest first.
    #[schema(value_type = Vec<Object>)]
    pub messages: Vec<Message>,
    /// What agents noted for each other, the earliest first, each with the message behind which it stands; the last 200.
    #[schema(value_type = Vec<Object>)]
    pub notes: Vec<NoteView>,
    /// The `before` of the page of what was said earlier; `null` if this is the first.
    pub earlier: Option<u32>,
}

/// `GET /api/v1/items`: a page of the items that somebody had, the newest first.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "desk.ts")]
pub struct OwnItems {
    /// The records.
    pub items: Vec<CallRecord>,
    /// The `cursor` of the next page; `null` if this was the last one.
    pub next: Option<String>,
}

/// One of `GET /api/v1/templates`: a text that is written again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "desk.ts")]
pub struct TemplateView {
    /// Its id.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub template: TemplateId,
    /// Its short name.
    pub name: String,
    /// The text, with variables such as `{visitor}`.
    pub text: String,
    /// The language that it is written in; `null`: any.
    pub language: Option<String>,
    /// The queues for which it is meant; none: for all.
    #[ts(type = "number[]")]
    #[schema(value_type = Vec<u64>)]
    pub queues: Vec<QueueId>,
}

/// `PUT /api/v1/password`: another password of one's own.
#[derive(Clone, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "desk.ts")]
pub struct NewPassword {
    /// The one that holds.
    pub old: String,
    /// The one that is to hold: 8 characters or more.
    pub new: String,
}

/// One of `GET /api/v1/sessions`: a browser in which somebody is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "desk.ts")]
pub struct SessionView {
    /// By what it is ended.
    pub id: String,
    /// When they logged in.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub since: Timestamp,
    /// When it ends by itself.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub until: Timestamp,
    /// The browser, as it names itself (`User-Agent`).
    pub browser: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `GET` and `PUT /api/v1/preferences`: what a person has set for their screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[ts(export_to = "desk.ts")]
pub struct Preferences {
    /// Whether a sound is heard for a call that rings.
    pub sound_ringing: bool,
    /// For an item that came without asking, and for what comes back after a call.
    pub sound_items: bool,
    /// For what a visitor writes.
    pub sound_messages: bool,
    /// Whether what comes is also told outside of the page.
    pub notifications: bool,
    /// What sends a message: Enter, or Ctrl and Enter.
    pub send_with: SendWith,
    /// How much stands on a screen.
    pub density: Density,
}

/// What sends a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "desk.ts")]
pub enum SendWith {
    /// Enter; with Shift it begins a line.
    #[default]
    Enter,
    /// Ctrl and Enter (or Command and Enter); Enter begins a line.
    CtrlEnter,
}

/// How much stands on a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "desk.ts")]
pub enum Density {
    /// With room between the lines.
    #[default]
    Comfortable,
    /// More of it.
    Compact,
}

impl Default for Preferences {
    fn default() -> Preferences {
        Preferences {
            sound_ringing: true,
            sound_items: true,
            sound_messages: true,
            notifications: true,
            send_with: SendWith::Enter,
            density: Density::Comfortable,
        }
    }
}

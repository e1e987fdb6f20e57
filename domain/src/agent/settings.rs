//! What the administrator decided about an agent.

use crate::id::QueueId;
use crate::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the administrator decided about an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// How many chats they may have at once, wrap-ups left out: nobody waits there.
    pub chats_max: u32,
    /// How many they may have when the next one is from this queue, where that differs.
    pub chats_max_in: BTreeMap<QueueId, u32>,
    /// After how long the parked wrap-up of a call is closed by itself; `None`: never.
    pub parked_wrap_up_closes: Option<Span>,
    /// How long a browser may be gone before the agent is taken out of routing.
    pub browser_grace: Span,
    /// How long a browser may be gone before the agent is logged out.
    pub browser_gone: Span,
    /// Works with a desk phone and without a browser.
    pub voice_only: bool,
    /// The desk phone registers, or there is none; else it has a fixed address, and whether it is there is found out by
    /// calling.
    pub phone_registers: bool,
    /// How calls take precedence over what the agent attends to.
    pub preemption: Preemption,
}

impl Settings {
    /// The same for somebody to whom no chat may come; what they have stays with them, and calls and tasks go on coming.
    #[must_use]
    pub fn without_chats(self) -> Settings {
        Settings { chats_max: 0, chats_max_in: BTreeMap::new(), ..self }
    }

    /// Whether a colleague can ever give them a chat: they have a browser, and may have one from some queue at least.
    pub fn takes_chats(&self) -> bool {
        !self.voice_only && (self.chats_max > 0 || self.chats_max_in.values().any(|max| *max > 0))
    }
}

/// How calls take precedence over what an agent attends to (R9, R14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Preemption {
    /// When it is parked.
    pub park_on: ParkOn,
    /// When it comes back.
    pub resume_on: ResumeOn,
    /// How long it may not be pushed aside again after it came back.
    pub min_resume: Span,
}

/// When a call parks what the agent attends to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkOn {
    /// When the agent answers.
    #[default]
    Answer,
    /// As soon as the phone rings.
    Ring,
}

/// When what a call pushed aside comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumeOn {
    /// When the call is over; its own wrap-up waits parked.
    #[default]
    Hangup,
    /// When the call's wrap-up is done.
    WrapUpDone,
}

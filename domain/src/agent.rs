//! The agent: whether they work, the one thing they attend to, the call that rings for them, and their inbox.
//! It never looks into a queue and never writes in a chat; it alone says yes to a call, and says one thing at a time.

use crate::id::{AgentId, CallId, ChatId, OfferId, QueueId};
use crate::message::{Effect, tell_call, tell_chat, tell_queue};
use crate::queue::Outcome;
use crate::routing::{Interruption, Tier};
use crate::time::{Span, Stopwatch, Timestamp};
use crate::{Machine, Refusal, call, chat, queue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long calls are blocked after the phone was busy, or did not answer at its fixed address.
pub const BUSY_BLOCKS: Span = Span::seconds(15);
/// After how long a voice-only agent who missed a call is asked again: they have no screen to come back on.
pub const VOICE_ONLY_RETURNS: Span = Span::seconds(60);
/// How many declines in a row block calls.
pub const DECLINES_MAX: u32 = 3;
/// Of how many calls the closed offers are remembered.
const CLOSED_OFFERS_MAX: usize = 32;

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Agent {
    id: AgentId,
    settings: Settings,
    presence: Presence,
    calls: Calls,
    browser: Browser,
    active: Option<Active>,
    reservation: Option<Reservation>,
    preempted: Option<ChatId>,
    call_wrap_ups: Vec<Stopwatch>,
    inbox: BTreeMap<ChatId, Entry>,
    closed_offers: BTreeMap<CallId, u32>,
    declines: u32,
    idle_since: Timestamp,
    last_call_at: Timestamp,
    sequence: u64,
}

/// What the administrator decided about an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// How long the phone rings.
    pub ring: Span,
    /// How long the wrap-up of a call lasts; zero: there is none.
    pub call_wrap_up: Span,
    /// How many chats they may have at once.
    pub chats_max: u32,
    /// How long a browser may be gone before the agent is taken out of routing.
    pub browser_grace: Span,
    /// How long a browser may be gone before the agent is logged out.
    pub browser_gone: Span,
    /// Works with a desk phone and without a browser.
    pub voice_only: bool,
    /// The desk phone registers; else it has a fixed address, and whether it is there is found out by calling.
    pub phone_registers: bool,
}

/// Whether an agent works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Not at work.
    #[default]
    LoggedOut,
    /// At work.
    Available,
    /// At work, but not to be routed to.
    Unavailable {
        /// Why.
        reason: Reason,
        /// When it ends by itself.
        until: Option<Timestamp>,
    },
    /// Logged out as soon as the running call is over.
    LoggingOut,
}

/// Why an agent is unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A call was not answered.
    Missed,
    /// The browser is gone.
    ConnectionLost,
}

/// Whether calls may ring. It blocks calls only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calls {
    /// They may.
    #[default]
    Open,
    /// Not before `until`; `None`: not before the agent says so.
    Blocked {
        /// Until when.
        until: Option<Timestamp>,
    },
    /// The phone cannot be reached; it has to register again.
    PhoneLost,
}

/// Whether the agent's browser is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Browser {
    /// It is, or the agent needs none.
    #[default]
    Online,
    /// Gone, and expected back: the agent is shielded.
    Grace {
        /// Until when.
        until: Timestamp,
        /// When it is given up.
        gone_at: Timestamp,
    },
    /// Gone for long: the agent is out of routing.
    Lost {
        /// When it is given up.
        gone_at: Timestamp,
    },
}

/// The one item that an agent attends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Active {
    /// A chat; the inbox knows whether it is in its wrap-up.
    Chat(ChatId),
    /// A running call.
    Call {
        /// By which offer.
        offer: OfferId,
        /// Since when.
        since: Timestamp,
    },
    /// The wrap-up of a call.
    CallWrapUp {
        /// Time spent on it.
        clock: Stopwatch,
        /// When it ends by itself.
        until: Timestamp,
    },
}

/// A call that rings for the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reservation {
    /// The offer.
    pub offer: OfferId,
    /// From which queue.
    pub queue: QueueId,
    /// Until when it rings.
    pub until: Timestamp,
}

/// A chat in the inbox, as far as the agent's attention is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Picked; the chat has not agreed yet.
    Requested,
    /// The conversation goes on, or has not begun.
    Conversation {
        /// No call may interrupt it.
        exclusive: bool,
    },
    /// It is over; the agent writes it up.
    WrapUp,
}

/// All that can be asked of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The administrator's word.
    Configure {
        /// The agent's id.
        id: AgentId,
        /// What holds from now on.
        settings: Settings,
    },
    /// Work starts, or goes on after a missed call.
    LogIn,
    /// Work stops (R16).
    LogOut,
    /// Takes a chat out of its queue (R5, R6).
    Pick {
        /// Which.
        chat: ChatId,
        /// The place where the agent saw it.
        place: u32,
    },
    /// The chat agreed to the pick.
    Allocated {
        /// Which.
        chat: ChatId,
        /// Whether its queue lets no call interrupt it.
        exclusive: bool,
    },
    /// Somebody else was faster.
    NotAllocated {
        /// Which.
        chat: ChatId,
    },
    /// Turns to a chat (R6, R11).
    Activate {
        /// Which.
        chat: ChatId,
    },
    /// Puts the active chat aside (R11, R13).
    Park {
        /// Which.
        chat: ChatId,
    },
    /// Ends the wrap-up of a call.
    FinishCallWrapUp,
    /// The conversation is over, the chat is in its wrap-up.
    ChatEnded {
        /// Which.
        chat: ChatId,
    },
    /// The chat is not this agent's any more.
    ChatLeft {
        /// Which.
        chat: ChatId,
    },
    /// The queue offers a call.
    Offer {
        /// The offer.
        offer: OfferId,
        /// From which queue.
        queue: QueueId,
        /// In which tier the agent was when chosen.
        tier: Tier,
    },
    /// Declined on the screen.
    Decline {
        /// Which offer.
        offer: OfferId,
    },
    /// The phone did not take the call.
    PhoneFailed {
        /// For which offer.
        offer: OfferId,
        /// Declined, busy or unreachable.
        outcome: Outcome,
    },
    /// The phone answered: is it still wanted?
    Commit {
        /// For which offer.
        offer: OfferId,
    },
    /// The call of this offer is over, or never was.
    Over {
        /// Which offer.
        offer: OfferId,
    },
    /// The desk phone registered.
    PhoneRegistered,
    /// The last browser tab is gone.
    BrowserLost,
    /// A browser tab is there.
    BrowserBack,
    /// The daemon was restarted: no browser is connected yet.
    Restarted,
    /// A deadline passed.
    Due(Timestamp),
}

/// All that can happen to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The administrator's word holds.
    Configured {
        /// The agent's id.
        id: AgentId,
        /// What holds.
        settings: Settings,
    },
    /// Work goes on.
    LoggedIn {
        /// Since when.
        at: Timestamp,
    },
    /// Chats go back, and work stops once the call is over.
    LogoutPending {
        /// The chats.
        returned: Vec<ChatId>,
    },
    /// Work stopped.
    LoggedOut {
        /// The chats that go back.
        returned: Vec<ChatId>,
    },
    /// A chat was asked to come.
    PickRequested {
        /// Which.
        chat: ChatId,
        /// From which place.
        place: u32,
    },
    /// It came.
    PickGranted {
        /// Which.
        chat: ChatId,
        /// Whether no call may interrupt it.
        exclusive: bool,
    },
    /// It did not come.
    PickFailed {
        /// Which.
        chat: ChatId,
    },
    /// A chat came after the agent had left: it goes back.
    PickUnwanted {
        /// Which.
        chat: ChatId,
    },
    /// The agent turned to a chat.
    Activated {
        /// To which.
        chat: ChatId,
        /// The one put aside for it.
        parked: Option<ChatId>,
        /// When.
        at: Timestamp,
    },
    /// The agent put the active chat aside.
    Parked {
        /// Which.
        chat: ChatId,
        /// When.
        at: Timestamp,
    },
    /// A conversation is over.
    ChatEnded {
        /// Which.
        chat: ChatId,
    },
    /// A chat left the inbox.
    ChatLeft {
        /// Which.
        chat: ChatId,
        /// When.
        at: Timestamp,
    },
    /// A call rings.
    Reserved {
        /// The reservation.
        reservation: Reservation,
    },
    /// The offer came too late or too early.
    OfferRefused {
        /// Which.
        offer: OfferId,
        /// From which queue.
        queue: QueueId,
    },
    /// It rings no more.
    Released {
        /// The reservation.
        reservation: Reservation,
        /// Why.
        outcome: Outcome,
        /// What the agent is from now on.
        presence: Presence,
        /// What calls find from now on.
        calls: Calls,
        /// Whether the call has to be told to stop ringing.
        stop_ringing: bool,
    },
    /// A phone answered for an offer that is over.
    CommitRefused {
        /// Which.
        offer: OfferId,
    },
    /// The call is connected, and what it interrupted is put aside, in one event (R9, R14).
    CallConnected {
        /// The reservation that it was.
        reservation: Reservation,
        /// The chat that was active.
        preempted: Option<ChatId>,
        /// When.
        at: Timestamp,
    },
    /// The call is over.
    CallOver {
        /// Which.
        offer: OfferId,
        /// The chat that comes back by itself (R14, R15).
        resumed: Option<ChatId>,
        /// When the call's own wrap-up ends, if it begins now.
        wrap_up_until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// The wrap-up of a call is over.
    CallWrapUpOver {
        /// When.
        at: Timestamp,
    },
    /// Calls may ring again.
    CallsOpened,
    /// The browser is gone; so long it is waited for.
    BrowserLost {
        /// Until when the agent is shielded.
        until: Timestamp,
        /// When it is given up.
        gone_at: Timestamp,
    },
    /// The browser did not come back in time.
    BrowserGraceOver,
    /// The browser is there.
    BrowserBack {
        /// When.
        at: Timestamp,
        /// The preempted chat, if its call ended meanwhile.
        resumed: Option<ChatId>,
    },
}

impl Agent {
    /// Whether they work.
    pub fn presence(&self) -> Presence {
        self.presence
    }

    /// Whether calls may ring.
    pub fn calls(&self) -> Calls {
        self.calls
    }

    /// Whether their browser is there.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// What they attend to.
    pub fn active(&self) -> Option<Active> {
        self.active
    }

    /// The call that rings.
    pub fn reservation(&self) -> Option<Reservation> {
        self.reservation
    }

    /// The chat that a call pushed aside.
    pub fn preempted(&self) -> Option<ChatId> {
        self.preempted
    }

    /// The parked wrap-ups of calls, oldest first.
    pub fn call_wrap_ups(&self) -> &[Stopwatch] {
        &self.call_wrap_ups
    }

    /// The chats that they own or asked for.
    pub fn inbox(&self) -> impl Iterator<Item = (ChatId, Entry)> {
        self.inbox.iter().map(|(chat, entry)| (*chat, *entry))
    }

    /// What the administrator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Since when nothing was active: the longest idle comes first.
    pub fn idle_since(&self) -> Timestamp {
        self.idle_since
    }

    /// When the last call ended: among the interruptible, the longest without one comes first.
    pub fn last_call_at(&self) -> Timestamp {
        self.last_call_at
    }

    /// How many events made this state: newer news of an agent carries a higher number.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// What a call would push aside; `None` while the agent is shielded from calls (R9, R10).
    pub fn interruption(&self) -> Option<Interruption> {
        let open = self.presence == Presence::Available
            && self.calls == Calls::Open
            && self.reservation.is_none()
            && (self.settings.voice_only || self.browser == Browser::Online);
        if !open {
            return None;
        }
        match self.active {
            None => Some(Interruption::Nothing),
            Some(Active::Chat(chat)) => match self.inbox.get(&chat) {
                Some(Entry::Conversation { exclusive: false }) => Some(Interruption::Chat(chat)),
                Some(Entry::Conversation { exclusive: true } | Entry::WrapUp | Entry::Requested) | None => None,
            },
            Some(Active::Call { .. } | Active::CallWrapUp { .. }) => None,
        }
    }

    fn at_work(&self) -> bool {
        match self.presence {
            Presence::Available | Presence::Unavailable { .. } => true,
            Presence::LoggedOut | Presence::LoggingOut => false,
        }
    }

    fn on_a_call(&self) -> bool {
        matches!(self.active, Some(Active::Call { .. }))
    }

    fn owned(&self) -> Vec<ChatId> {
        self.inbox.iter().filter(|(_, entry)| **entry != Entry::Requested).map(|(chat, _)| *chat).collect()
    }

    fn is_closed(&self, offer: OfferId) -> bool {
        self.closed_offers.get(&offer.call).is_some_and(|attempt| *attempt >= offer.attempt)
    }

    fn connected_by(&self, offer: OfferId) -> bool {
        matches!(self.active, Some(Active::Call { offer: running, .. }) if running == offer)
    }

    fn reserved_by(&self, offer: OfferId) -> Option<Reservation> {
        self.reservation.filter(|reservation| reservation.offer == offer)
    }

    /// The reservation is over: what follows for presence and calls depends on the outcome.
    fn release(&self, at: Timestamp, reservation: Reservation, outcome: Outcome, stop_ringing: bool) -> Event {
        let mut presence = self.presence;
        let mut calls = self.calls;
        match outcome {
            Outcome::NoAnswer if self.active.is_some() => calls = Calls::Blocked { until: None },
            Outcome::NoAnswer => {
                let until = self.settings.voice_only.then(|| at + VOICE_ONLY_RETURNS);
                presence = Presence::Unavailable { reason: Reason::Missed, until };
            }
            Outcome::Declined if self.declines + 1 >= DECLINES_MAX => calls = Calls::Blocked { until: None },
            Outcome::Busy => calls = Calls::Blocked { until: Some(at + BUSY_BLOCKS) },
            Outcome::Unreachable if self.settings.phone_registers => calls = Calls::PhoneLost,
            Outcome::Unreachable => calls = Calls::Blocked { until: Some(at + BUSY_BLOCKS) },
            Outcome::Declined | Outcome::CallerGone | Outcome::Withdrawn | Outcome::Refused => {}
        }
        Event::Released { reservation, outcome, presence, calls, stop_ringing }
    }

    fn call_over(&self, at: Timestamp, offer: OfferId) -> Vec<Event> {
        let shown = self.settings.voice_only || self.browser == Browser::Online;
        let resumed = self.preempted.filter(|_| shown);
        let wraps_up = self.settings.call_wrap_up > Span::ZERO && self.presence != Presence::LoggingOut;
        let wrap_up_until = (wraps_up && self.preempted.is_none()).then(|| at + self.settings.call_wrap_up);
        let mut events = vec![Event::CallOver { offer, resumed, wrap_up_until, at }];
        if self.presence == Presence::LoggingOut {
            events.push(Event::LoggedOut { returned: self.owned() });
        }
        events
    }

    fn log_out(&self, at: Timestamp) -> Vec<Event> {
        let mut events = vec![];
        if let Some(reservation) = self.reservation {
            events.push(self.release(at, reservation, Outcome::Withdrawn, true));
        }
        let returned = self.owned();
        events.push(if self.on_a_call() { Event::LogoutPending { returned } } else { Event::LoggedOut { returned } });
        events
    }

    /// Several things may be due at the same time: each is decided from what the one before it left.
    fn all_due(&self, at: Timestamp, deadline: Timestamp) -> Vec<Event> {
        let mut agent = self.clone();
        let mut events = vec![];
        loop {
            let due = agent.first_due(at, deadline);
            if due.is_empty() {
                return events;
            }
            due.iter().for_each(|event| agent.apply(event));
            events.extend(due);
        }
    }

    fn first_due(&self, at: Timestamp, deadline: Timestamp) -> Vec<Event> {
        if let Some(reservation) = self.reservation.filter(|reservation| reservation.until == deadline) {
            return vec![self.release(at, reservation, Outcome::NoAnswer, true)];
        }
        if matches!(self.active, Some(Active::CallWrapUp { until, .. }) if until == deadline) {
            return vec![Event::CallWrapUpOver { at }];
        }
        if self.calls == (Calls::Blocked { until: Some(deadline) }) {
            return vec![Event::CallsOpened];
        }
        if matches!(self.presence, Presence::Unavailable { until, .. } if until == Some(deadline)) {
            return vec![Event::LoggedIn { at }];
        }
        match self.browser {
            Browser::Grace { until, .. } if until == deadline => vec![Event::BrowserGraceOver],
            Browser::Grace { .. } | Browser::Lost { .. } if self.presence == Presence::LoggingOut => vec![],
            Browser::Grace { gone_at, .. } | Browser::Lost { gone_at } if gone_at == deadline => self.log_out(at),
            Browser::Online | Browser::Grace { .. } | Browser::Lost { .. } => vec![],
        }
    }

    fn lose_browser(&self, at: Timestamp) -> Vec<Event> {
        let (until, gone_at) = (at + self.settings.browser_grace, at + self.settings.browser_gone);
        if self.settings.voice_only || self.presence == Presence::LoggedOut || self.browser != Browser::Online {
            return vec![];
        }
        vec![Event::BrowserLost { until, gone_at }]
    }
}

impl Machine for Agent {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Configure { id, settings } if *id == self.id && *settings == self.settings => vec![],
            Command::Configure { id, settings } => vec![Event::Configured { id: *id, settings: settings.clone() }],

            Command::LogIn => match (self.presence, self.calls) {
                (Presence::Available, Calls::Open | Calls::PhoneLost) => vec![],
                (Presence::Available, Calls::Blocked { .. })
                | (Presence::LoggedOut | Presence::LoggingOut | Presence::Unavailable { .. }, _) => {
                    vec![Event::LoggedIn { at }]
                }
            },
            Command::LogOut => match self.presence {
                Presence::LoggedOut | Presence::LoggingOut => vec![],
                Presence::Available | Presence::Unavailable { .. } => self.log_out(at),
            },

            Command::Pick { chat, .. } if self.inbox.contains_key(chat) => vec![],
            Command::Pick { .. } if !self.at_work() => return Err(Refusal::LoggedOut),
            Command::Pick { .. } if self.on_a_call() => return Err(Refusal::OnACall),
            Command::Pick { .. } if self.inbox.len() >= self.settings.chats_max as usize => {
                return Err(Refusal::MaximumReached);
            }
            Command::Pick { chat, place } => vec![Event::PickRequested { chat: *chat, place: *place }],
            Command::Allocated { chat, exclusive } => match self.inbox.get(chat) {
                Some(Entry::Requested) => {
                    let mut events = vec![Event::PickGranted { chat: *chat, exclusive: *exclusive }];
                    // A chat that a call pushed aside and that waits for the browser comes before it.
                    if self.active.is_none() && self.preempted.is_none() {
                        events.push(Event::Activated { chat: *chat, parked: None, at });
                    }
                    events
                }
                Some(Entry::Conversation { .. } | Entry::WrapUp) => vec![],
                None => vec![Event::PickUnwanted { chat: *chat }],
            },
            Command::NotAllocated { chat } => match self.inbox.get(chat) {
                Some(Entry::Requested) => vec![Event::PickFailed { chat: *chat }],
                Some(Entry::Conversation { .. } | Entry::WrapUp) | None => vec![],
            },

            Command::Activate { chat } => match (self.inbox.get(chat), self.active) {
                (None | Some(Entry::Requested), _) => return Err(Refusal::NotYours),
                (Some(_), Some(Active::Chat(active))) if active == *chat => vec![],
                (Some(_), Some(Active::Call { .. })) => return Err(Refusal::OnACall),
                (Some(_), Some(Active::Chat(active))) => {
                    vec![Event::Activated { chat: *chat, parked: Some(active), at }]
                }
                // Who turns to another chat than the one that waits to come back has put that one aside.
                (Some(_), None | Some(Active::CallWrapUp { .. })) => {
                    let parked = self.preempted.filter(|preempted| preempted != chat);
                    vec![Event::Activated { chat: *chat, parked, at }]
                }
            },
            Command::Park { chat } => match self.active {
                Some(Active::Chat(active)) if active == *chat => vec![Event::Parked { chat: *chat, at }],
                Some(Active::Chat(_) | Active::Call { .. } | Active::CallWrapUp { .. }) | None => {
                    match self.inbox.get(chat) {
                        Some(Entry::Conversation { .. } | Entry::WrapUp) => vec![],
                        Some(Entry::Requested) | None => return Err(Refusal::NotYours),
                    }
                }
            },
            Command::FinishCallWrapUp => match self.active {
                Some(Active::CallWrapUp { .. }) => vec![Event::CallWrapUpOver { at }],
                Some(Active::Chat(_) | Active::Call { .. }) | None if !self.call_wrap_ups.is_empty() => {
                    vec![Event::CallWrapUpOver { at }]
                }
                Some(Active::Chat(_) | Active::Call { .. }) | None => return Err(Refusal::WrongState),
            },
            Command::ChatEnded { chat } => match self.inbox.get(chat) {
                Some(Entry::Requested | Entry::Conversation { .. }) => vec![Event::ChatEnded { chat: *chat }],
                Some(Entry::WrapUp) | None => vec![],
            },
            Command::ChatLeft { chat } => match self.inbox.get(chat) {
                Some(_) => vec![Event::ChatLeft { chat: *chat, at }],
                None => vec![],
            },

            // A repeated offer rings no phone: that it is over was said before.
            Command::Offer { offer, .. } if self.is_closed(*offer) => vec![],
            Command::Offer { offer, queue, tier } => match (self.interruption(), tier) {
                (Some(Interruption::Nothing), Tier::Free | Tier::ChatAnswered | Tier::ChatWaiting)
                | (Some(Interruption::Chat(_)), Tier::ChatAnswered | Tier::ChatWaiting) => {
                    let until = at + self.settings.ring;
                    vec![Event::Reserved { reservation: Reservation { offer: *offer, queue: *queue, until } }]
                }
                // In a worse tier than was decided, or shielded.
                (Some(Interruption::Chat(_)), Tier::Free) | (None, _) => {
                    vec![Event::OfferRefused { offer: *offer, queue: *queue }]
                }
            },
            Command::Decline { offer } => match self.reserved_by(*offer) {
                Some(reservation) => vec![self.release(at, reservation, Outcome::Declined, true)],
                None => return Err(Refusal::OfferOver),
            },
            Command::PhoneFailed { offer, outcome } => match self.reserved_by(*offer) {
                Some(reservation) => vec![self.release(at, reservation, *outcome, false)],
                None if self.connected_by(*offer) => self.call_over(at, *offer),
                None => vec![],
            },
            Command::Commit { offer } => match self.reserved_by(*offer) {
                Some(reservation) => {
                    let preempted = match self.active {
                        Some(Active::Chat(chat)) => Some(chat),
                        Some(Active::Call { .. } | Active::CallWrapUp { .. }) | None => None,
                    };
                    vec![Event::CallConnected { reservation, preempted, at }]
                }
                None if self.connected_by(*offer) => vec![],
                None => vec![Event::CommitRefused { offer: *offer }],
            },
            Command::Over { offer } => match self.reserved_by(*offer) {
                Some(reservation) => vec![self.release(at, reservation, Outcome::CallerGone, false)],
                None if self.connected_by(*offer) => self.call_over(at, *offer),
                None => vec![],
            },
            Command::PhoneRegistered => match self.calls {
                Calls::PhoneLost => vec![Event::CallsOpened],
                Calls::Open | Calls::Blocked { .. } => vec![],
            },

            Command::BrowserLost => self.lose_browser(at),
            Command::BrowserBack => match self.browser {
                Browser::Online => vec![],
                Browser::Grace { .. } | Browser::Lost { .. } => {
                    let resumed = self.preempted.filter(|_| self.active.is_none());
                    vec![Event::BrowserBack { at, resumed }]
                }
            },
            // Whatever was counted down counts afresh.
            Command::Restarted => match self.browser {
                Browser::Online => self.lose_browser(at),
                Browser::Grace { .. } | Browser::Lost { .. } => vec![Event::BrowserLost {
                    until: at + self.settings.browser_grace,
                    gone_at: at + self.settings.browser_gone,
                }],
            },
            Command::Due(deadline) => self.all_due(at, *deadline),
        })
    }

    fn apply(&mut self, event: &Event) {
        self.sequence += 1;
        match event {
            Event::Configured { id, settings } => {
                self.id = *id;
                self.settings = settings.clone();
            }
            Event::LoggedIn { at } => {
                self.presence = Presence::Available;
                self.declines = 0;
                self.idle_since = *at;
                if matches!(self.calls, Calls::Blocked { .. }) {
                    self.calls = Calls::Open;
                }
            }
            Event::LogoutPending { .. } => {
                self.presence = Presence::LoggingOut;
                self.inbox.clear();
                self.preempted = None;
                self.call_wrap_ups.clear();
            }
            Event::LoggedOut { .. } => {
                self.presence = Presence::LoggedOut;
                self.browser = Browser::Online;
                self.inbox.clear();
                self.preempted = None;
                self.call_wrap_ups.clear();
                self.active = None;
            }
            Event::PickRequested { chat, .. } => {
                self.inbox.insert(*chat, Entry::Requested);
            }
            Event::PickGranted { chat, exclusive } => {
                self.inbox.insert(*chat, Entry::Conversation { exclusive: *exclusive });
            }
            Event::PickFailed { chat } => {
                self.inbox.remove(chat);
            }
            Event::Activated { chat, at, .. } => {
                if let Some(Active::CallWrapUp { mut clock, .. }) = self.active {
                    clock.stop(*at);
                    self.call_wrap_ups.push(clock);
                }
                self.preempted = None;
                self.active = Some(Active::Chat(*chat));
            }
            Event::Parked { at, .. } => {
                self.active = None;
                self.idle_since = *at;
            }
            Event::ChatEnded { chat } => {
                self.inbox.insert(*chat, Entry::WrapUp);
            }
            Event::ChatLeft { chat, at } => {
                self.inbox.remove(chat);
                if self.preempted == Some(*chat) {
                    self.preempted = None;
                }
                if self.active == Some(Active::Chat(*chat)) {
                    self.active = None;
                    self.idle_since = *at;
                }
            }
            Event::Reserved { reservation } => self.reservation = Some(*reservation),
            Event::OfferRefused { offer, .. } => self.close(*offer),
            Event::Released { reservation, outcome, presence, calls, .. } => {
                self.reservation = None;
                self.presence = *presence;
                self.calls = *calls;
                self.close(reservation.offer);
                match outcome {
                    Outcome::Declined => self.declines += 1,
                    Outcome::NoAnswer
                    | Outcome::Busy
                    | Outcome::Unreachable
                    | Outcome::CallerGone
                    | Outcome::Withdrawn
                    | Outcome::Refused => {}
                }
            }
            Event::CallConnected { reservation, preempted, at } => {
                self.reservation = None;
                self.close(reservation.offer);
                self.declines = 0;
                self.preempted = *preempted;
                self.active = Some(Active::Call { offer: reservation.offer, since: *at });
            }
            Event::CallOver { resumed, wrap_up_until, at, .. } => {
                self.last_call_at = *at;
                self.idle_since = *at;
                self.active = match (resumed, wrap_up_until) {
                    (Some(chat), _) => Some(Active::Chat(*chat)),
                    (None, Some(until)) => {
                        let mut clock = Stopwatch::default();
                        clock.start(*at);
                        Some(Active::CallWrapUp { clock, until: *until })
                    }
                    (None, None) => None,
                };
                if self.preempted.is_some()
                    && self.settings.call_wrap_up > Span::ZERO
                    && self.presence != Presence::LoggingOut
                {
                    self.call_wrap_ups.push(Stopwatch::default());
                }
                if resumed.is_some() {
                    self.preempted = None;
                }
            }
            Event::CallWrapUpOver { at } => {
                if let Some(Active::CallWrapUp { .. }) = self.active {
                    self.active = None;
                    self.idle_since = *at;
                } else {
                    self.call_wrap_ups.pop();
                }
            }
            Event::CallsOpened => self.calls = Calls::Open,
            Event::BrowserLost { until, gone_at } => {
                self.browser = Browser::Grace { until: *until, gone_at: *gone_at };
            }
            Event::BrowserGraceOver => {
                if let Browser::Grace { gone_at, .. } = self.browser {
                    self.browser = Browser::Lost { gone_at };
                }
                if self.presence == Presence::Available {
                    self.presence = Presence::Unavailable { reason: Reason::ConnectionLost, until: None };
                }
            }
            Event::BrowserBack { resumed, .. } => {
                self.browser = Browser::Online;
                if matches!(self.presence, Presence::Unavailable { reason: Reason::ConnectionLost, .. }) {
                    self.presence = Presence::Available;
                }
                if let Some(chat) = resumed {
                    self.active = Some(Active::Chat(*chat));
                    self.preempted = None;
                }
            }
            Event::PickUnwanted { .. } | Event::CommitRefused { .. } => {}
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        let (agent, sequence) = (self.id, self.sequence);
        let release = |chat: ChatId| tell_chat(chat, chat::Command::Release { agent, sequence });
        let resume = |chat: ChatId, at| tell_chat(chat, chat::Command::Resume { agent, sequence, at });
        let released = |offer: OfferId, queue, outcome| tell_queue(queue, queue::Command::Released { offer, outcome });
        match event {
            Event::LogoutPending { returned } | Event::LoggedOut { returned } => {
                returned.iter().copied().map(release).collect()
            }
            Event::PickRequested { chat, place } => {
                vec![tell_chat(*chat, chat::Command::Allocate { agent, place: *place })]
            }
            Event::PickFailed { chat } => vec![Effect::Notice(agent, *chat, Refusal::Taken)],
            Event::PickUnwanted { chat } => vec![release(*chat)],
            Event::Activated { chat, parked, at } => {
                let park =
                    |chat| tell_chat(chat, chat::Command::Park { agent, sequence, at: *at, by: chat::ParkedBy::Agent });
                let mut effects: Vec<_> = parked.iter().copied().map(park).collect();
                effects.push(tell_chat(*chat, chat::Command::Activate { agent, sequence, at: *at }));
                effects
            }
            Event::Parked { chat, at } => {
                vec![tell_chat(*chat, chat::Command::Park { agent, sequence, at: *at, by: chat::ParkedBy::Agent })]
            }
            Event::Reserved { reservation } => {
                let offer = reservation.offer;
                vec![tell_call(offer.call, call::Command::Ring { offer })]
            }
            Event::OfferRefused { offer, queue } => vec![released(*offer, *queue, Outcome::Refused)],
            Event::Released { reservation, outcome, stop_ringing, .. } => {
                let offer = reservation.offer;
                let mut effects = vec![];
                if *stop_ringing {
                    effects.push(tell_call(offer.call, call::Command::StopRinging { offer }));
                }
                effects.push(released(offer, reservation.queue, *outcome));
                effects
            }
            Event::CommitRefused { offer } => {
                vec![tell_call(offer.call, call::Command::StopRinging { offer: *offer })]
            }
            Event::CallConnected { reservation, preempted, at } => {
                let offer = reservation.offer;
                let by = chat::ParkedBy::Call(offer.call);
                let park = |chat| tell_chat(chat, chat::Command::Park { agent, sequence, at: *at, by });
                let mut effects: Vec<_> = preempted.iter().copied().map(park).collect();
                effects.push(tell_queue(reservation.queue, queue::Command::Answered { offer }));
                effects.push(tell_call(offer.call, call::Command::Connect { offer }));
                effects
            }
            Event::CallOver { resumed, at, .. } => resumed.iter().map(|chat| resume(*chat, *at)).collect(),
            Event::BrowserBack { at, resumed } => resumed.iter().map(|chat| resume(*chat, *at)).collect(),
            Event::Configured { .. }
            | Event::LoggedIn { .. }
            | Event::PickGranted { .. }
            | Event::ChatEnded { .. }
            | Event::ChatLeft { .. }
            | Event::CallWrapUpOver { .. }
            | Event::CallsOpened
            | Event::BrowserLost { .. }
            | Event::BrowserGraceOver => vec![],
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        let wrap_up = match self.active {
            Some(Active::CallWrapUp { until, .. }) => Some(until),
            Some(Active::Chat(_) | Active::Call { .. }) | None => None,
        };
        let calls = match self.calls {
            Calls::Blocked { until } => until,
            Calls::Open | Calls::PhoneLost => None,
        };
        let presence = match self.presence {
            Presence::Unavailable { until, .. } => until,
            Presence::LoggedOut | Presence::Available | Presence::LoggingOut => None,
        };
        let browser = match self.browser {
            Browser::Online => None,
            // A running call is not touched: the log-out waits for its end.
            Browser::Grace { until, .. } if self.presence == Presence::LoggingOut => Some(until),
            Browser::Grace { until, gone_at } => Some(until.min(gone_at)),
            Browser::Lost { .. } if self.presence == Presence::LoggingOut => None,
            Browser::Lost { gone_at } => Some(gone_at),
        };
        let ring = self.reservation.map(|reservation| reservation.until);
        [ring, wrap_up, calls, presence, browser].into_iter().flatten().min()
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        false
    }
}

impl Agent {
    fn close(&mut self, offer: OfferId) {
        let attempt = self.closed_offers.entry(offer.call).or_default();
        *attempt = (*attempt).max(offer.attempt);
        if self.closed_offers.len() > CLOSED_OFFERS_MAX {
            self.closed_offers.pop_first();
        }
    }
}

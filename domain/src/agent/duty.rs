//! Whether an agent works: their presence, the break that they asked for, and whether their browser is there.

use super::{Agent, Calls, Chats, Event};
use crate::id::BreakReasonId;
use crate::queue::Outcome;
use crate::time::Timestamp;
use crate::{Machine, Refusal};
use serde::{Deserialize, Serialize};

/// Whether an agent works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Not at work.
    #[default]
    LoggedOut,
    /// At work.
    Available,
    /// At work, and on a break.
    Break {
        /// Which of the company's reasons.
        reason: BreakReasonId,
        /// Since when.
        since: Timestamp,
    },
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
    /// A supervisor said so.
    Supervisor,
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

/// Whether an agent works and is seen to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Duty {
    pub(super) presence: Presence,
    /// The break that begins as soon as nothing goes on.
    pub(super) break_pending: Option<BreakReasonId>,
    pub(super) browser: Browser,
}

impl Duty {
    pub(super) fn at_work(&self) -> bool {
        match self.presence {
            Presence::Available | Presence::Break { .. } | Presence::Unavailable { .. } => true,
            Presence::LoggedOut | Presence::LoggingOut => false,
        }
    }

    /// Whether they are at work, and neither on a break nor about to take one.
    pub(super) fn may_begin(&self) -> Result<(), Refusal> {
        match self.presence {
            Presence::LoggedOut | Presence::LoggingOut => Err(Refusal::LoggedOut),
            Presence::Break { .. } => Err(Refusal::OnBreak),
            Presence::Available | Presence::Unavailable { .. } if self.break_pending.is_some() => Err(Refusal::OnBreak),
            Presence::Available | Presence::Unavailable { .. } => Ok(()),
        }
    }

    /// When the browser's grace is over, and when it is given up.
    pub(super) fn browser_deadlines(&self) -> [Option<Timestamp>; 2] {
        // A running call is not touched: the log-out waits for its end.
        let waits = self.presence == Presence::LoggingOut;
        match self.browser {
            Browser::Online => [None, None],
            Browser::Grace { until, gone_at } => [Some(until), Some(gone_at).filter(|_| !waits)],
            Browser::Lost { gone_at } => [None, Some(gone_at).filter(|_| !waits)],
        }
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::LoggedIn { .. } => self.is_now(Presence::Available),
            Event::LogoutPending { .. } => self.is_now(Presence::LoggingOut),
            Event::LoggedOut { .. } => {
                self.is_now(Presence::LoggedOut);
                self.browser = Browser::Online;
            }
            Event::BreakPending { reason } => self.break_pending = Some(*reason),
            Event::BreakBegan { reason, at } => self.is_now(Presence::Break { reason: *reason, since: *at }),
            Event::TakenOut => self.is_now(Presence::Unavailable { reason: Reason::Supervisor, until: None }),
            Event::Released { presence, .. } => self.presence = *presence,
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
            Event::BrowserBack => {
                self.browser = Browser::Online;
                if matches!(self.presence, Presence::Unavailable { reason: Reason::ConnectionLost, .. }) {
                    self.presence = Presence::Available;
                }
            }
            Event::Configured { .. }
            | Event::Requested { .. }
            | Event::PushRefused { .. }
            | Event::TakeRefused { .. }
            | Event::Granted { .. }
            | Event::RequestFailed { .. }
            | Event::Unwanted { .. }
            | Event::Activated { .. }
            | Event::Parked { .. }
            | Event::Resumed { .. }
            | Event::ProtectionOver
            | Event::Ended { .. }
            | Event::Left { .. }
            | Event::Reserved { .. }
            | Event::OfferRefused { .. }
            | Event::CommitRefused { .. }
            | Event::CallConnected { .. }
            | Event::OwnCallBegan { .. }
            | Event::ConsultationBegan { .. }
            | Event::LegOver { .. }
            | Event::CallOver { .. }
            | Event::CallWrapUpExtended { .. }
            | Event::CallWrapUpOver { .. }
            | Event::CallsOpened
            | Event::PhoneGone
            | Event::PhoneBack
            | Event::Restarted { .. } => {}
        }
    }

    /// A word about the presence takes back the wish for a break.
    fn is_now(&mut self, presence: Presence) {
        (self.presence, self.break_pending) = (presence, None);
    }
}

impl Agent {
    pub(super) fn log_in(&self, at: Timestamp) -> Option<Event> {
        let blocked = self.phone.calls != Calls::Open || self.inbox.chats == Chats::Blocked;
        let works = self.presence() == Presence::Available && self.break_pending().is_none();
        (!works || blocked).then_some(Event::LoggedIn { at })
    }

    /// What goes on is let go of; a running call goes on.
    pub(super) fn log_out(&self, at: Timestamp) -> Vec<Event> {
        if !self.duty.at_work() {
            return vec![];
        }
        let mut events = vec![];
        if let Some(reservation) = self.reservation() {
            events.push(self.release(at, reservation, Outcome::Withdrawn, true));
        }
        let returned = self.inbox.owned();
        events.push(if self.on_a_call() { Event::LogoutPending { returned } } else { Event::LoggedOut { returned } });
        events
    }

    pub(super) fn take_break(&self, at: Timestamp, reason: BreakReasonId) -> Result<Vec<Event>, Refusal> {
        Ok(match self.presence() {
            Presence::LoggedOut | Presence::LoggingOut => return Err(Refusal::LoggedOut),
            Presence::Break { reason: now, .. } if now == reason => vec![],
            Presence::Break { .. } => vec![Event::BreakBegan { reason, at }],
            Presence::Available | Presence::Unavailable { .. } if self.break_pending() == Some(reason) => vec![],
            Presence::Available | Presence::Unavailable { .. } => vec![Event::BreakPending { reason }],
        })
    }

    pub(super) fn take_out(&self) -> Result<Vec<Event>, Refusal> {
        match self.presence() {
            Presence::LoggedOut | Presence::LoggingOut => Err(Refusal::LoggedOut),
            Presence::Unavailable { reason: Reason::Supervisor, .. } => Ok(vec![]),
            Presence::Available | Presence::Break { .. } | Presence::Unavailable { .. } => Ok(vec![Event::TakenOut]),
        }
    }

    pub(super) fn lose_browser(&self, at: Timestamp) -> Option<Event> {
        let needed = !self.settings.voice_only && self.presence() != Presence::LoggedOut;
        (needed && self.browser() == Browser::Online).then(|| self.browser_lost(at))
    }

    pub(super) fn regain_browser(&self) -> Option<Event> {
        (self.browser() != Browser::Online).then_some(Event::BrowserBack)
    }

    fn browser_lost(&self, at: Timestamp) -> Event {
        Event::BrowserLost { until: at + self.settings.browser_grace, gone_at: at + self.settings.browser_gone }
    }

    /// Of calls that no queue offered nobody is left to say that they are over; the browser is waited for afresh.
    pub(super) fn restarted(&self, down_since: Timestamp, at: Timestamp) -> Vec<Event> {
        let mut agent = self.clone();
        let writes_up = self.call_wrap_ups().any(|(_, wrap_up)| wrap_up.parked_since.is_none());
        let mut events: Vec<Event> = writes_up.then_some(Event::Restarted { down_since, at }).into_iter().collect();
        let running = self.consultation().into_iter().chain(self.phone.talk().map(|talk| talk.offer));
        for offer in running.filter(|offer| offer.attempt == 0) {
            let over = agent.call_over(at, offer);
            over.iter().for_each(|event| agent.apply(event));
            events.extend(over);
        }
        events.extend(match agent.browser() {
            Browser::Online => agent.lose_browser(at),
            Browser::Grace { .. } | Browser::Lost { .. } => Some(agent.browser_lost(at)),
        });
        events
    }
}

//! The agent: whether they work, the one thing they attend to, the call that rings for them, and their inbox.
//! It never looks into a queue and never writes in a chat; it alone says yes to a call, and says one thing at a time.

mod attention;
mod command;
mod duty;
mod event;
mod inbox;
mod line;
mod may;
mod react;
mod settings;

pub use attention::Active;
pub use command::Command;
pub use duty::{Browser, Presence, Reason};
pub use event::Event;
pub use inbox::{CallWrapUp, Chats, Entry, Kept};
pub use line::{Calls, Reservation};
pub use settings::{ParkOn, Preemption, ResumeOn, Settings};

use crate::id::{AgentId, BreakReasonId, CallId, ItemId, OfferId};
use crate::message::Effect;
use crate::queue::Outcome;
use crate::time::{Span, Timestamp};
use crate::{Machine, Refusal, first_flaw};
use attention::Attention;
use duty::Duty;
use inbox::Inbox;
use line::{Offer, Phone, Talk};
use serde::{Deserialize, Serialize};

/// How long calls are blocked after the phone refused one, or did not answer at its fixed address.
pub const BUSY_BLOCKS: Span = Span::seconds(15);
/// The longest that a phone may have calls blocked by saying when to try again.
pub const RETRY_AFTER_MAX: Span = Span::seconds(300);
/// The shortest: one that says "at once" would have a waiting call ring without end.
pub const RETRY_AFTER_MIN: Span = Span::seconds(1);
/// After how long a voice-only agent who missed a call is asked again: they have no screen to come back on.
pub const VOICE_ONLY_RETURNS: Span = Span::seconds(60);
/// How many declines in a row block calls.
pub const DECLINES_MAX: u32 = 3;
/// How many pushed chats that are not turned to in a row block chats.
pub const PUSHES_MISSED_MAX: u32 = 2;
/// How much longer the wrap-up of a call lasts by one extension.
pub const EXTENSION: Span = Span::seconds(60);
/// How often the wrap-up of a call can be extended.
pub const EXTENSIONS_MAX: u8 = 3;
/// Of how many calls the closed offers are remembered.
const CLOSED_OFFERS_MAX: usize = 32;

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Agent {
    id: AgentId,
    settings: Settings,
    duty: Duty,
    phone: Phone,
    attention: Attention,
    inbox: Inbox,
    sequence: u64,
}

impl Agent {
    /// Whether they work.
    pub fn presence(&self) -> Presence {
        self.duty.presence
    }

    /// The break that begins as soon as nothing goes on.
    pub fn break_pending(&self) -> Option<BreakReasonId> {
        self.duty.break_pending
    }

    /// Whether calls may ring.
    pub fn calls(&self) -> Calls {
        if self.phone.gone && self.settings.phone_registers { Calls::PhoneLost } else { self.phone.calls }
    }

    /// Whether no phone of theirs is registered, neither yet nor any more.
    pub fn is_phone_gone(&self) -> bool {
        self.phone.gone
    }

    /// Whether chats may be pushed.
    pub fn chats(&self) -> Chats {
        self.inbox.chats
    }

    /// Whether their browser is there.
    pub fn browser(&self) -> Browser {
        self.duty.browser
    }

    /// What they attend to.
    pub fn active(&self) -> Option<Active> {
        match self.phone.talk() {
            Some(Talk { offer, since, wrap_up, .. }) => Some(Active::Call { offer, since, wrap_up }),
            None => self.attention.item().map(Active::Item),
        }
    }

    /// The call that rings.
    pub fn reservation(&self) -> Option<Reservation> {
        self.phone.reservation()
    }

    /// What a call pushed aside.
    pub fn preempted(&self) -> Option<ItemId> {
        self.attention.preempted()
    }

    /// What comes after the item that they chose to turn to first.
    pub fn next(&self) -> Option<ItemId> {
        self.attention.next()
    }

    /// The second call of a consultation.
    pub fn consultation(&self) -> Option<OfferId> {
        self.phone.talk().and_then(|talk| talk.consultation)
    }

    /// Until when what came back may not be pushed aside again.
    pub fn protected_until(&self) -> Option<Timestamp> {
        self.attention.protected_until()
    }

    /// The items that they own or asked for.
    pub fn inbox(&self) -> impl Iterator<Item = (ItemId, Entry)> {
        self.inbox.iter()
    }

    /// One item of the inbox.
    pub fn entry(&self, item: ItemId) -> Option<Entry> {
        self.inbox.get(item)
    }

    /// What the administrator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Since when nothing was active: the longest idle comes first.
    pub fn idle_since(&self) -> Timestamp {
        self.attention.idle_since
    }

    /// When the last call ended: among the interruptible, the longest without one comes first.
    pub fn last_call_at(&self) -> Timestamp {
        self.phone.last_call_at
    }

    /// When a call last pushed something aside: among the interruptible, the longest spared comes first.
    pub fn preempted_at(&self) -> Timestamp {
        self.attention.preempted_at
    }

    /// How many events made this state: newer news of an agent carries a higher number.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// All that ends by itself, whichever comes first.
    pub fn deadlines(&self) -> impl Iterator<Item = Timestamp> {
        let wrap_ups = self.call_wrap_ups().filter_map(|(_, wrap_up)| wrap_up.deadline(&self.settings));
        let calls = match self.phone.calls {
            Calls::Blocked { until, .. } => until,
            Calls::Open | Calls::PhoneLost => None,
        };
        let presence = match self.duty.presence {
            Presence::Unavailable { until, .. } => until,
            Presence::LoggedOut | Presence::Available | Presence::Break { .. } | Presence::LoggingOut => None,
        };
        let ring = self.reservation().map(|reservation| reservation.until);
        let others = [ring, calls, presence, self.protected_until()];
        others.into_iter().chain(self.duty.browser_deadlines()).flatten().chain(wrap_ups)
    }

    /// The wrap-ups of calls, by call.
    pub fn call_wrap_ups(&self) -> impl Iterator<Item = (CallId, CallWrapUp)> {
        self.inbox.call_wrap_ups()
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
        if let Some(reservation) = self.reservation().filter(|reservation| reservation.until == deadline) {
            return vec![self.release(at, reservation, Outcome::NoAnswer, true)];
        }
        let is_over = |(_, wrap_up): &(CallId, CallWrapUp)| wrap_up.deadline(&self.settings) == Some(deadline);
        if let Some((call, _)) = self.call_wrap_ups().find(is_over) {
            return vec![Event::CallWrapUpOver { call, at }];
        }
        if matches!(self.phone.calls, Calls::Blocked { until, .. } if until == Some(deadline)) {
            return vec![Event::CallsOpened];
        }
        if self.protected_until() == Some(deadline) {
            return vec![Event::ProtectionOver];
        }
        if matches!(self.presence(), Presence::Unavailable { until, .. } if until == Some(deadline)) {
            return vec![Event::LoggedIn { at }];
        }
        match self.duty.browser_deadlines() {
            [Some(until), _] if until == deadline => vec![Event::BrowserGraceOver],
            [_, Some(gone_at)] if gone_at == deadline => self.log_out(at),
            [_, _] => vec![],
        }
    }

    /// What a command does by itself, without what follows from it.
    fn answer(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        let few = |event: Option<Event>| event.into_iter().collect();
        Ok(match *command {
            Command::Configure { id, ref settings } if id == self.id && *settings == self.settings => vec![],
            Command::Configure { id, ref settings } => vec![Event::Configured { id, settings: settings.clone() }],
            Command::LogIn => few(self.log_in(at)),
            Command::LogOut => self.log_out(at),
            Command::TakeBreak { reason } => self.take_break(at, reason)?,
            Command::TakeOut => self.take_out()?,
            Command::Pick { item, queue, place } => self.pick(item, queue, place)?,
            Command::Push { item, queue, place } => vec![self.push(item, queue, place)],
            Command::Take { item, queue, place } => vec![self.take(item, queue, place)],
            Command::Allocated { item, kept } => self.allocated(at, item, kept),
            Command::NotAllocated { item } => few(self.not_allocated(item)),
            Command::Activate { item } => self.activate(at, item)?,
            Command::Park { item } => self.park(at, item)?,
            Command::FinishCallWrapUp { call } => {
                self.inbox.call_wrap_up(call)?;
                vec![Event::CallWrapUpOver { call, at }]
            }
            Command::ExtendCallWrapUp { call } => {
                self.may_extend(call)?;
                vec![Event::CallWrapUpExtended { call }]
            }
            Command::Ended { item } => few(self.ended(item)),
            Command::Left { item, missed } => few(self.left(at, item, missed)),
            Command::Offer { offer, queue, tier, ring, wrap_up } => {
                few(self.offered(at, Offer { offer, queue, tier, ring, wrap_up }))
            }
            // Otherwise it is answered, or its end is on its way.
            Command::Withdraw { offer } => few(self.unless_answered(at, offer, Outcome::Withdrawn)),
            Command::Decline { offer } => self.decline(at, offer)?,
            Command::PhoneFailed { offer, outcome } => self.over(at, offer, outcome),
            Command::Commit { offer } => few(self.commit(at, offer)),
            Command::Over { offer } => self.over(at, offer, Outcome::CallerGone),
            Command::Dialled { call } => self.dialled(at, call),
            Command::PhoneRegistered => few(self.phone.registered()),
            Command::PhoneUnregistered => few(self.phone.unregistered()),
            Command::BrowserLost => few(self.lose_browser(at)),
            Command::BrowserBack => few(self.regain_browser()),
            Command::Restarted { down_since } => self.restarted(down_since, at),
            Command::Due(deadline) => self.all_due(at, deadline),
        })
    }
}

impl Machine for Agent {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        let mut events = self.answer(at, command)?;
        if events.is_empty() {
            return Ok(events);
        }
        let mut after = self.clone();
        events.iter().for_each(|event| after.apply(event));
        while let Some(event) = after.follows(at) {
            after.apply(&event);
            events.push(event);
        }
        Ok(events)
    }

    fn apply(&mut self, event: &Event) {
        self.sequence += 1;
        if let Event::Configured { id, settings } = event {
            (self.id, self.settings) = (*id, settings.clone());
        }
        // Which call it is only the phone knows, and not any more once the call is over.
        let about = self.phone.talk().map(|talk| talk.about);
        self.duty.apply(event);
        self.phone.apply(event);
        self.attention.apply(event, about);
        self.inbox.apply(event, about);
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        self.effects(event)
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.deadlines().min()
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        false
    }

    fn flaw(&self) -> Option<&'static str> {
        let active = self.attention.item();
        let comes_back = [self.preempted(), self.next()];
        let attended = |item| {
            let entry = self.inbox.get(item);
            !matches!(entry, None | Some(Entry::Requested { .. } | Entry::Alerting { .. }))
        };
        let attended_wrap_up = |(call, wrap_up): (CallId, CallWrapUp)| {
            let (runs, parked) = (wrap_up.clock.running_since.is_some(), wrap_up.parked_since.is_some());
            runs == (active == Some(ItemId::Call(call))) && runs != parked
        };
        first_flaw(&[
            (active.is_none_or(attended), "what is attended to is not there"),
            (active.is_none() || !self.on_a_call(), "an item is attended to during a call"),
            (comes_back.iter().flatten().all(|item| self.inbox.get(*item).is_some()), "what comes back is not there"),
            (comes_back.iter().flatten().all(|item| active != Some(*item)), "what comes back is attended to already"),
            (self.preempted().is_none() || self.preempted() != self.next(), "an item comes back twice"),
            (self.call_wrap_ups().all(attended_wrap_up), "a wrap-up's clock does not run as it is attended to"),
        ])
    }
}

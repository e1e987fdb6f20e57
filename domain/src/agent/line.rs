//! The agent's telephone: whether calls may ring, the one that rings or goes on, and which offers are over.

use super::{
    Agent, BUSY_BLOCKS, CLOSED_OFFERS_MAX, DECLINES_MAX, Event, ParkOn, Presence, RETRY_AFTER_MAX, RETRY_AFTER_MIN,
    Reason, ResumeOn, VOICE_ONLY_RETURNS,
};
use crate::Refusal;
use crate::id::{CallId, OfferId, QueueId};
use crate::phone::Says;
use crate::queue::Outcome;
use crate::routing::Tier;
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
        /// What the phone said, if it was the phone.
        says: Option<Says>,
    },
    /// The phone cannot be reached: not before it registers or the agent says that it can.
    PhoneLost,
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
    /// How long the call's wrap-up will last.
    pub wrap_up: Span,
}

/// What goes on between an agent and their phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// Nothing.
    #[default]
    Idle,
    /// A call rings.
    Ringing(Reservation),
    /// They are on a call.
    Talking(Talk),
}

/// A call that an agent is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Talk {
    /// By which offer; of two calls the first one that goes on. An agent's own call has the attempt 0.
    pub(super) offer: OfferId,
    /// Since when.
    pub(super) since: Timestamp,
    /// How long the wrap-up will last.
    pub(super) wrap_up: Span,
    /// Of which call the wrap-up will be: of the first, also if only the one by which they ask about it is left.
    pub(super) about: CallId,
    /// The second call of somebody who asks another one about the first.
    pub(super) consultation: Option<OfferId>,
}

impl Talk {
    fn new(offer: OfferId, wrap_up: Span, since: Timestamp) -> Talk {
        Talk { offer, since, wrap_up, about: offer.call, consultation: None }
    }

    /// One of two calls is over: the other one goes on.
    fn leg_over(&mut self, over: OfferId) {
        if let Some(other) = self.consultation.take().filter(|_| self.offer == over) {
            self.offer = other;
        }
    }
}

/// The telephone of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Phone {
    pub(super) line: Line,
    pub(super) calls: Calls,
    /// None of theirs is registered. What the agent says does not bring it back.
    pub(super) gone: bool,
    declines: u32,
    closed_offers: BTreeMap<CallId, u32>,
    pub(super) last_call_at: Timestamp,
}

impl Phone {
    pub(super) fn reservation(&self) -> Option<Reservation> {
        match self.line {
            Line::Ringing(reservation) => Some(reservation),
            Line::Idle | Line::Talking(_) => None,
        }
    }

    pub(super) fn talk(&self) -> Option<Talk> {
        match self.line {
            Line::Talking(talk) => Some(talk),
            Line::Idle | Line::Ringing(_) => None,
        }
    }

    fn reserved_by(&self, offer: OfferId) -> Option<Reservation> {
        self.reservation().filter(|reservation| reservation.offer == offer)
    }

    fn connected_by(&self, offer: OfferId) -> bool {
        self.talk().is_some_and(|talk| talk.offer == offer || talk.consultation == Some(offer))
    }

    fn is_closed(&self, offer: OfferId) -> bool {
        self.closed_offers.get(&offer.call).is_some_and(|attempt| *attempt >= offer.attempt)
    }

    pub(super) fn registered(&self) -> Option<Event> {
        (self.gone || self.calls == Calls::PhoneLost).then_some(Event::PhoneBack)
    }

    pub(super) fn unregistered(&self) -> Option<Event> {
        (!self.gone).then_some(Event::PhoneGone)
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::LoggedIn { .. } => (self.calls, self.declines) = (Calls::Open, 0),
            Event::Reserved { reservation, .. } => self.line = Line::Ringing(*reservation),
            Event::OfferRefused { offer, .. } => self.close(*offer),
            Event::Released { reservation, outcome, calls, .. } => {
                (self.line, self.calls) = (Line::Idle, *calls);
                self.close(reservation.offer);
                if *outcome == Outcome::Declined {
                    self.declines += 1;
                }
            }
            Event::CallConnected { reservation, at, .. } => {
                self.close(reservation.offer);
                self.declines = 0;
                self.line = Line::Talking(Talk::new(reservation.offer, reservation.wrap_up, *at));
            }
            Event::OwnCallBegan { offer, at, .. } => self.line = Line::Talking(Talk::new(*offer, Span::ZERO, *at)),
            Event::ConsultationBegan { offer } => {
                if let Line::Talking(talk) = &mut self.line {
                    talk.consultation = Some(*offer);
                }
            }
            Event::LegOver { offer } => {
                if let Line::Talking(talk) = &mut self.line {
                    talk.leg_over(*offer);
                }
            }
            Event::CallOver { at, .. } => (self.line, self.last_call_at) = (Line::Idle, *at),
            Event::CallsOpened => self.calls = Calls::Open,
            Event::PhoneGone => self.gone = true,
            Event::PhoneBack => {
                self.gone = false;
                if self.calls == Calls::PhoneLost {
                    self.calls = Calls::Open;
                }
            }
            Event::Configured { .. }
            | Event::LogoutPending { .. }
            | Event::LoggedOut { .. }
            | Event::BreakPending { .. }
            | Event::BreakBegan { .. }
            | Event::TakenOut
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
            | Event::CommitRefused { .. }
            | Event::CallWrapUpExtended { .. }
            | Event::CallWrapUpOver { .. }
            | Event::BrowserLost { .. }
            | Event::BrowserGraceOver
            | Event::BrowserBack
            | Event::Restarted { .. } => {}
        }
    }

    fn close(&mut self, offer: OfferId) {
        let attempt = self.closed_offers.entry(offer.call).or_default();
        *attempt = (*attempt).max(offer.attempt);
        if self.closed_offers.len() > CLOSED_OFFERS_MAX {
            self.closed_offers.pop_first();
        }
    }
}

/// A call that a queue offers.
pub(super) struct Offer {
    pub(super) offer: OfferId,
    pub(super) queue: QueueId,
    pub(super) tier: Tier,
    pub(super) ring: Span,
    pub(super) wrap_up: Span,
}

impl Agent {
    pub(super) fn offered(&self, at: Timestamp, offered: Offer) -> Option<Event> {
        let Offer { offer, queue, tier, ring, wrap_up } = offered;
        // A repeated offer rings no phone: that it is over was said before, or it rings already.
        if self.phone.is_closed(offer) || self.phone.reserved_by(offer).is_some() {
            return None;
        }
        // In a worse tier than was decided, or shielded.
        if !self.may_ring(tier) {
            return Some(Event::OfferRefused { offer, queue });
        }
        let preempted = match self.settings.preemption.park_on {
            ParkOn::Answer => None,
            ParkOn::Ring => self.attention.item(),
        };
        let reservation = Reservation { offer, queue, until: at + ring, wrap_up };
        Some(Event::Reserved { reservation, preempted, at })
    }

    /// The offer is over, if it still rings.
    pub(super) fn unless_answered(&self, at: Timestamp, offer: OfferId, outcome: Outcome) -> Option<Event> {
        self.phone.reserved_by(offer).map(|reservation| self.release(at, reservation, outcome, true))
    }

    pub(super) fn decline(&self, at: Timestamp, offer: OfferId) -> Result<Vec<Event>, Refusal> {
        let released = self.unless_answered(at, offer, Outcome::Declined);
        released.map(|released| vec![released]).ok_or(Refusal::OfferOver)
    }

    pub(super) fn commit(&self, at: Timestamp, offer: OfferId) -> Option<Event> {
        match self.phone.reserved_by(offer) {
            Some(reservation) => {
                Some(Event::CallConnected { reservation, preempted: self.attention.interrupted(), at })
            }
            None if self.phone.connected_by(offer) => None,
            None => Some(Event::CommitRefused { offer }),
        }
    }

    /// A reservation or a call is over, whichever it is; the call itself knows.
    pub(super) fn over(&self, at: Timestamp, offer: OfferId, outcome: Outcome) -> Vec<Event> {
        match self.phone.reserved_by(offer) {
            Some(reservation) => vec![self.release(at, reservation, outcome, false)],
            None if self.phone.connected_by(offer) => self.call_over(at, offer),
            None => vec![],
        }
    }

    /// The reservation is over: what follows for presence and calls depends on the outcome.
    pub(super) fn release(
        &self,
        at: Timestamp,
        reservation: Reservation,
        outcome: Outcome,
        stop_ringing: bool,
    ) -> Event {
        let (mut presence, mut calls) = (self.presence(), self.phone.calls);
        let chatting = self.attention.interrupted().is_some();
        match outcome {
            Outcome::NoAnswer if chatting || presence != Presence::Available => {
                calls = Calls::Blocked { until: None, says: None };
            }
            Outcome::NoAnswer => {
                let until = self.settings.voice_only.then(|| at + VOICE_ONLY_RETURNS);
                presence = Presence::Unavailable { reason: Reason::Missed, until };
            }
            Outcome::Declined if self.phone.declines + 1 >= DECLINES_MAX => {
                calls = Calls::Blocked { until: None, says: None };
            }
            Outcome::PhoneRefused { says, retry_after } => {
                let wish = retry_after.map(|wish| wish.clamp(RETRY_AFTER_MIN, RETRY_AFTER_MAX));
                calls = Calls::Blocked { until: Some(at + wish.unwrap_or(BUSY_BLOCKS)), says: Some(says) };
            }
            Outcome::Unreachable if self.settings.phone_registers => calls = Calls::PhoneLost,
            Outcome::Unreachable | Outcome::NotCalled => {
                calls = Calls::Blocked { until: Some(at + BUSY_BLOCKS), says: None };
            }
            Outcome::Declined | Outcome::CallerGone | Outcome::Withdrawn | Outcome::Refused => {}
        }
        Event::Released { reservation, outcome, presence, calls, stop_ringing }
    }

    pub(super) fn call_over(&self, at: Timestamp, offer: OfferId) -> Vec<Event> {
        let Some(talk) = self.phone.talk() else { return vec![] };
        if talk.consultation.is_some() {
            return vec![Event::LegOver { offer }];
        }
        let leaves = self.presence() == Presence::LoggingOut;
        let wrap_up = (talk.wrap_up > Span::ZERO && !leaves).then_some(talk.wrap_up);
        let first = self.preempted().is_none() || self.settings.preemption.resume_on == ResumeOn::WrapUpDone;
        let mut events = vec![Event::CallOver { offer, wrap_up, wrap_up_active: first && wrap_up.is_some(), at }];
        if leaves {
            events.push(Event::LoggedOut { returned: self.inbox.owned() });
        }
        events
    }

    pub(super) fn dialled(&self, at: Timestamp, call: CallId) -> Vec<Event> {
        let offer = OfferId { call, agent: self.id, attempt: 0 };
        if let Some(talk) = self.phone.talk() {
            let news = talk.consultation.is_none() && talk.offer != offer;
            return if news { vec![Event::ConsultationBegan { offer }] } else { vec![] };
        }
        let busy = self.reservation().map(|reservation| self.release(at, reservation, Outcome::BUSY, true));
        let preempted = self.attention.interrupted();
        busy.into_iter().chain([Event::OwnCallBegan { offer, preempted, at }]).collect()
    }
}

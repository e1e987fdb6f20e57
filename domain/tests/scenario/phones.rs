//! What phones and callers notice, made of the signals to the telephony alone.
//! Nothing here asks a machine.

use domain::id::{AgentId, CallId, OfferId};
use domain::message::Signal;
use std::collections::BTreeMap;

/// All phones.
#[derive(Debug, Default)]
pub struct Phones {
    ringing: BTreeMap<AgentId, OfferId>,
    rang: BTreeMap<(AgentId, CallId), OfferId>,
    callers: BTreeMap<CallId, Ear>,
}

/// What a caller hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ear {
    Ringing,
    Music,
    Agent(AgentId),
    /// The legs were taken down.
    Nothing,
    /// They were, as an earlier run of the daemon had noted them.
    NothingFromStoredFacts,
}

impl Phones {
    pub fn note(&mut self, call: CallId, signal: Signal) {
        match signal {
            Signal::Alert => _ = self.callers.insert(call, Ear::Ringing),
            Signal::Welcome => _ = self.callers.insert(call, Ear::Music),
            // Their agent follows.
            Signal::Answer(_) => _ = self.callers.insert(call, Ear::Nothing),
            Signal::Ring(offer) => {
                self.ringing.insert(offer.agent, offer);
                self.rang.insert((offer.agent, call), offer);
            }
            Signal::StopRinging(offer) => self.silence(offer),
            Signal::Connect(offer) => {
                self.silence(offer);
                self.callers.insert(call, Ear::Agent(offer.agent));
            }
            Signal::Part(_) => _ = self.callers.insert(call, Ear::Music),
            Signal::TurnAway | Signal::Clear => self.clear(call, Ear::Nothing),
            Signal::ClearStored => self.clear(call, Ear::NothingFromStoredFacts),
        }
    }

    /// The phone rings no more for this offer.
    pub fn silence(&mut self, offer: OfferId) {
        self.ringing.retain(|_, ringing| *ringing != offer);
    }

    fn clear(&mut self, call: CallId, ear: Ear) {
        self.ringing.retain(|_, offer| offer.call != call);
        self.callers.insert(call, ear);
    }

    /// What a phone rings for.
    pub fn rings(&self, agent: AgentId) -> Option<OfferId> {
        self.ringing.get(&agent).copied()
    }

    /// All that rings.
    pub fn ringing(&self) -> impl Iterator<Item = AgentId> {
        self.ringing.keys().copied()
    }

    /// For which offer of a call a phone rang last.
    pub fn rang(&self, agent: AgentId, call: CallId) -> Option<OfferId> {
        self.rang.get(&(agent, call)).copied()
    }

    /// What a caller hears.
    pub fn caller(&self, call: CallId) -> Option<Ear> {
        self.callers.get(&call).copied()
    }
}

//! What calls wish from the telephony, and how it gets there.
//! It carries; what becomes of a wish is the user agent's affair.

use crate::store::Phone;
use actix::{Message, Recipient};
use domain::id::{CallId, CompanyId, OfferId, QueueId};

/// Where a caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which queue.
    pub queue: QueueId,
    /// The place in it, from 1; `None` if they don't wait there any more, or not yet.
    pub position: Option<u32>,
    /// They came outside of the hours of the queue that they called.
    pub closed: bool,
}

/// What a call wishes from the telephony.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Answer the caller if nobody did, and let them hear what is to be heard where they wait.
    Welcome(Place),
    /// Let the caller hear that it rings; for whom they wait is known.
    Alert(QueueId),
    /// Answer the caller: the offer's agent is there.
    Answer(OfferId),
    /// The caller has this place by now.
    Announce(Place),
    /// Refuse the caller: nobody has time, or this queue is closed, which they hear first.
    TurnAway {
        /// The queue, if it is closed.
        closed: Option<QueueId>,
    },
    /// Ring at an agent's phone.
    Ring {
        /// For which offer.
        offer: OfferId,
        /// The phone; `None` if the agent has none.
        phone: Option<Phone>,
        /// The caller's number, shown on the phone.
        caller: String,
    },
    /// Stop ringing.
    StopRinging(OfferId),
    /// The agent's word is durable: ACK the phone and bridge.
    Connect(OfferId),
    /// The agent's part is over: hang up at their phone, music for the caller.
    Part(OfferId, Place),
    /// The call is over.
    Clear,
    /// The call of an earlier run is over: end its legs by these facts.
    ClearStored(Vec<String>),
}

/// A wish on its way to the user agent.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct CallWish(pub CompanyId, pub CallId, pub Wish);

/// Where a floor's wishes go.
#[derive(Clone, Debug)]
pub struct Telephony(pub Recipient<CallWish>);

impl Telephony {
    /// Sends a wish on its way.
    pub fn wish(&self, company: CompanyId, call: CallId, wish: Wish) {
        self.0.do_send(CallWish(company, call, wish));
    }
}

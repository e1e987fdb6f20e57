//! What calls wish from the telephony, and how it gets there.
//! It carries; what becomes of a wish is the user agent's affair.

use crate::store::Phone;
use actix::{Message, Recipient};
use domain::id::{CallId, CompanyId, OfferId};

/// What a call wishes from the telephony.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Answer the caller and play music.
    Welcome,
    /// Refuse the caller: nobody has time.
    TurnAway,
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
    Part(OfferId),
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

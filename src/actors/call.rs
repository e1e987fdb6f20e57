//! The call's actor.
//! It decides nothing: that is `domain::call`; and it touches no socket: that is the user agent.

use super::floor::{Floor, Held, Members};
use super::kind::{Kind, Turn};
use domain::call::{Call, Event, State};
use domain::id::{ContactId, ItemId};
use domain::record::Record;
use std::rc::Rc;

impl Kind for Call {
    fn members(floor: &Floor) -> &Members<Call> {
        floor.calls()
    }

    fn record(call: &Call) -> Option<Record> {
        call.record()
    }

    fn contact(call: &Call) -> Option<ContactId> {
        call.contact()
    }

    fn observe(floor: &Rc<Floor>, turn: &Turn<'_, Call>) -> Vec<Held> {
        let mut held = vec![];
        for event in turn.events {
            let call = turn.id;
            match event {
                Event::Arrived { queue, .. } => tracing::info!(%call, %queue, "a call waits"),
                Event::Rang { offer } => tracing::info!(%call, agent = %offer.agent, "a phone rings"),
                Event::TurnedAway { queue, .. } => tracing::info!(%call, %queue, "a call was refused: nobody has time"),
                Event::Connected { offer, .. } => {
                    tracing::info!(%call, agent = %offer.agent, "a call is connected");
                    floor.remember_agent(call, offer.agent);
                    held.extend(floor.agent_frame(offer.agent));
                }
                Event::Transferred { to, .. } | Event::Moved { to, .. } => {
                    tracing::info!(%call, queue = %to, "a call waits in another queue");
                }
                Event::Ended { by, .. } => tracing::info!(%call, ?by, "a call is over"),
                Event::PhoneFailed { offer, outcome } => {
                    tracing::info!(%call, agent = %offer.agent, ?outcome, "a phone did not take the call");
                }
                // The agent's machine does not know of it, their screen does.
                Event::Held { .. } => {
                    if let State::Connected { offer, .. } = turn.machine.state() {
                        held.extend(floor.agent_frame(offer.agent));
                    }
                }
                Event::Identified { contact, .. } => {
                    held.extend(floor.note_wrapped_up_contact(call, *contact));
                    held.extend(floor.shown_anew(ItemId::Call(call)));
                }
                Event::RingingStopped { .. } | Event::PhoneAnswered { .. } | Event::OfferVoid { .. } => {}
            }
        }
        held
    }
}

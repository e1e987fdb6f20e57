//! What the application hears of the peer's media: hold and its end, and a change of where its audio goes.
//! Never answers an offer; it only compares what a peer described with what it described before.

use super::UserAgent;
use crate::contract::{Event, LegId};
use crate::sdp::{self, Audio, Description};

/// The peer's media as last described: the text, because most descriptions are never compared with another one. Nothing is
/// described yet if it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Described(Vec<u8>);

fn audio(sdp: &[u8]) -> Option<Audio> {
    Description::parse(sdp).ok().map(|description| description.audio)
}

impl UserAgent {
    /// The peer's side of a description that counts from now on. One that cannot be read was the application's to refuse.
    pub(super) fn described(&mut self, id: LegId, sdp: &[u8]) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if leg.described.0.is_empty() && !sdp::may_be_held(sdp) {
            leg.described.0 = sdp.to_vec();
            return;
        }
        let Some(now) = audio(sdp) else { return };
        let before = audio(&leg.described.0);
        leg.described.0 = sdp.to_vec();
        let (was_held, held) = (before.as_ref().is_some_and(Audio::is_held), now.is_held());
        if was_held != held {
            self.tell(Event::Held { leg: id, held });
        }
        if before.is_some_and(|before| before != now) {
            let (remote, direction) = (now.address, now.direction.answered());
            self.tell(Event::MediaChanged { leg: id, remote, direction });
        }
    }
}

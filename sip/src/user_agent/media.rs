//! What the application hears of the peer's media: hold and its end, and a change of where its audio goes.
//! Never answers an offer; it only compares what a peer described with what it described before.

use super::UserAgent;
use crate::contract::{Event, LegId};
use crate::sdp::{Audio, Description};

/// The peer's audio as last described.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Described {
    audio: Option<Audio>,
}

impl Described {
    fn is_held(&self) -> bool {
        self.audio.as_ref().is_some_and(Audio::is_held)
    }
}

impl UserAgent {
    /// The peer's side of a description that counts from now on. One that cannot be read was the application's to refuse.
    pub(super) fn described(&mut self, id: LegId, sdp: &[u8]) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Ok(Description { audio, .. }) = Description::parse(sdp) else { return };
        let (remote, direction) = (audio.address, audio.direction.answered());
        let before = std::mem::replace(&mut leg.described, Described { audio: Some(audio) });
        let held = leg.described.is_held();
        let has_changed = before.audio.is_some() && before != leg.described;
        if before.is_held() != held {
            self.tell(Event::Held { leg: id, held });
        }
        if has_changed {
            self.tell(Event::MediaChanged { leg: id, remote, direction });
        }
    }
}

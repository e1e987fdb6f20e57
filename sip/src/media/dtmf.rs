//! The telephone-event payload: a key pressed on a phone (RFC 4733 §2.3).
//! Never decides when a press is over: three copies of the last packet arrive, and the caller counts them by timestamp.

/// Bytes of the payload.
pub const PAYLOAD_BYTES: usize = 4;

/// One packet's word about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// 0 to 15 are the keys; see [`TelephoneEvent::digit`].
    pub event: u8,
    /// The key was released.
    pub end: bool,
    /// Loudness as 0 to 63 dB below the reference: more is softer.
    pub volume_dbm0: u8,
    /// How long the key has been down, in samples.
    pub duration_samples: u16,
}

impl TelephoneEvent {
    /// Reads a payload; `None` if it is too short. Further bytes are ignored (RFC 4733 §2.5.1.5 allows more events).
    pub fn parse(payload: &[u8]) -> Option<TelephoneEvent> {
        let [event, flags, high, low, ..] = *payload else { return None };
        Some(TelephoneEvent {
            event,
            end: flags & 0x80 != 0,
            volume_dbm0: flags & 0x3f,
            duration_samples: u16::from_be_bytes([high, low]),
        })
    }

    /// The payload as bytes.
    pub fn to_bytes(self) -> [u8; PAYLOAD_BYTES] {
        let [high, low] = self.duration_samples.to_be_bytes();
        [self.event, u8::from(self.end) << 7 | self.volume_dbm0 & 0x3f, high, low]
    }

    /// The key: `0` to `9`, `*`, `#`, `A` to `D` (RFC 4733 §3.2, table 3); `None` for any other event.
    pub fn digit(self) -> Option<char> {
        KEYS.get(usize::from(self.event)).map(|key| char::from(*key))
    }

    /// The event number of a key; `None` if the character is no key.
    pub fn event_of(digit: char) -> Option<u8> {
        (0..16).find(|event| char::from(KEYS[usize::from(*event)]) == digit.to_ascii_uppercase())
    }
}

const KEYS: &[u8; 16] = b"0123456789*#ABCD";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_survives_the_way_there_and_back() {
        let event = TelephoneEvent { event: 11, end: true, volume_dbm0: 10, duration_samples: 800 };
        assert_eq!(event.to_bytes(), [11, 0x8a, 0x03, 0x20]);
        assert_eq!(TelephoneEvent::parse(&event.to_bytes()), Some(event));
        assert_eq!(event.digit(), Some('#'));
    }

    #[test]
    fn every_key_has_its_event() {
        for (event, digit) in (0..).zip("0123456789*#ABCD".chars()) {
            assert_eq!(TelephoneEvent::event_of(digit), Some(event));
        }
        assert_eq!(TelephoneEvent::event_of('d'), Some(15));
        assert_eq!(TelephoneEvent::event_of('x'), None);
    }

    #[test]
    fn short_payloads_and_other_events_are_no_keys() {
        assert_eq!(TelephoneEvent::parse(&[1, 2, 3]), None);
        assert_eq!(TelephoneEvent::parse(&[16, 0, 0, 0]).and_then(TelephoneEvent::digit), None);
    }
}

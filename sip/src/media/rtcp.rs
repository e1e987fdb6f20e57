//! RTCP, as far as a relay needs it: recognising it (RFC 5761 §4).
//! Never parses or builds reports: receivers live without ours, and what they report does not concern a relay.

/// Whether bytes on an RTP port are RTCP: version 2 and a packet type of 192 to 223, which RTP leaves free for it.
pub fn is_rtcp(bytes: &[u8]) -> bool {
    matches!(bytes, [first, 192..=223, ..] if first >> 6 == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_told_from_voice() {
        assert!(is_rtcp(&[0x80, 200, 0, 6]));
        assert!(is_rtcp(&[0x81, 203, 0, 1]));
        assert!(!is_rtcp(&[0x80, 0x80, 0, 1]), "PCMU with the marker");
        assert!(!is_rtcp(&[0x80, 0x80 | 101, 0, 1]), "a telephone event with the marker");
        assert!(!is_rtcp(&[0x80]));
        assert!(!is_rtcp(&[0x00, 200]));
    }
}

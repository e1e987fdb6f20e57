//! Symmetric RTP: from which address a leg's packets are taken, and where its own go (RFC 4961, RFC 7362 §4).
//! Never moves after its window: then one source is heard, and every other is refused.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long the present source must be quiet before, within the window, another of the same rank takes its place.
const INCUMBENT_QUIET: Duration = Duration::from_millis(250);

/// The answer to "where does this phone really send from?".
///
/// A phone behind NAT describes an address that is not the one its packets come from. For a moment after each
/// negotiation the source of real packets replaces the described one; a better match replaces a worse one, so that a
/// stranger who guesses the port loses to the phone. After the window the source is fixed.
#[derive(Clone, Debug)]
pub struct Latch {
    described: Option<SocketAddr>,
    source: Option<Source>,
    open_until: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    address: SocketAddr,
    rank: Rank,
    heard_at: Instant,
}

/// How well a source fits the description; later is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Another host: the description named a private address, or none.
    Elsewhere,
    /// The described host from another port.
    SameHost,
    /// Exactly as described.
    AsDescribed,
}

impl Latch {
    /// A latch for a description just negotiated; `window` is how long its source may still be learnt.
    pub fn new(described: Option<SocketAddr>, now: Instant, window: Duration) -> Latch {
        Latch { described, source: None, open_until: now + window }
    }

    /// After a further negotiation: the window opens anew. An unchanged description keeps the source, so that a session
    /// refresh gives strangers no chance while the phone speaks.
    pub fn renegotiate(&mut self, described: Option<SocketAddr>, now: Instant, window: Duration) {
        if described != self.described {
            self.described = described;
            self.source = None;
        }
        self.open_until = now + window;
    }

    /// Where to send: to the source if one is known, else as described; `None` while neither is.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.source.map(|source| source.address).or(self.described)
    }

    /// Whether a valid packet from this address is the leg's own; learns the source while that is allowed.
    pub fn admits(&mut self, from: SocketAddr, now: Instant) -> bool {
        if let Some(source) = &mut self.source
            && source.address == from
        {
            source.heard_at = now;
            return true;
        }
        let rank = self.rank(from);
        let open = now < self.open_until;
        let admitted = match &self.source {
            // Whoever starts to speak after the window must at least be the described host.
            None => open || rank >= Rank::SameHost,
            Some(source) if rank > source.rank => open,
            Some(source) => open && rank == source.rank && now.duration_since(source.heard_at) >= INCUMBENT_QUIET,
        };
        if admitted {
            self.source = Some(Source { address: from, rank, heard_at: now });
        }
        admitted
    }

    /// When the source was last heard; `None` while none is known.
    pub fn heard_at(&self) -> Option<Instant> {
        self.source.map(|source| source.heard_at)
    }

    fn rank(&self, from: SocketAddr) -> Rank {
        match self.described {
            Some(described) if described == from => Rank::AsDescribed,
            Some(described) if described.ip() == from.ip() => Rank::SameHost,
            Some(_) | None => Rank::Elsewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(2);
    const PHONE: &str = "192.0.2.1:4000";
    const OTHER_PORT: &str = "192.0.2.1:4002";
    const STRANGER: &str = "203.0.113.9:4000";
    const SECOND_STRANGER: &str = "203.0.113.10:4000";

    /// A packet: milliseconds after the negotiation, from where, and whether it is admitted.
    type Step = (u64, &'static str, bool);

    #[test]
    fn the_window_learns_and_afterwards_the_source_is_fixed() {
        let table: [(&str, Option<&str>, &[Step]); 8] = [
            ("as described", Some(PHONE), &[(0, PHONE, true), (10, STRANGER, false), (5_000, PHONE, true)]),
            ("other port", Some(PHONE), &[(0, OTHER_PORT, true), (3_000, OTHER_PORT, true), (3_000, PHONE, false)]),
            ("behind NAT", Some(PHONE), &[(0, STRANGER, true), (3_000, STRANGER, true), (3_000, PHONE, false)]),
            ("better match wins", Some(PHONE), &[(0, STRANGER, true), (20, OTHER_PORT, true), (40, STRANGER, false)]),
            ("equal match loses", Some(PHONE), &[(0, STRANGER, true), (20, SECOND_STRANGER, false)]),
            ("unless all is quiet", Some(PHONE), &[(0, STRANGER, true), (270, SECOND_STRANGER, true)]),
            ("late, same host", Some(PHONE), &[(3_000, STRANGER, false), (3_000, OTHER_PORT, true)]),
            ("nothing described", None, &[(0, STRANGER, true), (10, PHONE, false), (3_000, STRANGER, true)]),
        ];
        for (case, described, packets) in table {
            let start = Instant::now();
            let mut latch = Latch::new(described.map(address), start, WINDOW);
            assert_eq!(latch.destination(), described.map(address), "{case}");
            for (after_ms, from, admitted) in packets {
                let now = start + Duration::from_millis(*after_ms);
                assert_eq!(latch.admits(address(from), now), *admitted, "{case}: {from} after {after_ms} ms");
                if *admitted {
                    assert_eq!(latch.destination(), Some(address(from)), "{case}");
                }
            }
        }
    }

    #[test]
    fn a_refresh_keeps_the_source_and_a_new_description_drops_it() {
        let start = Instant::now();
        let mut latch = Latch::new(Some(address(PHONE)), start, WINDOW);
        assert!(latch.admits(address(STRANGER), start));
        latch.renegotiate(Some(address(PHONE)), start, WINDOW);
        assert!(!latch.admits(address(SECOND_STRANGER), start));
        assert_eq!(latch.destination(), Some(address(STRANGER)));
        latch.renegotiate(Some(address(OTHER_PORT)), start, WINDOW);
        assert_eq!(latch.destination(), Some(address(OTHER_PORT)));
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }
}

//! Symmetric RTP: from which address a leg's packets are taken, and where its own go (RFC 4961, RFC 7362 §4).
//! Never listens to strangers: only the described host and the one that signals can be a leg's source.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// How long the present source must be quiet before, within the window, another of the same rank takes its place.
const INCUMBENT_QUIET: Duration = Duration::from_millis(250);

/// The answer to "where does this phone really send from?".
///
/// A phone behind NAT describes an address that is not the one its packets come from; they come from where its SIP
/// comes from. For a moment after each negotiation a better match replaces a worse one; after this window the source is
/// fixed. Whoever is neither the described host nor the signalling one is a stranger, at any time: nothing is taken from
/// them, and nothing goes to them.
#[derive(Clone, Debug)]
pub struct Latch {
    /// Where it was last described to be; still known while it is described to be nowhere.
    place: Option<SocketAddr>,
    is_nowhere: bool,
    signals_from: Option<IpAddr>,
    source: Option<Source>,
    /// Where its packets came from before the last change of description: what still arrives from there is late.
    left: Option<SocketAddr>,
    open_until: Instant,
    heard_at: Option<Instant>,
}

/// Where a description says that the far end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Described {
    /// Nowhere: nothing is to be sent, as on hold.
    Nowhere,
    /// At a host whose address is not known yet: where its packets come from, once they come.
    Somewhere,
    /// There.
    At(SocketAddr),
}

#[derive(Clone, Copy, Debug)]
struct Source {
    address: SocketAddr,
    rank: Rank,
    heard_at: Instant,
}

/// How well a source fits; later is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The host that signals: it is behind NAT and described an address of its own network.
    Signalling,
    /// The described host from another port.
    SameHost,
    /// Exactly as described.
    AsDescribed,
}

impl Latch {
    /// A latch for a description just negotiated; `signals_from` is where its SIP comes from, and `window` is how long
    /// its source may still be replaced.
    pub fn new(described: Described, signals_from: Option<IpAddr>, now: Instant, window: Duration) -> Latch {
        let signals_from = signals_from.map(|ip| ip.to_canonical());
        let (place, is_nowhere) = (None, false);
        let mut latch =
            Latch { place, is_nowhere, signals_from, source: None, left: None, open_until: now, heard_at: None };
        latch.renegotiate(described, now, window);
        latch
    }

    /// After a further negotiation: the window opens anew. An unchanged description keeps the source, so that a session
    /// refresh gives nobody a chance while the phone speaks. So does a hold, and an address that becomes known.
    pub fn renegotiate(&mut self, described: Described, now: Instant, window: Duration) {
        let (place, has_moved) = match described {
            Described::Nowhere => (self.place, false),
            Described::Somewhere => (None, self.place.is_some()),
            Described::At(place) => (Some(place), self.place.is_some_and(|before| before != place)),
        };
        if has_moved {
            self.left = self.source.map(|source| source.address).or(self.place);
            self.source = None;
        }
        (self.place, self.is_nowhere) = (place, described == Described::Nowhere);
        self.source = self.source.and_then(|source| Some(Source { rank: self.rank(source.address)?, ..source }));
        self.open_until = now + window;
    }

    /// Where to send: to the source if one is known, else as described; `None` if nothing is described, as on hold.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.source.map(|source| source.address).or(self.place).filter(|_| !self.is_nowhere)
    }

    /// Whether a valid packet from this address is the leg's own; learns the source.
    pub fn admits(&mut self, from: SocketAddr, now: Instant) -> bool {
        if let Some(source) = &mut self.source
            && source.address == from
        {
            source.heard_at = now;
            self.heard_at = Some(now);
            return true;
        }
        let Some(rank) = self.rank(from) else { return false };
        let open = now < self.open_until;
        let is_late = open && self.left == Some(from) && rank != Rank::AsDescribed;
        let admitted = !is_late
            && match &self.source {
                None => true,
                Some(source) if rank > source.rank => open,
                Some(source) => open && rank == source.rank && now.duration_since(source.heard_at) >= INCUMBENT_QUIET,
            };
        if admitted {
            self.source = Some(Source { address: from, rank, heard_at: now });
            self.heard_at = Some(now);
        }
        admitted
    }

    /// A report (RTCP) came: the far end lives, even if it says nothing, as phones do that send no silence. Whether it
    /// is the leg's own.
    pub fn reports(&mut self, from: SocketAddr, now: Instant) -> bool {
        let is_own = match self.source {
            Some(source) => source.address.ip() == from.ip(),
            None => self.rank(from).is_some(),
        };
        if is_own {
            self.heard_at = Some(now);
        }
        is_own
    }

    /// When the far end was last heard; `None` if it never was.
    pub fn heard_at(&self) -> Option<Instant> {
        self.heard_at
    }

    fn rank(&self, from: SocketAddr) -> Option<Rank> {
        match self.place {
            Some(place) if place == from => Some(Rank::AsDescribed),
            Some(place) if place.ip() == from.ip() => Some(Rank::SameHost),
            Some(_) | None => (self.signals_from == Some(from.ip().to_canonical())).then_some(Rank::Signalling),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(2);
    const PHONE: &str = "192.0.2.1:4000";
    const OTHER_PORT: &str = "192.0.2.1:4002";
    const SIGNALLING: &str = "198.51.100.7:5060";
    const NAT: &str = "198.51.100.7:61000";
    const NAT_TOO: &str = "198.51.100.7:61002";
    const STRANGER: &str = "203.0.113.9:4000";

    /// A packet: milliseconds after the negotiation, from where, and whether it is admitted.
    type Step = (u64, &'static str, bool);

    #[test]
    fn the_window_learns_and_afterwards_the_source_is_fixed() {
        let table: [(&str, Option<&str>, &[Step]); 10] = [
            ("as described", Some(PHONE), &[(0, PHONE, true), (10, STRANGER, false), (5_000, PHONE, true)]),
            ("other port", Some(PHONE), &[(0, OTHER_PORT, true), (3_000, OTHER_PORT, true), (3_000, PHONE, false)]),
            ("behind NAT", Some(PHONE), &[(0, NAT, true), (3_000, NAT, true), (3_000, PHONE, false)]),
            ("better match wins", Some(PHONE), &[(0, NAT, true), (20, OTHER_PORT, true), (40, NAT, false)]),
            ("equal match loses", Some(PHONE), &[(0, NAT, true), (20, NAT_TOO, false)]),
            ("unless all is quiet", Some(PHONE), &[(0, NAT, true), (270, NAT_TOO, true)]),
            ("late, from behind NAT", Some(PHONE), &[(3_000, STRANGER, false), (3_000, NAT, true)]),
            ("a stranger is first", Some(PHONE), &[(0, STRANGER, false), (20, PHONE, true)]),
            (
                "a stranger is alone",
                Some(PHONE),
                &[(0, STRANGER, false), (500, STRANGER, false), (3_000, STRANGER, false)],
            ),
            ("nothing described", None, &[(0, STRANGER, false), (0, NAT, true), (10, PHONE, false)]),
        ];
        for (case, described, packets) in table {
            let start = Instant::now();
            let mut latch = latch(described, start);
            assert_eq!(latch.destination(), described.map(address), "{case}");
            for (after_ms, from, admitted) in packets {
                let now = start + Duration::from_millis(*after_ms);
                let before = latch.destination();
                assert_eq!(latch.admits(address(from), now), *admitted, "{case}: {from} after {after_ms} ms");
                let expected = if *admitted { described.map(|_| address(from)) } else { before };
                assert_eq!(latch.destination(), expected, "{case}: {from} after {after_ms} ms");
            }
        }
    }

    #[test]
    fn a_refresh_keeps_the_source_and_a_new_description_drops_it() {
        let start = Instant::now();
        let mut latch = latch(Some(PHONE), start);
        assert!(latch.admits(address(NAT), start));
        latch.renegotiate(Described::At(address(PHONE)), start, WINDOW);
        assert!(!latch.admits(address(NAT_TOO), start));
        assert_eq!(latch.destination(), Some(address(NAT)));
        latch.renegotiate(Described::At(address(OTHER_PORT)), start, WINDOW);
        assert_eq!(latch.destination(), Some(address(OTHER_PORT)));
    }

    #[test]
    fn late_packets_from_before_a_change_are_not_taken_for_the_new_source() {
        let start = Instant::now();
        let mut latch = latch(Some(PHONE), start);
        assert!(latch.admits(address(PHONE), start));
        latch.renegotiate(Described::At(address(OTHER_PORT)), start, WINDOW);
        assert!(!latch.admits(address(PHONE), start), "it would be the same host");
        assert_eq!(latch.destination(), Some(address(OTHER_PORT)));
        assert!(latch.admits(address(OTHER_PORT), start));
        latch.renegotiate(Described::At(address(PHONE)), start, WINDOW);
        assert!(latch.admits(address(PHONE), start), "it is described again");
    }

    #[test]
    fn a_host_whose_address_is_not_known_yet_is_heard_where_it_signals_from_and_answered_there() {
        let start = Instant::now();
        let mut latch = Latch::new(Described::Somewhere, Some(address(SIGNALLING).ip()), start, WINDOW);
        assert_eq!(latch.destination(), None);
        assert!(!latch.admits(address(STRANGER), start));
        assert!(latch.admits(address(NAT), start));
        assert_eq!(latch.destination(), Some(address(NAT)));
        latch.renegotiate(Described::At(address(PHONE)), start, WINDOW);
        assert!(latch.admits(address(NAT), start), "its packets are none of an earlier place");
        assert!(latch.admits(address(PHONE), start), "and a better match wins");
        assert_eq!(latch.destination(), Some(address(PHONE)));
    }

    #[test]
    fn whoever_holds_and_comes_back_is_still_where_it_was() {
        let start = Instant::now();
        let mut latch = latch(Some(PHONE), start);
        assert!(latch.admits(address(NAT), start));
        latch.renegotiate(Described::Nowhere, start, WINDOW);
        assert_eq!(latch.destination(), None);
        assert!(latch.admits(address(NAT), start), "music of its own");
        latch.renegotiate(Described::At(address(PHONE)), start, WINDOW);
        assert!(latch.admits(address(NAT), start));
        assert_eq!(latch.destination(), Some(address(NAT)));
        latch.renegotiate(Described::Nowhere, start, WINDOW);
        latch.renegotiate(Described::At(address(OTHER_PORT)), start, WINDOW);
        assert_eq!(latch.destination(), Some(address(OTHER_PORT)), "or elsewhere");
    }

    #[test]
    fn reports_show_that_a_silent_phone_lives() {
        let start = Instant::now();
        let later = start + Duration::from_secs(30);
        let mut latch = latch(Some(PHONE), start);
        assert!(!latch.reports(address(STRANGER), start));
        assert_eq!(latch.heard_at(), None);
        assert!(latch.reports(address("192.0.2.1:4001"), start));
        assert_eq!(latch.heard_at(), Some(start));
        assert_eq!(latch.destination(), Some(address(PHONE)), "where reports come from is no address for sound");
        assert!(latch.admits(address(PHONE), start));
        assert!(!latch.reports(address(SIGNALLING), later), "the source is known by now");
        assert!(latch.reports(address("192.0.2.1:4001"), later));
        assert_eq!(latch.heard_at(), Some(later));
    }

    fn latch(described: Option<&str>, now: Instant) -> Latch {
        let described = described.map_or(Described::Nowhere, |place| Described::At(address(place)));
        Latch::new(described, Some(address(SIGNALLING).ip()), now, WINDOW)
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }
}

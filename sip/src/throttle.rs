//! How much one address may ask for that is neither a trunk's nor a registered phone's: token buckets, read as meters.
//! Never reads a clock, and never keeps more addresses than a fixed number.
//!
//! The rule, by address (an IPv6 customer's whole /64 is one address):
//!
//! - requests that begin something, beyond [`PerSource::requests`]: dropped, so that nobody uses us to flood others;
//! - calls without a password, beyond [`PerSource::strangers`]: dropped, the same for names that exist and that don't; one
//!   that says its password when it is asked is given back, with its requests;
//! - passwords, after [`PerSource::failures`] wrong ones: not looked at, but answered 503 with Retry-After, so that a phone
//!   behind the same NAT as the guesser comes again;
//! - reports of all these, [`crate::Event::Refused`]: ten at once and ten a minute, and a hundred at once for all addresses.
//!
//! Responses, and requests within a dialog or a transaction, count nowhere.
//!
//! Of a fixed number of addresses this is remembered. An address of which nothing counts any more gives way to another, the
//! one not heard from for longest first; while something counts of all, so that nobody can have their count pushed out, all
//! other addresses share what [`OTHERS`] of them may ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// The most addresses that are remembered.
const SOURCES_MAX: usize = 10_000;
/// For how many addresses those count together for which there is no room.
pub const OTHERS: u32 = 20;
/// What is reported of one address.
const TOLD: Rate = Rate { per_minute: 10, burst: 10 };
/// What is reported of all of them.
const TOLD_OF_ALL: Rate = Rate { per_minute: 600, burst: 100 };

/// How often something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run. Zero counts as one.
    pub per_minute: u32,
    /// At once, after a while without. Zero counts as one.
    pub burst: u32,
}

impl Rate {
    /// The time for which one counts.
    fn each(self) -> Duration {
        Duration::from_secs(60) / self.per_minute.max(1)
    }

    fn times(self, many: u32) -> Rate {
        let Rate { per_minute, burst } = self;
        Rate { per_minute: per_minute.max(1).saturating_mul(many), burst: burst.max(1).saturating_mul(many) }
    }
}

/// What one address may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerSource {
    /// Requests outside of calls and registrations that are known.
    pub requests: Rate,
    /// Calls of people who say no password.
    pub strangers: Rate,
    /// Wrong passwords.
    pub failures: Rate,
}

impl Default for PerSource {
    /// A branch office behind one address gets through after a power cut, a guesser does not.
    fn default() -> PerSource {
        PerSource {
            requests: Rate { per_minute: 50 * 60, burst: 200 },
            strangers: Rate { per_minute: 60, burst: 60 },
            failures: Rate { per_minute: 20, burst: 20 },
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Request,
    Stranger,
    Failure,
}

/// How full a bucket is, as the time at which it will be empty again: one number, and nothing to do while time passes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Meter(Duration);

impl Meter {
    fn has_room(self, now: Duration, rate: Rate) -> bool {
        self.0.saturating_sub(now) <= rate.each() * (rate.burst.max(1) - 1)
    }

    /// Takes one; false if there is no room for it.
    fn take(&mut self, now: Duration, rate: Rate) -> bool {
        let has_room = self.has_room(now, rate);
        if has_room {
            self.0 = self.0.max(now) + rate.each();
        }
        has_room
    }
}

/// One address.
#[derive(Debug, Clone, Copy, Default)]
struct Source {
    requests: Meter,
    strangers: Meter,
    failures: Meter,
    told: Meter,
    seen_at: Duration,
}

/// All addresses.
#[derive(Debug, Clone)]
pub(crate) struct Throttle {
    rates: PerSource,
    sources: BTreeMap<IpAddr, Source>,
    /// By when they may give way.
    by_age: BTreeSet<(Duration, IpAddr)>,
    /// All for which there is no room.
    others: Source,
    told: Meter,
}

impl Throttle {
    pub(crate) fn new(rates: PerSource) -> Throttle {
        let (sources, by_age) = (BTreeMap::new(), BTreeSet::new());
        Throttle { rates, sources, by_age, others: Source::default(), told: Meter::default() }
    }

    /// Counts one; false if it is one too many.
    pub(crate) fn take(&mut self, now: Duration, address: IpAddr, what: Counted) -> bool {
        let rate = self.rate(what);
        self.count(now, address, |source, many| source.meter(what).take(now, rate.times(many)))
    }

    /// Gives back what was counted of somebody who turned out to be no stranger.
    pub(crate) fn give_back(&mut self, address: IpAddr, what: Counted, times: u32) {
        let each = self.rate(what).each();
        let address = network(address);
        if let Some(source) = self.sources.get_mut(&address) {
            self.by_age.remove(&(source.counts_until(), address));
            let meter = source.meter(what);
            meter.0 = meter.0.saturating_sub(each.saturating_mul(times));
            self.by_age.insert((source.counts_until(), address));
        }
    }

    /// Whether another one would not be too many.
    pub(crate) fn has_room(&self, now: Duration, address: IpAddr, what: Counted) -> bool {
        let rate = self.rate(what);
        match self.sources.get(&network(address)) {
            Some(known) => known.clone().meter(what).has_room(now, rate),
            None if self.may_keep_another(now) => true,
            None => self.others.clone().meter(what).has_room(now, rate.times(OTHERS)),
        }
    }

    /// Whether what happened to this address shall be reported.
    pub(crate) fn tells(&mut self, now: Duration, address: IpAddr) -> bool {
        self.count(now, address, |source, many| source.told.take(now, TOLD.times(many)))
            && self.told.take(now, TOLD_OF_ALL)
    }

    /// Forgets addresses of which nothing is counted any more.
    pub(crate) fn sweep(&mut self, now: Duration) {
        self.sources.retain(|address, source| {
            let counts = source.counts_until() > now;
            if !counts {
                self.by_age.remove(&(source.counts_until(), *address));
            }
            counts
        });
    }

    /// Whether there is nothing to forget.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    fn rate(&self, what: Counted) -> Rate {
        match what {
            Counted::Request => self.rates.requests,
            Counted::Stranger => self.rates.strangers,
            Counted::Failure => self.rates.failures,
        }
    }

    /// Counts at an address, or, where there is no room for it, at all others: `count` hears for how many that is.
    fn count(&mut self, now: Duration, address: IpAddr, count: impl FnOnce(&mut Source, u32) -> bool) -> bool {
        let address = network(address);
        match self.sources.get(&address) {
            Some(known) => _ = self.by_age.remove(&(known.counts_until(), address)),
            None if !self.may_keep_another(now) => return count(&mut self.others, OTHERS),
            None if self.sources.len() >= SOURCES_MAX => {
                if let Some((_, oldest)) = self.by_age.pop_first() {
                    self.sources.remove(&oldest);
                }
            }
            None => {}
        }
        let source = self.sources.entry(address).or_default();
        source.seen_at = now;
        let is_admitted = count(source, 1);
        self.by_age.insert((source.counts_until(), address));
        is_admitted
    }

    /// Whether there is room for another address: one of which nothing counts any more gives way.
    fn may_keep_another(&self, now: Duration) -> bool {
        self.sources.len() < SOURCES_MAX || self.by_age.first().is_some_and(|(until, _)| *until <= now)
    }
}

impl Source {
    /// Until when something counts of it; if nothing does, when it was heard from last.
    fn counts_until(&self) -> Duration {
        let meters = [self.requests, self.strangers, self.failures, self.told];
        meters.into_iter().map(|meter| meter.0).fold(self.seen_at, Duration::max)
    }

    fn meter(&mut self, what: Counted) -> &mut Meter {
        match what {
            Counted::Request => &mut self.requests,
            Counted::Stranger => &mut self.strangers,
            Counted::Failure => &mut self.failures,
        }
    }
}

/// One customer of a provider has a whole /64 of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_minute: 60, burst: 3 };

    fn throttle() -> Throttle {
        Throttle::new(PerSource { requests: RATE, strangers: RATE, failures: RATE })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        #[rustfmt::skip]
        let rows = [
            // At which millisecond, and whether it is let through: three at once, then one a second.
            (0, true), (0, true), (0, true), (0, false), (999, false),
            (1_000, true), (1_000, false), (2_500, true), (2_900, false), (3_000, true),
            // Whoever was quiet has the burst again, and no more than that.
            (60_000, true), (60_000, true), (60_000, true), (60_000, false),
        ];
        let mut throttle = throttle();
        for (at, expected) in rows {
            let now = Duration::from_millis(at);
            assert_eq!(throttle.has_room(now, address("192.0.2.1"), Counted::Request), expected, "{at}");
            assert_eq!(throttle.take(now, address("192.0.2.1"), Counted::Request), expected, "{at}");
        }
    }

    #[test]
    fn addresses_and_what_is_counted_are_apart_and_an_ipv6_network_is_one() {
        let mut throttle = throttle();
        let mut exhaust = |who: &str, what| {
            let took = (0..10).filter(|_| throttle.take(Duration::ZERO, address(who), what)).count();
            (took, throttle.sources.len())
        };
        #[rustfmt::skip]
        let rows = [
            ("192.0.2.1",         Counted::Request,  (3, 1)),
            ("192.0.2.1",         Counted::Stranger, (3, 1)),
            ("192.0.2.1",         Counted::Failure,  (3, 1)),
            ("192.0.2.2",         Counted::Request,  (3, 2)),
            ("::ffff:192.0.2.2",  Counted::Request,  (0, 2)),
            ("2001:db8::1",       Counted::Request,  (3, 3)),
            ("2001:db8::2",       Counted::Request,  (0, 3)),
            ("2001:db8:0:1::2",   Counted::Request,  (3, 4)),
        ];
        for (who, what, expected) in rows {
            assert_eq!(exhaust(who, what), expected, "{who} {what:?}");
        }
    }

    #[test]
    fn the_table_is_bounded_and_the_longest_silent_gives_way() {
        let mut throttle = throttle();
        let number = |n: u32| IpAddr::from(n.to_be_bytes());
        for n in 0..(SOURCES_MAX as u32 + 500) {
            throttle.take(Duration::from_millis(n.into()), number(n), Counted::Request);
            // This one is heard from all the time.
            throttle.take(Duration::from_millis(n.into()), number(0), Counted::Request);
        }
        assert_eq!((throttle.sources.len(), throttle.by_age.len()), (SOURCES_MAX, SOURCES_MAX));
        assert!(throttle.sources.contains_key(&number(0)) && !throttle.sources.contains_key(&number(1)));
        throttle.sweep(Duration::from_secs(3600));
        assert!(throttle.is_empty() && throttle.by_age.is_empty());
    }

    #[test]
    fn a_count_is_not_pushed_out_by_however_many_others() {
        let number = |n: u32| IpAddr::from(n.to_be_bytes());
        let guesser = address("192.0.2.1");
        for what in [Counted::Request, Counted::Failure] {
            let mut throttle = throttle();
            let now = Duration::from_secs(9);
            while throttle.take(now, guesser, Counted::Failure) {}
            // Others ask for something once, or guess, all at the same time.
            let admitted = (0..SOURCES_MAX as u32 * 2).filter(|n| throttle.take(now, number(*n), what)).count();
            assert!(!throttle.has_room(now, guesser, Counted::Failure), "{what:?}");
            assert_eq!((throttle.sources.len(), throttle.by_age.len()), (SOURCES_MAX, SOURCES_MAX));
            // Those for whom there is no room have what so many of them would have, together.
            assert_eq!(admitted, SOURCES_MAX - 1 + (OTHERS * RATE.burst) as usize, "{what:?}");
            assert!(!throttle.has_room(now, address("203.0.113.1"), what));
            // A second later nothing counts of them any more, and the guesser's count still does.
            let later = now + Duration::from_secs(1);
            assert!((0..100).all(|n| throttle.take(later, number(1 << 30 | n), what)), "{what:?}");
            assert!(throttle.sources.contains_key(&guesser));
        }
    }

    #[test]
    fn what_is_given_back_counts_no_more() {
        let (mut throttle, who) = (throttle(), address("192.0.2.1"));
        for _ in 0..100 {
            assert!(throttle.take(Duration::ZERO, who, Counted::Stranger));
            throttle.give_back(who, Counted::Stranger, 1);
        }
        throttle.give_back(who, Counted::Stranger, 1_000);
        assert_eq!((0..9).filter(|_| throttle.take(Duration::ZERO, who, Counted::Stranger)).count(), 3, "and no more");
        throttle.sweep(Duration::from_secs(3));
        assert!(throttle.is_empty() && throttle.by_age.is_empty());
    }

    #[test]
    fn what_still_counts_is_not_swept() {
        let mut throttle = throttle();
        throttle.take(Duration::ZERO, address("192.0.2.1"), Counted::Failure);
        throttle.sweep(Duration::from_millis(999));
        assert!(!throttle.is_empty());
        throttle.sweep(Duration::from_millis(1_000));
        assert!(throttle.is_empty());
    }

    #[test]
    fn reports_are_few_of_one_address_and_bounded_for_all() {
        let mut throttle = throttle();
        let told =
            |throttle: &mut Throttle, who: IpAddr| (0..50).filter(|_| throttle.tells(Duration::ZERO, who)).count();
        assert_eq!(told(&mut throttle, address("192.0.2.1")), 10);
        let all: usize = (2..100).map(|n| told(&mut throttle, IpAddr::from([192, 0, 2, n]))).sum();
        assert_eq!(all, 90);
    }
}

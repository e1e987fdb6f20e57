//! Which attempts to log in are looked at: only wrong passwords count, by who is meant and where they come from.
//! Never reads a clock, never sees a password, and never remembers more than a fixed number of people and addresses.
//!
//! The rule, for somebody's name that is said at an address (an IPv6 customer's whole /64 is one address):
//!
//! 1. Name **and** address: beyond [`Rates::per_account`] wrong passwords nothing more is looked at.
//! 2. If this person has logged in from this address lately, nothing else counts: neither who attacks the name from
//!    elsewhere, nor who attacks others from here.
//! 3. Else the name, wherever it is said, has the same limit, and the address has [`Rates::per_source`], whoever is meant.
//! 4. Who has just got nothing wrong here may find twenty times as much used up: the guesser among colleagues is stopped
//!    before they are. In the long run it stays at the rate.
//!
//! Names that exist and names that don't are treated alike, so that nobody learns which is which.

use super::until::Until;
use std::net::IpAddr;
use std::time::Duration;

/// How many pairs, people and addresses are remembered of each.
const KEYS_MAX: usize = 20_000;
/// How long somebody is at home at an address from which they logged in.
const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);
/// By how much more whoever got nothing wrong may find used up.
const CLEAN_FACTOR: u32 = 20;
/// What is reported of one address, and of all of them.
const TOLD: Rate = Rate { per_minute: 10, burst: 10 };
const TOLD_OF_ALL: Rate = Rate { per_minute: 600, burst: 100 };

/// A name by its hash: a stranger's may be long.
pub type Name = [u8; 16];

/// How many wrong passwords there may be in a minute.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// For one account.
    pub per_account: u32,
    /// From one address.
    pub per_source: u32,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    per_minute: u32,
    burst: u32,
}

impl Rate {
    fn new(per_minute: u32) -> Rate {
        Rate { per_minute, burst: per_minute }
    }

    /// The same in the long run, more at once.
    fn at_once(self, factor: u32) -> Rate {
        Rate { burst: self.burst.saturating_mul(factor), ..self }
    }

    fn each(self) -> Duration {
        Duration::from_secs(60) / self.per_minute.max(1)
    }

    /// How long until there is room for one more, if what was counted is forgotten at `end`.
    fn wait(self, end: Duration, now: Duration) -> Duration {
        end.saturating_sub(now).saturating_sub(self.each().saturating_mul(self.burst.max(1) - 1))
    }
}

/// The attempts of all people and addresses. Each meter is the time at which all that it counted will be forgotten.
pub struct Attempts {
    rates: Rates,
    pairs: Until<(Name, IpAddr)>,
    accounts: Until<Name>,
    sources: Until<IpAddr>,
    known: Until<(Name, IpAddr)>,
    told: Until<IpAddr>,
    told_of_all: Duration,
}

impl Attempts {
    /// None yet.
    pub fn new(rates: Rates) -> Attempts {
        Attempts {
            rates,
            pairs: Until::new(KEYS_MAX),
            accounts: Until::new(KEYS_MAX),
            sources: Until::new(KEYS_MAX),
            known: Until::new(KEYS_MAX),
            told: Until::new(KEYS_MAX),
            told_of_all: Duration::ZERO,
        }
    }

    /// Whether this person has logged in from here lately.
    pub fn is_known(&self, name: Name, source: IpAddr, now: Duration) -> bool {
        self.known.holds(&(name, source), now)
    }

    /// Whether a password is looked at; else for how long not.
    pub fn judge(&self, name: Name, source: IpAddr, now: Duration) -> Result<(), Duration> {
        let (account, address) = (Rate::new(self.rates.per_account), Rate::new(self.rates.per_source));
        let own = self.pairs.end(&(name, source));
        let of_others = |factor: u32| {
            let of_account = account.at_once(factor).wait(self.accounts.end(&name), now);
            of_account.max(address.at_once(factor).wait(self.sources.end(&source), now))
        };
        let wait = account.wait(own, now);
        let wait = if !wait.is_zero() || self.is_known(name, source, now) {
            wait
        } else {
            // Either the others' mistakes are forgotten, or the own ones and most of the others'.
            of_others(1).min(own.saturating_sub(now).max(of_others(CLEAN_FACTOR)))
        };
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// The password was wrong.
    pub fn failed(&mut self, name: Name, source: IpAddr, now: Duration) {
        let (account, address) = (Rate::new(self.rates.per_account).each(), Rate::new(self.rates.per_source).each());
        add(&mut self.pairs, (name, source), account, now);
        if !self.is_known(name, source, now) {
            add(&mut self.accounts, name, account, now);
            add(&mut self.sources, source, address, now);
        }
    }

    /// The password was right.
    pub fn succeeded(&mut self, name: Name, source: IpAddr, now: Duration) {
        self.pairs.clear(&(name, source));
        self.known.set((name, source), now + KNOWN, now);
    }

    /// Whether what happened at this address is reported.
    pub fn tells(&mut self, source: IpAddr, now: Duration) -> bool {
        if !TOLD.wait(self.told.end(&source), now).is_zero() || !TOLD_OF_ALL.wait(self.told_of_all, now).is_zero() {
            return false;
        }
        add(&mut self.told, source, TOLD.each(), now);
        self.told_of_all = self.told_of_all.max(now) + TOLD_OF_ALL.each();
        true
    }

    /// Forgets what is over.
    pub fn sweep(&mut self, now: Duration) {
        self.pairs.sweep(now);
        self.accounts.sweep(now);
        self.sources.sweep(now);
        self.known.sweep(now);
        self.told.sweep(now);
    }
}

fn add<K: Copy + Ord>(meters: &mut Until<K>, key: K, each: Duration, now: Duration) {
    let end = meters.end(&key).max(now) + each;
    meters.set(key, end, now);
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates { per_account: 10, per_source: 60 };
    const SECOND: Duration = Duration::from_secs(1);

    fn name(number: u32) -> Name {
        let mut name = [0; 16];
        name[..4].copy_from_slice(&number.to_be_bytes());
        name
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    /// A wrong password; whether it was looked at.
    fn guess(attempts: &mut Attempts, who: u32, from: u32, now: Duration) -> bool {
        let looked_at = attempts.judge(name(who), address(from), now).is_ok();
        if looked_at {
            attempts.failed(name(who), address(from), now);
        }
        looked_at
    }

    /// The right password; whether it was looked at.
    fn log_in(attempts: &mut Attempts, who: u32, from: u32, now: Duration) -> bool {
        let looked_at = attempts.judge(name(who), address(from), now).is_ok();
        if looked_at {
            attempts.succeeded(name(who), address(from), now);
        }
        looked_at
    }

    #[test]
    fn success_never_counts() {
        let mut attempts = Attempts::new(RATES);
        for who in 0..300 {
            assert!((0..50).all(|_| log_in(&mut attempts, who, 1, SECOND)), "{who}");
        }
    }

    #[test]
    fn an_office_logs_in_while_somebody_in_it_guesses_and_does_not_get_through() {
        let mut attempts = Attempts::new(RATES);
        let mut looked_at = 0;
        for step in 0..1_000 {
            let now = SECOND + Duration::from_millis(100) * step;
            looked_at += u32::from(guess(&mut attempts, 7_000, 1, now));
            if step % 3 == 0 && step / 3 < 300 {
                assert!(log_in(&mut attempts, step / 3, 1, now), "{} was touched", step / 3);
            }
        }
        assert!((10..=30).contains(&looked_at), "{looked_at} wrong passwords in 100 s: ten at once and ten a minute");
    }

    #[test]
    fn whoever_guesses_at_all_names_in_turn_is_stopped_and_those_at_home_there_are_not_touched() {
        let mut attempts = Attempts::new(RATES);
        assert!((0..300).all(|who| log_in(&mut attempts, who, 1, SECOND)));
        let looked_at = (0..5_000).filter(|step| guess(&mut attempts, 1_000 + step, 1, SECOND * 2)).count();
        assert_eq!(looked_at, 1_200, "twenty times the rate, once");
        assert!((0..300).all(|who| log_in(&mut attempts, who, 1, SECOND * 2)));
        let later = (1..=600).filter(|second| guess(&mut attempts, 9_000 + second, 1, SECOND * (*second + 2))).count();
        assert!((598..=601).contains(&later), "{later} in ten minutes: the rate");
    }

    #[test]
    fn an_attack_from_everywhere_does_not_lock_the_owner_out_of_their_own_address() {
        let mut attempts = Attempts::new(RATES);
        assert!(log_in(&mut attempts, 1, 1, SECOND));
        let looked_at = (0..10_000).filter(|step| guess(&mut attempts, 1, 1_000 + step, SECOND * 2)).count();
        assert_eq!(looked_at, 200, "twenty times the rate of an account, once");
        assert!(log_in(&mut attempts, 1, 1, SECOND * 2));
        assert!(!log_in(&mut attempts, 1, 2, SECOND * 2), "from elsewhere they have to wait");
        let wait = attempts.judge(name(1), address(2), SECOND * 2).unwrap_err();
        assert_eq!(wait, SECOND * 6);
        assert!(log_in(&mut attempts, 1, 2, SECOND * 2 + wait));
    }

    #[test]
    fn who_mistypes_too_often_waits_as_long_as_they_are_told() {
        let mut attempts = Attempts::new(RATES);
        assert!(log_in(&mut attempts, 1, 1, SECOND), "known, and limited all the same");
        assert_eq!((0..50).filter(|_| guess(&mut attempts, 1, 1, SECOND)).count(), 10);
        let wait = attempts.judge(name(1), address(1), SECOND).unwrap_err();
        assert_eq!(wait, SECOND * 6);
        assert!(attempts.judge(name(1), address(1), SECOND + wait - Duration::from_millis(1)).is_err());
        assert!(log_in(&mut attempts, 1, 1, SECOND + wait));
        assert_eq!((0..50).filter(|_| guess(&mut attempts, 1, 1, SECOND * 8)).count(), 10, "success forgives");
    }

    #[test]
    fn many_names_and_addresses_make_nobody_forget_who_is_over_the_limit() {
        let mut attempts = Attempts::new(RATES);
        while guess(&mut attempts, 1, 1, SECOND) {}
        for number in 0..100_000 {
            guess(&mut attempts, 100 + number, 100 + number, SECOND);
        }
        assert!(attempts.judge(name(1), address(1), SECOND).is_err());
    }

    #[test]
    fn one_address_cannot_fill_the_log() {
        let mut attempts = Attempts::new(RATES);
        assert_eq!((0..1_000).filter(|_| attempts.tells(address(1), SECOND)).count(), 10);
        let others: usize =
            (2..1_000).map(|from| (0..10).filter(|_| attempts.tells(address(from), SECOND)).count()).sum();
        assert_eq!(others, 90, "a hundred of all of them");
        assert!(attempts.tells(address(1), SECOND * 7));
    }
}

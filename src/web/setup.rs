//! The link by which the first administrator begins, where there is no company yet. Its token is kept as a hash, and nowhere
//! but in memory: a daemon that is started again has another link.

use super::auth;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a link holds.
const HOLDS: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether somebody may begin.
#[derive(Default)]
pub struct Setup(Mutex<Option<Link>>);

struct Link {
    token_hash: Vec<u8>,
    until: Instant,
}

impl Setup {
    /// There is no company: the token of the link that holds from now on. It is not told again.
    pub fn open(&self, now: Instant) -> String {
        let token = auth::token();
        *self.link() = Some(Link { token_hash: auth::hash(&token), until: now + HOLDS });
        token
    }

    /// There is a company.
    pub fn close(&self) {
        *self.link() = None;
    }

    /// Whether a link holds.
    pub fn is_open(&self, now: Instant) -> bool {
        self.link().as_ref().is_some_and(|link| now < link.until)
    }

    /// Whether the link with this token holds.
    pub fn holds(&self, token: &str, now: Instant) -> bool {
        // Of hashes nobody learns by how long it takes to compare them.
        self.link().as_ref().is_some_and(|link| now < link.until && link.token_hash == auth::hash(token))
    }

    fn link(&self) -> MutexGuard<'_, Option<Link>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_for_a_day_until_there_is_another_one_or_a_company() {
        let (setup, now) = (Setup::default(), Instant::now());
        assert!(!setup.is_open(now) && !setup.holds("", now));
        let first = setup.open(now);
        assert!(setup.is_open(now) && setup.holds(&first, now) && !setup.holds("", now));
        assert!(!setup.is_open(now + HOLDS) && !setup.holds(&first, now + HOLDS));
        let second = setup.open(now);
        assert!(!setup.holds(&first, now) && setup.holds(&second, now));
        setup.close();
        assert!(!setup.is_open(now) && !setup.holds(&second, now));
    }
}

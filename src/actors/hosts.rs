//! Hosts of media that are given by name (RFC 8866 §5.7): looked up by the system, while their calls go on.
//! It never waits for an answer on the user agent's thread, and asks for no more than a few names at once.

use actix::{Message, Recipient};
use sip::LegId;
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// For how long a name is waited for. Until then, and without it, a call hears us where its own sound comes from.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many names are looked up at once.
const AT_ONCE_MAX: usize = 8;

/// What looking up a host came to.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct HostFound {
    /// For which leg.
    pub leg: LegId,
    /// The name.
    pub host: String,
    /// Its address.
    pub found: io::Result<IpAddr>,
}

/// The lookups that are going on: one at a time for each leg.
pub struct Hosts {
    asked: BTreeSet<LegId>,
    permits: Arc<Semaphore>,
    tell: Option<Recipient<HostFound>>,
}

impl Default for Hosts {
    fn default() -> Hosts {
        Hosts { asked: BTreeSet::new(), permits: Arc::new(Semaphore::new(AT_ONCE_MAX)), tell: None }
    }
}

impl Hosts {
    /// Whom to tell what was found.
    pub fn tell(&mut self, whom: Recipient<HostFound>) {
        self.tell = Some(whom);
    }

    /// Looks up a host for a leg, unless another one is being looked up for it.
    pub fn look_up(&mut self, leg: LegId, host: &str, is_ipv4: bool) {
        let Some(tell) = self.tell.clone() else { return };
        if !self.asked.insert(leg) {
            return;
        }
        let (host, permits) = (host.to_owned(), self.permits.clone());
        actix::spawn(async move {
            let found = tokio::time::timeout(PATIENCE, address_of(host.clone(), is_ipv4, permits)).await;
            let found = found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            tell.do_send(HostFound { leg, host, found });
        });
    }

    /// What was asked for a leg is found, or not.
    pub fn answered(&mut self, leg: LegId) {
        self.asked.remove(&leg);
    }
}

async fn address_of(host: String, is_ipv4: bool, permits: Arc<Semaphore>) -> io::Result<IpAddr> {
    let permit = permits.acquire_owned().await.map_err(io::Error::other)?;
    // The system goes on looking when nobody waits any more, and has its place among the few until then.
    let asked = actix::spawn(async move {
        let found = tokio::net::lookup_host((host.as_str(), 0)).await;
        let found = found.map(|found| found.map(|address| address.ip()).find(|ip| ip.is_ipv4() == is_ipv4));
        drop(permit);
        found
    });
    asked.await.map_err(io::Error::other)??.ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix::test]
    async fn a_name_gets_an_address_of_its_family_or_an_error() {
        let permits = Arc::new(Semaphore::new(1));
        let find = |host: &str| address_of(host.to_owned(), true, permits.clone());
        assert_eq!(find("localhost").await.unwrap(), IpAddr::from([127, 0, 0, 1]));
        assert!(find("nobody.invalid").await.is_err());
        assert_eq!(permits.available_permits(), 1, "both have given their place back");
    }
}

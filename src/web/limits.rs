//! How much strangers may ask for: connections and new chats per source, messages per connection.
//! Whoever asks for more is told so; nobody else notices.

use crate::config::Limits;
use crate::web::budget::Budget;
use actix_web::HttpRequest;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Messages and other requests per second on one connection, and how many may come at once.
const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
const REQUESTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(200).expect("not zero");

/// The limits that hold for the whole daemon.
pub struct Gate {
    connections: Arc<Mutex<Connections>>,
    http: Arc<Mutex<Connections>>,
    http_per_source_max: usize,
    per_source_max: usize,
    total_max: usize,
    chats: Budget<IpAddr>,
    /// What is said in the log of a chat service by request of strangers.
    says: Budget<i64>,
}

#[derive(Default)]
struct Connections {
    total: usize,
    of_source: HashMap<IpAddr, usize>,
}

/// A place among the connections, given back when it is dropped.
pub struct Place {
    source: Option<IpAddr>,
    connections: Arc<Mutex<Connections>>,
}

impl Gate {
    /// The configured limits.
    pub fn new(limits: &Limits) -> Gate {
        let chats = NonZeroU32::new(limits.new_chats_per_source_per_minute).unwrap_or(NonZeroU32::MIN);
        Gate {
            connections: Arc::default(),
            http: Arc::default(),
            http_per_source_max: limits.http_connections_per_source,
            per_source_max: limits.visitors_per_source,
            total_max: limits.connections,
            chats: Budget::per_minute(chats),
            says: Budget::per_minute(NonZeroU32::MIN),
        }
    }

    /// A place for a visitor's connection.
    pub fn visitor(&self, source: IpAddr) -> Option<Place> {
        let source = network(source);
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let of_source = connections.of_source.get(&source).copied().unwrap_or(0);
        if connections.total >= self.total_max || of_source >= self.per_source_max {
            return None;
        }
        connections.total += 1;
        connections.of_source.insert(source, of_source + 1);
        Some(Place { source: Some(source), connections: self.connections.clone() })
    }

    /// A place for a TCP connection. Reverse proxies on this machine bring everybody's.
    pub fn connection(&self, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let source = Some(network(peer)).filter(|_| !peer.is_loopback());
        let mut http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = source {
            let of_source = http.of_source.entry(source).or_default();
            if *of_source >= self.http_per_source_max {
                return None;
            }
            *of_source += 1;
        }
        http.total += 1;
        Some(Place { source, connections: self.http.clone() })
    }

    /// A place for an agent's connection: agents have logged in, so only the total counts.
    pub fn agent(&self) -> Option<Place> {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if connections.total >= self.total_max {
            return None;
        }
        connections.total += 1;
        Some(Place { source: None, connections: self.connections.clone() })
    }

    /// Whether this source may begin another chat now.
    pub fn chat(&self, source: IpAddr) -> bool {
        self.chats.take(Instant::now(), network(source), 1)
    }

    /// Whether the log may say something of a chat service now: once a minute.
    pub fn says(&self, now: Instant, service: i64) -> bool {
        self.says.take(now, service, 1)
    }

    /// Forgets the sources that have been quiet.
    pub fn forget_quiet(&self, now: Instant) {
        self.chats.forget_quiet(now);
        self.says.forget_quiet(now);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.total -= 1;
        if let Some(source) = self.source
            && let Some(count) = connections.of_source.get_mut(&source)
        {
            *count -= 1;
            if *count == 0 {
                connections.of_source.remove(&source);
            }
        }
    }
}

/// The limit of one connection's requests.
pub fn requests() -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_second(REQUESTS_PER_SECOND).allow_burst(REQUESTS_AT_ONCE))
}

/// Where a request comes from. A reverse proxy on this machine is believed when it says for whom it speaks.
pub fn source(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !peer.is_loopback() {
        return peer;
    }
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    forwarded.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok()).unwrap_or(peer)
}

/// One customer of a provider has a whole /64 of IPv6 addresses.
pub fn network(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

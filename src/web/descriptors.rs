//! How many files and sockets this process may have open, and how they are shared out.
//! Never lets the web take what calls need.

use crate::config::Limits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the daemon itself has open: database, log, listening sockets, event queues, with room to spare.
const OWN: u64 = 128;
/// A call has two legs with RTP and RTCP each, and one phone more may ring for it.
const PER_CALL: u64 = 6;

/// Raises what the process may have open to what the system lets it, and says how much that is.
pub fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // More than that nobody needs, and some systems have no bound.
    let wanted = maximum.unwrap_or(u64::MAX).min(1 << 20);
    let now = current.unwrap_or(u64::MAX);
    if now >= wanted {
        return now.min(1 << 20);
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised from {now} to {wanted}");
            now
        }
    }
}

/// How many HTTP connections there may be with so many descriptors: what calls and their signalling may need stays free,
/// and at least half in any case.
pub fn for_http(descriptors: u64, limits: &Limits) -> usize {
    let calls = limits.calls as u64 * PER_CALL + limits.sip_connections as u64 + OWN;
    let left = descriptors.saturating_sub(calls.min(descriptors / 2));
    // Pages and the API come and go beside the sockets that stay.
    usize::try_from(left).unwrap_or(usize::MAX).min(limits.connections + limits.connections / 4 + 64)
}

/// How many descriptors everything that the limits allow would take.
pub fn wanted(limits: &Limits) -> u64 {
    let calls = limits.calls as u64 * PER_CALL + limits.sip_connections as u64 + OWN;
    calls + limits.connections as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_gets_what_calls_do_not_need_and_never_more_than_half_of_too_little() {
        let limits = Limits { calls: 1_000, sip_connections: 1_000, connections: 20_000, ..Limits::default() };
        for (descriptors, expected) in
            [(1_024, 512), (4_096, 2_048), (20_000, 20_000 - 7_128), (65_536, 25_064), (1 << 20, 25_064)]
        {
            assert_eq!(for_http(descriptors, &limits), expected, "{descriptors}");
        }
        assert_eq!(wanted(&limits), 27_128);
    }
}

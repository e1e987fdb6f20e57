//! The port pairs of the relay: which are free, and the sockets on those that are not.
//! Never hands out a pair while another has rested longer, so that late packets of one call miss the next.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use super::{RelayError, locked};

/// How long to wait for a port that is just being closed, when no other is free.
const CLOSING_WAIT_MAX: Duration = Duration::from_millis(200);
/// Expedited forwarding (RFC 3246, RFC 4594 §4.1), as the byte of the IP header.
const DSCP_EF: u32 = 46 << 2;

pub(super) struct Pool {
    range: RangeInclusive<u16>,
    pairs: usize,
    state: Mutex<State>,
    returned: Condvar,
}

struct State {
    /// The RTP ports of the free pairs, the one that rested longest first.
    free: VecDeque<u16>,
    /// Pairs whose closing is on its way to a relay thread.
    closing: usize,
}

/// A bound pair. Dropping it closes the sockets, then returns the pair.
pub(super) struct Sockets {
    pub(super) rtp: mio::net::UdpSocket,
    /// Whether addresses on it are written as IPv6.
    pub(super) ipv6: bool,
    /// RTCP: what comes there only shows that the far end lives. Its buffer is the smallest there is.
    pub(super) rtcp: mio::net::UdpSocket,
    lease: Lease,
}

struct Lease {
    pool: Arc<Pool>,
    port: u16,
}

impl Pool {
    /// `None` if the range holds no pair.
    pub(super) fn new(range: RangeInclusive<u16>) -> Option<Pool> {
        let (start, end) = (*range.start(), *range.end());
        let free: VecDeque<u16> = (start..end).filter(|port| port % 2 == 0 && *port != 0).collect();
        let pairs = free.len();
        let state = Mutex::new(State { free, closing: 0 });
        (pairs > 0).then_some(Pool { range, pairs, state, returned: Condvar::new() })
    }

    /// Binds the next free pair, if `spare` others are free besides; pairs that another process holds are passed over.
    pub(super) fn bind(self: &Arc<Pool>, address: IpAddr, spare: usize) -> Result<Sockets, RelayError> {
        for _ in 0..self.pairs {
            let Some(port) = self.take(spare) else { break };
            match sockets(address, port) {
                Ok((rtp, rtcp)) => {
                    let lease = Lease { pool: Arc::clone(self), port };
                    return Ok(Sockets { rtp, ipv6: address.is_ipv6(), rtcp, lease });
                }
                Err(source) => {
                    locked(&self.state).free.push_back(port);
                    if source.kind() != io::ErrorKind::AddrInUse {
                        return Err(RelayError::Bind { address: SocketAddr::new(address, port), source });
                    }
                }
            }
        }
        let open = self.pairs - locked(&self.state).free.len();
        Err(RelayError::PortsExhausted { ports: self.range.clone(), pairs: self.pairs, open, spare })
    }

    /// A pair is about to come back.
    pub(super) fn closing(&self) {
        locked(&self.state).closing += 1;
    }

    fn take(&self, spare: usize) -> Option<u16> {
        let state = locked(&self.state);
        let worth_waiting = |state: &mut State| state.free.len() <= spare && state.closing > 0;
        let (mut state, _) = self
            .returned
            .wait_timeout_while(state, CLOSING_WAIT_MAX, worth_waiting)
            .unwrap_or_else(PoisonError::into_inner);
        if state.free.len() > spare { state.free.pop_front() } else { None }
    }
}

impl Sockets {
    /// The RTP port.
    pub(super) fn port(&self) -> u16 {
        self.lease.port
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = locked(&self.pool.state);
        state.free.push_back(self.port);
        state.closing = state.closing.saturating_sub(1);
        self.pool.returned.notify_one();
    }
}

fn sockets(address: IpAddr, port: u16) -> io::Result<(mio::net::UdpSocket, mio::net::UdpSocket)> {
    let rtp = bound(SocketAddr::new(address, port))?;
    let rtcp = bound(SocketAddr::new(address, port + 1))?;
    rtcp.set_recv_buffer_size(0)?;
    // A wish to the network, not a condition.
    let marked = if address.is_ipv4() { rtp.set_tos_v4(DSCP_EF) } else { rtp.set_tclass_v6(DSCP_EF) };
    if let Err(error) = marked {
        tracing::debug!(%error, port, "voice packets are not marked for expedited forwarding");
    }
    let watched = |socket| mio::net::UdpSocket::from_std(UdpSocket::from(socket));
    Ok((watched(rtp), watched(rtcp)))
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

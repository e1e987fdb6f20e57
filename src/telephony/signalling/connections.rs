//! The TCP connections of SIP: who has one, what came by it, what waits to go out, and when it is cut.
//! Never trusts a peer to be quick, to be few, or to read.

use super::framing::Inbox;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use sip::wire::{Frame, KeepAlive, MESSAGE_BYTES_MAX, PONG};
use sip::{Flow, Transport};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long a message may take from its first byte on, and a new connection until its first message is complete.
const MESSAGE_MAX: Duration = Duration::from_secs(10);
/// How long a connection may be idle that no registration and no dialog needs.
const IDLE_MAX: Duration = Duration::from_secs(120);
/// How long a peer may take to accept a connection of ours.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long a peer may read nothing of what waits for it.
const STALLED_MAX: Duration = Duration::from_secs(10);
/// How much may wait for a peer.
const OUTPUT_BYTES_MAX: usize = 256 * 1024;
/// How much is read at once, and how often before others have their turn.
const READ_BYTES: usize = 16 * 1024;
const READS_MAX: usize = 16;

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub connections: usize,
    /// From one address.
    pub per_source: usize,
}

/// All connections.
pub(super) struct Connections {
    limits: Limits,
    next: usize,
    by_token: BTreeMap<Token, Connection>,
    /// By the peer's end, then by ours.
    by_ends: BTreeMap<(SocketAddr, SocketAddr), Token>,
    sources: BTreeMap<IpAddr, usize>,
    /// Flows that are gone, for the user agent to hear of.
    pub(super) gone: Vec<Flow>,
}

struct Connection {
    stream: TcpStream,
    flow: Flow,
    phase: Phase,
    inbox: Inbox,
    /// Since when a message is on its way to us.
    incomplete_since: Option<Duration>,
    output: Vec<u8>,
    /// Since when output waits and none of it goes.
    stalled_since: Option<Duration>,
    /// When the last message went or came.
    used_at: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Ours, not accepted yet.
    Connecting { since: Duration },
    /// A stranger's, from which no message came yet.
    Silent,
    /// Messages went or came.
    Open,
}

impl Connections {
    /// None yet; tokens count from `first` on.
    pub(super) fn new(limits: Limits, first: usize) -> Connections {
        Connections {
            limits,
            next: first,
            by_token: BTreeMap::new(),
            by_ends: BTreeMap::new(),
            sources: BTreeMap::new(),
            gone: vec![],
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_token.is_empty()
    }

    /// Takes a stranger's connection, if there may be one more. If there are too many, one that never said anything goes.
    pub(super) fn accept(&mut self, now: Duration, registry: &Registry, stream: TcpStream, peer: SocketAddr) {
        let from_there = self.sources.get(&peer.ip()).copied().unwrap_or(0);
        if from_there >= self.limits.per_source {
            tracing::debug!(%peer, "a connection too many from one address");
            return;
        }
        if self.by_token.len() >= self.limits.connections {
            let silent = self.by_token.iter().filter(|(_, connection)| connection.phase == Phase::Silent);
            let Some(oldest) = silent.min_by_key(|(_, connection)| connection.used_at).map(|(token, _)| *token) else {
                tracing::warn!(%peer, "a SIP connection was refused (see limits.sip_connections)");
                return;
            };
            self.cut(oldest, "it gives way to another");
        }
        let Ok(local) = stream.local_addr() else { return };
        // A new connection is given its time, and then has to have something to say.
        let token = self.add(now, registry, stream, local, peer, Phase::Silent);
        if let Some(connection) = token.and_then(|token| self.by_token.get_mut(&token)) {
            connection.incomplete_since = Some(now);
        }
    }

    /// Sends by the connection of a flow, or by a new one if the flow names none.
    pub(super) fn send(&mut self, now: Duration, registry: &Registry, bytes: &[u8], flow: Flow) {
        let token = match flow.local {
            Some(local) => self.by_ends.get(&(flow.peer, local)).copied(),
            None => self.towards(flow.peer).or_else(|| self.connect(now, registry, flow.peer)),
        };
        let Some(connection) = token.and_then(|token| self.by_token.get_mut(&token)) else {
            self.gone.push(flow);
            return;
        };
        connection.used_at = now;
        if connection.output.len() + bytes.len() > OUTPUT_BYTES_MAX {
            if let Some(token) = token {
                self.cut(token, "its peer reads too slowly");
            }
            return;
        }
        connection.output.extend_from_slice(bytes);
        if let (Some(token), Err(error)) = (token, connection.flush(now)) {
            self.cut(token, &error.to_string());
        }
    }

    /// Something may go out, or come in, on this connection: gives each message that is there to `each`, up to `max`.
    /// Whether there may be more.
    pub(super) fn ready(&mut self, now: Duration, token: Token, max: usize, mut each: impl FnMut(&[u8], Flow)) -> bool {
        let Some(connection) = self.by_token.get_mut(&token) else { return false };
        let worked = connection.open(now).and_then(|()| connection.flush(now));
        let worked = worked.and_then(|()| connection.read(now, max, &mut each));
        match worked {
            Ok(is_more) => is_more,
            Err(error) => {
                self.cut(token, &error.to_string());
                false
            }
        }
    }

    /// Cuts whatever took too long; `is_needed` says whether a registration or a dialog needs a connection.
    pub(super) fn tidy(&mut self, now: Duration, is_needed: impl Fn(&Flow) -> bool) {
        let late = |since: Option<Duration>, max| since.is_some_and(|since| now >= since + max);
        let mut cut = vec![];
        for (token, connection) in &mut self.by_token {
            if late(connection.incomplete_since, MESSAGE_MAX) {
                cut.push((*token, "a message took too long"));
            } else if late(connection.stalled_since, STALLED_MAX) {
                cut.push((*token, "its peer does not read"));
            } else if late(connection.phase.connecting(), CONNECT_MAX) {
                cut.push((*token, "nobody accepts it"));
            } else if late(Some(connection.used_at), IDLE_MAX) {
                if is_needed(&connection.flow) {
                    connection.used_at = now;
                } else {
                    cut.push((*token, "it was idle"));
                }
            }
        }
        for (token, why) in cut {
            self.cut(token, why);
        }
    }

    fn connect(&mut self, now: Duration, registry: &Registry, peer: SocketAddr) -> Option<Token> {
        if self.by_token.len() >= self.limits.connections {
            tracing::warn!(%peer, "no SIP connection was made (see limits.sip_connections)");
            return None;
        }
        let stream = TcpStream::connect(peer).ok()?;
        let local = stream.local_addr().ok()?;
        self.add(now, registry, stream, local, peer, Phase::Connecting { since: now })
    }

    fn add(
        &mut self,
        now: Duration,
        registry: &Registry,
        mut stream: TcpStream,
        local: SocketAddr,
        peer: SocketAddr,
        phase: Phase,
    ) -> Option<Token> {
        let token = Token(self.next);
        self.next += 1;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE).ok()?;
        // A request waits for its answer, not for more bytes; a peer that vanished is noticed at last.
        let socket = socket2::SockRef::from(&stream);
        let keepalive = socket2::TcpKeepalive::new().with_time(IDLE_MAX);
        _ = socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_keepalive(&keepalive));
        let flow = Flow { transport: Transport::Tcp, local: Some(local), peer };
        self.by_ends.insert((peer, local), token);
        *self.sources.entry(peer.ip()).or_default() += 1;
        self.by_token.insert(
            token,
            Connection {
                stream,
                flow,
                phase,
                inbox: Inbox::default(),
                incomplete_since: None,
                output: vec![],
                stalled_since: None,
                used_at: now,
            },
        );
        Some(token)
    }

    fn towards(&self, peer: SocketAddr) -> Option<Token> {
        let first = SocketAddr::new(IpAddr::from([0, 0, 0, 0]), 0);
        let (ends, token) = self.by_ends.range((peer, first)..).next()?;
        (ends.0 == peer).then_some(*token)
    }

    fn cut(&mut self, token: Token, why: &str) {
        let Some(connection) = self.by_token.remove(&token) else { return };
        let flow = connection.flow;
        tracing::debug!(peer = %flow.peer, why, "a SIP connection was cut");
        // A peer that begins anew may have made the same connection again.
        let ends = flow.local.map(|local| (flow.peer, local));
        if let Some(ends) = ends.filter(|ends| self.by_ends.get(ends) == Some(&token)) {
            self.by_ends.remove(&ends);
        }
        if let Some(count) = self.sources.get_mut(&flow.peer.ip()) {
            *count -= 1;
            if *count == 0 {
                self.sources.remove(&flow.peer.ip());
            }
        }
        // Nothing was ever said by a silent one that anybody could wait for.
        if connection.phase != Phase::Silent {
            self.gone.push(flow);
        }
    }
}

impl Phase {
    fn connecting(self) -> Option<Duration> {
        match self {
            Phase::Connecting { since } => Some(since),
            Phase::Silent | Phase::Open => None,
        }
    }
}

impl Connection {
    /// Whether the peer accepted our connection meanwhile.
    fn open(&mut self, now: Duration) -> io::Result<()> {
        if self.phase.connecting().is_none() {
            return Ok(());
        }
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        match self.stream.peer_addr() {
            Ok(_) => {
                self.phase = Phase::Open;
                self.used_at = now;
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes what waits, as far as the peer reads.
    fn flush(&mut self, now: Duration) -> io::Result<()> {
        if self.phase.connecting().is_some() {
            return Ok(());
        }
        let mut sent = 0;
        let outcome = loop {
            if sent == self.output.len() {
                break Ok(());
            }
            match self.stream.write(&self.output[sent..]) {
                Ok(0) => break Err(ErrorKind::WriteZero.into()),
                Ok(length) => sent += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        self.output.drain(..sent);
        let stalled = if sent > 0 { now } else { self.stalled_since.unwrap_or(now) };
        self.stalled_since = (!self.output.is_empty()).then_some(stalled);
        outcome
    }

    /// Reads until there is nothing more, or `max` messages were found; whether there may be more.
    fn read(&mut self, now: Duration, max: usize, each: &mut impl FnMut(&[u8], Flow)) -> io::Result<bool> {
        if self.phase.connecting().is_some() {
            return Ok(false);
        }
        let (mut found, mut reads) = (0, 0);
        let mut buffer = [0; READ_BYTES];
        loop {
            loop {
                match self.inbox.front() {
                    Frame::Incomplete => break,
                    // What was found before it is answered first.
                    Frame::Broken(_) if found > 0 => return Ok(true),
                    Frame::Broken(why) => return Err(io::Error::new(ErrorKind::InvalidData, why)),
                    Frame::KeepAlive { length, kind } => {
                        if kind == KeepAlive::Ping && self.output.len() < OUTPUT_BYTES_MAX {
                            self.output.extend_from_slice(PONG);
                        }
                        self.inbox.take(length);
                    }
                    Frame::Message { length } => {
                        (self.phase, self.used_at, self.incomplete_since) = (Phase::Open, now, None);
                        each(self.inbox.take(length), self.flow);
                        found += 1;
                    }
                }
                if found >= max {
                    return Ok(true);
                }
            }
            if self.inbox.len() > MESSAGE_BYTES_MAX + READ_BYTES {
                return Err(io::Error::new(ErrorKind::InvalidData, "a message longer than allowed"));
            }
            if reads >= READS_MAX {
                return Ok(true);
            }
            reads += 1;
            match self.stream.read(&mut buffer) {
                Ok(0) if found > 0 => return Ok(true),
                Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "its peer closed it")),
                Ok(length) => self.inbox.push(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.phase != Phase::Silent {
            self.incomplete_since = if self.inbox.has_begun() { self.incomplete_since.or(Some(now)) } else { None };
        }
        self.flush(now)?;
        Ok(false)
    }
}

//! The SIP sockets, UDP and TCP, and the alarm clock of the user agent behind them.
//! It never looks into a message further than to find its end.

mod connections;
mod framing;
mod listeners;
#[cfg(test)]
mod tests;

use connections::Connections;
pub use connections::Limits;
use listeners::Listening;
pub use listeners::{Bound, bind};
use mio::event::Source;
use mio::{Events, Interest, Poll, Token};
use sip::{Flow, Input, Transport};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdUdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

/// The longest packet that UDP carries.
const PACKET_BYTES_MAX: usize = 65_535;
/// How many messages are taken from one socket before the others, timers and commands get their turn.
const BATCH_MAX: usize = 64;
/// How many connections are taken at once.
const ACCEPTS_MAX: usize = 64;
/// How many sockets the system names at once.
const NEWS_MAX: usize = 256;
/// How often connections are looked at whose time may be over.
const TIDY_EVERY: Duration = Duration::from_secs(1);

/// The SIP sockets of one user agent.
pub struct Signalling {
    events: AsyncFd<Watched>,
    news: RefCell<Events>,
    sockets: RefCell<Sockets>,
    started: Instant,
    deadline: Cell<Option<Duration>>,
    changed: Notify,
}

/// The one event queue of all sockets: the runtime watches it, and it watches them.
struct Watched(RefCell<Poll>);

impl AsRawFd for Watched {
    fn as_raw_fd(&self) -> RawFd {
        self.0.borrow().as_raw_fd()
    }
}

struct Sockets {
    registry: mio::Registry,
    listening: Vec<Listening>,
    connections: Connections,
    /// Sockets that may have something for us. They say so only once, and have to be read until they are empty.
    ready: BTreeSet<Token>,
    tidy_at: Option<Duration>,
    /// Where a datagram is received; kept, because making one costs more than reading a message.
    datagram: Box<[u8]>,
}

impl Signalling {
    /// Takes over bound sockets on this thread.
    ///
    /// # Errors
    /// When the system or the runtime cannot watch them.
    pub fn new(bound: Vec<Bound>, limits: Limits) -> io::Result<Rc<Signalling>> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let mut listening: Vec<Listening> = bound.into_iter().map(Bound::watch).collect();
        for (at, socket) in listening.iter_mut().enumerate() {
            let source: &mut dyn Source = match socket {
                Listening::Udp { socket, .. } => socket,
                Listening::Tcp { listener } => listener,
            };
            registry.register(source, Token(at), Interest::READABLE)?;
        }
        let ready = (0..listening.len()).map(Token).collect();
        let connections = Connections::new(limits, listening.len());
        let datagram = vec![0; PACKET_BYTES_MAX].into_boxed_slice();
        // Sound here: the queue keeps its one descriptor for as long as it lives.
        #[allow(deprecated, reason = "the successor is an unsafe function")]
        let events = AsyncFd::new(Watched(RefCell::new(poll)))?;
        Ok(Rc::new(Signalling {
            events,
            news: RefCell::new(Events::with_capacity(NEWS_MAX)),
            sockets: RefCell::new(Sockets { registry, listening, connections, ready, tidy_at: None, datagram }),
            started: Instant::now(),
            deadline: Cell::new(None),
            changed: Notify::new(),
        }))
    }

    /// The user agent's time.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// When to wake up at the latest.
    pub fn wake_at(&self, deadline: Option<Duration>) {
        if self.deadline.replace(deadline) != deadline {
            self.changed.notify_one();
        }
    }

    /// Waits until something came, or for the deadline.
    pub async fn woken(&self) {
        loop {
            let tidy_at = {
                let sockets = self.sockets.borrow();
                if sockets.has_news() {
                    return;
                }
                sockets.tidy_at
            };
            let deadline = [self.deadline.get(), tidy_at].into_iter().flatten().min();
            let sleep = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep(deadline.saturating_sub(self.now())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.events.readable() => return,
                () = sleep => return,
                () = self.changed.notified() => {}
            }
        }
    }

    /// Gives what came to `each`: messages, and the news of connections that are gone. Up to a batch from each socket;
    /// what is left makes [`Signalling::woken`] return at once.
    pub fn receive(&self, mut each: impl FnMut(Input)) {
        let mut sockets = self.sockets.borrow_mut();
        self.collect(&mut sockets.ready);
        let now = self.now();
        for token in std::mem::take(&mut sockets.ready) {
            if sockets.read(now, token, &mut each) {
                sockets.ready.insert(token);
            }
        }
        for flow in std::mem::take(&mut sockets.connections.gone) {
            each(Input::Closed { flow });
        }
    }

    /// Sends a message. A datagram that does not go out is lost as on the wire; that a connection is gone is told later.
    pub fn send(&self, bytes: &[u8], flow: Flow) {
        let mut sockets = self.sockets.borrow_mut();
        match flow.transport {
            Transport::Udp => sockets.send_datagram(bytes, &flow),
            Transport::Tcp => {
                let now = self.now();
                let Sockets { registry, connections, .. } = &mut *sockets;
                connections.send(now, registry, bytes, flow);
                sockets.tidy_at.get_or_insert(now + TIDY_EVERY);
                self.changed.notify_one();
            }
        }
    }

    /// Cuts connections whose time is over, except those that `is_needed` by a registration or a dialog.
    pub fn tidy(&self, is_needed: impl Fn(&Flow) -> bool) {
        let (now, mut sockets) = (self.now(), self.sockets.borrow_mut());
        if sockets.tidy_at.is_some_and(|at| at <= now) {
            sockets.connections.tidy(now, is_needed);
            sockets.tidy_at = (!sockets.connections.is_empty()).then_some(now + TIDY_EVERY);
        }
    }

    /// Asks the system which sockets have something for us.
    fn collect(&self, ready: &mut BTreeSet<Token>) {
        let mut news = self.news.borrow_mut();
        loop {
            let asked = self.events.try_io(tokio::io::Interest::READABLE, |watched| {
                watched.0.borrow_mut().poll(&mut news, Some(Duration::ZERO))?;
                ready.extend(news.iter().map(mio::event::Event::token));
                // Fewer than asked for are all there are: what comes from now on makes the runtime look again.
                if news.iter().count() < NEWS_MAX { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
            });
            match asked {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    if error.kind() != io::ErrorKind::WouldBlock {
                        tracing::error!(%error, "watch the SIP sockets");
                    }
                    return;
                }
            }
        }
    }
}

impl Sockets {
    fn has_news(&self) -> bool {
        !self.ready.is_empty() || !self.connections.gone.is_empty()
    }

    /// Reads one socket; whether there may be more.
    fn read(&mut self, now: Duration, token: Token, each: &mut impl FnMut(Input)) -> bool {
        let mut message = |bytes: &[u8], flow| each(Input::Received { bytes: bytes.to_vec(), flow });
        match self.listening.get(token.0) {
            Some(Listening::Udp { socket, address }) => read_datagrams(socket, *address, &mut self.datagram, message),
            Some(Listening::Tcp { listener }) => {
                for _ in 0..ACCEPTS_MAX {
                    match listener.accept() {
                        Ok((stream, peer)) => {
                            self.connections.accept(now, &self.registry, stream, peer);
                            self.tidy_at.get_or_insert(now + TIDY_EVERY);
                        }
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                        // Its peer has gone away again.
                        Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                        Err(error) => {
                            tracing::warn!(%error, "take a SIP connection");
                            return false;
                        }
                    }
                }
                true
            }
            None => self.connections.ready(now, token, BATCH_MAX, &mut message),
        }
    }

    /// From the socket to which the peer's messages come, or else from the first that can reach it.
    fn send_datagram(&self, bytes: &[u8], flow: &Flow) {
        let udp = self.listening.iter().filter_map(|listening| match listening {
            Listening::Udp { socket, address } if address.is_ipv4() == flow.peer.is_ipv4() => Some((socket, *address)),
            Listening::Udp { .. } | Listening::Tcp { .. } => None,
        });
        let socket = udp.clone().find(|(_, address)| flow.local == Some(*address)).or_else(|| udp.clone().next());
        let sent = socket.map(|(socket, _)| socket.send_to(bytes, flow.peer));
        match sent {
            Some(Ok(_)) => {}
            Some(Err(error)) => tracing::debug!(peer = %flow.peer, %error, "a SIP packet was not sent"),
            None => tracing::debug!(peer = %flow.peer, "no SIP socket of this family (see sip.listen)"),
        }
    }
}

/// Gives each packet that is there to `each`, up to a batch; whether there may be more.
fn read_datagrams(
    socket: &mio::net::UdpSocket,
    address: SocketAddr,
    buffer: &mut [u8],
    mut each: impl FnMut(&[u8], Flow),
) -> bool {
    for _ in 0..BATCH_MAX {
        match socket.recv_from(buffer) {
            Ok((length, peer)) => {
                each(&buffer[..length], Flow { transport: Transport::Udp, local: Some(address), peer });
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
            // An earlier packet of ours came back as unreachable: nothing to do with the next one.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
            Err(error) => {
                tracing::warn!(%error, "receive on the SIP socket");
                return false;
            }
        }
    }
    true
}

/// The address of this machine from which `peer` is reached; the loopback's if there is no way there.
pub fn address_towards(peer: SocketAddr) -> IpAddr {
    let (any, loopback): (SocketAddr, IpAddr) = if peer.is_ipv4() {
        (([0, 0, 0, 0], 0).into(), Ipv4Addr::LOCALHOST.into())
    } else {
        (([0; 8], 0).into(), Ipv6Addr::LOCALHOST.into())
    };
    let found = StdUdpSocket::bind(any).and_then(|socket| {
        // Connecting a datagram socket sends nothing; it only chooses the route.
        socket.connect(peer)?;
        socket.local_addr()
    });
    found.map_or(loopback, |address| address.ip())
}

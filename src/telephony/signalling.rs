//! The SIP socket, and the alarm clock of the user agent behind it.
//! It never looks into a packet.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket as StdUdpSocket};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::Notify;

/// The longest packet that UDP carries.
const PACKET_BYTES_MAX: usize = 65_535;
/// How many packets are taken before timers and commands get their turn.
const BATCH_MAX: usize = 64;

/// A bound SIP socket.
pub struct Signalling {
    socket: UdpSocket,
    started: Instant,
    deadline: Cell<Option<Duration>>,
    changed: Notify,
}

/// Binds the socket; it is put to use by [`Signalling::new`], on the thread that reads it.
///
/// # Errors
/// With what to do about it, when the address is taken or is not ours.
pub fn bind(listen: SocketAddr) -> io::Result<StdUdpSocket> {
    let explain = |error: io::Error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => " (another SIP server? set sip.listen)",
            io::ErrorKind::AddrNotAvailable => " (not an address of this machine; set sip.listen)",
            _ => "",
        };
        io::Error::new(error.kind(), format!("bind SIP to udp {listen}: {error}{advice}"))
    };
    let socket = StdUdpSocket::bind(listen).map_err(explain)?;
    // Bursts of callers wait here while the user agent works.
    socket2::SockRef::from(&socket).set_recv_buffer_size(4 * 1024 * 1024).map_err(explain)?;
    socket.set_nonblocking(true).map_err(explain)?;
    Ok(socket)
}

impl Signalling {
    /// Takes over a bound socket on this thread.
    ///
    /// # Errors
    /// When the runtime cannot watch it.
    pub fn new(socket: StdUdpSocket) -> io::Result<Rc<Signalling>> {
        let socket = UdpSocket::from_std(socket)?;
        Ok(Rc::new(Signalling { socket, started: Instant::now(), deadline: Cell::new(None), changed: Notify::new() }))
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

    /// Waits until the runtime knows that the socket takes packets: before that, none goes out.
    pub async fn is_open(&self) -> io::Result<()> {
        self.socket.writable().await
    }

    /// Waits for a packet or for the deadline.
    pub async fn woken(&self) {
        loop {
            let deadline = self.deadline.get();
            let sleep = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep(deadline.saturating_sub(self.now())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.socket.readable() => return,
                () = sleep => return,
                () = self.changed.notified() => {}
            }
        }
    }

    /// Gives each packet that is there to `each`, up to a batch.
    pub fn receive(&self, mut each: impl FnMut(&[u8], SocketAddr)) {
        let mut buffer = [0; PACKET_BYTES_MAX];
        for _ in 0..BATCH_MAX {
            match self.socket.try_recv_from(&mut buffer) {
                Ok((length, source)) => each(&buffer[..length], source),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // An earlier packet of ours came back as unreachable: nothing to do with the next one.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) => {
                    tracing::warn!(%error, "receive on the SIP socket");
                    return;
                }
            }
        }
    }

    /// Sends a packet. One that does not go out is lost as on the wire; the transactions repeat it.
    pub fn send(&self, bytes: &[u8], destination: SocketAddr) {
        if let Err(error) = self.socket.try_send_to(bytes, destination) {
            tracing::debug!(%destination, %error, "a SIP packet was not sent");
        }
    }
}

/// The address of this machine from which `peer` is reached.
pub fn address_towards(peer: SocketAddr) -> IpAddr {
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 8], 0).into() };
    let found = StdUdpSocket::bind(any).and_then(|socket| {
        // Connecting a datagram socket sends nothing; it only chooses the route.
        socket.connect(peer)?;
        socket.local_addr()
    });
    found.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip())
}

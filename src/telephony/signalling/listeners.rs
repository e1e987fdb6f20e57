//! The sockets that listen for SIP: bound, and later watched.
//! Never shares a socket between IPv4 and IPv6: each family has its own, so that an address is always what it looks like.

use mio::net::{TcpListener, UdpSocket};
use sip::Transport;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io;
use std::net::SocketAddr;

/// Bursts of callers wait here while the user agent works.
const RECEIVE_BYTES: usize = 4 * 1024 * 1024;
/// How many connections wait to be taken.
const BACKLOG: i32 = 128;

/// A bound socket, not watched yet.
#[derive(Debug)]
pub struct Bound {
    /// Where it really listens.
    pub address: SocketAddr,
    pub(super) socket: Unwatched,
}

#[derive(Debug)]
pub(super) enum Unwatched {
    Udp(std::net::UdpSocket),
    Tcp(std::net::TcpListener),
}

/// One that is watched.
pub(super) enum Listening {
    Udp { socket: UdpSocket, address: SocketAddr },
    Tcp { listener: TcpListener },
}

/// Binds a socket; it is put to use by [`super::Signalling::new`], on the thread that reads it.
///
/// # Errors
/// With what to do about it, when the address is taken or is not ours.
pub fn bind(transport: Transport, listen: SocketAddr) -> io::Result<Bound> {
    let explain = |error: io::Error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => " (another SIP server? set sip.listen)",
            io::ErrorKind::AddrNotAvailable => " (not an address of this machine; set sip.listen)",
            _ => "",
        };
        let name = transport.name().to_ascii_lowercase();
        io::Error::new(error.kind(), format!("bind SIP to {name} {listen}: {error}{advice}"))
    };
    open(transport, listen).map_err(explain)
}

fn open(transport: Transport, listen: SocketAddr) -> io::Result<Bound> {
    let (kind, protocol) = match transport {
        Transport::Udp => (Type::DGRAM, Protocol::UDP),
        Transport::Tcp => (Type::STREAM, Protocol::TCP),
    };
    let socket = Socket::new(Domain::for_address(listen), kind, Some(protocol))?;
    if listen.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    match transport {
        Transport::Udp => {
            socket.bind(&listen.into())?;
            let socket: std::net::UdpSocket = socket.into();
            SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BYTES)?;
            Ok(Bound { address: socket.local_addr()?, socket: Unwatched::Udp(socket) })
        }
        Transport::Tcp => {
            // A daemon that starts again must not wait for the old one's connections to be forgotten.
            socket.set_reuse_address(true)?;
            socket.bind(&listen.into())?;
            socket.listen(BACKLOG)?;
            let listener: std::net::TcpListener = socket.into();
            Ok(Bound { address: listener.local_addr()?, socket: Unwatched::Tcp(listener) })
        }
    }
}

impl Bound {
    /// Puts it to use.
    pub(super) fn watch(self) -> Listening {
        match self.socket {
            Unwatched::Udp(socket) => Listening::Udp { socket: UdpSocket::from_std(socket), address: self.address },
            Unwatched::Tcp(listener) => Listening::Tcp { listener: TcpListener::from_std(listener) },
        }
    }
}

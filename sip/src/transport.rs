//! Transports, the flows that messages travel by, and the listeners under which peers reach us (RFC 3261 §18).
//! Never opens a socket: a flow is a name for a way, and whoever has the sockets finds or makes that way.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::message::Via;
use crate::uri::{Host, NameAddr, Uri};

/// What carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// A message is a datagram, and may be lost.
    Udp,
    /// Messages are cut from a stream, and none is lost as long as the connection lives.
    Tcp,
}

impl Transport {
    /// As it stands in Via (RFC 3261 §20.42).
    pub fn name(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        }
    }

    /// The transport of this name.
    pub fn of_name(name: &str) -> Option<Transport> {
        [Transport::Udp, Transport::Tcp].into_iter().find(|transport| transport.name().eq_ignore_ascii_case(name))
    }

    /// Whether the transport itself repeats what is lost; then transactions do not (RFC 3261 §17.1.1.1).
    pub(crate) fn is_reliable(self) -> bool {
        match self {
            Transport::Udp => false,
            Transport::Tcp => true,
        }
    }

    /// What a URI asks for: UDP if it says nothing (RFC 3261 §18.1.1, RFC 3263 §4.1); none for what we cannot.
    pub(crate) fn asked_by(uri: &Uri) -> Option<Transport> {
        match uri.param("transport") {
            None => Some(Transport::Udp),
            Some(name) if name.eq_ignore_ascii_case("udp") => Some(Transport::Udp),
            Some(name) if name.eq_ignore_ascii_case("tcp") => Some(Transport::Tcp),
            Some(_) => None,
        }
    }
}

/// A way between us and a peer: for TCP one connection, for UDP a pair of addresses (RFC 5626 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Flow {
    /// What carries the messages.
    pub transport: Transport,
    /// Our end: a listener's address for UDP, that of the connection for TCP. None for a way that is yet to be chosen:
    /// a connection to the peer that exists, or a new one; the first listener that can reach it.
    pub local: Option<SocketAddr>,
    /// The peer's end.
    pub peer: SocketAddr,
}

impl Flow {
    /// A way that is yet to be chosen.
    pub fn to(transport: Transport, peer: SocketAddr) -> Flow {
        Flow { transport, local: None, peer }
    }

    /// Datagrams to and from a peer, by the first listener that can reach it.
    pub fn udp(peer: SocketAddr) -> Flow {
        Flow::to(Transport::Udp, peer)
    }

    /// Whether messages of this flow go by that connection.
    pub fn goes_by(&self, connection: &Flow) -> bool {
        self.transport == connection.transport
            && self.peer == connection.peer
            && self.local.is_none_or(|local| connection.local == Some(local))
    }
}

/// A place where we can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// What carries the messages.
    pub transport: Transport,
    /// Where the socket listens; its port is advertised.
    pub address: SocketAddr,
    /// The host in Via and Contact: an address or a name under which peers reach this listener.
    pub host: String,
}

/// All listeners, in their order of preference.
#[derive(Debug, Clone)]
pub(crate) struct Listeners(Vec<Own>);

/// One listener as it is named to peers.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    transport: Transport,
    address: SocketAddr,
    pub(crate) host: Host,
}

impl Own {
    fn suits(&self, flow: &Flow) -> bool {
        self.transport == flow.transport && self.address.is_ipv4() == flow.peer.ip().to_canonical().is_ipv4()
    }

    fn is_at(&self, local: SocketAddr) -> bool {
        let any = self.address.ip().is_unspecified() && self.address.is_ipv4() == local.is_ipv4();
        self.address.port() == local.port() && (any || self.address.ip() == local.ip())
    }

    /// The top Via of a request (RFC 3261 §18.1.1, RFC 3581 §3).
    pub(crate) fn via(&self, branch: &str) -> Via {
        let mut via = Via::new(self.host.clone(), self.address.port(), branch);
        via.transport = self.transport.name().into();
        via
    }

    /// Where peers reach a user of ours.
    pub(crate) fn uri(&self, user: &str) -> Uri {
        let mut uri = Uri::sip(Some(user), self.host.clone(), Some(self.address.port()));
        if let (Transport::Tcp, Uri::Sip(sip)) = (self.transport, &mut uri) {
            sip.params.set("transport", "tcp");
        }
        uri
    }

    /// The same, as it stands in Contact.
    pub(crate) fn contact(&self, user: &str) -> String {
        NameAddr::new(self.uri(user)).to_string()
    }
}

impl Listeners {
    pub(crate) fn new(listeners: &[Listener]) -> Listeners {
        let own = |listener: &Listener| Own {
            transport: listener.transport,
            address: listener.address,
            host: Host::parse(&listener.host).unwrap_or(Host::Address(listener.address.ip())),
        };
        Listeners(listeners.iter().map(own).collect())
    }

    /// The listener that a message by this flow names as ours: the one it came to, or else the first that the peer can
    /// reach in the same way.
    pub(crate) fn of(&self, flow: &Flow) -> Option<&Own> {
        let arrived = |own: &&Own| own.suits(flow) && flow.local.is_some_and(|local| own.is_at(local));
        self.0.iter().find(arrived).or_else(|| self.0.iter().find(|own| own.suits(flow)))
    }

    /// Whether requests can go by this flow.
    pub(crate) fn reach(&self, flow: &Flow) -> bool {
        self.of(flow).is_some()
    }

    /// Whether we wrote this Via (RFC 3261 §18.1.2).
    pub(crate) fn wrote(&self, via: &Via) -> bool {
        self.0.iter().any(|own| own.host.same(&via.host) && via.port.is_none_or(|port| port == own.address.port()))
    }

    /// The host that stands in From where no flow is known yet.
    pub(crate) fn host(&self, flow: &Flow) -> Host {
        self.of(flow).map_or(Host::Address(flow.peer.ip()), |own| own.host.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(transport: Transport, address: &str, host: &str) -> Listener {
        Listener { transport, address: address.parse().expect("an address"), host: host.to_owned() }
    }

    fn flow(transport: Transport, local: &str, peer: &str) -> Flow {
        Flow { transport, local: local.parse().ok(), peer: peer.parse().expect("an address") }
    }

    #[test]
    fn a_message_names_the_listener_by_which_its_peer_reaches_us() {
        use Transport::{Tcp, Udp};
        let listeners = Listeners::new(&[
            listener(Udp, "0.0.0.0:5060", "192.0.2.1"),
            listener(Udp, "0.0.0.0:5070", "192.0.2.1"),
            listener(Udp, "[::]:5060", "2001:db8::1"),
            listener(Tcp, "0.0.0.0:5080", "sip.example"),
        ]);
        #[rustfmt::skip]
        let rows = [
            // How it travels: transport, our end, the peer's end. What is named: Via's start, Contact.
            (Udp, "",               "198.51.100.1:5060", Some(("SIP/2.0/UDP 192.0.2.1:5060", "<sip:ann@192.0.2.1:5060>"))),
            (Udp, "0.0.0.0:5070",   "198.51.100.1:5060", Some(("SIP/2.0/UDP 192.0.2.1:5070", "<sip:ann@192.0.2.1:5070>"))),
            (Udp, "[::]:5060",      "[2001:db8::9]:5060", Some(("SIP/2.0/UDP [2001:db8::1]:5060", "<sip:ann@[2001:db8::1]:5060>"))),
            (Tcp, "192.0.2.1:5080", "198.51.100.1:33333", Some(("SIP/2.0/TCP sip.example:5080", "<sip:ann@sip.example:5080;transport=tcp>"))),
            (Tcp, "192.0.2.1:44444", "198.51.100.1:5060", Some(("SIP/2.0/TCP sip.example:5080", "<sip:ann@sip.example:5080;transport=tcp>"))),
            (Tcp, "",               "[2001:db8::9]:5060", None),
        ];
        for (transport, local, peer, expected) in rows {
            let named = listeners.of(&flow(transport, local, peer));
            let named = named.map(|own| (own.via("z9hG4bKx").to_string(), own.contact("ann")));
            match (named, expected) {
                (Some((via, contact)), Some((start, at))) => {
                    assert!(via.starts_with(&format!("{start};rport;")), "{via}");
                    assert_eq!(contact, at);
                }
                (named, expected) => assert_eq!(named.is_some(), expected.is_some(), "{peer}"),
            }
        }
    }

    #[test]
    fn a_flow_without_an_end_of_ours_goes_by_any_connection_to_its_peer() {
        use Transport::{Tcp, Udp};
        let connection = flow(Tcp, "192.0.2.1:5060", "198.51.100.1:33333");
        for (way, expected) in [
            (connection, true),
            (flow(Tcp, "", "198.51.100.1:33333"), true),
            (flow(Tcp, "192.0.2.2:5060", "198.51.100.1:33333"), false),
            (flow(Tcp, "", "198.51.100.1:33334"), false),
            (flow(Udp, "", "198.51.100.1:33333"), false),
        ] {
            assert_eq!(way.goes_by(&connection), expected, "{way:?}");
        }
    }
}

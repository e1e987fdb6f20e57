//! By which way messages go, and what becomes of them when a connection is gone (RFC 3261 §18, RFC 5626 §4.2.2, §7).
//! Never makes a connection; it names the peer, and hears when there is none.

use std::net::SocketAddr;
use std::time::Duration;

use super::leg::Side;
use super::reoffer::Change;
use super::{Purpose, UserAgent};
use crate::contract::Target;
use crate::dialog::Dialog;
use crate::message::{Request, Via};
use crate::registrar::Binding;
use crate::session::State;
use crate::tokens::Branch;
use crate::transaction::client::Client;
use crate::transaction::key::{ClientKey, ServerKey};
use crate::transaction::server::Server;
use crate::transaction::{client, server};
use crate::transport::{Flow, Transport};
use crate::uri::{DEFAULT_PORT, Host, NameAddr, Uri};

/// The longest request that goes as a datagram where another way is open (RFC 3261 §18.1.1).
const DATAGRAM_BYTES_MAX: usize = 1300;

impl UserAgent {
    /// Whether a registration, a call or a request that is not answered yet needs this connection.
    pub fn needs(&self, connection: &Flow) -> bool {
        self.registrar.is_bound_to(connection)
            || self.legs.values().any(|leg| leg.dialog.flow.goes_by(connection))
            || self.clients.iter().any(|(_, client)| is_by(client.flow(), connection))
            || self.registrations.values().any(|registration| registration.flow().goes_by(connection))
    }

    /// By which way a call to this target would go now: the address shows which of ours the peer can reach.
    pub fn way_to(&self, now: Duration, target: &Target) -> Option<Flow> {
        let routes = self.routes(now, target).ok()?;
        routes.first().map(|route| route.hop.flow)
    }

    /// A connection is gone, or could not be made.
    pub(super) fn on_closed(&mut self, now: Duration, connection: &Flow) {
        for user in self.registrar.lose(connection) {
            self.tell_bindings(now, &user, true);
        }
        self.lose_registrars(now, connection);
        for leg in self.legs.values_mut() {
            leg.dialog.lose(connection);
            if let Side::Incoming { fallback, flow, .. } = &mut leg.side
                && flow.goes_by(connection)
            {
                *flow = Flow::to(flow.transport, *fallback);
            }
            if let Change::Answered { request, flow, .. } = &mut leg.change
                && flow.goes_by(connection)
            {
                *flow = Flow::to(flow.transport, fallback(request, *flow));
            }
        }
        // RFC 3261 §18.2.2: the answer goes by a new connection; if that was the one that is gone, there is no way.
        let unanswered = self.servers.iter().filter(|(_, server)| is_by(server.flow(), connection));
        for key in unanswered.map(|(key, _)| key).collect::<Vec<ServerKey>>() {
            if self.servers.change(key, Server::fall_back) == Some(false) {
                self.server_on(now, key, server::Happening::Unsent);
            }
        }
        let unsent = self.clients.iter().filter(|(_, client)| is_by(client.flow(), connection));
        for key in unsent.map(|(key, _)| key).collect::<Vec<ClientKey>>() {
            if !self.fall_back(now, key) {
                self.client_on(now, key, client::Happening::Unsent, None);
            }
        }
    }

    /// A request as it goes out, by the way that its length allows.
    pub(super) fn outgoing(&self, request: Request, hop: Hop) -> Outgoing {
        let mut request = request.with("User-Agent", self.settings.user_agent.clone());
        let mut bytes = request.bytes();
        let flow = self.carrier(&mut request, bytes.len(), &hop);
        if flow != hop.flow {
            bytes = request.bytes();
        }
        Outgoing { request, bytes, flow, fallback: (flow != hop.flow).then_some(hop.flow) }
    }

    /// The way of a request of so many bytes: one that is too long for a datagram goes by TCP and says so in its Via, if
    /// nothing says that the peer wants UDP, and its answers can come by TCP too (RFC 3261 §18.1.1).
    fn carrier(&self, request: &mut Request, bytes: usize, hop: &Hop) -> Flow {
        let other = Flow::to(Transport::Tcp, hop.flow.peer);
        let is_switched = hop.is_open && hop.flow.transport == Transport::Udp && bytes > DATAGRAM_BYTES_MAX;
        if !is_switched || !self.listeners.reach(&other) {
            return hop.flow;
        }
        request.set_via(self.via_with(&other, ClientKey::of_request(request).branch()));
        other
    }

    /// Where nobody accepts the connection that a request goes by for its length alone, it goes as a datagram after all
    /// (RFC 3261 §18.1.1). Whether it does: not once something came back, nor for a call that was given up meanwhile.
    fn fall_back(&mut self, now: Duration, key: ClientKey) -> bool {
        let Some(client) = self.clients.get(key) else { return false };
        let Some(asked) = client.asked().filter(|_| client.state == client::State::Calling) else { return false };
        let Some(flow) = asked.fallback else { return false };
        let (mut request, purpose) = (asked.request.clone(), asked.purpose.clone());
        request.set_via(self.via_with(&flow, key.branch()));
        if let Purpose::Invite(id) = purpose {
            let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.session.state == State::Calling) else {
                return false;
            };
            leg.dialog.flow = flow;
            self.tell_facts(id);
        }
        self.send(request.bytes(), flow);
        self.clients.insert(key, Client::new(now, &self.settings.timing, purpose, request, flow));
        true
    }

    /// The top Via of a request that goes by this flow.
    pub(super) fn via(&mut self, flow: &Flow) -> Via {
        let branch = self.tokens.branch();
        self.via_with(flow, branch)
    }

    pub(super) fn via_with(&self, flow: &Flow, branch: Branch) -> Via {
        let branch = branch.to_string();
        match self.listeners.of(flow) {
            Some(own) => own.via(&branch),
            // Nothing goes where no listener reaches; the name of the peer's own host does no harm.
            None => Via::new(Host::Address(flow.peer.ip()), flow.peer.port(), &branch),
        }
    }

    /// Where the peer of this flow reaches a user of ours, as it stands in Contact.
    pub(super) fn own_contact(&self, flow: &Flow, user: &str) -> String {
        self.listeners.of(flow).map_or(String::new(), |own| own.contact(user))
    }

    /// By which way the next request within a dialog goes: to its next hop, or, if no listener of ours reaches that,
    /// back the way the peer's messages come.
    pub(super) fn next_hop(&self, dialog: &Dialog) -> Hop {
        let next = dialog.next_hop();
        if self.listeners.reach(&next) { Hop { flow: next, is_open: dialog.is_open() } } else { Hop::only(dialog.flow) }
    }

    /// Where a call to a target goes; at least one way, or the status of the failure.
    pub(super) fn routes(&self, now: Duration, target: &Target) -> Result<Vec<Route>, u16> {
        let plain = |uri, hop| vec![Route { uri, hop, path: Vec::new(), instance: None, is_bound: false }];
        let mut routes: Vec<Route> = match target {
            Target::Registered(user) => {
                let bindings = self.registrar.bindings(now, user).into_iter();
                let route = |binding: &Binding| Route {
                    uri: binding.contact.clone(),
                    hop: Hop::only(if self.listeners.reach(&binding.way) { binding.way } else { binding.flow }),
                    path: binding.path.clone(),
                    instance: binding.instance.clone(),
                    is_bound: true,
                };
                bindings.map(route).collect()
            }
            Target::Uri { uri, destination } => {
                let uri = Uri::parse(uri).map_err(|_| 400_u16)?;
                let address = destination.or(uri.address()).ok_or(503_u16)?;
                let asked = Transport::asked_by(&uri).ok_or(503_u16)?;
                // A URI that asks for nothing can be reached by what we have (RFC 3263 §4.1).
                let is_open = uri.param("transport").is_none();
                let transports = [asked, if is_open { Transport::Tcp } else { asked }];
                let flows = transports.map(|transport| Flow::to(transport, address));
                let flow = flows.into_iter().find(|flow| self.listeners.reach(flow)).ok_or(503_u16)?;
                plain(uri, Hop { flow, is_open })
            }
            Target::Trunk { name, number } => {
                let (uri, flow) = self.behind_trunk(name, number).ok_or(503_u16)?;
                plain(uri, Hop::only(flow))
            }
        };
        if routes.is_empty() {
            return Err(480);
        }
        // A `sips:` address must not be called in the clear (RFC 3261 §26.2.2), and that is all there is here.
        let is_secure = |uri: &Uri| matches!(uri, Uri::Sip(sip) if sip.secure);
        routes.retain(|route| !is_secure(&route.uri) && self.listeners.reach(&route.hop.flow));
        if routes.is_empty() { Err(503) } else { Ok(routes) }
    }
}

/// Where a call goes.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) uri: Uri,
    pub(super) hop: Hop,
    /// The proxies on the way (RFC 3327 §5.4).
    pub(super) path: Vec<NameAddr>,
    /// Which phone it is (RFC 5626 §4.1), if it says so.
    pub(super) instance: Option<String>,
    /// The peer is a registered phone.
    pub(super) is_bound: bool,
}

/// Whether what may have to be sent again goes by this connection.
fn is_by(flow: Option<Flow>, connection: &Flow) -> bool {
    flow.is_some_and(|flow| flow.goes_by(connection))
}

/// A request that is about to go out.
pub(super) struct Outgoing {
    pub(super) request: Request,
    pub(super) bytes: Vec<u8>,
    pub(super) flow: Flow,
    /// As in [`Client::with_fallback`].
    pub(super) fallback: Option<Flow>,
}

/// The next hop of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hop {
    pub(super) flow: Flow,
    /// Nothing says which transport the peer wants: another than the flow's may be tried.
    pub(super) is_open: bool,
}

impl Hop {
    /// This way and no other.
    pub(super) fn only(flow: Flow) -> Hop {
        Hop { flow, is_open: false }
    }
}

/// Responses go back by the connection of their request, or to where its Via says (RFC 3261 §18.2.2, RFC 3581 §4); from
/// the address to which the request came.
pub(super) fn of_responses(request: &Request, flow: Flow) -> Flow {
    match flow.transport {
        Transport::Udp => Flow { peer: request.response_goes_to(flow.peer), ..flow },
        Transport::Tcp => flow,
    }
}

/// Where responses go if the connection of their request is gone: to the port that its sender listens on.
pub(super) fn fallback(request: &Request, flow: Flow) -> SocketAddr {
    SocketAddr::new(flow.peer.ip(), request.fields.via.port.unwrap_or(DEFAULT_PORT))
}

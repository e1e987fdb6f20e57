//! By which way messages go, and what becomes of them when a connection is gone (RFC 3261 §18, RFC 5626 §4.2.2, §7).
//! Never makes a connection; it names the peer, and hears when there is none.

use std::net::SocketAddr;
use std::time::Duration;

use super::UserAgent;
use super::leg::Side;
use super::reoffer::Change;
use crate::contract::Target;
use crate::dialog::Dialog;
use crate::message::{Request, Via};
use crate::registrar::Binding;
use crate::transaction::key::{ClientKey, ServerKey};
use crate::transaction::{client, server};
use crate::transport::{Flow, Transport};
use crate::uri::{DEFAULT_PORT, Host, NameAddr, Uri};

impl UserAgent {
    /// Whether a registration, a call or a request that is not answered yet needs this connection.
    pub fn needs(&self, connection: &Flow) -> bool {
        self.registrar.is_bound_to(connection)
            || self.legs.values().any(|leg| leg.dialog.flow.goes_by(connection))
            || self.clients.values().any(|(client, _)| client.flow.goes_by(connection))
            || self.registrations.values().any(|registration| registration.flow().goes_by(connection))
    }

    /// By which way a call to this target would go now: the address shows which of ours the peer can reach.
    pub fn way_to(&self, now: Duration, target: &Target) -> Option<Flow> {
        let routes = self.routes(now, target).ok()?;
        routes.first().map(|route| route.flow)
    }

    /// A connection is gone, or could not be made.
    pub(super) fn on_closed(&mut self, now: Duration, connection: &Flow) {
        for user in self.registrar.lose(connection) {
            self.tell_bindings(now, &user, true);
        }
        self.lose_registrars(now, connection);
        for leg in self.legs.values_mut() {
            leg.dialog.lose(connection);
            if let Side::Incoming { invite, flow, .. } = &mut leg.side
                && flow.goes_by(connection)
            {
                *flow = Flow::to(flow.transport, fallback(invite, *flow));
            }
            if let Change::Answered { request, flow, .. } = &mut leg.change
                && flow.goes_by(connection)
            {
                *flow = Flow::to(flow.transport, fallback(request, *flow));
            }
        }
        // RFC 3261 §18.2.2: the answer goes by a new connection; if that was the one that is gone, there is no way.
        let mut stranded: Vec<ServerKey> = Vec::new();
        for (key, server) in self.servers.iter_mut().filter(|(_, server)| server.flow.goes_by(connection)) {
            let other = Flow::to(server.flow.transport, server.fallback);
            if server.flow == other {
                stranded.push(key.clone());
            }
            server.flow = other;
        }
        for key in stranded {
            self.server_on(now, &key, server::Happening::Unsent);
        }
        let unsent = self.clients.iter().filter(|(_, (client, _))| client.flow.goes_by(connection));
        for key in unsent.map(|(key, _)| key.clone()).collect::<Vec<ClientKey>>() {
            self.client_on(now, &key, client::Happening::Unsent, None);
        }
    }

    /// The top Via of a request that goes by this flow.
    pub(super) fn via(&mut self, flow: &Flow) -> Via {
        let branch = self.tokens.branch();
        self.via_with(flow, &branch)
    }

    pub(super) fn via_with(&self, flow: &Flow, branch: &str) -> Via {
        match self.listeners.of(flow) {
            Some(own) => own.via(branch),
            // Nothing goes where no listener reaches; the name of the peer's own host does no harm.
            None => Via::new(Host::Address(flow.peer.ip()), flow.peer.port(), branch),
        }
    }

    /// Where the peer of this flow reaches a user of ours, as it stands in Contact.
    pub(super) fn own_contact(&self, flow: &Flow, user: &str) -> String {
        self.listeners.of(flow).map_or(String::new(), |own| own.contact(user))
    }

    /// By which way the next request within a dialog goes: to its next hop, or, if no listener of ours reaches that,
    /// back the way the peer's messages come.
    pub(super) fn next_hop(&self, dialog: &Dialog) -> Flow {
        let next = dialog.next_hop();
        if self.listeners.reach(&next) { next } else { dialog.flow }
    }

    /// Where a call to a target goes; at least one way, or the status of the failure.
    pub(super) fn routes(&self, now: Duration, target: &Target) -> Result<Vec<Route>, u16> {
        let mut routes: Vec<Route> = match target {
            Target::Registered(user) => {
                let bindings = self.registrar.bindings(now, user).into_iter();
                let route = |binding: &Binding| Route {
                    uri: binding.contact.clone(),
                    flow: binding.flow,
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
                let transports = [asked, if uri.param("transport").is_none() { Transport::Tcp } else { asked }];
                let flows = transports.map(|transport| Flow::to(transport, address));
                let flow = flows.into_iter().find(|flow| self.listeners.reach(flow)).ok_or(503_u16)?;
                vec![Route { uri, flow, path: Vec::new(), instance: None, is_bound: false }]
            }
            Target::Trunk { name, number } => {
                let (uri, flow) = self.behind_trunk(name, number).ok_or(503_u16)?;
                vec![Route { uri, flow, path: Vec::new(), instance: None, is_bound: false }]
            }
        };
        if routes.is_empty() {
            return Err(480);
        }
        // A `sips:` address must not be called in the clear (RFC 3261 §26.2.2), and that is all there is here.
        let is_secure = |uri: &Uri| matches!(uri, Uri::Sip(sip) if sip.secure);
        routes.retain(|route| !is_secure(&route.uri) && self.listeners.reach(&route.flow));
        if routes.is_empty() { Err(503) } else { Ok(routes) }
    }
}

/// Where a call goes.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) uri: Uri,
    pub(super) flow: Flow,
    /// The proxies on the way (RFC 3327 §5.4).
    pub(super) path: Vec<NameAddr>,
    /// Which phone it is (RFC 5626 §4.1), if it says so.
    pub(super) instance: Option<String>,
    /// The peer is a registered phone.
    pub(super) is_bound: bool,
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

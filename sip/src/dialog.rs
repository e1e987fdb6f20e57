//! A dialog: what both sides need to send each other requests within a call (RFC 3261 §12).
//! Never sends; it numbers requests, keeps the route, and says where the next request goes.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::message::{Fields, Method, Request, Response, Via};
use crate::spelled;
use crate::tokens::{Key, Keys};
use crate::transport::{Flow, Transport};
use crate::uri::{NameAddr, Uri, reachable};

/// One dialog, or the half of one that an unanswered INVITE of ours has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialog {
    pub(crate) call_id: String,
    /// With our tag.
    #[serde(with = "spelled")]
    pub(crate) local: NameAddr,
    /// With the peer's tag, once known.
    #[serde(with = "spelled")]
    pub(crate) remote: NameAddr,
    /// The number of our last request.
    pub(crate) local_cseq: u32,
    /// The number of the peer's last request.
    pub(crate) remote_cseq: Option<u32>,
    /// The number of the INVITE that began it; the ACK repeats it.
    pub(crate) invite_cseq: u32,
    /// The peer's Contact.
    #[serde(with = "spelled")]
    pub(crate) remote_target: Uri,
    /// In the order in which our requests visit them.
    #[serde(with = "spelled::list")]
    pub(crate) route_set: Vec<NameAddr>,
    /// The way the peer's messages come; of a registered phone the way to it.
    pub(crate) flow: Flow,
    /// The peer is a registered phone: everything goes by that way (RFC 5626 §5.3), whatever its Contact says.
    pub(crate) is_bound: bool,
}

impl Dialog {
    /// The half known when our INVITE leaves.
    pub(crate) fn calling(fields: &Fields, target: Uri, flow: Flow, is_bound: bool) -> Dialog {
        Dialog {
            call_id: fields.call_id.clone(),
            local: fields.from.clone(),
            remote: fields.to.clone(),
            local_cseq: fields.cseq,
            remote_cseq: None,
            invite_cseq: fields.cseq,
            remote_target: target,
            route_set: Vec::new(),
            flow,
            is_bound,
        }
    }

    /// Completes it with the response that made it (RFC 3261 §12.1.2).
    pub(crate) fn learn(&mut self, response: &Response) {
        self.remote = response.fields.to.clone();
        self.route_set = response.record_route();
        self.route_set.reverse();
        if let Some(contact) = response.contact() {
            self.remote_target = contact;
        }
    }

    /// The dialog of a response to an INVITE nobody here remembers.
    pub(crate) fn stray(response: &Response, flow: Flow) -> Option<Dialog> {
        let fields = &response.fields;
        let mut dialog = Dialog {
            call_id: fields.call_id.clone(),
            local: fields.from.clone(),
            remote: fields.to.clone(),
            local_cseq: fields.cseq,
            remote_cseq: None,
            invite_cseq: fields.cseq,
            remote_target: response.contact()?,
            route_set: Vec::new(),
            flow,
            is_bound: false,
        };
        dialog.learn(response);
        Some(dialog)
    }

    /// The dialog an incoming INVITE makes (RFC 3261 §12.1.1).
    pub(crate) fn called(invite: &Request, tag: &str, flow: Flow, is_bound: bool) -> Dialog {
        let fields = &invite.fields;
        let mut local = fields.to.clone();
        local.params.set("tag", tag);
        Dialog {
            call_id: fields.call_id.clone(),
            local,
            remote: fields.from.clone(),
            local_cseq: 0,
            remote_cseq: Some(fields.cseq),
            invite_cseq: fields.cseq,
            remote_target: invite.contact().unwrap_or_else(|| fields.from.uri.clone()),
            route_set: invite.record_route(),
            flow,
            is_bound,
        }
    }

    /// Our tag and the Call-ID: how a message from the peer finds this dialog.
    pub(crate) fn key(&self, keys: &Keys) -> DialogKey {
        DialogKey::new(keys, &self.call_id, self.local.tag().unwrap_or(""))
    }

    /// A request within the dialog, with a new number (RFC 3261 §12.2.1.1).
    pub(crate) fn request(&mut self, method: Method, via: Via) -> Request {
        self.local_cseq += 1;
        self.numbered(method, self.local_cseq, via)
    }

    /// The ACK to a 2xx: by the route set, with the number of its INVITE (RFC 3261 §13.2.2.4).
    pub(crate) fn ack(&self, invite_cseq: u32, via: Via) -> Request {
        self.numbered(Method::Ack, invite_cseq, via)
    }

    fn numbered(&self, method: Method, cseq: u32, via: Via) -> Request {
        let fields = Fields {
            via,
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.call_id.clone(),
            cseq,
            cseq_method: method,
        };
        let (uri, routes) = routed(self.remote_target.for_request_line(), &self.route_set);
        let mut request = Request::new(method, uri, fields);
        for route in routes {
            request = request.with("Route", route.to_string());
        }
        request
    }

    /// The way of the next request: to the first route, or the target; but back the way the peer's messages come if
    /// that is a registered phone's flow, if the address is a name or lies behind the peer's NAT, or if a connection to
    /// that very host is there.
    pub(crate) fn next_hop(&self) -> Flow {
        if self.is_bound {
            return self.flow;
        }
        let next = self.next_uri();
        match (self.next_address(), Transport::asked_by(next), self.flow.transport) {
            (None, _, _) | (Some(_), None, _) => self.flow,
            (Some(address), Some(_), Transport::Tcp) if address.ip() == self.flow.peer.ip() => self.flow,
            (Some(address), Some(Transport::Udp), Transport::Udp) => {
                let local = self.flow.local.filter(|local| local.is_ipv4() == address.is_ipv4());
                Flow { transport: Transport::Udp, local, peer: address }
            }
            (Some(address), Some(transport), Transport::Udp | Transport::Tcp) => Flow::to(transport, address),
        }
    }

    /// Whether the next hop is an address for which nothing says which transport it wants.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_bound && self.next_address().is_some() && self.next_uri().param("transport").is_none()
    }

    /// A message of the peer came: whoever has a new address or a new connection is asked there from now on. A phone may
    /// send its datagrams from elsewhere than it listens, so `answers`, where those to its request go, count.
    pub(crate) fn heard(&mut self, flow: Flow, answers: Option<Flow>) {
        if !self.is_bound || flow.transport.is_reliable() {
            self.flow = flow;
        } else if let Some(answers) = answers {
            self.flow = answers;
        }
    }

    /// The connection of the peer is gone: the next request makes one to where the peer says that it listens, on the
    /// host to which the connection was.
    pub(crate) fn lose(&mut self, connection: &Flow) {
        if self.flow.goes_by(connection) {
            let listens_at = self.next_address().filter(|address| address.ip() == self.flow.peer.ip());
            self.flow = Flow::to(self.flow.transport, listens_at.unwrap_or(self.flow.peer));
        }
    }

    fn next_uri(&self) -> &Uri {
        self.route_set.first().map_or(&self.remote_target, |route| &route.uri)
    }

    fn next_address(&self) -> Option<SocketAddr> {
        self.next_uri().address().filter(|address| reachable(address.ip(), self.flow.peer.ip()))
    }

    /// Whether a request of the peer belongs to this dialog.
    pub(crate) fn is_from_peer(&self, request: &Request) -> bool {
        self.remote.tag() == request.fields.from.tag()
    }

    /// Takes the number of a peer's request; false if it is old (RFC 3261 §12.2.2).
    pub(crate) fn advance(&mut self, cseq: u32) -> bool {
        if self.remote_cseq.is_some_and(|last| cseq <= last) {
            return false;
        }
        self.remote_cseq = Some(cseq);
        true
    }
}

/// The request line and the Route of a request to a target by way of others (RFC 3261 §12.2.1.1). A first hop without `lr`
/// is a strict router of RFC 2543: it wants its own address in the request line, and the target at the end of the route.
pub(crate) fn routed(target: Uri, route_set: &[NameAddr]) -> (Uri, Vec<NameAddr>) {
    match route_set.split_first() {
        Some((first, rest)) if first.uri.param("lr").is_none() => {
            let routes = rest.iter().cloned().chain([NameAddr::new(target)]).collect();
            (first.uri.for_request_line(), routes)
        }
        Some(_) | None => (target, route_set.to_vec()),
    }
}

/// How messages find a dialog: Call-ID and our tag. The peer's tag is compared afterwards: before the first answer it is
/// unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DialogKey(Key);

impl DialogKey {
    fn new(keys: &Keys, call_id: &str, local_tag: &str) -> DialogKey {
        DialogKey(keys.of((call_id, local_tag)))
    }

    /// For a request of the peer: our tag stands in To.
    pub(crate) fn of(keys: &Keys, request: &Request) -> Option<DialogKey> {
        Some(DialogKey::new(keys, &request.fields.call_id, request.fields.to.tag()?))
    }
}

/// How a caller names its call before there is a dialog: Call-ID and its own tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallerKey(Key);

impl CallerKey {
    pub(crate) fn of(keys: &Keys, request: &Request) -> CallerKey {
        CallerKey(keys.of((&request.fields.call_id, request.fields.from.tag().unwrap_or(""))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn dialog(routes: &[&str], contact: &str, flow: bool) -> Dialog {
        let mut invite = testing::request(Method::Invite).with("Contact", contact);
        for route in routes {
            invite = invite.with("Record-Route", *route);
        }
        Dialog::called(&invite, "mine", Flow::udp("203.0.113.5:5060".parse().expect("an address")), flow)
    }

    fn way(dialog: &Dialog) -> String {
        let Flow { transport, local, peer } = dialog.next_hop();
        format!("{} {peer}{}", transport.name(), if local.is_some() { " as before" } else { "" })
    }

    #[test]
    fn requests_follow_the_route_set() {
        let via = || testing::request(Method::Bye).fields.via;
        let mut loose = dialog(&["<sip:198.51.100.1;lr>", "<sip:198.51.100.2;lr>"], "<sip:peer@203.0.113.9>", false);
        let bye = loose.request(Method::Bye, via());
        assert_eq!(bye.uri.to_string(), "sip:peer@203.0.113.9");
        assert_eq!(bye.all("Route").collect::<Vec<_>>(), ["<sip:198.51.100.1;lr>", "<sip:198.51.100.2;lr>"]);
        assert_eq!(way(&loose), "UDP 198.51.100.1:5060");
        let mut strict = dialog(&["<sip:198.51.100.1>", "<sip:198.51.100.2;lr>"], "<sip:peer@203.0.113.9>", false);
        let bye = strict.request(Method::Bye, via());
        assert_eq!(bye.uri.to_string(), "sip:198.51.100.1");
        assert_eq!(bye.all("Route").collect::<Vec<_>>(), ["<sip:198.51.100.2;lr>", "<sip:peer@203.0.113.9>"]);
    }

    #[test]
    fn an_unreachable_contact_is_replaced_by_where_the_peer_is() {
        for (contact, flow, expected) in [
            ("<sip:a@203.0.113.9:5070>", false, "203.0.113.9:5070"),
            ("<sip:a@203.0.113.9:5070>", true, "203.0.113.5:5060"),
            ("<sip:a@192.168.1.4>", false, "203.0.113.5:5060"),
            ("<sip:a@phone.local>", false, "203.0.113.5:5060"),
            ("<tel:+49>", false, "203.0.113.5:5060"),
        ] {
            assert_eq!(way(&dialog(&[], contact, flow)), format!("UDP {expected}"), "{contact}");
        }
    }

    #[test]
    fn an_ack_keeps_the_invites_number_and_others_count_up() {
        let via = || testing::request(Method::Bye).fields.via;
        let mut dialog = dialog(&[], "<sip:a@203.0.113.9>", false);
        dialog.invite_cseq = 17;
        dialog.local_cseq = 17;
        assert_eq!(dialog.ack(17, via()).header("CSeq"), Some("17 ACK"));
        assert_eq!(dialog.request(Method::Bye, via()).header("CSeq"), Some("18 BYE"));
    }

    #[test]
    fn an_old_number_is_refused() {
        let mut dialog = dialog(&[], "<sip:a@203.0.113.9>", false);
        let first = dialog.remote_cseq.expect("from the INVITE");
        assert!(!dialog.advance(first));
        assert!(dialog.advance(first + 5));
        assert!(!dialog.advance(first + 4));
    }
    #[test]
    fn requests_take_the_connection_to_the_peers_host_and_make_one_where_it_is_gone() {
        let connection = Flow {
            transport: Transport::Tcp,
            local: "192.0.2.1:5060".parse().ok(),
            peer: "203.0.113.5:41234".parse().expect("an address"),
        };
        #[rustfmt::skip]
        let rows = [
            // Contact, bound to its flow; while the connection lives; once it is gone.
            ("<sip:a@203.0.113.5:5070;transport=tcp>", false, "TCP 203.0.113.5:41234 as before", "TCP 203.0.113.5:5070"),
            ("<sip:a@203.0.113.5:5070>",               false, "TCP 203.0.113.5:41234 as before", "TCP 203.0.113.5:5070"),
            ("<sip:a@192.168.1.4>",                    false, "TCP 203.0.113.5:41234 as before", "TCP 203.0.113.5:41234"),
            ("<sip:a@203.0.113.5:5070;transport=tls>", false, "TCP 203.0.113.5:41234 as before", "TCP 203.0.113.5:5070"),
            ("<sip:a@203.0.113.7;transport=tcp>",      true,  "TCP 203.0.113.5:41234 as before", "TCP 203.0.113.5:41234"),
            ("<sip:a@203.0.113.7;transport=tcp>",      false, "TCP 203.0.113.7:5060",            "TCP 203.0.113.7:5060"),
            ("<sip:a@203.0.113.7>",                    false, "UDP 203.0.113.7:5060",            "UDP 203.0.113.7:5060"),
        ];
        for (contact, is_bound, alive, gone) in rows {
            let mut dialog = dialog(&[], contact, is_bound);
            dialog.flow = connection;
            assert_eq!(way(&dialog), alive, "{contact}");
            dialog.lose(&Flow { peer: "203.0.113.5:41235".parse().expect("an address"), ..connection });
            assert_eq!(way(&dialog), alive, "{contact}: another connection");
            dialog.lose(&connection);
            assert_eq!(way(&dialog), gone, "{contact}");
        }
    }
}

//! Requests of peers.
//! Never keeps state for someone who has not been let in: what they get is the same however often they ask.

use std::net::SocketAddr;
use std::time::Duration;

use super::leg::{Detail, Leg, Reoffer, Side, caller_key, waiting};
use super::{ALLOW, SWEEP_EVERY, UserAgent, Wake};
use crate::auth::{Digests, Verdict};
use crate::contract::{Event, Identity, LegId, Origin};
use crate::dialog::{Dialog, DialogKey};
use crate::message::{Method, Request, elements, method_of, reason_of, refuse_raw};
use crate::registrar::{Change, Refusal};
use crate::session::{Happening, Session, State};
use crate::transaction::key::ServerKey;
use crate::transaction::server;
use crate::uri::{NameAddr, Uri};
use crate::wire::{self, Raw, Start};

/// How long a peer is told to wait after 503, in seconds.
const RETRY_AFTER_SECONDS: &str = "10";

impl UserAgent {
    pub(super) fn on_datagram(&mut self, now: Duration, bytes: &[u8], source: SocketAddr) {
        // What cannot be read has no sender to be told.
        let Ok(raw) = wire::parse(bytes) else { return };
        match raw.start.clone() {
            Start::Response { status, reason } => self.on_response(now, status, reason, raw, source),
            Start::Request { method, uri } => self.on_raw_request(now, &method, &uri, raw, source),
        }
    }

    fn on_raw_request(&mut self, now: Duration, method: &str, uri: &str, raw: Raw, source: SocketAddr) {
        let tag = self.tokens.mark("tag", &[raw.first("Call-ID").unwrap_or(""), raw.first("Via").unwrap_or("")]);
        let refused = |status, reason: &str| refuse_raw(&raw, source, status, reason, &tag, &[("Allow", ALLOW)]);
        let refusal = match (raw.flaw, method_of(method)) {
            (Some(flaw), _) => refused(flaw.status, flaw.reason),
            // RFC 3261 §21.5.2: a method nobody here has heard of.
            (None, None) => refused(501, reason_of(501)),
            (None, Some(method)) => match Request::from_raw(method, uri, raw.clone(), source) {
                Ok(request) => return self.on_request(now, request, source),
                Err(fault) => refused(fault.status, fault.reason),
            },
        };
        if let Some((bytes, destination)) = refusal {
            self.send(bytes, destination);
        }
    }

    fn on_request(&mut self, now: Duration, request: Request, source: SocketAddr) {
        let key = ServerKey::of(&request);
        if request.method() == Method::Ack {
            let is_known = self.servers.contains_key(&key);
            let actions = self.server_on(now, &key, server::Happening::Ack);
            if !is_known || actions.contains(&server::Action::PassAck) {
                self.on_ack(now, &request);
            }
            return;
        }
        if self.servers.contains_key(&key) {
            self.server_on(now, &key, server::Happening::Again);
            return;
        }
        if request.method() == Method::Cancel {
            return self.on_cancel(now, &request, source);
        }
        match DialogKey::of(&request) {
            Some(dialog) => self.on_request_within(now, &dialog, request, source),
            None => self.on_request_outside(now, request, source),
        }
    }

    fn on_request_outside(&mut self, now: Duration, request: Request, source: SocketAddr) {
        let required = elements(request.all("Require")).join(", ");
        if !required.is_empty() {
            // RFC 3261 §8.2.2.3: we know no extension a call could depend on.
            return self.reply(&request, source, 420, &[("Unsupported", &required)]);
        }
        match request.method() {
            Method::Invite => self.on_invite(now, request, source),
            Method::Register => self.on_register(now, request, source),
            Method::Options => {
                let more = [("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", "")];
                self.reply(&request, source, 200, &more);
            }
            // They only make sense within a dialog.
            Method::Bye | Method::Update | Method::PRack | Method::Notify => self.reply(&request, source, 481, &[]),
            _ => self.reply(&request, source, 405, &[("Allow", ALLOW)]),
        }
    }

    // Calls.

    fn on_invite(&mut self, now: Duration, invite: Request, source: SocketAddr) {
        if matches!(invite.uri, Uri::Other { .. }) {
            return self.reply(&invite, source, 416, &[]);
        }
        let origin = match self.origin(now, &invite, source) {
            Ok(origin) => origin,
            Err(refusal) => return self.refuse_stranger(now, &invite, source, refusal),
        };
        let twin = self.callers.get(&caller_key(&invite)).and_then(|id| self.legs.get(id));
        let is_twin = |leg: &Leg| matches!(&leg.side, Side::Incoming { invite: first, .. } if first.fields.cseq == invite.fields.cseq);
        if twin.is_some_and(is_twin) {
            // RFC 3261 §8.2.2.2: the same INVITE by another way.
            return self.reply(&invite, source, 482, &[]);
        }
        if !invite.body().is_empty() && invite.sdp().is_none() {
            return self.reply(&invite, source, 415, &[("Accept", "application/sdp")]);
        }
        if self.legs.len() >= self.settings.legs_max || !self.start_server(&invite, source) {
            return self.reply(&invite, source, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        }
        let key = ServerKey::of(&invite);
        let trying = self.response(&invite, 100, reason_of(100), "");
        self.respond(now, &key, &trying);
        let id = self.new_incoming_id();
        let flow = match &origin {
            Origin::Phone { .. } => true,
            Origin::Trunk { .. } | Origin::Registrar { .. } => false,
        };
        let tag = self.tokens.tag();
        let (sdp, number) = (invite.sdp(), invite.uri.user());
        self.tell(Event::Incoming {
            leg: id,
            caller: caller(&invite, &origin),
            origin,
            number: number.clone(),
            sdp: sdp.clone(),
            source,
        });
        let leg = Leg {
            session: Session::new(now, &self.settings.timing, State::Offered),
            dialog: Dialog::called(&invite, &tag, source, flow),
            side: Side::Incoming {
                key,
                response: None,
                destination: invite.response_goes_to(source),
                offer_is_ours: sdp.is_none(),
                invite: Box::new(invite),
            },
            reoffer: Reoffer::None,
            user: number,
        };
        self.add_leg(id, leg);
    }

    fn new_incoming_id(&mut self) -> LegId {
        loop {
            let random = u64::from_str_radix(&self.tokens.tag(), 16).unwrap_or(0);
            let id = LegId(random | LegId::TOP);
            if !self.legs.contains_key(&id) {
                return id;
            }
        }
    }

    /// Why a caller is let in, or the verdict on why not.
    fn origin(&mut self, now: Duration, invite: &Request, source: SocketAddr) -> Result<Origin, Verdict> {
        let is_from = |trunk: &&crate::contract::Trunk| trunk.addresses.iter().any(|range| range.contains(source.ip()));
        if let Some(trunk) = self.trunks.iter().find(is_from) {
            return Ok(Origin::Trunk { name: trunk.name.clone() });
        }
        let called = invite.uri.user();
        if self.registrations.get(&called).is_some_and(|registration| registration.account.registrar == source) {
            return Ok(Origin::Registrar { user: called });
        }
        let user = invite.fields.from.uri.user();
        if self.registrar.bindings(now, &user).iter().any(|binding| binding.source == source) {
            return Ok(Origin::Phone { user });
        }
        self.authenticate(now, invite, &user)?;
        Ok(Origin::Phone { user })
    }

    /// Whether the sender proves to be this user. Without credentials everyone is asked for them, known or not, so that
    /// nobody can find out who is.
    fn authenticate(&mut self, now: Duration, request: &Request, user: &str) -> Result<(), Verdict> {
        let offered = request.all("Authorization").filter_map(Digests::parse);
        let ours = offered.into_iter().find(|digest| digest.get("realm") == Some(self.settings.realm.as_str()));
        let Some(credentials) = ours else { return Err(Verdict::Stale) };
        // The digest covers the URI it names; that has to be the one asked for (RFC 7616 §3.4.6).
        let named = credentials.get("uri").and_then(|uri| Uri::parse(uri).ok());
        let same_host = match (named.as_ref().and_then(Uri::host), request.uri.host()) {
            (Some(named), Some(asked)) => named.same(asked),
            (None, None) => credentials.get("uri") == Some(request.uri.to_string().as_str()),
            (Some(_), None) | (None, Some(_)) => false,
        };
        let secret = self.accounts.get(user).filter(|_| credentials.get("username") == Some(user) && same_host);
        let method = request.method().to_string();
        self.wakes.set(Wake::Sweep, Some(now + SWEEP_EVERY));
        match self.guard.check(now, &self.tokens, &credentials, &method, secret) {
            Verdict::Good => Ok(()),
            bad @ (Verdict::Stale | Verdict::Bad) => Err(bad),
        }
    }

    fn refuse_stranger(&mut self, now: Duration, request: &Request, source: SocketAddr, verdict: Verdict) {
        match verdict {
            Verdict::Good => {}
            Verdict::Bad => self.reply(request, source, 403, &[]),
            Verdict::Stale => {
                let stale = request.header("Authorization").is_some();
                let challenges = self.guard.challenges(now, &self.tokens, stale);
                let more: Vec<_> = challenges.iter().map(|one| ("WWW-Authenticate", one.as_str())).collect();
                self.reply(request, source, 401, &more);
            }
        }
    }

    fn on_cancel(&mut self, now: Duration, cancel: &Request, source: SocketAddr) {
        let invite_key = ServerKey::of_cancelled(cancel);
        let mut found = self.callers.get(&caller_key(cancel)).copied();
        if found.is_none() {
            // A re-INVITE of a peer we called.
            found = DialogKey::of(cancel).and_then(|key| self.dialogs.get(&key)).copied();
        }
        let leg = found.and_then(|id| self.legs.get(&id).map(|leg| (id, leg)));
        // By the transaction, or, where something on the way rewrites Via, by the INVITE's number (RFC 3261 §9.2).
        let of_invite = leg.filter(|(_, leg)| match &leg.side {
            Side::Incoming { invite, key, .. } => *key == invite_key || invite.fields.cseq == cancel.fields.cseq,
            Side::Outgoing { .. } | Side::Resumed => false,
        });
        let of_reoffer = leg.filter(|(_, leg)| match &leg.reoffer {
            Reoffer::Waiting { request, .. } => ServerKey::of(request) == invite_key,
            Reoffer::None | Reoffer::Sent { .. } => false,
        });
        let is_known = of_invite.is_some() || of_reoffer.is_some() || self.servers.contains_key(&invite_key);
        if !is_known {
            return self.reply(cancel, source, 481, &[]);
        }
        // The answer to the CANCEL carries the tag of the answers to its INVITE (RFC 3261 §9.2).
        let tag =
            leg.and_then(|(_, leg)| leg.dialog.local.tag().map(str::to_owned)).unwrap_or_else(|| self.mark(cancel));
        let (of_invite, of_reoffer) = (of_invite.map(|(id, _)| id), of_reoffer.map(|(id, _)| id));
        if !self.start_server(cancel, source) {
            return self.reply(cancel, source, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        }
        let ok = self.response(cancel, 200, reason_of(200), &tag);
        self.respond(now, &ServerKey::of(cancel), &ok);
        match (of_reoffer, of_invite) {
            (Some(id), _) => self.answer_reoffer(now, id, Err(487)),
            (None, Some(id)) => self.drive(now, id, Happening::PeerCancel, &Detail::default()),
            // The INVITE is answered and its leg gone: the CANCEL changes nothing.
            (None, None) => {}
        }
    }

    fn on_ack(&mut self, now: Duration, ack: &Request) {
        let id = DialogKey::of(ack).and_then(|key| self.dialogs.get(&key)).copied();
        let Some((id, leg)) = id.and_then(|id| self.legs.get_mut(&id).map(|leg| (id, leg))) else { return };
        if !leg.dialog.is_from_peer(ack) {
            return;
        }
        match &leg.reoffer {
            Reoffer::Sent { cseq, .. } if *cseq == ack.fields.cseq => {
                leg.reoffer = Reoffer::None;
                if let Some(sdp) = ack.sdp() {
                    self.tell(Event::Reanswered { leg: id, sdp });
                }
            }
            Reoffer::None | Reoffer::Waiting { .. } | Reoffer::Sent { .. } => {
                if leg.dialog.invite_cseq == ack.fields.cseq {
                    let detail = Detail { sdp: ack.sdp(), ..Detail::default() };
                    self.drive(now, id, Happening::PeerAck, &detail);
                }
            }
        }
    }

    // Requests within a dialog. Each is answered, whatever the leg's state (RFC 3261 §12.2.2).

    fn on_request_within(&mut self, now: Duration, dialog: &DialogKey, request: Request, source: SocketAddr) {
        let found = self.dialogs.get(dialog).and_then(|id| self.legs.get_mut(id).map(|leg| (*id, leg)));
        let Some((id, leg)) = found.filter(|(_, leg)| leg.dialog.is_from_peer(&request)) else {
            return self.reply(&request, source, 481, &[]);
        };
        if !leg.dialog.advance(request.fields.cseq) {
            return self.reply(&request, source, 500, &[("Retry-After", "1")]);
        }
        let required = elements(request.all("Require")).join(", ");
        if !required.is_empty() {
            return self.reply(&request, source, 420, &[("Unsupported", &required)]);
        }
        match request.method() {
            Method::Bye => {
                if self.answer_within(now, id, &request, source, 200) {
                    self.drive(now, id, Happening::PeerBye, &Detail::default());
                }
            }
            Method::Invite | Method::Update => self.on_reoffer(now, id, request, source),
            Method::Options => {
                let more = [("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", "")];
                self.reply(&request, source, 200, &more);
            }
            _ => self.reply(&request, source, 405, &[("Allow", ALLOW)]),
        }
    }

    /// Answers with a transaction of its own; false if there are too many of them.
    fn answer_within(&mut self, now: Duration, id: LegId, request: &Request, source: SocketAddr, status: u16) -> bool {
        if !self.start_server(request, source) {
            self.reply(request, source, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
            return false;
        }
        let leg = self.legs.get(&id);
        let (tag, user) = leg.map_or(("", ""), |leg| (leg.dialog.local.tag().unwrap_or(""), leg.user.as_str()));
        let response = match status {
            200 if request.method() == Method::Update => self.ok_with_contact(request, tag, user),
            _ => self.response(request, status, reason_of(status), tag),
        };
        self.respond(now, &ServerKey::of(request), &response);
        true
    }

    /// A re-INVITE (RFC 3261 §14.2) or an UPDATE (RFC 3311 §5.2).
    fn on_reoffer(&mut self, now: Duration, id: LegId, request: Request, source: SocketAddr) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let is_invite = request.method() == Method::Invite;
        let sdp = request.sdp();
        let refusal = match (&leg.reoffer, leg.session.state) {
            (Reoffer::Waiting { .. } | Reoffer::Sent { .. }, _) => Some(500),
            (Reoffer::None, State::Confirmed) => None,
            // An UPDATE without an offer only refreshes the Contact.
            (Reoffer::None, State::Accepted | State::Offered) if !is_invite && sdp.is_none() => None,
            // Our own offer, or our 200, is not settled yet.
            (Reoffer::None, State::Offered | State::Accepted | State::Answered | State::Early) => Some(491),
            (Reoffer::None, State::Calling | State::Abandoned | State::Cancelling) => Some(491),
            (Reoffer::None, State::Closing | State::Ending | State::Over) => Some(481),
        };
        let refusal = refusal.or((!request.body().is_empty() && sdp.is_none()).then_some(415));
        match refusal {
            Some(500) => return self.reply(&request, source, 500, &[("Retry-After", "2")]),
            Some(415) => return self.reply(&request, source, 415, &[("Accept", "application/sdp")]),
            Some(status) => return self.reply(&request, source, status, &[]),
            None => {}
        }
        if let Some(contact) = request.contact() {
            leg.dialog.remote_target = contact;
        }
        if !is_invite && sdp.is_none() {
            self.answer_within(now, id, &request, source, 200);
            return;
        }
        if !self.start_server(&request, source) {
            return self.reply(&request, source, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        }
        if is_invite {
            let trying = self.response(&request, 100, reason_of(100), "");
            self.respond(now, &ServerKey::of(&request), &trying);
        }
        let give_up = now + self.settings.timing.reoffer_max();
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.reoffer = waiting(now, &self.settings.timing, request);
            let deadline = leg.session.deadline().map_or(give_up, |at| at.min(give_up));
            self.wakes.set(Wake::Leg(id), Some(deadline));
        }
        self.tell(Event::Reoffer { leg: id, sdp });
    }

    // Phones.

    fn on_register(&mut self, now: Duration, request: Request, source: SocketAddr) {
        let user = request.fields.to.uri.user();
        if let Err(verdict) = self.authenticate(now, &request, &user) {
            return self.refuse_stranger(now, &request, source, verdict);
        }
        if !self.start_server(&request, source) {
            return self.reply(&request, source, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        }
        let tag = self.tokens.tag();
        let applied = self.registrar.apply(now, &user, &request, source);
        let answer = |status| self.response(&request, status, reason_of(status), &tag);
        let mut changes = Vec::new();
        let response = match applied {
            Ok(applied) => {
                changes = applied;
                let contacts = self.registrar.contacts(now, &user);
                contacts.into_iter().fold(answer(200), |response, contact| response.with("Contact", contact))
            }
            Err(Refusal::Malformed) => answer(400),
            Err(Refusal::TooBrief { min }) => answer(423).with("Min-Expires", min.as_secs().to_string()),
            Err(Refusal::OutOfOrder) => answer(500),
            Err(Refusal::TooMany) => answer(403),
        };
        self.respond(now, &ServerKey::of(&request), &response);
        self.wake_binding(&user);
        for change in changes {
            let user = user.clone();
            self.tell(match change {
                Change::Bound { contact, expires } => {
                    Event::Registered { user, contact: contact.to_string(), source, expires }
                }
                Change::Gone => Event::Unregistered { user },
            });
        }
    }
}

/// Who calls. Only a trunk may assert someone else's identity (RFC 3325 §5).
fn caller(invite: &Request, origin: &Origin) -> Identity {
    let asserted = match origin {
        Origin::Trunk { .. } => invite.header("P-Asserted-Identity").and_then(|value| NameAddr::parse(value).ok()),
        Origin::Phone { .. } | Origin::Registrar { .. } => None,
    };
    let address = asserted.as_ref().unwrap_or(&invite.fields.from);
    Identity {
        user: address.uri.user(),
        display: address.display.clone().or_else(|| invite.fields.from.display.clone()),
        host: address.uri.host().map_or(String::new(), ToString::to_string),
    }
}

//! Requests of peers.
//! Never keeps state for someone who has not been let in: what they get is the same however often they ask.

use std::net::SocketAddr;
use std::time::Duration;

use super::flows;
use super::leg::{Detail, Leg, Side};
use super::reoffer::Change;
use super::{ALLOW, SWEEP_EVERY, UserAgent, Wake};
use crate::auth::{Digests, Verdict};
use crate::body::ACCEPT;
use crate::contract::{Event, LegId, Origin, Refused};
use crate::dialog::{CallerKey, Dialog, DialogKey};
use crate::message::{Method, Request, elements, method_of, name_of, reason_of, refuse_raw};
use crate::privacy;
use crate::registrar::{Refusal, way_to};
use crate::registration::Registration;
use crate::session::{Happening, Session, State};
use crate::throttle::Counted;
use crate::transaction::key::ServerKey;
use crate::transaction::server;
use crate::transport::{Flow, Transport};
use crate::uri::{Uri, told};
use crate::wire::{self, Raw, Start};

/// The extensions that a REGISTER may depend on (RFC 3327, RFC 5626).
const EXTENSIONS: [&str; 2] = ["path", "outbound"];
/// How long a peer is told to wait after 503, in seconds.
pub(super) const RETRY_AFTER_SECONDS: &str = "10";

impl UserAgent {
    pub(super) fn on_bytes(&mut self, now: Duration, bytes: &[u8], flow: Flow) {
        // What cannot be read has no sender to be told.
        let Ok(raw) = wire::parse(bytes) else { return };
        match raw.start.clone() {
            Start::Response { status, reason } => self.on_response(now, status, reason, raw, flow),
            Start::Request { method, uri } => self.on_raw_request(now, &method, &uri, raw, flow),
        }
    }

    fn on_raw_request(&mut self, now: Duration, method: &str, uri: &str, raw: Raw, flow: Flow) {
        let refused = |status, reason: &str| {
            let tag = self.tokens.mark("tag", &[raw.first("Call-ID").unwrap_or(""), raw.first("Via").unwrap_or("")]);
            refuse_raw(&raw, flow.peer, status, reason, &tag, &[("Allow", ALLOW)])
        };
        let is_trunk = self.is_trunk(&flow);
        let refusal = match (raw.flaw, method_of(method)) {
            (Some(flaw), _) => refused(flaw.status, flaw.reason),
            // RFC 3261 §21.5.2: a method nobody here has heard of.
            (None, None) => refused(501, reason_of(501)),
            (None, Some(method)) => match Request::read(method, uri, &raw) {
                Ok(read) => return self.on_request(now, Request::received(method, read, raw, flow.peer), flow),
                Err(fault) => refused(fault.status, fault.reason),
            },
        };
        if let Some((bytes, peer)) = refusal.filter(|_| is_trunk || self.admits(now, &flow, Counted::Request)) {
            let way = match flow.transport {
                Transport::Udp => Flow { peer, ..flow },
                Transport::Tcp => flow,
            };
            self.send(bytes, way);
        }
    }

    fn on_request(&mut self, now: Duration, request: Request, flow: Flow) {
        let key = ServerKey::of(&self.keys, &request);
        let is_known = self.servers.get(key).is_some();
        if request.method() == Method::Ack {
            let actions = self.server_on(now, key, server::Happening::Ack);
            if !is_known || actions.contains(&server::Action::PassAck) {
                self.on_ack(now, &request);
            }
            return;
        }
        if is_known {
            return self.repeat(now, key, &request, flow);
        }
        let dialog = DialogKey::of(&self.keys, &request);
        let is_within = dialog.is_some_and(|key| self.dialogs.contains_key(&key));
        if !is_within && !self.is_expected(now, &request, &flow) && !self.admits(now, &flow, Counted::Request) {
            return;
        }
        if request.method() == Method::Cancel {
            return self.on_cancel(now, &request, flow);
        }
        match dialog {
            Some(dialog) => self.on_request_within(now, dialog, request, flow),
            None => self.on_request_outside(now, request, flow),
        }
    }

    fn on_request_outside(&mut self, now: Duration, request: Request, flow: Flow) {
        if matches!(request.uri, Uri::Other { .. }) {
            // RFC 3261 §8.2.2.1.
            return self.reply(&request, flow, 416, &[]);
        }
        let is_known = |extension: &&str| request.method() == Method::Register && EXTENSIONS.contains(extension);
        let required: Vec<&str> = elements(request.all("Require")).into_iter().filter(|one| !is_known(one)).collect();
        if !required.is_empty() {
            // RFC 3261 §8.2.2.3: we know no extension a call could depend on.
            let required = required.join(", ");
            return self.reply(&request, flow, 420, &[("Unsupported", &required)]);
        }
        match request.method() {
            Method::Invite => self.on_invite(now, request, flow),
            Method::Register => self.on_register(now, request, flow),
            Method::Options => {
                let more = [("Allow", ALLOW), ("Accept", ACCEPT), ("Supported", "")];
                self.reply(&request, flow, 200, &more);
            }
            // They only make sense within a dialog.
            Method::Bye | Method::Update | Method::PRack | Method::Notify => self.reply(&request, flow, 481, &[]),
            _ => self.reply(&request, flow, 405, &[("Allow", ALLOW)]),
        }
    }

    // Who may ask for how much.

    /// Whether a request belongs to something that is known: a caller, a trunk, the registrar of a user of ours, or a
    /// registered phone that speaks for its user by its own way. Such requests, and those of a dialog, count for nobody.
    fn is_expected(&self, now: Duration, request: &Request, flow: &Flow) -> bool {
        let of_caller = || self.callers.contains_key(&CallerKey::of(&self.keys, request));
        let registrar =
            |registration: &Registration| registration.account.servers.iter().any(|at| at.ip() == flow.peer.ip());
        self.is_trunk(flow)
            || of_caller()
            || self.registrations.values().any(registrar)
            || self.is_own_phone(now, request, flow)
    }

    fn is_trunk(&self, flow: &Flow) -> bool {
        self.trunks.values().any(|line| line.is_at(flow.peer.ip()))
    }

    /// Whether a registered phone speaks for its own user, by the way by which it registered.
    fn is_own_phone(&self, now: Duration, request: &Request, flow: &Flow) -> bool {
        let fields = &request.fields;
        let user = if request.method() == Method::Register { fields.to.uri.user() } else { fields.from.uri.user() };
        self.registrar.bindings(now, &user).iter().any(|binding| binding.flow.goes_by(flow))
    }

    /// Counts something for the address it comes from; false if there was too much of it.
    fn admits(&mut self, now: Duration, flow: &Flow, what: Counted) -> bool {
        self.wakes.keep(Wake::Sweep, now + SWEEP_EVERY);
        let is_admitted = self.throttle.take(now, flow.peer.ip(), what);
        if !is_admitted {
            self.tell_refused(now, flow.peer, Refused::Flood);
        }
        is_admitted
    }

    fn tell_refused(&mut self, now: Duration, source: SocketAddr, refused: Refused) {
        self.wakes.keep(Wake::Sweep, now + SWEEP_EVERY);
        if self.throttle.tells(now, source.ip()) {
            self.tell(Event::Refused { refused, source });
        }
    }

    /// Callers who were asked for a password and said nothing for too long are strangers.
    pub(super) fn on_challenged_due(&mut self, now: Duration) {
        for source in self.challenged.over(now) {
            self.tell_refused(now, source, Refused::Call);
        }
        self.wakes.set(Wake::Challenged, self.challenged.next());
    }

    // Calls.

    fn on_invite(&mut self, now: Duration, invite: Request, flow: Flow) {
        let origin = match self.origin(now, &invite, flow) {
            Ok(origin) => origin,
            Err(refusal) => return self.refuse_stranger(now, &invite, flow, refusal),
        };
        let caller_key = CallerKey::of(&self.keys, &invite);
        let twin = self.callers.get(&caller_key).and_then(|id| self.legs.get(id));
        if twin.is_some_and(|leg| leg.dialog.invite_cseq == invite.fields.cseq) {
            // RFC 3261 §8.2.2.2: the same INVITE by another way.
            return self.reply(&invite, flow, 482, &[]);
        }
        let sdp = invite.sdp();
        if !invite.body().is_empty() && sdp.is_none() {
            return self.reply(&invite, flow, 415, &[("Accept", ACCEPT)]);
        }
        if !invite.accepts_sdp() {
            return self.reply(&invite, flow, 406, &[]);
        }
        let has_room = self.legs.len() < self.settings.legs_max;
        let Some(key) = has_room.then(|| self.start_server(&invite, flow)).flatten() else {
            return self.reply(&invite, flow, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        };
        let trying = self.response(&invite, 100, reason_of(100), "");
        self.respond(now, key, &trying);
        let id = self.new_id();
        let (is_bound, way) = match &origin {
            Origin::Phone { .. } => {
                let contact = invite.contact().unwrap_or_else(|| invite.fields.from.uri.clone());
                (true, way_to(&invite, flow, &contact, &invite.record_route()))
            }
            Origin::Trunk { .. } | Origin::Registrar { .. } => (false, flow),
        };
        let tag = self.tokens.tag();
        let number = self.dialled(&invite, &origin);
        self.tell(Event::Incoming {
            leg: id,
            caller: privacy::caller(&invite, matches!(origin, Origin::Trunk { .. })),
            origin,
            number: number.clone(),
            sdp: sdp.clone(),
            source: flow.peer,
        });
        let dialog = Dialog::called(&invite, &tag, way, is_bound);
        let side = Side::Incoming {
            caller: caller_key,
            key,
            response: None,
            flow: flows::of_responses(&invite, flow),
            fallback: flows::fallback(&invite, flow),
            offer_is_ours: sdp.is_none(),
            invite: Some(Box::new(invite)),
        };
        let session = Session::new(now, &self.settings.timing, State::Offered);
        self.add_leg(id, Leg::new(session, dialog, side, number));
        if let Some(offer) = sdp {
            self.described(id, &offer);
        }
    }

    /// An id that the application cannot have chosen.
    pub(super) fn new_id(&mut self) -> LegId {
        loop {
            let id = LegId(self.tokens.dice() | LegId::TOP);
            if !self.legs.contains_key(&id) {
                return id;
            }
        }
    }

    /// Why a caller is let in, or the verdict on why not.
    fn origin(&mut self, now: Duration, invite: &Request, flow: Flow) -> Result<Origin, Verdict> {
        if let Some(name) = self.trunk_at(invite, flow.peer.ip()) {
            return Ok(Origin::Trunk { name });
        }
        let called = invite.uri.user();
        // A registrar that has to make a new connection calls from another port.
        let is_registrar = |registrar: SocketAddr| match flow.transport {
            Transport::Udp => registrar == flow.peer,
            Transport::Tcp => registrar.ip() == flow.peer.ip(),
        };
        if self.registration_of(&called).is_some_and(|registration| is_registrar(registration.flow().peer)) {
            return Ok(Origin::Registrar { user: called });
        }
        let user = invite.fields.from.uri.user();
        if self.is_own_phone(now, invite, &flow) {
            return Ok(Origin::Phone { user });
        }
        if let Some((name, user)) = self.trunk_claimed(invite) {
            self.authenticate(now, invite, &user, &flow)?;
            return Ok(Origin::Trunk { name });
        }
        self.authenticate(now, invite, &user, &flow)?;
        Ok(Origin::Phone { user })
    }

    /// Whether the sender proves to be this user. Without credentials everyone is asked for them, known or not, so that
    /// nobody can find out who is.
    fn authenticate(&mut self, now: Duration, request: &Request, user: &str, flow: &Flow) -> Result<(), Verdict> {
        let offered = request.all("Authorization").filter_map(Digests::parse);
        let ours = offered.into_iter().find(|digest| digest.get("realm") == Some(self.settings.realm.as_str()));
        let Some(credentials) = ours else { return Err(Verdict::Missing) };
        // Whoever guesses is not told any more whether it was right, known user or not.
        let is_trusted = self.is_trunk(flow) || self.is_own_phone(now, request, flow);
        if !is_trusted && !self.throttle.has_room(now, flow.peer.ip(), Counted::Failure) {
            return Err(Verdict::Unheard);
        }
        // The digest covers the URI it names; that has to be the one asked for (RFC 7616 §3.4.6).
        let named = credentials.get("uri").and_then(|uri| Uri::parse(uri).ok());
        let same_host = match (named.as_ref().and_then(Uri::host), request.uri.host()) {
            (Some(named), Some(asked)) => named.same(asked),
            (None, None) => named.is_some_and(|named| named.same(&request.uri)),
            (Some(_), None) | (None, Some(_)) => false,
        };
        let secret =
            self.secret_of(request.method(), user).filter(|_| credentials.get("username") == Some(user) && same_host);
        let method = name_of(request.method());
        self.wakes.keep(Wake::Sweep, now + SWEEP_EVERY);
        let verdict = self.guard.check(now, &self.tokens, &credentials, method, secret.as_ref());
        let asked = credentials.challenge().and_then(|name| self.challenged.answered(name));
        match verdict {
            Verdict::Good | Verdict::Stale => {
                // To be asked for a password and to say it is no offence: the call that was asked, and this one.
                if let Some(asked) = asked {
                    self.throttle.give_back(asked.source.ip(), Counted::Stranger, asked.times);
                    self.throttle.give_back(asked.source.ip(), Counted::Request, asked.times + 1);
                }
                if verdict == Verdict::Good { Ok(()) } else { Err(verdict) }
            }
            Verdict::Missing | Verdict::Unheard => Err(verdict),
            Verdict::Bad => {
                self.throttle.take(now, flow.peer.ip(), Counted::Failure);
                Err(verdict)
            }
        }
    }

    fn refuse_stranger(&mut self, now: Duration, request: &Request, flow: Flow, verdict: Verdict) {
        match verdict {
            Verdict::Good => {}
            Verdict::Bad => {
                self.tell_refused(now, flow.peer, self.refused_credentials(request));
                self.reply(request, flow, 403, &[]);
            }
            Verdict::Unheard => {
                self.tell_refused(now, flow.peer, self.refused_credentials(request));
                self.reply(request, flow, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
            }
            Verdict::Stale | Verdict::Missing => {
                let salt = self.mark(request);
                if verdict == Verdict::Missing && request.method() == Method::Invite {
                    if !self.admits(now, &flow, Counted::Stranger) {
                        return;
                    }
                    let name = self.guard.name_of(&self.tokens, &salt);
                    if let Some(silent) = self.challenged.ask(now, name, flow.peer) {
                        self.tell_refused(now, silent, Refused::Call);
                    }
                    self.wakes.set(Wake::Challenged, self.challenged.next());
                }
                let challenges = self.guard.challenges(now, &self.tokens, &salt, verdict == Verdict::Stale);
                let more: Vec<_> = challenges.iter().map(|one| ("WWW-Authenticate", one.as_str())).collect();
                self.reply(request, flow, 401, &more);
            }
        }
    }

    /// Whoever sent this request is not who they say.
    fn refused_credentials(&self, request: &Request) -> Refused {
        let user = match request.method() {
            Method::Register => request.fields.to.uri.user(),
            _ => self.trunk_claimed(request).map_or_else(|| request.fields.from.uri.user(), |(_, user)| user),
        };
        Refused::Credentials { is_known: self.secret_of(request.method(), &user).is_some(), user: told(&user) }
    }

    fn on_cancel(&mut self, now: Duration, cancel: &Request, flow: Flow) {
        let invite_key = ServerKey::of_cancelled(&self.keys, cancel);
        let mut found = self.callers.get(&CallerKey::of(&self.keys, cancel)).copied();
        if found.is_none() {
            // A re-INVITE of a peer we called.
            found = DialogKey::of(&self.keys, cancel).and_then(|key| self.dialogs.get(&key)).copied();
        }
        let leg = found.and_then(|id| self.legs.get(&id).map(|leg| (id, leg)));
        // By the transaction, or, where something on the way rewrites Via, by the INVITE's number (RFC 3261 §9.2).
        let of_invite = leg.filter(|(_, leg)| match &leg.side {
            Side::Incoming { key, .. } => *key == invite_key || leg.dialog.invite_cseq == cancel.fields.cseq,
            Side::Outgoing { .. } | Side::Resumed => false,
        });
        let of_reoffer = leg.filter(|(_, leg)| match &leg.change {
            Change::Offered { request, .. } => ServerKey::of(&self.keys, request) == invite_key,
            Change::Idle | Change::Answered { .. } | Change::Offering { .. } | Change::Backoff { .. } => false,
        });
        let is_known = of_invite.is_some() || of_reoffer.is_some() || self.servers.get(invite_key).is_some();
        if !is_known {
            return self.reply(cancel, flow, 481, &[]);
        }
        // The answer to the CANCEL carries the tag of the answers to its INVITE (RFC 3261 §9.2).
        let tag =
            leg.and_then(|(_, leg)| leg.dialog.local.tag().map(str::to_owned)).unwrap_or_else(|| self.mark(cancel));
        let (of_invite, of_reoffer) = (of_invite.map(|(id, _)| id), of_reoffer.map(|(id, _)| id));
        let Some(key) = self.start_server(cancel, flow) else {
            return self.reply(cancel, flow, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        };
        let ok = self.response(cancel, 200, reason_of(200), &tag);
        self.respond(now, key, &ok);
        match (of_reoffer, of_invite) {
            (Some(id), _) => self.answer_reoffer(now, id, Err(487)),
            (None, Some(id)) => self.drive(now, id, Happening::PeerCancel, &Detail::default()),
            // The INVITE is answered and its leg gone: the CANCEL changes nothing.
            (None, None) => {}
        }
    }

    fn on_ack(&mut self, now: Duration, ack: &Request) {
        let id = DialogKey::of(&self.keys, ack).and_then(|key| self.dialogs.get(&key)).copied();
        let Some((id, leg)) = id.and_then(|id| self.legs.get_mut(&id).map(|leg| (id, leg))) else { return };
        if !leg.dialog.is_from_peer(ack) {
            return;
        }
        let is_first = leg.dialog.invite_cseq == ack.fields.cseq && matches!(leg.side, Side::Incoming { .. });
        let is_ours = matches!(leg.side, Side::Incoming { offer_is_ours: true, .. });
        let is_awaited = is_ours && leg.session.state == State::Accepted;
        if self.on_reinvite_ack(now, id, ack) || !is_first {
            return;
        }
        self.drive(now, id, Happening::PeerAck, &Detail { sdp: ack.sdp(), ..Detail::default() });
        if let Some(answer) = ack.sdp().filter(|_| is_awaited) {
            self.described(id, &answer);
        }
    }

    // Requests within a dialog. Each is answered, whatever the leg's state (RFC 3261 §12.2.2).

    fn on_request_within(&mut self, now: Duration, dialog: DialogKey, request: Request, flow: Flow) {
        let found = self.dialogs.get(&dialog).and_then(|id| self.legs.get_mut(id).map(|leg| (*id, leg)));
        let Some((id, leg)) = found.filter(|(_, leg)| leg.dialog.is_from_peer(&request)) else {
            return self.reply(&request, flow, 481, &[]);
        };
        if !leg.dialog.advance(request.fields.cseq) {
            // RFC 3261 §12.2.2: it comes too late to be obeyed.
            return self.answer_within(now, id, &request, flow, 500, &[]);
        }
        leg.dialog.heard(flow, Some(flows::of_responses(&request, flow)));
        let required = elements(request.all("Require")).join(", ");
        if !required.is_empty() {
            return self.answer_within(now, id, &request, flow, 420, &[("Unsupported", &required)]);
        }
        match request.method() {
            Method::Bye => {
                self.answer_within(now, id, &request, flow, 200, &[]);
                self.drive(now, id, Happening::PeerBye, &Detail::default());
            }
            Method::Invite | Method::Update => self.on_reoffer(now, id, request, flow),
            Method::Options => {
                let more = [("Allow", ALLOW), ("Accept", ACCEPT), ("Supported", "")];
                self.answer_within(now, id, &request, flow, 200, &more);
            }
            _ => self.answer_within(now, id, &request, flow, 405, &[("Allow", ALLOW)]),
        }
    }

    // Phones.

    fn on_register(&mut self, now: Duration, request: Request, flow: Flow) {
        if !matches!(request.fields.to.uri, Uri::Sip(_)) {
            // RFC 3261 §10.3 with RFC 4475 §3.3.4: nobody can be reached under another sort of address.
            return self.reply(&request, flow, 400, &[]);
        }
        let user = request.fields.to.uri.user();
        if let Err(verdict) = self.authenticate(now, &request, &user, &flow) {
            return self.refuse_stranger(now, &request, flow, verdict);
        }
        let Some(key) = self.start_server(&request, flow) else {
            return self.reply(&request, flow, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        };
        let tag = self.tokens.tag();
        let applied = self.registrar.apply(now, &user, &request, flow);
        let answer = |status| self.response(&request, status, reason_of(status), &tag);
        let response = match &applied {
            Ok(applied) => {
                let contacts = self.registrar.contacts(now, &user);
                let ok = contacts.into_iter().fold(answer(200), |response, contact| response.with("Contact", contact));
                // RFC 3327 §5.3, RFC 5626 §6.
                let ok = request.all("Path").fold(ok, |response, hop| response.with("Path", hop));
                if applied.is_outbound { ok.with("Require", "outbound") } else { ok }
            }
            Err(Refusal::Malformed) => answer(400),
            Err(Refusal::PathUnsupported) => answer(420).with("Unsupported", "path"),
            Err(Refusal::FirstHopLacksOutbound) => answer(439),
            Err(Refusal::TooBrief { min }) => answer(423).with("Min-Expires", min.as_secs().to_string()),
            Err(Refusal::OutOfOrder) => answer(500),
            Err(Refusal::TooMany) => answer(403),
        };
        self.respond(now, key, &response);
        let Ok(applied) = applied else { return };
        self.tell_bindings(now, &user, applied.is_change);
        if applied.bound > 0 {
            self.tell(Event::Registered { user });
        }
    }
}

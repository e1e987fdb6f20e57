//! What the application commands.
//! Never refuses aloud: a command that comes too late for its leg does nothing, because the event is on its way.

use std::time::Duration;

use super::flows::{Outgoing, Route};
use super::leg::{Detail, Leg, Side};
use super::{Purpose, UserAgent};
use crate::auth::Secret;
use crate::contract::{ANONYMOUS, Command, Event, Facts, FailedBy, Known, LegId, Stage, Target};
use crate::dialog::{Dialog, routed};
use crate::message::{Fields, Method, Request, reason_of};
use crate::privacy::nobody;
use crate::registration;
use crate::session::{Happening, Session, State};
use crate::transaction::client::Client;
use crate::transaction::key::ClientKey;
use crate::uri::{Host, NameAddr, Uri};

/// An outgoing call as the application wants it.
#[derive(Debug, Clone)]
pub(super) struct Call {
    target: Target,
    from_user: String,
    from_display: Option<String>,
    sdp: Vec<u8>,
}

impl UserAgent {
    pub(super) fn on_command(&mut self, now: Duration, command: Command) {
        match command {
            Command::Provisional { leg, status, sdp } => self.progress(now, leg, status, sdp),
            Command::Answer { leg, sdp } => self.answer(now, leg, sdp),
            Command::Reject { leg, status, reason } => {
                self.drive(now, leg, Happening::HangUp, &Detail { status, reason, ..Detail::default() });
            }
            Command::Invite { leg, target, from_user, from_display, sdp } => {
                self.invite(now, leg, Call { target, from_user, from_display, sdp });
            }
            Command::Cancel { leg } | Command::Refuse { leg } | Command::Bye { leg } => self.hang_up(now, leg),
            Command::Reoffer { leg, sdp } => self.wish(now, leg, sdp),
            Command::Accept { leg } => self.drive(now, leg, Happening::Accept, &Detail::default()),
            Command::AnswerReoffer { leg, sdp } => self.answer_reoffer(now, leg, Ok(sdp)),
            Command::RefuseReoffer { leg, status } => {
                let status = if (300..700).contains(&status) { status } else { 488 };
                self.answer_reoffer(now, leg, Err(status));
            }
            Command::End { facts } => self.end(now, facts),
            Command::Register { registrar, transport, user, password, contact, expires } => {
                let account = registration::Account {
                    host: Host::Address(registrar.ip()),
                    port: Some(registrar.port()),
                    servers: vec![registrar],
                    transport,
                    login: user.clone(),
                    user,
                    secret: Secret::Plain(password),
                    expires,
                };
                self.register_user(now, account, contact);
            }
            Command::Unregister { user } => self.unregister_user(now, &user),
            Command::RestoreBindings { user, bindings } => {
                self.registrar.restore(now, &user, bindings);
                self.wake_binding(&user);
            }
        }
    }

    fn progress(&mut self, now: Duration, id: LegId, status: u16, sdp: Option<Vec<u8>>) {
        let Some(leg) = self.legs.get(&id).filter(|leg| leg.session.state == State::Offered) else { return };
        let Side::Incoming { invite: Some(invite), key, .. } = &leg.side else { return };
        let status = if (101..200).contains(&status) { status } else { 180 };
        let mut response = self
            .response(invite, status, reason_of(status), leg.tag())
            .with_record_route_of(invite)
            .with("Contact", self.own_contact(&leg.dialog.flow, &leg.user));
        if let Some(sdp) = sdp {
            response = response.with_sdp(sdp);
        }
        let (key, bytes) = (*key, response.bytes());
        self.keep_response(id, status, bytes.clone());
        self.answer_with(now, key, status, bytes);
    }

    fn answer(&mut self, now: Duration, id: LegId, sdp: Vec<u8>) {
        let Some(leg) = self.legs.get(&id).filter(|leg| leg.session.state == State::Offered) else { return };
        let Side::Incoming { invite: Some(invite), .. } = &leg.side else { return };
        let ok = self.ok_with_contact(invite, leg).with_sdp(sdp);
        self.keep_response(id, ok.status(), ok.bytes());
        self.drive(now, id, Happening::Answer, &Detail::default());
    }

    /// What an incoming leg repeats. Nothing else is answered to its INVITE after a 200.
    fn keep_response(&mut self, id: LegId, status: u16, bytes: Vec<u8>) {
        if let Some(Side::Incoming { invite, response, .. }) = self.legs.get_mut(&id).map(|leg| &mut leg.side) {
            *response = Some((status, bytes));
            if status >= 200 {
                *invite = None;
            }
        }
    }

    fn invite(&mut self, now: Duration, id: LegId, call: Call) {
        // The same command twice is one call; an id with the top bit would collide with an incoming one.
        if self.legs.contains_key(&id) || self.forks.contains_key(&id) {
            return;
        }
        let fail = |status, by| Event::Failed { leg: id, status, retry_after: None, by };
        if id.is_incoming() {
            return self.tell(fail(400, FailedBy::Nobody));
        }
        if self.legs.len() >= self.settings.legs_max {
            return self.tell(fail(503, FailedBy::Us));
        }
        match self.routes(now, &call.target) {
            Ok(routes) => self.fork(now, id, call, routes),
            Err(status) => self.tell(fail(status, FailedBy::Nobody)),
        }
    }

    /// Begins the leg of one INVITE, which is to be sent when what ends it after a restart is told.
    pub(super) fn call(&mut self, now: Duration, id: LegId, call: &Call, route: Route) -> Outgoing {
        let Route { uri, hop, path, instance, is_bound } = route;
        let mut from = match call.from_user.as_str() {
            ANONYMOUS => nobody(),
            user => NameAddr::new(Uri::sip(Some(user), self.listeners.host(&hop.flow), None)),
        };
        from.display = call.from_display.clone().filter(|display| !display.is_empty()).or(from.display);
        from.params.set("tag", &self.tokens.tag());
        let fields = Fields {
            via: self.via(&hop.flow),
            from,
            to: NameAddr::new(uri.for_request_line()),
            call_id: self.tokens.call_id(),
            cseq: 1,
            cseq_method: Method::Invite,
        };
        let (request_uri, routes) = routed(uri.for_request_line(), &path);
        let request = routes
            .into_iter()
            .fold(Request::new(Method::Invite, request_uri, fields), |request, route| {
                request.with("Route", route.to_string())
            })
            .with("Contact", self.own_contact(&hop.flow, &call.from_user))
            .with("Allow", super::ALLOW)
            .with_sdp(call.sdp.clone());
        let invite = self.outgoing(request, hop);
        let dialog = Dialog::calling(&invite.request.fields, uri.for_request_line(), invite.flow, is_bound);
        let session = Session::new(now, &self.settings.timing, State::Calling);
        let side = Side::Outgoing { invite: ClientKey::of_request(&invite.request), ack: None };
        let prover = match &call.target {
            Target::Trunk { name, .. } => self.prover_of(name),
            Target::Registered(_) | Target::Uri { .. } => None,
        };
        let leg = Leg::new(session, dialog, side, call.from_user.clone());
        self.add_leg(id, Leg { instance, prover, ..leg });
        invite
    }

    /// Ends a dialog of an earlier boot.
    fn end(&mut self, now: Duration, facts: Facts) {
        let Facts { leg: id, mut dialogs } = facts;
        if self.legs.contains_key(&id) || self.forks.contains_key(&id) {
            return self.hang_up(now, id);
        }
        match (dialogs.pop(), dialogs.is_empty()) {
            (None, _) => {
                self.tell(Event::Failed { leg: id, status: 487, retry_after: None, by: FailedBy::Nobody });
            }
            (Some(known), true) => {
                self.resume(now, id, known);
                self.hang_up(now, id);
            }
            (Some(known), false) => {
                dialogs.push(known);
                self.fork_resumed(now, id, dialogs);
            }
        }
    }

    /// A leg with a dialog of an earlier boot.
    pub(super) fn resume(&mut self, now: Duration, id: LegId, known: Known) {
        let Known { mut dialog, stage } = known;
        // No connection outlived the restart.
        if dialog.flow.transport.is_reliable() {
            dialog.lose(&dialog.flow.clone());
        }
        let timing = self.settings.timing;
        let user = dialog.local.uri.user();
        let resumed = |state, side, dialog| Leg::new(Session::new(now, &timing, state), dialog, side, user.clone());
        let leg = match stage {
            Stage::Answered => resumed(State::Answered, Side::Resumed, dialog),
            Stage::Accepted => resumed(State::Confirmed, Side::Resumed, dialog),
            Stage::Inviting { branch } => {
                // The INVITE itself, as far as its CANCEL and the ACK to its failure need it.
                let fields = Fields {
                    via: self.via_with(&dialog.flow, branch),
                    from: dialog.local.clone(),
                    to: dialog.remote.clone(),
                    call_id: dialog.call_id.clone(),
                    cseq: dialog.invite_cseq,
                    cseq_method: Method::Invite,
                };
                let request = Request::new(Method::Invite, dialog.remote_target.for_request_line(), fields);
                let key = ClientKey::of_request(&request);
                self.clients.insert(key, Client::resumed(Purpose::Invite(id), request, dialog.flow));
                resumed(State::Early, Side::Outgoing { invite: key, ack: None }, dialog)
            }
        };
        self.add_leg(id, leg);
    }
}

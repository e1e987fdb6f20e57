//! Responses to our requests.
//! Never trusts one that no transaction waits for, except a 200 to an INVITE, which must be ended or would ring on.

use std::time::Duration;

use super::flows::Hop;
use super::leg::{Detail, Side};
use super::{Answer, Purpose, STRAYS_MAX, UserAgent, Wake};
use crate::contract::{Event, FailedBy, LegId, RegistrationState};
use crate::dialog::Dialog;
use crate::message::{Method, Request, Response};
use crate::registration::{Backoff, Outcome, seconds};
use crate::session::{Happening, State};
use crate::transaction::client;
use crate::transaction::key::ClientKey;
use crate::transport::Flow;
use crate::wire::Raw;

impl UserAgent {
    pub(super) fn on_response(&mut self, now: Duration, status: u16, reason: String, raw: Raw, flow: Flow) {
        // RFC 3261 §18.1.2 and §8.1.3.3: a response with a fault, or with another's hop in it, is dropped.
        if raw.flaw.is_some() || raw.headers.all("Via").count() != 1 {
            return;
        }
        let Ok(response) = Response::from_raw(status, reason, raw) else { return };
        if !self.listeners.wrote(&response.fields.via) {
            return;
        }
        let key = ClientKey::of_response(&response).filter(|key| self.clients.get(*key).is_some());
        let is_success = (200..300).contains(&status);
        if let Some(key) = key {
            let happening = match status {
                0..200 => client::Happening::Provisional,
                200..300 => client::Happening::Success,
                _ => client::Happening::Failure,
            };
            self.client_on(now, key, happening, Some((&response, flow)));
        } else if is_success && response.fields.cseq_method == Method::Invite {
            self.end_stray(now, &response, flow);
        }
    }

    /// A transaction passes up a response, or that none will come; with the first final one the request.
    pub(super) fn on_answer(&mut self, now: Duration, purpose: &Purpose, sent: Option<&Request>, answer: Answer) {
        match purpose {
            Purpose::Invite(id) => self.on_invite_answer(now, *id, sent, answer),
            Purpose::Reinvite(id, cseq) => self.on_reinvite_answer(now, *id, *cseq, answer),
            Purpose::Bye(id) => {
                if answer.status() >= 200 && !self.prove(now, *id, sent, answer, purpose) {
                    self.drive(now, *id, Happening::ByeDone, &Detail::default());
                }
            }
            Purpose::Check(id) => self.on_check_answer(*id, answer),
            Purpose::Register(call_id) => self.on_register_answer(now, call_id, answer),
            Purpose::Probe(trunk) => self.on_probe_answer(now, trunk, answer),
            Purpose::Forgettable => {}
        }
    }

    /// Whoever answers at all is there, unless it does not know the dialog (RFC 3261 §12.2.1.2).
    fn on_check_answer(&mut self, id: LegId, answer: Answer) {
        let is_missed = match answer {
            Answer::Came(response, _) if response.status() < 200 => return,
            Answer::Came(response, _) => matches!(response.status(), 408 | 481),
            Answer::TimedOut | Answer::NotSent => true,
        };
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.session.state == State::Confirmed) else { return };
        leg.checks_missed = if is_missed { leg.checks_missed.saturating_add(1) } else { 0 };
        let missed = leg.checks_missed;
        if is_missed {
            self.tell(Event::Unresponsive { leg: id, missed });
        }
    }

    fn on_invite_answer(&mut self, now: Duration, id: LegId, sent: Option<&Request>, answer: Answer) {
        let is_success = (200..300).contains(&answer.status());
        let id = if is_success { self.win(now, id) } else { id };
        let Answer::Came(response, flow) = answer else {
            return self.drive(now, id, Happening::Unanswered, &Detail::status(answer.status()));
        };
        if self.prove(now, id, sent, answer, &Purpose::Invite(id)) {
            return;
        }
        let retry_after = response.header("Retry-After").and_then(seconds);
        let (status, sdp) = (response.status(), response.sdp());
        let detail = Detail { status, reason: String::new(), sdp, retry_after, by: FailedBy::Peer };
        match response.status() {
            0..200 => self.drive(now, id, Happening::Provisional, &detail),
            200..300 => {
                let Some(leg) = self.legs.get_mut(&id) else { return self.end_stray(now, response, flow) };
                match leg.dialog.remote.tag() {
                    None => {
                        leg.dialog.learn(response);
                        leg.dialog.heard(flow, None);
                    }
                    // A proxy forked our INVITE and a second phone answered too (RFC 3261 §13.2.2.4).
                    Some(tag) if response.fields.to.tag() != Some(tag) => return self.end_stray(now, response, flow),
                    Some(_) => {}
                }
                let is_first = matches!(leg.session.state, State::Calling | State::Early);
                self.drive(now, id, Happening::Success, &detail);
                if let Some(answer) = detail.sdp.filter(|_| is_first) {
                    self.described(id, &answer);
                }
            }
            _ => self.drive(now, id, Happening::Failure, &detail),
        }
    }

    /// Ends the dialog of a 200 that belongs to no leg: ACK, and BYE the first time. Bounded, because anyone can send one.
    fn end_stray(&mut self, now: Duration, response: &Response, flow: Flow) {
        let fields = &response.fields;
        let (Some(own), Some(peer)) = (fields.from.tag(), fields.to.tag()) else { return };
        let key = (fields.call_id.clone(), own.to_owned(), peer.to_owned());
        if let Some((ack, way)) = self.strays.get(&key).cloned() {
            return self.send(ack, way);
        }
        let Some(mut dialog) = Dialog::stray(response, flow).filter(|_| self.strays.len() < STRAYS_MAX) else {
            return;
        };
        let way = self.next_hop(&dialog).flow;
        let via = self.via(&way);
        let ack = dialog.ack(dialog.invite_cseq, via).bytes();
        self.send(ack.clone(), way);
        let via = self.via(&way);
        let bye = dialog.request(Method::Bye, via);
        self.start_client(now, bye, Hop::only(way), Purpose::Forgettable);
        self.strays.insert(key.clone(), (ack, way));
        self.wakes.set(Wake::Stray(key), Some(now + self.settings.timing.transaction_max()));
    }

    fn on_register_answer(&mut self, now: Duration, call_id: &str, answer: Answer) {
        let answer = match answer {
            Answer::Came(response, _) if response.status() < 200 => return,
            Answer::Came(response, _) => Ok(response),
            Answer::TimedOut | Answer::NotSent => Err(answer.status()),
        };
        let backoff = Backoff { timing: &self.settings.timing.clone(), chance: self.tokens.dice() };
        let Some(registration) = self.registrations.get_mut(call_id) else { return };
        let outcome = registration.on(now, backoff, answer);
        let state = match outcome {
            Outcome::Again => return self.send_register(now, call_id),
            Outcome::Registered { expires } => RegistrationState::Registered { expires },
            Outcome::Refused { status } => RegistrationState::Refused { status },
            Outcome::Unregistered => RegistrationState::Unregistered,
        };
        self.wake_registration(call_id);
        self.tell_registration(call_id, state);
    }

    /// A peer asks for a password: whether the request goes out again, now with one (RFC 3261 §22.2).
    fn prove(&mut self, now: Duration, id: LegId, sent: Option<&Request>, answer: Answer, purpose: &Purpose) -> bool {
        let (Some(sent), Answer::Came(response, _)) = (sent, answer) else { return false };
        let Some(leg) = self.legs.get_mut(&id).filter(|_| matches!(response.status(), 401 | 407)) else { return false };
        let is_invite = sent.method() == Method::Invite;
        // Whoever has given up meanwhile asks no more.
        if is_invite && !matches!(leg.session.state, State::Calling | State::Early) {
            return false;
        }
        let (by_server, by_proxy) = (response.all("WWW-Authenticate"), response.all("Proxy-Authenticate"));
        let Some(prover) = leg.prover.as_mut() else { return false };
        if !prover.challenged(by_server, by_proxy) {
            return false;
        }
        let Some((name, value)) = prover.header(&sent.method().to_string(), &sent.uri.to_string(), &self.tokens.tag())
        else {
            return false;
        };
        leg.dialog.local_cseq += 1;
        let cseq = leg.dialog.local_cseq;
        let hop = if is_invite { Hop::only(leg.dialog.flow) } else { self.next_hop(&self.legs[&id].dialog) };
        let request = sent.again(self.via(&hop.flow), cseq).with(name, value.clone());
        if is_invite && let Some(leg) = self.legs.get_mut(&id) {
            leg.dialog.invite_cseq = cseq;
            // The ACK to a 2xx repeats them (RFC 3261 §22.1).
            leg.credentials = Some((name, value));
            if let Side::Outgoing { invite, .. } = &mut leg.side {
                *invite = ClientKey::of_request(&request);
            }
            self.tell_facts(id);
        }
        self.start_client(now, request, hop, purpose.clone());
        true
    }
}

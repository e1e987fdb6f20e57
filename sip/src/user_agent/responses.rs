//! Responses to our requests.
//! Never trusts one that no transaction waits for, except a 200 to an INVITE, which must be ended or would ring on.

use std::time::Duration;

use super::leg::Detail;
use super::{Answer, Purpose, STRAYS_MAX, UserAgent, Wake};
use crate::contract::{Event, LegId, RegistrationState};
use crate::dialog::Dialog;
use crate::message::{Method, Request, Response};
use crate::registration::Outcome;
use crate::session::{Happening, State};
use crate::transaction::client;
use crate::transaction::key::ClientKey;
use crate::transport::Flow;
use crate::wire::Raw;

impl UserAgent {
    pub(super) fn on_response(&mut self, now: Duration, status: u16, reason: String, raw: Raw, flow: Flow) {
        // RFC 3261 §18.1.2 and §8.1.3.3: a response with a fault, or with another's hop in it, is dropped.
        if raw.flaw.is_some() || raw.headers.iter().filter(|(name, _)| name == "Via").count() != 1 {
            return;
        }
        let Ok(response) = Response::from_raw(status, reason, raw) else { return };
        if !self.listeners.wrote(&response.fields.via) {
            return;
        }
        let key = ClientKey::of_response(&response);
        let is_success = (200..300).contains(&status);
        if self.clients.contains_key(&key) {
            let happening = match status {
                0..200 => client::Happening::Provisional,
                200..300 => client::Happening::Success,
                _ => client::Happening::Failure,
            };
            self.client_on(now, &key, happening, Some((&response, flow)));
        } else if is_success && response.fields.cseq_method == Method::Invite.to_string() {
            self.end_stray(now, &response, flow);
        }
    }

    /// A transaction passes up a response, or that none will come.
    pub(super) fn on_answer(&mut self, now: Duration, purpose: &Purpose, request: &Request, answer: Answer) {
        match purpose {
            Purpose::Invite(id) => self.on_invite_answer(now, *id, answer),
            Purpose::Reinvite(id) => self.on_reinvite_answer(now, *id, request, answer),
            Purpose::Bye(id) => {
                if answer.status() >= 200 {
                    self.drive(now, *id, Happening::ByeDone, &Detail::default());
                }
            }
            Purpose::Register(user) => self.on_register_answer(now, user, request, answer),
            Purpose::Forgettable => {}
        }
    }

    fn on_invite_answer(&mut self, now: Duration, id: LegId, answer: Answer) {
        let is_success = (200..300).contains(&answer.status());
        let id = if is_success { self.win(now, id) } else { id };
        let Answer::Came(response, flow) = answer else {
            return self.drive(now, id, Happening::Unanswered, &Detail::status(answer.status()));
        };
        let retry_after = response.header("Retry-After").and_then(|text| {
            let digits: String = text.trim().chars().take_while(char::is_ascii_digit).take(9).collect();
            digits.parse().ok().map(Duration::from_secs)
        });
        let detail = Detail { status: response.status(), reason: String::new(), sdp: response.sdp(), retry_after };
        match response.status() {
            0..200 => self.drive(now, id, Happening::Provisional, &detail),
            200..300 => {
                let Some(leg) = self.legs.get_mut(&id) else { return self.end_stray(now, response, flow) };
                match leg.dialog.remote.tag() {
                    None => {
                        leg.dialog.learn(response);
                        leg.dialog.flow = flow;
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
        let way = self.next_hop(&dialog);
        let via = self.via(&way);
        let ack = dialog.ack(dialog.invite_cseq, via).bytes();
        self.send(ack.clone(), way);
        let via = self.via(&way);
        let bye = dialog.request(Method::Bye, via);
        self.start_client(now, bye, way, Purpose::Forgettable);
        self.strays.insert(key.clone(), (ack, way));
        self.wakes.set(Wake::Stray(key), Some(now + self.settings.timing.transaction_max()));
    }

    fn on_register_answer(&mut self, now: Duration, user: &str, request: &Request, answer: Answer) {
        let response = match answer {
            Answer::Came(response, _) if response.status() < 200 => return,
            Answer::Came(response, _) => Some(response),
            Answer::TimedOut | Answer::NotSent => None,
        };
        let cnonce = self.tokens.tag();
        let timing = self.settings.timing;
        let Some(registration) = self.registrations.get_mut(user) else { return };
        let outcome = registration.on(now, &timing, request, response, &cnonce);
        let due_at = registration.due_at;
        self.wakes.set(Wake::Registration(user.to_owned()), due_at);
        let state = match outcome {
            Outcome::Challenged => return self.send_register(now, user),
            Outcome::Registered { expires } => RegistrationState::Registered { expires },
            Outcome::Refused { status } => RegistrationState::Refused { status },
            Outcome::Unregistered => {
                self.registrations.remove(user);
                RegistrationState::Unregistered
            }
        };
        self.tell(Event::RegistrationState { user: user.to_owned(), state });
    }
}

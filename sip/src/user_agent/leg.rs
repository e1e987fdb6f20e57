//! A leg, and the carrying out of what its session's table says.
//! Never chooses the next state; `session::step` does.

use std::net::SocketAddr;
use std::time::Duration;

use super::flows::Hop;
use super::media::Described;
use super::reoffer::Change;
use super::requests::RETRY_AFTER_SECONDS;
use super::{Purpose, UserAgent, Wake};
use crate::auth::Prover;
use crate::contract::{EndedBy, Event, Facts, FailedBy, Known, LegId, Stage};
use crate::dialog::{CallerKey, Dialog};
use crate::message::{Method, Request, Response, reason_of};
use crate::session::{Action, Ended, Happening, Session, State};
use crate::transaction::client::Client;
use crate::transaction::key::{ClientKey, ServerKey};
use crate::transaction::server;
use crate::transport::Flow;

/// One INVITE dialog of ours, or the attempt at one.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub(super) session: Session,
    pub(super) dialog: Dialog,
    pub(super) side: Side,
    /// The change of the session that is going on.
    pub(super) change: Change,
    /// An offer of ours that waits until nothing else is going on.
    pub(super) wish: Option<Vec<u8>>,
    /// Our ACK to the last re-INVITE of ours that was answered, by its number, to be repeated with each 2xx.
    pub(super) last_ack: Option<(u32, Vec<u8>, Flow)>,
    /// What the peer described.
    pub(super) described: Described,
    /// The user part of our Contact.
    pub(super) user: String,
    /// Which phone it is (RFC 5626 §4.1), if that is known.
    pub(super) instance: Option<String>,
    /// The application's leg of which this is one phone's.
    pub(super) branch_of: Option<LegId>,
    /// What its CANCEL or BYE says about why it is ended (RFC 3326).
    pub(super) reason: Option<String>,
    /// As whom the peer's challenges are answered.
    pub(super) prover: Option<Prover>,
    /// The credentials of the INVITE that went out last.
    pub(super) credentials: Option<(&'static str, String)>,
    /// How often in a row the peer did not say that it is still there.
    pub(super) checks_missed: u32,
}

/// Who called whom.
#[derive(Debug, Clone)]
pub(super) enum Side {
    /// We called.
    Outgoing {
        /// The INVITE's transaction.
        invite: ClientKey,
        /// Our ACK, to be repeated with each 200.
        ack: Option<(Vec<u8>, Flow)>,
    },
    /// The peer called.
    Incoming {
        /// Its INVITE, until the answer to it is written.
        invite: Option<Box<Request>>,
        /// How the caller names the call.
        caller: CallerKey,
        /// The INVITE's transaction.
        key: ServerKey,
        /// The last provisional response above 100, or the 200 until it is acknowledged; with its status.
        response: Option<(u16, Vec<u8>)>,
        /// The way responses go.
        flow: Flow,
        /// Where a connection for them is made if that of the INVITE is gone.
        fallback: SocketAddr,
        /// The INVITE had no offer, so that our 200 has it and the ACK the answer.
        offer_is_ours: bool,
    },
    /// The dialog of an earlier boot, only to be ended.
    Resumed,
}

impl Leg {
    pub(super) fn new(session: Session, dialog: Dialog, side: Side, user: String) -> Leg {
        let described = Described::default();
        Leg {
            session,
            dialog,
            side,
            change: Change::Idle,
            wish: None,
            last_ack: None,
            described,
            user,
            instance: None,
            branch_of: None,
            reason: None,
            prover: None,
            credentials: None,
            checks_missed: 0,
        }
    }

    /// Our tag.
    pub(super) fn tag(&self) -> &str {
        self.dialog.local.tag().unwrap_or("")
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        [self.session.deadline(), self.change.deadline()].into_iter().flatten().min()
    }

    /// What ends it after a restart.
    pub(super) fn known(&self) -> Known {
        let stage = match &self.side {
            Side::Outgoing { invite, .. } if self.is_unanswered() => Stage::Inviting { branch: invite.branch() },
            Side::Outgoing { .. } => Stage::Answered,
            Side::Incoming { .. } | Side::Resumed => Stage::Accepted,
        };
        Known { dialog: self.dialog.clone(), stage }
    }

    fn is_unanswered(&self) -> bool {
        match self.session.state {
            State::Calling | State::Early | State::Abandoned | State::Cancelling => true,
            State::Answered | State::Offered | State::Accepted | State::Closing => false,
            State::Confirmed | State::Ending | State::Over => false,
        }
    }
}

/// What comes with a happening and may stand in the event about it.
#[derive(Debug, Clone, Default)]
pub(super) struct Detail {
    pub(super) status: u16,
    pub(super) reason: String,
    pub(super) sdp: Option<Vec<u8>>,
    pub(super) retry_after: Option<Duration>,
    /// Whose word a failure is.
    pub(super) by: FailedBy,
}

impl Detail {
    pub(super) fn status(status: u16) -> Detail {
        Detail { status, reason: reason_of(status).to_owned(), ..Detail::default() }
    }
}

/// Says why the leg is ended, if the peer is to know.
fn with_reason(request: Request, leg: &Leg) -> Request {
    match &leg.reason {
        Some(reason) => request.with("Reason", reason.clone()),
        None => request,
    }
}

impl UserAgent {
    /// Puts a new leg into the tables.
    pub(super) fn add_leg(&mut self, id: LegId, leg: Leg) {
        self.dialogs.insert(leg.dialog.key(&self.keys), id);
        if let Side::Incoming { caller, .. } = &leg.side {
            self.callers.insert(*caller, id);
        }
        self.wakes.set(Wake::Leg(id), leg.deadline());
        self.legs.insert(id, Box::new(leg));
    }

    /// Something happened to a leg: walks its table and does what that says.
    pub(super) fn drive(&mut self, now: Duration, id: LegId, happening: Happening, detail: &Detail) {
        let Some(mut leg) = self.legs.remove(&id) else { return };
        for action in leg.session.on(now, &self.settings.timing, happening) {
            self.act(now, id, &mut leg, *action, detail);
        }
        self.settle(now, id, leg);
    }

    /// Puts a leg back, or forgets it if it is over.
    fn settle(&mut self, now: Duration, id: LegId, mut leg: Box<Leg>) {
        if leg.session.state != State::Over {
            self.wakes.set(Wake::Leg(id), leg.deadline());
            self.legs.insert(id, leg);
            return;
        }
        self.drop_change(now, &mut leg, true);
        self.wakes.set(Wake::Leg(id), None);
        self.dialogs.remove(&leg.dialog.key(&self.keys));
        match &leg.side {
            // An INVITE without a final answer waits without a clock of its own. A later 200 will be a stray.
            Side::Outgoing { invite, .. } => self.forget_unanswered(*invite),
            Side::Incoming { caller, .. } => {
                if self.callers.get(caller) == Some(&id) {
                    self.callers.remove(caller);
                }
            }
            Side::Resumed => {}
        }
    }

    fn act(&mut self, now: Duration, id: LegId, leg: &mut Leg, action: Action, detail: &Detail) {
        if let Some(call) = leg.branch_of {
            self.on_branch(now, call, id, action, detail);
        }
        let is_told = leg.branch_of.is_none();
        match action {
            Action::SendCancel => self.send_cancel(now, leg),
            Action::SendAck => self.send_ack(leg),
            Action::SendBye => {
                self.drop_change(now, leg, false);
                let hop = self.next_hop(&leg.dialog);
                let via = self.via(&hop.flow);
                let mut bye = with_reason(leg.dialog.request(Method::Bye, via), leg);
                let proof = leg.prover.as_mut();
                let proof = proof.and_then(|own| own.header("BYE", &bye.uri.to_string(), &self.tokens.tag()));
                if let Some((name, value)) = proof {
                    bye = bye.with(name, value);
                }
                self.start_client(now, bye, hop, Purpose::Bye(id));
            }
            Action::SendOptions => {
                let hop = self.next_hop(&leg.dialog);
                let via = self.via(&hop.flow);
                let options = leg.dialog.request(Method::Options, via);
                self.start_client(now, options, hop, Purpose::Check(id));
            }
            Action::SendOk | Action::SendProvisional => self.send_response(now, leg),
            Action::SendRefusal => self.refuse(now, leg, detail.status, &detail.reason),
            Action::SendTerminated => self.refuse(now, leg, 487, reason_of(487)),
            // Told of the whole call, above.
            Action::TellRinging | Action::TellAnswered | Action::TellConfirmed if !is_told => {}
            Action::TellCancelled | Action::TellFailed | Action::TellEnded(_) | Action::TellFacts if !is_told => {}
            // 100 only says that the INVITE arrived.
            Action::TellRinging if detail.status == 100 => {}
            Action::TellRinging => {
                self.tell(Event::Ringing { leg: id, status: detail.status, sdp: detail.sdp.clone() });
            }
            Action::TellAnswered => {
                self.tell(Event::Answered { leg: id, sdp: detail.sdp.clone().unwrap_or_default() });
            }
            Action::TellConfirmed => {
                let awaited = matches!(&leg.side, Side::Incoming { offer_is_ours: true, .. });
                self.tell(Event::Confirmed { leg: id, sdp: detail.sdp.clone().filter(|_| awaited) });
                if let Side::Incoming { response, .. } = &mut leg.side {
                    *response = None;
                }
            }
            Action::TellCancelled => self.tell(Event::Cancelled { leg: id }),
            Action::TellFailed => {
                let status = if detail.status < 300 { 487 } else { detail.status };
                let (retry_after, by) = (detail.retry_after, detail.by);
                self.tell(Event::Failed { leg: id, status, retry_after, by });
            }
            Action::TellEnded(by) => {
                let by = match by {
                    Ended::Local => EndedBy::Local,
                    Ended::Remote => EndedBy::Remote,
                    Ended::Timeout => EndedBy::Timeout,
                };
                self.tell(Event::Ended { leg: id, by });
            }
            Action::TellFacts => self.tell(Event::Facts(self.facts(id, leg))),
        }
    }

    /// What is known of a running dialog has changed.
    pub(super) fn tell_facts(&mut self, id: LegId) {
        if let Some(leg) = self.legs.get(&id).filter(|leg| leg.branch_of.is_none()) {
            self.tell(Event::Facts(self.facts(id, leg)));
        }
    }

    pub(super) fn hang_up(&mut self, now: Duration, id: LegId) {
        if self.give_up(now, id) {
            return;
        }
        self.drive(now, id, Happening::HangUp, &Detail::status(480));
    }

    fn send_cancel(&mut self, now: Duration, leg: &Leg) {
        let Side::Outgoing { invite, .. } = &leg.side else { return };
        let Some(asked) = self.clients.get(*invite).and_then(Client::asked) else { return };
        let (cancel, flow) = (with_reason(asked.cancel(), leg), asked.flow);
        self.start_client(now, cancel, Hop::only(flow), Purpose::Forgettable);
    }

    /// Sends the ACK to a 200, the same one each time (RFC 3261 §13.2.2.4).
    fn send_ack(&mut self, leg: &mut Leg) {
        let known = match &leg.side {
            Side::Outgoing { ack, .. } => ack.clone(),
            Side::Incoming { .. } | Side::Resumed => None,
        };
        let (bytes, flow) = match known {
            Some(known) => known,
            None => {
                let flow = self.next_hop(&leg.dialog).flow;
                let via = self.via(&flow);
                let ack = leg.dialog.ack(leg.dialog.invite_cseq, via);
                let ack = match &leg.credentials {
                    Some((name, value)) => ack.with(name, value.clone()),
                    None => ack,
                };
                (ack.bytes(), flow)
            }
        };
        if let Side::Outgoing { ack, .. } = &mut leg.side {
            *ack = Some((bytes.clone(), flow));
        }
        self.send(bytes, flow);
    }

    /// Sends the response an incoming leg has, first or again.
    fn send_response(&mut self, now: Duration, leg: &Leg) {
        let Side::Incoming { key, response: Some((status, bytes)), flow, .. } = &leg.side else { return };
        match self.servers.get(*key).map(|server| server.state) {
            Some(server::State::Proceeding) => self.answer_with(now, *key, *status, bytes.clone()),
            // The transaction leaves the repetition of a 200 to us, and may be gone before the ACK comes (RFC 6026).
            Some(server::State::Accepted) | None => self.send(bytes.clone(), *flow),
            Some(server::State::Completed | server::State::Confirmed | server::State::Terminated) => {}
        }
    }

    fn refuse(&mut self, now: Duration, leg: &Leg, status: u16, reason: &str) {
        let Side::Incoming { invite: Some(invite), key, .. } = &leg.side else { return };
        let status = if (300..700).contains(&status) { status } else { 480 };
        let reason = if reason.is_empty() { reason_of(status) } else { reason };
        let tag = leg.dialog.local.tag().unwrap_or("").to_owned();
        let mut response = self.response(invite, status, reason, &tag);
        if status == 503 {
            // RFC 3261 §21.5.4: without it a caller would not know that it may come again.
            response = response.with("Retry-After", RETRY_AFTER_SECONDS);
        }
        self.respond(now, *key, &response);
    }

    /// What ends a leg after a restart, and what is left of the other phones that rang.
    pub(super) fn facts(&self, id: LegId, leg: &Leg) -> Facts {
        let mut dialogs = vec![leg.known()];
        dialogs.extend(self.known_of_branches(id));
        Facts { leg: id, dialogs }
    }

    pub(super) fn on_leg_due(&mut self, now: Duration, id: LegId) {
        let due = self.legs.get(&id).and_then(|leg| Some((leg.session.due(now)?, leg.session.state)));
        if let Some((happening, state)) = due {
            // A caller who waited too long is told so; our own call just had no answer.
            let status = if state == State::Offered { 480 } else { 408 };
            self.drive(now, id, happening, &Detail::status(status));
        }
        self.on_change_due(now, id);
        if let Some(leg) = self.legs.get(&id) {
            self.wakes.set(Wake::Leg(id), leg.deadline());
        }
    }

    /// A 200 as dialogs need it: with our Contact, what we allow, and the recorded route.
    pub(super) fn ok_with_contact(&self, request: &Request, leg: &Leg) -> Response {
        self.response(request, 200, reason_of(200), leg.tag())
            .with_record_route_of(request)
            .with("Contact", self.own_contact(&leg.dialog.flow, &leg.user))
            .with("Allow", super::ALLOW)
    }
}

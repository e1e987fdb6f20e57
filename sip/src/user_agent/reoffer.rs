//! Changes of a running session: the carrying out of what `renegotiation`'s table says.
//! Never chooses the next state, and never writes a description; the table and the application do.

use std::time::Duration;

use super::flows;
use super::leg::Leg;
use super::requests::RETRY_AFTER_SECONDS;
use super::{ALLOW, Answer, Purpose, UserAgent, Wake};
use crate::body::ACCEPT;
use crate::contract::{Event, LegId};
use crate::message::{Method, Request, reason_of};
use crate::renegotiation::{self, Action, Happening, State};
use crate::session;
use crate::transaction::key::{ClientKey, ServerKey};
use crate::transaction::server::Server;
use crate::transport::Flow;

/// The change that is going on, one at a time (RFC 3261 §14.1, §14.2).
#[derive(Debug, Clone)]
pub(super) enum Change {
    Idle,
    /// The peer's offer waits for the application.
    Offered {
        request: Box<Request>,
        limit: Duration,
    },
    /// Our 200 to the peer's re-INVITE is repeated until the ACK.
    Answered {
        request: Box<Request>,
        ok: Vec<u8>,
        flow: Flow,
        resend: (Duration, Duration),
        limit: Duration,
    },
    /// Our re-INVITE is out.
    Offering {
        invite: ClientKey,
        offer: Vec<u8>,
        limit: Duration,
    },
    /// Our offer met the peer's and waits in the leg's `wish`.
    Backoff {
        limit: Duration,
    },
}

impl Change {
    fn state(&self) -> State {
        match self {
            Change::Idle => State::Idle,
            Change::Offered { .. } => State::Offered,
            Change::Answered { .. } => State::Answered,
            Change::Offering { .. } => State::Offering,
            Change::Backoff { .. } => State::Backoff,
        }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        match self {
            Change::Idle => None,
            Change::Offered { limit, .. } | Change::Offering { limit, .. } | Change::Backoff { limit } => Some(*limit),
            Change::Answered { resend, limit, .. } => Some(resend.0.min(*limit)),
        }
    }

    /// What is due.
    fn due(&self, now: Duration) -> Option<Happening> {
        match self {
            Change::Idle => None,
            Change::Answered { limit, resend, .. } if *limit > now => (resend.0 <= now).then_some(Happening::Resend),
            Change::Offered { limit, .. }
            | Change::Answered { limit, .. }
            | Change::Offering { limit, .. }
            | Change::Backoff { limit } => (*limit <= now).then_some(Happening::Limit),
        }
    }
}

/// What comes with a happening.
#[derive(Debug, Clone, Default)]
struct News {
    /// The peer's request, for which a transaction was begun.
    request: Option<Box<Request>>,
    /// The status of the peer's failure, or of the one that the application chose.
    status: u16,
    /// The number of our re-INVITE that was answered.
    cseq: u32,
    /// The description that comes with it: the peer's, or our answer.
    sdp: Option<Vec<u8>>,
}

impl UserAgent {
    /// The application wants the session changed.
    pub(super) fn wish(&mut self, now: Duration, id: LegId, offer: Vec<u8>) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if leg.session.state != session::State::Confirmed {
            return self.tell(Event::ReofferFailed { leg: id, status: 491 });
        }
        leg.wish = Some(offer);
        self.renegotiate(now, id, Happening::Wish, News { status: 491, ..News::default() });
    }

    /// A re-INVITE (RFC 3261 §14.2) or an UPDATE (RFC 3311 §5.2).
    pub(super) fn on_reoffer(&mut self, now: Duration, id: LegId, request: Request, flow: Flow) {
        use session::State;
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let is_refresh = request.method() == Method::Update && request.body().is_empty();
        let refusal = match leg.session.state {
            State::Confirmed => None,
            // An UPDATE without an offer only refreshes the Contact.
            State::Accepted | State::Offered if is_refresh => None,
            // Our own offer, or our 200, is not settled yet.
            State::Offered | State::Accepted | State::Answered | State::Early => Some(491),
            State::Calling | State::Abandoned | State::Cancelling => Some(491),
            State::Closing | State::Ending | State::Over => Some(481),
        };
        let refusal = refusal.or((!request.body().is_empty() && request.sdp().is_none()).then_some(415));
        match refusal {
            Some(415) => return self.answer_within(now, id, &request, flow, 415, &[("Accept", ACCEPT)]),
            Some(status) => return self.answer_within(now, id, &request, flow, status, &[]),
            None => {}
        }
        // Both are target refresh requests (RFC 3261 §12.2.2, RFC 3311 §5.2).
        if let Some(contact) = request.contact()
            && contact != leg.dialog.remote_target
        {
            leg.dialog.remote_target = contact;
            self.tell_facts(id);
        }
        if is_refresh {
            return self.answer_within(now, id, &request, flow, 200, &[]);
        }
        if self.start_server(&request, flow).is_none() {
            return self.reply(&request, flow, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        }
        let news = News { sdp: request.sdp(), request: Some(Box::new(request)), ..News::default() };
        self.renegotiate(now, id, Happening::PeerOffer, news);
    }

    /// The application answers the peer's offer with a description, or with a failure.
    pub(super) fn answer_reoffer(&mut self, now: Duration, id: LegId, answer: Result<Vec<u8>, u16>) {
        let Some(Change::Offered { request, .. }) = self.legs.get(&id).map(|leg| &leg.change) else { return };
        let answers =
            if request.method() == Method::Invite { Happening::AnswerInvite } else { Happening::AnswerUpdate };
        match answer {
            Ok(sdp) => self.renegotiate(now, id, answers, News { sdp: Some(sdp), ..News::default() }),
            Err(status) => self.renegotiate(now, id, Happening::Refuse, News { status, ..News::default() }),
        }
    }

    /// Whether an ACK belongs to our 200 to a re-INVITE; then it is dealt with.
    pub(super) fn on_reinvite_ack(&mut self, now: Duration, id: LegId, ack: &Request) -> bool {
        let change = self.legs.get(&id).map(|leg| &leg.change);
        let Some(Change::Answered { request, .. }) = change else { return false };
        if request.fields.cseq != ack.fields.cseq {
            return false;
        }
        // Only an ACK to an offer of ours has something to say.
        let sdp = ack.sdp().filter(|_| request.sdp().is_none());
        self.renegotiate(now, id, Happening::PeerAck, News { sdp, ..News::default() });
        true
    }

    /// What became of our re-INVITE (RFC 3261 §14.1).
    pub(super) fn on_reinvite_answer(&mut self, now: Duration, id: LegId, cseq: u32, answer: Answer) {
        let (status, sdp) = match answer {
            Answer::Came(response, _) => (response.status(), response.sdp()),
            Answer::TimedOut | Answer::NotSent => (answer.status(), None),
        };
        let happening = match status {
            0..200 => return,
            200..300 => Happening::Success,
            491 => Happening::Pending,
            // RFC 3261 §12.2.1.2: the peer knows no such dialog, or is not there.
            408 | 481 => Happening::Gone,
            _ => Happening::Failure,
        };
        if let (Answer::Came(response, _), Happening::Success, Some(leg)) = (answer, happening, self.legs.get_mut(&id))
            && let Some(contact) = response.contact()
        {
            leg.dialog.remote_target = contact;
        }
        self.renegotiate(now, id, happening, News { status, cseq, sdp, ..News::default() });
    }

    pub(super) fn on_change_due(&mut self, now: Duration, id: LegId) {
        if let Some(happening) = self.legs.get(&id).and_then(|leg| leg.change.due(now)) {
            // An offer that nobody answered in time.
            self.renegotiate(now, id, happening, News { status: 500, ..News::default() });
        }
    }

    /// The change of a leg that says goodbye is void: a waiting offer gets 487 (RFC 3261 §15.1.2). Our own re-INVITE is
    /// answered by the peer, as long as there is one.
    pub(super) fn drop_change(&mut self, now: Duration, leg: &mut Leg, is_over: bool) {
        leg.wish = None;
        match std::mem::replace(&mut leg.change, Change::Idle) {
            Change::Offered { request, .. } => {
                let response = self.response(&request, 487, reason_of(487), leg.tag());
                self.respond(now, ServerKey::of(&self.keys, &request), &response);
            }
            Change::Offering { invite, .. } if is_over => self.forget_unanswered(invite),
            offering @ Change::Offering { .. } => leg.change = offering,
            Change::Idle | Change::Answered { .. } | Change::Backoff { .. } => {}
        }
    }

    /// Walks one row of the table, and then sends what waited for its turn.
    fn renegotiate(&mut self, now: Duration, id: LegId, happening: Happening, news: News) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let (next, actions) = renegotiation::step(leg.change.state(), happening);
        let old = if next == leg.change.state() {
            leg.change.clone()
        } else {
            std::mem::replace(&mut leg.change, Change::Idle)
        };
        if next == State::Backoff
            && let Change::Offering { offer, .. } = &old
        {
            let is_call_id_ours = matches!(leg.side, super::leg::Side::Outgoing { .. });
            leg.wish.get_or_insert_with(|| offer.clone());
            let limit = now + renegotiation::backoff(is_call_id_ours, self.tokens.dice());
            self.set_change(id, Change::Backoff { limit });
        }
        for action in actions {
            self.change(now, id, *action, &old, &news);
        }
        let Some(leg) = self.legs.get(&id) else { return };
        let is_free = matches!(leg.change, Change::Idle) && leg.session.state == session::State::Confirmed;
        self.wakes.set(Wake::Leg(id), leg.deadline());
        if is_free && leg.wish.is_some() {
            self.renegotiate(now, id, Happening::Wish, News::default());
        }
    }

    fn set_change(&mut self, id: LegId, change: Change) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.change = change;
        }
    }

    fn change(&mut self, now: Duration, id: LegId, action: Action, old: &Change, news: &News) {
        match action {
            Action::SendInvite => self.send_reinvite(now, id),
            Action::SendAck => self.send_reinvite_ack(id, news.cseq),
            Action::SendOk => self.send_reoffer_ok(now, id, old, news),
            Action::SendRefusal => {
                if let Change::Offered { request, .. } = old {
                    self.respond_within(now, id, request, news.status, &[]);
                }
            }
            Action::SendPending => {
                if let Some(request) = &news.request {
                    self.respond_within(now, id, request, 491, &[]);
                }
            }
            Action::SendBusy => {
                // RFC 3261 §14.2: a random time up to ten seconds.
                let seconds = (self.tokens.dice() % 11).to_string();
                if let Some(request) = &news.request {
                    self.respond_within(now, id, request, 500, &[("Retry-After", &seconds)]);
                }
            }
            Action::TellReoffer => {
                let Some(request) = news.request.clone() else { return };
                if request.method() == Method::Invite {
                    let trying = self.response(&request, 100, reason_of(100), "");
                    self.respond(now, ServerKey::of(&self.keys, &request), &trying);
                }
                let (limit, _) = renegotiation::clocks(State::Offered, &self.settings.timing);
                self.set_change(id, Change::Offered { request, limit: now + limit.unwrap_or_default() });
                self.tell(Event::Reoffer { leg: id, sdp: news.sdp.clone() });
            }
            Action::TellReanswered => {
                // After the peer's own offer its ACK has nothing to say.
                let Some(sdp) = news.sdp.clone() else { return };
                self.tell(Event::Reanswered { leg: id, sdp: sdp.clone() });
                self.described(id, &sdp);
            }
            Action::TellFailed => {
                if let Some(leg) = self.legs.get_mut(&id) {
                    leg.wish = None;
                }
                let status = if news.status < 300 { 491 } else { news.status };
                self.tell(Event::ReofferFailed { leg: id, status });
            }
            Action::HangUp => self.hang_up(now, id),
        }
    }

    fn send_reinvite(&mut self, now: Duration, id: LegId) {
        let Some(hop) = self.legs.get(&id).map(|leg| self.next_hop(&leg.dialog)) else { return };
        let via = self.via(&hop.flow);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let offer = leg.wish.take().unwrap_or_default();
        let (invite, user) = (leg.dialog.request(Method::Invite, via), leg.user.clone());
        let invite =
            invite.with("Contact", self.own_contact(&hop.flow, &user)).with("Allow", ALLOW).with_sdp(offer.clone());
        let (limit, _) = renegotiation::clocks(State::Offering, &self.settings.timing);
        let limit = now + limit.unwrap_or_default();
        self.set_change(id, Change::Offering { invite: ClientKey::of_request(&invite), offer, limit });
        // Whoever ends this dialog after a restart has to count on from this number.
        self.tell_facts(id);
        let cseq = invite.fields.cseq;
        self.start_client(now, invite, hop, Purpose::Reinvite(id, cseq));
    }

    /// Sends the ACK to a 2xx to our re-INVITE, the same one each time.
    fn send_reinvite_ack(&mut self, id: LegId, cseq: u32) {
        let Some(leg) = self.legs.get(&id) else { return };
        let known = leg.last_ack.clone().filter(|(last, _, _)| *last == cseq);
        let (_, bytes, flow) = match known {
            Some(known) => known,
            None => {
                let (flow, dialog) = (self.next_hop(&leg.dialog).flow, leg.dialog.clone());
                let via = self.via(&flow);
                (cseq, dialog.ack(cseq, via).bytes(), flow)
            }
        };
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.last_ack = Some((cseq, bytes.clone(), flow));
        }
        self.send(bytes, flow);
    }

    fn send_reoffer_ok(&mut self, now: Duration, id: LegId, old: &Change, news: &News) {
        let timing = self.settings.timing;
        match old {
            Change::Offered { request, .. } => {
                let Some(leg) = self.legs.get(&id) else { return };
                let ok = self.ok_with_contact(request, leg).with_sdp(news.sdp.clone().unwrap_or_default());
                let key = ServerKey::of(&self.keys, request);
                let flow = self.servers.get(key).and_then(Server::flow);
                let flow = flow.unwrap_or_else(|| flows::of_responses(request, leg.dialog.flow));
                if request.method() == Method::Invite {
                    let (limit, resend) = renegotiation::clocks(State::Answered, &timing);
                    let resend = resend.unwrap_or(timing.t1);
                    let (request, limit) = (request.clone(), now + limit.unwrap_or_default());
                    let change =
                        Change::Answered { request, ok: ok.bytes(), flow, resend: (now + resend, resend), limit };
                    self.set_change(id, change);
                }
                self.respond(now, key, &ok);
                if let Some(offer) = request.sdp() {
                    self.described(id, &offer);
                }
            }
            Change::Answered { ok, flow, .. } => {
                if let Some(Change::Answered { resend, .. }) = self.legs.get_mut(&id).map(|leg| &mut leg.change) {
                    let interval = (resend.1 * 2).min(timing.t2);
                    *resend = (now + interval, interval);
                }
                self.send(ok.clone(), *flow);
            }
            Change::Idle | Change::Offering { .. } | Change::Backoff { .. } => {}
        }
    }

    /// Answers a request within a dialog, with a transaction of its own: a repetition gets the same answer, and is not
    /// taken for an old number.
    pub(super) fn answer_within(
        &mut self,
        now: Duration,
        id: LegId,
        request: &Request,
        flow: Flow,
        status: u16,
        more: &[(&str, &str)],
    ) {
        let Some(key) = self.start_server(request, flow) else {
            return self.reply(request, flow, 503, &[("Retry-After", RETRY_AFTER_SECONDS)]);
        };
        if more.is_empty() && !matches!(request.method(), Method::Invite | Method::Update) {
            let timing = &self.settings.timing;
            self.servers.change(key, |server| server.answer_plainly(now, timing, status));
            return self.answer_anew(request, flow, status);
        }
        self.respond_within(now, id, request, status, more);
    }

    fn respond_within(&mut self, now: Duration, id: LegId, request: &Request, status: u16, more: &[(&str, &str)]) {
        let Some(leg) = self.legs.get(&id) else { return };
        let plain = match status {
            200 if request.method() == Method::Update => self.ok_with_contact(request, leg),
            _ => self.response(request, status, reason_of(status), leg.tag()),
        };
        let response = more.iter().fold(plain, |response, (name, value)| response.with(name, *value));
        self.respond(now, ServerKey::of(&self.keys, request), &response);
    }
}

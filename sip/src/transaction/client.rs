//! The client transaction: a request of ours (RFC 3261 §17.1, RFC 6026 §7.2).
//! Never decides what a response means; it repeats the request, acknowledges failures, and passes responses up.

use std::time::Duration;

use super::table::Timed;
use super::{Kind, Resend, Timer, earlier};
use crate::message::{Fields, Method, Request, Response};
use crate::timing::{Moment, Timing};
use crate::transport::Flow;

/// The states of both figures (RFC 3261 figures 5 and 6, RFC 6026 figure 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing came back yet; "Trying" for a non-INVITE.
    Calling,
    /// A provisional response came.
    Proceeding,
    /// INVITE only: a 2xx came; more of them may follow.
    Accepted,
    /// A final response came.
    Completed,
    /// Gone.
    Terminated,
}

/// What can happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    Provisional,
    Success,
    Failure,
    /// The transport cannot carry what was sent last.
    Unsent,
    Fired(Timer),
}

/// What it wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send the request again.
    Send,
    /// Acknowledge the failure.
    Ack,
    /// Pass the response up.
    Report,
    /// Tell above that nobody answered.
    TimedOut,
    /// Tell above that nobody was asked.
    NotSent,
    Start(Timer),
    Stop(Timer),
}

/// RFC 3261 §17.1.1 with RFC 6026 §8.4.
pub(crate) fn invite(state: State, happening: Happening) -> (State, &'static [Action]) {
    use {Action::*, Happening::*, State::*, Timer::*};
    match (state, happening) {
        (Calling, Fired(Resend)) => (Calling, &[Send, Start(Resend)]),
        (Calling, Fired(GiveUp)) => (Terminated, &[TimedOut]),
        (Calling, Provisional) => (Proceeding, &[Stop(Resend), Stop(GiveUp), Report]),
        (Calling, Success) => (Accepted, &[Stop(Resend), Stop(GiveUp), Start(Linger), Report]),
        (Calling, Failure) => (Completed, &[Stop(Resend), Stop(GiveUp), Start(Linger), Ack, Report]),
        (Proceeding, Provisional) => (Proceeding, &[Report]),
        (Proceeding, Success) => (Accepted, &[Start(Linger), Report]),
        (Proceeding, Failure) => (Completed, &[Start(Linger), Ack, Report]),
        (Accepted, Success) => (Accepted, &[Report]),
        (Completed, Failure) => (Completed, &[Ack]),
        (Accepted | Completed, Fired(Linger)) => (Terminated, &[]),
        (Calling, Unsent) => (Terminated, &[NotSent]),
        // The ACK did not go out: there is nobody left to acknowledge to.
        (Completed, Unsent) => (Terminated, &[]),
        // The request arrived, so that its answer will find another way (RFC 3261 §18.2.2).
        (Proceeding | Accepted, Unsent) => (state, &[]),
        // A response that cannot follow what came before.
        (Accepted, Provisional | Failure) | (Completed, Provisional | Success) => (state, &[]),
        // Timers that don't run in this state.
        (Calling, Fired(Linger)) => (state, &[]),
        (Proceeding, Fired(Resend | GiveUp | Linger)) => (state, &[]),
        (Accepted | Completed, Fired(Resend | GiveUp)) => (state, &[]),
        (Terminated, Provisional | Success | Failure | Unsent | Fired(_)) => (state, &[]),
    }
}

/// RFC 3261 §17.1.2. A success and a failure are the same to it.
pub(crate) fn other(state: State, happening: Happening) -> (State, &'static [Action]) {
    use {Action::*, Happening::*, State::*, Timer::*};
    match (state, happening) {
        (Calling | Proceeding, Fired(Resend)) => (state, &[Send, Start(Resend)]),
        (Calling | Proceeding, Fired(GiveUp)) => (Terminated, &[TimedOut]),
        (Calling | Proceeding, Provisional) => (Proceeding, &[Report]),
        (Calling | Proceeding, Success | Failure) => (Completed, &[Stop(Resend), Stop(GiveUp), Start(Linger), Report]),
        (Completed, Fired(Linger)) => (Terminated, &[]),
        (Calling | Proceeding, Unsent) => (Terminated, &[NotSent]),
        // The response came again, or its way is gone.
        (Completed, Provisional | Success | Failure | Unsent) => (state, &[]),
        // Timers that don't run in this state.
        (Calling | Proceeding, Fired(Linger)) | (Completed, Fired(Resend | GiveUp)) => (state, &[]),
        // A state only an INVITE has, and the end.
        (Accepted | Terminated, Provisional | Success | Failure | Unsent | Fired(_)) => (state, &[]),
    }
}

/// One running client transaction. It keeps no more than its state can still need.
#[derive(Debug, Clone)]
pub(crate) struct Client<P> {
    /// When it is given up, or forgotten.
    end: Moment,
    kept: Kept<P>,
    pub(crate) state: State,
    kind: Kind,
}

/// What may have to be sent again, and what the request is for as long as answers are passed up.
#[derive(Debug, Clone)]
enum Kept<P> {
    /// Before a final answer.
    Asked(Box<Asked<P>>),
    /// After a 2xx to an INVITE.
    Accepted(P),
    /// The ACK of a failure, and its way.
    Ack(Box<(Box<[u8]>, Flow)>),
    Nothing,
}

/// A request without a final answer.
#[derive(Debug, Clone)]
pub(crate) struct Asked<P> {
    /// What it is for.
    pub(crate) purpose: P,
    pub(crate) request: Request,
    pub(crate) flow: Flow,
    /// The way to take if nobody accepts a connection that the request goes by for its length alone.
    pub(crate) fallback: Option<Flow>,
    resend: Option<Resend>,
}

impl<P: Clone> Client<P> {
    /// Begins; the caller sends the request once.
    pub(crate) fn new(now: Duration, timing: &Timing, purpose: P, request: Request, flow: Flow) -> Client<P> {
        let mut client = Client::asking(purpose, request, flow, State::Calling);
        client.start(now, timing, Timer::Resend);
        client.start(now, timing, Timer::GiveUp);
        client
    }

    /// One that an earlier boot began and that already had a provisional response: it only waits.
    pub(crate) fn resumed(purpose: P, request: Request, flow: Flow) -> Client<P> {
        Client::asking(purpose, request, flow, State::Proceeding)
    }

    fn asking(purpose: P, request: Request, flow: Flow, state: State) -> Client<P> {
        let kind = if request.method() == Method::Invite { Kind::Invite } else { Kind::Other };
        let asked = Asked { purpose, request, flow, fallback: None, resend: None };
        Client { end: Moment::NEVER, kept: Kept::Asked(Box::new(asked)), state, kind }
    }

    /// The same with another way, for a request that goes by its own for its length alone.
    pub(crate) fn with_fallback(mut self, fallback: Option<Flow>) -> Client<P> {
        if let Kept::Asked(asked) = &mut self.kept {
            asked.fallback = fallback;
        }
        self
    }

    /// What it is for, as long as answers are passed up.
    pub(crate) fn purpose(&self) -> Option<&P> {
        match &self.kept {
            Kept::Asked(asked) => Some(&asked.purpose),
            Kept::Accepted(purpose) => Some(purpose),
            Kept::Ack(_) | Kept::Nothing => None,
        }
    }

    /// Answers mean something else from now on.
    pub(crate) fn set_purpose(&mut self, new: P) {
        match &mut self.kept {
            Kept::Asked(asked) => asked.purpose = new,
            Kept::Accepted(purpose) => *purpose = new,
            Kept::Ack(_) | Kept::Nothing => {}
        }
    }

    /// The request, as long as it has no final answer.
    pub(crate) fn asked(&self) -> Option<&Asked<P>> {
        match &self.kept {
            Kept::Asked(asked) => Some(asked),
            Kept::Accepted(_) | Kept::Ack(_) | Kept::Nothing => None,
        }
    }

    /// By which way something may have to be sent again.
    pub(crate) fn flow(&self) -> Option<Flow> {
        match &self.kept {
            Kept::Asked(asked) => Some(asked.flow),
            Kept::Ack(ack) => Some(ack.1),
            Kept::Accepted(_) | Kept::Nothing => None,
        }
    }

    /// The request as it is sent again, or the ACK; and by which way.
    pub(crate) fn sent(&self) -> Option<(Vec<u8>, Flow)> {
        match &self.kept {
            Kept::Asked(asked) => Some((asked.request.bytes(), asked.flow)),
            Kept::Ack(ack) => Some((ack.0.to_vec(), ack.1)),
            Kept::Accepted(_) | Kept::Nothing => None,
        }
    }

    /// Lets go of the request once it has a final answer.
    pub(crate) fn release(&mut self, response: Option<&Response>) -> Option<Box<Asked<P>>> {
        match self.state {
            State::Calling | State::Proceeding => return None,
            State::Accepted | State::Completed | State::Terminated => {}
        }
        let asked = match std::mem::replace(&mut self.kept, Kept::Nothing) {
            Kept::Asked(asked) => asked,
            rest @ (Kept::Accepted(_) | Kept::Ack(_) | Kept::Nothing) => {
                self.kept = rest;
                return None;
            }
        };
        self.kept = match (self.state, self.kind, response) {
            (State::Accepted, _, _) => Kept::Accepted(asked.purpose.clone()),
            (State::Completed, Kind::Invite, Some(response)) => {
                Kept::Ack(Box::new((asked.ack(response).bytes().into(), asked.flow)))
            }
            (State::Calling | State::Proceeding | State::Completed | State::Terminated, _, _) => Kept::Nothing,
        };
        Some(asked)
    }

    fn timer(&self) -> (Moment, Timer) {
        let ends_as = match self.state {
            State::Calling | State::Proceeding => Timer::GiveUp,
            State::Accepted | State::Completed | State::Terminated => Timer::Linger,
        };
        earlier(self.asked().and_then(|asked| asked.resend), (self.end, ends_as))
    }

    /// The timer that is due, if any.
    pub(crate) fn due(&self, now: Duration) -> Option<Happening> {
        let (at, timer) = self.timer();
        (at <= now.into()).then_some(Happening::Fired(timer))
    }

    /// Walks one row of the table.
    pub(crate) fn on(&mut self, now: Duration, timing: &Timing, happening: Happening) -> &'static [Action] {
        let (state, actions) = match self.kind {
            Kind::Invite => invite(self.state, happening),
            Kind::Other => other(self.state, happening),
        };
        self.state = state;
        for action in actions {
            match action {
                Action::Start(timer) => self.start(now, timing, *timer),
                Action::Stop(timer) => self.stop(*timer),
                Action::Send | Action::Ack | Action::Report | Action::TimedOut | Action::NotSent => {}
            }
        }
        actions
    }

    fn start(&mut self, now: Duration, timing: &Timing, timer: Timer) {
        let is_reliable = self.flow().is_some_and(|flow| flow.transport.is_reliable());
        match (timer, &mut self.kept) {
            (Timer::Resend, Kept::Asked(asked)) if !is_reliable => {
                // Timer A doubles without a bound, E up to T2, and is T2 from a provisional response on.
                asked.resend = Some(match (self.kind, self.state) {
                    (Kind::Invite, _) => Resend::next(asked.resend, now, timing, timing.transaction_max()),
                    (Kind::Other, State::Proceeding) => Resend::after(now, timing.t2),
                    (Kind::Other, _) => Resend::next(asked.resend, now, timing, timing.t2),
                });
            }
            (Timer::Resend, _) => {}
            (Timer::GiveUp, _) => self.end = (now + timing.transaction_max()).into(),
            // D and K are zero where nothing comes late; M waits for other forks' answers.
            (Timer::Linger, _) => {
                let wait = match (self.kind, self.state) {
                    (_, State::Completed) if is_reliable => Duration::ZERO,
                    (Kind::Invite, _) => timing.transaction_max(),
                    (Kind::Other, _) => timing.t4,
                };
                self.end = (now + wait).into();
            }
        }
    }

    fn stop(&mut self, timer: Timer) {
        match (timer, &mut self.kept) {
            (Timer::Resend, Kept::Asked(asked)) => asked.resend = None,
            (Timer::Resend, Kept::Accepted(_) | Kept::Ack(_) | Kept::Nothing) => {}
            (Timer::GiveUp | Timer::Linger, _) => self.end = Moment::NEVER,
        }
    }
}

impl<P: Clone> Timed for Client<P> {
    fn deadline(&self) -> Moment {
        self.timer().0
    }

    fn is_over(&self) -> bool {
        self.state == State::Terminated
    }
}

impl<P> Asked<P> {
    /// The ACK to a failure belongs to the INVITE's transaction: same branch, same number (RFC 3261 §17.1.1.3).
    fn ack(&self, response: &Response) -> Request {
        self.sibling(Method::Ack, &response.fields)
    }

    /// The CANCEL has the INVITE's branch and number, and the INVITE's To (RFC 3261 §9.1).
    pub(crate) fn cancel(&self) -> Request {
        self.sibling(Method::Cancel, &self.request.fields)
    }

    fn sibling(&self, method: Method, to_of: &Fields) -> Request {
        let mut fields = self.request.fields.clone();
        fields.to = to_of.to.clone();
        fields.cseq_method = method;
        let mut request = Request::new(method, self.request.uri.clone(), fields);
        for route in self.request.all("Route") {
            request = request.with("Route", route);
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Transport;
    use {Action::*, Happening::*, State::*, Timer::*};

    #[test]
    fn the_invite_table_is_the_rfcs() {
        #[rustfmt::skip]
        let rows: &[(State, Happening, State, &[Action])] = &[
            (Calling,    Fired(Resend), Calling,    &[Send, Start(Resend)]),
            (Calling,    Fired(GiveUp), Terminated, &[TimedOut]),
            (Calling,    Provisional,   Proceeding, &[Stop(Resend), Stop(GiveUp), Report]),
            (Calling,    Success,       Accepted,   &[Stop(Resend), Stop(GiveUp), Start(Linger), Report]),
            (Calling,    Failure,       Completed,  &[Stop(Resend), Stop(GiveUp), Start(Linger), Ack, Report]),
            (Proceeding, Provisional,   Proceeding, &[Report]),
            (Proceeding, Success,       Accepted,   &[Start(Linger), Report]),
            (Proceeding, Failure,       Completed,  &[Start(Linger), Ack, Report]),
            (Calling,    Unsent,        Terminated, &[NotSent]),
            (Proceeding, Unsent,        Proceeding, &[]),
            (Accepted,   Unsent,        Accepted,   &[]),
            (Completed,  Unsent,        Terminated, &[]),
            (Completed,  Provisional,   Completed,  &[]),
            (Accepted,   Success,       Accepted,   &[Report]),
            (Accepted,   Failure,       Accepted,   &[]),
            (Accepted,   Fired(Linger), Terminated, &[]),
            (Accepted,   Provisional,   Accepted,   &[]),
            (Accepted,   Fired(Linger), Terminated, &[]),
            (Completed,  Failure,       Completed,  &[Ack]),
            (Completed,  Success,       Completed,  &[]),
            (Completed,  Fired(Linger), Terminated, &[]),
            (Terminated, Success,       Terminated, &[]),
        ];
        for (from, happening, to, actions) in rows {
            assert_eq!(invite(*from, *happening), (*to, *actions), "{from:?} {happening:?}");
        }
    }

    #[test]
    fn the_other_table_is_the_rfcs() {
        #[rustfmt::skip]
        let rows: &[(State, Happening, State, &[Action])] = &[
            (Calling,    Fired(Resend), Calling,    &[Send, Start(Resend)]),
            (Calling,    Fired(GiveUp), Terminated, &[TimedOut]),
            (Calling,    Provisional,   Proceeding, &[Report]),
            (Calling,    Failure,       Completed,  &[Stop(Resend), Stop(GiveUp), Start(Linger), Report]),
            (Proceeding, Fired(Resend), Proceeding, &[Send, Start(Resend)]),
            (Proceeding, Fired(GiveUp), Terminated, &[TimedOut]),
            (Calling,    Unsent,        Terminated, &[NotSent]),
            (Proceeding, Unsent,        Terminated, &[NotSent]),
            (Completed,  Unsent,        Completed,  &[]),
            (Proceeding, Success,       Completed,  &[Stop(Resend), Stop(GiveUp), Start(Linger), Report]),
            (Completed,  Success,       Completed,  &[]),
            (Completed,  Fired(Linger), Terminated, &[]),
        ];
        for (from, happening, to, actions) in rows {
            assert_eq!(other(*from, *happening), (*to, *actions), "{from:?} {happening:?}");
        }
    }

    fn client(method: Method, transport: Transport) -> Client<()> {
        let flow = Flow::to(transport, crate::testing::address(1));
        Client::new(Duration::ZERO, &Timing::default(), (), crate::testing::request(method), flow)
    }

    /// When an unanswered request is sent again, in multiples of half a second.
    fn resends(method: Method, transport: Transport) -> Vec<u128> {
        let timing = Timing::default();
        let mut client = client(method, transport);
        let mut times = Vec::new();
        while let Some(now) = client.deadline().time() {
            let happening = client.due(now).expect("due");
            let actions = client.on(now, &timing, happening);
            if actions.contains(&Send) {
                times.push(now.as_millis() / 500);
            }
            if actions.contains(&TimedOut) {
                assert_eq!(now, timing.transaction_max());
                break;
            }
        }
        times
    }

    #[test]
    fn an_unanswered_invite_is_repeated_with_doubling_waits() {
        assert_eq!(resends(Method::Invite, Transport::Udp), [1, 3, 7, 15, 31, 63]);
    }

    #[test]
    fn an_unanswered_other_request_is_repeated_every_four_seconds_at_last() {
        assert_eq!(resends(Method::Bye, Transport::Udp), [1, 3, 7, 15, 23, 31, 39, 47, 55, 63]);
    }
    #[test]
    fn nothing_is_repeated_over_a_reliable_transport() {
        assert_eq!(resends(Method::Invite, Transport::Tcp), [0; 0]);
        assert_eq!(resends(Method::Bye, Transport::Tcp), [0; 0]);
    }

    #[test]
    fn a_transaction_stays_for_as_long_as_something_may_come_late() {
        let timing = Timing::default();
        #[rustfmt::skip]
        let rows = [
            // Timers D, K and M, in seconds.
            (Method::Invite, Transport::Udp, Failure, 32),
            (Method::Invite, Transport::Tcp, Failure, 0),
            (Method::Invite, Transport::Udp, Success, 32),
            (Method::Invite, Transport::Tcp, Success, 32),
            (Method::Bye,    Transport::Udp, Success, 5),
            (Method::Bye,    Transport::Tcp, Success, 0),
        ];
        for (method, transport, happening, seconds) in rows {
            let mut client = client(method, transport);
            client.on(Duration::from_secs(1), &timing, happening);
            assert_eq!(
                client.deadline().time(),
                Some(Duration::from_secs(1 + seconds)),
                "{method} {transport:?} {happening:?}"
            );
        }
    }
}

//! The client transaction: a request of ours (RFC 3261 §17.1, RFC 6026 §7.2).
//! Never decides what a response means; it repeats the request, acknowledges failures, and passes responses up.

use std::sync::Arc;
use std::time::Duration;

use super::{Kind, Timer, Timers};
use crate::message::{Fields, Method, Request, Response};
use crate::timing::Timing;
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

/// One running client transaction.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// Shared: whoever acts on an answer looks at it while the transaction goes on.
    pub(crate) request: Arc<Request>,
    pub(crate) flow: Flow,
    /// The way to take if nobody accepts a connection that the request goes by for its length alone.
    pub(crate) fallback: Option<Flow>,
    pub(crate) state: State,
    kind: Kind,
    timers: Timers,
}

impl Client {
    /// Begins; the caller sends the request once.
    pub(crate) fn new(now: Duration, timing: &Timing, request: Request, flow: Flow) -> Client {
        let kind = if request.method() == Method::Invite { Kind::Invite } else { Kind::Other };
        let (request, state, timers) = (Arc::new(request), State::Calling, Timers::default());
        let mut client = Client { request, flow, fallback: None, state, kind, timers };
        client.start(now, timing, Timer::Resend);
        client.timers.give_up = Some(now + timing.transaction_max());
        client
    }

    /// One that an earlier boot began and that already had a provisional response: it only waits.
    pub(crate) fn resumed(request: Request, flow: Flow) -> Client {
        let (request, state, timers) = (Arc::new(request), State::Proceeding, Timers::default());
        Client { request, flow, fallback: None, state, kind: Kind::Invite, timers }
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.timers.next().map(|(at, _)| at)
    }

    /// The timer that is due, if any.
    pub(crate) fn due(&mut self, now: Duration) -> Option<Happening> {
        self.timers.next().filter(|(at, _)| *at <= now).map(|(_, timer)| Happening::Fired(timer))
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
                Action::Stop(timer) => self.timers.stop(*timer),
                Action::Send | Action::Ack | Action::Report | Action::TimedOut | Action::NotSent => {}
            }
        }
        actions
    }

    fn start(&mut self, now: Duration, timing: &Timing, timer: Timer) {
        let is_reliable = self.flow.transport.is_reliable();
        match (timer, self.kind, self.state) {
            (Timer::Resend, _, _) if is_reliable => {}
            // Timer A doubles without a bound, E up to T2, and is T2 from a provisional response on.
            (Timer::Resend, Kind::Invite, _) => self.timers.start_resend(now, timing, timing.transaction_max()),
            (Timer::Resend, Kind::Other, State::Proceeding) => {
                self.timers.resend = Some((now + timing.t2, timing.t2));
            }
            (Timer::Resend, Kind::Other, _) => self.timers.start_resend(now, timing, timing.t2),
            (Timer::GiveUp, _, _) => self.timers.give_up = Some(now + timing.transaction_max()),
            // D and K are zero where nothing comes late; M waits for other forks' answers.
            (Timer::Linger, _, State::Completed) if is_reliable => self.timers.linger = Some(now),
            (Timer::Linger, Kind::Invite, _) => self.timers.linger = Some(now + timing.transaction_max()),
            (Timer::Linger, Kind::Other, _) => self.timers.linger = Some(now + timing.t4),
        }
    }

    /// The ACK to a failure belongs to the INVITE's transaction: same branch, same number (RFC 3261 §17.1.1.3).
    pub(crate) fn ack(&self, response: &Response) -> Request {
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

    fn client(method: Method, transport: Transport) -> Client {
        let flow = Flow::to(transport, crate::testing::address(1));
        Client::new(Duration::ZERO, &Timing::default(), crate::testing::request(method), flow)
    }

    /// When an unanswered request is sent again, in multiples of half a second.
    fn resends(method: Method, transport: Transport) -> Vec<u128> {
        let timing = Timing::default();
        let mut client = client(method, transport);
        let mut times = Vec::new();
        while let Some(now) = client.deadline() {
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
                client.deadline(),
                Some(Duration::from_secs(1 + seconds)),
                "{method} {transport:?} {happening:?}"
            );
        }
    }
}

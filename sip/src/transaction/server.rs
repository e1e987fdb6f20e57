//! The server transaction: a peer's request (RFC 3261 §17.2, RFC 6026 §7.1).
//! Never answers by itself; it repeats what was answered, and absorbs what comes twice.

use std::net::SocketAddr;
use std::time::Duration;

use super::table::Timed;
use super::{Kind, Resend, Timer, earlier};
use crate::timing::{Moment, Timing};
use crate::transport::Flow;

/// The states of both figures (RFC 3261 figures 7 and 8, RFC 6026 figure 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// No final answer yet; "Trying" for a non-INVITE, which gets no provisional ones from us (RFC 4320 §4.1).
    Proceeding,
    /// INVITE only: answered with a 2xx, which the session repeats, not we.
    Accepted,
    /// Answered with a failure, or, for a non-INVITE, with anything final.
    Completed,
    /// INVITE only: the failure was acknowledged.
    Confirmed,
    /// Gone.
    Terminated,
}

/// What can happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// The request came again.
    Again,
    /// The ACK came.
    Ack,
    /// We answer 1xx, 2xx, or with a failure.
    Provisional,
    Success,
    Failure,
    /// The transport cannot carry an answer, by whatever way.
    Unsent,
    Fired(Timer),
}

impl Happening {
    /// We answer with this status.
    fn answer(status: u16) -> Happening {
        match status {
            0..200 => Happening::Provisional,
            200..300 => Happening::Success,
            _ => Happening::Failure,
        }
    }
}

/// What it wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send the last answer.
    Send,
    /// The ACK is the session's business.
    PassAck,
    Start(Timer),
    Stop(Timer),
}

/// RFC 3261 §17.2.1 with RFC 6026 §8.5.
pub(crate) fn invite(state: State, happening: Happening) -> (State, &'static [Action]) {
    use {Action::*, Happening::*, State::*, Timer::*};
    match (state, happening) {
        (Proceeding, Again | Provisional) => (Proceeding, &[Send]),
        (Proceeding, Success) => (Accepted, &[Start(Linger), Send]),
        (Proceeding, Failure) => (Completed, &[Start(Resend), Start(GiveUp), Send]),
        (Completed, Again) => (Completed, &[Send]),
        (Completed, Fired(Resend)) => (Completed, &[Send, Start(Resend)]),
        (Completed, Fired(GiveUp)) => (Terminated, &[]),
        (Completed, Ack) => (Confirmed, &[Stop(Resend), Stop(GiveUp), Start(Linger)]),
        (Accepted, Success) => (Accepted, &[Send]),
        (Accepted, Ack) => (Accepted, &[PassAck]),
        (Accepted | Confirmed, Fired(Linger)) => (Terminated, &[]),
        (Completed, Unsent) => (Terminated, &[]),
        // Something may come again by another way; a 2xx is given up by the session.
        (Proceeding | Accepted | Confirmed, Unsent) => (state, &[]),
        // Absorbed: the session repeats a 2xx by its own clock.
        (Accepted, Again) | (Confirmed, Again | Ack) => (state, &[]),
        // An ACK before any answer means nothing.
        (Proceeding, Ack) => (state, &[]),
        // A second final answer is never sent.
        (Accepted, Provisional | Failure) | (Completed | Confirmed, Provisional | Success | Failure) => (state, &[]),
        // Timers that don't run in this state.
        (Proceeding, Fired(Resend | GiveUp | Linger)) | (Completed, Fired(Linger)) => (state, &[]),
        (Accepted | Confirmed, Fired(Resend | GiveUp)) => (state, &[]),
        (Terminated, Again | Ack | Provisional | Success | Failure | Unsent | Fired(_)) => (state, &[]),
    }
}

/// RFC 3261 §17.2.2.
pub(crate) fn other(state: State, happening: Happening) -> (State, &'static [Action]) {
    use {Action::*, Happening::*, State::*, Timer::*};
    match (state, happening) {
        (Proceeding, Success | Failure) => (Completed, &[Start(Linger), Send]),
        (Completed, Again) => (Completed, &[Send]),
        (Completed, Fired(Linger) | Unsent) => (Terminated, &[]),
        // Absorbed until there is an answer.
        (Proceeding, Again | Unsent) => (state, &[]),
        // There is no ACK but for INVITE, we send no provisional answers, and no second final one.
        (Proceeding | Completed, Ack | Provisional) | (Completed, Success | Failure) => (state, &[]),
        // Timers that don't run in this state.
        (Proceeding, Fired(Resend | GiveUp | Linger)) | (Completed, Fired(Resend | GiveUp)) => (state, &[]),
        // States only an INVITE has, and the end.
        (Accepted | Confirmed | Terminated, Again | Ack | Provisional | Success | Failure | Unsent | Fired(_)) => {
            (state, &[])
        }
    }
}

/// One running server transaction. It keeps no more than its state can still need.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// When it is given up, or forgotten.
    end: Moment,
    kept: Kept,
    pub(crate) state: State,
    kind: Kind,
}

/// What may have to be sent, first or again.
#[derive(Debug, Clone)]
enum Kept {
    Way(Box<Way>),
    /// An answer that is made anew, with this status, from the request that comes again.
    Status(u16),
    Nothing,
}

/// By which way answers go, and the last of them.
#[derive(Debug, Clone)]
struct Way {
    flow: Flow,
    /// Where a connection for the answer is made if that of the request is gone (RFC 3261 §18.2.2).
    fallback: SocketAddr,
    /// Empty before there is one.
    response: Box<[u8]>,
    resend: Option<Resend>,
}

impl Server {
    pub(crate) fn new(kind: Kind, flow: Flow, fallback: SocketAddr) -> Server {
        let way = Way { flow, fallback, response: Box::default(), resend: None };
        Server { end: Moment::NEVER, kept: Kept::Way(Box::new(way)), state: State::Proceeding, kind }
    }

    /// By which way answers go, as long as there are any.
    pub(crate) fn flow(&self) -> Option<Flow> {
        self.way().map(|way| way.flow)
    }

    /// The status of an answer that is made anew each time.
    pub(crate) fn status(&self) -> Option<u16> {
        match self.kept {
            Kept::Status(status) => Some(status),
            Kept::Way(_) | Kept::Nothing => None,
        }
    }

    fn way(&self) -> Option<&Way> {
        match &self.kept {
            Kept::Way(way) => Some(way),
            Kept::Status(_) | Kept::Nothing => None,
        }
    }

    fn way_mut(&mut self) -> Option<&mut Way> {
        match &mut self.kept {
            Kept::Way(way) => Some(way),
            Kept::Status(_) | Kept::Nothing => None,
        }
    }

    /// The connection of the request is gone: answers go by a new one. False if it was that one already.
    pub(crate) fn fall_back(&mut self) -> bool {
        let Some(way) = self.way_mut() else { return false };
        let other = Flow::to(way.flow.transport, way.fallback);
        std::mem::replace(&mut way.flow, other) != other
    }

    /// Takes an answer; by which way it goes, if it may go at all.
    pub(crate) fn answer(&mut self, now: Duration, timing: &Timing, status: u16, bytes: &[u8]) -> Option<Flow> {
        let flow = self.flow()?;
        let is_sent = self.on(now, timing, Happening::answer(status)).contains(&Action::Send);
        if let Some(way) = self.way_mut().filter(|_| is_sent) {
            way.response = bytes.into();
        }
        is_sent.then_some(flow)
    }

    /// Takes a final answer to something other than an INVITE, of which its status says all: who asks again is answered anew.
    pub(crate) fn answer_plainly(&mut self, now: Duration, timing: &Timing, status: u16) {
        self.on(now, timing, Happening::answer(status));
        self.kept = Kept::Status(status);
    }

    /// The last answer, and its way.
    pub(crate) fn last(&self) -> Option<(Vec<u8>, Flow)> {
        self.way().filter(|way| !way.response.is_empty()).map(|way| (way.response.to_vec(), way.flow))
    }

    fn timer(&self) -> (Moment, Timer) {
        let ends_as = match (self.state, self.kind) {
            (State::Completed, Kind::Invite) => Timer::GiveUp,
            (State::Completed, Kind::Other) => Timer::Linger,
            (State::Proceeding | State::Accepted | State::Confirmed | State::Terminated, _) => Timer::Linger,
        };
        earlier(self.way().and_then(|way| way.resend), (self.end, ends_as))
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
                Action::Send | Action::PassAck => {}
            }
        }
        match state {
            State::Proceeding | State::Completed => {}
            // The session repeats a 2xx, and an acknowledged failure is not repeated.
            State::Accepted | State::Confirmed | State::Terminated => self.kept = Kept::Nothing,
        }
        actions
    }

    fn start(&mut self, now: Duration, timing: &Timing, timer: Timer) {
        let is_reliable = self.flow().is_some_and(|flow| flow.transport.is_reliable());
        match timer {
            Timer::Resend => {
                if let Some(way) = self.way_mut().filter(|_| !is_reliable) {
                    way.resend = Some(Resend::next(way.resend, now, timing, timing.t2));
                }
            }
            Timer::GiveUp => self.end = (now + timing.transaction_max()).into(),
            Timer::Linger => {
                let wait = match (self.state, self.kind) {
                    // I and J are zero where nothing comes late.
                    (State::Confirmed, _) | (State::Completed, Kind::Other) if is_reliable => Duration::ZERO,
                    // I is short, J and L are long.
                    (State::Confirmed, _) => timing.t4,
                    (State::Proceeding | State::Accepted | State::Completed | State::Terminated, _) => {
                        timing.transaction_max()
                    }
                };
                self.end = (now + wait).into();
            }
        }
    }

    fn stop(&mut self, timer: Timer) {
        match timer {
            Timer::Resend => {
                if let Some(way) = self.way_mut() {
                    way.resend = None;
                }
            }
            Timer::GiveUp | Timer::Linger => self.end = Moment::NEVER,
        }
    }
}

impl Timed for Server {
    fn deadline(&self) -> Moment {
        self.timer().0
    }

    fn is_over(&self) -> bool {
        self.state == State::Terminated
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
            (Proceeding, Again,         Proceeding, &[Send]),
            (Proceeding, Provisional,   Proceeding, &[Send]),
            (Proceeding, Success,       Accepted,   &[Start(Linger), Send]),
            (Proceeding, Failure,       Completed,  &[Start(Resend), Start(GiveUp), Send]),
            (Proceeding, Ack,           Proceeding, &[]),
            (Completed,  Again,         Completed,  &[Send]),
            (Completed,  Fired(Resend), Completed,  &[Send, Start(Resend)]),
            (Completed,  Fired(GiveUp), Terminated, &[]),
            (Completed,  Ack,           Confirmed,  &[Stop(Resend), Stop(GiveUp), Start(Linger)]),
            (Accepted,   Again,         Accepted,   &[]),
            (Accepted,   Success,       Accepted,   &[Send]),
            (Accepted,   Ack,           Accepted,   &[PassAck]),
            (Accepted,   Failure,       Accepted,   &[]),
            (Proceeding, Unsent,        Proceeding, &[]),
            (Accepted,   Unsent,        Accepted,   &[]),
            (Confirmed,  Unsent,        Confirmed,  &[]),
            (Completed,  Unsent,        Terminated, &[]),
            (Completed,  Success,       Completed,  &[]),
            (Completed,  Provisional,   Completed,  &[]),
            (Accepted,   Fired(Linger), Terminated, &[]),
            (Confirmed,  Again,         Confirmed,  &[]),
            (Confirmed,  Ack,           Confirmed,  &[]),
            (Confirmed,  Fired(Linger), Terminated, &[]),
        ];
        for (from, happening, to, actions) in rows {
            assert_eq!(invite(*from, *happening), (*to, *actions), "{from:?} {happening:?}");
        }
    }

    #[test]
    fn the_other_table_is_the_rfcs() {
        #[rustfmt::skip]
        let rows: &[(State, Happening, State, &[Action])] = &[
            (Proceeding, Again,         Proceeding, &[]),
            (Proceeding, Success,       Completed,  &[Start(Linger), Send]),
            (Proceeding, Failure,       Completed,  &[Start(Linger), Send]),
            (Completed,  Again,         Completed,  &[Send]),
            (Completed,  Failure,       Completed,  &[]),
            (Completed,  Unsent,        Terminated, &[]),
            (Proceeding, Unsent,        Proceeding, &[]),
            (Completed,  Fired(Linger), Terminated, &[]),
        ];
        for (from, happening, to, actions) in rows {
            assert_eq!(other(*from, *happening), (*to, *actions), "{from:?} {happening:?}");
        }
    }

    fn server(kind: Kind, transport: Transport) -> Server {
        let peer = crate::testing::address(1);
        Server::new(kind, Flow::to(transport, peer), peer)
    }

    /// When an unacknowledged failure is sent again, in multiples of half a second.
    fn resends(transport: Transport) -> Vec<u128> {
        let timing = Timing::default();
        let mut server = server(Kind::Invite, transport);
        server.on(Duration::ZERO, &timing, Failure);
        let mut times = Vec::new();
        while let Some(now) = server.deadline().time().filter(|_| server.state != Terminated) {
            let happening = server.due(now).expect("due");
            if server.on(now, &timing, happening).contains(&Send) {
                times.push(now.as_millis() / 500);
            }
        }
        assert_eq!(server.state, Terminated);
        times
    }

    #[test]
    fn an_unacknowledged_failure_is_repeated_until_given_up() {
        assert_eq!(resends(Transport::Udp), [1, 3, 7, 15, 23, 31, 39, 47, 55, 63]);
        assert_eq!(resends(Transport::Tcp), [0; 0]);
    }

    #[test]
    fn a_transaction_stays_for_as_long_as_something_may_come_late() {
        let timing = Timing::default();
        #[rustfmt::skip]
        let rows: &[(Kind, Transport, &[Happening], u64)] = &[
            // Timers H, I, J and L, in seconds.
            (Kind::Invite, Transport::Tcp, &[Failure],      32),
            (Kind::Invite, Transport::Udp, &[Failure, Ack], 5),
            (Kind::Invite, Transport::Tcp, &[Failure, Ack], 0),
            (Kind::Other,  Transport::Udp, &[Success],      32),
            (Kind::Other,  Transport::Tcp, &[Success],      0),
            (Kind::Invite, Transport::Udp, &[Success],      32),
            (Kind::Invite, Transport::Tcp, &[Success],      32),
        ];
        for (kind, transport, happenings, seconds) in rows {
            let mut server = server(*kind, *transport);
            for happening in *happenings {
                server.on(Duration::from_secs(1), &timing, *happening);
            }
            assert_eq!(
                server.deadline().time(),
                Some(Duration::from_secs(1 + seconds)),
                "{kind:?} {transport:?} {happenings:?}"
            );
        }
    }
}

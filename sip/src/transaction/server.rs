//! The server transaction: a peer's request (RFC 3261 §17.2, RFC 6026 §7.1).
//! Never answers by itself; it repeats what was answered, and absorbs what comes twice.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Kind, Timer, Timers};
use crate::timing::Timing;
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

/// One running server transaction.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// By which way answers go.
    pub(crate) flow: Flow,
    /// Where a connection for the answer is made if that of the request is gone (RFC 3261 §18.2.2).
    pub(crate) fallback: SocketAddr,
    pub(crate) state: State,
    /// The last answer, empty before there is one.
    pub(crate) response: Vec<u8>,
    kind: Kind,
    timers: Timers,
}

impl Server {
    pub(crate) fn new(kind: Kind, flow: Flow, fallback: SocketAddr) -> Server {
        Server { flow, fallback, state: State::Proceeding, response: Vec::new(), kind, timers: Timers::default() }
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
                Action::Send | Action::PassAck => {}
            }
        }
        actions
    }

    fn start(&mut self, now: Duration, timing: &Timing, timer: Timer) {
        let is_reliable = self.flow.transport.is_reliable();
        match (timer, self.state, self.kind) {
            (Timer::Resend, _, _) if is_reliable => {}
            (Timer::Resend, _, _) => self.timers.start_resend(now, timing, timing.t2),
            (Timer::GiveUp, _, _) => self.timers.give_up = Some(now + timing.transaction_max()),
            // I and J are zero where nothing comes late.
            (Timer::Linger, State::Confirmed, _) | (Timer::Linger, State::Completed, Kind::Other) if is_reliable => {
                self.timers.linger = Some(now);
            }
            // I is short, J and L are long.
            (Timer::Linger, State::Confirmed, _) => self.timers.linger = Some(now + timing.t4),
            (Timer::Linger, State::Proceeding | State::Accepted | State::Completed | State::Terminated, _) => {
                self.timers.linger = Some(now + timing.transaction_max());
            }
        }
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
        while let Some(now) = server.deadline().filter(|_| server.state != Terminated) {
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
                server.deadline(),
                Some(Duration::from_secs(1 + seconds)),
                "{kind:?} {transport:?} {happenings:?}"
            );
        }
    }
}

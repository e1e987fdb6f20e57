//! One leg's life: from its INVITE, sent or received, to its one end (RFC 3261 §13, §14, §15).
//! Never sends and never names a message's bytes; it says which step follows, from a table that reads as one.

use std::time::Duration;

use crate::timing::Timing;

/// Where a leg stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Our INVITE is out, nothing came back.
    Calling,
    /// Our INVITE had a provisional response.
    Early,
    /// Given up before any response; a CANCEL has to wait for one (RFC 3261 §9.1).
    Abandoned,
    /// Our CANCEL is out.
    Cancelling,
    /// A 200 to our INVITE came; the application has not said whether it takes it.
    Answered,
    /// A peer's INVITE waits for our answer.
    Offered,
    /// Our 200 is out and is repeated until the ACK.
    Accepted,
    /// Hung up between our 200 and its ACK; a BYE has to wait for that (RFC 3261 §15).
    Closing,
    /// Both sides agree.
    Confirmed,
    /// Our BYE is out.
    Ending,
    /// Ended, and reported so.
    Over,
}

/// What can happen to a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// Our INVITE got 1xx, 2xx, a failure, or nothing at all.
    Provisional,
    Success,
    Failure,
    Unanswered,
    /// The peer's ACK, CANCEL, BYE.
    PeerAck,
    PeerCancel,
    PeerBye,
    /// Our BYE was answered, or nobody answered it.
    ByeDone,
    /// The application answers an incoming leg.
    Answer,
    /// The application takes the 200 of an outgoing leg.
    Accept,
    /// The application wants the leg to end, whatever it is called at this point: cancel, refuse, reject, bye.
    HangUp,
    /// Time to repeat what is repeated in this state.
    Resend,
    /// The time limit of this state passed.
    Limit,
}

/// What the leg wants done, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    SendCancel,
    SendAck,
    SendBye,
    /// The 200, first or again.
    SendOk,
    /// The last provisional response again.
    SendProvisional,
    /// A question whether the peer is still there.
    SendOptions,
    /// The failure the application chose.
    SendRefusal,
    /// 487 to the INVITE (RFC 3261 §9.2).
    SendTerminated,
    TellRinging,
    TellAnswered,
    TellConfirmed,
    TellCancelled,
    TellFailed,
    TellEnded(Ended),
    /// Write down what is needed to end this dialog after a restart.
    TellFacts,
}

/// Who ended a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Local,
    Remote,
    Timeout,
}

/// The table.
pub(crate) fn step(state: State, happening: Happening) -> (State, &'static [Action]) {
    use {Action::*, Happening::*, State::*};
    match (state, happening) {
        // Outgoing, not answered.
        (Calling | Early, Provisional) => (Early, &[TellRinging]),
        (Calling | Early, Success) => (Answered, &[TellFacts, TellAnswered]),
        (Calling | Early | Abandoned | Cancelling, Failure | Unanswered) => (Over, &[TellFailed]),
        (Calling, HangUp | Limit) => (Abandoned, &[]),
        (Early, HangUp | Limit) => (Cancelling, &[SendCancel]),
        (Abandoned, Provisional) => (Cancelling, &[SendCancel]),
        (Abandoned, Limit) => (Over, &[TellFailed]),
        // A 200 that crossed our CANCEL, or came where we had given up.
        (Abandoned | Cancelling, Success) => (Ending, &[SendAck, SendBye]),
        // RFC 3261 §9.1: without a final response after 64 × T1 the INVITE counts as cancelled.
        (Cancelling, Limit) => (Over, &[TellFailed]),
        // Outgoing, answered: the ACK waits for the application, the peer's repeated 200 waits with it.
        (Answered, Success) => (Answered, &[]),
        (Answered, Accept) => (Confirmed, &[SendAck]),
        (Answered, HangUp | Limit) => (Ending, &[SendAck, SendBye]),
        (Answered, PeerBye) => (Over, &[TellEnded(Ended::Remote)]),
        (Confirmed | Ending, Success) => (state, &[SendAck]),
        // Incoming, not answered.
        (Offered, Answer) => (Accepted, &[TellFacts, SendOk]),
        (Offered, HangUp) => (Over, &[SendRefusal, TellEnded(Ended::Local)]),
        (Offered, Limit) => (Over, &[SendRefusal, TellEnded(Ended::Timeout)]),
        (Offered, PeerCancel | PeerBye) => (Over, &[SendTerminated, TellCancelled]),
        (Offered, Resend) => (Offered, &[SendProvisional]),
        // Incoming, answered (RFC 3261 §13.3.1.4).
        (Accepted | Closing, Resend) => (state, &[SendOk]),
        (Accepted, PeerAck) => (Confirmed, &[TellConfirmed]),
        (Accepted, Limit) => (Over, &[SendBye, TellEnded(Ended::Timeout)]),
        (Accepted, HangUp) => (Closing, &[]),
        (Accepted | Closing, PeerBye) => (Over, &[TellEnded(Ended::Remote)]),
        (Closing, PeerAck | Limit) => (Ending, &[SendBye]),
        // Established.
        (Confirmed, HangUp | Limit) => (Ending, &[SendBye]),
        (Confirmed, Resend) => (Confirmed, &[SendOptions]),
        (Confirmed, PeerBye) => (Over, &[TellEnded(Ended::Remote)]),
        (Ending, ByeDone | Limit) => (Over, &[TellEnded(Ended::Local)]),
        // Both hung up at once: our BYE's own end is the end.
        (Ending, PeerBye) => (Ending, &[]),
        // The application says again what it said, or says it too late.
        (Abandoned | Cancelling | Closing | Ending | Over, HangUp) => (state, &[]),
        (Calling | Early | Abandoned | Cancelling | Offered | Accepted | Closing, Accept) => (state, &[]),
        (Confirmed | Ending | Over, Accept) => (state, &[]),
        (Calling | Early | Abandoned | Cancelling | Answered, Answer) => (state, &[]),
        (Accepted | Closing | Confirmed | Ending | Over, Answer) => (state, &[]),
        // A CANCEL after the final answer changes nothing (RFC 3261 §9.2); an outgoing leg cannot get one.
        (Calling | Early | Abandoned | Cancelling | Answered, PeerCancel) => (state, &[]),
        (Accepted | Closing | Confirmed | Ending | Over, PeerCancel) => (state, &[]),
        // A BYE in an early dialog: the final response to our INVITE is still to come.
        (Calling | Early | Abandoned | Cancelling, PeerBye) => (state, &[]),
        // Repeated or misplaced ACKs.
        (Calling | Early | Abandoned | Cancelling | Answered | Offered, PeerAck) => (state, &[]),
        (Confirmed | Ending, PeerAck) => (state, &[]),
        // Responses after the final one, or to an INVITE we never sent.
        (Cancelling | Answered | Confirmed | Ending, Provisional) => (state, &[]),
        (Answered | Confirmed | Ending, Failure | Unanswered) => (state, &[]),
        (Offered | Accepted | Closing, Provisional | Success | Failure | Unanswered) => (state, &[]),
        // No BYE of ours is out.
        (Calling | Early | Abandoned | Cancelling | Answered, ByeDone) => (state, &[]),
        (Offered | Accepted | Closing | Confirmed, ByeDone) => (state, &[]),
        // Nothing is repeated here.
        (Calling | Early | Abandoned | Cancelling | Answered | Ending, Resend) => (state, &[]),
        (Over, Provisional | Success | Failure | Unanswered | PeerAck | PeerBye | ByeDone | Resend | Limit) => {
            (Over, &[])
        }
    }
}

/// A leg's state and its two clocks; both are read off the state, and leaving the state drops them.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) state: State,
    resend: Option<(Duration, Duration)>,
    limit: Option<Duration>,
}

impl Session {
    pub(crate) fn new(now: Duration, timing: &Timing, state: State) -> Session {
        let mut session = Session { state, resend: None, limit: None };
        session.enter(now, timing);
        session
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        [self.resend.map(|(at, _)| at), self.limit].into_iter().flatten().min()
    }

    /// What is due.
    pub(crate) fn due(&self, now: Duration) -> Option<Happening> {
        if self.limit.is_some_and(|at| at <= now) {
            return Some(Happening::Limit);
        }
        self.resend.filter(|(at, _)| *at <= now).map(|_| Happening::Resend)
    }

    /// Walks one row of the table.
    pub(crate) fn on(&mut self, now: Duration, timing: &Timing, happening: Happening) -> &'static [Action] {
        let (state, actions) = step(self.state, happening);
        if state != self.state {
            self.state = state;
            self.enter(now, timing);
        } else if happening == Happening::Resend
            && let Some((_, interval)) = self.resend
        {
            let interval = (interval * 2).min(interval_max(state, timing));
            self.resend = Some((now + interval, interval));
        }
        actions
    }

    fn enter(&mut self, now: Duration, timing: &Timing) {
        use State::*;
        self.limit = match self.state {
            Calling | Early | Offered => Some(now + timing.unanswered_max),
            Abandoned | Cancelling | Answered | Accepted | Closing => Some(now + timing.transaction_max()),
            // The BYE's own transaction ends first; this is the net under it.
            Ending => Some(now + timing.transaction_max() * 2),
            // A call may last; what is asked meanwhile, and its media, say whether anybody is there.
            Confirmed | Over => None,
        };
        let interval = match self.state {
            Offered => Some(timing.provisional_repeat),
            Accepted | Closing => Some(timing.t1),
            Confirmed => Some(timing.check),
            Calling | Early | Abandoned | Cancelling | Answered | Ending | Over => None,
        };
        self.resend = interval.map(|interval| (now + interval, interval));
    }
}

/// The longest wait between two repetitions.
fn interval_max(state: State, timing: &Timing) -> Duration {
    use State::*;
    match state {
        Offered => timing.provisional_repeat,
        Confirmed => timing.check,
        Calling | Early | Abandoned | Cancelling | Answered | Accepted | Closing | Ending | Over => timing.t2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use {Action::*, Happening::*, State::*};

    const STATES: [State; 11] =
        [Calling, Early, Abandoned, Cancelling, Answered, Offered, Accepted, Closing, Confirmed, Ending, Over];
    const HAPPENINGS: [Happening; 13] = [
        Provisional,
        Success,
        Failure,
        Unanswered,
        PeerAck,
        PeerCancel,
        PeerBye,
        ByeDone,
        Answer,
        Accept,
        HangUp,
        Resend,
        Limit,
    ];

    #[test]
    fn the_table_is_the_rfcs() {
        #[rustfmt::skip]
        let rows: &[(State, Happening, State, &[Action])] = &[
            (Calling,    Provisional, Early,      &[TellRinging]),
            (Calling,    Success,     Answered,   &[TellFacts, TellAnswered]),
            (Calling,    Failure,     Over,       &[TellFailed]),
            (Calling,    Unanswered,  Over,       &[TellFailed]),
            (Calling,    HangUp,      Abandoned,  &[]),
            (Calling,    Limit,       Abandoned,  &[]),
            (Early,      Provisional, Early,      &[TellRinging]),
            (Early,      Success,     Answered,   &[TellFacts, TellAnswered]),
            (Early,      Failure,     Over,       &[TellFailed]),
            (Early,      HangUp,      Cancelling, &[SendCancel]),
            (Early,      Limit,       Cancelling, &[SendCancel]),
            (Abandoned,  Provisional, Cancelling, &[SendCancel]),
            (Abandoned,  Success,     Ending,     &[SendAck, SendBye]),
            (Abandoned,  Limit,       Over,       &[TellFailed]),
            (Cancelling, Success,     Ending,     &[SendAck, SendBye]),
            (Cancelling, Failure,     Over,       &[TellFailed]),
            (Cancelling, Limit,       Over,       &[TellFailed]),
            (Answered,   Success,     Answered,   &[]),
            (Answered,   Accept,      Confirmed,  &[SendAck]),
            (Answered,   HangUp,      Ending,     &[SendAck, SendBye]),
            (Answered,   Limit,       Ending,     &[SendAck, SendBye]),
            (Answered,   PeerBye,     Over,       &[TellEnded(Ended::Remote)]),
            (Offered,    Answer,      Accepted,   &[TellFacts, SendOk]),
            (Offered,    HangUp,      Over,       &[SendRefusal, TellEnded(Ended::Local)]),
            (Offered,    PeerCancel,  Over,       &[SendTerminated, TellCancelled]),
            (Offered,    PeerBye,     Over,       &[SendTerminated, TellCancelled]),
            (Offered,    Resend,      Offered,    &[SendProvisional]),
            (Offered,    Limit,       Over,       &[SendRefusal, TellEnded(Ended::Timeout)]),
            (Accepted,   Resend,      Accepted,   &[SendOk]),
            (Accepted,   PeerAck,     Confirmed,  &[TellConfirmed]),
            (Accepted,   PeerCancel,  Accepted,   &[]),
            (Accepted,   PeerBye,     Over,       &[TellEnded(Ended::Remote)]),
            (Accepted,   HangUp,      Closing,    &[]),
            (Accepted,   Limit,       Over,       &[SendBye, TellEnded(Ended::Timeout)]),
            (Closing,    Resend,      Closing,    &[SendOk]),
            (Closing,    PeerAck,     Ending,     &[SendBye]),
            (Closing,    PeerBye,     Over,       &[TellEnded(Ended::Remote)]),
            (Closing,    Limit,       Ending,     &[SendBye]),
            (Confirmed,  Success,     Confirmed,  &[SendAck]),
            (Confirmed,  PeerAck,     Confirmed,  &[]),
            (Confirmed,  PeerBye,     Over,       &[TellEnded(Ended::Remote)]),
            (Confirmed,  HangUp,      Ending,     &[SendBye]),
            (Confirmed,  Resend,      Confirmed,  &[SendOptions]),
            (Ending,     Success,     Ending,     &[SendAck]),
            (Ending,     PeerBye,     Ending,     &[]),
            (Ending,     ByeDone,     Over,       &[TellEnded(Ended::Local)]),
            (Ending,     Limit,       Over,       &[TellEnded(Ended::Local)]),
        ];
        for (from, happening, to, actions) in rows {
            assert_eq!(step(*from, *happening), (*to, *actions), "{from:?} {happening:?}");
        }
    }

    #[test]
    fn every_way_to_the_end_tells_exactly_one_end() {
        for state in STATES {
            for happening in HAPPENINGS {
                let (next, actions) = step(state, happening);
                let ends = actions.iter().filter(|action| matches!(action, TellFailed | TellCancelled | TellEnded(_)));
                let expected = usize::from(state != Over && next == Over);
                assert_eq!(ends.count(), expected, "{state:?} {happening:?}");
            }
        }
    }

    #[test]
    fn a_hang_up_leads_to_the_end_by_time_alone() {
        let timing = Timing::default();
        for state in STATES {
            let mut session = Session::new(Duration::ZERO, &timing, state);
            session.on(Duration::ZERO, &timing, HangUp);
            for _ in 0..1000 {
                let Some(now) = session.deadline() else { break };
                let happening = session.due(now).expect("due");
                session.on(now, &timing, happening);
            }
            assert_eq!(session.state, Over, "{state:?}");
        }
    }

    #[test]
    fn a_200_is_repeated_until_it_is_given_up() {
        let timing = Timing::default();
        let mut session = Session::new(Duration::ZERO, &timing, Offered);
        session.on(Duration::ZERO, &timing, Answer);
        let mut times = Vec::new();
        while session.state == Accepted {
            let now = session.deadline().expect("a clock runs");
            let happening = session.due(now).expect("due");
            if session.on(now, &timing, happening).contains(&SendOk) {
                times.push(now.as_millis() / 500);
            }
        }
        assert_eq!(times, [1, 3, 7, 15, 23, 31, 39, 47, 55, 63]);
    }
}

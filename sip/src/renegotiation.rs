//! A change of a running session, wished by either side, by re-INVITE or UPDATE (RFC 3261 §14, RFC 3311 §5).
//! Never sends and never reads a description; it says which step follows, from a table that reads as one.

use std::time::Duration;

use crate::timing::Timing;

/// Where a leg stands with the next offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing is going on.
    Idle,
    /// The peer's offer, or its wish for ours, waits for the application.
    Offered,
    /// Our 200 to a re-INVITE is repeated until the ACK.
    Answered,
    /// Our re-INVITE is out.
    Offering,
    /// Both sides offered at once: ours waits for its turn.
    Backoff,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// The application wants a change.
    Wish,
    /// The peer wants one.
    PeerOffer,
    /// The application answers a re-INVITE, an UPDATE, or refuses either; the peer's CANCEL refuses too.
    AnswerInvite,
    AnswerUpdate,
    Refuse,
    /// The ACK to our 200.
    PeerAck,
    /// Our re-INVITE got a 2xx, 491, 481 or no answer, another failure.
    Success,
    Pending,
    Gone,
    Failure,
    /// Time to repeat what is repeated in this state.
    Resend,
    /// The time limit of this state passed.
    Limit,
}

/// What is to be done, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Our re-INVITE, with the offer that was wished last.
    SendInvite,
    /// The ACK to its 2xx, first or again.
    SendAck,
    /// The 200 to the peer's request, first or again.
    SendOk,
    /// The failure the application chose.
    SendRefusal,
    /// 491: our own offer, or our answer, is not settled (RFC 3261 §14.2, RFC 3311 §5.2).
    SendPending,
    /// 500 with Retry-After: an earlier offer of the peer is not answered.
    SendBusy,
    /// Ask the application.
    TellReoffer,
    /// The peer answered our offer.
    TellReanswered,
    /// Our offer came to nothing.
    TellFailed,
    /// The dialog is dead (RFC 3261 §12.2.1.2, §14.1).
    HangUp,
}

/// The table.
pub(crate) fn step(state: State, happening: Happening) -> (State, &'static [Action]) {
    use {Action::*, Happening::*, State::*};
    match (state, happening) {
        // Ours.
        (Idle, Wish) => (Offering, &[SendInvite]),
        (Offering, Success) => (Idle, &[SendAck, TellReanswered]),
        (Offering, Pending) => (Backoff, &[]),
        (Offering, Failure) => (Idle, &[TellFailed]),
        (Offering, Gone | Limit) => (Idle, &[HangUp]),
        (Backoff, Limit) => (Offering, &[SendInvite]),
        // The 2xx to an earlier re-INVITE came again: its ACK was lost.
        (Idle | Offered | Answered | Backoff, Success) => (state, &[SendAck]),
        // The peer's.
        (Idle, PeerOffer) => (Offered, &[TellReoffer]),
        // What we wished was written before this offer, so that it cannot follow it.
        (Backoff, PeerOffer) => (Offered, &[TellReoffer, TellFailed]),
        (Offered, Wish) => (Offered, &[TellFailed]),
        (Offered, PeerOffer) => (Offered, &[SendBusy]),
        (Answered | Offering, PeerOffer) => (state, &[SendPending]),
        (Offered, AnswerInvite) => (Answered, &[SendOk]),
        (Offered, AnswerUpdate) => (Idle, &[SendOk]),
        (Offered, Refuse | Limit) => (Idle, &[SendRefusal]),
        (Answered, Resend) => (Answered, &[SendOk]),
        (Answered, PeerAck) => (Idle, &[TellReanswered]),
        (Answered, Limit) => (Idle, &[HangUp]),
        // Kept, and sent as soon as nothing else is going on.
        (Answered | Offering | Backoff, Wish) => (state, &[]),
        // The application is late: the request was cancelled, or refused by its time limit.
        (Idle | Answered | Offering | Backoff, AnswerInvite | AnswerUpdate | Refuse) => (state, &[]),
        // A repeated or misplaced ACK.
        (Idle | Offered | Offering | Backoff, PeerAck) => (state, &[]),
        // No re-INVITE of ours is out.
        (Idle | Offered | Answered | Backoff, Pending | Gone | Failure) => (state, &[]),
        // Nothing is repeated, or limited, here.
        (Idle | Offered | Offering | Backoff, Resend) | (Idle, Limit) => (state, &[]),
    }
}

/// The time limit of a state, and the first wait before what is repeated in it; none for a back-off, which is random.
pub(crate) fn clocks(state: State, timing: &Timing) -> (Option<Duration>, Option<Duration>) {
    match state {
        State::Idle | State::Backoff => (None, None),
        State::Offered => (Some(timing.reoffer_max()), None),
        State::Answered => (Some(timing.transaction_max()), Some(timing.t1)),
        // Without any answer its transaction ends first; this is for a peer that never gets beyond a provisional one.
        State::Offering => (Some(timing.transaction_max() * 2), None),
    }
}

/// How long an offer that met the peer's waits (RFC 3261 §14.1): whoever made the Call-ID waits longer, so that the
/// two don't meet again. `dice` is any number.
pub(crate) fn backoff(is_call_id_ours: bool, dice: u64) -> Duration {
    let centiseconds = if is_call_id_ours { 210 + dice % 191 } else { dice % 201 };
    Duration::from_millis(centiseconds * 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use {Action::*, Happening::*, State::*};

    #[test]
    fn the_table_is_the_rfcs() {
        #[rustfmt::skip]
        let rows: &[(State, Happening, State, &[Action])] = &[
            (Idle,     Wish,         Offering, &[SendInvite]),
            (Idle,     PeerOffer,    Offered,  &[TellReoffer]),
            (Idle,     Success,      Idle,     &[SendAck]),
            (Offered,  PeerOffer,    Offered,  &[SendBusy]),
            (Offered,  Wish,         Offered,  &[TellFailed]),
            (Offered,  AnswerInvite, Answered, &[SendOk]),
            (Offered,  AnswerUpdate, Idle,     &[SendOk]),
            (Offered,  Refuse,       Idle,     &[SendRefusal]),
            (Offered,  Limit,        Idle,     &[SendRefusal]),
            (Answered, PeerOffer,    Answered, &[SendPending]),
            (Answered, Wish,         Answered, &[]),
            (Answered, Resend,       Answered, &[SendOk]),
            (Answered, PeerAck,      Idle,     &[TellReanswered]),
            (Answered, Limit,        Idle,     &[HangUp]),
            (Offering, PeerOffer,    Offering, &[SendPending]),
            (Offering, Wish,         Offering, &[]),
            (Offering, Success,      Idle,     &[SendAck, TellReanswered]),
            (Offering, Pending,      Backoff,  &[]),
            (Offering, Gone,         Idle,     &[HangUp]),
            (Offering, Failure,      Idle,     &[TellFailed]),
            (Offering, Limit,        Idle,     &[HangUp]),
            (Backoff,  PeerOffer,    Offered,  &[TellReoffer, TellFailed]),
            (Backoff,  Wish,         Backoff,  &[]),
            (Backoff,  Success,      Backoff,  &[SendAck]),
            (Backoff,  Limit,        Offering, &[SendInvite]),
        ];
        for (from, happening, to, actions) in rows {
            assert_eq!(step(*from, *happening), (*to, *actions), "{from:?} {happening:?}");
        }
    }

    #[test]
    fn every_offer_of_the_peer_is_answered_or_passed_on() {
        for state in [Idle, Offered, Answered, Offering, Backoff] {
            let answers = [TellReoffer, SendBusy, SendPending];
            let (_, actions) = step(state, PeerOffer);
            assert_eq!(actions.iter().filter(|action| answers.contains(action)).count(), 1, "{state:?}");
        }
    }

    #[test]
    fn two_that_met_never_wait_equally_long() {
        let ours: Vec<Duration> = (0..500).map(|dice| backoff(true, dice)).collect();
        let theirs: Vec<Duration> = (0..500).map(|dice| backoff(false, dice)).collect();
        let millis = Duration::from_millis;
        assert_eq!((ours.iter().min(), ours.iter().max()), (Some(&millis(2100)), Some(&millis(4000))));
        assert_eq!((theirs.iter().min(), theirs.iter().max()), (Some(&millis(0)), Some(&millis(2000))));
    }
}

//! What a phone's answer to a call says about the phone: whoever answers is there, whatever the answer.
//! Never decides what follows for the agent; that is `agent.rs`.

use crate::queue::Outcome;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// What a phone that is there said instead of taking a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Somebody telephones there.
    Busy,
    /// It is not to be disturbed, or nobody is there just now.
    DoNotDisturb,
    /// It sends calls elsewhere; they stay with us.
    Elsewhere,
    /// It speaks nothing that we speak, or its answer cannot be used.
    NothingInCommon,
    /// Anything else.
    Error {
        /// The SIP status.
        status: u16,
    },
}

/// What became of an INVITE to a phone that did not lead to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The phone, or a proxy before it, answered with this SIP status.
    Status(u16),
    /// It said 200, with a description that cannot be used.
    Unusable,
    /// Nothing came back, nothing could be sent, or there is no phone.
    Nothing,
    /// No INVITE was sent: all legs or media ports of the daemon are taken.
    NotCalled,
}

/// The outcome of an offer whose phone answered like this; `retry_after` is when the phone says to try again.
pub fn outcome(answer: Answer, retry_after: Option<Span>) -> Outcome {
    let says = match answer {
        Answer::Nothing => return Outcome::Unreachable,
        Answer::NotCalled => return Outcome::NotCalled,
        Answer::Status(status) => match status {
            403 | 603 => return Outcome::Declined,
            // The proxy before the phone has lost its way to it (RFC 5626 §11.6).
            430 => return Outcome::Unreachable,
            486 | 600 => Says::Busy,
            480 => Says::DoNotDisturb,
            300..400 => Says::Elsewhere,
            406 | 415 | 488 | 606 => Says::NothingInCommon,
            _ => Says::Error { status },
        },
        Answer::Unusable => Says::NothingInCommon,
    };
    Outcome::PhoneRefused { says, retry_after }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_answers_is_there() {
        let refused = |says| Outcome::PhoneRefused { says, retry_after: None };
        for (answer, expected) in [
            (Answer::Status(486), refused(Says::Busy)),
            (Answer::Status(600), refused(Says::Busy)),
            (Answer::Status(480), refused(Says::DoNotDisturb)),
            (Answer::Status(302), refused(Says::Elsewhere)),
            (Answer::Status(488), refused(Says::NothingInCommon)),
            (Answer::Unusable, refused(Says::NothingInCommon)),
            (Answer::Status(404), refused(Says::Error { status: 404 })),
            (Answer::Status(408), refused(Says::Error { status: 408 })),
            (Answer::Status(487), refused(Says::Error { status: 487 })),
            (Answer::Status(503), refused(Says::Error { status: 503 })),
            (Answer::Status(604), refused(Says::Error { status: 604 })),
            (Answer::Status(403), Outcome::Declined),
            (Answer::Status(603), Outcome::Declined),
            (Answer::Status(430), Outcome::Unreachable),
            (Answer::Nothing, Outcome::Unreachable),
            (Answer::NotCalled, Outcome::NotCalled),
        ] {
            assert_eq!(outcome(answer, None), expected, "{answer:?}");
        }
    }

    #[test]
    fn what_a_phone_says_about_the_time_is_kept() {
        let retry_after = Some(Span::seconds(40));
        let expected = Outcome::PhoneRefused { says: Says::Error { status: 503 }, retry_after };
        assert_eq!(outcome(Answer::Status(503), retry_after), expected);
    }
}

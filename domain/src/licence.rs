//! What a licence says, and what holds by it at a moment: whether chats may begin (R1).
//! It never looks at a signature: whoever has the key hands in what is signed.

mod german;

use crate::time::{Span, Timestamp};
use std::collections::BTreeSet;

/// The channel that is licensed, as a licence names it.
pub const CHAT: &str = "chat";
/// How long before its end everybody is reminded of it: 30 days.
pub const REMINDED: Span = Span(30 * DAY.0);
/// The longest text that is looked at, in bytes.
pub const BYTES_MAX: usize = 4096;

const DAY: Span = Span::seconds(24 * 60 * 60);

/// What whoever hosts companies has signed for one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Its number, in the words of whoever issued it.
    pub number: String,
    /// The name of the company that it is for.
    pub company: String,
    /// The channels that it is for, as [`CHAT`].
    pub channels: BTreeSet<String>,
    /// How many people may have chats.
    pub agents: u32,
    /// From when on.
    pub from: Timestamp,
    /// Until when: at that moment it has ended.
    pub until: Timestamp,
    /// For how many days chats go on beginning after that.
    pub grace_days: u32,
}

impl Licence {
    /// When no chat begins any more.
    pub fn ends(&self) -> Timestamp {
        self.until + Span(u64::from(self.grace_days).saturating_mul(DAY.0))
    }
}

/// Why a text is no licence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is nothing by which it could be looked at.
    #[error("nothing is licensed here yet: whoever runs the daemon sets licence.public_key first")]
    NoKey,
    /// It is not even looked at.
    #[error("the text is longer than {BYTES_MAX} characters, and no licence is")]
    TooLong,
    /// Something of it is missing, or it is something else.
    #[error("this is no licence, or not all of it: expected one text that begins with v4.public.")]
    NoToken,
    /// There is more than was signed for.
    #[error("something stands behind the licence that does not belong to it (a footer)")]
    Footer,
    /// Somebody else signed it, or it was changed.
    #[error("the signature is wrong: a part was cut off or changed, or it was issued for another installation")]
    Signature,
    /// It says what this version does not know.
    #[error("it is signed, but cannot be understood: {0}")]
    Claims(String),
}

/// What holds for the chats of a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// There is no licence.
    None,
    /// What there is cannot be read.
    Broken(Unreadable),
    /// It was issued for another company.
    OtherCompany {
        /// Its name.
        company: String,
    },
    /// It is for other channels.
    NoChat,
    /// It has not begun.
    NotYet {
        /// When it begins.
        from: Timestamp,
    },
    /// Chats may begin.
    Valid {
        /// Until then at least.
        until: Timestamp,
    },
    /// The same, and it is time for the next one.
    EndsSoon {
        /// When it ends.
        until: Timestamp,
    },
    /// It has ended, and chats may begin for some days yet.
    Grace {
        /// When it ended.
        until: Timestamp,
        /// When no chat begins any more.
        ends: Timestamp,
    },
    /// No chat begins any more.
    Ended {
        /// Since when.
        at: Timestamp,
    },
}

impl State {
    /// What holds at a moment for the company of this name, by what it has as a licence.
    pub fn of(licence: Option<&Result<Licence, Unreadable>>, company: &str, now: Timestamp) -> State {
        let licence = match licence {
            None => return State::None,
            Some(Err(why)) => return State::Broken(why.clone()),
            Some(Ok(licence)) => licence,
        };
        let (from, until, ends) = (licence.from, licence.until, licence.ends());
        match licence {
            _ if licence.company != company => State::OtherCompany { company: licence.company.clone() },
            _ if !licence.channels.contains(CHAT) => State::NoChat,
            _ if now < from => State::NotYet { from },
            _ if now >= ends => State::Ended { at: ends },
            _ if now >= until => State::Grace { until, ends },
            _ if now + REMINDED >= until => State::EndsSoon { until },
            _ => State::Valid { until },
        }
    }

    /// Whether new chats may begin.
    pub fn lets_chats_begin(&self) -> bool {
        match self {
            State::Valid { .. } | State::EndsSoon { .. } | State::Grace { .. } => true,
            State::None
            | State::Broken(_)
            | State::OtherCompany { .. }
            | State::NoChat
            | State::NotYet { .. }
            | State::Ended { .. } => false,
        }
    }

    /// Whether somebody has to do something soon, or should have.
    pub fn is_worth_a_word(&self) -> bool {
        !matches!(self, State::Valid { .. })
    }

    /// When it is another one by itself; `None`: never.
    pub fn changes_at(&self) -> Option<Timestamp> {
        match self {
            State::None | State::Broken(_) | State::OtherCompany { .. } | State::NoChat | State::Ended { .. } => None,
            State::NotYet { from } => Some(*from),
            State::Valid { until } => Some(Timestamp((*until - Timestamp(REMINDED.0)).0)),
            State::EndsSoon { until } => Some(*until),
            State::Grace { ends, .. } => Some(*ends),
        }
    }

    /// Its name, for programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            State::None => "none",
            State::Broken(_) => "broken",
            State::OtherCompany { .. } => "other_company",
            State::NoChat => "no_chat",
            State::NotYet { .. } => "not_yet",
            State::Valid { .. } => "valid",
            State::EndsSoon { .. } => "ends_soon",
            State::Grace { .. } => "grace",
            State::Ended { .. } => "ended",
        }
    }

    /// Whether a licence by which this would hold may take the place of one by which `held` holds. One that is none never
    /// may, and none may take away what goes on: the next one is installed once it has begun.
    ///
    /// # Errors
    /// With this state, which says why not.
    pub fn in_place_of(self, held: &State) -> Result<(), State> {
        let is_none = match self {
            State::Broken(_) | State::OtherCompany { .. } | State::NoChat | State::None => true,
            State::NotYet { .. } | State::Ended { .. } => held.lets_chats_begin(),
            State::Valid { .. } | State::EndsSoon { .. } | State::Grace { .. } => false,
        };
        if is_none { Err(self) } else { Ok(()) }
    }
}

impl std::fmt::Display for State {
    /// A sentence for whoever runs the daemon.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            State::None => f.write_str("there is no licence: no chat begins"),
            State::Broken(why) => why.fmt(f),
            State::OtherCompany { company } => write!(f, "the licence is for another company, `{company}`"),
            State::NoChat => f.write_str("the licence is not for chats"),
            State::NotYet { from } => write!(f, "the licence begins only on {}", day(*from, "%Y-%m-%d, %H:%M UTC")),
            State::Valid { until } => write!(f, "chats may begin until {}", day(*until, "%Y-%m-%d, %H:%M UTC")),
            State::EndsSoon { until } => write!(f, "the licence ends soon, on {}", day(*until, "%Y-%m-%d, %H:%M UTC")),
            State::Grace { until, ends } => write!(
                f,
                "the licence ended on {}; chats may begin until {} yet",
                day(*until, "%Y-%m-%d, %H:%M UTC"),
                day(*ends, "%Y-%m-%d, %H:%M UTC")
            ),
            State::Ended { at } => {
                write!(f, "the licence ended: no chat begins since {}", day(*at, "%Y-%m-%d, %H:%M UTC"))
            }
        }
    }
}

/// A moment in words; milliseconds if no calendar has it.
fn day(at: Timestamp, format: &str) -> String {
    let time = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    time.map_or_else(|| at.0.to_string(), |time| time.strftime(format).to_string())
}

#[cfg(test)]
mod tests;

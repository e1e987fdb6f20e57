//! The codes of every refusal, one list for sockets and REST: the screens translate each of them.

use domain::Refusal;
use domain::contact;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use ts_rs::TS;
use utoipa::ToSchema;

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "error.ts")]
pub enum Code {
    /// The request could not be read: a field is missing, unknown or out of its bounds.
    Malformed,
    /// Nobody is logged in on this connection.
    Unauthenticated,
    /// Name or password is wrong.
    WrongCredentials,
    /// The person may not do this.
    Forbidden,
    /// There is no such thing, or none in this company.
    NotFound,
    /// The chat service's token is unknown, or the service is switched off.
    UnknownToken,
    /// Too much at once from this source, or the daemon is at its limit.
    TooMany,
    /// The daemon cannot store anything right now: try again later.
    Unavailable,
    /// What is stored cannot be read, and will not be by itself.
    Damaged,
    /// It contradicts itself, or what is there: the problem's `refusals` say all that is wrong.
    Refused,
    /// It is not any more what somebody looked at who wants to change it.
    Stale,
    /// Somebody else was faster: the item is no longer in the queue.
    Taken,
    /// The agent has as many chats as they may have.
    MaximumReached,
    /// The agent is on a call.
    OnACall,
    /// The agent is not logged in.
    LoggedOut,
    /// The agent is on a break, or about to take one.
    OnBreak,
    /// The other agent cannot take it.
    NotAvailable,
    /// Nobody is there to take it.
    Unserved,
    /// The agent does not have this item.
    NotYours,
    /// The chat is over: nothing can be written any more.
    ChatOver,
    /// The file is longer than files may be.
    FileTooLarge,
    /// Files of this kind are not taken.
    FileKind,
    /// There is nothing in the file.
    FileEmpty,
    /// The item is not in a state in which this can be done.
    WrongState,
    /// The wrap-up was extended as often as it can be.
    Extended,
    /// What a call interrupted waits for the end of the call's wrap-up.
    Awaited,
    /// No phone is ringing for this offer any more.
    OfferOver,
}

/// What stands in the way of something, for a screen that offers it; `None` if it may be done.
pub fn obstacle(may: Result<(), Refusal>) -> Option<Code> {
    may.err().map(Code::from)
}

/// A refusal as it is sent: the code for programs and translations, the message for whoever reads a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "error.ts")]
pub struct Problem {
    /// What kind of refusal it is.
    pub code: Code,
    /// One English sentence with the particulars.
    pub message: String,
}

/// A refusal over HTTP, `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// `about:blank`: what kind of refusal it is, its code says.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What kind of refusal it is.
    pub code: Code,
    /// One English sentence with the particulars.
    pub detail: String,
    /// All that is wrong with a change of the company or of a contact; else there are none.
    pub refusals: Vec<RefusalView>,
}

/// What is wrong with a change of the company or of a contact, for the field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusalView {
    /// What kind of thing: as in the company's file, or `contact`.
    pub kind: &'static str,
    /// Its name; of a contact its id, empty while it is not there.
    pub name: String,
    /// At which of its settings, as `ring_s`; in a list at which place, as `points/0`, and of a contact's own fields at which, as `fields/Since`. `null`: as a whole.
    #[schema(value_type = Option<String>)]
    pub key: Option<Cow<'static, str>>,
    /// What is wrong, in English.
    pub message: String,
    /// The same in German.
    pub message_de: String,
}

impl From<&domain::company::Refusal> for RefusalView {
    fn from(refusal: &domain::company::Refusal) -> RefusalView {
        RefusalView {
            kind: refusal.kind.as_str(),
            name: refusal.name.clone(),
            key: refusal.place().map(Cow::Borrowed),
            message: refusal.why.to_string(),
            message_de: refusal.why.german(),
        }
    }
}

impl From<&contact::Refusal> for RefusalView {
    fn from(refusal: &contact::Refusal) -> RefusalView {
        RefusalView {
            kind: "contact",
            name: refusal.contact.map(|contact| contact.to_string()).unwrap_or_default(),
            key: match &refusal.why {
                contact::Why::Field { field, .. } => Some(Cow::Owned(format!("fields/{field}"))),
                _ => refusal.key.map(Cow::Borrowed),
            },
            message: refusal.why.to_string(),
            message_de: refusal.why.german(),
        }
    }
}

impl From<Refusal> for Code {
    fn from(refusal: Refusal) -> Code {
        match refusal {
            Refusal::Taken => Code::Taken,
            Refusal::MaximumReached => Code::MaximumReached,
            Refusal::OnACall => Code::OnACall,
            Refusal::LoggedOut => Code::LoggedOut,
            Refusal::OnBreak => Code::OnBreak,
            Refusal::NotAvailable => Code::NotAvailable,
            Refusal::Unserved => Code::Unserved,
            Refusal::NotYours => Code::NotYours,
            Refusal::ChatOver => Code::ChatOver,
            Refusal::WrongState => Code::WrongState,
            Refusal::Extended => Code::Extended,
            Refusal::Awaited => Code::Awaited,
            Refusal::OfferOver => Code::OfferOver,
            Refusal::NumberTaken => Code::Malformed,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem { code: refusal.into(), message: refusal.to_string() }
    }
}

impl Problem {
    /// A refusal with its particulars.
    pub fn new(code: Code, message: impl Into<String>) -> Problem {
        Problem { code, message: message.into() }
    }
}

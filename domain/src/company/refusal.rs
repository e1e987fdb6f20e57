//! Why a change of a company is refused, and the words for it.
//! Nowhere else are these words: whoever refuses says what is wrong, and where.

use super::hours::interval_words;
use super::service::IDENTIFY_KEY_CHARACTERS_MIN;
use super::{PASSWORD_CHARACTERS_MIN, TOKEN_CHARACTERS};
use crate::announcement::Language;
use crate::contact::Country;
use crate::hours::NoInterval;
use crate::licence::State;
use std::fmt;

/// What kind of thing a company has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The company itself.
    Company,
    /// A queue.
    Queue,
    /// A person.
    Agent,
    /// A phone, which is an agent's.
    Phone,
    /// A number.
    Number,
    /// A trunk.
    Trunk,
    /// A chat service.
    Service,
    /// A reason for a break.
    BreakReason,
    /// What items may be about.
    Classification,
    /// A text that its people write again and again.
    Template,
    /// When it is open.
    Hours,
    /// What people may do.
    Role,
    /// By which a program asks.
    ApiKey,
    /// A customer whom it knows.
    Contact,
    /// What is written of an item that is over.
    Record,
}

impl Kind {
    /// All kinds.
    const ALL: [Kind; 15] = [
        Kind::Company,
        Kind::Queue,
        Kind::Agent,
        Kind::Phone,
        Kind::Number,
        Kind::Trunk,
        Kind::Service,
        Kind::BreakReason,
        Kind::Classification,
        Kind::Template,
        Kind::Hours,
        Kind::Role,
        Kind::ApiKey,
        Kind::Contact,
        Kind::Record,
    ];

    /// The key of a thing's name, as it stands in the company's file.
    pub fn name_key(self) -> Option<Key> {
        match self {
            Kind::Company | Kind::Queue | Kind::Trunk => Some("name"),
            Kind::Agent => Some("login_name"),
            Kind::Phone => Some("phone"),
            Kind::Number => Some("number"),
            Kind::Service => Some("token"),
            Kind::BreakReason | Kind::Template | Kind::Hours | Kind::Role | Kind::ApiKey => Some("name"),
            Kind::Classification => Some("code"),
            // Many have the same name.
            Kind::Contact | Kind::Record => None,
        }
    }

    /// The kind that is written like this.
    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// As the company's file and its audit call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Company => "company",
            Kind::Queue => "queue",
            Kind::Agent => "agent",
            Kind::Phone => "phone",
            Kind::Number => "number",
            Kind::Trunk => "trunk",
            Kind::Service => "chat_service",
            Kind::BreakReason => "break reason",
            Kind::Classification => "classification",
            Kind::Template => "template",
            Kind::Hours => "hours",
            Kind::Role => "role",
            Kind::ApiKey => "api_key",
            Kind::Contact => "contact",
            Kind::Record => "record",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The key of a setting, as it stands in the company's file.
pub type Key = &'static str;

/// What is wrong, and at which key, while it is not said of which thing.
pub type Wrong = (Option<Key>, Why);

/// Why a change is refused: of which thing, at which key, and what is accepted there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// What kind of thing.
    pub kind: Kind,
    /// Its name; empty if that is what is missing.
    pub name: String,
    /// At which of its keys; `None` if it is not about one.
    pub key: Option<Key>,
    /// What is wrong.
    pub why: Why,
}

impl Refusal {
    /// A refusal of a thing.
    pub fn new(kind: Kind, name: &str, key: Option<Key>, why: Why) -> Refusal {
        Refusal { kind, name: name.to_owned(), key, why }
    }

    /// Where a form shows it, or an editor puts the cursor: at its key, else at the one that holds the thing's name, else at
    /// the thing as a whole.
    pub fn place(&self) -> Option<Key> {
        self.key.or(match self.why {
            Why::NameEmpty
            | Why::NameControl
            | Why::NameTaken
            | Why::NotRenamed
            | Why::Twice
            | Why::OtherCompany
            | Why::TokenBefore => self.kind.name_key(),
            _ => None,
        })
    }
}

/// All that is wrong with a set of changes, in the order in which it was found; never empty where it is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Refusals(pub Vec<Refusal>);

impl Refusals {
    /// Notes one more.
    pub fn add(&mut self, kind: Kind, name: &str, (key, why): Wrong) {
        self.0.push(Refusal::new(kind, name, key, why));
    }

    /// What came out of it, unless that was refused, which is noted.
    pub fn note<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.0.push(refusal)).ok()
    }

    /// The value, unless something was noted.
    ///
    /// # Errors
    /// With all that was noted.
    pub fn or<T>(self, value: T) -> Result<T, Refusals> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Refusals {
        Refusals(vec![refusal])
    }
}

impl fmt::Display for Refusals {
    /// A line for each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.0.iter();
        if let Some(first) = lines.next() {
            first.fmt(f)?;
        }
        lines.try_for_each(|line| write!(f, "\n{line}"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        if !self.name.is_empty() {
            write!(f, " {}", self.name)?;
        }
        f.write_str(": ")?;
        if let Some(key) = self.key {
            write!(f, "{key}: ")?;
        }
        self.why.fmt(f)
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It has no name.
    #[error("the name is empty")]
    NameEmpty,
    /// Its name could be taken for another one, or breaks what is printed.
    #[error("the name holds a line end or another control character, expected a text without")]
    NameControl,
    /// Another thing has it.
    #[error("there is one of this name already")]
    NameTaken,
    /// It is known by its name alone.
    #[error("cannot have another name (make a new one)")]
    NotRenamed,
    /// It is described twice, and only one of the two could hold.
    #[error("is there twice, expected once")]
    Twice,
    /// There is no such thing.
    #[error("there is none of this name")]
    Unknown,
    /// It is somebody else's.
    #[error("belongs to another company")]
    OtherCompany,
    /// It names a queue that is not there.
    #[error("there is no queue `{name}`, expected one of: {}", known.join(", "))]
    NoQueue {
        /// The name.
        name: String,
        /// What queues there are.
        known: Vec<String>,
    },
    /// It names opening hours that are not there.
    #[error("there are no hours `{name}`, expected one of: {}", known.join(", "))]
    NoHours {
        /// The name.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// They name a role that is not there.
    #[error("there is no role `{name}`, expected some of: {}", known.join(", "))]
    NoRole {
        /// The name.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A level that means nothing in this area.
    #[error("expected one of: {}", known.join(", "))]
    Level {
        /// Those that do.
        known: Vec<&'static str>,
    },
    /// A role that every company has.
    #[error("is a role that every company has (copy it under another name, and change that)")]
    BuiltIn,
    /// Nobody gives what they don't have.
    #[error("lets them do more than you may yourself (ask somebody who may)")]
    MoreThanOwn,
    /// Nobody logs in as somebody who may more than they.
    #[error("they may do more than you: only they themselves, or somebody who may as much, set their password")]
    PasswordOfMore,
    /// A key that is lost makes no others that outlast it.
    #[error("an API key makes and changes no API keys: somebody of the company does")]
    KeyByKey,
    /// It is missing, is guessed too soon, or cannot be sent.
    #[error(
        "expected {} to {} characters from a random source: letters, digits and -._~+/=",
        TOKEN_CHARACTERS.start(),
        TOKEN_CHARACTERS.end()
    )]
    Token,
    /// Only one of them can hold.
    #[error("stands beside `token_hash`, expected one of them")]
    TwoTokens,
    /// It is no hash of a token.
    #[error("expected the SHA-256 of its token, as 64 hexadecimal digits in lower case")]
    TokenHash,
    /// Whose it is has to be clear.
    #[error("another key has this token, expected one of its own")]
    ApiTokenTaken,
    /// It would work for ever.
    #[error("expected its last day, such as 2027-12-31")]
    EndMissing,
    /// It could do nothing.
    #[error("expected one role or more")]
    RolesMissing,
    /// Nobody could change the company any more.
    #[error("nobody who works here could change the company any more (give somebody else a role that can, first)")]
    NobodyLeft,
    /// Its time zone is not known.
    #[error("found `{found}`, expected a time zone such as Europe/Berlin")]
    TimeZone {
        /// What stands there.
        found: String,
    },
    /// Two times that are no opening hours.
    #[error("{day}: found `{found}`: {}", interval_words(why))]
    Interval {
        /// On which day: as a key, or a date.
        day: String,
        /// What stands there.
        found: String,
        /// Why it is none.
        why: NoInterval,
    },
    /// What is open by one is open by the other too.
    #[error("`{one}` and `{other}` overlap")]
    IntervalsOverlap {
        /// The day and the interval.
        one: String,
        /// The same of the other.
        other: String,
    },
    /// It is no day.
    #[error("found `{found}`, expected a date such as 2026-12-24")]
    Date {
        /// What stands there.
        found: String,
    },
    /// A day is there twice.
    #[error("{date} is there twice, expected once")]
    DateTwice {
        /// Which.
        date: String,
    },
    /// A day is called what cannot be shown.
    #[error("{date}: the name is longer than {most} characters, or holds a control character")]
    DayName {
        /// Which day.
        date: String,
        /// The most characters.
        most: usize,
    },
    /// Both cannot hold at once.
    #[error("give open_until or closed_until, not both")]
    OpenAndClosed,
    /// Something still refers to it.
    #[error("is still used by {} (change or remove them first)", list(by))]
    Used {
        /// By what: kinds and names.
        by: Vec<(Kind, String)>,
    },
    /// A number is too small or too big.
    #[error("found {found}, expected {first} to {last}")]
    Range {
        /// The number.
        found: u32,
        /// The smallest that is accepted.
        first: u32,
        /// The biggest.
        last: u32,
    },
    /// The time between announcements is too short or too long.
    #[error("every_s is {found}, expected {first} to {last}")]
    Every {
        /// In seconds.
        found: u32,
        /// The shortest that is accepted.
        first: u32,
        /// The longest.
        last: u32,
    },
    /// Announcements were switched on without saying which.
    #[error("expected {{ language = \"de\" or \"en\", .. }} or false")]
    Announcements,
    /// Calls were named among what is pushed.
    #[error("calls always are; expected callback, chat, email or work_item")]
    CallsArePushed,
    /// It has to be something.
    #[error("expected 1 or more")]
    Positive,
    /// Overflow would never end.
    #[error("what overflows from here would come back in a circle")]
    Circle,
    /// A file of the machine, which not everybody who changes a company may name.
    #[error("sound files are the machine's: its operator names them (vorrang company apply)")]
    Sound,
    /// A file that callers cannot be played.
    #[error("{why}")]
    Unplayable {
        /// What is wrong with it.
        why: String,
    },
    /// Nobody can log in without one.
    #[error("a new agent needs password or password_hash")]
    NoPassword,
    /// Only one of the two can hold.
    #[error("give password or password_hash, not both")]
    TwoPasswords,
    /// It is guessed too soon.
    #[error("the password is too short, expected {PASSWORD_CHARACTERS_MIN} characters or more")]
    PasswordTooShort,
    /// Guessers try it among the first.
    #[error(
        "the password is among the first that guessers try, expected another one (three or four words by chance are good)"
    )]
    PasswordCommon,
    /// It is not the one that holds.
    #[error("the password is wrong")]
    WrongPassword,
    /// It is no hash that can be used here; in the words of whoever looked.
    #[error("{0}")]
    Hash(String),
    /// There is nothing that could have it.
    #[error("only with a phone")]
    NoPhone,
    /// It is empty.
    #[error("expected a SIP user or a `sip:` URI")]
    PhoneEmpty,
    /// Somebody else has this phone.
    #[error("the phone {0} belongs to another agent")]
    PhoneTaken(String),
    /// A trunk proves to be this user.
    #[error("the phone {0} is the user of a trunk")]
    PhoneIsTrunk(String),
    /// It could not prove who it is.
    #[error("the phone {0} needs a phone_password to register")]
    PhonePassword(String),
    /// It would prove nothing to anybody.
    #[error("a phone with a fixed `sip:` URI doesn't register")]
    PhoneFixed,
    /// A HA1 has two halves, of the same password.
    #[error(
        "give phone_ha1_md5 and phone_ha1_sha256 together, in hexadecimal digits, and no phone_password beside them"
    )]
    PhoneHa1,
    /// A HA1 has two halves, of the same password.
    #[error(
        "give ha1_md5 and ha1_sha256 together, in hexadecimal digits, and only for a user who proves a password to us"
    )]
    TrunkHa1,
    /// It is no address of a trunk.
    #[error("found `{0}`, expected an IP address or a network such as 192.0.2.0/24")]
    Address(String),
    /// It is no place where requests could go.
    #[error(
        "found `{0}`, expected a host name or an IP address, perhaps with a port, such as sip.example.com or 192.0.2.1:5070"
    )]
    Place(String),
    /// Only one of the two can hold.
    #[error("give registrar or server, not both")]
    RegistrarAndServer,
    /// Only one of the two can hold.
    #[error("give address or user, not both: calls from an address need no password")]
    AddressAndUser,
    /// Nothing says which calls are this trunk's.
    #[error("expected address, or user and password, or registrar with user and password")]
    NoTrunk,
    /// It would break a SIP header.
    #[error("expected a text without quotes, backslashes and line ends")]
    TrunkText,
    /// There is nobody who could prove it.
    #[error("only with a user")]
    NoUser,
    /// There is nothing to prove.
    #[error("the user `{0}` needs a password")]
    UserPassword(String),
    /// Whoever proves a password by this name is known already.
    #[error("`{0}` belongs to a phone or to another trunk")]
    UserTaken(String),
    /// A registrar asks for both.
    #[error("needs user and password")]
    RegistrarUser,
    /// It says something of our registration, and there is none.
    #[error("only with a registrar")]
    OnlyRegistrar,
    /// It says something of where our requests go, and they go nowhere.
    #[error("only with a registrar or a server")]
    OnlyServer,
    /// It is asked too rarely.
    #[error("found {found}, expected 0 for never, or 1 to {last}")]
    Probe {
        /// In seconds.
        found: u32,
        /// The longest that is accepted.
        last: u32,
    },
    /// Nobody could dial it.
    #[error("expected 6 to 20 digits, as in \"+49 30 123456\"")]
    Telephone,
    /// It is none of which it is known how one dials there.
    #[error("found `{found}`, expected one of {}", Country::letters().join(", "))]
    Country {
        /// What was found.
        found: String,
    },
    /// It cannot be both.
    #[error("it is the token itself")]
    TokenItself,
    /// It would lead to two services.
    #[error("another chat service has it")]
    TokenTaken,
    /// It was somebody else's, whose visitors may still come.
    #[error("another chat service had its token, or its previous_token, before")]
    TokenBefore,
    /// It is no time.
    #[error("expected a time as \"2027-01-31T00:00:00Z\"")]
    Time,
    /// A token that goes on working has an end.
    #[error("needed beside a previous_token, as \"2027-01-31T00:00:00Z\"")]
    NoUntil,
    /// There is nothing that could end then.
    #[error("only with a previous_token")]
    NoPrevious,
    /// It would be part of what is not there.
    #[error("there is no classification `{0}`")]
    NoClassification(String),
    /// A part is where its parent is.
    #[error("only of what is part of nothing: its parts are where it is")]
    OnlyRoot,
    /// No path to it would end, or fit on a screen.
    #[error("would be part of itself, or deeper than {}", super::classification::DEPTH_MAX)]
    TooDeep,
    /// There is nothing to be written.
    #[error("the text is empty")]
    TextEmpty,
    /// No message may be as long.
    #[error("the text is longer than {} characters", super::template::TEMPLATE_CHARACTERS_MAX)]
    TextTooLong,
    /// It is none.
    #[error("expected a language such as `de` or `pt-BR`")]
    Language,
    /// It could be guessed.
    #[error("the key is too short, expected {IDENTIFY_KEY_CHARACTERS_MIN} characters or more")]
    IdentifyKey,
    /// No page has it.
    #[error("found `{0}`, expected an origin in lower case as https://www.example.com or https://*.example.com")]
    Origin(String),
    /// It is no colour.
    #[error("expected a colour as \"#2f5bd0\"")]
    Colour,
    /// It can hardly be seen.
    #[error("stands out from white by {}.{} to 1, expected 3 to 1 or more", found / 100, found / 10 % 10)]
    Contrast {
        /// By how much, in hundredths.
        found: u32,
    },
    /// Nobody would see it.
    #[error("{} is not among the languages", language(*.0))]
    NotSpoken(Language),
    /// It does not fit.
    #[error("a text is too long, expected {most} characters or fewer")]
    TooLong {
        /// The most that are accepted.
        most: usize,
    },
    /// Nobody would fill that in.
    #[error("expected {most} fields or fewer")]
    TooMany {
        /// The most that are accepted.
        most: usize,
    },
    /// A value could not be known by it.
    #[error("the key `{0}` is there twice, is `reach` or `message`, or is not made of small letters, digits and _")]
    FieldKey(String),
    /// A value could not be found by it.
    #[error("the field `{0}` has no name, a name that is there already, or one that is too long")]
    ContactField(String),
    /// There is nothing to choose, or nothing that could be.
    #[error("field {field}: choices: expected 1 to {most} different ones for the kind choice, none for others")]
    Choices {
        /// The field's key.
        field: String,
        /// The most that are accepted.
        most: usize,
    },
    /// Somebody would see none.
    #[error("field {field}: label: expected a text of 1 to {most} characters in each language of the service")]
    Label {
        /// The field's key.
        field: String,
        /// The longest that is accepted.
        most: usize,
    },
    /// It is no licence by which chats of this company may begin, or would take one away that is.
    #[error("{0}")]
    Licence(State),
}

fn language(language: Language) -> &'static str {
    match language {
        Language::De => "de",
        Language::En => "en",
    }
}

fn list(by: &[(Kind, String)]) -> String {
    by.iter().map(|(kind, name)| format!("{kind} {name}")).collect::<Vec<_>>().join(", ")
}

/// Refuses what is no name.
pub(super) fn named(kind: Kind, name: &str) -> Result<(), Refusal> {
    let why = match name {
        name if name.trim().is_empty() => Why::NameEmpty,
        name if name.contains(char::is_control) => Why::NameControl,
        _ => return Ok(()),
    };
    Err(Refusal::new(kind, if why == Why::NameEmpty { "" } else { name }, None, why))
}

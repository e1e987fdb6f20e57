//! What the widget and the daemon say to each other over `/ws/visitor`.
//! A visitor cannot even name an agent's command: the two protocols share no enum.

use super::error::Problem;
use domain::announcement::Language;
use domain::company::ChatService;
use domain::company::widget::{self, Label, Texts, Unserved, text_on};
use domain::file::FileKind;
use domain::id::FileId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;
use utoipa::ToSchema;

/// From the widget. The first one on each connection is `Hello`.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export_to = "visitor.ts")]
pub enum VisitorRequest {
    /// Requests a chat, or comes back to one: the session decides. Repeating it changes nothing.
    Hello {
        /// The chat service's token, from the snippet on the company's page (R4).
        token: String,
        /// The secret that this chat is known by: 32 to 64 characters of `[0-9a-zA-Z_-]`, made by the widget from the
        /// browser's random numbers and kept until the visitor starts another chat.
        session: String,
        /// Which tab this is: 8 to 64 characters. Commands are numbered per client.
        client: String,
        /// The highest message number that the widget has; 0 for none. Messages up to it are not sent again.
        have: u32,
        /// The page's language, `de` or `en`.
        language: String,
        /// The page on which the visitor clicked, at most 2,000 characters.
        page: Option<String>,
        /// What they filled in before the chat, by the keys of the fields: part of the request, so that neither comes
        /// without the other. Of a chat that has begun it changes nothing.
        #[serde(default)]
        form: Option<BTreeMap<String, String>>,
        /// Who the visitor is, as the page says: part of the request, too. Of a chat that has begun it takes the place of what
        /// was said before, but for a proved one, whose place only a proved one takes.
        #[serde(default)]
        identity: Option<Box<Identity>>,
    },
    /// Something that is to be done exactly once. Sent again after a reconnect until its answer came.
    Command {
        /// Grows with each command of this client, from 1.
        #[ts(type = "number")]
        id: u64,
        /// What is to be done.
        command: VisitorCommand,
    },
    /// The visitor is writing, or stopped. Volatile: never repeated, never answered.
    Typing {
        /// Whether they write.
        on: bool,
    },
    /// The visitor has seen the messages up to this one: the window is open, and the page in front. Volatile: said again after
    /// a reconnect, never answered.
    Read {
        /// The last message seen.
        number: u32,
    },
    /// The visitor sees where they wait, and is told their place from now on, or no longer. Volatile: said again after a
    /// reconnect, never answered.
    Looks {
        /// Whether they see it.
        on: bool,
    },
    /// All frames up to this one are drawn. The daemon closes a connection that is 256 frames behind.
    Ack {
        /// The frame's number.
        #[ts(type = "number")]
        seq: u64,
    },
}

/// Who a visitor is, as the page says; each at most 200 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export_to = "visitor.ts", optional_fields)]
pub struct Identity {
    /// By what the company knows them.
    pub id: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number.
    pub telephone: Option<String>,
    /// The HMAC-SHA-256 of the id by the chat service's `identify_key`, in hexadecimal digits: it proves the id.
    pub hmac: Option<String>,
}

/// What a visitor can do with their chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export_to = "visitor.ts")]
pub enum VisitorCommand {
    /// Writes a message of 1 to 4,000 characters.
    Say {
        /// The text.
        text: String,
    },
    /// Decides how to go on while the agent is on the phone for long, once that was asked.
    Choose {
        /// How.
        choice: Choice,
        /// The telephone number to be called, or the address to be written to, at most 200 characters; empty for the
        /// other choices.
        contact: String,
    },
    /// Ends the chat.
    Leave {},
}

/// How a visitor wants to go on whose agent is on the phone for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "visitor.ts")]
pub enum Choice {
    /// Wait on.
    Stay,
    /// With whoever is there.
    AnotherAgent,
    /// By telephone, later.
    Callback,
    /// By e-mail, later.
    Email,
}

/// From the daemon.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export_to = "visitor.ts")]
pub enum VisitorReply {
    /// Everything as it is now; frames with higher numbers follow.
    Snapshot {
        /// The number of the last frame that this snapshot holds.
        #[ts(type = "number")]
        seq: u64,
        /// The daemon's clock, milliseconds since 1970.
        #[ts(type = "number")]
        now: Timestamp,
        /// The chat.
        chat: VisitorChat,
        /// The messages after `have`, oldest first: the last 500, if there are more.
        messages: Vec<Message>,
    },
    /// One change.
    Frame {
        /// One more than the last.
        #[ts(type = "number")]
        seq: u64,
        /// What changed.
        frame: VisitorFrame,
    },
    /// The one answer to a command, sent when what it did is durable.
    Answer {
        /// The command's id; `null`: of a request that could not be read, and has none.
        #[ts(type = "number | null")]
        id: Option<u64>,
        /// `null` when it was done.
        problem: Option<Problem>,
    },
    /// Something is wrong with what the page says, and its developer should know. The chat goes on without it.
    Warned {
        /// What, in English, for the browser's console.
        message: String,
    },
    /// The connection is of no use (unknown token, bad first message, …); the daemon closes it now.
    Refused {
        /// Why.
        problem: Problem,
        /// Where somebody can be reached instead, if nobody is there for a chat and the chat service says so.
        telephone: Option<String>,
        /// When the chat service opens, milliseconds since 1970, if it is closed and that can be seen.
        #[ts(type = "number | null")]
        opens: Option<Timestamp>,
        /// With the code `refused`: the keys of the form's fields that are missing, or hold what they cannot.
        fields: Vec<String>,
    },
}

/// One change of a visitor's chat.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export_to = "visitor.ts")]
pub enum VisitorFrame {
    /// The chat is now as given.
    Chat {
        /// All of it.
        chat: VisitorChat,
    },
    /// A message was stored, the visitor's own ones included.
    Message {
        /// The message.
        message: Message,
    },
    /// The agent is writing, or stopped.
    Typing {
        /// Whether they write.
        on: bool,
    },
    /// Where the chat waits by now, for a visitor who looks.
    Place {
        /// Its place.
        place: PlaceView,
    },
}

/// Where a chat waits among those of its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "visitor.ts")]
pub struct PlaceView {
    /// From 1.
    pub number: u32,
    /// How long it will probably take, as far as that can be said.
    pub wait: Option<WaitView>,
}

/// A rough time, in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "visitor.ts")]
pub struct WaitView {
    /// At least so many.
    pub from: u32,
    /// At most so many; `null`: more than an hour.
    pub to: Option<u32>,
}

/// The chat as its visitor may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "visitor.ts")]
pub struct VisitorChat {
    /// The company's name.
    pub company: String,
    /// The telephone number that the chat service gives to visitors, as it is written there.
    pub telephone: Option<String>,
    /// Where the chat stands.
    pub state: VisitorChatState,
    /// The visitor has not answered for long: the chat will be closed soon.
    pub idle: bool,
    /// The agent has seen the messages up to this one.
    pub read_up_to: u32,
    /// How long a file may be that somebody sends, in bytes; 0: none can be sent.
    #[ts(type = "number")]
    pub file_bytes_max: u64,
    /// Of which kinds it may be, by its content: names as in the setting `files.kinds`.
    #[ts(type = "string[]")]
    pub file_kinds: Vec<FileKind>,
}

/// Where a chat stands, in the visitor's eyes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export_to = "visitor.ts")]
pub enum VisitorChatState {
    /// Nobody has it yet.
    Waiting {
        /// Somebody is at work who can take it, now or when they have time.
        staffed: bool,
    },
    /// An agent has it, and is about to turn to it.
    Allocated {
        /// The agent's display name.
        agent: String,
        /// Since when, milliseconds since 1970.
        #[ts(type = "number")]
        since: Timestamp,
    },
    /// An agent attends to it.
    Active {
        /// The agent's display name.
        agent: String,
        /// Since when without interruption, milliseconds since 1970.
        #[ts(type = "number")]
        since: Timestamp,
    },
    /// The agent put it aside for a moment.
    Parked {
        /// The agent's display name.
        agent: String,
        /// Since when, milliseconds since 1970.
        #[ts(type = "number")]
        since: Timestamp,
    },
    /// The agent was called away to a phone call, and comes back by themselves (R14).
    Preempted {
        /// The agent's display name.
        agent: String,
        /// Since when, milliseconds since 1970.
        #[ts(type = "number")]
        since: Timestamp,
        /// It takes long: the visitor may choose how to go on.
        choice: bool,
        /// They chose to wait, and need not be asked again.
        stays: bool,
    },
    /// It is over.
    Ended {
        /// Who ended it.
        by: EndedBy,
    },
}

/// Who or what ended a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "visitor.ts")]
pub enum EndedBy {
    /// The visitor left.
    Visitor,
    /// The agent ended it.
    Agent,
    /// The visitor's browser did not come back.
    VisitorTimeout,
    /// The visitor did not answer any more.
    VisitorIdle,
    /// The visitor will be called back.
    Callback,
    /// The visitor will be written to.
    Email,
    /// Nobody had time.
    Unserved,
}

/// A message of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "visitor.ts")]
pub struct Message {
    /// Its place in the chat: 1, 2, 3, … without gaps. A number that is known already is the same message.
    pub number: u32,
    /// Who wrote it.
    pub author: Author,
    /// The text, as written: plain text, never markup. Of a file it is the name, as it was typed.
    pub text: String,
    /// The file that it is; `null`: it is a text.
    #[serde(default)]
    pub file: Option<FileView>,
    /// When it was stored, milliseconds since 1970.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// The tab that sent it.
    pub client: String,
    /// The command that it was: with `client` it tells a sender which of their pending messages this is.
    #[ts(type = "number")]
    pub command: u64,
}

/// A file that was sent as a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "visitor.ts")]
pub struct FileView {
    /// By which it is asked for.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub file: FileId,
    /// What it is, by its content and whatever its name says: a name as in the setting `files.kinds`.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub kind: FileKind,
    /// How long it is, in bytes.
    #[ts(type = "number")]
    pub size: u64,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "visitor.ts")]
pub enum Author {
    /// The visitor.
    Visitor,
    /// An agent.
    Agent,
}

/// What a page is told of its chat service: `GET /widget/services/{token}`. All texts are in one language, and what is empty
/// the widget says in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "visitor.ts")]
pub struct WidgetView {
    /// The company's name.
    pub company: String,
    /// The language of the texts, `de` or `en`: of those that the visitor may speak the first that the service has.
    pub language: String,
    /// Declarations for the style of the widget's element: its colours, and its corner.
    pub style: String,
    /// The telephone number that is offered when nobody is there, as it is to be shown.
    pub telephone: Option<String>,
    /// When nobody is there, a form is offered.
    pub unserved_form: bool,
    /// Files may be sent.
    pub attachments: bool,
    /// Visitors are asked how it was.
    pub rating: bool,
    /// They may keep what was written.
    pub transcript: bool,
    /// After how many seconds the window opens by itself, on the first page of a visit.
    pub opens_after_s: Option<u32>,
    /// What it says at the beginning.
    pub greeting: String,
    /// While nobody has the chat.
    pub waiting: String,
    /// When nobody is there.
    pub away: String,
    /// While the agent is on the phone.
    pub on_the_phone: String,
    /// What visitors agree to before anything is stored in their browser or sent.
    pub consent: String,
    /// What they are asked before the chat.
    pub form: Vec<FieldView>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "visitor.ts")]
pub struct FieldView {
    /// By what its value is known.
    pub key: String,
    /// What can be entered.
    pub kind: FieldKind,
    /// Whether it has to be.
    pub needed: bool,
    /// What it is called.
    pub label: String,
    /// What can be chosen: the value, and what it is called.
    pub choices: Vec<(String, String)>,
}

/// What can be entered in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "visitor.ts")]
pub enum FieldKind {
    /// Anything.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// One of several.
    Choice,
    /// `true`, or nothing.
    Checkbox,
}

impl From<widget::FieldKind> for FieldKind {
    fn from(kind: widget::FieldKind) -> FieldKind {
        match kind {
            widget::FieldKind::Text => FieldKind::Text,
            widget::FieldKind::Email => FieldKind::Email,
            widget::FieldKind::Tel => FieldKind::Tel,
            widget::FieldKind::Choice => FieldKind::Choice,
            widget::FieldKind::Checkbox => FieldKind::Checkbox,
        }
    }
}

impl WidgetView {
    /// Of a company's chat service, for whoever may speak these languages: a list as in `Accept-Language`, the best one first.
    pub fn of(service: &ChatService, company: String, languages: &str) -> WidgetView {
        let widget = &service.widget;
        let spoken = widget.spoken();
        let known = |part: &str| {
            let part = part.trim().to_ascii_lowercase();
            spoken.iter().copied().find(|language| part.split(['-', ';']).next() == Some(code(*language)))
        };
        let language = languages.split(',').find_map(known).unwrap_or(spoken[0]);
        let called = |label: &Label| label.get(&language).cloned().unwrap_or_default();
        let field = |field: &widget::Field| FieldView {
            key: field.key.clone(),
            kind: field.kind.into(),
            needed: field.needed,
            label: called(&field.label),
            choices: field.choices.iter().map(|choice| (choice.value.clone(), called(&choice.label))).collect(),
        };
        let Texts { greeting, waiting, away, on_the_phone, consent } =
            widget.texts.get(&language).cloned().unwrap_or_default();
        WidgetView {
            company,
            language: code(language).to_owned(),
            style: style(widget),
            telephone: service.telephone.clone().filter(|_| widget.unserved != Unserved::Nothing),
            unserved_form: widget.unserved == Unserved::Form,
            attachments: widget.attachments,
            rating: widget.rating,
            transcript: widget.transcript,
            opens_after_s: widget.opens_after_s,
            greeting,
            waiting,
            away,
            on_the_phone,
            consent,
            form: widget.form.iter().map(field).collect(),
        }
    }
}

fn style(widget: &widget::Widget) -> String {
    let accent = widget.accent.as_ref().map(|accent| format!("--own:{accent};--text-on-own:{};", text_on(accent)));
    let place = match widget.position {
        widget::Position::Left => "--place:auto auto var(--edge) var(--edge);",
        widget::Position::Right => "",
    };
    accent.unwrap_or_default() + place
}

fn code(language: Language) -> &'static str {
    match language {
        Language::De => "de",
        Language::En => "en",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_gets_the_first_language_that_they_and_the_service_speak() {
        let of = |languages: &[Language], spoken: &str| {
            let widget = widget::Widget { languages: languages.to_vec(), ..widget::Widget::default() };
            WidgetView::of(&ChatService { widget, ..ChatService::default() }, String::new(), spoken).language
        };
        let both = [Language::De, Language::En];
        assert_eq!(of(&both, "en-GB,de;q=0.9"), "en");
        assert_eq!(of(&both, "fr, DE-at;q=0.7"), "de");
        assert_eq!(of(&both, "fr"), "de", "the service's first");
        assert_eq!(of(&[], ""), "en");
        assert_eq!(of(&[Language::De], "en"), "de");
        assert_eq!(of(&both, "den, english"), "de");
    }
}

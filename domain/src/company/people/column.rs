//! The columns of a table of people: what stands above them in each language, and what is taken for that.
//! Never looks at a cell.

use crate::announcement::Language;
use crate::company::refusal::Key;

/// What a column of a table of people holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeopleColumn {
    /// By what they are known.
    LoginName,
    /// The name others see.
    DisplayName,
    /// Exactly their roles.
    Roles,
    /// Exactly the queues they serve, each with how well they know what it is about: `Sales:7, Support`.
    Queues,
    /// The SIP user of their desk phone, or a `sip:` URI.
    Phone,
    /// Whether they may work.
    Active,
    /// Whether they only take calls.
    VoiceOnly,
    /// How many chats they may have at once.
    ChatsMax,
}

impl PeopleColumn {
    /// All, in the order in which they are written.
    pub(super) const ALL: [PeopleColumn; 8] = [
        PeopleColumn::LoginName,
        PeopleColumn::DisplayName,
        PeopleColumn::Roles,
        PeopleColumn::Queues,
        PeopleColumn::Phone,
        PeopleColumn::Active,
        PeopleColumn::VoiceOnly,
        PeopleColumn::ChatsMax,
    ];

    /// As the company's file calls it.
    pub fn key(self) -> Key {
        match self {
            PeopleColumn::LoginName => "login_name",
            PeopleColumn::DisplayName => "display_name",
            PeopleColumn::Roles => "role",
            PeopleColumn::Queues => "queues",
            PeopleColumn::Phone => "phone",
            PeopleColumn::Active => "active",
            PeopleColumn::VoiceOnly => "voice_only",
            PeopleColumn::ChatsMax => "chats_max",
        }
    }

    /// What stands above it, as on screens.
    pub fn heading(self, language: Language) -> &'static str {
        let (de, en) = match self {
            PeopleColumn::LoginName => ("Anmeldename", "Log-in name"),
            PeopleColumn::DisplayName => ("Angezeigter Name", "Name that is shown"),
            PeopleColumn::Roles => ("Rollen", "Roles"),
            PeopleColumn::Queues => ("Warteschleifen", "Queues"),
            PeopleColumn::Phone => ("Tischtelefon", "Desk phone"),
            PeopleColumn::Active => ("Darf arbeiten", "May work"),
            PeopleColumn::VoiceOnly => ("Nur Telefon", "Phone only"),
            PeopleColumn::ChatsMax => ("Chats gleichzeitig", "Chats at once"),
        };
        match language {
            Language::De => de,
            Language::En => en,
        }
    }

    /// What the column with this header holds, whatever the case and the punctuation.
    pub(super) fn of(header: &str) -> Option<PeopleColumn> {
        let simple = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let header = simple(header);
        let others: &[&str] = match header.as_str() {
            "login" | "username" | "benutzername" => &["login_name"],
            "name" | "anzeigename" => &["display_name"],
            "roles" | "rolle" => &["role"],
            "queue" | "warteschleife" => &["queues"],
            "telefon" | "extension" | "nebenstelle" => &["phone"],
            "aktiv" => &["active"],
            _ => &[],
        };
        PeopleColumn::ALL.into_iter().find(|column| {
            let headings = [Language::De, Language::En].map(|language| column.heading(language));
            others.contains(&column.key())
                || headings.into_iter().chain([column.key()]).any(|known| simple(known) == header)
        })
    }

    /// Where what is refused at a key of a person stands.
    pub(super) fn at(key: Key) -> Option<PeopleColumn> {
        match key {
            "skills" => Some(PeopleColumn::Queues),
            "phone_password" => Some(PeopleColumn::Phone),
            key => PeopleColumn::ALL.into_iter().find(|column| column.key() == key),
        }
    }
}

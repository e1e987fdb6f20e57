//! Why a change of a company is refused, in German: for screens. The English words stand beside each reason.
//! A reason without words does not compile.

use super::people::{headings, yes_or_no};
use super::service::IDENTIFY_KEY_CHARACTERS_MIN;
use super::{
    Fault, FaultWhy, Kind, PASSWORD_CHARACTERS_MIN, PEOPLE_BYTES_MAX, PEOPLE_LINES_MAX, PeopleColumn, TOKEN_CHARACTERS,
    Why,
};
use crate::announcement::Language;
use crate::contact::Country;
use crate::hours::NoInterval;
use crate::routing::Skill;

impl Kind {
    /// As screens call it in German.
    pub fn german(self) -> &'static str {
        match self {
            Kind::Company => "Firma",
            Kind::Queue => "Warteschleife",
            Kind::Agent => "Agent",
            Kind::Phone => "Telefon",
            Kind::Number => "Rufnummer",
            Kind::Trunk => "Leitung",
            Kind::Service => "Chat-Dienst",
            Kind::BreakReason => "Pausengrund",
            Kind::Classification => "Klassifizierung",
            Kind::Template => "Vorlage",
            Kind::Hours => "Öffnungszeiten",
            Kind::Role => "Rolle",
            Kind::ApiKey => "API-Schlüssel",
            Kind::Contact => "Kontakt",
            Kind::Record => "Datensatz",
        }
    }
}

impl Why {
    /// What is wrong, as a German sentence.
    pub fn german(&self) -> String {
        match self {
            Why::NameEmpty => "Der Name fehlt.".to_owned(),
            Why::NameControl => "Der Name darf keine Zeilenumbrüche und keine Steuerzeichen enthalten.".to_owned(),
            Why::NameTaken => "Diesen Namen gibt es schon.".to_owned(),
            Why::NotRenamed => "Das lässt sich nicht umbenennen. Bitte legen Sie es neu an.".to_owned(),
            Why::Twice => "Das steht zweimal da.".to_owned(),
            Why::Unknown => "Das gibt es nicht.".to_owned(),
            Why::OtherCompany => "Das gehört zu einer anderen Firma.".to_owned(),
            Why::NoQueue { name, known } => {
                format!("Die Warteschleife „{name}“ gibt es nicht. Es gibt: {}.", known.join(", "))
            }
            Why::NoHours { name, known } => {
                format!("Die Öffnungszeiten „{name}“ gibt es nicht. Es gibt: {}.", known.join(", "))
            }
            Why::NoRole { name, known } => format!("Die Rolle „{name}“ gibt es nicht. Es gibt: {}.", known.join(", ")),
            Why::Level { known } => format!("Möglich sind hier: {}.", known.join(", ")),
            Why::BuiltIn => {
                "Diese Rolle hat jede Firma. Bitte kopieren Sie sie unter einem anderen Namen, und ändern Sie die Kopie."
                    .to_owned()
            }
            Why::MoreThanOwn => {
                "Das erlaubt mehr, als Sie selbst dürfen. Bitte fragen Sie jemanden, der es darf.".to_owned()
            }
            Why::PasswordOfMore => {
                "Diese Person darf mehr als Sie. Ihr Passwort setzt nur sie selbst oder jemand, der ebenso viel darf.".to_owned()
            }
            Why::KeyByKey => {
                "Ein API-Schlüssel legt keine API-Schlüssel an und ändert keine. Das tut jemand aus der Firma.".to_owned()
            }
            Why::Token => format!(
                "Ein Token hat {} bis {} zufällige Zeichen: Buchstaben, Ziffern und -._~+/=.",
                TOKEN_CHARACTERS.start(),
                TOKEN_CHARACTERS.end()
            ),
            Why::TwoTokens => "Bitte geben Sie entweder ein Token oder seinen Hash an.".to_owned(),
            Why::TokenHash => {
                "Hier steht der SHA-256 des Tokens, als 64 hexadezimale Ziffern in Kleinbuchstaben.".to_owned()
            }
            Why::ApiTokenTaken => "Dieses Token hat ein anderer Schlüssel. Jeder braucht ein eigenes.".to_owned(),
            Why::EndMissing => "Bitte geben Sie den letzten Tag an, zum Beispiel 2027-12-31.".to_owned(),
            Why::RolesMissing => "Bitte wählen Sie mindestens eine Rolle.".to_owned(),
            Why::NobodyLeft => {
                "Dann könnte niemand mehr die Firma ändern. Bitte geben Sie zuerst jemand anderem eine Rolle, die das kann."
                    .to_owned()
            }
            Why::TimeZone { found } => {
                format!("„{found}“ ist keine Zeitzone. Ein Beispiel: Europe/Berlin.")
            }
            Why::Interval { day, found, why } => {
                format!("{}: „{found}“ geht nicht: {}", german_day(day), german_interval(why))
            }
            Why::IntervalsOverlap { one, other } => {
                format!("„{}“ und „{}“ überschneiden sich.", german_day(one), german_day(other))
            }
            Why::Date { found } => format!("„{found}“ ist kein Datum. Ein Beispiel: 2026-12-24."),
            Why::DateTwice { date } => format!("Der Tag {date} steht zweimal da."),
            Why::DayName { date, most } => {
                format!("{date}: Der Name ist länger als {most} Zeichen oder enthält ein Steuerzeichen.")
            }
            Why::OpenAndClosed => "Bitte wählen Sie entweder „geöffnet bis“ oder „geschlossen bis“.".to_owned(),
            Why::Used { by } => {
                let by: Vec<String> = by.iter().map(|(kind, name)| format!("{} {name}", kind.german())).collect();
                format!("Wird noch gebraucht von: {}. Bitte ändern oder entfernen Sie das zuerst.", by.join(", "))
            }
            Why::Range { found, first, last } => format!("{found} geht nicht: Erlaubt ist {first} bis {last}."),
            Why::Every { found, first, last } => {
                format!("{found} Sekunden zwischen den Ansagen gehen nicht: Erlaubt ist {first} bis {last}.")
            }
            Why::Announcements => "Bitte wählen Sie eine Sprache für die Ansagen.".to_owned(),
            Why::CallsArePushed => {
                "Anrufe werden immer zugeteilt. Wählbar sind Rückrufe, Chats, E-Mails und Aufgaben.".to_owned()
            }
            Why::Positive => "Es muss mindestens 1 sein.".to_owned(),
            Why::Circle => "Was von hier überläuft, käme im Kreis zurück.".to_owned(),
            Why::Sound => {
                "Klangdateien liegen auf dem Server: Nur wer ihn betreibt, kann sie festlegen (vorrang company apply)."
                    .to_owned()
            }
            Why::Unplayable { why } => format!("Die Klangdatei lässt sich nicht abspielen: {why}"),
            Why::NoPassword => "Ein neuer Agent braucht ein Passwort.".to_owned(),
            Why::TwoPasswords => "Bitte geben Sie entweder ein Passwort oder seinen Hash an.".to_owned(),
            Why::PasswordCommon => {
                "Dieses Passwort gehört zu den ersten, die jemand rät. Gut sind drei oder vier zufällige Wörter.".to_owned()
            }
            Why::PasswordTooShort => {
                format!("Das Passwort ist zu kurz: mindestens {PASSWORD_CHARACTERS_MIN} Zeichen.")
            }
            Why::WrongPassword => "Das Passwort stimmt nicht.".to_owned(),
            Why::Hash(why) => format!("Dieser Passwort-Hash lässt sich nicht verwenden: {why}"),
            Why::NoPhone => "Das geht nur mit einem Telefon.".to_owned(),
            Why::PhoneEmpty => "Erwartet wird ein SIP-Benutzer oder eine Adresse mit „sip:“.".to_owned(),
            Why::PhoneTaken(phone) => format!("Das Telefon {phone} gehört schon jemand anderem."),
            Why::PhoneIsTrunk(phone) => format!("{phone} ist der Benutzer einer Leitung."),
            Why::PhonePassword(phone) => format!("Das Telefon {phone} braucht ein Passwort, um sich anzumelden."),
            Why::PhoneFixed => "Ein Telefon mit fester Adresse meldet sich nicht an.".to_owned(),
            Why::PhoneHa1 => {
                "Bitte geben Sie phone_ha1_md5 und phone_ha1_sha256 zusammen an, hexadezimal und ohne phone_password."
                    .to_owned()
            }
            Why::TrunkHa1 => {
                "Bitte geben Sie ha1_md5 und ha1_sha256 zusammen an, hexadezimal und nur für Benutzer, die \
                              sich bei uns ausweisen."
                    .to_owned()
            }
            Why::Address(found) => {
                format!("„{found}“ ist keine IP-Adresse und kein Netz wie 192.0.2.0/24.")
            }
            Why::Place(found) => format!(
                "„{found}“ ist kein Rechnername und keine IP-Adresse. Ein Beispiel: sip.example.com oder 192.0.2.1:5070."
            ),
            Why::RegistrarAndServer => "Bitte geben Sie entweder registrar oder server an.".to_owned(),
            Why::AddressAndUser => {
                "Bitte geben Sie entweder eine Adresse oder einen Benutzer an: Anrufe von einer Adresse brauchen kein \
                 Passwort."
                    .to_owned()
            }
            Why::NoTrunk => {
                "Es fehlt, woran die Leitung erkannt wird: eine Adresse, Benutzer und Passwort oder eine Anmeldung."
                    .to_owned()
            }
            Why::TrunkText => "Erlaubt ist Text ohne Anführungszeichen, Backslash und Zeilenumbruch.".to_owned(),
            Why::NoUser => "Das geht nur mit einem Benutzer.".to_owned(),
            Why::UserPassword(user) => format!("Der Benutzer {user} braucht ein Passwort."),
            Why::UserTaken(user) => format!("{user} gehört schon zu einem Telefon oder zu einer anderen Leitung."),
            Why::RegistrarUser => "Die Anmeldung braucht Benutzer und Passwort.".to_owned(),
            Why::OnlyRegistrar => "Das geht nur mit registrar.".to_owned(),
            Why::OnlyServer => "Das geht nur mit registrar oder server.".to_owned(),
            Why::Probe { found, last } => {
                format!("{found} geht nicht: Erlaubt ist 0 für nie, oder 1 bis {last} Sekunden.")
            }
            Why::Telephone => "Erwartet werden 6 bis 20 Ziffern, zum Beispiel „+49 30 123456“.".to_owned(),
            Why::Country { found } => format!(
                "„{found}“ ist kein Land, dessen Rufnummern bekannt sind. Möglich sind: {}.",
                Country::letters().join(", ")
            ),
            Why::TokenItself => "Das ist das Token selbst.".to_owned(),
            Why::TokenTaken => "Ein anderer Chat-Dienst hat dieses Token.".to_owned(),
            Why::TokenBefore => "Ein anderer Chat-Dienst hatte dieses Token früher.".to_owned(),
            Why::Time => "Erwartet wird eine Zeit wie 2027-01-31T00:00:00Z.".to_owned(),
            Why::NoUntil => "Zu previous_token gehört, bis wann es gilt, zum Beispiel 2027-01-31T00:00:00Z.".to_owned(),
            Why::NoPrevious => "Das geht nur zusammen mit previous_token.".to_owned(),
            Why::NoClassification(code) => format!("Die Klassifizierung „{code}“ gibt es nicht."),
            Why::OnlyRoot => "Warteschleifen hat nur der oberste Eintrag: Alles darunter gehört dazu.".to_owned(),
            Why::TooDeep => "Das läge unter sich selbst oder mehr als acht Ebenen tief.".to_owned(),
            Why::TextEmpty => "Der Text fehlt.".to_owned(),
            Why::TextTooLong => "Der Text ist zu lang: höchstens 4000 Zeichen.".to_owned(),
            Why::Language => "Erwartet wird eine Sprache wie „de“ oder „pt-BR“.".to_owned(),
            Why::IdentifyKey => {
                format!("Der Schlüssel ist zu kurz: mindestens {IDENTIFY_KEY_CHARACTERS_MIN} Zeichen.")
            }
            Why::Origin(found) => format!(
                "„{found}“ ist keine Herkunft einer Seite. Ein Beispiel: https://www.example.com oder \
                 https://*.example.com, klein geschrieben."
            ),
            Why::Colour => "Erwartet wird eine Farbe wie #2f5bd0.".to_owned(),
            Why::Contrast { found } => format!(
                "Diese Farbe hebt sich zu wenig von Weiß ab: {},{} zu 1, nötig sind 3 zu 1.",
                found / 100,
                found / 10 % 10
            ),
            Why::NotSpoken(Language::De) => "Deutsch gehört nicht zu den Sprachen dieses Chat-Dienstes.".to_owned(),
            Why::NotSpoken(Language::En) => "Englisch gehört nicht zu den Sprachen dieses Chat-Dienstes.".to_owned(),
            Why::TooLong { most } => format!("Ein Text ist zu lang: höchstens {most} Zeichen."),
            Why::TooMany { most } => format!("Das sind zu viele Felder: höchstens {most}."),
            Why::FieldKey(key) => format!(
                "Der Schlüssel „{key}“ steht zweimal da, heißt „reach“ oder „message“ oder besteht nicht nur aus \
                 Kleinbuchstaben, Ziffern und _."
            ),
            Why::ContactField(name) => {
                format!("Das Feld „{name}“ hat keinen Namen, einen zu langen oder einen, den es schon gibt.")
            }
            Why::Choices { field, most } => format!(
                "Feld {field}: Zur Auswahl gehören 1 bis {most} verschiedene Möglichkeiten, zu anderen Feldern keine."
            ),
            Why::Licence(state) => state.german(),
            Why::Label { field, most } => format!(
                "Feld {field}: Es braucht in jeder Sprache des Chat-Dienstes eine Beschriftung mit 1 bis {most} Zeichen."
            ),
        }
    }
}

impl Fault {
    /// What is wrong with a table of people and where, as a German sentence.
    pub fn german(&self) -> String {
        let why = self.why.german();
        match (&self.why, self.header.as_str()) {
            (FaultWhy::Table(_) | FaultWhy::TooBig { .. } | FaultWhy::TooManyLines, _) => why,
            (_, "") => format!("Zeile {}: {why}", self.line),
            (_, header) => format!("Zeile {}, Spalte „{header}“: {why}", self.line),
        }
    }
}

impl FaultWhy {
    fn german(&self) -> String {
        match self {
            FaultWhy::Table(why) => why.german(),
            FaultWhy::TooBig { found } => {
                format!("Die Datei hat {found} Bytes, möglich sind {PEOPLE_BYTES_MAX}. Bitte teilen Sie sie auf.")
            }
            FaultWhy::TooManyLines => {
                format!("Die Tabelle hat mehr als {PEOPLE_LINES_MAX} Zeilen. Bitte teilen Sie sie auf.")
            }
            FaultWhy::UnknownColumn => {
                format!("Diese Spalte ist nicht bekannt. Möglich sind: {}.", headings(Language::De))
            }
            FaultWhy::ColumnTwice { first } => {
                format!("Die Spalte „{first}“ sagt dasselbe. Bitte lassen Sie eine weg.")
            }
            FaultWhy::NoLoginColumn => {
                format!("Die Spalte „{}“ fehlt.", PeopleColumn::LoginName.heading(Language::De))
            }
            FaultWhy::Unnamed { found } => format!("„{found}“ steht in einer Spalte ohne Überschrift."),
            FaultWhy::Columns { found, expected } => format!(
                "Die Zeile hat {found} Spalten, erwartet werden {expected}. Steht ein Text mit Trennzeichen nicht in \
                 Anführungszeichen?"
            ),
            FaultWhy::LoginTwice { line } => format!("Diese Person steht schon in Zeile {line}."),
            FaultWhy::NamedTwice { name } => format!("„{name}“ steht zweimal da."),
            FaultWhy::Skill { queue, found } => format!(
                "„{queue}“: „{found}“ geht nicht. Das Können ist eine Zahl von 0 bis {}, zum Beispiel {queue}:7.",
                Skill::MAX
            ),
            FaultWhy::YesOrNo { found } => format!("„{found}“ geht nicht. Möglich sind: {}.", yes_or_no()),
            FaultWhy::Number { found } => {
                format!("„{found}“ ist keine ganze Zahl. Ein Strich (-) steht für die übliche Anzahl.")
            }
            FaultWhy::Company(why) => why.german(),
        }
    }
}

/// What is wrong with two times.
fn german_interval(why: &NoInterval) -> &'static str {
    match why {
        NoInterval::Unreadable => "Erwartet werden zwei Zeiten wie 09:00-17:30.",
        NoInterval::Empty => "Anfang und Ende sind gleich. Ein ganzer Tag ist 00:00-24:00.",
        NoInterval::Reversed => {
            "Das Ende liegt vor dem Anfang. Wenn es am nächsten Tag liegt, gehört +1 dahinter: 22:00-06:00+1."
        }
        NoInterval::TooLong => "Das sind mehr als 24 Stunden.",
    }
}

/// What begins with the key of a weekday, with its name in place of that.
fn german_day(text: &str) -> String {
    let names = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
    let mut named = super::weekday_keys().into_iter().zip(names);
    named.find_map(|(key, name)| Some(format!("{name}{}", text.strip_prefix(key)?))).unwrap_or_else(|| text.to_owned())
}

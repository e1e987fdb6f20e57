//! What a chat service decides about the chat in its visitors' browsers: where it may stand, how it looks, what it says and
//! asks. All that a visitor gets of it is in here; none of it is secret.

use super::refusal::{Why, Wrong};
use crate::announcement::Language;
use crate::contact;
use crate::file::{FileKind, FilesTaken};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many fields a form may have.
const FIELDS_MAX: usize = 12;
/// How many choices a field may have.
const CHOICES_MAX: usize = 30;
/// The longest text, in characters.
const TEXT_CHARACTERS_MAX: usize = 1_000;
/// The longest label, in characters.
const LABEL_CHARACTERS_MAX: usize = 100;
/// The longest value of a field, in characters.
pub const VALUE_CHARACTERS_MAX: usize = 1_000;
/// The longest wait before the window opens by itself, in seconds.
const OPENS_AFTER_S_MAX: u32 = 3_600;
/// The biggest file that any service may take, in megabytes.
const ATTACHMENT_MB_MAX: u32 = 100;
/// The keys of what is asked beside the form when nobody is there.
const REACH: &str = "reach";
const MESSAGE: &str = "message";
/// By how much the accent has to stand out from white, in hundredths (WCAG 2.2 §1.4.11).
const CONTRAST_MIN: u32 = 300;

/// The settings of the chat window. What is left out has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Widget {
    /// The origins of the pages where it may stand, as `https://www.example.com` or `https://*.example.com`; none: anywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// Its languages, the first one for whoever speaks none of them; none: all that there are, English first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// The colour of the button and of what the visitor writes, as `#2f5bd0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// In which corner of the page it stands.
    pub position: Position,
    /// What visitors see of an agent.
    pub agent_name: AgentName,
    /// What is offered to visitors when nobody is there.
    pub unserved: Unserved,
    /// Whether files may be sent, by either side.
    pub attachments: bool,
    /// How many megabytes one may have, if that is less than the daemon takes; `None`: as much as that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments_max_mb: Option<u32>,
    /// Of which kinds they may be, of those that the daemon takes; none: of all of them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub attachments_kinds: BTreeSet<FileKind>,
    /// Whether visitors are asked how it was, once it is over.
    pub rating: bool,
    /// Whether they may keep what was written.
    pub transcript: bool,
    /// After how many seconds on the first page of a visit the window opens by itself; `None`: never. No chat begins by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_after_s: Option<u32>,
    /// What it says in its own words.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<Language, Texts>,
    /// What visitors are asked before the chat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<Field>,
}

impl Default for Widget {
    fn default() -> Widget {
        Widget {
            origins: vec![],
            languages: vec![],
            accent: None,
            position: Position::default(),
            agent_name: AgentName::default(),
            unserved: Unserved::default(),
            attachments: true,
            attachments_max_mb: None,
            attachments_kinds: BTreeSet::new(),
            rating: false,
            transcript: true,
            opens_after_s: None,
            texts: BTreeMap::new(),
            form: vec![],
        }
    }
}

/// A corner of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// At the bottom, on the left.
    Left,
    /// At the bottom, on the right.
    #[default]
    Right,
}

/// What visitors see of an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentName {
    /// The whole display name.
    #[default]
    Full,
    /// Its first word.
    First,
    /// Nobody's: "our team".
    Team,
}

impl AgentName {
    /// An agent's display name as visitors see it.
    pub fn of(self, name: &str, language: &str) -> String {
        match self {
            AgentName::Full => name.to_owned(),
            AgentName::First => name.split_whitespace().next().unwrap_or_default().to_owned(),
            AgentName::Team => if language == "de" { "unser Team" } else { "our team" }.to_owned(),
        }
    }
}

/// What is offered to visitors when nobody is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unserved {
    /// A form that becomes a work item.
    Form,
    /// The service's telephone number, if it has one.
    #[default]
    Telephone,
    /// Nothing.
    Nothing,
}

/// What the window says in one language in the company's own words; what is empty it says in ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// At the beginning.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub greeting: String,
    /// While nobody has the chat.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub waiting: String,
    /// When nobody is there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub away: String,
    /// While the agent is on the phone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub on_the_phone: String,
    /// What visitors have to agree to before anything is stored or sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub consent: String,
}

impl Texts {
    fn all(&self) -> [&String; 5] {
        [&self.greeting, &self.waiting, &self.away, &self.on_the_phone, &self.consent]
    }
}

/// A text in each language.
pub type Label = BTreeMap<Language, String>;

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// By what its value is known: `[a-z][a-z0-9_]*`. `name` is shown while the chat waits.
    pub key: String,
    /// What can be entered.
    #[serde(default)]
    pub kind: FieldKind,
    /// Whether it has to be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needed: bool,
    /// What it is called, in each language of the service.
    pub label: Label,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

/// What can be entered in a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Anything.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// One of several.
    Choice,
    /// Yes, or nothing.
    Checkbox,
}

/// One of several values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The value, as it is kept.
    pub value: String,
    /// What it is called, in each language of the service.
    pub label: Label,
}

/// A field with its value, as agents see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The field's key.
    pub key: String,
    /// What it can hold.
    pub kind: FieldKind,
    /// What it is called, in the service's first language.
    pub label: String,
    /// The value; of a choice what it is called; of a checkbox `true`.
    pub value: String,
}

impl Widget {
    /// Its languages, the one for whoever speaks none of them first.
    pub fn spoken(&self) -> Vec<Language> {
        if self.languages.is_empty() { vec![Language::En, Language::De] } else { self.languages.clone() }
    }

    /// Whether a page of this origin may show the chat; a program that names none is no page.
    pub fn admits(&self, origin: Option<&str>) -> bool {
        let Some(origin) = origin.filter(|_| !self.origins.is_empty()) else { return true };
        let origin = origin.to_ascii_lowercase();
        let Some((scheme, host)) = origin.split_once("://") else { return false };
        self.origins.iter().any(|admitted| match admitted.split_once("://*.") {
            Some((of, domain)) => of == scheme && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
            None => *admitted == origin,
        })
    }

    /// Which files are taken, where the daemon takes these.
    pub fn files(&self, daemon: &FilesTaken) -> FilesTaken {
        if !self.attachments {
            return FilesTaken::default();
        }
        let own = self.attachments_max_mb.map_or(u64::MAX, |most| u64::from(most) * 1_000_000);
        let is_taken = |kind: &&FileKind| self.attachments_kinds.is_empty() || self.attachments_kinds.contains(kind);
        let kinds: Vec<FileKind> = daemon.kinds.iter().filter(is_taken).copied().collect();
        let bytes_max = if kinds.is_empty() { 0 } else { daemon.bytes_max.min(own) };
        FilesTaken { bytes_max, kinds }
    }

    /// What a visitor has filled in, in the order of the form; values that are empty are left out.
    ///
    /// # Errors
    /// The keys of the fields that are missing, or hold what they cannot.
    pub fn filled(&self, values: &BTreeMap<String, String>) -> Result<Vec<Filled>, Vec<String>> {
        let (mut filled, mut wrong) = (vec![], vec![]);
        let language = self.spoken()[0];
        let called = |label: &Label| label.get(&language).cloned().unwrap_or_default();
        for field in &self.form {
            let value = values.get(&field.key).map_or("", |value| value.trim());
            let choice = field.choices.iter().find(|choice| choice.value == value);
            let is_good = match field.kind {
                _ if value.is_empty() => !field.needed,
                FieldKind::Text => is_text(value),
                FieldKind::Email => is_text(value) && contact::is_email(value),
                FieldKind::Tel => is_text(value) && contact::is_telephone(value),
                FieldKind::Choice => choice.is_some(),
                FieldKind::Checkbox => value == "true",
            };
            if !is_good {
                wrong.push(field.key.clone());
            } else if !value.is_empty() {
                let value = choice.map_or_else(|| value.to_owned(), |choice| called(&choice.label));
                filled.push(Filled { key: field.key.clone(), kind: field.kind, label: called(&field.label), value });
            }
        }
        let known = |key: &&String| self.form.iter().any(|field| field.key == **key);
        wrong.extend(values.keys().filter(|key| !known(key)).cloned());
        if wrong.is_empty() { Ok(filled) } else { Err(wrong) }
    }

    /// What a visitor has filled in when nobody is there: the form, a message, and where they can be reached. Of a form whose
    /// fields for that may all be left empty the first one is needed; one that has none is asked for an address.
    ///
    /// # Errors
    /// The keys of the fields that are missing, or hold what they cannot.
    pub fn left(&self, values: &BTreeMap<String, String>) -> Result<Vec<Filled>, Vec<String>> {
        let field = |key: &str, kind, de: &str, en: &str| {
            let label = BTreeMap::from([(Language::De, de.to_owned()), (Language::En, en.to_owned())]);
            Field { key: key.to_owned(), kind, needed: true, label, choices: vec![] }
        };
        let reaches = |field: &Field| matches!(field.kind, FieldKind::Email | FieldKind::Tel);
        let mut form = self.form.clone();
        match form.iter().position(|field| reaches(field) && field.needed).or(form.iter().position(reaches)) {
            Some(at) => form[at].needed = true,
            None => form.push(field(REACH, FieldKind::Email, "E-Mail", "E-mail")),
        }
        form.push(field(MESSAGE, FieldKind::Text, "Nachricht", "Message"));
        Widget { form, ..self.clone() }.filled(values)
    }

    /// All that is wrong with it.
    pub(super) fn look(&self, mut refuse: impl FnMut(Wrong)) {
        for origin in self.origins.iter().filter(|origin| !is_origin(origin)) {
            refuse((Some("widget.origins"), Why::Origin(origin.clone())));
        }
        match self.accent.as_deref().map(contrast_to_white) {
            Some(None) => refuse((Some("widget.accent"), Why::Colour)),
            Some(Some(found)) if found < CONTRAST_MIN => refuse((Some("widget.accent"), Why::Contrast { found })),
            Some(Some(_)) | None => {}
        }
        if let Some(found) = self.opens_after_s.filter(|after| !(1..=OPENS_AFTER_S_MAX).contains(after)) {
            let why = Why::Range { found, first: 1, last: OPENS_AFTER_S_MAX };
            refuse((Some("widget.opens_after_s"), why));
        }
        if let Some(found) = self.attachments_max_mb.filter(|most| !(1..=ATTACHMENT_MB_MAX).contains(most)) {
            let why = Why::Range { found, first: 1, last: ATTACHMENT_MB_MAX };
            refuse((Some("widget.attachments_max_mb"), why));
        }
        let spoken = self.spoken();
        for (language, texts) in &self.texts {
            if !spoken.contains(language) {
                refuse((Some("widget.texts"), Why::NotSpoken(*language)));
            }
            if texts.all().into_iter().any(|text| text.chars().count() > TEXT_CHARACTERS_MAX) {
                refuse((Some("widget.texts"), Why::TooLong { most: TEXT_CHARACTERS_MAX }));
            }
        }
        self.look_at_form(&spoken, |why| refuse((Some("widget.form"), why)));
    }

    fn look_at_form(&self, spoken: &[Language], mut refuse: impl FnMut(Why)) {
        if self.form.len() > FIELDS_MAX {
            refuse(Why::TooMany { most: FIELDS_MAX });
        }
        let is_label = |label: &Label| {
            let is_good = |text: &String| !text.trim().is_empty() && text.chars().count() <= LABEL_CHARACTERS_MAX;
            label.values().all(is_good) && spoken.iter().all(|language| label.contains_key(language))
        };
        let mut keys = BTreeSet::new();
        for field in &self.form {
            let key = || field.key.clone();
            let is_ours = [REACH, MESSAGE].contains(&field.key.as_str());
            if !is_key(&field.key) || is_ours || !keys.insert(&field.key) {
                refuse(Why::FieldKey(key()));
            }
            let choices = field.choices.iter();
            let values: BTreeSet<&String> = choices.clone().map(|choice| &choice.value).collect();
            let is_choice = field.kind == FieldKind::Choice;
            let count = field.choices.len();
            let is_empty = |value: &&String| value.trim().is_empty();
            if is_choice != (count > 0) || count > CHOICES_MAX || values.len() < count || values.iter().any(is_empty) {
                refuse(Why::Choices { field: key(), most: CHOICES_MAX });
            }
            if !is_label(&field.label) || !choices.clone().all(|choice| is_label(&choice.label)) {
                refuse(Why::Label { field: key(), most: LABEL_CHARACTERS_MAX });
            }
        }
    }
}

fn is_text(value: &str) -> bool {
    value.chars().count() <= VALUE_CHARACTERS_MAX && !value.contains(|c: char| c.is_control() && c != '\n')
}

fn is_key(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    key.len() <= 40 && key.starts_with(|c: char| c.is_ascii_lowercase()) && key.bytes().all(is_part)
}

/// An origin as browsers write it (RFC 6454 §6.2), perhaps with `*.` before its host.
fn is_origin(origin: &str) -> bool {
    let Some((scheme, place)) = origin.split_once("://") else { return false };
    let (host, port) = place.rsplit_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
    let is_usual = |port: &str| matches!((scheme, port), ("https", "443") | ("http", "80"));
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number > 0) && !is_usual(port);
    let is_scheme = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    let is_host = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    let host = host.strip_prefix("*.").unwrap_or(host);
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(is_scheme)
        && !host.is_empty()
        && host.split('.').all(|part| !part.is_empty())
        && host.bytes().all(is_host)
        && port.is_none_or(is_port)
}

/// By how much a colour such as `#2f5bd0` stands out from white, in hundredths (WCAG 2.2, contrast ratio); `None` if it is
/// no colour.
fn contrast_to_white(colour: &str) -> Option<u32> {
    Some((105.0 / (luminance(colour)? + 0.05)) as u32)
}

/// WCAG 2.2, relative luminance.
fn luminance(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).ok()?) / 255.0;
        Some(if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
    };
    Some(0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?)
}

/// The colour of a text that can be read on this one: white or nearly black, whichever stands out more.
pub fn text_on(colour: &str) -> &'static str {
    if contrast_to_white(colour).is_none_or(|contrast| contrast >= 450) { "#fff" } else { "#111" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Label {
        BTreeMap::from([(Language::De, text.to_owned()), (Language::En, text.to_owned())])
    }

    fn field(key: &str, kind: FieldKind, needed: bool) -> Field {
        Field { key: key.to_owned(), kind, needed, label: label(key), choices: vec![] }
    }

    fn wrong(widget: &Widget) -> Vec<String> {
        let mut found = vec![];
        widget.look(|(key, why)| found.push(format!("{}: {why}", key.unwrap_or_default())));
        found
    }

    #[test]
    fn a_page_is_let_in_by_its_whole_origin_or_as_a_part_of_a_domain() {
        let origins =
            ["https://shop.example", "https://*.example.org", "http://localhost:3000", "capacitor://localhost"];
        let widget = Widget { origins: origins.map(str::to_owned).into(), ..Widget::default() };
        assert_eq!(wrong(&widget), [] as [&str; 0]);
        for origin in
            ["https://shop.example", "HTTPS://Shop.Example", "https://a.b.example.org", "capacitor://localhost"]
        {
            assert!(widget.admits(Some(origin)), "{origin}");
        }
        #[rustfmt::skip]
        let others = [
            "http://shop.example", "https://shop.example:8443", "https://shop.example.evil.test", "https://example.org",
            "https://evilexample.org", "https://a.example.org.test", "http://localhost", "null", "",
        ];
        for origin in others {
            assert!(!widget.admits(Some(origin)), "{origin}");
            assert!(Widget::default().admits(Some(origin)), "anywhere, if none is named: {origin}");
        }
        assert!(widget.admits(None), "a program that is no page");
    }

    #[test]
    fn what_of_a_widget_is_refused() {
        let one = |change: fn(&mut Widget)| {
            let mut widget = Widget::default();
            change(&mut widget);
            wrong(&widget)
        };
        for origin in
            ["shop.example", "https://shop.example/", "https://Shop.example", "https://", "https://a:443", "*"]
        {
            let widget = Widget { origins: vec![origin.to_owned()], ..Widget::default() };
            assert!(wrong(&widget)[0].starts_with(&format!("widget.origins: found `{origin}`")), "{origin}");
        }
        assert_eq!(one(|w| w.accent = Some("red".to_owned())), ["widget.accent: expected a colour as \"#2f5bd0\""]);
        let pale = "widget.accent: stands out from white by 1.3 to 1, expected 3 to 1 or more";
        assert_eq!(one(|w| w.accent = Some("#ffdd00".to_owned())), [pale]);
        assert_eq!(one(|w| w.accent = Some("#2f5bd0".to_owned())), [] as [&str; 0]);
        assert_eq!(one(|w| w.opens_after_s = Some(0)), ["widget.opens_after_s: found 0, expected 1 to 3600"]);
        let english = one(|w| {
            w.languages = vec![Language::De];
            w.texts.insert(Language::En, Texts::default());
        });
        assert_eq!(english, ["widget.texts: en is not among the languages"]);
        let form = |field: Field| wrong(&Widget { form: vec![field], ..Widget::default() });
        assert!(form(field("E-Mail", FieldKind::Email, true))[0].contains("`E-Mail`"));
        assert!(form(field("topic", FieldKind::Choice, true))[0].contains("choices"));
        let unnamed =
            Field { label: BTreeMap::from([(Language::De, "Name".to_owned())]), ..field("n", FieldKind::Text, true) };
        assert!(form(unnamed)[0].contains("label"));
        let twice = Widget {
            form: vec![field("a", FieldKind::Text, true), field("a", FieldKind::Tel, true)],
            ..Widget::default()
        };
        assert_eq!(wrong(&twice).len(), 1);
    }

    #[test]
    fn a_form_is_checked_field_by_field_and_its_values_come_in_its_order() {
        let topic = Choice { value: "order".to_owned(), label: label("Order") };
        let form = vec![
            field("name", FieldKind::Text, true),
            field("email", FieldKind::Email, false),
            field("tel", FieldKind::Tel, false),
            Field { choices: vec![topic], ..field("topic", FieldKind::Choice, true) },
            field("news", FieldKind::Checkbox, false),
        ];
        let widget = Widget { form, ..Widget::default() };
        assert_eq!(wrong(&widget), [] as [&str; 0]);
        let filled = |values: &[(&str, &str)]| {
            let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            widget.filled(&values).map(|all| all.into_iter().map(|one| (one.key, one.value)).collect::<Vec<_>>())
        };
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let good = [("topic", "order"), ("name", " Kim \n"), ("email", ""), ("news", "true")];
        assert_eq!(filled(&good), Ok(vec![pair("name", "Kim"), pair("topic", "Order"), pair("news", "true")]));
        let bad = [("topic", "x"), ("email", "kim"), ("tel", "12"), ("news", "yes"), ("other", "1")];
        assert_eq!(filled(&bad).unwrap_err(), ["name", "email", "tel", "topic", "news", "other"]);
        assert_eq!(filled(&[("name", "a\u{0}b"), ("topic", "order")]).unwrap_err(), ["name"]);
    }

    #[test]
    fn whoever_leaves_a_message_says_where_they_can_be_reached() {
        let values = |values: &[(&str, &str)]| -> BTreeMap<String, String> {
            values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let keys = |filled: Vec<Filled>| filled.into_iter().map(|one| one.key).collect::<Vec<_>>();
        let bare = Widget::default();
        assert_eq!(bare.left(&values(&[("message", "Hello")])).unwrap_err(), ["reach"]);
        let left = bare.left(&values(&[("message", "Hello"), ("reach", "kim@example.com")])).unwrap();
        assert_eq!(keys(left), ["reach", "message"]);
        let asks = |form: &[Field]| Widget { form: form.to_vec(), ..Widget::default() };
        let needed = asks(&[field("tel", FieldKind::Tel, true), field("email", FieldKind::Email, false)]);
        let left = needed.left(&values(&[("message", "Hello"), ("tel", "030 123456")])).unwrap();
        assert_eq!(keys(left), ["tel", "message"]);
        let optional = asks(&[field("email", FieldKind::Email, false), field("tel", FieldKind::Tel, false)]);
        assert_eq!(optional.left(&values(&[("message", "Hello")])).unwrap_err(), ["email"], "nobody is asked twice");
    }

    #[test]
    fn a_service_takes_no_more_files_than_the_daemon_and_says_so_with_its_limit() {
        use FileKind::{Pdf, Png, Zip};
        let daemon = FilesTaken { bytes_max: 10_000_000, kinds: vec![Png, Pdf] };
        for (attachments, most, kinds, bytes_max, taken) in [
            (true, None, vec![], 10_000_000, vec![Png, Pdf]),
            (true, Some(2), vec![Pdf, Zip], 2_000_000, vec![Pdf]),
            (true, Some(100), vec![], 10_000_000, vec![Png, Pdf]),
            (true, None, vec![Zip], 0, vec![]),
            (false, Some(2), vec![Pdf], 0, vec![]),
        ] {
            let kinds = kinds.into_iter().collect();
            let widget =
                Widget { attachments, attachments_max_mb: most, attachments_kinds: kinds, ..Widget::default() };
            assert_eq!(widget.files(&daemon), FilesTaken { bytes_max, kinds: taken }, "{widget:?}");
        }
        assert_eq!(daemon.too_large(), "a file may have 10 MB at most");
        assert_eq!(daemon.other_kind(), "files of this kind are not taken, but these are: png, pdf");
        let mut refused = vec![];
        Widget { attachments_max_mb: Some(0), ..Widget::default() }.look(|wrong| refused.push(wrong));
        assert_eq!(refused, [(Some("widget.attachments_max_mb"), Why::Range { found: 0, first: 1, last: 100 })]);
    }

    #[test]
    fn an_agent_is_shown_as_the_service_says() {
        assert_eq!(AgentName::Full.of("Anna Berger", "de"), "Anna Berger");
        assert_eq!(AgentName::First.of("Anna Berger", "de"), "Anna");
        assert_eq!(AgentName::Team.of("Anna Berger", "de"), "unser Team");
        assert_eq!(AgentName::Team.of("Anna Berger", "en"), "our team");
    }

    #[test]
    fn what_stands_on_a_colour_can_be_read() {
        assert_eq!(["#2f5bd0", "#000000", "#e0a01b", "#2a9d5c"].map(text_on), ["#fff", "#fff", "#111", "#111"]);
    }
}

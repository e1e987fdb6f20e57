//! What a chat's visitor said of themselves: by the form before the chat, and by the page that shows it. As agents see it, and
//! as it is stored beside the chat.

use super::visitor::FieldKind;
use domain::company::widget::Filled;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// What a visitor said of themselves. Nobody has looked whether it is true, but for an identity that is proved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "agent.ts")]
pub struct VisitorDetails {
    /// What they filled in, in the order of the form.
    pub form: Vec<Detail>,
    /// Who they are, as the page says.
    pub identity: Option<VisitorIdentity>,
}

/// A field of the form before the chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "agent.ts")]
pub struct Detail {
    /// By what it is known.
    pub key: String,
    /// What it can hold.
    pub kind: FieldKind,
    /// What it is called.
    pub label: String,
    /// The value; of a checkbox `true`.
    pub value: String,
}

/// Who a visitor is, as the company's own page says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "agent.ts")]
pub struct VisitorIdentity {
    /// By what the company knows them; empty if the page does not say.
    pub id: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their e-mail address; may be empty.
    pub email: String,
    /// Their telephone number; may be empty.
    pub telephone: String,
    /// Whether the company's website has proved the id. It proves nothing else.
    pub proved: bool,
}

/// How a visitor liked their chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "rest.ts")]
pub struct Rating {
    /// From 1 to 5: the more, the better.
    pub stars: u8,
    /// In their own words, at most 1,000 characters; may be empty.
    pub comment: String,
}

/// The longest comment beside a rating, in characters.
const COMMENT_CHARACTERS_MAX: usize = 1_000;

impl Rating {
    /// Whether it can be one.
    pub fn is_good(&self) -> bool {
        let Rating { stars, comment } = self;
        let is_text = |text: &str| !text.contains(|c: char| c.is_control() && c != '\n');
        (1..=5).contains(stars) && comment.chars().count() <= COMMENT_CHARACTERS_MAX && is_text(comment)
    }
}

impl VisitorDetails {
    /// Of a form.
    pub fn of(form: Vec<Filled>) -> VisitorDetails {
        let detail = |Filled { key, kind, label, value }| Detail { key, kind: kind.into(), label, value };
        VisitorDetails { form: form.into_iter().map(detail).collect(), identity: None }
    }

    /// With who they are, as the page says by now; `None`: as before. What is proved gives way to nothing but a proof.
    pub fn identified(&self, identity: Option<VisitorIdentity>) -> Option<VisitorDetails> {
        let is_proved = self.identity.as_ref().is_some_and(|known| known.proved);
        let identity = identity.filter(|said| self.identity.as_ref() != Some(said) && (said.proved || !is_proved))?;
        Some(VisitorDetails { identity: Some(identity), form: self.form.clone() })
    }

    /// The name that they go by; empty if none is known.
    pub fn name(&self) -> &str {
        let given = self.form.iter().find(|detail| detail.key == "name").map(|detail| detail.value.as_str());
        let of_page = || self.identity.as_ref().map(|identity| identity.name.as_str());
        given.or_else(of_page).unwrap_or_default()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == VisitorDetails::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_has_one_to_five_stars_and_a_comment_of_some_length() {
        let is_good = |stars, comment: &str| Rating { stars, comment: comment.to_owned() }.is_good();
        assert!((1..=5).all(|stars| is_good(stars, "")) && is_good(5, &"ä".repeat(1_000)) && is_good(3, "a\nb"));
        assert!(!is_good(0, "") && !is_good(6, "") && !is_good(5, &"a".repeat(1_001)) && !is_good(3, "a\0b"));
    }

    #[test]
    fn what_is_proved_gives_way_to_nothing_but_a_proof() {
        let who = |id: &str, proved| Some(VisitorIdentity { id: id.to_owned(), proved, ..VisitorIdentity::default() });
        let form = vec![Detail {
            key: "name".to_owned(),
            kind: FieldKind::Text,
            label: "Name".to_owned(),
            value: "Kim".to_owned(),
        }];
        let details = |identity| VisitorDetails { form: form.clone(), identity };
        let rows = [
            // before, said by now, afterwards; `None`: as before
            (None, who("1", false), Some(who("1", false))),
            (None, None, None),
            (who("1", false), who("2", false), Some(who("2", false))),
            (who("1", false), who("1", true), Some(who("1", true))),
            (who("1", true), who("1", true), None),
            (who("1", true), who("2", false), None),
            (who("1", true), who("2", true), Some(who("2", true))),
            (who("1", true), None, None),
        ];
        for (before, said, after) in rows {
            assert_eq!(details(before.clone()).identified(said.clone()), after.map(details), "{before:?} {said:?}");
        }
    }
}

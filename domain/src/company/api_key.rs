//! Keys by which programs ask and change what their roles let them, until their last day.
//! Never sees a token: of that there is a hash.

use super::refusal::named;
use super::{Company, Kind, NextIds, Outside, Refusal, Refusals, Secret, Why, take};
use crate::hours::Zone;
use crate::id::{ApiKeyId, QueueId, RoleId};
use crate::time::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// How many characters a token has.
pub const TOKEN_CHARACTERS: RangeInclusive<usize> = 40..=200;
/// How many hexadecimal digits a SHA-256 has.
const HASH_CHARACTERS: usize = 64;

/// A key of a program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name, unique in the company: the audit calls by it what was done with it.
    pub name: String,
    /// The SHA-256 of its token, in lower-case hexadecimal.
    pub token_hash: Secret,
    /// What it may do: all that any of these lets it.
    pub roles: BTreeSet<RoleId>,
    /// The queues that are its own, where a role lets it do something in those alone.
    pub queues: BTreeSet<QueueId>,
    /// The last day on which it works, in the company's time.
    pub until: Date,
}

/// A key, known by its name. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyEntry {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its token, in lower-case hexadecimal; needed in a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_hash: Option<Secret>,
    /// The names of exactly its roles; needed in a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The names of exactly the queues that are its own; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<Vec<String>>,
    /// The last day on which it works, as `2027-12-31`; needed in a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// A form that says everything: what is left out has its default.
    #[serde(skip)]
    pub whole: bool,
}

impl ApiKey {
    /// As a file describes it.
    pub fn entry(&self, company: &Company) -> ApiKeyEntry {
        let queues: Vec<String> = self.queues.iter().map(|queue| company.queue_name(*queue).to_owned()).collect();
        let roles = company.all_roles().filter(|role| self.roles.contains(&role.id));
        ApiKeyEntry {
            name: self.name.clone(),
            token_hash: Some(self.token_hash.clone()),
            roles: Some(roles.map(|role| role.name.clone()).collect()),
            queues: Some(queues).filter(|queues| !queues.is_empty()),
            until: Some(self.until.to_string()),
            whole: false,
        }
    }

    /// Whether it works at a moment, where the company lives in this zone.
    pub fn works(&self, zone: &Zone, now: Timestamp) -> bool {
        // Where no day can be told, nobody is let in.
        crate::hours::Hours::today(zone, now).is_some_and(|today| today <= self.until)
    }
}

impl Company {
    pub(super) fn put_api_key(
        &mut self,
        entry: &ApiKeyEntry,
        outside: &Outside,
        next: &mut NextIds,
        refused: &mut Refusals,
    ) {
        let name = &entry.name;
        if refused.note(named(Kind::ApiKey, name)).is_none() {
            return;
        }
        let known = self.api_keys.iter().position(|known| known.name == *name);
        let before = known.map(|at| self.api_keys[at].clone());
        let kept = before.as_ref().filter(|_| !entry.whole);
        let mut refuse = |key, why| refused.add(Kind::ApiKey, name, (Some(key), why));
        // What proves who somebody is stays in a form that says everything.
        let token_hash = entry.token_hash.clone().or_else(|| before.as_ref().map(|key| key.token_hash.clone()));
        match &token_hash {
            None => refuse("token", Why::Token),
            Some(hash) if !is_hash(&hash.0) => refuse("token_hash", Why::TokenHash),
            Some(hash) => {
                if self.api_keys.iter().any(|other| other.name != *name && other.token_hash == *hash) {
                    refuse("token", Why::ApiTokenTaken);
                }
                if outside.token_hashes.contains(&hash.0) {
                    refuse("token", Why::OtherCompany);
                }
            }
        }
        let token_hash = token_hash.unwrap_or_default();
        let until = entry.until.as_ref().map(|text| text.parse::<Date>().map_err(|_| text));
        let until = match until {
            Some(Ok(until)) => until,
            Some(Err(text)) => {
                refuse("until", Why::Date { found: text.chars().take(40).collect() });
                Date::default()
            }
            None => kept.map_or_else(
                || {
                    refuse("until", Why::EndMissing);
                    Date::default()
                },
                |key| key.until,
            ),
        };
        let roles = match &entry.roles {
            Some(names) if !names.is_empty() => self.roles_of(Kind::ApiKey, name, ("roles", names), refused),
            None if kept.is_some_and(|key| !key.roles.is_empty()) => {
                kept.map(|key| key.roles.clone()).unwrap_or_default()
            }
            Some(_) | None => {
                refused.add(Kind::ApiKey, name, (Some("roles"), Why::RolesMissing));
                BTreeSet::new()
            }
        };
        let queues = match &entry.queues {
            Some(names) => {
                let queue = |queue: &String| refused.note(self.queue_of(Kind::ApiKey, name, "queues", queue));
                names.iter().filter_map(queue).collect()
            }
            None => kept.map(|key| key.queues.clone()).unwrap_or_default(),
        };
        let id = before.map_or_else(|| ApiKeyId(take(&mut next.api_key)), |key| key.id);
        let key = ApiKey { id, name: name.clone(), token_hash, roles, queues, until };
        match known {
            Some(at) => self.api_keys[at] = key,
            None => self.api_keys.push(key),
        }
    }

    pub(super) fn remove_api_key(&mut self, name: &str) -> Result<(), Refusal> {
        let known = self.api_keys.iter().position(|known| known.name == name);
        let at = known.ok_or_else(|| Refusal::new(Kind::ApiKey, name, None, Why::Unknown))?;
        self.api_keys.remove(at);
        Ok(())
    }
}

/// Whether a text is long enough for a token, and can be sent as one (RFC 6750 §2.1).
pub fn is_token(text: &str) -> bool {
    let (value, is_sent) =
        (text.trim_end_matches('='), |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
    TOKEN_CHARACTERS.contains(&text.len()) && value.bytes().all(is_sent)
}

fn is_hash(text: &str) -> bool {
    text.len() == HASH_CHARACTERS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::{Change, Outside, QueueEntry, RoleEntry, Thing};
    use crate::id::CompanyId;

    fn key(name: &str, until: &str) -> ApiKeyEntry {
        ApiKeyEntry {
            name: name.to_owned(),
            token_hash: Some(Secret("0a".repeat(32))),
            roles: Some(vec!["reports".to_owned()]),
            queues: None,
            until: Some(until.to_owned()),
            whole: false,
        }
    }

    fn company() -> Company {
        let queue = QueueEntry { name: "Sales".to_owned(), ..QueueEntry::default() };
        let role = RoleEntry { name: "reports".to_owned(), answers: Some(false), ..RoleEntry::default() };
        let queues = Some(vec!["Sales".to_owned()]);
        let changes = [
            Change::PutQueue(queue),
            Change::PutRole(role),
            Change::PutApiKey(ApiKeyEntry { queues, ..key("import", "2027-12-31") }),
        ];
        Company::new(CompanyId(1), "One").unwrap().change(&changes, &Outside::default()).unwrap()
    }

    #[test]
    fn a_key_is_refused_at_its_setting_and_what_it_uses_is_not_removed_under_it() {
        let company = company();
        let put = Change::PutApiKey;
        let bare = |name: &str| ApiKeyEntry { name: name.to_owned(), ..ApiKeyEntry::default() };
        let hash =
            |hash: &str| ApiKeyEntry { token_hash: Some(Secret(hash.to_owned())), ..key("import", "2027-12-31") };
        let missing = "api_key new: token: expected 40 to 200 characters from a random source: letters, digits and -._~+/=; \
                       api_key new: until: expected its last day, such as 2027-12-31; \
                       api_key new: roles: expected one role or more";
        for (change, expected) in [
            (put(bare("import")), ""),
            (put(ApiKeyEntry { until: Some("2028-02-29".to_owned()), ..bare("import") }), ""),
            (put(bare("new")), missing),
            (put(key("import", "2027-02-29")), "api_key import: until: found `2027-02-29`, expected a date"),
            (put(hash("0A")), "api_key import: token_hash: expected"),
            (put(hash(&"0A".repeat(32))), "api_key import: token_hash: expected"),
            (put(key("other", "2027-12-31")), "api_key other: token: another key has this token"),
            (
                put(ApiKeyEntry { roles: Some(vec!["all".to_owned()]), ..bare("import") }),
                "api_key import: roles: there is no role `all`",
            ),
            (put(ApiKeyEntry { roles: Some(vec![]), ..bare("import") }), "api_key import: roles: expected one role"),
            (
                put(ApiKeyEntry { queues: Some(vec!["Nowhere".to_owned()]), ..bare("import") }),
                "api_key import: queues: there is no queue `Nowhere`",
            ),
            (put(hash(&"0b".repeat(32))), "api_key import: token: belongs to another company"),
            (put(bare("")), "api_key: the name is empty"),
            (Change::Remove(Thing::ApiKey("none".to_owned())), "api_key none: there is none of this name"),
            (Change::Remove(Thing::Role("reports".to_owned())), "role reports: is still used by api_key import"),
            (Change::Remove(Thing::Queue("Sales".to_owned())), "queue Sales: is still used by api_key import"),
        ] {
            let outside = Outside { token_hashes: ["0b".repeat(32)].into(), ..Outside::default() };
            let refused = company.change(&[change], &outside).err().map(|why| why.to_string());
            let said = refused.as_deref().unwrap_or_default().replace('\n', "; ");
            assert!(said.contains(expected), "{said}, expected {expected}");
            assert_eq!(refused.is_none(), expected.is_empty(), "{said}");
        }
    }

    #[test]
    fn a_token_is_long_and_can_be_sent() {
        let digits = "0123456789".repeat(20);
        for (text, is_good) in [
            (&digits[..39], false),
            (&digits[..40], true),
            (digits.as_str(), true),
            (&format!("{digits}0"), false),
            ("abcdefghijklmnopqrstuvwxyz-._~+/0123456789==", true),
            ("abcdefghijklmnopqrstuvwxyz-._~+/=0123456789", false),
            ("abcdefghijklmnopqrstuvwxyz 0123456789 0123456789", false),
            ("äbcdefghijklmnopqrstuvwxyz0123456789012345", false),
        ] {
            assert_eq!(is_token(text), is_good, "{text}");
        }
    }

    #[test]
    fn a_key_works_to_the_end_of_its_last_day_in_the_companys_time() {
        let key = company().api_keys.remove(0);
        let berlin = Zone::of("Europe/Berlin").unwrap();
        let at = |text: &str| {
            let time = text.parse::<jiff::Timestamp>().unwrap();
            Timestamp(u64::try_from(time.as_millisecond()).unwrap())
        };
        assert!(key.works(&berlin, at("2027-12-31T22:59:59Z")));
        assert!(!key.works(&berlin, at("2027-12-31T23:00:00Z")));
    }

    #[test]
    fn a_form_that_says_everything_keeps_the_token() {
        let change = Change::PutApiKey(ApiKeyEntry { token_hash: None, ..key("import", "2028-01-01") }).wholly();
        let after = company().change(&[change], &Outside::default()).unwrap();
        assert_eq!(after.api_keys[0].token_hash.0, "0a".repeat(32));
        assert!(after.api_keys[0].queues.is_empty(), "what is left out has its default");
    }
}

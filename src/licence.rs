//! Licences as they are signed and read: PASETO v4.public tokens, and the PASERK keys for them (R1).
//! Never decides what holds by one: that is `domain::licence`.

use domain::company::{Company, Kind, Refusal, Refusals, Why};
use domain::licence::{BYTES_MAX, Licence, State, Unreadable};
use domain::time::Timestamp;
use pasetors::keys::{AsymmetricKeyPair, AsymmetricPublicKey, AsymmetricSecretKey, Generate as _};
use pasetors::paserk::FormatAsPaserk;
use pasetors::token::UntrustedToken;
use pasetors::{Public, version4::PublicToken, version4::V4};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// By which licences are told from what others sign: the trust root.
#[derive(Clone, PartialEq)]
pub struct PublicKey(AsymmetricPublicKey<V4>);

impl Eq for PublicKey {}

impl FromStr for PublicKey {
    type Err = String;

    fn from_str(text: &str) -> Result<PublicKey, String> {
        let key = AsymmetricPublicKey::<V4>::try_from(text).ok();
        key.map(PublicKey).ok_or_else(|| {
            // What was pasted in its place may be the secret one.
            let found = text.get(..10).unwrap_or(text);
            let expected = "the public key that `vorrang licence keygen` printed, as \"k4.public.\" and 43 characters";
            format!("found \"{found}…\", expected {expected}, or \"\"")
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.0.fmt(&mut text)?;
        f.write_str(&text)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// By which licences are signed. Whoever has it issues them.
pub struct SecretKey(AsymmetricSecretKey<V4>);

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    /// The system has no chance to give.
    #[error("the system gives no random numbers for a key")]
    NoChance,
    /// It would not be a licence.
    #[error("{0}")]
    Licence(&'static str),
}

impl SecretKey {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no chance to give.
    pub fn generate() -> Result<SecretKey, NotSigned> {
        let pair = AsymmetricKeyPair::<V4>::generate().map_err(|_| NotSigned::NoChance)?;
        Ok(SecretKey(pair.secret))
    }

    /// The key that belongs into the settings.
    pub fn public(&self) -> PublicKey {
        // A secret key was looked at when it was made or read.
        #[allow(clippy::expect_used, reason = "its second half is the public one")]
        PublicKey(AsymmetricPublicKey::try_from(&self.0).expect("the public half"))
    }

    /// As it is kept in a file: PASERK `k4.secret.`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // A text takes whatever is written.
        _ = self.0.fmt(&mut text);
        text
    }

    /// Signs a licence.
    ///
    /// # Errors
    /// When nobody could use it.
    pub fn issue(&self, licence: &Licence) -> Result<String, NotSigned> {
        let claims = Claims::of(licence).ok_or(NotSigned::Licence("a date is beyond every calendar"))?;
        claims.clone().licence().map_err(NotSigned::Licence)?;
        let unwritable = NotSigned::Licence("it cannot be written");
        let Ok(text) = serde_json::to_vec(&claims) else { return Err(unwritable) };
        let token = PublicToken::sign(&self.0, &text, None, None).map_err(|_| unwritable)?;
        if token.len() > BYTES_MAX { Err(NotSigned::Licence("its names are too long")) } else { Ok(token) }
    }
}

impl FromStr for SecretKey {
    type Err = String;

    fn from_str(text: &str) -> Result<SecretKey, String> {
        let key = AsymmetricSecretKey::<V4>::try_from(text.trim());
        key.map(SecretKey).map_err(|_| "expected a secret key as \"k4.secret.\" and 86 characters".to_owned())
    }
}

/// What is signed. Where PASETO has registered a claim for it, that one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// The licence's number.
    jti: String,
    /// The company's name.
    sub: String,
    /// From when on, RFC 3339.
    nbf: String,
    /// Until when.
    exp: String,
    channels: BTreeSet<String>,
    agents: u32,
    grace_days: u32,
}

/// The longest time for which chats go on beginning, in days.
const GRACE_DAYS_MAX: u32 = 366;

impl Claims {
    fn of(licence: &Licence) -> Option<Claims> {
        let time = |at: Timestamp| jiff::Timestamp::from_millisecond(i64::try_from(at.0).ok()?).ok();
        Some(Claims {
            jti: licence.number.clone(),
            sub: licence.company.clone(),
            nbf: time(licence.from)?.to_string(),
            exp: time(licence.until)?.to_string(),
            channels: licence.channels.clone(),
            agents: licence.agents,
            grace_days: licence.grace_days,
        })
    }

    fn licence(self) -> Result<Licence, &'static str> {
        let time = |text: &str| {
            let at = text.parse::<jiff::Timestamp>().ok();
            at.and_then(|at| u64::try_from(at.as_millisecond()).ok()).map(Timestamp)
        };
        let from = time(&self.nbf).ok_or("`nbf` is no time as 2027-01-31T00:00:00Z")?;
        let until = time(&self.exp).ok_or("`exp` is no time as 2027-01-31T00:00:00Z")?;
        if until <= from {
            return Err("it would end before it begins");
        }
        if self.agents == 0 {
            return Err("it is for 0 agents, expected 1 or more");
        }
        if self.grace_days > GRACE_DAYS_MAX {
            return Err("it has more than 366 days of grace");
        }
        if self.channels.is_empty() {
            return Err("it is for no channel");
        }
        let Claims { jti: number, sub: company, channels, agents, grace_days, .. } = self;
        if [&number, &company].into_iter().any(|text| text.is_empty() || text.contains(char::is_control)) {
            return Err("its number and its company are texts without line ends");
        }
        Ok(Licence { number, company, channels, agents, from, until, grace_days })
    }
}

/// What a text says as a licence, if whoever has the other half of this key signed it.
///
/// # Errors
/// Why it is none.
pub fn read(key: Option<&PublicKey>, text: &str) -> Result<Licence, Unreadable> {
    let PublicKey(key) = key.ok_or(Unreadable::NoKey)?;
    if text.len() > BYTES_MAX {
        return Err(Unreadable::TooLong);
    }
    let token = UntrustedToken::<Public, V4>::try_from(text).map_err(|_| Unreadable::NoToken)?;
    if text.matches('.').count() > 2 || !token.untrusted_footer().is_empty() {
        return Err(Unreadable::Footer);
    }
    let trusted = PublicToken::verify(key, &token, None, None).map_err(|_| Unreadable::Signature)?;
    let claims: Claims = serde_json::from_str(trusted.payload()).map_err(|why| Unreadable::Claims(why.to_string()))?;
    claims.licence().map_err(|why| Unreadable::Claims(why.to_owned()))
}

/// What a company has as a licence; `None`: nothing.
pub type Held = Option<Result<Licence, Unreadable>>;

/// Reads what a company has as a licence.
pub fn held(key: Option<&PublicKey>, company: &Company) -> Held {
    company.licence.as_deref().map(|text| read(key, text))
}

/// Looks at what is to be a company's licence before it becomes that. What it has already, and nothing, is always accepted.
///
/// # Errors
/// With what is wrong with it, for the setting `licence` of the company.
pub fn look(key: Option<&PublicKey>, company: &Company, text: &str, now: Timestamp) -> Result<(), Refusals> {
    let text = text.trim();
    if text.is_empty() || company.licence.as_deref() == Some(text) {
        return Ok(());
    }
    let has = State::of(held(key, company).as_ref(), &company.name, now);
    let would = State::of(Some(&read(key, text)), &company.name, now);
    let refuse = |state| Refusal::new(Kind::Company, &company.name, Some("licence"), Why::Licence(state)).into();
    would.in_place_of(&has).map_err(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::licence::CHAT;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const DAY: u64 = 24 * 60 * 60 * 1000;

    fn licence() -> Licence {
        Licence {
            number: "2027-1".to_owned(),
            company: "Alpenrad".to_owned(),
            channels: [CHAT.to_owned()].into(),
            agents: 5,
            from: Timestamp(NOW.0 - DAY),
            until: Timestamp(NOW.0 + 100 * DAY),
            grace_days: 14,
        }
    }

    fn company() -> Company {
        Company { name: "Alpenrad".to_owned(), ..Company::default() }
    }

    fn signed(secret: &SecretKey, claims: &str, footer: Option<&[u8]>) -> String {
        PublicToken::sign(&secret.0, claims.as_bytes(), footer, None).unwrap()
    }

    #[test]
    fn what_is_signed_is_read_as_it_was() {
        let secret = SecretKey::generate().unwrap();
        let key: PublicKey = secret.public().to_string().parse().unwrap();
        assert_eq!(key, secret.public());
        let again: SecretKey = secret.text().parse().unwrap();
        let text = again.issue(&licence()).unwrap();
        assert_eq!(read(Some(&key), &text), Ok(licence()));
    }

    #[test]
    fn whatever_is_no_licence_of_this_company_is_refused_with_a_sentence() {
        let (secret, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
        let key = secret.public();
        let good = secret.issue(&licence()).unwrap();
        // Behind a whole number of bytes.
        let cut = good[..good.len() - (good.len() - PublicToken::HEADER.len()) % 4 - 8].to_owned();
        let claims = |text: &str| {
            let mut claims = serde_json::to_value(Claims::of(&licence()).unwrap()).unwrap();
            let patch: serde_json::Value = serde_json::from_str(text).unwrap();
            claims.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
            signed(&secret, &claims.to_string(), None)
        };
        let of_another = Licence { company: "Talrad".to_owned(), ..licence() };
        let for_calls = Licence { channels: ["call".to_owned()].into(), ..licence() };
        let bare = signed(&secret, &serde_json::to_string(&Claims::of(&licence()).unwrap()).unwrap(), Some(b"kid"));
        for (text, expected) in [
            (cut, "the signature is wrong"),
            (good[..40].to_owned(), "this is no licence, or not all of it"),
            ("v4.local.AAAA".to_owned(), "this is no licence, or not all of it"),
            (format!("{good} {good}"), "this is no licence, or not all of it"),
            ("ü".repeat(3000), "the text is longer than 4096"),
            (format!("{good}.a2lk"), "something stands behind"),
            (format!("{good}."), "something stands behind"),
            (bare, "something stands behind"),
            (other.issue(&licence()).unwrap(), "the signature is wrong"),
            (secret.issue(&of_another).unwrap(), "the licence is for another company, `Talrad`"),
            (secret.issue(&for_calls).unwrap(), "the licence is not for chats"),
            (claims(r#"{"seats": 4}"#), "it is signed, but cannot be understood: unknown field `seats`"),
            (claims(r#"{"agents": -1}"#), "it is signed, but cannot be understood: invalid value"),
            (claims(r#"{"agents": 0}"#), "it is signed, but cannot be understood: it is for 0 agents"),
            (claims(r#"{"exp": "tomorrow"}"#), "it is signed, but cannot be understood: `exp` is no time"),
            (claims(r#"{"exp": "2020-01-01T00:00:00Z"}"#), "it is signed, but cannot be understood: it would end"),
            (claims(r#"{"grace_days": 9999}"#), "it is signed, but cannot be understood: it has more than"),
            (claims(r#"{"sub": ""}"#), "it is signed, but cannot be understood: its number"),
            (signed(&secret, "[]", None), "it is signed, but cannot be understood"),
        ] {
            let refused = look(Some(&key), &company(), &text, NOW).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("company Alpenrad: licence: {expected}")), "{text}: {refused}");
        }
        let refused = look(None, &company(), &good, NOW).unwrap_err().to_string();
        assert!(refused.contains("sets licence.public_key first"), "{refused}");
        assert_eq!(look(Some(&key), &company(), &format!(" {good}\n"), NOW), Ok(()), "the control");
    }

    #[test]
    fn one_that_has_not_begun_or_has_ended_takes_no_other_away() {
        let secret = SecretKey::generate().unwrap();
        let key = secret.public();
        let days = |from: u64, until: u64| {
            let at = |days: u64| Timestamp(NOW.0 - 1000 * DAY + days * DAY);
            secret.issue(&Licence { from: at(from), until: at(until), ..licence() }).unwrap()
        };
        let (tomorrow, ended, now) = (days(1001, 1400), days(600, 900), days(990, 1300));
        let has = |text: &String| Company { licence: Some(text.clone()), ..company() };
        for (held, new, is_accepted) in [
            (company(), &tomorrow, true),
            (company(), &ended, true),
            (has(&now), &tomorrow, false),
            (has(&now), &ended, false),
            (has(&ended), &tomorrow, true),
            (has(&ended), &now, true),
            (has(&tomorrow), &now, true),
            (has(&ended), &ended, true),
        ] {
            assert_eq!(look(Some(&key), &held, new, NOW).is_ok(), is_accepted, "{held:?} {new}");
        }
        // A text that is there stays there, whatever it is by now: a company's file can be applied again.
        assert_eq!(look(None, &has(&now), &now, NOW), Ok(()));
        assert_eq!(look(Some(&key), &has(&now), "", NOW), Ok(()), "it may be taken away by hand");
    }

    #[test]
    fn nothing_is_signed_that_could_not_be_read() {
        let secret = SecretKey::generate().unwrap();
        for licence in [
            Licence { agents: 0, ..licence() },
            Licence { until: licence().from, ..licence() },
            Licence { number: String::new(), ..licence() },
            Licence { company: "x".repeat(5000), ..licence() },
            Licence { until: Timestamp(u64::MAX), ..licence() },
        ] {
            assert!(secret.issue(&licence).is_err(), "{licence:?}");
        }
    }
}

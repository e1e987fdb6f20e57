//! Digest authentication, both sides: MD5 and SHA-256, `qop=auth` (RFC 3261 §22, RFC 7616, RFC 8760).
//! Never tells an unknown user from a wrong password, and never keeps state for someone who has not proved a password.

use std::collections::BTreeMap;
use std::time::Duration;

use md5::Md5;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::tokens::{Tokens, hex};
use crate::uri::split_outside;
use crate::wire::is_token;

/// The longest credentials or challenge that is read, in bytes.
pub const AUTHORIZATION_BYTES_MAX: usize = 2048;

/// The most nonces whose use is remembered at once.
const NONCES_MAX: usize = 20_000;
/// A nonce is its date, a salt and our mark over both, in hexadecimal.
const DATE_DIGITS: usize = 16;
const SALT_DIGITS: usize = 12;

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// What every phone can.
    Md5,
    /// What newer phones prefer.
    Sha256,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        match self {
            Algorithm::Md5 => hex(&Md5::digest(text.as_bytes())),
            Algorithm::Sha256 => hex(&Sha256::digest(text.as_bytes())),
        }
    }

    fn of(name: Option<&str>) -> Option<Algorithm> {
        match name {
            None => Some(Algorithm::Md5),
            Some(name) if name.eq_ignore_ascii_case("MD5") => Some(Algorithm::Md5),
            Some(name) if name.eq_ignore_ascii_case("SHA-256") => Some(Algorithm::Sha256),
            Some(_) => None,
        }
    }

    /// The hash of user, realm and password that may be stored in a password's place: hexadecimal, lower case.
    pub fn ha1(self, user: &str, realm: &str, password: &str) -> String {
        self.hash(&format!("{user}:{realm}:{password}"))
    }
}

/// What we know of a user's password.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// The password.
    Plain(String),
    /// Its hashes, as [`Algorithm::ha1`] makes them; an algorithm without one cannot be used.
    Hashed {
        /// For MD5.
        md5: Option<String>,
        /// For SHA-256.
        sha256: Option<String>,
    },
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    fn ha1(&self, algorithm: Algorithm, user: &str, realm: &str) -> Option<String> {
        match (self, algorithm) {
            (Secret::Plain(password), _) => Some(algorithm.ha1(user, realm, password)),
            (Secret::Hashed { md5, .. }, Algorithm::Md5) => md5.clone(),
            (Secret::Hashed { sha256, .. }, Algorithm::Sha256) => sha256.clone(),
        }
    }
}

/// What a check of credentials came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The user is who they say.
    Good,
    /// There were none for us: ask for them.
    Missing,
    /// There were too many wrong ones from there: these were not looked at.
    Unheard,
    /// The password is right, the nonce is used up: ask again with `stale=true`.
    Stale,
    /// Anything else.
    Bad,
}

/// Credentials a peer sent, or a challenge: a scheme and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digests {
    params: BTreeMap<String, String>,
}

impl Digests {
    /// Reads `Digest name="value", name=value, ...`.
    pub(crate) fn parse(text: &str) -> Option<Digests> {
        if text.len() > AUTHORIZATION_BYTES_MAX {
            return None;
        }
        let (scheme, rest) = text.trim().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut params = BTreeMap::new();
        for part in split_outside(rest, b',') {
            let Some((name, value)) = part.split_once('=') else { continue };
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            if name.is_empty() || !name.bytes().all(is_token) || params.insert(name, value.to_owned()).is_some() {
                return None;
            }
        }
        Some(Digests { params })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    /// The name of the challenge that is answered, if it is one of ours ([`Guard::name_of`]).
    pub(crate) fn challenge(&self) -> Option<&str> {
        self.get("nonce")?.get(DATE_DIGITS..DATE_DIGITS + SALT_DIGITS)
    }
}

/// The server's side: makes nonces, checks credentials.
#[derive(Clone)]
pub(crate) struct Guard {
    realm: String,
    algorithms: Vec<Algorithm>,
    nonce_max: Duration,
    /// The nonces under which someone proved a password, with the counts they used.
    used: BTreeMap<String, Counts>,
    /// The last nonce whose counts had to be forgotten before its time. It and all older ones are used up: what cannot be
    /// remembered could be played again.
    forgotten: String,
    /// Stands in for the hashes of users who are not there.
    nobody: Secret,
}

/// Which counts of a nonce were used: the highest one, and the 63 below it.
#[derive(Debug, Clone, Copy)]
struct Counts {
    highest: u32,
    seen: u64,
}

impl Guard {
    pub(crate) fn new(realm: &str, algorithms: &[Algorithm], nonce_max: Duration, tokens: &Tokens) -> Guard {
        let nobody = |algorithm: Algorithm| Some(algorithm.hash(&tokens.mark("nobody", &[])));
        Guard {
            realm: realm.to_owned(),
            algorithms: algorithms.to_vec(),
            nonce_max,
            used: BTreeMap::new(),
            forgotten: String::new(),
            nobody: Secret::Hashed { md5: nobody(Algorithm::Md5), sha256: nobody(Algorithm::Sha256) },
        }
    }

    /// The challenges to send with a 401, in our order (RFC 8760 §2.3). `salt` differs between requests: whoever asks in the
    /// same millisecond gets a nonce of their own, or they would use up each other's counts.
    pub(crate) fn challenges(&self, now: Duration, tokens: &Tokens, salt: &str, stale: bool) -> Vec<String> {
        // The nonce carries its own date and our mark over it: nothing is remembered before someone uses it well.
        let own = format!("{:016x}{}", now.as_millis() as u64, self.name_of(tokens, salt));
        let nonce = format!("{own}{}", tokens.mark("nonce", &[&own]));
        let stale = if stale { ", stale=true" } else { "" };
        let realm = &self.realm;
        let challenge = |algorithm: &Algorithm| {
            let name = algorithm.name();
            format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={name}, qop=\"auth\"{stale}")
        };
        self.algorithms.iter().map(challenge).collect()
    }

    /// The name of the challenge that a request with this salt gets; the same whenever that request comes again.
    pub(crate) fn name_of(&self, tokens: &Tokens, salt: &str) -> String {
        tokens.mark("salt", &[salt])[..SALT_DIGITS].to_owned()
    }

    /// Checks credentials for a request. `secret` is none for an unknown user; the work done is the same.
    pub(crate) fn check(
        &mut self,
        now: Duration,
        tokens: &Tokens,
        credentials: &Digests,
        method: &str,
        secret: Option<&Secret>,
    ) -> Verdict {
        let field = |name: &str| credentials.get(name).unwrap_or("");
        let algorithm = Algorithm::of(credentials.get("algorithm"));
        let Some(algorithm) = algorithm.filter(|one| self.algorithms.contains(one)) else { return Verdict::Bad };
        // Without qop there is no count, and a recorded message could be played again.
        if !field("qop").eq_ignore_ascii_case("auth") || field("realm") != self.realm {
            return Verdict::Bad;
        }
        let Some(count) = count_of(field("nc")).filter(|_| !field("cnonce").is_empty()) else { return Verdict::Bad };
        let (user, nonce) = (field("username"), field("nonce"));
        let known = secret.and_then(|secret| secret.ha1(algorithm, user, &self.realm));
        let is_known = known.is_some();
        let ha1 = known.or_else(|| self.nobody.ha1(algorithm, user, &self.realm)).unwrap_or_default();
        let expected = response(algorithm, &ha1, nonce, field("nc"), field("cnonce"), method, field("uri"));
        let given = field("response").to_ascii_lowercase();
        let is_right = bool::from(expected.as_bytes().ct_eq(given.as_bytes()));
        if !(is_right & is_known) {
            return Verdict::Bad;
        }
        if !self.is_fresh(now, tokens, nonce) || !self.count(nonce, count) { Verdict::Stale } else { Verdict::Good }
    }

    fn is_fresh(&self, now: Duration, tokens: &Tokens, nonce: &str) -> bool {
        let end = DATE_DIGITS + SALT_DIGITS;
        let (Some(own), Some(mark)) = (nonce.get(..end), nonce.get(end..)) else { return false };
        let ours = tokens.mark("nonce", &[own]);
        if !bool::from(ours.as_bytes().ct_eq(mark.as_bytes())) || nonce <= self.forgotten.as_str() {
            return false;
        }
        let date = &own[..DATE_DIGITS];
        let made = u64::from_str_radix(date, 16).map_or(Duration::ZERO, Duration::from_millis);
        now.saturating_sub(made) <= self.nonce_max
    }

    /// Takes a count; false if it was used, or is too old to tell (RFC 7616 §3.4: `nc`).
    fn count(&mut self, nonce: &str, count: u32) -> bool {
        if count == 0 {
            return false;
        }
        if self.used.len() >= NONCES_MAX && !self.used.contains_key(nonce) {
            // The nonce begins with its date, so the first is the oldest. Who still uses it is asked anew.
            if let Some((oldest, _)) = self.used.pop_first() {
                self.forgotten = self.forgotten.clone().max(oldest);
            }
        }
        let counts = self.used.entry(nonce.to_owned()).or_insert(Counts { highest: 0, seen: 0 });
        if count > counts.highest {
            let shift = count - counts.highest;
            counts.seen = if shift < 64 { counts.seen << shift | 1 } else { 1 };
            counts.highest = count;
            return true;
        }
        let back = counts.highest - count;
        if back >= 64 || counts.seen & (1 << back) != 0 {
            return false;
        }
        counts.seen |= 1 << back;
        true
    }

    /// Whether there is nothing to forget.
    pub(crate) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    /// Forgets nonces that are too old to be used again.
    pub(crate) fn sweep(&mut self, now: Duration) {
        let oldest = format!("{:016x}", now.saturating_sub(self.nonce_max).as_millis() as u64);
        self.used = self.used.split_off(&oldest);
    }
}

/// The client's side: a server's challenge, and how often it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Challenge {
    /// The header that answers it: a proxy has its own (RFC 3261 §22.3).
    header: &'static str,
    algorithm: Algorithm,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// Whether answers are counted; a server of RFC 2069 counts none.
    is_counted: bool,
    is_stale: bool,
    count: u32,
}

impl Challenge {
    /// The first challenge that we can answer: the server's order is its preference (RFC 8760 §2.4).
    fn first<'a>(header: &'static str, challenges: impl Iterator<Item = &'a str>) -> Option<Challenge> {
        let usable = challenges.filter_map(Digests::parse).filter_map(|challenge| {
            let algorithm = Algorithm::of(challenge.get("algorithm"))?;
            let qop = challenge.get("qop").map(|qop| qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
            (qop != Some(false)).then_some(())?;
            Some(Challenge {
                header,
                algorithm,
                realm: challenge.get("realm")?.to_owned(),
                nonce: challenge.get("nonce")?.to_owned(),
                opaque: challenge.get("opaque").map(str::to_owned),
                is_counted: qop.is_some(),
                is_stale: challenge.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
                count: 0,
            })
        });
        usable.into_iter().next()
    }

    /// The credentials for one more request.
    fn credentials(&mut self, user: &str, secret: &Secret, method: &str, uri: &str, cnonce: &str) -> Option<String> {
        self.count = self.count.saturating_add(1);
        let Challenge { algorithm, realm, nonce, count, .. } = &*self;
        let ha1 = secret.ha1(*algorithm, user, realm)?;
        let opaque = self.opaque.as_ref().map_or(String::new(), |opaque| format!(", opaque=\"{opaque}\""));
        let (proof, qop) = if self.is_counted {
            let nc = format!("{count:08x}");
            let proof = response(*algorithm, &ha1, nonce, &nc, cnonce, method, uri);
            (proof, format!(", qop=auth, nc={nc}, cnonce=\"{cnonce}\""))
        } else {
            let ha2 = algorithm.hash(&format!("{method}:{uri}"));
            (algorithm.hash(&format!("{ha1}:{nonce}:{ha2}")), String::new())
        };
        Some(format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{proof}\", \
             algorithm={}{qop}{opaque}",
            algorithm.name()
        ))
    }
}

/// How many challenges in a row are answered, whatever the server says about its nonces.
const ANSWERS_MAX: u32 = 3;

/// One of our users towards one server: proves a password when asked, and from then on without being asked, with a
/// count for each use of a nonce (RFC 7616 §3.4).
#[derive(Debug, Clone)]
pub(crate) struct Prover {
    user: String,
    secret: Secret,
    challenge: Option<Challenge>,
    /// How many challenges came since the last success.
    answers: u32,
}

impl Prover {
    pub(crate) fn new(user: &str, secret: Secret) -> Prover {
        // It stands in quotes.
        let user = user.chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect();
        Prover { user, secret, challenge: None, answers: 0 }
    }

    /// The header that proves the password; none before the first challenge.
    pub(crate) fn header(&mut self, method: &str, uri: &str, cnonce: &str) -> Option<(&'static str, String)> {
        let challenge = self.challenge.as_mut()?;
        let header = challenge.header;
        Some((header, challenge.credentials(&self.user, &self.secret, method, uri, cnonce)?))
    }

    /// A 401 or 407 came. Whether to ask again, now with an answer: the first time after a success, because its nonce may
    /// have grown old, and as long as the server says that the nonce alone was at fault; but not for ever, and not with a
    /// password that it has just refused.
    pub(crate) fn challenged<'a>(
        &mut self,
        by_server: impl Iterator<Item = &'a str>,
        by_proxy: impl Iterator<Item = &'a str>,
    ) -> bool {
        let next =
            Challenge::first("Authorization", by_server).or_else(|| Challenge::first("Proxy-Authorization", by_proxy));
        let before = self.challenge.as_ref().filter(|_| self.answers > 0);
        let is_refused = before
            .is_some_and(|before| next.as_ref().is_some_and(|next| next.header == before.header && !next.is_stale));
        self.answers += 1;
        self.challenge = next.filter(|_| !is_refused && self.answers <= ANSWERS_MAX);
        if self.challenge.is_none() {
            self.answers = 0;
        }
        self.challenge.is_some()
    }

    /// A success came, with its Authentication-Info (RFC 7616 §3.5): the nonce it names is the next one.
    pub(crate) fn accepted(&mut self, info: Option<&str>) {
        self.answers = 0;
        let next = info.and_then(|info| Digests::parse(&format!("Digest {info}")));
        let next = next.as_ref().and_then(|info| info.get("nextnonce")).filter(|nonce| !nonce.is_empty());
        if let (Some(challenge), Some(nonce)) = (&mut self.challenge, next)
            && challenge.nonce != nonce
        {
            nonce.clone_into(&mut challenge.nonce);
            challenge.count = 0;
        }
    }
}

/// The answer to a server's challenges; none if there is none we can answer.
#[cfg(test)]
pub(crate) fn answer<'a>(
    challenges: impl Iterator<Item = &'a str>,
    user: &str,
    password: &str,
    method: &str,
    uri: &str,
    cnonce: &str,
) -> Option<String> {
    let mut prover = Prover::new(user, Secret::Plain(password.to_owned()));
    prover.challenged(challenges, std::iter::empty());
    prover.header(method, uri, cnonce).map(|(_, value)| value)
}

/// How often a nonce was used: up to eight hexadecimal digits (RFC 7616 §3.4: `nc-value`).
fn count_of(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 16).ok().filter(|_| text.len() <= 8 && text.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// RFC 7616 §3.4.1.
fn response(algorithm: Algorithm, ha1: &str, nonce: &str, nc: &str, cnonce: &str, method: &str, uri: &str) -> String {
    let ha2 = algorithm.hash(&format!("{method}:{uri}"));
    algorithm.hash(&format!("{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfcs_own_example_comes_out() {
        // RFC 7616 §3.9.1.
        for (algorithm, expected) in [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let ha1 = algorithm.ha1("Mufasa", "http-auth@example.org", "Circle of Life");
            let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
            let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            assert_eq!(response(algorithm, &ha1, nonce, "00000001", cnonce, "GET", "/dir/index.html"), expected);
        }
    }

    struct Scene {
        guard: Guard,
        tokens: Tokens,
    }

    impl Scene {
        fn new() -> Scene {
            let tokens = Tokens::new([1; 32]);
            let guard = Guard::new("here", &[Algorithm::Sha256, Algorithm::Md5], Duration::from_secs(300), &tokens);
            Scene { guard, tokens }
        }

        fn credentials(&self, which: usize, password: &str) -> String {
            let challenges = self.guard.challenges(Duration::from_secs(10), &self.tokens, "salt", false);
            answer([challenges[which].as_str()].into_iter(), "ann", password, "REGISTER", "sip:here", "c")
                .expect("an answer")
        }

        fn check(&mut self, now: u64, credentials: &str, secret: Option<&Secret>) -> Verdict {
            let credentials = Digests::parse(credentials).expect("readable");
            self.guard.check(Duration::from_secs(now), &self.tokens, &credentials, "REGISTER", secret)
        }
    }

    #[test]
    fn what_is_no_digest_or_too_much_of_one_is_not_read() {
        let long = |length: usize| format!("Digest realm=\"{}\"", "x".repeat(length - 15));
        assert!(Digests::parse(&long(AUTHORIZATION_BYTES_MAX)).is_some());
        for text in [
            &long(AUTHORIZATION_BYTES_MAX + 1),
            "",
            "Digest",
            "Basic dXNlcjpwdw==",
            "Digest =x",
            "Digest realm=\"a\", realm=\"b\"",
            "Digest re alm=\"a\"",
        ] {
            assert_eq!(Digests::parse(text), None, "{text}");
        }
        let read = Digests::parse("digest\tREALM = \"a, b\" ,nc=0000000a,, qop=\"auth,auth-int\"").expect("readable");
        assert_eq!(
            (read.get("realm"), read.get("nc"), read.get("qop")),
            (Some("a, b"), Some("0000000a"), Some("auth,auth-int"))
        );
    }

    #[test]
    fn the_right_password_passes_once_per_count() {
        for (which, algorithm) in [(0, Algorithm::Sha256), (1, Algorithm::Md5)] {
            let mut scene = Scene::new();
            let plain = Secret::Plain("pw".to_owned());
            let credentials = scene.credentials(which, "pw");
            assert!(credentials.contains(algorithm.name()));
            assert_eq!(scene.check(11, &credentials, Some(&plain)), Verdict::Good);
            assert_eq!(scene.check(11, &credentials, Some(&plain)), Verdict::Stale, "the count was used");
        }
    }

    #[test]
    fn each_way_to_be_wrong_has_its_verdict() {
        let plain = Secret::Plain("pw".to_owned());
        let same = |text: &str| text.to_owned();
        let without = |name: &'static str| {
            move |text: &str| text.split(", ").filter(|part| !part.starts_with(name)).collect::<Vec<_>>().join(", ")
        };
        type Change<'a> = &'a dyn Fn(&str) -> String;
        #[rustfmt::skip]
        let rows: [(&str, u64, Option<&Secret>, Change, Verdict); 21] = [
            // The password, when it is said, who is known, what is changed on the way.
            ("pw",    11,  Some(&plain), &same, Verdict::Good),
            ("pw",    310, Some(&plain), &same, Verdict::Good),
            ("pw",    311, Some(&plain), &same, Verdict::Stale),
            // Only who has the right password hears that the nonce is old.
            ("guess", 311, Some(&plain), &same, Verdict::Bad),
            ("pw",    311, None,         &same, Verdict::Bad),
            ("guess", 11,  Some(&plain), &same, Verdict::Bad),
            ("pw",    11,  None,         &same, Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("qop=auth", "qop=auth-int"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("qop=auth", "qop=\"auth\""), Verdict::Good),
            ("pw",    11,  Some(&plain), &without("qop"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &without("nc"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &without("cnonce"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &without("nonce"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &without("response"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("realm=\"here\"", "realm=\"there\""), Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("uri=\"sip:here", "uri=\"sip:there"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("SHA-256", "SHA-512-256"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("SHA-256", "SHA-256-sess"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("SHA-256", "MD5"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("nc=0000000", "nc=+000000"), Verdict::Bad),
            ("pw",    11,  Some(&plain), &|text| text.replace("nc=0000000", "nc=000000000"), Verdict::Bad),
        ];
        for (number, (password, now, secret, change, verdict)) in rows.into_iter().enumerate() {
            let mut scene = Scene::new();
            let credentials = change(&scene.credentials(0, password));
            assert_eq!(scene.check(now, &credentials, secret), verdict, "{number}: {credentials}");
        }
    }

    #[test]
    fn a_nonce_of_an_earlier_boot_or_of_somebody_s_own_making_is_stale() {
        let secret = Secret::Plain("pw".to_owned());
        let mut scene = Scene::new();
        let good = scene.credentials(0, "pw");
        scene.tokens = Tokens::new([2; 32]);
        assert_eq!(scene.check(11, &good, Some(&secret)), Verdict::Stale);
        for nonce in ["", "x", "00000000000027100123456789ab", &"0".repeat(200), "ü", "0000000000002710ü"] {
            let challenge = format!("Digest realm=\"here\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"");
            let own =
                answer([challenge.as_str()].into_iter(), "ann", "pw", "REGISTER", "sip:here", "c").expect("an answer");
            assert_eq!(scene.check(11, &own, Some(&secret)), Verdict::Stale, "{nonce}");
        }
    }

    #[test]
    fn everybody_gets_a_nonce_of_their_own() {
        let scene = Scene::new();
        let nonce = |salt: &str| scene.guard.challenges(Duration::from_secs(10), &scene.tokens, salt, false)[0].clone();
        assert_ne!(nonce("one request"), nonce("another in the same millisecond"));
        assert_eq!(nonce("one request"), nonce("one request"), "nothing is kept of it");
    }

    #[test]
    fn a_nonce_that_had_to_be_forgotten_is_used_up() {
        let mut scene = Scene::new();
        let secret = Secret::Plain("pw".to_owned());
        let first = scene.credentials(1, "pw");
        assert_eq!(scene.check(11, &first, Some(&secret)), Verdict::Good);
        for number in 0..NONCES_MAX {
            let nonce = format!("{:016x}{number:012}", 10_001);
            assert!(scene.guard.count(&nonce, 1));
        }
        assert_eq!(scene.guard.used.len(), NONCES_MAX, "a bound");
        assert_eq!(scene.check(11, &first, Some(&secret)), Verdict::Stale, "it could have been recorded");
    }

    #[test]
    fn a_stored_hash_serves_in_place_of_the_password() {
        let mut scene = Scene::new();
        let secret = Secret::Hashed { md5: Some(Algorithm::Md5.ha1("ann", "here", "pw")), sha256: None };
        let (sha256, md5) = (scene.credentials(0, "pw"), scene.credentials(1, "pw"));
        assert_eq!(scene.check(11, &md5, Some(&secret)), Verdict::Good);
        assert_eq!(scene.check(11, &sha256, Some(&secret)), Verdict::Bad);
    }

    #[test]
    fn counts_may_arrive_out_of_order_but_not_twice() {
        let mut scene = Scene::new();
        let taken: Vec<bool> =
            [5, 3, 4, 3, 0x0a, 200, 140, 137, 136, 200].map(|nc| scene.guard.count("n", nc)).to_vec();
        assert_eq!(taken, [true, true, true, false, true, true, true, true, false, false]);
    }

    /// What the server says, and what the client makes of it: whether it asks again, and with which nonce and count.
    #[test]
    fn a_client_counts_takes_new_nonces_and_gives_up_on_a_wrong_password() {
        let challenge = |nonce: &str, more: &str| format!("Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\"{more}");
        let mut prover = Prover::new("ann", Secret::Plain("pw".to_owned()));
        let mut next = |event: &str| -> String {
            let (word, rest) = event.split_once(' ').unwrap_or((event, ""));
            let is_asked_again = match word {
                "401" => prover.challenged([rest].into_iter(), std::iter::empty()),
                "407" => prover.challenged(std::iter::empty(), [rest].into_iter()),
                "200" => {
                    prover.accepted(Some(rest).filter(|rest| !rest.is_empty()));
                    true
                }
                _ => true,
            };
            if !is_asked_again {
                return "gives up".to_owned();
            }
            prover.header("REGISTER", "sip:r", "c").map_or("nothing".to_owned(), |(header, value)| {
                let read = Digests::parse(&value).expect("readable");
                format!("{header} {} {}", read.get("nonce").unwrap_or(""), read.get("nc").unwrap_or("-"))
            })
        };
        #[rustfmt::skip]
        let rows = [
            ("begins".to_owned(),                           "nothing"),
            (format!("401 {}", challenge("a", "")),         "Authorization a 00000001"),
            ("200".to_owned(),                              "Authorization a 00000002"),
            ("200 nextnonce=\"b\"".to_owned(),              "Authorization b 00000001"),
            ("200".to_owned(),                              "Authorization b 00000002"),
            // The nonce is old, whether the server says so or not.
            (format!("401 {}", challenge("c", "")),         "Authorization c 00000001"),
            (format!("401 {}", challenge("d", ", stale=true")), "Authorization d 00000001"),
            // Now the password is wrong.
            (format!("401 {}", challenge("e", "")),         "gives up"),
            // A proxy besides the server, and one that finds every nonce stale.
            (format!("401 {}", challenge("f", "")),         "Authorization f 00000001"),
            (format!("407 {}", challenge("g", "")),         "Proxy-Authorization g 00000001"),
            (format!("407 {}", challenge("h", ", stale=true")), "Proxy-Authorization h 00000001"),
            (format!("407 {}", challenge("i", ", stale=true")), "gives up"),
            ("401 Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256".to_owned(), "gives up"),
            ("401 Digest realm=\"r\", nonce=\"j\"".to_owned(), "Authorization j -"),
        ];
        for (event, expected) in rows {
            assert_eq!(next(&event), expected, "{event}");
        }
    }

    #[test]
    fn old_nonces_are_forgotten() {
        let mut scene = Scene::new();
        let credentials = scene.credentials(0, "pw");
        scene.check(11, &credentials, Some(&Secret::Plain("pw".to_owned())));
        assert_eq!(scene.guard.used.len(), 1);
        scene.guard.sweep(Duration::from_secs(309));
        assert_eq!(scene.guard.used.len(), 1);
        scene.guard.sweep(Duration::from_secs(311));
        assert_eq!(scene.guard.used.len(), 0);
    }
}

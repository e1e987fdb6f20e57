//! The other side of a registrar: keeping one user of ours registered somewhere (RFC 3261 §10.2).
//! Never sends by itself; it says when the next REGISTER is due, by which way it goes, and what stands in it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::auth::{Prover, Secret};
use crate::message::{Fields, Method, Request, Response, Via};
use crate::timing::Timing;
use crate::transport::{Flow, Transport};
use crate::uri::{Host, NameAddr, Uri};

/// The longest registration that a registrar may demand (RFC 3261 §10.2.8).
const MIN_EXPIRES_MAX: Duration = Duration::from_secs(86_400);

/// The longest wait that a registrar may demand: the longest that is granted where nobody says anything else.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Where nobody is asked.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// What to register, and with whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// The registrar as it stands in addresses.
    pub(crate) host: Host,
    pub(crate) port: Option<u16>,
    /// Where it is, the best first; never empty.
    pub(crate) servers: Vec<SocketAddr>,
    pub(crate) transport: Transport,
    pub(crate) user: String,
    /// As whom the password is proved.
    pub(crate) login: String,
    pub(crate) secret: Secret,
    pub(crate) expires: Duration,
}

impl Account {
    /// Whether both make the same binding: one that is undone takes the other with it.
    pub(crate) fn binds_as(&self, other: &Account) -> bool {
        let is_there = self.host.same(&other.host) && self.port == other.port && self.transport == other.transport;
        is_there && self.user == other.user
    }
}

/// Whom a registration is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Registrant {
    /// A user of the application.
    User(String),
    /// The trunk of this name.
    Trunk(String),
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Registered for this long.
    Registered { expires: Duration },
    /// Not registered any more, as wished.
    Unregistered,
    /// It came to nothing; tried again when it is due.
    Refused { status: u16 },
    /// To be asked again, now: with a password, for longer, or at another server.
    Again,
}

/// What makes up one wait between two attempts: the timers, and a number by chance (RFC 5626 §4.5).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff<'a> {
    pub(crate) timing: &'a Timing,
    pub(crate) chance: u64,
}

impl Backoff<'_> {
    /// Between half of the upper bound and all of it; the bound doubles with each failure.
    fn wait(&self, failures: u32) -> Duration {
        let bound = self.timing.retry_base().saturating_mul(1 << failures.min(16)).min(self.timing.retry_max());
        let part = u32::try_from(self.chance % 1001).unwrap_or(0);
        bound / 2 + bound / 2000 * part
    }
}

/// One running registration.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) registrant: Registrant,
    pub(crate) account: Account,
    contact: Option<Uri>,
    call_id: String,
    tag: String,
    cseq: u32,
    prover: Prover,
    /// Which of the servers is to be asked, and which was asked last.
    server: usize,
    asked_at: SocketAddr,
    /// How long is asked for: what the account says, or what the registrar demands.
    asked: Duration,
    /// A REGISTER is out: the next one has to wait (RFC 3261 §10.2).
    pub(crate) is_out: bool,
    /// The next one is wanted as soon as that is answered.
    is_wanted: bool,
    /// How many servers in a row could not be reached.
    unreached: usize,
    /// How many attempts in a row came to nothing.
    failures: u32,
    /// Since when we are registered, and until when.
    held: Option<(Duration, Duration)>,
    /// Unregister rather than register.
    pub(crate) leaving: bool,
    /// When the next REGISTER is due.
    pub(crate) due_at: Option<Duration>,
}

impl Registration {
    /// A registration that is due. Its Contact is `contact`, or else the user where the application listens.
    pub(crate) fn new(
        now: Duration,
        registrant: Registrant,
        account: Account,
        contact: Option<Uri>,
        [call_id, tag]: [String; 2],
    ) -> Registration {
        Registration {
            registrant,
            contact,
            call_id,
            tag,
            cseq: 0,
            prover: Prover::new(&account.login, account.secret.clone()),
            server: 0,
            asked_at: NOWHERE,
            asked: account.expires,
            is_out: false,
            is_wanted: false,
            unreached: 0,
            failures: 0,
            held: None,
            leaving: false,
            due_at: Some(now),
            account,
        }
    }

    /// Its name among all registrations.
    pub(crate) fn call_id(&self) -> &str {
        &self.call_id
    }

    /// By which way the next REGISTER goes.
    pub(crate) fn flow(&self) -> Flow {
        let servers = &self.account.servers;
        let server = servers.get(self.server % servers.len().max(1)).copied();
        Flow::to(self.account.transport, server.unwrap_or(NOWHERE))
    }

    /// Whether the registrar has, or may have, a binding of ours.
    pub(crate) fn may_be_bound(&self) -> bool {
        self.is_out || self.held.is_some()
    }

    /// The next REGISTER: same Call-ID, next number (RFC 3261 §10.2). `own` is the user where we listen.
    pub(crate) fn request(&mut self, via: Via, own: Option<Uri>, cnonce: &str) -> Request {
        self.cseq += 1;
        let Account { host, port, user, .. } = &self.account;
        let domain = Uri::sip(None, host.clone(), *port);
        // Whom people call, wherever that is registered (RFC 3261 §10.2).
        let address_of_record = Uri::sip(Some(user), host.clone(), None);
        let mut from = NameAddr::new(address_of_record.clone());
        from.params.set("tag", &self.tag);
        let fields = Fields {
            via,
            from,
            to: NameAddr::new(address_of_record),
            call_id: self.call_id.clone(),
            cseq: self.cseq,
            cseq_method: Method::Register,
        };
        if self.contact.is_none() {
            self.contact = own;
        }
        let expires = if self.leaving { 0 } else { self.asked.as_secs() };
        let mut request = Request::new(Method::Register, domain.clone(), fields).with("Expires", expires.to_string());
        if let Some(contact) = &self.contact {
            request = request.with("Contact", format!("<{contact}>"));
        }
        if let Some((name, value)) = self.prover.header("REGISTER", &domain.to_string(), cnonce) {
            request = request.with(name, value);
        }
        (self.due_at, self.is_out, self.asked_at) = (None, true, self.flow().peer);
        request
    }

    /// The next REGISTER is wanted now, or as soon as the one that is out is answered.
    pub(crate) fn want(&mut self, now: Duration) {
        if self.is_out {
            self.is_wanted = true;
        } else {
            self.due_at = Some(now);
        }
    }

    /// Other servers: if the one that is asked is not among them, we register anew.
    pub(crate) fn move_to(&mut self, now: Duration, servers: Vec<SocketAddr>) {
        let current = self.flow().peer;
        let place = servers.iter().position(|server| *server == current);
        (self.account.servers, self.server) = (servers, place.unwrap_or(0));
        if place.is_none() {
            self.want(now);
        }
    }

    /// A server is not there: if it is the one that is asked, at once the next one, if there is another.
    pub(crate) fn move_on(&mut self, now: Duration, from: SocketAddr) {
        if self.account.servers.len() > 1 && self.pass_over(from) {
            self.want(now);
        }
    }

    /// The next server, unless it is already another one than this; whether that changed anything.
    fn pass_over(&mut self, from: SocketAddr) -> bool {
        let is_current = self.flow().peer == from;
        self.server = (self.server + usize::from(is_current)) % self.account.servers.len().max(1);
        is_current
    }

    /// The connection to the registrar is gone, and with it perhaps our binding: at once again (RFC 5626 §4.4.1). But
    /// who hangs up again and again is asked as rarely as who refuses.
    pub(crate) fn lost(&mut self, now: Duration, backoff: Backoff) {
        // Whatever is out is told by itself that it does not arrive.
        let Some((since, _)) = self.held.take().filter(|_| !self.is_out) else { return };
        if now - since >= backoff.timing.transaction_max() {
            self.failures = 0;
            self.due_at = Some(now);
        } else {
            self.failures += 1;
            self.due_at = Some(now + backoff.wait(self.failures));
        }
    }

    /// Takes the final response, or the status that stands for none: 408 nobody answered, 503 it could not be sent.
    pub(crate) fn on(&mut self, now: Duration, backoff: Backoff, answer: Result<&Response, u16>) -> Outcome {
        self.is_out = false;
        let outcome = self.judge(now, backoff, answer);
        if std::mem::take(&mut self.is_wanted) && outcome != Outcome::Unregistered {
            self.due_at = Some(now);
        }
        outcome
    }

    fn judge(&mut self, now: Duration, backoff: Backoff, answer: Result<&Response, u16>) -> Outcome {
        let status = answer.map_or_else(|status| status, Response::status);
        if let Ok(response) = answer {
            match status {
                401 | 407 => {
                    let (by_server, by_proxy) = (response.all("WWW-Authenticate"), response.all("Proxy-Authenticate"));
                    if self.prover.challenged(by_server, by_proxy) {
                        return Outcome::Again;
                    }
                }
                // RFC 3261 §10.2.8.
                423 if !self.leaving => {
                    let demanded = response.header("Min-Expires").and_then(seconds).unwrap_or(Duration::ZERO);
                    if demanded > self.asked && demanded <= MIN_EXPIRES_MAX {
                        self.asked = demanded;
                        return Outcome::Again;
                    }
                }
                _ => {}
            }
        }
        if self.leaving {
            // The wish may have come while a REGISTER was out: then it is still to be said.
            if self.is_wanted && (200..300).contains(&status) {
                return Outcome::Again;
            }
            return Outcome::Unregistered;
        }
        match answer {
            Ok(response) if (200..300).contains(&status) => {
                self.prover.accepted(response.header("Authentication-Info"));
                let expires = self.granted(response);
                if expires.is_zero() {
                    return self.refused(now, backoff, status, None);
                }
                let since = self.held.map_or(now, |(since, _)| since);
                self.held = Some((since, now + expires));
                self.unreached = 0;
                // What has held for a while ends the counting; what breaks again and again does not.
                if now - since >= backoff.timing.transaction_max() {
                    self.failures = 0;
                }
                // Early enough that a lost REGISTER can be repeated in time, and another server be asked.
                self.due_at = Some(now + (expires / 2).max(Duration::from_secs(1)));
                Outcome::Registered { expires }
            }
            // RFC 3263 §4.3: whoever is not there, or says that they cannot, has others beside them.
            Ok(_) | Err(_) if matches!(status, 408 | 503) && self.unreached + 1 < self.account.servers.len() => {
                self.unreached += 1;
                self.pass_over(self.asked_at);
                Outcome::Again
            }
            Ok(response) => {
                let retry_after = response.header("Retry-After").and_then(seconds);
                self.refused(now, backoff, status, retry_after)
            }
            Err(status) => self.refused(now, backoff, status, None),
        }
    }

    fn refused(&mut self, now: Duration, backoff: Backoff, status: u16, retry_after: Option<Duration>) -> Outcome {
        if matches!(status, 408 | 503) {
            self.pass_over(self.asked_at);
        }
        self.unreached = 0;
        self.failures += 1;
        let mut wait = backoff.wait(self.failures);
        // What is left of a registration is time to save it in.
        if let Some((_, until)) = self.held.filter(|(_, until)| *until > now) {
            wait = wait.min(((until - now) / 2).max(backoff.timing.t2));
        } else {
            self.held = None;
        }
        let wait = retry_after.map_or(wait, |asked| wait.max(asked.min(RETRY_AFTER_MAX)));
        self.due_at = Some(now + wait);
        Outcome::Refused { status }
    }

    /// For how long the registrar holds our binding: what stands at our Contact, or else in Expires; never longer than
    /// what we asked for (RFC 3261 §10.2.4).
    fn granted(&self, response: &Response) -> Duration {
        let contacts: Vec<NameAddr> = response.all("Contact").filter_map(|one| NameAddr::parse(one).ok()).collect();
        let is_own = |one: &&NameAddr| self.contact.as_ref().is_some_and(|own| one.uri.same(own));
        // Where something on the way rewrites addresses, the only one there is must be ours.
        let own = contacts.iter().find(is_own).or(contacts.first().filter(|_| contacts.len() == 1));
        let granted = own.and_then(|contact| contact.params.get("expires")).or(response.header("Expires"));
        granted.and_then(seconds).map_or(self.asked, |granted| granted.min(self.asked))
    }
}

/// A number of seconds, as it begins `120`, `120;duration=60` or `120 (maintenance)`.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let digits: String = text.trim().chars().take_while(char::is_ascii_digit).take(9).collect();
    digits.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{address, flow};
    use crate::wire;

    /// A registration over which a registrar rules, with chance at its most or least.
    struct Story {
        now: Duration,
        registration: Registration,
        sent: Request,
        chance: u64,
    }

    impl Story {
        fn new(servers: &[u8], expires: u64) -> Story {
            let account = Account {
                host: Host::Name("provider.example".to_owned()),
                port: None,
                servers: servers.iter().map(|last| address(*last)).collect(),
                transport: Transport::Udp,
                user: "us".to_owned(),
                login: "us@provider".to_owned(),
                secret: Secret::Plain("pw".to_owned()),
                expires: Duration::from_secs(expires),
            };
            let names = ["call".to_owned(), "tag".to_owned()];
            let registrant = Registrant::Trunk("provider".to_owned());
            let mut registration = Registration::new(Duration::ZERO, registrant, account, None, names);
            let sent = request(&mut registration);
            Story { now: Duration::ZERO, registration, sent, chance: 1000 }
        }

        /// The registrar answers; what that means, and the next REGISTER goes out when it is due. `503 Retry-After: 7`.
        fn answer(&mut self, text: &str) -> String {
            let (status, headers) = text.split_once(' ').unwrap_or((text, ""));
            let status = status.parse().expect("a status");
            let mut response = Response::to(&self.sent, status, "", Some("theirs"));
            for header in headers.split('|').filter(|header| !header.is_empty()) {
                let (name, value) = header.trim().split_once(": ").expect("a header");
                response = response.with(name, value);
            }
            self.hear(Ok(&response))
        }

        fn silence(&mut self) -> String {
            self.now += Duration::from_secs(32);
            self.hear(Err(408))
        }

        fn hear(&mut self, answer: Result<&Response, u16>) -> String {
            let timing = Timing::default();
            let outcome = self.registration.on(self.now, Backoff { timing: &timing, chance: self.chance }, answer);
            let outcome = match outcome {
                Outcome::Registered { expires } => format!("registered {}", expires.as_secs()),
                Outcome::Unregistered => return "unregistered".to_owned(),
                Outcome::Refused { status } => format!("refused {status}"),
                Outcome::Again => "again".to_owned(),
            };
            let due_at = self.registration.due_at.filter(|_| outcome != "again").unwrap_or(self.now);
            let wait = due_at - self.now;
            self.now = due_at;
            self.sent = request(&mut self.registration);
            let peer = self.registration.flow().peer.ip();
            let proof = if self.sent.header("Authorization").is_some() { " with proof" } else { "" };
            let expires = self.sent.header("Expires").unwrap_or("");
            format!("{outcome}; in {} s for {expires} at {peer}{proof}", wait.as_secs())
        }
    }

    fn request(registration: &mut Registration) -> Request {
        let via = Via::new(Host::Address(address(1).ip()), 5060, "z9hG4bKx");
        let own = Uri::sip(Some("us"), Host::Address(address(1).ip()), Some(5060));
        let request = registration.request(via, Some(own), "c");
        wire::parse(&request.bytes()).expect("what we send can be read");
        request
    }

    const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";

    #[test]
    fn every_answer_of_a_registrar_has_its_consequence() {
        let mut story = Story::new(&[3], 600);
        let stale = format!("401 {CHALLENGE}, stale=true");
        let challenge = format!("401 {CHALLENGE}");
        #[rustfmt::skip]
        let rows = [
            (challenge.as_str(),                             "again; in 0 s for 600 at 10.0.0.3 with proof"),
            // Half of what was granted, at our Contact or in Expires; never more than what was asked for.
            ("200 Contact: <sip:us@10.0.0.1:5060>;expires=300", "registered 300; in 150 s for 600 at 10.0.0.3 with proof"),
            ("200 Contact: <sip:other@10.0.0.9>;expires=10|Contact: <sip:us@10.0.0.1:5060>;expires=200",
                                                             "registered 200; in 100 s for 600 at 10.0.0.3 with proof"),
            ("200 Contact: <SIP:%75s@10.0.0.1:5060;x=1>;expires=180|Contact: <sip:other@10.0.0.9>;expires=10",
                                                             "registered 180; in 90 s for 600 at 10.0.0.3 with proof"),
            ("200 Contact: <sip:us@198.51.100.1:1024>;expires=120", "registered 120; in 60 s for 600 at 10.0.0.3 with proof"),
            ("200 Expires: 7200",                            "registered 600; in 300 s for 600 at 10.0.0.3 with proof"),
            ("200",                                          "registered 600; in 300 s for 600 at 10.0.0.3 with proof"),
            // The nonce grew old, with and without a word about it.
            (stale.as_str(),                                 "again; in 0 s for 600 at 10.0.0.3 with proof"),
            ("200",                                          "registered 600; in 300 s for 600 at 10.0.0.3 with proof"),
            (challenge.as_str(),                             "again; in 0 s for 600 at 10.0.0.3 with proof"),
            // It wants fewer refreshes; but only once for the same wish, and not for a year.
            ("423 Min-Expires: 1800",                        "again; in 0 s for 1800 at 10.0.0.3 with proof"),
            ("200 Expires: 1800",                            "registered 1800; in 900 s for 1800 at 10.0.0.3 with proof"),
            ("423 Min-Expires: 1800",                        "refused 423; in 60 s for 1800 at 10.0.0.3 with proof"),
            ("423 Min-Expires: 31536000",                    "refused 423; in 120 s for 1800 at 10.0.0.3 with proof"),
            // What is left of the registration is 720 s; then none is left, and waits go up to half an hour.
            ("500",                                          "refused 500; in 240 s for 1800 at 10.0.0.3 with proof"),
            ("500",                                          "refused 500; in 240 s for 1800 at 10.0.0.3 with proof"),
            ("500",                                          "refused 500; in 120 s for 1800 at 10.0.0.3 with proof"),
            ("200 Expires: 0",                               "refused 200; in 60 s for 1800 at 10.0.0.3 with proof"),
            // The registrar knows when it is back; but it is not obeyed for days.
            ("503 Retry-After: 1000 (tea)",                  "refused 503; in 1000 s for 1800 at 10.0.0.3 with proof"),
            ("503 Retry-After: 2000;duration=60",            "refused 503; in 2000 s for 1800 at 10.0.0.3 with proof"),
            ("503 Retry-After: 999999",                      "refused 503; in 3600 s for 1800 at 10.0.0.3 with proof"),
            ("403",                                          "refused 403; in 1800 s for 1800 at 10.0.0.3 with proof"),
            ("200",                                          "registered 1800; in 900 s for 1800 at 10.0.0.3 with proof"),
            // A registration that holds ends the counting.
            ("200",                                          "registered 1800; in 900 s for 1800 at 10.0.0.3 with proof"),
            ("404 Retry-After: 3",                           "refused 404; in 60 s for 1800 at 10.0.0.3 with proof"),
        ];
        for (number, (answer, expected)) in (2..).zip(rows) {
            assert_eq!(story.answer(answer), expected, "row {number}: {answer}");
            assert_eq!((story.sent.fields.cseq, story.sent.fields.call_id.as_str()), (number, "call"));
        }
    }

    #[test]
    fn a_wrong_password_is_tried_once_an_attempt() {
        let mut story = Story::new(&[3], 600);
        let challenge = format!("401 {CHALLENGE}");
        assert!(story.answer(&challenge).starts_with("again; in 0 s"));
        assert_eq!(story.answer(&challenge), "refused 401; in 60 s for 600 at 10.0.0.3");
        assert!(story.answer(&challenge).starts_with("again; in 0 s"));
        assert_eq!(story.answer(&challenge), "refused 401; in 120 s for 600 at 10.0.0.3");
    }

    #[test]
    fn waits_double_with_chance_in_them_and_are_bounded() {
        for (chance, expected) in [
            (1000, [60, 120, 240, 480, 960, 1800, 1800]),
            (0, [30, 60, 120, 240, 480, 900, 900]),
            (500, [45, 90, 180, 360, 720, 1350, 1350]),
        ] {
            let timing = Timing::default();
            let waits: Vec<u64> =
                (1..=7).map(|failures| Backoff { timing: &timing, chance }.wait(failures).as_secs()).collect();
            assert_eq!(waits, expected, "{chance}");
            assert_eq!(Backoff { timing: &timing, chance: u64::MAX }.wait(u32::MAX).as_secs() / 1801, 0);
        }
    }

    #[test]
    fn of_several_servers_the_next_is_asked_at_once_and_all_before_it_waits() {
        let mut story = Story::new(&[3, 4, 5], 600);
        assert_eq!(story.silence(), "again; in 0 s for 600 at 10.0.0.4");
        assert_eq!(story.answer("503 Retry-After: 5"), "again; in 0 s for 600 at 10.0.0.5");
        assert_eq!(story.silence(), "refused 408; in 60 s for 600 at 10.0.0.3");
        assert_eq!(story.answer("200"), "registered 600; in 300 s for 600 at 10.0.0.3");
        // A refusal is an answer: another server of the same registrar says nothing else.
        assert_eq!(story.answer("403"), "refused 403; in 120 s for 600 at 10.0.0.3");
        // Who is passed over for another reason is not passed over twice.
        story.registration.move_on(story.now, address(3));
        assert_eq!(story.silence(), "again; in 0 s for 600 at 10.0.0.4");
        assert_eq!(story.answer("200"), "registered 600; in 300 s for 600 at 10.0.0.4");
        story.registration.move_on(story.now, address(3));
        assert_eq!(story.registration.flow().peer, address(4));
        story.registration.is_out = false;
        story.registration.move_to(story.now, vec![address(7), address(4)]);
        assert_eq!((story.registration.due_at, story.registration.flow().peer), (None, address(4)));
        story.registration.move_to(story.now, vec![address(8)]);
        assert_eq!((story.registration.due_at, story.registration.flow().peer), (Some(story.now), address(8)));
    }

    #[test]
    fn a_lost_connection_is_made_anew_at_once_but_not_again_and_again() {
        let timing = Timing::default();
        let backoff = Backoff { timing: &timing, chance: 1000 };
        for (held_for, expected) in [(31, 60), (32, 0), (200, 0)] {
            let mut story = Story::new(&[3], 600);
            let response = Response::to(&story.sent, 200, "", Some("theirs"));
            story.registration.on(Duration::ZERO, backoff, Ok(&response));
            let now = Duration::from_secs(held_for);
            story.registration.lost(now, backoff);
            assert_eq!(story.registration.due_at, Some(now + Duration::from_secs(expected)), "{held_for}");
        }
        // Whoever is not registered has nothing to lose, and a REGISTER that is out tells by itself.
        let mut story = Story::new(&[3], 600);
        story.registration.lost(Duration::ZERO, backoff);
        assert_eq!(story.registration.due_at, None);
        assert_eq!(flow(3), story.registration.flow());
    }

    #[test]
    fn who_leaves_while_a_register_is_out_says_so_after_its_answer() {
        let mut story = Story::new(&[3], 600);
        story.registration.leaving = true;
        story.registration.want(story.now);
        assert_eq!(story.registration.due_at, None, "one at a time");
        assert_eq!(story.answer("200"), "again; in 0 s for 0 at 10.0.0.3");
        assert_eq!(story.answer(&format!("401 {CHALLENGE}")), "again; in 0 s for 0 at 10.0.0.3 with proof");
        assert_eq!(story.answer("200"), "unregistered");
    }
}

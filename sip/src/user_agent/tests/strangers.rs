//! What strangers get: nothing to learn, nothing relayed, and not too much of anything.

use super::*;
use crate::auth::Secret;
use crate::contract::Refused;
use crate::throttle::{PerSource, Rate};

const PHONE: usize = 2;
/// Nobody's address.
const STRANGER: u8 = 66;

fn world() -> World {
    let mut world = World::new();
    world.add(20);
    world.input(DAEMON, Input::Accounts(accounts()));
    world
}

fn accounts() -> Vec<Account> {
    ["ann", "bob"].map(|user| Account { user: user.to_owned(), secret: Secret::Plain(format!("{user}-pw")) }).to_vec()
}

/// A request with everything in it that the table varies.
struct Shout {
    method: &'static str,
    uri: &'static str,
    from: &'static str,
    to: &'static str,
    more: String,
}

impl Shout {
    fn invite(from: &'static str) -> Shout {
        let uri = "sip:4711@10.0.0.1";
        Shout { method: "INVITE", uri, from, to: "<sip:4711@10.0.0.1>", more: String::new() }
    }

    fn register(user: &'static str) -> Shout {
        Shout {
            method: "REGISTER",
            uri: "sip:10.0.0.1",
            from: user,
            to: user,
            more: "Contact: <sip:x@10.0.0.66>\r\n".to_owned(),
        }
    }

    fn text(&self, number: u32) -> String {
        let Shout { method, uri, from, to, more } = self;
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.66;rport;branch=z9hG4bKt{number}\r\n\
             From: {from};tag=t\r\nTo: {to}\r\nCall-ID: t{number}\r\nCSeq: {} {method}\r\n{more}\r\n",
            number + 1
        )
    }
}

impl World {
    /// Says it, and says it again with an answer to the challenge.
    fn prove(&mut self, number: u32, shout: Shout, user: &str, password: &str) -> Vec<Packet> {
        let source = address(STRANGER);
        let challenge = self.shout(source, &shout.text(number))[0].raw();
        let challenges = challenge.headers.all("WWW-Authenticate");
        let answer = crate::auth::answer(challenges, user, password, shout.method, shout.uri, "c");
        let more = format!("{}Authorization: {}\r\n", shout.more, answer.expect("a challenge"));
        self.shout(source, &Shout { more, ..shout }.text(number + 1))
    }
}

fn labels(sent: &[Packet]) -> Vec<String> {
    sent.iter().map(Packet::label).collect()
}

#[test]
fn nobody_is_let_in_and_nothing_is_relayed() {
    const ANN: &str = "<sip:ann@10.0.0.1>";
    const EVE: &str = "<sip:eve@10.0.0.1>";
    let elsewhere = |from| Shout { uri: "sip:+900@203.0.113.9", to: "<sip:+900@203.0.113.9>", ..Shout::invite(from) };
    let routed = |from| Shout { more: "Route: <sip:203.0.113.9;lr>\r\n".to_owned(), ..Shout::invite(from) };
    let asserted =
        |from| Shout { more: "P-Asserted-Identity: <sip:ann@10.0.0.1>\r\n".to_owned(), ..Shout::invite(from) };
    let within = |method| Shout { method, to: "<sip:4711@10.0.0.1>;tag=0123456789abcdef", ..Shout::invite(ANN) };
    let refer =
        || Shout { method: "REFER", more: "Refer-To: <sip:+900@203.0.113.9>\r\n".to_owned(), ..Shout::invite(ANN) };
    #[rustfmt::skip]
    let rows = [
        (Shout::invite(EVE),                    "401 INVITE"),
        (Shout::invite(ANN),                    "401 INVITE"),
        (elsewhere(EVE),                        "401 INVITE"),
        (elsewhere(ANN),                        "401 INVITE"),
        (routed(EVE),                           "401 INVITE"),
        (asserted(EVE),                         "401 INVITE"),
        (Shout::register(ANN),                  "401 REGISTER"),
        (Shout::register(EVE),                  "401 REGISTER"),
        (refer(),                               "405 REFER"),
        (within("INVITE"),                      "481 INVITE"),
        (within("BYE"),                         "481 BYE"),
        (within("UPDATE"),                      "481 UPDATE"),
        (within("CANCEL"),                      "481 CANCEL"),
    ];
    let mut world = world();
    world.command(
        PHONE,
        Command::Register {
            registrar: address(1),
            transport: Transport::Udp,
            user: "ann".to_owned(),
            password: "ann-pw".to_owned(),
            contact: None,
            expires: Duration::from_secs(600),
        },
    );
    world.run(50);
    for (number, (shout, expected)) in (0..).zip(rows) {
        let sent = world.shout(address(STRANGER), &shout.text(number));
        assert_eq!(labels(&sent), [expected], "{} {} {}", shout.method, shout.uri, shout.from);
        assert_eq!(sent[0].destination, address(STRANGER));
    }
    let load = world.peers[DAEMON].agent.load();
    assert_eq!((load.legs, load.client_transactions, load.users_registered), (0, 0, 1));
}

#[test]
fn a_password_is_good_for_its_own_user_alone() {
    const ANN: &str = "<sip:ann@10.0.0.1>";
    const BOB: &str = "<sip:bob@10.0.0.1>";
    #[rustfmt::skip]
    let rows = [
        // Whose place, whose name, which password.
        (Shout::register(ANN), "ann", "ann-pw", "200 REGISTER"),
        (Shout::register(BOB), "ann", "ann-pw", "403 REGISTER"),
        (Shout::register(BOB), "bob", "ann-pw", "403 REGISTER"),
        (Shout::register("<sip:eve@10.0.0.1>"), "eve", "ann-pw", "403 REGISTER"),
        (Shout::invite(BOB),   "ann", "ann-pw", "403 INVITE"),
        (Shout::invite(BOB),   "bob", "bob-pw", "100 INVITE"),
    ];
    for (shout, user, password, expected) in rows {
        let mut world = world();
        let sent = world.prove(1, shout, user, password);
        assert_eq!(sent[0].label(), expected, "{user} {password}");
    }
}

#[test]
fn credentials_for_somebody_else_s_realm_are_no_stale_ones() {
    let mut world = world();
    let foreign = "Authorization: Digest username=\"ann\", realm=\"elsewhere\", nonce=\"n\", uri=\"sip:10.0.0.1\", \
                   response=\"00\", qop=auth, nc=00000001, cnonce=\"c\"\r\n";
    let shout = Shout { more: foreign.to_owned(), ..Shout::register("<sip:ann@10.0.0.1>") };
    let challenge = world.shout(address(STRANGER), &shout.text(1))[0].raw();
    let challenge = challenge.first("WWW-Authenticate").expect("a challenge");
    assert!(!challenge.contains("stale"), "{challenge}");
}

/// One request each second, at most one at once.
const ONE: Rate = Rate { per_minute: 60, burst: 1 };
const MANY: Rate = Rate { per_minute: 60_000, burst: 1_000 };

fn limited(per_source: PerSource) -> World {
    let mut world = world();
    let mut agent = UserAgent::new(Settings { per_source, ..settings(address(1)) }, [1; 32]);
    let addresses = vec![AddressRange::parse("10.0.0.2").expect("a range")];
    agent
        .handle(Duration::ZERO, Input::Trunks(vec![Trunk { name: "trunk".to_owned(), addresses, ..Trunk::default() }]));
    agent.handle(Duration::ZERO, Input::Accounts(accounts()));
    world.peers[DAEMON].agent = agent;
    world
}

#[test]
fn requests_beyond_the_rate_are_dropped_and_those_of_trunks_phones_and_calls_are_not() {
    let mut world = limited(PerSource { requests: ONE, strangers: MANY, failures: MANY });
    let options = |number| Shout { method: "OPTIONS", ..Shout::invite("<sip:eve@10.0.0.1>") }.text(number);
    assert_eq!(labels(&world.shout(address(STRANGER), &options(1))), ["200 OPTIONS"]);
    assert_eq!(labels(&world.shout(address(STRANGER), &options(2))), Vec::<String>::new());
    assert_eq!(
        labels(&world.shout(address(STRANGER), "FOO sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKq\r\n\r\n")),
        Vec::<String>::new()
    );
    assert_eq!(labels(&world.shout(address(STRANGER + 1), &options(3))), ["200 OPTIONS"], "another address");
    assert_eq!(world.words(DAEMON), ["refused Flood 10.0.0.66:5060"; 2]);
    for number in 10..20 {
        assert_eq!(labels(&world.shout(address(2), &options(number))), ["200 OPTIONS"], "a trunk");
    }
    // A phone needs one second from its first REGISTER to its second one, and then none.
    world.now += Duration::from_secs(60);
    let register = Shout::register("<sip:ann@10.0.0.1>");
    let challenge = world.shout(address(20), &register.text(30))[0].raw();
    let challenge = challenge.first("WWW-Authenticate").expect("a challenge").to_owned();
    world.now += Duration::from_secs(1);
    for number in 1..=20_u32 {
        let answer =
            crate::auth::answer([challenge.as_str()].into_iter(), "ann", "ann-pw", "REGISTER", "sip:10.0.0.1", "c");
        let answer = answer.expect("an answer");
        let more = format!("{}Authorization: {answer}\r\n", register.more);
        let sent = world.shout(address(20), &Shout { more, ..Shout::register("<sip:ann@10.0.0.1>") }.text(30 + number));
        let expected = if number == 1 { "200 REGISTER" } else { "401 REGISTER" };
        assert_eq!(labels(&sent), [expected], "{number}: its nonce count was used, but it is heard");
    }
    // And whoever is called is heard within the call.
    world.run(2_000);
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(50);
    world.command(TRUNK, Command::Accept { leg: LEG });
    world.run(50);
    world.command(TRUNK, Command::Bye { leg: LEG });
    world.run(50);
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("ended Remote"));
}

#[test]
fn strangers_calls_beyond_the_rate_are_dropped_whether_the_name_exists_or_not() {
    for from in ["<sip:ann@10.0.0.1>", "<sip:eve@10.0.0.1>"] {
        let mut world = limited(PerSource { requests: MANY, strangers: ONE, failures: MANY });
        assert_eq!(labels(&world.shout(address(STRANGER), &Shout::invite(from).text(1))), ["401 INVITE"]);
        assert_eq!(labels(&world.shout(address(STRANGER), &Shout::invite(from).text(2))), Vec::<String>::new());
        // Whoever has a password says it.
        let sent = world.shout(address(STRANGER), &Shout::register("<sip:ann@10.0.0.1>").text(3));
        assert_eq!(labels(&sent), ["401 REGISTER"]);
    }
}

#[test]
fn who_did_not_get_in_is_told_in_a_word_that_ends_no_line_and_no_quotation() {
    let long = "x".repeat(100);
    #[rustfmt::skip]
    let rows = [
        ("ann".to_owned(),                                             "ann (known)".to_owned()),
        ("eve".to_owned(),                                             "eve (unknown)".to_owned()),
        ("%61nn".to_owned(),                                           "ann (known)".to_owned()),
        ("eve:their-password".to_owned(),                              "eve (unknown)".to_owned()),
        ("eve%22%3A%20SIP%20refused%20from%2010.0.0.7".to_owned(),     "eve%22%3A%20SIP%20refused%20from%2010.0.0.7 (unknown)".to_owned()),
        ("eve%5C%7B%7D".to_owned(),                                    "eve%5C%7B%7D (unknown)".to_owned()),
        (long.clone(),                                                 format!("{} (unknown)", &long[..64])),
    ];
    for (number, (user, expected)) in (0..).zip(rows) {
        let mut world = world();
        let place: &'static str = format!("<sip:{user}@10.0.0.1>").leak();
        let sent = world.prove(number * 10, Shout::register(place), &user, "guess");
        assert_eq!(labels(&sent), ["403 REGISTER"], "{user}");
        assert_eq!(world.words(DAEMON), [format!("refused credentials of {expected} 10.0.0.66:5060")], "{user}");
    }
    for end_of_line in ["%0D%0A", "%0A", "%00", "%E2%80%A8"] {
        let mut world = world();
        let place: &'static str = format!("<sip:eve{end_of_line}end@10.0.0.1>").leak();
        world.prove(0, Shout::register(place), "eve", "guess");
        let told = world.words(DAEMON).concat();
        assert!(told.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{told:?}");
        assert!(told.starts_with("refused credentials of eve"), "{told:?}");
    }
}

#[test]
fn after_too_many_wrong_passwords_none_is_looked_at() {
    for user in ["ann", "eve"] {
        let mut world =
            limited(PerSource { requests: MANY, strangers: MANY, failures: Rate { per_minute: 1, burst: 3 } });
        let place: &'static str = if user == "ann" { "<sip:ann@10.0.0.1>" } else { "<sip:eve@10.0.0.1>" };
        let mut answers = Vec::new();
        for number in 0..5 {
            let password = if number < 4 { "guess" } else { "ann-pw" };
            let sent = world.prove(number * 10, Shout::register(place), user, password);
            answers.push((sent[0].label(), sent[0].raw().first("Retry-After").is_some()));
        }
        let bad = || ("403 REGISTER".to_owned(), false);
        let unheard = || ("503 REGISTER".to_owned(), true);
        assert_eq!(answers, [bad(), bad(), bad(), unheard(), unheard()], "{user}");
        assert_eq!(world.peers[DAEMON].agent.load().users_registered, 0);
        let told = world.events(DAEMON);
        let credentials = |event: &Event| matches!(event, Event::Refused { refused: Refused::Credentials { .. }, source } if *source == address(STRANGER));
        assert_eq!(told.iter().filter(|event| credentials(event)).count(), 5);
        // Somebody else, elsewhere, is heard.
        let answer = world.shout(address(20), &Shout::register("<sip:bob@10.0.0.1>").text(100));
        assert_eq!(labels(&answer), ["401 REGISTER"]);
    }
}

#[test]
fn a_flood_is_reported_a_few_times_and_leaves_nothing_behind() {
    let mut world = limited(PerSource::default());
    let mut answered = 0;
    for number in 0..5_000 {
        world.now += Duration::from_millis(1);
        answered += world.shout(address(STRANGER), &Shout::invite("<sip:eve@10.0.0.1>").text(number)).len();
    }
    assert!((60..=70).contains(&answered), "{answered} of 5,000 in five seconds: the burst, and one each second");
    let told = world.words(DAEMON).len();
    assert!((1..=11).contains(&told), "{told}");
    assert_eq!(world.peers[DAEMON].agent.load(), Load::default());
    world.run(300_000);
    assert!(world.peers[DAEMON].agent.throttle.is_empty());
    assert_eq!(world.peers[DAEMON].agent.deadline(), None);
}

/// An INVITE, and the same with an answer to its challenge; what the daemon says to either, a millisecond later.
fn calls(world: &mut World, number: u32, user: &str, password: &str) -> (String, String) {
    let shout = || Shout::invite("<sip:0815@10.0.0.66>");
    let text = |number: u32, cseq: u32, more: &str| {
        let shout = Shout { more: more.to_owned(), ..shout() }.text(number);
        shout.replace(&format!("CSeq: {}", number + 1), &format!("CSeq: {cseq}"))
    };
    let first = world.shout(address(STRANGER), &text(number, 1, ""));
    world.now += Duration::from_millis(1);
    let Some(challenge) = first.first().map(Packet::raw) else { return ("nothing".to_owned(), String::new()) };
    let challenges = challenge.headers.all("WWW-Authenticate");
    let answer = crate::auth::answer(challenges, user, password, "INVITE", "sip:4711@10.0.0.1", "c");
    let more = format!("Authorization: {}\r\n", answer.expect("a challenge"));
    let second = world.shout(address(STRANGER), &text(number, 2, &more).replace("z9hG4bKt", "z9hG4bKu"));
    (first[0].label(), second.first().map_or_else(|| "nothing".to_owned(), Packet::label))
}

fn with_password_trunk() -> World {
    let mut world = limited(PerSource::default());
    let secret = Secret::Plain("let-me-in".to_owned());
    let account = Some(crate::contract::TrunkAccount::Theirs { user: "branch".to_owned(), secret });
    world.input(DAEMON, Input::Trunks(vec![Trunk { name: "g".to_owned(), account, ..Trunk::default() }]));
    world
}

#[test]
fn a_trunk_that_proves_its_password_when_asked_is_no_stranger_however_often_it_calls() {
    let mut world = with_password_trunk();
    for number in 0..500 {
        let said = calls(&mut world, number * 10, "branch", "let-me-in");
        assert_eq!(said, ("401 INVITE".to_owned(), "100 INVITE".to_owned()), "call {number}");
        let leg = world.incoming(DAEMON).expect("a call");
        world.command(DAEMON, Command::Reject { leg, status: 486, reason: String::new() });
    }
    world.run(60_000);
    let told = world.words(DAEMON).into_iter().filter(|word| word.starts_with("refused")).count();
    assert_eq!(told, 0);
    world.run(300_000);
    let agent = &world.peers[DAEMON].agent;
    assert_eq!((agent.challenged.next(), agent.deadline()), (None, None));
}

#[test]
fn a_call_that_is_not_proved_counts_and_is_told_when_its_time_is_over_or_at_once_if_the_password_is_wrong() {
    let mut world = with_password_trunk();
    let silent = Shout::invite("<sip:ann@10.0.0.1>");
    for _ in 0..3 {
        assert_eq!(labels(&world.shout(address(STRANGER), &silent.text(1))), ["401 INVITE"], "its INVITE is repeated");
    }
    let wait = settings(address(1)).timing.proof_max();
    world.run(wait.as_millis() as u64 - 1);
    assert_eq!(world.words(DAEMON), Vec::<String>::new());
    world.run(1);
    assert_eq!(world.words(DAEMON), ["refused Call 10.0.0.66:5060"], "once, also with the name of a phone");
    assert_eq!(calls(&mut world, 100, "branch", "guess").1, "403 INVITE");
    assert_eq!(world.words(DAEMON), ["refused credentials of branch (known) 10.0.0.66:5060"], "that of the trunk");
    world.run(60_000);
    assert_eq!(world.words(DAEMON), Vec::<String>::new(), "what is told is not told again");
}

//! Trunks: who gets in by which of them, our registrations with them, and whether they are there.

use super::*;
use crate::auth::Secret;
use crate::contract::{Dialled, Server, TrunkAccount};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A provider at .20 that knows us as `us`, and another at .21.
const PROVIDER: usize = 2;
const OTHER: usize = 3;

/// A daemon without trunks, and two providers.
fn world() -> World {
    let mut world = World::new();
    for last in [20, 21] {
        let provider = world.add(last);
        knows_us(&mut world, provider);
    }
    world.input(DAEMON, Input::Trunks(Vec::new()));
    world
}

fn knows_us(world: &mut World, provider: usize) {
    let secret = Secret::Plain("pw".to_owned());
    world.input(provider, Input::Accounts(vec![Account { user: "us".to_owned(), secret }]));
}

/// A trunk with which we register, at these addresses.
fn registering(name: &str, last: &[u8], transport: Transport) -> Trunk {
    let addresses = last.iter().map(|last| address(*last)).collect();
    Trunk {
        name: name.to_owned(),
        server: Some(Server { host: "provider.example".to_owned(), port: None, transport, addresses }),
        account: Some(TrunkAccount::Ours {
            user: "us".to_owned(),
            login: "us".to_owned(),
            secret: Secret::Plain("pw".to_owned()),
            expires: Duration::from_secs(600),
        }),
        ..Trunk::default()
    }
}

fn probed(trunk: Trunk) -> Trunk {
    Trunk { probe: Some(Duration::from_secs(60)), ..trunk }
}

fn use_trunks(world: &mut World, trunks: Vec<Trunk>) {
    world.input(DAEMON, Input::Trunks(trunks));
}

/// Starts a provider anew: it has forgotten everything but its accounts.
fn restart(world: &mut World, provider: usize) {
    let address = world.peers[provider].address;
    world.peers[provider].agent = UserAgent::new(settings(address), [99; 32]);
    knows_us(world, provider);
}

/// What the daemon was told, and whether the provider can call us back.
fn is_bound(world: &World, provider: usize) -> bool {
    world.peers[provider].agent.load().users_registered == 1
}

/// The origin and the number of the call that was told last.
fn arrived(world: &World) -> Option<(Origin, String)> {
    world.peers[DAEMON].events.iter().rev().find_map(|event| match event {
        Event::Incoming { origin, number, .. } => Some((origin.clone(), number.clone())),
        _ => None,
    })
}

/// The status that an INVITE gets from somewhere, and with what it was let in if it was.
fn shout_invite(world: &mut World, last: u8, uri: &str, to: &str, more: &str) -> (String, Option<(Origin, String)>) {
    world.random += 1;
    let (branch, source) = (world.random, address(last));
    let text = format!(
        "INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {source};rport;branch=z9hG4bK{branch}\r\n\
         From: <sip:+49170@provider.example>;tag=t{branch}\r\nTo: <{to}>\r\nCall-ID: c{branch}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:x@{source}>\r\n{more}\r\n"
    );
    world.peers[DAEMON].events.clear();
    let label = world.shout(source, &text)[0].label();
    (label, arrived(world))
}

#[test]
fn a_trunk_is_registered_refreshed_and_left() {
    let mut world = world();
    use_trunks(&mut world, vec![registering("a", &[20], Transport::Udp)]);
    world.run(50);
    assert_eq!(world.labels(), ["REGISTER", "401 REGISTER", "REGISTER", "200 REGISTER"]);
    assert_eq!(world.words(DAEMON), ["a Registered { expires: 600s }"]);
    // Given again as it was, nothing happens; refreshed after half of the time, with the nonce that is known.
    use_trunks(&mut world, vec![registering("a", &[20], Transport::Udp)]);
    world.run(299_000);
    assert_eq!(world.log.len(), 4);
    world.run(2_000);
    assert_eq!(world.log.last().map(Packet::label).as_deref(), Some("200 REGISTER"));
    assert!(is_bound(&world, PROVIDER));
    use_trunks(&mut world, Vec::new());
    world.run(50);
    assert!(!is_bound(&world, PROVIDER));
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("a Unregistered"));
    assert_eq!(world.peers[DAEMON].agent.load().registrations, 0);
    world.assert_clean();
    assert_eq!(world.peers[DAEMON].agent.deadline(), None, "nothing is left to be done");
}

#[test]
fn a_trunk_that_changes_is_left_and_registered_anew() {
    let mut world = world();
    use_trunks(&mut world, vec![registering("a", &[20], Transport::Udp)]);
    world.run(50);
    let mut elsewhere = registering("a", &[21], Transport::Udp);
    elsewhere.server.as_mut().expect("a server").host = "other.example".to_owned();
    use_trunks(&mut world, vec![elsewhere]);
    world.run(50);
    assert_eq!((is_bound(&world, PROVIDER), is_bound(&world, OTHER)), (false, true));
    assert_eq!(world.words(DAEMON), ["a Registered { expires: 600s }", "a Registered { expires: 600s }"]);
    assert_eq!(world.peers[DAEMON].agent.load().registrations, 1);
}

#[test]
fn a_new_password_or_name_takes_the_binding_over_and_undoes_nothing() {
    let mut world = world();
    use_trunks(&mut world, vec![registering("a", &[20], Transport::Udp)]);
    world.run(50);
    let mut renamed = registering("b", &[20], Transport::Udp);
    use_trunks(&mut world, vec![renamed.clone()]);
    world.run(50);
    if let Some(TrunkAccount::Ours { expires, .. }) = &mut renamed.account {
        *expires = Duration::from_secs(300);
    }
    use_trunks(&mut world, vec![renamed.clone()]);
    world.run(50);
    // Taken away and given back while the goodbye is still on its way.
    use_trunks(&mut world, Vec::new());
    use_trunks(&mut world, vec![renamed]);
    world.run(40_000);
    assert!(is_bound(&world, PROVIDER));
    let goodbyes = world.log.iter().filter(|packet| packet.raw().first("Expires") == Some("0")).count();
    assert_eq!((goodbyes, world.peers[DAEMON].agent.load().registrations), (1, 1));
    assert!(!world.words(PROVIDER).last().is_some_and(|word| word.starts_with("unregistered")));
}

#[test]
fn two_providers_know_us_by_the_same_user() {
    let mut world = world();
    let mut other = registering("b", &[21], Transport::Udp);
    other.server.as_mut().expect("a server").host = "other.example".to_owned();
    use_trunks(&mut world, vec![registering("a", &[20], Transport::Udp), other.clone()]);
    world.run(50);
    assert!(is_bound(&world, PROVIDER) && is_bound(&world, OTHER));
    use_trunks(&mut world, vec![other]);
    world.run(50);
    assert_eq!((is_bound(&world, PROVIDER), is_bound(&world, OTHER)), (false, true));
    for (last, expected) in [(20, None), (21, Some("b"))] {
        let (_, origin) = shout_invite(&mut world, last, "sip:us@10.0.0.1", "sip:us@provider.example", "");
        let name = origin.map(|(origin, _)| origin);
        assert_eq!(name, expected.map(|name| Origin::Trunk { name: name.to_owned() }), "{last}");
    }
}

#[test]
fn a_wrong_password_is_refused_and_tried_again_with_long_waits() {
    let mut world = world();
    let mut trunk = registering("a", &[20], Transport::Udp);
    if let Some(TrunkAccount::Ours { secret, .. }) = &mut trunk.account {
        *secret = Secret::Plain("guess".to_owned());
    }
    use_trunks(&mut world, vec![trunk]);
    world.run(50);
    assert_eq!(world.words(DAEMON), ["a Refused { status: 403 }"]);
    world.run(3_600_000);
    let attempts = world.count("403 REGISTER");
    assert!((4..=8).contains(&attempts), "{attempts} in an hour");
    use_trunks(&mut world, Vec::new());
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("a Unregistered"), "there is nothing to undo");
    world.assert_clean();
}

#[test]
fn a_provider_that_falls_silent_and_comes_back_without_memory_is_registered_with_at_once() {
    let mut world = world();
    use_trunks(&mut world, vec![probed(registering("a", &[20], Transport::Udp))]);
    world.run(50);
    assert_eq!(world.words(DAEMON), ["a reachable", "a Registered { expires: 600s }"]);
    world.faults.lost = 1000;
    world.run(1_800_000);
    let words = world.words(DAEMON);
    assert!(words.contains(&"a unreachable 408".to_owned()), "{words:?}");
    assert!(words.contains(&"a Refused { status: 408 }".to_owned()), "{words:?}");
    assert!(!words.contains(&"a reachable".to_owned()), "{words:?}");
    restart(&mut world, PROVIDER);
    world.faults.lost = 0;
    // One question may be out in vain; then two answers, and the REGISTER at once.
    world.run(100_000 + 2 * 5_000);
    let words = world.words(DAEMON);
    assert!(words.contains(&"a reachable".to_owned()), "{words:?}");
    assert_eq!(words.last().map(String::as_str), Some("a Registered { expires: 600s }"));
    assert!(is_bound(&world, PROVIDER));
}

#[test]
fn a_provider_that_was_away_for_a_moment_hears_of_us_before_the_refresh() {
    let mut world = world();
    use_trunks(&mut world, vec![probed(registering("a", &[20], Transport::Udp))]);
    world.run(70_000);
    world.faults.lost = 1000;
    world.run(120_000);
    restart(&mut world, PROVIDER);
    world.faults.lost = 0;
    world.run(90_000);
    assert!(is_bound(&world, PROVIDER), "long before the refresh after 300 s");
    assert_eq!(world.count("403 REGISTER"), 0);
}

#[test]
fn a_lost_packet_changes_no_belief() {
    let mut world = world();
    let server =
        Server { host: "gw.example".to_owned(), port: None, transport: Transport::Udp, addresses: vec![address(20)] };
    use_trunks(&mut world, vec![probed(Trunk { name: "g".to_owned(), server: Some(server), ..Trunk::default() })]);
    world.run(1_000);
    assert_eq!(world.words(DAEMON), ["g reachable"]);
    // All repetitions of one question.
    world.run(58_000);
    world.faults.lost = 1000;
    world.run(40_000);
    world.faults.lost = 0;
    world.run(3_600_000);
    assert_eq!(world.words(DAEMON), Vec::<String>::new());
    // A provider that cannot work is not there, and one that refuses is.
    world.input(PROVIDER, Input::Accounts(Vec::new()));
    let trying = world.log.iter().filter(|packet| packet.label() == "OPTIONS").count();
    assert!((50..=75).contains(&trying), "{trying} questions in an hour, one with its repetitions");
}

#[test]
fn a_dead_server_gives_way_to_the_next_one() {
    let mut world = world();
    // Nobody is at .30.
    use_trunks(&mut world, vec![probed(registering("a", &[30, 20], Transport::Udp))]);
    world.run(40_000);
    assert!(is_bound(&world, PROVIDER));
    let words = world.words(DAEMON);
    assert!(!words.iter().any(|word| word.contains("Refused")), "{words:?}");
    // The name now says something else: the registration goes there.
    use_trunks(&mut world, vec![probed(registering("a", &[21], Transport::Udp))]);
    world.run(50);
    assert!(is_bound(&world, OTHER));
    // An answer without addresses is no news.
    let sent = world.log.len();
    use_trunks(&mut world, vec![probed(registering("a", &[], Transport::Udp))]);
    world.run(1_000);
    assert_eq!(world.log.len(), sent);
    assert_eq!(world.peers[DAEMON].agent.load().registrations, 1);
}

#[test]
fn a_trunk_whose_name_is_found_later_begins_then() {
    let mut world = world();
    use_trunks(&mut world, vec![probed(registering("a", &[], Transport::Udp))]);
    world.run(1_000_000);
    assert_eq!((world.log.len(), world.words(DAEMON).len()), (0, 0));
    use_trunks(&mut world, vec![probed(registering("a", &[20], Transport::Udp))]);
    world.run(50);
    assert!(is_bound(&world, PROVIDER));
}

#[test]
fn a_cut_connection_is_made_anew_at_once() {
    let mut world = world();
    use_trunks(&mut world, vec![registering("a", &[20], Transport::Tcp)]);
    world.run(100);
    assert!(is_bound(&world, PROVIDER));
    world.run(60_000);
    world.cut();
    world.run(100);
    assert!(is_bound(&world, PROVIDER), "at once");
    assert_eq!(world.connected, 2);
    // A provider that hangs up after each answer is not asked again and again.
    let mut cuts = 0;
    for _ in 0..600 {
        if world.connections.iter().any(|(by, _, _)| *by == DAEMON) {
            cuts += 1;
            world.cut();
        }
        world.run(1_000);
    }
    assert!((3..=8).contains(&cuts), "{cuts} connections in ten minutes");
}

#[test]
fn a_registration_with_a_trunk_survives_a_lossy_wire() {
    for seed in 1..=20 {
        let mut world = world();
        world.random = seed * 104_729;
        world.faults = Faults { lost: 200, doubled: 200, delayed: 300, seed };
        use_trunks(&mut world, vec![probed(registering("a", &[20], Transport::Udp))]);
        world.run(3_600_000);
        let words = world.words(DAEMON);
        assert!(is_bound(&world, PROVIDER), "seed {seed}: {words:?}");
        assert!(!words.iter().any(|word| word.contains("unreachable")), "seed {seed}: {words:?}");
        world.faults = Faults::default();
        use_trunks(&mut world, Vec::new());
        world.run(40_000);
        assert!(!is_bound(&world, PROVIDER), "seed {seed}");
        world.assert_clean();
    }
}

#[test]
fn calls_of_a_registrar_come_from_its_addresses_alone() {
    let mut world = world();
    let to_counts = Trunk { dialled: Dialled::To, ..registering("a", &[20], Transport::Udp) };
    use_trunks(&mut world, vec![to_counts]);
    world.run(50);
    let (uri, to) = ("sip:us@10.0.0.1", "sip:+4930123@provider.example");
    let (label, origin) = shout_invite(&mut world, 20, uri, to, "");
    assert_eq!(label, "100 INVITE");
    assert_eq!(origin, Some((Origin::Trunk { name: "a".to_owned() }, "+4930123".to_owned())));
    assert_eq!(shout_invite(&mut world, 22, uri, to, ""), ("401 INVITE".to_owned(), None));
    // Further addresses from which the provider calls, and where the number stands in the request.
    let ranges = vec![AddressRange::parse("10.0.0.22/31").expect("a range")];
    use_trunks(&mut world, vec![Trunk { addresses: ranges, ..registering("a", &[20], Transport::Udp) }]);
    let (_, origin) = shout_invite(&mut world, 22, "sip:+4930124@10.0.0.1", "sip:us@provider.example", "");
    assert_eq!(origin, Some((Origin::Trunk { name: "a".to_owned() }, "+4930124".to_owned())));
    use_trunks(&mut world, Vec::new());
    assert_eq!(shout_invite(&mut world, 20, uri, to, "").0, "401 INVITE", "gone with the trunk");
}

#[test]
fn of_two_trunks_at_one_address_the_dialled_number_decides() {
    let mut world = world();
    let numbers = |number: &str| Arc::new(BTreeSet::from([number.to_owned()]));
    let trunk = |name: &str, dialled, number| Trunk {
        dialled,
        numbers: numbers(number),
        ..registering(name, &[20], Transport::Udp)
    };
    use_trunks(&mut world, vec![trunk("1/p", Dialled::To, "30"), trunk("2/p", Dialled::RequestUri, "40")]);
    world.run(50);
    for (uri, to, expected) in [
        ("sip:us@10.0.0.1", "sip:30@p", ("1/p", "30")),
        ("sip:40@10.0.0.1", "sip:us@p", ("2/p", "40")),
        ("sip:40@10.0.0.1", "sip:30@p", ("1/p", "30")),
        // A number that nobody has: the application refuses it.
        ("sip:50@10.0.0.1", "sip:60@p", ("1/p", "60")),
    ] {
        let (_, origin) = shout_invite(&mut world, 20, uri, to, "");
        let expected = (Origin::Trunk { name: expected.0.to_owned() }, expected.1.to_owned());
        assert_eq!(origin, Some(expected), "{uri} {to}");
    }
}

#[test]
fn a_trunk_with_a_password_may_call_from_anywhere_but_not_register() {
    let mut world = world();
    let secret = Secret::Plain("pw".to_owned());
    let account = Some(TrunkAccount::Theirs { user: "branch".to_owned(), secret });
    use_trunks(&mut world, vec![Trunk { name: "g".to_owned(), account, ..Trunk::default() }]);
    let (uri, to) = ("sip:4711@10.0.0.1", "sip:4711@10.0.0.1");
    for (method, password, expected) in
        [("INVITE", "pw", "100 INVITE"), ("INVITE", "guess", "403 INVITE"), ("REGISTER", "pw", "403 REGISTER")]
    {
        let credentials = |world: &mut World| {
            let (label, _) = shout_invite(world, 77, uri, to, "");
            assert_eq!(label, "401 INVITE");
            let raw = world.log.last().expect("a challenge").raw();
            let challenges = raw.headers.all("WWW-Authenticate");
            let answer = crate::auth::answer(challenges, "branch", password, method, uri, "c");
            format!("Authorization: {}\r\n", answer.expect("an answer"))
        };
        let more = credentials(&mut world);
        if method == "INVITE" {
            let (label, origin) = shout_invite(&mut world, 77, uri, to, &more);
            assert_eq!(label, expected, "{password}");
            let let_in = Some((Origin::Trunk { name: "g".to_owned() }, "4711".to_owned()));
            assert_eq!(origin, let_in.filter(|_| password == "pw"));
        } else {
            let text = format!(
                "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.77;rport;branch=z9hG4bKr\r\n\
                 From: <sip:branch@10.0.0.1>;tag=r\r\nTo: <sip:branch@10.0.0.1>\r\nCall-ID: r\r\nCSeq: 1 REGISTER\r\n\
                 Contact: <sip:branch@10.0.0.77>\r\n{more}\r\n"
            );
            assert_eq!(world.shout(address(77), &text)[0].label(), expected);
        }
    }
}

/// Calls a number behind the provider.
fn call_behind(world: &mut World, name: &str) {
    let target = Target::Trunk { name: name.to_owned(), number: "+4940".to_owned() };
    let (from_user, sdp) = ("us".to_owned(), b"offer".to_vec());
    world.command(DAEMON, Command::Invite { leg: LEG, target, from_user, from_display: None, sdp });
}

/// A trunk over which we call without being registered: the provider asks for the password with each call.
fn unregistered(world: &mut World) {
    use_trunks(world, vec![registering("a", &[20], Transport::Udp)]);
    world.run(50);
    // It forgets us, so that the call itself has to prove who we are.
    restart(world, PROVIDER);
    world.log.clear();
}

#[test]
fn a_call_to_a_trunk_proves_the_password_when_asked() {
    let mut world = world();
    unregistered(&mut world);
    call_behind(&mut world, "a");
    world.run(50);
    let leg = world.incoming(PROVIDER).expect("a call");
    world.command(PROVIDER, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(50);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(50);
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.run(50);
    assert_eq!(
        world.labels(),
        ["INVITE", "401 INVITE", "ACK", "INVITE", "100 INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"]
    );
    let of = |at: usize, name: &str| world.log[at].raw().first(name).unwrap_or("").to_owned();
    let [cseq, call_id, from] = ["CSeq", "Call-ID", "From"].map(|name| [of(0, name), of(3, name), of(6, name)]);
    assert_eq!(cseq, ["1 INVITE", "2 INVITE", "2 ACK"]);
    assert!(call_id.iter().all(|own| *own == call_id[0]) && from.iter().all(|own| *own == from[0]));
    assert_ne!(of(0, "Via"), of(3, "Via"), "a new transaction");
    assert_eq!(of(6, "Authorization"), of(3, "Authorization"), "the ACK repeats the proof");
    assert!(of(7, "Authorization").contains("nc=00000002") && of(7, "CSeq") == "3 BYE");
    assert_eq!(of(3, "User-Agent"), "Vorrang");
    let Start::Request { uri, .. } = world.log[0].raw().start else { panic!("a request") };
    assert_eq!((uri.as_str(), world.log[0].destination), ("sip:+4940@provider.example", address(20)));
    assert_eq!(world.words(DAEMON)[1..], ["answered answer", "ended Local"]);
    use_trunks(&mut world, Vec::new());
    world.assert_clean();
}

#[test]
fn a_call_with_a_wrong_password_fails_once() {
    let mut world = world();
    let mut trunk = registering("a", &[20], Transport::Udp);
    if let Some(TrunkAccount::Ours { secret, .. }) = &mut trunk.account {
        *secret = Secret::Plain("guess".to_owned());
    }
    use_trunks(&mut world, vec![trunk]);
    world.run(50);
    world.events(DAEMON);
    world.log.clear();
    call_behind(&mut world, "a");
    world.run(50);
    assert_eq!(world.labels(), ["INVITE", "401 INVITE", "ACK", "INVITE", "403 INVITE", "ACK"]);
    assert_eq!(world.words(DAEMON), ["failed 403"]);
    call_behind(&mut world, "nobody");
    assert_eq!(world.words(DAEMON), ["failed 503"]);
}

#[test]
fn a_call_that_is_given_up_proves_nothing_more() {
    let mut world = world();
    unregistered(&mut world);
    world.events(DAEMON);
    world.events(PROVIDER);
    call_behind(&mut world, "a");
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.run(100);
    assert_eq!(world.count("INVITE"), 1);
    assert_eq!(world.words(DAEMON), ["failed 401"]);
    // And one that was proved is cancelled in its second transaction.
    call_behind(&mut world, "a");
    world.run(50);
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.run(50);
    assert_eq!(world.words(DAEMON), ["failed 487"]);
    assert_eq!(world.words(PROVIDER), ["incoming +4940 offer", "cancelled"]);
    use_trunks(&mut world, Vec::new());
    world.assert_clean();
}

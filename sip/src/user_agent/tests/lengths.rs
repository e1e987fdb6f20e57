//! Requests that are too long for a datagram, and peers who do not accept the connections they go by instead.

use super::*;
use crate::auth::Secret;
use crate::contract::Stage;

const LONGEST: usize = 1300;

/// A call from the daemon whose INVITE by UDP has so many bytes.
fn invite_of(uri: &str, bytes: usize) -> Command {
    let of = |sdp: Vec<u8>| {
        let Command::Invite { leg, target, from_user, from_display, .. } = invite(uri) else { panic!("an INVITE") };
        Command::Invite { leg, target, from_user, from_display, sdp }
    };
    let length = |sdp: Vec<u8>| {
        let mut world = World::new();
        let listeners = vec![settings(address(1)).listeners[0].clone()];
        let settings = Settings { listeners, ..settings(address(1)) };
        world.peers[DAEMON].agent = UserAgent::new(settings, [1; 32]);
        world.command(DAEMON, of(sdp));
        world.log[0].bytes.len()
    };
    // Three digits in Content-Length, as in the one that is asked for.
    let about = vec![b'x'; 500];
    let sdp = vec![b'x'; 500 + bytes - length(about)];
    assert_eq!(length(sdp.clone()), bytes);
    of(sdp)
}

fn transports(world: &World) -> Vec<String> {
    world.log.iter().map(|packet| format!("{} {}", packet.transport.name(), packet.label())).collect()
}

/// The transport that the top Via names, and its branch.
fn via(packet: &Packet) -> (String, String) {
    let via = packet.raw().first("Via").unwrap_or("").to_owned();
    let (protocol, params) = via.split_once(' ').expect("a Via");
    let branch = params.split(';').find_map(|param| param.strip_prefix("branch=")).expect("a branch");
    (protocol.to_owned(), branch.to_owned())
}

fn facts(world: &mut World) -> Vec<(Stage, Flow)> {
    let facts = world.events(DAEMON).into_iter().filter_map(|event| match event {
        Event::Facts(mut facts) => facts.dialogs.pop().map(|known| (known.stage, known.dialog.flow)),
        _ => None,
    });
    facts.collect()
}

#[test]
fn a_long_request_goes_by_tcp_where_nothing_says_otherwise() {
    use Transport::{Tcp, Udp};
    #[rustfmt::skip]
    let rows = [
        // The peer's address, how long the INVITE would be, whether connections can come back, how it goes.
        ("sip:4711@10.0.0.2",               LONGEST,     true,  Udp),
        ("sip:4711@10.0.0.2",               LONGEST + 1, true,  Tcp),
        ("sip:4711@10.0.0.2:5060",          LONGEST + 1, true,  Tcp),
        ("sip:4711@10.0.0.2;transport=udp", LONGEST + 1, true,  Udp),
        ("sip:4711@10.0.0.2",               LONGEST + 1, false, Udp),
    ];
    for (uri, bytes, listens_to_tcp, expected) in rows {
        let mut world = World::new();
        let mut settings = settings(address(1));
        settings.listeners.truncate(if listens_to_tcp { 2 } else { 1 });
        world.peers[DAEMON].agent = UserAgent::new(settings, [1; 32]);
        world.command(DAEMON, invite_of(uri, bytes));
        let invite = &world.log[0];
        assert_eq!(invite.transport, expected, "{uri} {bytes}");
        assert_eq!(via(invite).0, format!("SIP/2.0/{}", expected.name()), "{uri} {bytes}");
        let flow = Flow::to(expected, address(2));
        assert_eq!(facts(&mut world).pop().map(|(_, flow)| flow), Some(flow), "what a restart has to know");
    }
}

#[test]
fn a_long_call_stays_on_its_connection_and_what_is_short_may_come_as_before() {
    let mut world = World::new();
    world.command(DAEMON, invite_of("sip:4711@10.0.0.2", LONGEST + 1));
    world.run(3_000);
    assert_eq!(world.count("INVITE"), 1, "a connection repeats what is lost");
    let leg = world.incoming(TRUNK).expect("a call");
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(20);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(20);
    // The Via alone was changed: our Contact names no transport.
    assert_eq!(world.log[0].raw().first("Contact"), Some("<sip:0815@10.0.0.1:5060>"));
    world.command(TRUNK, Command::Bye { leg });
    world.run(20);
    assert_eq!(
        transports(&world),
        ["TCP INVITE", "TCP 100 INVITE", "TCP 200 INVITE", "TCP ACK", "TCP BYE", "TCP 200 BYE"]
    );
    assert_eq!(world.connected, 1);
    world.assert_clean();
}

#[test]
fn a_long_change_goes_by_tcp_and_by_udp_where_that_is_refused() {
    for is_deaf in [false, true] {
        let mut world = World::new();
        world.connect(DAEMON, TRUNK);
        world.deaf_to_tcp = is_deaf.then_some(address(2));
        let before = world.log.len();
        world.command(DAEMON, Command::Reoffer { leg: LEG, sdp: vec![b'x'; LONGEST] });
        world.run(20);
        let leg = world.incoming(TRUNK).expect("a call");
        world.command(TRUNK, Command::AnswerReoffer { leg, sdp: b"good".to_vec() });
        world.run(20);
        let transport = if is_deaf { "UDP" } else { "TCP" };
        assert_eq!(
            transports(&world)[before..][..3],
            ["INVITE", "100 INVITE", "200 INVITE"].map(|label| format!("{transport} {label}"))
        );
        assert_eq!(world.labels().last().map(String::as_str), Some("ACK"));
        assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("reanswered good"));
        world.command(DAEMON, Command::Bye { leg: LEG });
        world.assert_clean();
    }
}

#[test]
fn a_registered_phone_is_called_on_its_flow_however_long_the_call_is() {
    let mut world = World::new();
    let phone = world.add(20);
    let account = Account { user: "ann".to_owned(), secret: Secret::Plain("pw".to_owned()) };
    world.input(DAEMON, Input::Accounts(vec![account]));
    world.command(
        phone,
        Command::Register {
            registrar: address(1),
            transport: Transport::Udp,
            user: "ann".to_owned(),
            password: "pw".to_owned(),
            contact: None,
            expires: Duration::from_secs(100),
        },
    );
    world.run(50);
    let target = Target::Registered("ann".to_owned());
    let sdp = vec![b'x'; LONGEST];
    world.command(DAEMON, Command::Invite { leg: LEG, target, from_user: "0815".to_owned(), from_display: None, sdp });
    assert_eq!(world.log.last().map(|packet| packet.transport), Some(Transport::Udp));
    world.run(20);
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.command(phone, Command::Unregister { user: "ann".to_owned() });
    world.assert_clean();
}

#[test]
fn where_no_connection_is_accepted_a_long_request_is_a_datagram_after_all() {
    let mut world = World::new();
    world.deaf_to_tcp = Some(address(2));
    // The first datagram is lost: it is repeated as any other.
    world.swallow = vec!["INVITE"];
    world.command(DAEMON, invite_of("sip:4711@10.0.0.2", LONGEST + 1));
    let (stage, flow) = facts(&mut world).pop().expect("facts");
    assert_eq!(flow.transport, Transport::Tcp);
    world.run(600);
    assert_eq!(world.log[0].transport, Transport::Udp);
    assert_eq!(world.count("INVITE"), 2);
    let (protocol, branch) = via(&world.log[0]);
    assert_eq!(protocol, "SIP/2.0/UDP");
    // The same transaction, by another way; and that is what a restart has to know.
    let Stage::Inviting { branch: known } = stage else { panic!("{stage:?}") };
    assert_eq!(known.to_string(), branch);
    assert_eq!(facts(&mut world), [(stage, Flow::udp(address(2)))]);
    let leg = world.incoming(TRUNK).expect("a call");
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(20);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.run(20);
    assert_eq!(world.words(TRUNK).last().map(String::as_str), Some("ended Remote"));
    assert!(world.log.iter().all(|packet| packet.transport == Transport::Udp));
    world.assert_clean();
}

#[test]
fn a_long_call_that_was_given_up_before_anybody_accepted_it_is_not_sent_again() {
    let mut world = World::new();
    world.deaf_to_tcp = Some(address(2));
    world.command(DAEMON, invite_of("sip:4711@10.0.0.2", LONGEST + 1));
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.run(40_000);
    assert_eq!(world.words(DAEMON), ["failed 503"]);
    assert!(world.log.is_empty());
    world.assert_clean();
}

#[test]
fn a_long_request_that_nobody_answers_is_sent_by_one_way_after_the_other_and_given_up() {
    let mut world = World::new();
    world.deaf_to_tcp = Some(address(2));
    world.command(DAEMON, invite_of("sip:4711@10.0.0.2", LONGEST + 1));
    world.faults.lost = 1000;
    world.run(40_000);
    assert_eq!(world.words(DAEMON), ["failed 408"]);
    assert_eq!(world.count("INVITE"), 7, "Timer A from the first datagram on");
    world.assert_clean();
}

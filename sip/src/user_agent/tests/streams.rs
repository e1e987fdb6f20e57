//! Calls and registrations over connections, and what becomes of them when the connections are cut.

use super::*;
use crate::auth::Secret;

const PHONE: usize = 2;

/// A daemon that knows ann, a trunk, and ann's phone.
fn world() -> World {
    let mut world = World::new();
    world.add(20);
    let account = Account { user: "ann".to_owned(), secret: Secret::Plain("pw".to_owned()) };
    world.input(DAEMON, Input::Accounts(vec![account]));
    world
}

fn register(contact: Option<&str>) -> Command {
    Command::Register {
        registrar: address(1),
        transport: Transport::Tcp,
        user: "ann".to_owned(),
        password: "pw".to_owned(),
        contact: contact.map(str::to_owned),
        expires: Duration::from_secs(100),
    }
}

fn call_phone() -> Command {
    let target = Target::Registered("ann".to_owned());
    Command::Invite { leg: LEG, target, from_user: "0815".to_owned(), from_display: None, sdp: b"offer".to_vec() }
}

/// Every message with its transport and both ends.
fn ways(world: &World) -> Vec<String> {
    let way = |packet: &Packet| format!("{} {} > {}", packet.transport.name(), packet.source, packet.destination);
    let mut ways: Vec<String> = world.log.iter().map(way).collect();
    ways.dedup();
    ways
}

#[test]
fn a_call_over_tcp_stays_on_its_connection_and_repeats_nothing() {
    let mut world = World::new();
    world.command(TRUNK, invite("sip:4711@10.0.0.1;transport=tcp"));
    world.run(3_000);
    let leg = world.incoming(DAEMON).expect("a call");
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(20);
    world.command(TRUNK, Command::Accept { leg: LEG });
    world.run(20);
    world.command(DAEMON, Command::Bye { leg });
    world.run(20);
    assert_eq!(world.labels(), ["INVITE", "100 INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"]);
    assert_eq!(world.connected, 1);
    assert!(
        ways(&world).iter().all(|way| way.starts_with("TCP") && way.contains("10.0.0.2:40001")),
        "{:?}",
        ways(&world)
    );
    let (call, ok) = (world.log[0].raw(), world.log[2].raw());
    assert!(call.first("Via").is_some_and(|via| via.starts_with("SIP/2.0/TCP 10.0.0.2:5060;")));
    assert_eq!(call.first("Contact"), Some("<sip:0815@10.0.0.2:5060;transport=tcp>"));
    assert_eq!(ok.first("Contact"), Some("<sip:4711@10.0.0.1:5060;transport=tcp>"));
    world.run(100);
    let load = world.peers[DAEMON].agent.load();
    assert_eq!((load.client_transactions, load.legs), (0, 0), "K is zero: nothing can come late");
    world.assert_clean();
}

#[test]
fn a_200_is_repeated_until_its_ack_over_tcp_too() {
    let mut world = World::new();
    world.command(TRUNK, invite("sip:4711@10.0.0.1;transport=tcp"));
    world.run(20);
    let leg = world.incoming(DAEMON).expect("a call");
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(1_600);
    assert_eq!(world.count("200 INVITE"), 3, "RFC 3261 §13.3.1.4: whatever the transport");
    world.command(TRUNK, Command::Accept { leg: LEG });
    world.command(TRUNK, Command::Bye { leg: LEG });
    world.assert_clean();
}

#[test]
fn a_phone_is_called_on_the_connection_by_which_it_registered() {
    let mut world = world();
    // Its Contact leads nowhere, as behind a NAT.
    world.command(PHONE, register(Some("sip:ann@192.168.7.7:5060;transport=tcp")));
    world.run(50);
    world.command(DAEMON, call_phone());
    world.run(50);
    let leg = world.incoming(PHONE).expect("a call");
    world.command(PHONE, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(50);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(50);
    assert_eq!(world.connected, 1, "one connection for all");
    let connection = world.log.last().expect("an ACK").destination;
    let flow = Flow { transport: Transport::Tcp, local: Some(address(1)), peer: connection };
    assert!(world.peers[DAEMON].agent.needs(&flow));
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.run(50);
    assert_eq!(world.words(PHONE).last().map(String::as_str), Some("ended Remote"));
    assert!(ways(&world).iter().all(|way| way.starts_with("TCP")));
    world.command(PHONE, Command::Unregister { user: "ann".to_owned() });
    world.run(33_000);
    assert!(!world.peers[DAEMON].agent.needs(&flow));
    world.assert_clean();
}

#[test]
fn a_phone_whose_connection_is_cut_is_called_where_it_listens_or_is_gone() {
    for (contact, words, called) in [
        (None, vec![], true),
        (Some("sip:ann@192.168.7.7:5060;transport=tcp"), vec!["unregistered ann", "failed 480"], false),
    ] {
        let mut world = world();
        world.command(PHONE, register(contact));
        world.run(50);
        world.events(DAEMON);
        world.cut();
        world.command(DAEMON, call_phone());
        world.run(50);
        assert_eq!(world.words(DAEMON), words);
        assert_eq!(world.incoming(PHONE).is_some(), called);
        if called {
            assert_eq!(world.log.last().map(|packet| packet.transport), Some(Transport::Tcp));
            world.command(DAEMON, Command::Cancel { leg: LEG });
            world.run(50);
        }
    }
}

#[test]
fn a_call_survives_its_connection() {
    for by in [DAEMON, TRUNK] {
        let mut world = World::new();
        world.command(TRUNK, invite("sip:4711@10.0.0.1;transport=tcp"));
        world.run(20);
        let leg = world.incoming(DAEMON).expect("a call");
        // The answer goes by a new connection to the port in Via (RFC 3261 §18.2.2).
        world.cut();
        world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
        world.run(20);
        world.command(TRUNK, Command::Accept { leg: LEG });
        world.run(20);
        assert_eq!(world.words(DAEMON), ["incoming 4711 offer", "confirmed"]);
        world.cut();
        world.command(by, Command::Bye { leg: if by == DAEMON { leg } else { LEG } });
        world.run(20);
        let other = if by == DAEMON { TRUNK } else { DAEMON };
        assert_eq!(world.words(by).last().map(String::as_str), Some("ended Local"));
        assert_eq!(world.words(other).last().map(String::as_str), Some("ended Remote"));
        assert!(ways(&world).iter().all(|way| way.starts_with("TCP")));
        world.assert_clean();
    }
}

#[test]
fn where_nobody_listens_a_call_fails_at_once() {
    let mut world = World::new();
    for uri in ["sip:a@10.0.0.50;transport=tcp", "sip:a@10.0.0.50;transport=tls"] {
        world.command(DAEMON, invite(uri));
        world.run(50);
        assert_eq!(world.words(DAEMON), ["failed 503"], "{uri}");
    }
    world.assert_clean();
}

#[test]
fn a_bye_to_a_peer_that_is_gone_ends_the_leg_at_once() {
    let mut world = World::new();
    world.command(TRUNK, invite("sip:4711@10.0.0.1;transport=tcp"));
    world.run(20);
    let leg = world.incoming(DAEMON).expect("a call");
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(20);
    world.command(TRUNK, Command::Accept { leg: LEG });
    world.run(20);
    world.events(DAEMON);
    world.peers[TRUNK].address = address(77);
    world.cut();
    world.command(DAEMON, Command::Bye { leg });
    world.run(20);
    assert_eq!(world.words(DAEMON), ["ended Local"]);
    let load = world.peers[DAEMON].agent.load();
    assert_eq!((load.legs, load.client_transactions), (0, 0));
}

#[test]
fn a_listener_of_another_family_is_not_used() {
    let mut world = World::new();
    world.command(DAEMON, invite("sip:a@[2001:db8::9]"));
    assert_eq!(world.words(DAEMON), ["failed 503"]);
    assert!(world.log.is_empty());
}

#[test]
fn an_answer_leaves_by_the_listener_to_which_its_request_came() {
    let second: SocketAddr = "10.0.0.1:5070".parse().expect("an address");
    let listener =
        |address: SocketAddr| Listener { transport: Transport::Udp, address, host: address.ip().to_string() };
    let listeners = vec![listener(address(1)), listener(second)];
    let mut agent = UserAgent::new(Settings { listeners, ..Settings::new(address(1)) }, [5; 32]);
    let addresses = vec![AddressRange::parse("10.0.0.2").expect("a range")];
    agent.handle(Duration::ZERO, Input::Trunks(vec![Trunk { name: "t".to_owned(), addresses, ..Trunk::default() }]));
    let invite = "INVITE sip:4711@10.0.0.1:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKl\r\n\
        From: <sip:a@10.0.0.2>;tag=l\r\nTo: <sip:4711@10.0.0.1>\r\nCall-ID: l\r\nCSeq: 7 INVITE\r\n\
        Contact: <sip:a@10.0.0.2:5062>\r\nContent-Type: application/sdp\r\n\r\noffer";
    let peer = "10.0.0.2:61000".parse().expect("an address");
    let flow = Flow { transport: Transport::Udp, local: Some(second), peer };
    agent.handle(Duration::ZERO, Input::Received { bytes: invite.into(), flow });
    let outputs: Vec<Output> = std::iter::from_fn(|| agent.poll_output()).collect();
    let leg = outputs.iter().find_map(|output| match output {
        Output::Event(Event::Incoming { leg, .. }) => Some(*leg),
        _ => None,
    });
    let leg = leg.expect("a call");
    for (command, later, expected_peer) in [
        (Command::Answer { leg, sdp: b"answer".to_vec() }, 1, "10.0.0.2:61000"),
        // Without an ACK it waits until that is given up.
        (Command::Bye { leg }, 60, "10.0.0.2:5062"),
    ] {
        agent.handle(Duration::from_secs(1), Input::Command(command));
        agent.handle(Duration::from_secs(later), Input::Due);
        let sent = std::iter::from_fn(|| agent.poll_output()).filter_map(|output| match output {
            Output::Send { bytes, flow } => Some((bytes, flow)),
            Output::Event(_) => None,
        });
        let (bytes, way) = sent.last().expect("something is sent");
        assert_eq!((way.local, way.peer.to_string().as_str()), (Some(second), expected_peer));
        let raw = wire::parse(&bytes).expect("a message");
        if let Start::Request { .. } = raw.start {
            assert!(raw.first("Via").is_some_and(|via| via.starts_with("SIP/2.0/UDP 10.0.0.1:5070;")));
        }
    }
}

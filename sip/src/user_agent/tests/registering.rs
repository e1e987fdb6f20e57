//! Phones: their registration, and calls to and from them.

use super::*;
use crate::auth::Secret;

const PHONE: usize = 2;

/// A world with a phone at .20 that has an account.
fn world() -> World {
    let mut world = World::new();
    world.add(20);
    let account = Account { user: "ann".to_owned(), secret: Secret::Plain("pw".to_owned()) };
    world.input(DAEMON, Input::Accounts(vec![account]));
    world
}

fn register(user: &str, password: &str) -> Command {
    let (user, password) = (user.to_owned(), password.to_owned());
    Command::Register {
        registrar: address(1),
        transport: Transport::Udp,
        user,
        password,
        contact: None,
        expires: Duration::from_secs(100),
    }
}

/// A registration of before a restart.
fn binding(contact: &str, flow: Flow) -> Binding {
    Binding {
        contact: contact.to_owned(),
        flow,
        way: flow,
        path: vec![],
        instance: None,
        reg_id: None,
        call_id: "before".to_owned(),
        cseq: 7,
        expires: Duration::from_secs(60),
        registered_for: Duration::ZERO,
        user_agent: None,
    }
}

fn call_phone(leg: LegId) -> Command {
    let target = Target::Registered("ann".to_owned());
    Command::Invite { leg, target, from_user: "0815".to_owned(), from_display: None, sdp: b"offer".to_vec() }
}

#[test]
fn a_phone_registers_refreshes_and_leaves() {
    let mut world = world();
    world.command(PHONE, register("ann", "pw"));
    world.run(50);
    assert_eq!(world.labels(), ["REGISTER", "401 REGISTER", "REGISTER", "200 REGISTER"]);
    let events = world.events(DAEMON);
    let [Event::Bindings { user, bindings }, Event::Registered { .. }] = &events[..] else { panic!("{events:?}") };
    let [binding] = &bindings[..] else { panic!("one phone: {bindings:?}") };
    assert_eq!((user.as_str(), binding.contact.as_str()), ("ann", "sip:ann@10.0.0.20:5060"));
    assert_eq!((binding.flow.peer, binding.expires), (address(20), Duration::from_secs(100)));
    let state = RegistrationState::Registered { expires: Duration::from_secs(100) };
    assert_eq!(world.events(PHONE), [Event::RegistrationState { user: "ann".to_owned(), state }]);
    world.run(190_000);
    assert_eq!(world.words(DAEMON), ["registered ann"; 3], "refreshed every 50 seconds");
    world.command(PHONE, Command::Unregister { user: "ann".to_owned() });
    world.run(50);
    assert_eq!(world.words(DAEMON), ["unregistered ann"]);
    assert_eq!(world.words(PHONE).last().map(String::as_str), Some("Unregistered"));
    world.assert_clean();
}

#[test]
fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let mut answers = Vec::new();
    for (user, password) in [("ann", "guess"), ("bob", "guess")] {
        let mut world = world();
        world.command(PHONE, register(user, password));
        world.run(50);
        assert_eq!(world.words(PHONE), ["Refused { status: 403 }"]);
        let is_known = if user == "ann" { "known" } else { "unknown" };
        let told = format!("refused credentials of {user} ({is_known}) 10.0.0.20:5060");
        assert_eq!(world.words(DAEMON), [told], "we know which it was");
        answers.push(world.labels());
    }
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn a_phone_that_falls_silent_is_gone_in_time() {
    let mut world = world();
    world.command(PHONE, register("ann", "pw"));
    world.run(50);
    world.faults.lost = 1000;
    world.run(101_000);
    assert_eq!(world.words(DAEMON), ["registered ann", "unregistered ann"]);
    world.command(DAEMON, call_phone(LEG));
    assert_eq!(world.words(DAEMON), ["failed 480"]);
}

#[test]
fn a_phone_whose_account_goes_is_gone() {
    let mut world = world();
    world.command(PHONE, register("ann", "pw"));
    world.run(50);
    world.input(DAEMON, Input::Accounts(Vec::new()));
    assert_eq!(world.words(DAEMON), ["registered ann", "unregistered ann"]);
}

#[test]
fn a_call_to_a_phone_goes_where_its_register_came_from() {
    let mut world = world();
    world.command(
        PHONE,
        Command::Register {
            registrar: address(1),
            transport: Transport::Udp,
            user: "ann".to_owned(),
            password: "pw".to_owned(),
            contact: Some("sip:ann@192.168.77.1:12345;line=7".to_owned()),
            expires: Duration::from_secs(100),
        },
    );
    world.run(50);
    world.command(DAEMON, call_phone(LEG));
    world.run(50);
    let sent = world.log.iter().find(|packet| packet.label() == "INVITE").expect("an INVITE");
    assert_eq!(sent.destination, address(20));
    let Start::Request { uri, .. } = sent.raw().start else { panic!("a request") };
    assert_eq!(uri, "sip:ann@192.168.77.1:12345;line=7");
    let leg = world.incoming(PHONE).expect("a call, let in because it comes from our registrar");
    world.command(PHONE, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(50);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.run(50);
    assert!(
        world.log.iter().filter(|packet| packet.source == address(1)).all(|packet| packet.destination == address(20))
    );
    assert_eq!(world.words(PHONE).last().map(String::as_str), Some("ended Remote"));
}

#[test]
fn a_registered_phone_may_call_and_a_stranger_may_not() {
    let mut world = world();
    let call = |user: &str| Command::Invite {
        leg: LEG,
        target: Target::Uri { uri: "sip:4711@10.0.0.1".to_owned(), destination: None },
        from_user: user.to_owned(),
        from_display: None,
        sdp: b"offer".to_vec(),
    };
    world.command(PHONE, call("ann"));
    world.run(50);
    assert_eq!(world.words(PHONE), ["failed 401"], "not registered, and no password sent");
    world.command(PHONE, register("ann", "pw"));
    world.run(50);
    world.command(PHONE, call("ann"));
    world.run(50);
    let events = world.events(DAEMON);
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Incoming { origin: Origin::Phone { user }, .. } if user == "ann"))
    );
    world.command(PHONE, Command::Bye { leg: LEG });
    world.run(50);
    world.events(PHONE);
    world.command(PHONE, call("bob"));
    world.run(50);
    assert_eq!(world.words(PHONE), ["failed 401"], "the flow is ann's, not bob's");
}

#[test]
fn a_phone_that_proves_its_password_may_call_unregistered() {
    let mut world = world();
    let invite = |number: u32, more: &str| {
        format!(
            "INVITE sip:4711@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.20;rport;branch=z9hG4bKp{number}\r\n\
             From: <sip:ann@10.0.0.1>;tag=p\r\nTo: <sip:4711@10.0.0.1>\r\nCall-ID: p\r\nCSeq: {number} INVITE\r\n\
             Contact: <sip:ann@10.0.0.20>\r\n{more}\r\n"
        )
    };
    let challenge = world.shout(address(20), &invite(1, ""))[0].raw();
    for (number, password, label) in [(2, "guess", "403 INVITE"), (3, "pw", "100 INVITE")] {
        let challenges = challenge.headers.all("WWW-Authenticate");
        let answer = crate::auth::answer(challenges, "ann", password, "INVITE", "sip:4711@10.0.0.1", "c");
        let more = format!("Authorization: {}\r\n", answer.expect("an answer"));
        assert_eq!(world.shout(address(20), &invite(number, &more))[0].label(), label);
    }
    assert_eq!(world.words(DAEMON), ["refused credentials of ann (known) 10.0.0.20:5060", "incoming 4711"]);
}

#[test]
fn a_phone_known_before_a_restart_can_be_called() {
    let mut world = world();
    let binding = binding("sip:ann@192.168.1.1", Flow::udp(address(20)));
    world.command(DAEMON, Command::RestoreBindings { user: "ann".to_owned(), bindings: vec![binding] });
    world.command(DAEMON, call_phone(LEG));
    assert_eq!(world.log[0].destination, address(20));
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.run(61_000);
    assert!(world.words(DAEMON).contains(&"unregistered ann".to_owned()));
}

#[test]
fn a_registration_survives_a_lossy_wire() {
    for seed in 1..=30 {
        let mut world = world();
        world.random = seed * 104_729;
        world.faults = Faults { lost: 200, doubled: 200, delayed: 300, seed };
        world.command(PHONE, register("ann", "pw"));
        world.run(90_000);
        let words = world.words(DAEMON);
        assert!(words.iter().all(|word| word == "registered ann"), "seed {seed}: {words:?}");
        assert!(!words.is_empty(), "seed {seed}");
    }
}

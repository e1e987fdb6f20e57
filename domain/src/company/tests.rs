//! What a company is like after a change, and which changes are refused in which words.
//! Nothing here is stored: these are values.

use super::*;
use crate::announcement::{Announcements, Language, Text};
use crate::queue::{Answer, Channel, Strategy, Unserved};
use crate::time::{Span, Timestamp};
use serde_json::json;

const MD5: &str = "a62fb9ef10d4df071bab4f37fd70eb58";
const SHA256: &str = "f8834154d062101614d6a82b8c5d760acd5aa64b41dd8ac7f0e62d0ad4c85993";

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn queue(name: &str) -> QueueEntry {
    QueueEntry { name: name.to_owned(), ..QueueEntry::default() }
}

fn agent(login_name: &str) -> AgentEntry {
    AgentEntry { login_name: login_name.to_owned(), password_hash: Some(secret("hash")), ..AgentEntry::default() }
}

fn with_phone(login_name: &str, phone: &str) -> AgentEntry {
    let (phone_ha1_md5, phone_ha1_sha256) = (Some(secret(MD5)), Some(secret(SHA256)));
    AgentEntry { phone: text(phone), phone_ha1_md5, phone_ha1_sha256, ..agent(login_name) }
}

fn number(number: &str, queue: &str) -> NumberEntry {
    NumberEntry { number: number.to_owned(), queue: queue.to_owned() }
}

fn service(token: &str, queue: &str) -> ServiceEntry {
    ServiceEntry { token: token.to_owned(), queue: queue.to_owned(), ..ServiceEntry::default() }
}

fn trunk(name: &str) -> TrunkEntry {
    TrunkEntry { name: name.to_owned(), ..TrunkEntry::default() }
}

fn hashed() -> Option<TrunkSecret> {
    Some(TrunkSecret::Hashed { ha1_md5: secret(MD5), ha1_sha256: secret(SHA256) })
}

fn password(password: &str) -> Option<TrunkSecret> {
    Some(TrunkSecret::Password { password: secret(password) })
}

fn by_password(name: &str, user: &str) -> TrunkEntry {
    TrunkEntry { user: text(user), secret: hashed(), ..trunk(name) }
}

fn registered(name: &str) -> TrunkEntry {
    TrunkEntry { registrar: text("sip.example.com"), user: text("0301234"), secret: password("p"), ..trunk(name) }
}

fn from_address(name: &str) -> TrunkEntry {
    TrunkEntry { address: Some(vec!["192.0.2.0/24".to_owned()]), ..trunk(name) }
}

fn put(entry: QueueEntry) -> Change {
    Change::PutQueue(entry)
}

/// A company with one of each thing.
fn company() -> Company {
    Company::new(CompanyId(1), "Beispiel GmbH").unwrap().change(&one_of_each(), &Outside::default()).unwrap()
}

fn one_of_each() -> Vec<Change> {
    vec![
        put(QueueEntry { overflow: text("Sales"), ..queue("Support") }),
        put(queue("Sales")),
        Change::Company(CompanyEntry { break_reasons: vec!["lunch".to_owned()], ..CompanyEntry::default() }),
        Change::PutAgent(AgentEntry { queues: Some(vec!["Support".to_owned()]), ..with_phone("anna", "anna-phone") }),
        Change::PutNumber(number("4930123", "Support")),
        Change::PutTrunk(by_password("branch", "branch")),
        Change::PutService(service("tok-1", "Sales")),
    ]
}

/// What other companies have.
fn outside() -> Outside {
    let set = |name: &str| BTreeSet::from([name.to_owned()]);
    Outside {
        login_names: set("eve"),
        phones: set("eve-phone"),
        trunk_users: set("their-trunk"),
        numbers: set("4940"),
        tokens: set("their-token"),
        previous_tokens: set("their-old-token"),
        token_hashes: set("their-hash"),
        next: NextIds {
            agent: 20,
            queue: 20,
            break_reason: 20,
            service: 20,
            classification: 20,
            template: 20,
            hours: 20,
            role: 20,
            api_key: 20,
        },
    }
}

fn refused(change: Change) -> String {
    company().change(&[change], &outside()).expect_err("to be refused").to_string()
}

#[test]
fn what_of_a_queue_is_refused() {
    let announcements = |every_s| {
        let (welcome, please_wait) = (Text::default(), Text::default());
        Some(AnnouncementsEntry::These(Announcements {
            language: Language::De,
            welcome,
            please_wait,
            closed: None,
            every_s,
            position: true,
        }))
    };
    for (entry, message) in [
        (queue(""), "queue: the name is empty"),
        (queue(" "), "queue: the name is empty"),
        (queue("a\nb"), "queue a\nb: the name holds a line end or another control character, expected a text without"),
        (
            QueueEntry { push: Some([Channel::Call].into()), ..queue("Q") },
            "queue Q: push: calls always are; expected callback, chat, email or work_item",
        ),
        (QueueEntry { chats_max: Some(0), ..queue("Q") }, "queue Q: chats_max: expected 1 or more"),
        (QueueEntry { ring_s: Some(0), ..queue("Q") }, "queue Q: ring_s: found 0, expected 1 to 600"),
        (QueueEntry { ring_s: Some(601), ..queue("Q") }, "queue Q: ring_s: found 601, expected 1 to 600"),
        (
            QueueEntry { call_wrap_up_s: Some(86_401), ..queue("Q") },
            "queue Q: call_wrap_up_s: found 86401, expected 0 to 86400",
        ),
        (
            QueueEntry { chat_wrap_up_s: Some(86_401), ..queue("Q") },
            "queue Q: chat_wrap_up_s: found 86401, expected 0 to 86400",
        ),
        (
            QueueEntry { announcements: announcements(4), ..queue("Q") },
            "queue Q: announcements: every_s is 4, expected 5 to 3600",
        ),
        (
            QueueEntry { announcements: announcements(3601), ..queue("Q") },
            "queue Q: announcements: every_s is 3601, expected 5 to 3600",
        ),
        (
            QueueEntry { announcements: Some(AnnouncementsEntry::Said(true)), ..queue("Q") },
            "queue Q: announcements: expected { language = \"de\" or \"en\", .. } or false",
        ),
        (
            QueueEntry { overflow: text("R"), ..queue("Q") },
            "queue Q: overflow: there is no queue `R`, expected one of: Q, Sales, Support",
        ),
        (
            QueueEntry { overflow: text("Support"), ..queue("Sales") },
            "queue Support: overflow: what overflows from here would come back in a circle\n\
             queue Sales: overflow: what overflows from here would come back in a circle",
        ),
        (
            QueueEntry { overflow: text("Q"), ..queue("Q") },
            "queue Q: overflow: what overflows from here would come back in a circle",
        ),
    ] {
        assert_eq!(refused(put(entry)), message);
    }
}

#[test]
fn what_of_a_person_is_refused() {
    let nobody = || AgentEntry { password_hash: None, ..agent("bob") };
    let queues = |name: &str| Some(vec![name.to_owned()]);
    let needs_both = "agent bob: phone_password: give phone_ha1_md5 and phone_ha1_sha256 together, in hexadecimal digits, and no \
                      phone_password beside them";
    for (entry, message) in [
        (agent(""), "agent: the name is empty"),
        (agent("eve"), "agent eve: belongs to another company"),
        (nobody(), "agent bob: password: a new agent needs password or password_hash"),
        (with_phone("bob", "anna-phone"), "agent bob: phone: the phone anna-phone belongs to another agent"),
        (with_phone("bob", "eve-phone"), "agent bob: phone: the phone eve-phone belongs to another agent"),
        (with_phone("bob", "branch"), "agent bob: phone: the phone branch is the user of a trunk"),
        (with_phone("bob", "their-trunk"), "agent bob: phone: the phone their-trunk is the user of a trunk"),
        (
            AgentEntry { phone: text("p"), ..agent("bob") },
            "agent bob: phone_password: the phone p needs a phone_password to register",
        ),
        (
            AgentEntry { phone: text("p"), ..agent("anna") },
            "agent anna: phone_password: the phone p needs a phone_password to register",
        ),
        (
            AgentEntry { phone_ha1_md5: Some(secret(MD5)), phone_ha1_sha256: Some(secret(SHA256)), ..agent("bob") },
            "agent bob: phone_password: only with a phone",
        ),
        (
            with_phone("bob", "sip:bob@192.0.2.1"),
            "agent bob: phone_password: a phone with a fixed `sip:` URI doesn't register",
        ),
        (AgentEntry { phone_ha1_sha256: None, ..with_phone("bob", "p") }, needs_both),
        (AgentEntry { phone_ha1_md5: Some(secret("A62F")), ..with_phone("bob", "p") }, needs_both),
        (
            AgentEntry { queues: queues("R"), ..agent("bob") },
            "agent bob: queues: there is no queue `R`, expected one of: Sales, Support",
        ),
        (
            AgentEntry { skills: [("R".to_owned(), 1)].into(), ..agent("bob") },
            "agent bob: skills: there is no queue `R`, expected one of: Sales, Support",
        ),
    ] {
        assert_eq!(refused(Change::PutAgent(entry)), message);
    }
}

#[test]
fn what_of_a_number_or_a_chat_service_is_refused() {
    let until = || text("2027-01-31T00:00:00Z");
    let renewed = |previous: &str| ServiceEntry {
        previous_token: text(previous),
        previous_token_until: until(),
        ..service("t", "Sales")
    };
    let of_number = [
        (number("", "Sales"), "number: the name is empty"),
        (number("1", "R"), "number 1: queue: there is no queue `R`, expected one of: Sales, Support"),
        (number("4940", "Sales"), "number 4940: belongs to another company"),
    ];
    for (entry, message) in of_number {
        assert_eq!(refused(Change::PutNumber(entry)), message);
    }
    let before = "chat_service t: another chat service had its token, or its previous_token, before";
    for (entry, message) in [
        (service("", "Sales"), "chat_service: the name is empty"),
        (service("t", "R"), "chat_service t: queue: there is no queue `R`, expected one of: Sales, Support"),
        (service("their-token", "Sales"), "chat_service their-token: belongs to another company"),
        (renewed("their-token"), "chat_service t: belongs to another company"),
        (renewed("their-old-token"), before),
        (renewed("t"), "chat_service t: previous_token: it is the token itself"),
        (
            ServiceEntry { identify_key: Some(secret("too short")), ..service("t", "Sales") },
            "chat_service t: identify_key: the key is too short, expected 32 characters or more",
        ),
        (
            ServiceEntry { telephone: text("call us"), ..service("t", "Sales") },
            "chat_service t: telephone: expected 6 to 20 digits, as in \"+49 30 123456\"",
        ),
        (
            ServiceEntry { previous_token_until: None, ..renewed("old") },
            "chat_service t: previous_token_until: needed beside a previous_token, as \"2027-01-31T00:00:00Z\"",
        ),
        (
            ServiceEntry { previous_token_until: text("soon"), ..renewed("old") },
            "chat_service t: previous_token_until: expected a time as \"2027-01-31T00:00:00Z\"",
        ),
        (
            ServiceEntry { previous_token_until: until(), ..service("t", "Sales") },
            "chat_service t: previous_token_until: only with a previous_token",
        ),
    ] {
        assert_eq!(refused(Change::PutService(entry)), message);
    }
    let second = company().change(&[Change::PutService(service("t", "Sales"))], &outside()).unwrap();
    let taken = second.change(&[Change::PutService(renewed("tok-1"))], &outside()).unwrap_err();
    assert_eq!(taken.to_string(), "chat_service t: previous_token: another chat service has it");
}

#[test]
fn what_of_a_trunk_is_refused() {
    let place = "found `sip:example.com`, expected a host name or an IP address, perhaps with a port, such as \
                 sip.example.com or 192.0.2.1:5070";
    let text_wanted = "expected a text without quotes, backslashes and line ends";
    for (entry, message) in [
        (trunk("t"), "address: expected address, or user and password, or registrar with user and password".to_owned()),
        (
            TrunkEntry { address: Some(vec!["192.0.2.1".to_owned(), "192.0.2.0/33".to_owned()]), ..trunk("t") },
            "address: found `192.0.2.0/33`, expected an IP address or a network such as 192.0.2.0/24".to_owned(),
        ),
        (
            TrunkEntry { user: text("u"), secret: hashed(), ..from_address("t") },
            "user: give address or user, not both: calls from an address need no password".to_owned(),
        ),
        (TrunkEntry { user: text("u"), ..trunk("t") }, "password: the user `u` needs a password".to_owned()),
        (TrunkEntry { user: text(""), ..registered("t") }, format!("user: {text_wanted}")),
        (TrunkEntry { login: text("a\"b"), ..registered("t") }, format!("login: {text_wanted}")),
        (TrunkEntry { secret: password("p\n"), ..registered("t") }, format!("password: {text_wanted}")),
        (TrunkEntry { secret: hashed(), ..from_address("t") }, "password: only with a user".to_owned()),
        (by_password("t", "anna-phone"), "user: `anna-phone` belongs to a phone or to another trunk".to_owned()),
        (by_password("t", "branch"), "user: `branch` belongs to a phone or to another trunk".to_owned()),
        (by_password("t", "their-trunk"), "user: `their-trunk` belongs to a phone or to another trunk".to_owned()),
        (by_password("t", "eve-phone"), "user: `eve-phone` belongs to a phone or to another trunk".to_owned()),
        (
            TrunkEntry { secret: hashed(), ..registered("t") },
            "password: give ha1_md5 and ha1_sha256 together, in hexadecimal digits, and only for a user who proves a password to us"
                .to_owned(),
        ),
        (
            TrunkEntry { registrar: text("sip.example.com"), ..trunk("t") },
            "registrar: needs user and password".to_owned(),
        ),
        (TrunkEntry { secret: None, ..registered("t") }, "password: the user `0301234` needs a password".to_owned()),
        (TrunkEntry { registrar: text("sip:example.com"), ..registered("t") }, format!("registrar: {place}")),
        (TrunkEntry { server: text("sip:example.com"), ..from_address("t") }, format!("server: {place}")),
        (TrunkEntry { server: text("b"), ..registered("t") }, "server: give registrar or server, not both".to_owned()),
        (TrunkEntry { expires_s: Some(59), ..registered("t") }, "expires_s: found 59, expected 60 to 86400".to_owned()),
        (
            TrunkEntry { expires_s: Some(86_401), ..registered("t") },
            "expires_s: found 86401, expected 60 to 86400".to_owned(),
        ),
        (
            TrunkEntry { probe_s: Some(3601), ..registered("t") },
            "probe_s: found 3601, expected 0 for never, or 1 to 3600".to_owned(),
        ),
        (
            TrunkEntry { probe_s: Some(60), ..from_address("t") },
            "probe_s: only with a registrar or a server".to_owned(),
        ),
        (
            TrunkEntry { transport: Some(TrunkTransport::Tcp), ..from_address("t") },
            "transport: only with a registrar or a server".to_owned(),
        ),
        (TrunkEntry { expires_s: Some(60), ..from_address("t") }, "expires_s: only with a registrar".to_owned()),
        (TrunkEntry { login: text("l"), ..from_address("t") }, "login: only with a registrar".to_owned()),
    ] {
        assert_eq!(refused(Change::PutTrunk(entry)), format!("trunk t: {message}"));
    }
}

#[test]
fn all_that_is_wrong_with_a_set_of_changes_is_said_at_once_in_its_order() {
    let changes = [
        Change::Company(CompanyEntry { break_reasons: vec!["a\tb".to_owned()], ..CompanyEntry::default() }),
        put(QueueEntry { push: Some([Channel::Call].into()), chats_max: Some(0), ..queue("Q") }),
        put(QueueEntry { overflow: text("R"), ..queue("Q2") }),
        put(QueueEntry { overflow: text("Support"), ..queue("Sales") }),
        // What refers to a queue that is refused for something else is right.
        Change::PutNumber(number("1", "Q")),
        Change::PutNumber(number("2", "R")),
        Change::PutAgent(AgentEntry {
            password_hash: None,
            phone: text("p"),
            queues: Some(vec!["R".to_owned(), "Q".to_owned(), "S".to_owned()]),
            ..agent("bob")
        }),
        Change::PutTrunk(TrunkEntry {
            address: Some(vec!["nowhere".to_owned(), "192.0.2.0/33".to_owned()]),
            server: text("a..b"),
            probe_s: Some(9999),
            ..trunk("t")
        }),
        Change::PutService(ServiceEntry { telephone: text("call us"), ..service("t", "R") }),
        Change::Remove(Thing::Agent("zoe".to_owned())),
    ];
    let Refusals(refused) = company().change(&changes, &outside()).unwrap_err();
    let places: Vec<_> = refused.iter().map(|one| (one.kind.as_str(), one.name.as_str(), one.place())).collect();
    assert_eq!(
        places,
        [
            ("queue", "Q", Some("push")),
            ("queue", "Q", Some("chats_max")),
            ("break reason", "a\tb", Some("name")),
            ("queue", "Q2", Some("overflow")),
            ("number", "2", Some("queue")),
            ("agent", "bob", Some("password")),
            ("agent", "bob", Some("phone_password")),
            ("agent", "bob", Some("queues")),
            ("agent", "bob", Some("queues")),
            ("trunk", "t", Some("address")),
            ("trunk", "t", Some("address")),
            ("trunk", "t", Some("server")),
            ("trunk", "t", Some("probe_s")),
            ("chat_service", "t", Some("queue")),
            ("chat_service", "t", Some("telephone")),
            ("agent", "zoe", None),
            ("queue", "Support", Some("overflow")),
            ("queue", "Sales", Some("overflow")),
        ],
        "{}",
        Refusals(refused.clone())
    );
    assert_eq!(Refusals(refused).to_string().lines().count(), 18, "a line for each");
}

#[test]
fn what_is_left_out_stays_and_what_is_said_holds() {
    let announcements = Announcements {
        language: Language::En,
        welcome: Text::BuiltIn(false),
        please_wait: Text::File("/srv/wait.wav".to_owned()),
        closed: None,
        every_s: 30,
        position: true,
    };
    let full = QueueEntry {
        exclusive: Some(true),
        ring_s: Some(15),
        call_wrap_up_s: Some(0),
        chat_wrap_up_s: Some(90),
        strategy: Some(Strategy::Skill),
        push: Some([Channel::Chat].into()),
        waiting_max: Some(9),
        wait_max_s: Some(600),
        overflow: text("Sales"),
        unserved: Some(Unserved::Refuse),
        chats_max: Some(4),
        answer: Some(Answer::WithAgent),
        music: text("/srv/song.wav"),
        head_start_s: Some(HeadStartEntry {
            call: Some(HeadStart::Seconds(60)),
            chat: Some(HeadStart::Strict(Strict::Strict)),
            ..HeadStartEntry::default()
        }),
        announcements: Some(AnnouncementsEntry::These(announcements)),
        ..queue("Support")
    };
    let set = company().change(&[put(full)], &outside()).unwrap();
    let again = set.change(&[put(queue("Support"))], &outside()).unwrap();
    assert_eq!(again, set, "what is left out stays");
    let support = &set.queues[0];
    assert_eq!(
        (support.id, support.ring, support.wait_max),
        (QueueId(1), Some(Span::seconds(15)), Some(Span::seconds(600)))
    );
    let starts = support.head_starts.unwrap();
    assert_eq!((starts.call, starts.chat, starts.work_item), (Some(Span::seconds(60)), None, Some(Span::ZERO)));

    let back = QueueEntry {
        music: text(""),
        overflow: text(""),
        announcements: Some(AnnouncementsEntry::Said(false)),
        ..queue("Support")
    };
    let back = company().change(&[put(back)], &outside()).unwrap().queues.remove(0);
    assert_eq!((back.overflow, back.voice), (None, Voice::default()), "what an empty text takes back");
}

#[test]
fn a_trunk_goes_on_with_what_is_left_out_and_has_defaults_where_it_is_new() {
    let change = |company: &Company, entry| company.change(&[Change::PutTrunk(entry)], &outside()).unwrap();
    let set = change(&company(), registered("provider"));
    let provider = |company: &Company| company.trunks.iter().find(|trunk| trunk.name == "provider").unwrap().clone();
    let ours = |login: &str, expires| TrunkAccount::Ours {
        user: "0301234".to_owned(),
        login: login.to_owned(),
        password: secret("p"),
        expires: Span::seconds(expires),
    };
    assert_eq!((provider(&set).probe, provider(&set).account), (Some(Span::seconds(60)), Some(ours("0301234", 600))));

    let login = TrunkEntry { login: text("me"), expires_s: Some(300), probe_s: Some(0), ..trunk("provider") };
    let set = change(&set, login);
    assert_eq!((provider(&set).probe, provider(&set).account), (None, Some(ours("me", 300))));
    let moved = TrunkEntry { registrar: text("192.0.2.1:5070"), ..trunk("provider") };
    let set = change(&set, moved);
    assert_eq!((provider(&set).probe, provider(&set).account), (None, Some(ours("me", 300))));
    assert_eq!(provider(&set).server, TrunkServer::parse("192.0.2.1:5070", false));

    let other = TrunkEntry { user: text("0309"), ..trunk("provider") };
    let why = set.change(&[Change::PutTrunk(other)], &outside()).unwrap_err();
    assert_eq!(why.to_string(), "trunk provider: password: the user `0309` needs a password");
}

#[test]
fn a_renewed_token_is_another_name_of_the_same_chat_service() {
    let renewal = ServiceEntry {
        previous_token: text("tok-1"),
        previous_token_until: text("2027-01-31T00:00:00Z"),
        ..service("tok-2", "Sales")
    };
    let change = |company: &Company, entry: &ServiceEntry| {
        company.change(&[Change::PutService(entry.clone())], &outside()).unwrap()
    };
    let renewed = change(&company(), &renewal);
    assert_eq!(renewed.services.len(), 1);
    let [service] = renewed.services.as_slice() else { panic!("one") };
    assert_eq!((service.id, service.token.as_str()), (company().services[0].id, "tok-2"));
    assert_eq!(service.previous, Some(("tok-1".to_owned(), Timestamp(1_801_353_600_000))));
    assert_eq!(change(&renewed, &renewal), renewed, "twice is once");
    let ended = change(&renewed, &ServiceEntry { previous_token: text(""), ..self::service("tok-2", "Sales") });
    assert_eq!(ended.services[0].previous, None);
}

#[test]
fn two_people_may_exchange_their_phones_and_queues_may_overflow_into_later_ones() {
    let two = company().change(&[Change::PutAgent(with_phone("bob", "bob-phone"))], &outside()).unwrap();
    let exchanged =
        [Change::PutAgent(with_phone("anna", "bob-phone")), Change::PutAgent(with_phone("bob", "anna-phone"))];
    let exchanged = two.change(&exchanged, &outside()).unwrap();
    let phones: Vec<_> = exchanged.agents.iter().map(|agent| agent.phone.as_ref().unwrap().name()).collect();
    assert_eq!(phones, ["bob-phone", "anna-phone"]);

    let turned = [
        put(QueueEntry { overflow: text("Support"), ..queue("Sales") }),
        put(QueueEntry { overflow: text(""), ..queue("Support") }),
    ];
    let turned = company().change(&turned, &outside()).unwrap();
    assert_eq!((turned.queues[0].overflow, turned.queues[1].overflow), (None, Some(QueueId(1))));
}

#[test]
fn what_a_form_leaves_out_has_its_default_and_what_proves_somebody_stays() {
    let full = QueueEntry {
        ring_s: Some(15),
        overflow: text("Sales"),
        push: Some([Channel::Chat].into()),
        ..queue("Support")
    };
    let skilled = AgentEntry { chats_max: Some(2), skills: [("Support".to_owned(), 7)].into(), ..agent("anna") };
    let login =
        TrunkEntry { login: text("me"), expires_s: Some(300), number: Some(Dialled::To), ..registered("provider") };
    let telephone = ServiceEntry { telephone: text("+49 30 123456"), ..service("tok-1", "Sales") };
    let set = [put(full), Change::PutAgent(skilled), Change::PutTrunk(login), Change::PutService(telephone)];
    let before = company().change(&set, &outside()).unwrap();
    let wholly = |change: Change| before.change(&[change.wholly()], &outside());

    let bare = wholly(put(queue("Support"))).unwrap();
    let nothing = Queue { id: QueueId(1), company: CompanyId(1), name: "Support".to_owned(), ..Queue::default() };
    assert_eq!(bare.queues[0], nothing);

    let kept = AgentEntry { password_hash: None, phone: text("anna-phone"), ..agent("anna") };
    let anna = wholly(Change::PutAgent(kept.clone())).unwrap().agents.remove(0);
    assert_eq!((anna.chats_max, anna.queues.len(), anna.password_hash), (None, 0, secret("hash")));
    assert_eq!(anna.phone, before.agents[0].phone, "whoever has the same phone need not prove it again");
    let without = wholly(Change::PutAgent(AgentEntry { phone: None, ..kept })).unwrap();
    assert_eq!(without.agents[0].phone, None);

    let provider = |company: &Company| company.trunks.iter().find(|trunk| trunk.name == "provider").unwrap().clone();
    let same = wholly(Change::PutTrunk(TrunkEntry { secret: None, ..registered("provider") })).unwrap();
    assert_eq!(
        provider(&same).entry(),
        TrunkEntry {
            expires_s: Some(600),
            probe_s: Some(60),
            transport: Some(TrunkTransport::Udp),
            number: Some(Dialled::default()),
            ..registered("provider")
        }
    );
    let by_address = wholly(Change::PutTrunk(from_address("provider"))).unwrap();
    assert_eq!((provider(&by_address).account, provider(&by_address).server), (None, None));

    assert_eq!(wholly(Change::PutService(service("tok-1", "Sales"))).unwrap().services, company().services);
}

#[test]
fn a_renamed_thing_is_the_same_thing_and_its_new_name_is_its_own() {
    let rename = |thing: Thing, name: &str| Change::Rename { thing, name: name.to_owned() };
    let named = |name: &str| name.to_owned();
    let changes = [
        put(QueueEntry { ring_s: Some(15), ..queue("Help") }),
        rename(Thing::Queue(named("Support")), "Help"),
        rename(Thing::Agent(named("anna")), "anna.ader"),
        rename(Thing::BreakReason(named("lunch")), "dinner"),
    ];
    let after = company().change(&changes, &outside()).unwrap();
    assert_eq!((after.queues[0].id, after.queues[0].ring), (QueueId(1), Some(Span::seconds(15))));
    let words: Vec<String> = differences(Some(&company()), &after).iter().map(Difference::words).collect();
    assert_eq!(
        words,
        [
            "queue Help: changed: name \"Support\" -> \"Help\", ring_s = 15",
            "break reason dinner: changed: name \"lunch\" -> \"dinner\"",
            "agent anna.ader: changed: login_name \"anna\" -> \"anna.ader\", queues [\"Support\"] -> [\"Help\"]",
            "number 4930123: changed: queue \"Support\" -> \"Help\"",
        ]
    );
    for (thing, name, message) in [
        (Thing::Queue(named("Support")), "Sales", "queue Support: name: there is one of this name already"),
        (Thing::Queue(named("R")), "S", "queue R: name: there is none of this name"),
        (Thing::Queue(named("Support")), " ", "queue Support: name: the name is empty"),
        (Thing::Agent(named("anna")), "eve", "agent anna: login_name: belongs to another company"),
        (Thing::Service(named("tok-1")), "their-old-token", "chat_service tok-1: token: belongs to another company"),
        (Thing::Trunk(named("branch")), "b", "trunk branch: name: cannot have another name (make a new one)"),
    ] {
        assert_eq!(refused(rename(thing, name)), message);
    }
}

#[test]
fn a_password_of_ones_own_is_not_what_the_file_gave() {
    let own = Change::Password { login_name: "anna".to_owned(), hash: secret("own") };
    let anna = company().change(&[own], &outside()).unwrap().agents.remove(0);
    assert_eq!((anna.password_hash, anna.applied_password), (secret("own"), Some(secret("hash"))));
    let nobody = Change::Password { login_name: "zoe".to_owned(), hash: secret("own") };
    assert_eq!(refused(nobody), "agent zoe: there is none of this name");
}

#[test]
fn what_is_removed_is_told_of_and_its_id_is_not_given_again() {
    let remove = |thing| Change::Remove(thing);
    let named = |name: &str| name.to_owned();
    let all = [
        remove(Thing::Queue(named("Support"))),
        remove(Thing::Queue(named("Sales"))),
        remove(Thing::Agent(named("anna"))),
        remove(Thing::Number(named("4930123"))),
        remove(Thing::Trunk(named("branch"))),
        remove(Thing::Service(named("tok-1"))),
        remove(Thing::BreakReason(named("lunch"))),
    ];
    let empty = company().change(&all, &outside()).unwrap();
    assert_eq!((empty.queue_name(QueueId(1)), empty.agent_name(AgentId(1))), ("Support", "anna"));
    assert_eq!((empty.successor(QueueId(1)), empty.successor(QueueId(2))), (None, None));
    let nothing = Company { removed: Removed::default(), ..empty.clone() };
    assert_eq!(nothing, Company::new(CompanyId(1), "Beispiel GmbH").unwrap());
    let again = empty.change(&one_of_each(), &outside()).unwrap();
    assert_eq!((again.queues[0].id, again.agents[0].id), (QueueId(20), AgentId(20)));

    for (thing, message) in [
        (
            Thing::Queue(named("Support")),
            "queue Support: is still used by number 4930123 (change or remove them first)",
        ),
        (
            Thing::Queue(named("Sales")),
            "queue Sales: is still used by queue Support, chat_service tok-1 (change or remove them first)",
        ),
        (Thing::Queue(named("R")), "queue R: there is none of this name"),
        (Thing::Agent(named("eve")), "agent eve: there is none of this name"),
        (Thing::Number(named("4940")), "number 4940: there is none of this name"),
        (Thing::Trunk(named("t")), "trunk t: there is none of this name"),
        (Thing::Service(named("their-token")), "chat_service their-token: there is none of this name"),
        (Thing::BreakReason(named("tea")), "break reason tea: there is none of this name"),
    ] {
        assert_eq!(refused(remove(thing)), message);
    }
}

#[test]
fn an_agent_serves_a_removed_queue_no_more() {
    let changes =
        [Change::Remove(Thing::Queue("Support".to_owned())), Change::Remove(Thing::Number("4930123".to_owned()))];
    let without = company().change(&changes, &outside()).unwrap();
    assert_eq!(without.agents[0].queues, BTreeMap::new());
    assert_eq!(without.successor(QueueId(1)), Some(QueueId(2)), "what still waits there goes on where it overflowed");
    let words: Vec<String> = differences(Some(&company()), &without).iter().map(Difference::words).collect();
    assert_eq!(
        words,
        ["queue Support: removed", "agent anna: changed: queues [\"Support\"] -> []", "number 4930123: removed"]
    );
}

#[test]
fn an_entry_makes_the_same_thing_anew() {
    let before = company().change(&[Change::PutTrunk(registered("provider"))], &outside()).unwrap();
    let entries = before
        .queues
        .iter()
        .map(|queue| put(queue.entry(&before)))
        .chain([Change::Company(before.entry())])
        .chain(before.agents.iter().map(|agent| Change::PutAgent(agent.entry(&before))))
        .chain(before.numbers.iter().map(|number| Change::PutNumber(number.entry(&before))))
        .chain(before.trunks.iter().map(|trunk| Change::PutTrunk(trunk.entry())))
        .chain(before.services.iter().map(|service| Change::PutService(service.entry(&before))));
    let entries: Vec<Change> = entries.collect();
    let fresh = Company::new(CompanyId(1), "Beispiel GmbH").unwrap();
    assert_eq!(fresh.change(&entries, &Outside::default()).unwrap(), before);
    assert_eq!(before.change(&entries, &outside()).unwrap(), before, "and applied to itself it changes nothing");
}

#[test]
fn differences_name_each_thing_once_and_mask_what_is_secret() {
    let told = |before: Option<&Company>, after: &Company| -> Vec<String> {
        differences(before, after).iter().map(ToString::to_string).collect()
    };
    let new = [
        "company Beispiel GmbH: new",
        "queue Support: new",
        "queue Sales: new",
        "break reason lunch: new",
        "agent anna: new",
        "number 4930123: new",
        "trunk branch: new",
        "chat_service tok-1: new",
    ];
    assert_eq!(told(None, &company()), new);
    assert_eq!(told(Some(&company()), &company()), [] as [&str; 0]);

    let other = AgentEntry { password_hash: Some(secret("another hash")), ..agent("anna") };
    let changes = [
        Change::PutAgent(other),
        put(QueueEntry { ring_s: Some(15), exclusive: Some(true), ..queue("Sales") }),
        Change::Activate { login_name: "anna".to_owned(), active: false },
        Change::PutTrunk(registered("provider")),
    ];
    let after = company().change(&changes, &outside()).unwrap();
    let found = differences(Some(&company()), &after);
    let words: Vec<String> = found.iter().map(Difference::words).collect();
    assert_eq!(words[0], "queue Sales: changed: exclusive false -> true, ring_s = 15");
    assert_eq!(words[1], "agent anna: changed: active true -> false, password_hash is another");
    assert_eq!(json!([found[1].from, found[1].to])[0]["password_hash"], "(secret)");
    let all = format!("{:?} {:?}", differences(None, &after), differences(Some(&after), &Company::default()));
    for secret in ["\"hash\"", "another hash", MD5, SHA256, "\"p\""] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn machines_are_told_the_companys_word_and_else_the_daemons() {
    let defaults = Defaults {
        agent: crate::agent::Settings { chats_max: 3, browser_grace: Span::seconds(60), ..Default::default() },
        queue: crate::queue::Settings {
            ring: Span::seconds(20),
            call_wrap_up: Span::seconds(30),
            ..Default::default()
        },
        chat: crate::chat::Settings {
            wrap_up: Span::seconds(60),
            visitor_grace: Span::seconds(120),
            ..Default::default()
        },
    };
    let said = QueueEntry {
        exclusive: Some(true),
        ring_s: Some(15),
        chat_wrap_up_s: Some(0),
        wait_max_s: Some(600),
        chats_max: Some(1),
        answer: Some(Answer::WithAgent),
        ..queue("Support")
    };
    let fixed = AgentEntry { phone: text("sip:bob@192.0.2.1"), chats_max: Some(5), ..agent("bob") };
    let company = company().change(&[put(said), Change::PutAgent(fixed)], &outside()).unwrap();
    let (support, sales) =
        (company.queue_settings(QueueId(1), &defaults), company.queue_settings(QueueId(2), &defaults));
    assert_eq!((support.ring, support.call_wrap_up), (Span::seconds(15), Span::seconds(30)));
    assert_eq!((support.wait_max, support.answer), (Some(Span::seconds(600)), Answer::WithAgent));
    assert_eq!(support.overflow.map(|to| (to.queue, to.chat.wrap_up)), Some((QueueId(2), Span::seconds(60))));
    assert_eq!(sales, defaults.queue);
    let chat = company.chat_settings(QueueId(1), &defaults);
    assert_eq!((chat.exclusive, chat.wrap_up, chat.visitor_grace), (true, Span::ZERO, Span::seconds(120)));
    let [anna, bob] = [0, 1].map(|at| company.agent_settings(&company.agents[at], &defaults));
    assert_eq!((anna.chats_max, anna.phone_registers, anna.browser_grace), (3, true, Span::seconds(60)));
    assert_eq!((bob.chats_max, bob.phone_registers), (5, false));
    assert_eq!(bob.chats_max_in, BTreeMap::from([(QueueId(1), 1)]));

    let removed =
        [Change::Remove(Thing::Queue("Support".to_owned())), Change::Remove(Thing::Number("4930123".to_owned()))];
    let removed = company.change(&removed, &outside()).unwrap().queue_settings(QueueId(1), &defaults);
    assert_eq!((removed.wait_max, removed.overflow.map(|to| to.queue)), (Some(Span::ZERO), Some(QueueId(2))));
}

#[test]
fn whoever_can_have_chats_counts_for_the_licence_and_those_who_came_last_are_beyond_it() {
    let served = || Some(vec!["Sales".to_owned()]);
    let person = |name: &str, more: AgentEntry| {
        Change::PutAgent(AgentEntry { login_name: name.to_owned(), password_hash: Some(secret("hash")), ..more })
    };
    let serves = || AgentEntry { queues: served(), ..AgentEntry::default() };
    let people = [
        person("cleo", serves()),
        person("dora", AgentEntry { voice_only: Some(true), ..serves() }),
        person("emil", AgentEntry { chats_max: Some(0), ..serves() }),
        person("fred", AgentEntry { active: Some(false), ..serves() }),
        person("gina", AgentEntry::default()),
        person("hugo", AgentEntry { chats_max: Some(1), ..serves() }),
    ];
    let company = company().change(&people, &outside()).unwrap();
    let names =
        |ids: BTreeSet<AgentId>| ids.into_iter().map(|id| company.agent_name(id).to_owned()).collect::<Vec<_>>();
    let before = names(company.chat_agents(3));
    assert_eq!(before.iter().filter(|name| ["cleo", "hugo"].contains(&name.as_str())).count(), 2, "{before:?}");
    assert!(!before.iter().any(|name| ["dora", "emil", "fred", "gina"].contains(&name.as_str())), "{before:?}");
    let all = u32::try_from(before.len()).unwrap();
    assert_eq!(names(company.beyond_licence(all, 3)), [] as [&str; 0]);
    assert_eq!(names(company.beyond_licence(all - 1, 3)), ["hugo"], "who came last");
    assert_eq!(names(company.beyond_licence(0, 3)), before);
    assert_eq!(names(company.chat_agents(0)), ["hugo"], "by the daemon's own maximum nobody else has any");
}

fn role(name: &str) -> RoleEntry {
    RoleEntry { name: name.to_owned(), ..RoleEntry::default() }
}

fn has(login_name: &str, roles: &[&str]) -> Change {
    let role = Some(roles.iter().map(|role| (*role).to_owned()).collect());
    Change::PutAgent(AgentEntry { role, ..agent(login_name) })
}

#[test]
fn what_of_a_role_is_refused() {
    for (change, why) in [
        (
            Change::PutRole(RoleEntry { lines: Some(Level::Change), ..role("Phones") }),
            "role Phones: lines: expected one of: none, read",
        ),
        (
            Change::PutRole(RoleEntry { company: Some(Level::ReadQueues), ..role("Half") }),
            "role Half: company: expected one of: none, read, change",
        ),
        (
            Change::PutRole(role("agent")),
            "role agent: name: is a role that every company has (copy it under another name, and change that)",
        ),
        (
            Change::Remove(Thing::Role("supervisor".to_owned())),
            "role supervisor: is a role that every company has (copy it under another name, and change that)",
        ),
        (Change::PutRole(role("")), "role: the name is empty"),
        (
            has("anna", &["agent", "Leads"]),
            "agent anna: role: there is no role `Leads`, expected some of: administrator, agent, supervisor",
        ),
    ] {
        assert_eq!(refused(change.clone()), why, "{change:?}");
    }
}

#[test]
fn a_role_that_somebody_has_stays_and_keeps_its_people_under_another_name() {
    let named = |name: &str| Thing::Role(name.to_owned());
    let leads =
        [Change::PutRole(RoleEntry { work: Some(Level::Read), ..role("Leads") }), has("anna", &["agent", "Leads"])];
    let company = company().change(&leads, &outside()).unwrap();
    let used = company.change(&[Change::Remove(named("Leads"))], &outside()).unwrap_err();
    assert_eq!(used.to_string(), "role Leads: is still used by agent anna (change or remove them first)");
    let renamed = Change::Rename { thing: named("Leads"), name: "Heads".to_owned() };
    let company = company.change(&[renamed], &outside()).unwrap();
    let anna = &company.agents[0];
    assert_eq!(anna.entry(&company).role, Some(vec!["agent".to_owned(), "Heads".to_owned()]));
    assert_eq!(company.rights(&anna.roles).reads(Area::Work), Some(Scope::All));
    let both = [has("anna", &[]), Change::Remove(named("Heads"))];
    let company = company.change(&both, &outside()).unwrap();
    assert_eq!(company.agents[0].entry(&company).role, Some(vec!["agent".to_owned()]), "nobody is without a role");
}

#[test]
fn a_key_gives_no_more_than_it_has_and_makes_no_keys_at_all() {
    let key = |name: &str, roles: &[&str], digit: &str| {
        Change::PutApiKey(ApiKeyEntry {
            name: name.to_owned(),
            token_hash: Some(secret(&digit.repeat(64))),
            roles: Some(roles.iter().map(|role| (*role).to_owned()).collect()),
            until: Some("2027-12-31".to_owned()),
            ..ApiKeyEntry::default()
        })
    };
    let changes = [
        Change::PutRole(RoleEntry { company: Some(Level::Change), ..role("Staff office") }),
        has("anna", &["agent", "Staff office"]),
        has("chief", &["administrator"]),
        key("staff", &["agent", "Staff office"], "1"),
    ];
    let company = company().change(&changes, &outside()).unwrap();
    let may = |editor: Editor<'_>, change: Change| {
        let after = company.change(&[change], &outside()).unwrap();
        company.lets(editor, &after).map_err(|refused| refused.to_string())
    };
    let (anna, staff) = (Editor::Agent("anna"), Editor::ApiKey("staff"));
    let more = "lets them do more than you may yourself (ask somebody who may)";
    assert_eq!(may(anna, key("all", &["administrator"], "2")), Err(format!("api_key all: roles: {more}")));
    assert_eq!(may(anna, key("some", &["agent"], "2")), Ok(()));
    assert_eq!(may(staff, put(queue("New"))), Ok(()));
    assert_eq!(may(staff, has("anna", &["supervisor"])), Err(format!("agent anna: role: {more}")));
    for change in [key("some", &["agent"], "2"), key("staff", &["agent"], "1")] {
        let refused = may(staff, change).unwrap_err();
        assert!(refused.contains("an API key makes and changes no API keys"), "{refused}");
    }
}

#[test]
fn nobody_gives_more_than_they_have_and_somebody_remains_who_may_change_the_company() {
    let people = [
        Change::PutRole(RoleEntry { company: Some(Level::Change), ..role("Staff office") }),
        has("anna", &["agent", "Staff office"]),
        has("chief", &["administrator"]),
        has("ben", &["agent"]),
    ];
    let company = company().change(&people, &outside()).unwrap();
    let may = |author: &str, changes: &[Change]| {
        let after = company.change(changes, &outside()).unwrap();
        company.lets(Editor::Agent(author), &after).map_err(|refused| refused.to_string())
    };
    let more = "lets them do more than you may yourself (ask somebody who may)";
    let strong = || Change::PutRole(RoleEntry { audit: Some(Level::Read), ..role("Strong") });
    assert_eq!(may("anna", &[has("ben", &["supervisor"])]), Err(format!("agent ben: role: {more}")));
    assert_eq!(may("anna", &[has("anna", &["administrator"])]), Err(format!("agent anna: role: {more}")));
    assert_eq!(may("anna", &[strong()]), Err(format!("role Strong: {more}")));
    assert_eq!(may("anna", &[has("ben", &["agent", "Staff office"]), put(queue("New"))]), Ok(()));
    assert_eq!(may("chief", &[strong(), has("ben", &["supervisor", "Strong"])]), Ok(()));
    let password = |login_name: &str| Change::Password { login_name: login_name.to_owned(), hash: secret("another") };
    let theirs = "they may do more than you: only they themselves, or somebody who may as much, set their password";
    assert_eq!(may("anna", &[password("chief")]), Err(format!("agent chief: password: {theirs}")));
    assert_eq!((may("anna", &[password("ben")]), may("anna", &[password("anna")])), (Ok(()), Ok(())));
    assert_eq!(may("chief", &[password("anna")]), Ok(()));
    assert_eq!(may("ben", &[Change::Password { login_name: "ben".to_owned(), hash: Secret::default() }]), Ok(()));

    let idle = |login_name: &str| Change::Activate { login_name: login_name.to_owned(), active: false };
    assert_eq!(may("chief", &[idle("anna")]), Ok(()));
    let nobody = may("chief", &[idle("anna"), Change::Remove(Thing::Agent("chief".to_owned()))]).unwrap_err();
    assert!(nobody.contains("nobody who works here could change the company any more"), "{nobody}");
}

//! The rows on a real file: what a company file changes, and what is refused.
//! Never waits by the clock: a test waits for a commit, or for a thread to end.

mod erase;
mod kills;
mod replay;
mod snapshots;
pub mod story;
pub mod verify;
mod versions;

use domain::announcement::{Announcements, Language, Text};
use domain::company::Role;
use domain::company::{Change, Difference, differences};
use domain::id::{AgentId, ChatId, CompanyId};
use domain::queue::{Answer, Strategy};
use domain::time::{Span, Timestamp};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;
use vorrang::store::{
    ActorNumber, Append, Application, Author, ChangedPasswords, CompanyFile, Dialled, Hashed as _, Offline, Phone,
    PhoneBinding, Secret, Store, StoreError, TrunkAccount, TrunkRow, TrunkServer, Voice,
};

/// Longer than any test takes; only a test that hangs sees it.
const PATIENCE: Duration = Duration::from_secs(60);
const COMPANY: CompanyId = CompanyId(1);

#[test]
fn phones_are_found_where_they_were_last_in_their_order_and_no_longer_than_they_said() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let phone = |number: u32, expires_at: u64| PhoneBinding {
        contact: format!("sip:ann@192.168.1.{number};transport=tcp"),
        transport: "TCP".to_owned(),
        local: (number > 1).then(|| "192.0.2.1:5060".parse().unwrap()),
        source: "[2001:db8::9]:40000".parse().unwrap(),
        way_transport: if number > 1 { "UDP" } else { "TCP" }.to_owned(),
        way: "[2001:db8::9]:5070".parse().unwrap(),
        path: (0..number).map(|hop| format!("<sip:{hop}.example;lr>")).collect(),
        instance: (number > 1).then(|| "\"<urn:uuid:1>\"".to_owned()),
        reg_id: (number > 1).then_some(number),
        call_id: format!("call {number}"),
        cseq: 0x7fff_ffff - number,
        expires_at: Timestamp(expires_at),
        registered_at: (number > 1).then_some(Timestamp(expires_at - 500)),
        user_agent: (number > 1).then(|| format!("Desk {number}")),
    };
    let registered = |store: &Store, at| store.phones_registered(Timestamp(at)).unwrap();
    let (one, two, three) = (phone(1, 1_000), phone(2, 3_000), phone(3, 2_000));
    drop(store.phones_moved("ann", vec![one.clone()]));
    drop(store.phones_moved("ann", vec![three.clone(), one.clone(), two.clone()]));
    drop(store.phones_moved("ben", vec![one.clone()]));
    store.flush(PATIENCE).unwrap();
    drop(store);
    let store = open(directory.path());
    let all = registered(&store, 999);
    assert_eq!(all.keys().collect::<Vec<_>>(), ["ann", "ben"]);
    assert_eq!(all["ann"], [three.clone(), one, two.clone()]);
    assert_eq!(registered(&store, 1_000)["ann"], [three, two]);
    drop(store.phones_moved("ann", vec![]));
    store.flush(PATIENCE).unwrap();
    assert_eq!(registered(&store, 0).keys().collect::<Vec<_>>(), ["ben"]);
}

#[test]
fn a_company_file_applied_twice_changes_nothing_the_second_time() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let changes = store.apply(&company(COMPANY_FILE), "vorrang").unwrap();
    assert_eq!(
        told(&changes),
        [
            "company Beispiel GmbH: new",
            "queue Support: new",
            "queue Sales: new",
            "agent anna: new",
            "agent rosa: new",
            "number 4930123: new",
            "trunk provider: new",
            "chat_service tok-1: new",
        ]
    );
    assert_eq!(told(&store.apply(&company(COMPANY_FILE), "vorrang").unwrap()), [] as [&str; 0]);

    let id = store.companies().unwrap()[0].id;
    let floor = store.floor(id).unwrap().unwrap();
    let anna = &floor.agents[0];
    assert_eq!(store.agent_by_login("anna").wait().unwrap().as_ref(), Some(anna));
    assert!(anna.password_hash.matches("secret-door") && !anna.password_hash.matches("Secret-door"));
    assert_eq!((&anna.roles, anna.chats_max, anna.queues.len()), (&[Role::AGENT].into(), Some(2), 2));
    let Some(Phone::Registers { user, ha1_md5, .. }) = &anna.phone else { panic!("{:?}", anna.phone) };
    assert_eq!((user.as_str(), ha1_md5.0.as_str()), ("anna-phone", "a62fb9ef10d4df071bab4f37fd70eb58"));
    assert_eq!(floor.agents[1].phone, Some(Phone::Fixed { uri: "sip:rosa@192.0.2.7:5070".to_owned() }));
    assert_eq!(floor.queues[0].ring, Some(Span::seconds(15)));
    assert_eq!((floor.queues[0].exclusive, floor.queues[1].exclusive), (false, true));
    assert_eq!(store.service_by_token("tok-1", Timestamp(0)).wait().unwrap().as_ref(), floor.services.first());
    assert_eq!(floor.numbers[0].queue, floor.queues[0].id);
    assert!(!format!("{floor:?}").contains("argon2id"));

    let other = company("[company]\nname = \"Beispiel GmbH\"\n[[agent]]\nlogin_name = \"anna\"\nqueues = [\"Sales\"]");
    assert_eq!(told(&store.apply(&other, "vorrang").unwrap()), ["agent anna: changed"]);
    let floor = store.floor(id).unwrap().unwrap();
    assert_eq!((floor.agents.len(), floor.agents[0].queues.len()), (2, 1));
}

#[test]
fn a_renewed_token_is_another_name_of_the_same_chat_service_and_the_old_one_has_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let apply = |rest: &str| {
        let file =
            format!("[company]\nname = \"One\"\n[[queue]]\nname = \"Q\"\n[[chat_service]]\nqueue = \"Q\"\n{rest}");
        store.apply(&company(&file), "vorrang").map(|found| words(&found)).map_err(|why| why.to_string())
    };
    let found = |token: &str, at| store.service_by_token(token, at).wait().unwrap().map(|service| service.id);
    let end = Timestamp(1_801_353_600_000);
    let before = Timestamp(end.0 - 1);
    apply("token = \"old\"\ntelephone = \"+49 (0)30 123456\"").unwrap();
    let id = found("old", before);
    assert!(id.is_some());

    let renewal = "token = \"new\"\nprevious_token = \"old\"\nprevious_token_until = \"2027-01-31T00:00:00Z\"";
    let renewed = "chat_service new: changed: previous_token = \"old\", previous_token_until = \
                   \"2027-01-31T00:00:00Z\", token \"old\" -> \"new\"";
    assert_eq!(apply(renewal).unwrap(), [renewed]);
    assert_eq!(apply(renewal).unwrap(), [] as [&str; 0]);
    assert_eq!([found("new", before), found("old", before)], [id, id]);
    assert_eq!([found("new", end), found("old", end)], [id, None], "the old token has an end");
    let services = store.floor(COMPANY).unwrap().unwrap().services;
    assert_eq!((services.len(), services[0].telephone.as_deref()), (1, Some("+49 (0)30 123456")));

    let taken = "chat_service old: another chat service had its token, or its previous_token, before";
    assert_eq!(apply("token = \"old\"").unwrap_err(), taken, "nobody gets chats that are for somebody else");
    let ended = "chat_service new: changed: previous_token no longer \"old\", previous_token_until no longer \
                 \"2027-01-31T00:00:00Z\"";
    assert_eq!(apply("token = \"new\"\nprevious_token = \"\"").unwrap(), [ended]);
    assert_eq!(found("old", before), None, "an old token can be switched off before its end");
}

#[test]
fn what_callers_hear_is_kept_changed_and_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let queue = |rest: &str| company(&format!("[company]\nname = \"One\"\n[[queue]]\nname = \"Q\"\n{rest}"));
    let voice = || store.floor(COMPANY).unwrap().unwrap().queues[0].voice.clone();
    store.apply(&queue(""), "vorrang").unwrap();
    assert_eq!(voice(), Voice::default());
    let all = "answer = \"with_agent\"\nmusic = \"/srv/song.wav\"\n\
               announcements = { language = \"de\", please_wait = \"/srv/wait.wav\", welcome = false }";
    assert_eq!(told(&store.apply(&queue(all), "vorrang").unwrap()), ["queue Q: changed"]);
    assert_eq!(told(&store.apply(&queue(all), "vorrang").unwrap()), [] as [&str; 0]);
    let announcements = Announcements {
        language: Language::De,
        welcome: Text::BuiltIn(false),
        please_wait: Text::File("/srv/wait.wav".to_owned()),
        closed: None,
        every_s: 30,
        position: true,
    };
    let set = Voice {
        answer: Some(Answer::WithAgent),
        music: Some("/srv/song.wav".to_owned()),
        announcements: Some(announcements),
    };
    assert_eq!(voice(), set);
    store.apply(&queue("answer = \"at_once\""), "vorrang").unwrap();
    assert_eq!(voice(), Voice { answer: Some(Answer::AtOnce), ..set }, "what is left out stays");
    store.apply(&queue("music = \"\"\nannouncements = false"), "vorrang").unwrap();
    assert_eq!(voice(), Voice { answer: Some(Answer::AtOnce), music: None, announcements: None });

    for (rest, message) in [
        (
            "announcements = { language = \"de\", every_s = 4 }",
            "queue Q: announcements: every_s is 4, expected 5 to 3600",
        ),
        ("announcements = true", "queue Q: announcements: expected { language = \"de\" or \"en\", .. } or false"),
    ] {
        let refused = store.apply(&queue(rest), "vorrang").unwrap_err().to_string();
        assert!(refused.contains(message), "{refused}");
    }
    let unreadable = toml::from_str::<CompanyFile>(
        "[company]\nname = \"One\"\n[[queue]]\nname = \"Q\"\nannouncements = { language = \"fr\" }",
    );
    let unreadable = unreadable.unwrap_err().to_string();
    assert!(unreadable.contains("expected { language = \"de\" or \"en\""), "{unreadable}");
}

#[test]
fn what_contradicts_the_database_is_refused_as_a_whole() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    store.apply(&company(COMPANY_FILE), "vorrang").unwrap();
    let begin = "[company]\nname = \"Other\"\n[[queue]]\nname = \"Q\"\n";
    for (rest, message) in [
        ("[[agent]]\nlogin_name = \"anna\"", "agent anna: belongs to another company"),
        ("[[agent]]\nlogin_name = \"bob\"", "agent bob: password: a new agent needs password or password_hash"),
        (
            "[[agent]]\nlogin_name = \"bob\"\npassword = \"long enough\"\nphone = \"anna-phone\"\nphone_password = \"long enough\"",
            "agent bob: phone: the phone anna-phone belongs to another agent",
        ),
        (
            "[[agent]]\nlogin_name = \"bob\"\npassword = \"long enough\"\nphone = \"p\"",
            "agent bob: phone_password: the phone p needs a phone_password to register",
        ),
        ("[[agent]]\nlogin_name = \"bob\"\npassword_hash = \"x\"", "agent bob: password_hash: expected `$argon2id$…`"),
        (
            "[[agent]]\nlogin_name = \"bob\"\npassword = \"seven c\"",
            "agent bob: password: the password is too short, expected 8 characters or more",
        ),
        (
            "[[agent]]\nlogin_name = \"bob\"\npassword = \"long enough\"\nphone = \"p\"\nphone_password = \"ü234567\"",
            "agent bob: phone_password: the password is too short, expected 8 characters or more",
        ),
        ("[[queue]]\nname = \"Q\"", "queue Q: is there twice, expected once"),
        (
            "[[agent]]\nlogin_name = \"a\"\nphone = \"p\"\n[[agent]]\nlogin_name = \"b\"\nphone = \"p\"",
            "phone p: is there twice, expected once",
        ),
        ("[[agent]]\nlogin_name = \"a\"\n[[agent]]\nlogin_name = \"a\"", "agent a: is there twice, expected once"),
        (
            "[[number]]\nnumber = \"1\"\nqueue = \"Q\"\n[[number]]\nnumber = \"1\"\nqueue = \"Q\"",
            "number 1: is there twice, expected once",
        ),
        ("[[trunk]]\nname = \"t\"\n[[trunk]]\nname = \"t\"", "trunk t: is there twice, expected once"),
        (
            "[[chat_service]]\ntoken = \"t\"\nqueue = \"Q\"\n[[chat_service]]\ntoken = \"t\"\nqueue = \"Q\"",
            "chat_service t: is there twice, expected once",
        ),
        ("[[number]]\nnumber = \"1\"\nqueue = \"R\"", "number 1: queue: there is no queue `R`, expected one of: Q"),
        (
            "overflow = \"R\"\n[[queue]]\nname = \"R\"\noverflow = \"Q\"",
            "queue Q: overflow: what overflows from here would come back in a circle",
        ),
        (
            "[[trunk]]\nname = \"t\"\naddress = \"host\"",
            "trunk t: address: found `host`, expected an IP address or a network such as 192.0.2.0/24",
        ),
        ("[[chat_service]]\ntoken = \"tok-1\"\nqueue = \"Q\"", "chat_service tok-1: belongs to another company"),
        (
            "[[chat_service]]\ntoken = \"t\"\nqueue = \"Q\"\ntelephone = \"call us\"",
            "chat_service t: telephone: expected 6 to 20 digits, as in \"+49 30 123456\"",
        ),
        (
            "[[chat_service]]\ntoken = \"t\"\nqueue = \"Q\"\nprevious_token = \"old\"",
            "chat_service t: previous_token_until: needed beside a previous_token, as \"2027-01-31T00:00:00Z\"",
        ),
        (
            "[[chat_service]]\ntoken = \"t\"\nqueue = \"Q\"\nprevious_token = \"old\"\nprevious_token_until = \"soon\"",
            "chat_service t: previous_token_until: expected a time as \"2027-01-31T00:00:00Z\"",
        ),
        (
            "[[chat_service]]\ntoken = \"t\"\nqueue = \"Q\"\nprevious_token = \"tok-1\"\nprevious_token_until = \"2027-01-31T00:00:00Z\"",
            "chat_service t: belongs to another company",
        ),
    ] {
        let why = store.apply(&company(&format!("{begin}{rest}")), "vorrang").unwrap_err();
        assert!(why.to_string().lines().any(|line| line == message), "{message}: {why}");
        assert_eq!(store.companies().unwrap().len(), 1);
    }
    for (keys, message) in [
        ("", "address: expected address, or user and password, or registrar with user and password"),
        (
            "address = [\"192.0.2.1\", \"192.0.2.0/33\"]",
            "address: found `192.0.2.0/33`, expected an IP address or a network such as 192.0.2.0/24",
        ),
        (
            "address = \"192.0.2.1\"\nuser = \"u\"\npassword = \"p\"",
            "user: give address or user, not both: calls from an address need no password",
        ),
        ("user = \"u\"", "password: the user `u` needs a password"),
        ("user = \"\"\npassword = \"p\"", "user: expected a text without quotes, backslashes and line ends"),
        ("user = \"u\"\npassword = \"p\\n\"", "password: expected a text without quotes, backslashes and line ends"),
        ("address = \"192.0.2.1\"\npassword = \"p\"", "password: only with a user"),
        ("user = \"anna-phone\"\npassword = \"p\"", "user: `anna-phone` belongs to a phone or to another trunk"),
        ("registrar = \"sip.example.com\"", "registrar: needs user and password"),
        ("registrar = \"sip.example.com\"\nuser = \"u\"", "password: the user `u` needs a password"),
        (
            "registrar = \"sip:example.com\"\nuser = \"u\"\npassword = \"p\"",
            "registrar: found `sip:example.com`, expected a host name or an IP address, perhaps with a port, such as sip.example.com or 192.0.2.1:5070",
        ),
        (
            "registrar = \"a\"\nserver = \"b\"\nuser = \"u\"\npassword = \"p\"",
            "server: give registrar or server, not both",
        ),
        (
            "registrar = \"a\"\nuser = \"u\"\npassword = \"p\"\nexpires_s = 59",
            "expires_s: found 59, expected 60 to 86400",
        ),
        (
            "registrar = \"a\"\nuser = \"u\"\npassword = \"p\"\nprobe_s = 3601",
            "probe_s: found 3601, expected 0 for never, or 1 to 3600",
        ),
        ("address = \"192.0.2.1\"\nprobe_s = 60", "probe_s: only with a registrar or a server"),
        ("address = \"192.0.2.1\"\ntransport = \"tcp\"", "transport: only with a registrar or a server"),
        ("address = \"192.0.2.1\"\nexpires_s = 60", "expires_s: only with a registrar"),
        ("address = \"192.0.2.1\"\nlogin = \"l\"", "login: only with a registrar"),
    ] {
        let why = store.apply(&company(&format!("{begin}[[trunk]]\nname = \"t\"\n{keys}")), "vorrang").unwrap_err();
        assert_eq!(why.to_string(), format!("trunk t: {message}"), "{keys}");
        assert_eq!(store.companies().unwrap().len(), 1);
    }
    let why =
        toml::from_str::<CompanyFile>(&format!("{begin}[[trunk]]\nname = \"t\"\ntransport = \"tls\"")).unwrap_err();
    assert!(why.to_string().contains("line 7") && why.to_string().contains("expected `udp` or `tcp`"), "{why}");
    let why = toml::from_str::<CompanyFile>(&format!("{begin}[[trunk]]\nname = \"t\"\naddress = 7")).unwrap_err();
    assert!(why.to_string().contains("expected an IP address, a network such as"), "{why}");
    let why = toml::from_str::<CompanyFile>("[company]\nname = \"x\"\ncolour = 1").unwrap_err().to_string();
    assert!(why.contains("line 3") && why.contains("unknown field `colour`, expected one of `name`"), "{why}");
}

#[test]
fn a_trunk_of_each_kind_is_kept_and_only_the_password_that_we_prove_stands_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let text = r#"
[company]
name = "Beispiel GmbH"
[[trunk]]
name = "by address"
address = ["192.0.2.0/24", "2001:db8::7"]
server = "gw.example.com"
[[trunk]]
name = "by password"
user = "branch"
password = "wire"
[[trunk]]
name = "registered"
registrar = "[2001:db8::1]:5070"
transport = "tcp"
user = "0301234"
login = "me@example.com"
password = "no-one's business"
expires_s = 300
probe_s = 0
number = "to"
address = "198.51.100.7"
"#;
    store.apply(&company(text), "vorrang").unwrap();
    assert_eq!(told(&store.apply(&company(text), "vorrang").unwrap()), [] as [&str; 0]);
    let id = store.companies().unwrap()[0].id;
    let trunks = || store.floor(id).unwrap().unwrap().trunks;
    let server = |host: &str, port, tcp| Some(TrunkServer { host: host.to_owned(), port, tcp });
    let row = |name: &str, addresses: &[&str]| TrunkRow {
        company: id,
        name: name.to_owned(),
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        server: None,
        account: None,
        probe: None,
        dialled: Dialled::RequestUri,
    };
    let secret = |text: &str| Secret(text.to_owned());
    // As `printf branch:vorrang:wire | md5sum`, and `sha256sum`, have it.
    let theirs = TrunkAccount::Theirs {
        user: "branch".to_owned(),
        ha1_md5: secret("2c963a5071005aa252c57601315fcfee"),
        ha1_sha256: secret("f8834154d062101614d6a82b8c5d760acd5aa64b41dd8ac7f0e62d0ad4c85993"),
    };
    let ours = TrunkAccount::Ours {
        user: "0301234".to_owned(),
        login: "me@example.com".to_owned(),
        password: secret("no-one's business"),
        expires: Span::seconds(300),
    };
    assert_eq!(
        trunks(),
        [
            TrunkRow {
                server: server("gw.example.com", None, false),
                probe: Some(Span::seconds(60)),
                ..row("by address", &["192.0.2.0/24", "2001:db8::7"])
            },
            TrunkRow { account: Some(theirs), ..row("by password", &[]) },
            TrunkRow {
                server: server("2001:db8::1", Some(5070), true),
                account: Some(ours),
                dialled: Dialled::To,
                ..row("registered", &["198.51.100.7"])
            },
        ]
    );
    for text in [format!("{:?}", trunks()), format!("{:?}", company(text))] {
        assert!(!text.contains("business") && !text.contains("wire"), "{text}");
    }

    // What is left out stays; a phone cannot take a trunk's user.
    let begin = "[company]\nname = \"Beispiel GmbH\"\n";
    let change =
        format!("{begin}[[trunk]]\nname = \"registered\"\nuser = \"0301234\"\nregistrar = \"sip.example.com\"");
    assert_eq!(told(&store.apply(&company(&change), "vorrang").unwrap()), ["trunk registered: changed"]);
    let Some(TrunkAccount::Ours { password, .. }) = &trunks()[2].account else { panic!("registers") };
    assert_eq!((password, &trunks()[2].server), (&secret("no-one's business"), &server("sip.example.com", None, true)));
    let phone = "[[agent]]\nlogin_name = \"bob\"\npassword = \"long enough\"\nphone = \"branch\"\nphone_password = \"long enough\"";
    let why = store.apply(&company(&format!("{begin}{phone}")), "vorrang").unwrap_err();
    assert_eq!(why.to_string(), "agent bob: phone: the phone branch is the user of a trunk");
}

#[test]
fn the_offline_tool_writes_beside_a_running_daemon() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vorrang.db");
    let mut offline = Offline::open(&path).unwrap();
    assert_eq!(offline.daemon(), None);
    let changes = offline.apply(&company(COMPANY_FILE), &Application::by("test", "vorrang")).unwrap();
    assert_eq!(changes.len(), 8);
    drop(offline);
    let store = open(directory.path());
    assert_eq!(store.companies().unwrap().len(), 1);
    let mut offline = Offline::open(&path).unwrap();
    assert_eq!(offline.daemon(), Some(std::process::id()));
    assert_eq!(own_password(&mut offline, "anna", "new").unwrap(), ["agent anna: changed"]);
    let nobody = own_password(&mut offline, "nobody", "new").unwrap_err().to_string();
    assert_eq!(nobody, "agent nobody: there is none of this name");
    assert!(store.agent_by_login("anna").wait().unwrap().unwrap().password_hash.matches("new"));
    store.append(row(1, 1));
    store.flush(PATIENCE).unwrap();
}

#[test]
fn a_password_that_was_changed_stays_until_the_file_gives_another_or_is_told_to_overwrite_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = Offline::open(&directory.path().join("vorrang.db")).unwrap();
    let file = |password: &str| {
        let agent = format!("[[agent]]\nlogin_name = \"anna\"\npassword = \"{password}\"");
        company(&format!("[company]\nname = \"One\"\n{agent}"))
    };
    let apply = |store: &mut Offline, password: &str, passwords| {
        let how = Application { passwords, ..Application::by("test", "realm") };
        told(&store.apply(&file(password), &how).unwrap())
    };
    let holds = |store: &mut Offline, password: &str| {
        store.floor(COMPANY).unwrap().unwrap().agents[0].password_hash.matches(password)
    };
    apply(&mut store, "the file's first", ChangedPasswords::Kept);
    own_password(&mut store, "anna", "anna's own").unwrap();
    assert_eq!(apply(&mut store, "the file's first", ChangedPasswords::Kept), [] as [&str; 0]);
    assert!(holds(&mut store, "anna's own"));
    assert_eq!(apply(&mut store, "the file's second", ChangedPasswords::Kept), ["agent anna: changed"]);
    assert!(holds(&mut store, "the file's second"));
    own_password(&mut store, "anna", "anna's own").unwrap();
    apply(&mut store, "the file's second", ChangedPasswords::Overwritten);
    assert!(holds(&mut store, "the file's second"));
    assert_eq!(apply(&mut store, "the file's second", ChangedPasswords::Overwritten), [] as [&str; 0]);
}

#[test]
fn nobody_else_can_read_the_database_and_what_lies_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("new");
    let store = open(&inner);
    store.append(row(1, 1));
    store.flush(PATIENCE).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    for name in ["vorrang.db", "vorrang.db-wal", "vorrang.db-shm", "vorrang.db.lock"] {
        assert_eq!(mode(&inner.join(name)), 0o600, "{name}");
    }
    drop(store);
    // One that others could read before.
    std::fs::set_permissions(inner.join("vorrang.db"), Permissions::from_mode(0o644)).unwrap();
    drop(open(&inner));
    assert_eq!(mode(&inner.join("vorrang.db")), 0o600);
}

#[test]
fn two_readings_of_a_company_say_what_differs() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    store.apply(&company(COMPANY_FILE), "vorrang").unwrap();
    let rows = || store.floor(COMPANY).unwrap().unwrap();
    let before = rows();
    assert_eq!(told(&differences(Some(&before), &rows())), [] as [&str; 0]);
    let begin = "[company]\nname = \"Beispiel GmbH\"\nbreak_reasons = [\"lunch\"]\n";
    let change = "[[queue]]\nname = \"Sales\"\nring_s = 9\n[[agent]]\nlogin_name = \"anna\"\nchats_max = 9\n\
                  [[number]]\nnumber = \"2\"\nqueue = \"Sales\"";
    store.apply(&company(&format!("{begin}{change}")), "vorrang").unwrap();
    let changes = ["queue Sales: changed", "break reason lunch: new", "agent anna: changed", "number 2: new"];
    assert_eq!(told(&differences(Some(&before), &rows())), changes);
    assert_eq!(told(&differences(Some(&rows()), &before))[1], "break reason lunch: removed");
}

#[test]
fn a_damaged_value_is_named_and_blocks_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    store.apply(&company(COMPANY_FILE), "vorrang").unwrap();
    let sound = store.company(COMPANY).unwrap().unwrap();
    assert_eq!(sound.damages, []);
    for (statement, damage) in [
        ("UPDATE queue SET strategy = 'x' WHERE id = 1", "table queue, row 1, column strategy: not to be read: "),
        (
            "UPDATE queue SET wait_max_ms = -1 WHERE id = 2",
            "table queue, row 2, column wait_max_ms: found -1, which is",
        ),
        (
            "UPDATE agent SET chats_max = 4294967296 WHERE id = 1",
            "table agent, row 1, column chats_max: found 4294967296",
        ),
        (
            "UPDATE agent SET voice_only = 7 WHERE id = 2",
            "table agent, row 2, column voice_only: found 7, expected 0 or 1",
        ),
        (
            "UPDATE queue_agent SET skill = 256",
            "table queue_agent, row queue 2, agent 1, column skill: found 256, which",
        ),
        ("UPDATE trunk SET addresses = '['", "table trunk, row provider, column addresses: not to be read: "),
        ("UPDATE chat_service SET active = 2", "table chat_service, row 1, column active: found 2, expected 0 or 1"),
    ] {
        story::sql(&story::database(directory.path()), statement);
        let found = store.company(COMPANY).unwrap().unwrap();
        assert!(found.damages.iter().any(|found| found.to_string().starts_with(damage)), "{:?}", found.damages);
        assert_eq!((found.company.queues.len(), found.company.agents.len()), (2, 2), "{statement}");
    }
    let damaged = store.company(COMPANY).unwrap().unwrap();
    assert_eq!(damaged.damages.len(), 8, "a skill for each queue that somebody serves");
    let mend = "strategy = \"skill\"";
    let file = format!("[company]\nname = \"Beispiel GmbH\"\n[[queue]]\nname = \"Support\"\n{mend}");
    store.apply(&company(&file), "vorrang").unwrap();
    let mended = store.company(COMPANY).unwrap().unwrap();
    assert_eq!((mended.damages.len(), mended.company.queues[0].strategy), (7, Some(Strategy::Skill)));
}

#[test]
fn a_session_is_found_until_it_expires_or_ends() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    store.apply(&company(COMPANY_FILE), "vorrang").unwrap();
    let anna = store.agent_by_login("anna").wait().unwrap().unwrap();
    store.web_session_created(b"hash", anna.id, Timestamp(10), Timestamp(20), "").wait().unwrap();
    assert_eq!(store.web_session(b"hash", Timestamp(19)).wait().unwrap(), Some(anna.clone()));
    assert_eq!(store.web_session(b"hash", Timestamp(20)).wait().unwrap(), None);
    assert_eq!(store.web_session(b"other", Timestamp(19)).wait().unwrap(), None);
    assert!(store.web_session_deleted(b"hash").wait().unwrap());
    assert!(!store.web_session_deleted(b"hash").wait().unwrap());
    store.web_session_created(b"hash", anna.id, Timestamp(10), Timestamp(20), "").wait().unwrap();
    assert_eq!(store.web_sessions_expired(Timestamp(20)).wait().unwrap(), 1);
    assert!(store.web_session_created(b"x", AgentId(99), Timestamp(1), Timestamp(2), "").wait().is_err());

    store.visitor_session_created(b"v", ChatId(5), anna.company, Timestamp(3)).wait().unwrap();
    let found = store.visitor_session(b"v").wait().unwrap().unwrap();
    assert_eq!((found.chat, found.company, found.created_at), (ChatId(5), anna.company, Timestamp(3)));
    assert!(store.visitor_session_created(b"v", ChatId(6), anna.company, Timestamp(3)).wait().is_err());
    assert!(store.healthy());
}

const COMPANY_FILE: &str = r#"
[company]
name = "Beispiel GmbH"

[[queue]]
name = "Support"
ring_s = 15

[[queue]]
name = "Sales"
exclusive = true

[[agent]]
login_name = "anna"
display_name = "Anna Ader"
password = "secret-door"
phone = "anna-phone"
phone_password = "wire-wire"
chats_max = 2
queues = ["Sales", "Support"]

[[agent]]
login_name = "rosa"
password = "secret-door"
role = "supervisor"
phone = "sip:rosa@192.0.2.7:5070"
voice_only = true

[[number]]
number = "4930123"
queue = "Support"

[[trunk]]
name = "provider"
address = "192.0.2.0/24"

[[chat_service]]
token = "tok-1"
name = "Website"
queue = "Sales"
"#;

/// Somebody chooses another password.
fn own_password(store: &mut Offline, login_name: &str, password: &str) -> Result<Vec<String>, StoreError> {
    let own = Change::Password { login_name: login_name.to_owned(), hash: Secret::hash(password).unwrap() };
    store.change(COMPANY, &[own], &Author::Operator("test".to_owned())).map(|found| told(&found))
}

fn told(found: &[Difference]) -> Vec<String> {
    found.iter().map(ToString::to_string).collect()
}

fn words(found: &[Difference]) -> Vec<String> {
    found.iter().map(Difference::words).collect()
}

fn company(text: &str) -> CompanyFile {
    toml::from_str(text).expect("a company file")
}

fn open(directory: &Path) -> Store {
    Store::open(&directory.join("vorrang.db"), |_| {}).expect("a new store")
}

fn row(actor: i64, seq: u64) -> Append {
    Append {
        actor: ActorNumber(actor),
        company: COMPANY,
        seq,
        at: Timestamp(1000 + seq),
        cause: None,
        events: format!("[{{\"Event\":{seq}}}]"),
        outbox: vec![],
        content: vec![],
        is_last: false,
        snapshot: None,
        record: None,
        decides: vec![],
    }
}

//! What goes on while something is deactivated or removed: on real actors, and from outside on a running daemon.
//! Never sleeps: a test waits for what it expects.

use crate::floor::{ANNA, BEN, QUEUE, Screen, chatting, requested, run, state};
use crate::process::{Daemon, PATIENCE};
use crate::web::client::{ask, log_in};
use crate::websocket::{Heard, WebSocket};
use domain::agent::{self, Presence};
use domain::chat::{Chat, State};
use domain::company::{Change, Thing};
use domain::id::{AgentId, ChatId, ItemId, QueueId, TaskId};
use domain::message::Message;
use domain::queue::Channel;
use domain::time::Timestamp;
use domain::{Refusal, call};
use md5::{Digest as _, Md5};
use serde_json::json;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::process::{Command, Output};
use std::rc::Rc;
use tokio::sync::oneshot;
use vorrang::actors::floor::{Ask, Caller, Door, Floor, FloorRequest};
use vorrang::actors::ids::{Numbered, Party};
use vorrang::protocol::agent::{AgentCommand, Recipient};
use vorrang::protocol::error::Code;
use vorrang::store::{Author, Hashed as _, QueueEntry, Secret};

#[test]
fn a_deactivated_agent_is_logged_out_and_what_they_had_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        changed(&floor, Change::Activate { login_name: "anna".to_owned(), active: false }).await;
        assert_eq!(presence(&floor, ANNA), Presence::LoggedOut);
        assert_eq!((state(&floor, chat), waits_in(&floor, chat)), (State::Queued, Some(QUEUE)));
        assert_eq!(logged_in(&floor, ANNA).await, Err(Refusal::LoggedOut));
        assert_eq!(logged_in(&floor, BEN).await, Ok(()), "the control");

        changed(&floor, Change::Activate { login_name: "anna".to_owned(), active: true }).await;
        assert_eq!(logged_in(&floor, ANNA).await, Ok(()));
    });
}

#[test]
fn a_call_of_a_removed_agent_goes_on_and_its_record_keeps_their_name() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogIn });
        let id = domain::id::CallId(77);
        floor.call_arrived(id, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
        floor.idle().await;
        let offer = domain::id::OfferId { call: id, agent: ANNA, attempt: 1 };
        floor.tell(Message::Call { id, command: call::Command::PhoneAnswered { offer } });
        floor.idle().await;
        changed(&floor, Change::Remove(Thing::Agent("anna".to_owned()))).await;
        assert_eq!(presence(&floor, ANNA), Presence::LoggingOut, "the caller is not hung up on");
        floor.tell(Message::Call { id, command: call::Command::CallerHungUp });
        floor.idle().await;
        assert_eq!(presence(&floor, ANNA), Presence::LoggedOut);
        assert_eq!(floor.agent_name(ANNA), "anna");
        assert!(floor.agent_row(ANNA).is_none());
        assert_eq!(logged_in(&floor, ANNA).await, Err(Refusal::LoggedOut));
    });
    // After a restart too.
    run(folder.path(), Timestamp(2_000_000), async |floor, _| {
        assert_eq!((presence(&floor, ANNA), floor.agent_name(ANNA).as_str()), (Presence::LoggedOut, "anna"));
    });
}

#[test]
fn what_waits_in_a_removed_queue_goes_on_where_it_overflowed_and_what_comes_back_too() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let sales = QueueEntry { name: "Sales".to_owned(), ..QueueEntry::default() };
        changed(&floor, Change::PutQueue(sales)).await;
        let overflow = Some("Sales".to_owned());
        changed(&floor, Change::PutQueue(QueueEntry { name: "Service".to_owned(), overflow, ..QueueEntry::default() }))
            .await;
        let sales = floor.rows().queues.iter().find(|queue| queue.name == "Sales").unwrap().id;
        let (active, waiting) = (chatting(&floor, ANNA).await, requested(&floor).await);
        assert_eq!(waits_in(&floor, waiting), Some(QUEUE));
        changed(&floor, Change::Remove(Thing::Queue("Service".to_owned()))).await;
        assert_eq!(waits_in(&floor, waiting), Some(sales));
        assert_eq!(state(&floor, active), State::Active { agent: ANNA }, "what goes on is finished");

        floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogOut });
        floor.idle().await;
        floor.run_due();
        floor.idle().await;
        assert_eq!((state(&floor, active), waits_in(&floor, active)), (State::Queued, Some(sales)));
        assert_eq!(floor.queue_name(QUEUE), "Service");
    });
}

#[test]
fn what_waits_in_a_removed_queue_that_overflowed_nowhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = requested(&floor).await;
        assert_eq!(waits_in(&floor, chat), Some(QUEUE));
        changed(&floor, Change::Remove(Thing::Queue("Service".to_owned()))).await;
        assert_eq!(waits_in(&floor, chat), None);
        assert_eq!(floor.chats().look(chat, Chat::state), None, "it is over, and let go");
        let rows = floor.store().journal(Party::Chat(chat).number()).unwrap();
        assert!(rows.last().unwrap().events.contains("\"by\":\"unserved\""), "{rows:?}");
    });
}

#[test]
fn nothing_is_sent_to_what_was_removed_and_whoever_tries_hears_why() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        changed(&floor, Change::PutQueue(QueueEntry { name: "Old".to_owned(), ..QueueEntry::default() })).await;
        let old = floor.rows().queues.iter().find(|queue| queue.name == "Old").unwrap().id;
        changed(&floor, Change::Remove(Thing::Queue("Old".to_owned()))).await;
        changed(&floor, Change::Remove(Thing::Agent("ben".to_owned()))).await;
        let desk = Screen::default();
        let chat = chatting(&floor, ANNA).await;
        desk.joins(&floor, ANNA).await;
        let waiting = requested(&floor).await;
        assert!(floor.queues().look(old, |_| ()).is_some(), "it is there, for what may come back to it");

        let door = Door::open(floor.clone());
        let (task, text) = (TaskId(floor.house().ids.next_item()), "x".to_owned());
        for request in [
            FloorRequest::Move { item: ItemId::Chat(waiting), to: old },
            FloorRequest::Overflow { queue: QUEUE, to: old },
            FloorRequest::Overflow { queue: old, to: QUEUE },
            FloorRequest::CreateTask { task, channel: Channel::WorkItem, queue: old, text },
        ] {
            let (ask, answer) = Ask::answered(request.clone());
            door.do_send(ask);
            let problem = answer.await.unwrap().unwrap_err();
            let expected = format!("there is no queue {old}, or it was removed");
            assert_eq!((problem.code, problem.message), (Code::NotFound, expected), "{request:?}");
        }

        let give = |to| AgentCommand::Transfer { chat, to, note: String::new() };
        let call = domain::id::CallId(77);
        let rows = [
            (give(Recipient::Queue { id: old }), Some("not_found")),
            (give(Recipient::Queue { id: QueueId(99) }), Some("not_found")),
            (give(Recipient::Agent { id: BEN }), Some("not_found")),
            (give(Recipient::Agent { id: AgentId(99) }), Some("not_found")),
            (AgentCommand::TransferCall { call, queue: old }, Some("not_found")),
            (AgentCommand::TransferCall { call, queue: QUEUE }, Some("not_yours")),
            (give(Recipient::Queue { id: QUEUE }), None),
        ];
        for (number, (command, code)) in (1..).zip(rows) {
            assert_eq!(desk.command(&floor, ANNA, number, command.clone()).await.as_deref(), code, "{command:?}");
        }
        assert_eq!((state(&floor, chat), waits_in(&floor, waiting)), (State::Queued, Some(QUEUE)), "the control");
    });
}

const PASSWORD: &str = "open sesame";
/// `anna:open sesame`.
const ANNA_BASIC: &str = "YW5uYTpvcGVuIHNlc2FtZQ==";

#[test]
fn a_running_daemon_lets_go_whom_the_command_line_deactivates_or_prunes() {
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let person = |name: &str, role: &str| {
        format!(
            "[[agent]]\nlogin_name = \"{name}\"\nrole = \"{role}\"\npassword_hash = \"{hash}\"\nqueues = [\"Service\"]\n"
        )
    };
    let begin = "[company]\nname = \"Alpenrad\"\n[[queue]]\nname = \"Service\"\n";
    let token = "[[chat_service]]\ntoken = \"tok\"\nqueue = \"Service\"\n";
    let phone = "phone = \"anna-phone\"\nphone_password = \"wire-wire\"\n";
    let all = format!("{begin}{}{phone}{}{token}", person("anna", "agent"), person("boss", "supervisor"));
    let mut daemon = Daemon::of(&all, &[], None);
    let http = daemon.http;
    let cookie = |name: &str| {
        let session = log_in(http, "192.0.2.1", name, PASSWORD);
        format!("cookie: {}", session.header("set-cookie").unwrap().split(';').next().unwrap())
    };
    let (anna, boss) = (cookie("anna"), cookie("boss"));
    let (mut desk, _) = WebSocket::agent(http, ANNA_BASIC, "desk-of-anna");
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);

    assert_eq!(register(&daemon), 200);
    let is_reachable = || {
        let phones = ask(http, "GET /api/v1/phones", &boss, "").json();
        phones.as_array().unwrap().iter().find(|phone| phone["agent"] == "anna").unwrap()["reachable"] == true
    };
    daemon.until("anna's phone is registered", |_| is_reachable());

    let deactivated = vorrang(&daemon, &["user", "deactivate", "anna", "--reload"]);
    assert!(deactivated.contains("agent anna: changed: active true -> false"), "{deactivated}");
    assert_eq!(desk.end(), Heard::Closed(1008));
    assert_eq!(ask(http, "GET /api/v1/sessions/current", &anna, "").status, 401);
    assert_eq!(log_in(http, "192.0.2.1", "anna", PASSWORD).status, 401);
    daemon.until("anna is logged out", |_| {
        let agents = ask(http, "GET /api/v1/agents", &boss, "").json();
        let anna = agents.as_array().unwrap().iter().find(|agent| agent["name"] == "anna").unwrap().clone();
        anna["presence"]["presence"] == "logged_out"
    });

    daemon.until("anna's phone is let go", |_| !is_reachable());
    assert_ne!(register(&daemon), 200, "nor is it let in again");

    let less = daemon.path("less.toml");
    std::fs::write(&less, format!("{begin}{}", person("boss", "supervisor"))).unwrap();
    let file = less.to_str().unwrap();
    let dry = vorrang(&daemon, &["company", "apply", "--dry-run", "--prune", file]);
    assert_eq!(dry, "agent anna: removed\nchat_service tok: removed\nnothing was changed: this was a dry run\n");
    let asked = run_vorrang(&daemon, &["company", "apply", "--prune", file]);
    assert_eq!(asked.status.code(), Some(1), "{asked:?}");
    assert!(String::from_utf8_lossy(&asked.stderr).contains("nothing was changed (say --yes)"), "{asked:?}");
    let pruned = vorrang(&daemon, &["company", "apply", "--prune", "--yes", "--reload", file]);
    assert!(pruned.starts_with("agent anna: removed\nchat_service tok: removed\n"), "{pruned}");
    daemon.until("anna is gone", |_| {
        let agents = ask(http, "GET /api/v1/agents", &boss, "").json();
        agents.as_array().unwrap().len() == 1
    });
    let mut visitor = WebSocket::open(http, "/ws/visitor", "");
    visitor.send(&json!({"type": "hello", "token": "tok", "session": "0123456789abcdef0123456789abcdef", "client": "tab-of-nobody", "have": 0, "language": "de"}));
    let Heard::Reply(refused) = visitor.hear() else { panic!("an answer") };
    assert_eq!(
        (&refused["type"], &refused["problem"]["code"]),
        (&json!("refused"), &json!("unknown_token")),
        "{refused}"
    );

    let audit = vorrang(&daemon, &["company", "audit", "--company", "Alpenrad"]);
    let last: Vec<&str> = audit.lines().rev().take(3).filter_map(|line| line.rsplit('\t').next()).collect();
    let expected = ["chat_service tok: removed", "agent anna: removed", "agent anna: changed: active true -> false"];
    assert_eq!(last, expected, "{audit}");
    let exported = vorrang(&daemon, &["company", "export"]);
    assert!(exported.contains("login_name = \"boss\"") && !exported.contains("anna"), "{exported}");
}

/// Makes a change as an operator does, and lets the floor read it.
async fn changed(floor: &Rc<Floor>, change: Change) {
    let author = Author::Operator("test".to_owned());
    floor.store().change(floor.company(), vec![change], author).await.unwrap();
    floor.reload().await.unwrap();
    floor.idle().await;
    floor.run_due();
    floor.idle().await;
}

async fn logged_in(floor: &Rc<Floor>, agent: AgentId) -> Result<(), Refusal> {
    let (sender, answered) = oneshot::channel();
    floor.set_presence(agent, agent::Command::LogIn, Box::new(|_, result| _ = sender.send(result)));
    answered.await.unwrap()
}

fn presence(floor: &Floor, agent: AgentId) -> Presence {
    floor.agents().look(agent, |agent| agent.presence()).unwrap()
}

fn waits_in(floor: &Floor, chat: ChatId) -> Option<QueueId> {
    floor.board().borrow().place(ItemId::Chat(chat)).map(|(queue, _)| queue)
}

/// Anna's phone registers, proving its password if it is asked to (RFC 7616 §3.4); the last status.
fn register(daemon: &Daemon) -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.connect((Ipv4Addr::LOCALHOST, daemon.sip_port)).unwrap();
    let here = socket.local_addr().unwrap();
    let uri = format!("sip:127.0.0.1:{}", daemon.sip_port);
    let ask = |number: u32, proof: &str| {
        let request = format!(
            "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK-{number}\r\nMax-Forwards: 70\r\n\
             From: <sip:anna-phone@127.0.0.1>;tag=a\r\nTo: <sip:anna-phone@127.0.0.1>\r\nCall-ID: {here}\r\n\
             CSeq: {number} REGISTER\r\nContact: <sip:anna-phone@{here}>\r\nExpires: 600\r\n{proof}Content-Length: 0\r\n\r\n"
        );
        socket.send(request.as_bytes()).unwrap();
        let mut bytes = [0; 4_096];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    let status = |answer: &str| answer.split(' ').nth(1).unwrap().parse::<u16>().unwrap();
    let challenge = ask(1, "");
    let mut lines = challenge.lines();
    let Some(line) = lines.find(|line| line.starts_with("WWW-Authenticate") && !line.contains("SHA-256")) else {
        return status(&challenge);
    };
    let value = |key: &str| line.split(&format!("{key}=\"")).nth(1).unwrap().split('"').next().unwrap();
    let md5 = |text: String| Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (realm, nonce) = (value("realm"), value("nonce"));
    let (ha1, ha2) = (md5(format!("anna-phone:{realm}:wire-wire")), md5(format!("REGISTER:{uri}")));
    let response = md5(format!("{ha1}:{nonce}:00000001:c:auth:{ha2}"));
    let proof = format!(
        "Authorization: Digest username=\"anna-phone\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
         response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c\"\r\n"
    );
    status(&ask(2, &proof))
}

/// A running daemon's company as the command line writes it.
pub fn exported(daemon: &Daemon) -> String {
    vorrang(daemon, &["company", "export"])
}

/// What a command prints beside the daemon's database.
pub fn vorrang(daemon: &Daemon, words: &[&str]) -> String {
    let output = run_vorrang(daemon, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub fn run_vorrang(daemon: &Daemon, words: &[&str]) -> Output {
    let (config, database) = (daemon.path("config.toml"), daemon.path("vorrang.db"));
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_vorrang")));
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("VORRANG_")) {
        command.env_remove(key);
    }
    command.args(words).arg("--config").arg(config).env("VORRANG_STORE__PATH", database);
    command.stdin(std::process::Stdio::null()).output().unwrap()
}

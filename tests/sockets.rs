//! The running daemon's WebSockets, against clients that lie, ask for what cannot be read, or want too much.
//! Never looks inside: all that counts is what a client hears, what others notice, and what it costs.

use crate::journal::story::{request, write};
use crate::process::Daemon;
use crate::websocket::{Heard, TEXT, WebSocket, header};
use domain::time::Timestamp;
use serde_json::{Value, json};
use socket2::SockRef;
use std::io::Write;
use std::time::{Duration, Instant};

const COMPANY: &str = r#"
[company]
name = "Alpenrad"
[[queue]]
name = "Service"
[[chat_service]]
name = "Shop"
token = "alpenrad"
queue = "Service"
[[agent]]
login_name = "anna"
password = "anna-password"
queues = ["Service"]
"#;

/// `anna:anna-password`.
const ANNA: &str = "YW5uYTphbm5hLXBhc3N3b3Jk";

/// How much more memory a daemon under attack may use.
const MEMORY_BYTES_MAX: u64 = 200 * 1024 * 1024;

fn daemon(settings: &[(&str, &str)]) -> Daemon {
    Daemon::start_in(tempfile::tempdir().unwrap(), &[COMPANY], settings)
}

fn session(number: usize) -> String {
    format!("{number:032}")
}

fn visitor(daemon: &Daemon, number: usize) -> WebSocket {
    WebSocket::visitor(daemon.http, "alpenrad", &session(number), "visitors-tab").0
}

#[test]
fn what_is_no_request_is_refused_with_the_code_that_says_why() {
    let daemon = daemon(&[]);
    let frame = |first: u8, payload: &[u8]| [header(first, payload.len() as u64).as_slice(), payload].concat();
    #[rustfmt::skip]
    let rows: Vec<(&str, Vec<u8>, u16)> = vec![
        ("2^40 bytes are announced",    header(TEXT, 1 << 40),                                      1009),
        ("2^62 bytes are announced",    header(TEXT, 1 << 62),                                      1009),
        ("100 kB are announced",        header(TEXT, 100_000),                                      1009),
        ("a message grows too long",    [frame(0x01, &[b' '; 60_000]), header(0x00, 6_000)].concat(), 1009),
        ("no mask",                     vec![0x81, 2, b'{', b'}'],                                  1002),
        ("reserved bits",               frame(0xc1, b"{}"),                                         1002),
        ("an unknown opcode",           frame(0x83, b"{}"),                                         1002),
        ("a ping in pieces",            frame(0x09, b"x"),                                          1002),
        ("a ping that is too long",     header(0x89, 126),                                          1002),
        ("a continuation of nothing",   frame(0x80, b"x"),                                          1002),
        ("a close with half a code",    frame(0x88, b"x"),                                          1002),
        ("bytes instead of a text",     frame(0x82, b"{}"),                                         1003),
        ("bytes in pieces",             frame(0x02, b"{}"),                                         1003),
        ("a text that is no UTF-8",     frame(TEXT, b"\"\xff\""),                                   1007),
        ("the same in pieces",          [frame(0x01, b"\"\xe2\x82"), frame(0x80, b"\"")].concat(),  1007),
        ("no hello",                    frame(TEXT, br#"{"type":"command","id":1,"command":{"do":"leave"}}"#), 1008),
        ("a hello that cannot be read", frame(TEXT, br#"{"type":"hello"}"#),                        1008),
    ];
    for (what, bytes, code) in rows {
        let mut socket = WebSocket::open(daemon.http, "/ws/visitor", "");
        socket.stream.write_all(&bytes).unwrap();
        assert_eq!(socket.end(), Heard::Closed(code), "{what}");
        assert_eq!(socket.end(), Heard::Gone, "{what}");
    }
    // The control: who says what is right is served.
    assert_eq!(visitor(&daemon, 1).command(1, json!({"do": "say", "text": "Guten Tag"})), None);
}

#[test]
fn a_request_may_come_in_any_frames_with_pings_between_them() {
    let daemon = daemon(&[]);
    let mut socket = visitor(&daemon, 1);
    for (id, pieces) in [(1, 2), (2, 3), (3, 60)] {
        let text = json!({"type": "command", "id": id, "command": {"do": "say", "text": format!("Grüße {id} 🚲")}});
        let text = text.to_string();
        let mut rest = text.as_bytes();
        for piece in 0..pieces {
            let end = if piece == pieces - 1 { rest.len() } else { (text.len() / pieces).min(rest.len()) };
            let opcode = if piece == 0 { 1 } else { 0 };
            socket.frame(opcode | if piece == pieces - 1 { 0x80 } else { 0 }, &rest[..end]);
            socket.frame(0x89, b"are you there?");
            rest = &rest[end..];
        }
        assert_eq!(socket.reply("answer"), json!({"type": "answer", "id": id, "problem": null}));
    }
    let (_, snapshot) = WebSocket::visitor(daemon.http, "alpenrad", &session(1), "another-tab");
    let texts: Vec<&str> =
        snapshot["messages"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Grüße 1 🚲", "Grüße 2 🚲", "Grüße 3 🚲"]);
}

#[test]
fn a_command_that_cannot_be_read_is_answered_alone_and_the_next_is_done() {
    let daemon = daemon(&[]);
    let mut socket = visitor(&daemon, 1);
    let unreadable = |reply: Value| (reply["id"].clone(), reply["problem"]["code"].clone());
    #[rustfmt::skip]
    let rows: [(&str, Value); 6] = [
        (r#"{"type":"command","id":1,"command":{"do":"say","text":"half an emoji \ud83d"}}"#, json!(1)),
        (r#"{"type":"command","id":2,"command":{"do":"dance"}}"#,                             json!(2)),
        (r#"{"type":"command","command":{"do":"leave"},"id":3,"more":true}"#,                 json!(3)),
        (r#"{"type":"command","id":-4,"command":{"do":"leave"}}"#,                            Value::Null),
        (r#"{"type":"typing","on":"perhaps"}"#,                                               Value::Null),
        (r#"{"type":"comm"#,                                                                  Value::Null),
    ];
    for (text, id) in rows {
        socket.frame(TEXT, text.as_bytes());
        assert_eq!(unreadable(socket.reply("answer")), (id, json!("malformed")), "{text}");
    }
    assert_eq!(socket.command(5, json!({"do": "say", "text": "still there"})), None);

    let (mut socket, _) = WebSocket::agent(daemon.http, ANNA, "desk-of-anna");
    socket.frame(TEXT, br#"{"type":"command","id":1,"command":{"do":"say","chat":1,"text":"\udc00"}}"#);
    assert_eq!(unreadable(socket.reply("answer")), (json!(1), json!("malformed")));
    assert_eq!(socket.command(2, json!({"do": "log_in"})), None);
}

#[test]
fn sockets_that_announce_gigabytes_and_send_them_cost_nothing() {
    let mut daemon = daemon(&[]);
    let mut control = visitor(&daemon, 1);
    let before = daemon.memory_bytes("VmRSS");
    let liars: Vec<_> = (0..49).map(|_| WebSocket::open(daemon.http, "/ws/visitor", "")).collect();
    let threads: Vec<_> = liars
        .into_iter()
        .map(|mut liar| {
            std::thread::spawn(move || {
                liar.stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
                liar.stream.write_all(&header(TEXT, 1 << 40)).unwrap();
                let megabyte = vec![b' '; 1 << 20];
                // Until the daemon cuts it, or a gigabyte is through.
                (0..1024).take_while(|_| liar.stream.write_all(&megabyte).is_ok()).count()
            })
        })
        .collect();
    let sent: Vec<usize> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(control.command(1, json!({"do": "say", "text": "Guten Tag"})), None);
    let most = daemon.memory_bytes("VmHWM") - before;
    println!("at most {} MB were taken from one, {} MiB more in memory", sent.iter().max().unwrap(), most >> 20);
    assert!(most < MEMORY_BYTES_MAX, "{} MiB", most >> 20);
    assert!(sent.iter().all(|megabytes| *megabytes < 1024), "each is cut: {sent:?}");
    daemon.assert_alive();
}

#[test]
fn a_chat_of_ten_thousand_messages_is_picked_and_read_to_its_beginning_without_a_cut() {
    let folder = tempfile::tempdir().unwrap();
    crate::floor::run(folder.path(), Timestamp(1_795_342_500_000), async |floor, _| {
        let chat = request(&floor);
        for command in 1..=10_000 {
            write(&floor, chat, "visitors-tab", command);
            if command % 500 == 0 {
                floor.idle().await;
            }
        }
    });
    let daemon = Daemon::start_in(folder, &[], &[]);
    let (mut anna, before) = WebSocket::agent(daemon.http, ANNA, "desk-of-anna");
    assert_eq!(anna.command(1, json!({"do": "log_in"})), None);
    let item = before["queues"][0]["waiting"][0]["item"].clone();
    anna.send(&json!({"type": "command", "id": 2, "command": {"do": "pick", "item": item}}));
    let mut messages = loop {
        let frame = anna.reply("frame");
        assert!(frame["seq"].as_u64().unwrap() < 20, "no flood of frames: {frame}");
        if frame["frame"]["kind"] == "messages" {
            break frame["frame"]["messages"].as_array().unwrap().clone();
        }
    };
    assert_eq!(messages.len(), 50);
    while messages[0]["number"] != 1 {
        anna.send(&json!({"type": "earlier", "chat": item["id"], "before": messages[0]["number"]}));
        let page = anna.reply("earlier")["messages"].as_array().unwrap().clone();
        assert!((1..=50).contains(&page.len()), "{}", page.len());
        messages.splice(0..0, page);
    }
    let numbers: Vec<u64> = messages.iter().map(|message| message["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=10_000).collect::<Vec<_>>());
    assert_eq!(anna.command(3, json!({"do": "say", "chat": item["id"], "text": "read"})), None);
    let (_, again) = WebSocket::agent(daemon.http, ANNA, "other-desk-of-anna");
    assert_eq!(again["messages"][0]["messages"].as_array().unwrap().len(), 50, "a snapshot has its bound");
}

/// For how long is written without a pause: `FLOOD_S`, or eight seconds.
fn flood() -> Duration {
    Duration::from_secs(std::env::var("FLOOD_S").map_or(8, |text| text.parse().expect("FLOOD_S is a number")))
}

#[test]
fn a_visitor_who_writes_all_the_time_is_told_so_and_hinders_nobody() {
    let mut daemon = daemon(&[]);
    let mut control = visitor(&daemon, 2);
    let before = daemon.memory_bytes("VmRSS");
    // Their chat is there: of tabs that begin one at once each would count as a new chat.
    let _first = WebSocket::visitor(daemon.http, "alpenrad", &session(1), "tab-first");
    let (http, began, lasts) = (daemon.http, Instant::now(), flood());
    let writers: Vec<_> = (0..45)
        .map(|tab| {
            std::thread::spawn(move || {
                let (mut socket, _) = WebSocket::visitor(http, "alpenrad", &session(1), &format!("tab-{tab:08}"));
                let (mut done, mut refused) = (0, 0);
                let text = "x".repeat(4_000);
                while began.elapsed() < lasts {
                    match socket.command(done + refused + 1, json!({"do": "say", "text": text})).as_deref() {
                        None => done += 1,
                        Some("too_many") => refused += 1,
                        Some(other) => panic!("{other}"),
                    }
                    // As much as one connection may ask for.
                    std::thread::sleep(Duration::from_millis(50));
                }
                (done, refused)
            })
        })
        .collect();
    let (mut waits, database) = (vec![], daemon.database_bytes());
    // So often that it is no flood itself.
    while began.elapsed() < lasts.mul_f64(0.8) {
        let asked = Instant::now();
        assert_eq!(control.command(waits.len() as u64 + 1, json!({"do": "say", "text": "Guten Tag"})), None);
        waits.push(asked.elapsed());
        std::thread::sleep(Duration::from_millis(550));
    }
    let written: Vec<(u64, u64)> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
    let (done, refused) = written.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let most = daemon.memory_bytes("VmHWM") - before;
    waits.sort();
    println!(
        "{done} messages, {refused} refused; {} of others waited {:?} (p50), {:?} (p99), {:?} at most; {} MiB, {} kB of database",
        waits.len(),
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100],
        waits.last(),
        most >> 20,
        (daemon.database_bytes() - database) / 1_000
    );
    let seconds = lasts.as_secs();
    assert!((20..20 + 5 * seconds).contains(&done), "{done} of 20 at once and 2 a second");
    assert!(refused > 100, "the control: they wanted more, {refused}");
    assert!(most < MEMORY_BYTES_MAX, "{} MiB", most >> 20);
    daemon.assert_alive();
}

#[test]
fn a_client_that_asks_for_much_and_reads_nothing_costs_little_and_is_let_go() {
    let mut daemon = daemon(&[]);
    let mut writer = visitor(&daemon, 1);
    for id in 1..=20 {
        assert_eq!(writer.command(id, json!({"do": "say", "text": "🚲".repeat(4_000)})), None);
    }
    let (mut anna, before) = WebSocket::agent(daemon.http, ANNA, "desk-of-anna");
    assert_eq!(anna.command(1, json!({"do": "log_in"})), None);
    let item = before["queues"][0]["waiting"][0]["item"].clone();
    assert_eq!(anna.command(2, json!({"do": "pick", "item": item})), None);
    let earlier = json!({"type": "earlier", "chat": item["id"], "before": 21});
    anna.send(&earlier);
    let page = anna.reply("earlier")["messages"].to_string().len();
    assert!(page > 200_000, "the control: a page is long, {page}");
    let (mut deaf, _) = WebSocket::agent(daemon.http, ANNA, "deaf-desk-of-anna");
    SockRef::from(&deaf.stream).set_recv_buffer_size(4_096).unwrap();
    let before = daemon.memory_bytes("VmRSS");
    // As many requests as may come at once.
    for _ in 0..180 {
        deaf.send(&earlier);
    }
    let asked = Instant::now();
    // Who writes to a connection that is gone is told so.
    daemon.until("it is let go", |_| {
        anna.frame(0x8a, &[]);
        deaf.stream.write_all(&header(0x8a, 0)).is_err()
    });
    let most = daemon.memory_bytes("VmHWM") - before;
    println!("let go after {:?}; {} MiB for {} MiB asked for", asked.elapsed(), most >> 20, (180 * page) >> 20);
    assert!(most < 32 << 20, "{} MiB", most >> 20);
    // Anna has read nothing meanwhile, either.
    let mut other = visitor(&daemon, 2);
    assert_eq!(other.command(1, json!({"do": "say", "text": "others go on"})), None);
}

#[test]
fn the_reserve_of_the_disk_is_not_for_chats() {
    let daemon = daemon(&[("STORE__RESERVE_MB", "1000000000000")]);
    let mut socket = WebSocket::open(daemon.http, "/ws/visitor", "");
    socket.send(&json!({"type": "hello", "token": "alpenrad", "session": session(1), "client": "visitors-tab", "have": 0, "language": "de"}));
    let Heard::Reply(refused) = socket.hear() else { panic!("it is told why") };
    assert_eq!((refused["type"].as_str(), refused["problem"]["code"].as_str()), (Some("refused"), Some("unavailable")));
    let (mut anna, _) = WebSocket::agent(daemon.http, ANNA, "desk-of-anna");
    assert_eq!(anna.command(1, json!({"do": "log_in"})), None, "the control: everything else goes on");
}

#[test]
fn a_session_stays_with_its_company() {
    let other = COMPANY.replace("alpenrad", "talrad").replace("Alpenrad", "Talrad").replace("anna", "berta");
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[COMPANY, &other], &[]);
    let mut socket = visitor(&daemon, 1);
    assert_eq!(socket.command(1, json!({"do": "say", "text": "for Alpenrad alone"})), None);
    // The same session with the token of another company, of nobody, and its own again.
    let hello = |token: &str| {
        let mut socket = WebSocket::open(daemon.http, "/ws/visitor", "");
        let client = format!("tab-with-{token}");
        socket.send(&json!({"type": "hello", "token": token, "session": session(1), "client": client, "have": 0, "language": "de"}));
        match socket.hear() {
            Heard::Reply(reply) => reply,
            end => panic!("{token}: {end:?}"),
        }
    };
    let refused = hello("talrad");
    assert_eq!((refused["type"].as_str(), refused["problem"]["code"].as_str()), (Some("refused"), Some("forbidden")));
    for token in ["nobodys", "alpenrad"] {
        let snapshot = hello(token);
        assert_eq!(snapshot["chat"]["company"], "Alpenrad", "{token}");
        assert_eq!(snapshot["messages"][0]["text"], "for Alpenrad alone", "{token}");
    }
    let (_, theirs) = WebSocket::visitor(daemon.http, "talrad", &session(2), "visitors-tab");
    assert_eq!(theirs["chat"]["company"], "Talrad", "the control: its own visitors come");
}

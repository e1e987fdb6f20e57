//! Visitors whose connections are cut again and again while they write, send files and ask for chats by a form: nothing is lost,
//! nothing is doubled, and what they wrote stands in the order in which they wrote it. `CUTS=10000` for more.

use super::{SETTINGS, bearer, head, picture, session, visitors};
use crate::journal::story::number;
use crate::process::{Daemon, PATIENCE};
use crate::websocket::{Heard, WebSocket};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

/// How many there are if nobody says otherwise.
const CUTS: u64 = 300;

/// So much may wait to be sent: whoever has written more writes on once it is. A daemon knows the last commands of a tab, not all.
const BACKLOG_MAX: usize = 64;

/// The same cuts each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// What is not answered yet, under the number that it keeps.
#[derive(Clone)]
enum Pending {
    Text(u64),
    File(u64, usize),
    /// Another visitor asks for a chat.
    Chat(u64),
}

fn text(id: u64) -> Value {
    json!({"type": "command", "id": id, "command": {"do": "say", "text": format!("text {id:08}")}})
}

fn open(http: SocketAddr) -> WebSocket {
    WebSocket::visitor(http, "alpenrad", &session(1), "visitors-tab").0
}

/// Sends the texts one by one, as the widget does, until the connection is cut; which were answered.
fn talk(http: SocketAddr, texts: &[u64], chance: &mut Chance) -> Vec<u64> {
    let (mut socket, mut answered) = (open(http), vec![]);
    for id in texts {
        match chance.below(4) {
            // Before it, in the midst of it, and before its answer.
            0 => break,
            1 => {
                let frame = [crate::websocket::header(0x81, 60).as_slice(), &[b'{'; 20]].concat();
                _ = socket.stream.write_all(&frame[..chance.below(frame.len())]);
                break;
            }
            2 => {
                socket.send(&text(*id));
                break;
            }
            _ => socket.send(&text(*id)),
        }
        loop {
            match socket.hear() {
                Heard::Reply(reply) if reply["type"] == "answer" => {
                    assert_eq!((&reply["id"], &reply["problem"]), (&(*id).into(), &Value::Null), "{reply}");
                    break;
                }
                Heard::Reply(_) => {}
                end => panic!("{end:?}"),
            }
        }
        answered.push(*id);
    }
    _ = socket.stream.shutdown(Shutdown::Both);
    answered
}

/// Asks for a chat with what was filled in, until the connection is cut; whether it was answered.
fn begin(http: SocketAddr, id: u64, chance: &mut Chance) -> bool {
    let hello = json!({"type": "hello", "token": "with-a-form", "session": session(1_000_000 + id as u32), "client": "visitors-tab",
        "have": 0, "language": "de", "form": {"name": format!("visitor {id:08}")}});
    let mut socket = WebSocket::open(http, "/ws/visitor", "");
    let hello = hello.to_string();
    let frame = [crate::websocket::header(0x81, hello.len() as u64).as_slice(), hello.as_bytes()].concat();
    let until = if chance.below(2) == 0 { frame.len() } else { chance.below(frame.len()) };
    _ = socket.stream.write_all(&frame[..until]);
    let waits = until == frame.len() && chance.below(3) > 0;
    if waits {
        assert_eq!(socket.reply("snapshot")["chat"]["state"]["state"], "waiting");
    }
    _ = socket.stream.shutdown(Shutdown::Both);
    waits
}

/// Sends a file until the connection is cut; whether it was answered.
fn send(http: SocketAddr, id: u64, bytes: usize, chance: &mut Chance) -> bool {
    let body = picture(bytes);
    let whole = [head(http, &visitors(id, &format!("file-{id:08}.png")), &bearer(1), bytes).as_bytes(), &body].concat();
    let mut stream = TcpStream::connect(http).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let until = if chance.below(2) == 0 { whole.len() } else { chance.below(whole.len()) };
    stream.write_all(&whole[..until]).unwrap();
    if until < whole.len() || chance.below(3) == 0 {
        _ = stream.shutdown(Shutdown::Both);
        return false;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    true
}

#[test]
fn however_often_connections_are_cut_each_text_each_file_and_each_form_is_there_once() {
    let cuts = std::env::var("CUTS").map_or(CUTS, |cuts| cuts.parse().unwrap());
    let many = [("LIMITS__FILES_PER_CHAT_PER_MINUTE", "10000"), ("LIMITS__FILES_PER_SOURCE_PER_MINUTE", "100000")];
    let much = [("LIMITS__MESSAGES_PER_CHAT_PER_SECOND", "10000"), ("LIMITS__MESSAGES_PER_SOURCE_PER_SECOND", "10000")];
    let new = [SETTINGS[2], ("LIMITS__NEW_CHATS_PER_SOURCE_PER_MINUTE", "100000")];
    let settings: Vec<_> = [many, much, new].concat();
    let mut daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[super::COMPANY], &settings);
    let http = daemon.http;
    drop(open(http));
    let (mut chance, mut pending, mut texts, mut files, mut forms) = (Chance(7), vec![], 0, 0, 0);
    for cut in 1..=cuts {
        if pending.len() >= BACKLOG_MAX {
            // Nothing new, but another try.
        } else if cut % 4 == 0 {
            // Of one part, and of several.
            let bytes = if cut % 32 == 0 { 128 * 1024 + chance.below(200_000) } else { 9 + chance.below(20_000) };
            pending.push(Pending::File(cut, bytes));
            files += 1;
        } else if cut % 8 == 1 {
            pending.push(Pending::Chat(cut));
            forms += 1;
        } else {
            pending.push(Pending::Text(cut));
            texts += 1;
        }
        let written: Vec<u64> =
            pending.iter().filter_map(|one| if let Pending::Text(id) = one { Some(*id) } else { None }).collect();
        let answered = talk(http, &written, &mut chance);
        pending.retain(|one| match one {
            Pending::Text(id) => !answered.contains(id),
            Pending::File(id, bytes) => !send(http, *id, *bytes, &mut chance),
            Pending::Chat(id) => !begin(http, *id, &mut chance),
        });
    }
    let mut socket = open(http);
    for one in std::mem::take(&mut pending) {
        match one {
            Pending::Text(id) => {
                let said = json!({"do": "say", "text": format!("text {id:08}")});
                assert_eq!(socket.command(id, said), None);
            }
            Pending::File(id, bytes) => while !send(http, id, bytes, &mut chance) {},
            Pending::Chat(id) => while !begin(http, id, &mut chance) {},
        }
    }
    daemon.until("what was cut off is gone", |daemon| super::files(daemon) == files);
    let asked = |query: &str| number(&daemon.database(), query);
    let name = "json_extract(text, '$.text')";
    assert_eq!(asked("SELECT count(*) FROM content WHERE kind = 1"), texts + files, "each is there, and once");
    assert_eq!(asked(&format!("SELECT count(DISTINCT {name}) FROM content WHERE kind = 1")), texts + files);
    let order = format!(
        "SELECT count(*) FROM (SELECT {name} AS this, lag({name}) OVER (ORDER BY number) AS last FROM content
         WHERE kind = 1 AND json_extract(text, '$.file') IS NULL) WHERE this <= last"
    );
    assert_eq!(asked(&order), 0, "texts stand in their order");
    let filled = "json_extract(text, '$.form[0].value')";
    assert_eq!(asked("SELECT count(*) FROM content WHERE kind = 20"), forms, "each form has its chat, and one");
    assert_eq!(asked(&format!("SELECT count(DISTINCT {filled}) FROM content WHERE kind = 20")), forms);
    assert_eq!(
        asked("SELECT count(DISTINCT chat) FROM visitor_session"),
        forms + 1,
        "and no chat is there without one"
    );
    println!("{texts} texts, {files} files and {forms} forms came through {cuts} cuts");
}

//! What a chat and a message cost: the daemon beside a bare WebSocket echo and a bare loop of inserts, in one run.
//! Prints a table in Markdown; `cargo bench --bench chat -- NAME...` measures only those rows.
//! Never a promise: it prints what this machine did in one run.
#![allow(missing_docs)]

#[path = "../shared/appends.rs"]
mod appends;
mod centre;
mod crowd;
mod echo;
#[path = "../shared/mod.rs"]
mod shared;
mod talk;

use centre::Centre;
use crowd::Crowd;
use serde_json::json;
use shared::daemon::{Pinned, Under, folder, http_port};
use shared::table::{self, Measured, Needed, Row};
use shared::{Result, doing, share};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use talk::Talked;

const NEEDED: [Needed; 2] = [("taskset", "-V", "util-linux"), ("valgrind", "--version", "valgrind")];
const LIVE_HELPER: &str = "LiveHelperChat";

const ROWS: [Row; 7] = [
    Row {
        name: "start",
        what: "CPU a started chat at 100/s, nobody there",
        peer: "119 ms",
        goal: "0.40 ms",
        measure: start,
    },
    Row {
        name: "crowded",
        what: "the same with 100 desktops open and 2,000 chats waiting",
        peer: "",
        goal: "0.40 ms",
        measure: crowded,
    },
    Row {
        name: "message",
        what: "a message, stored and shown on the other screen, at 1,000/s over 100 pairs: CPU; p50 / p99",
        peer: "7.8 ms; up to 3.5 s",
        goal: "75 us; 0.3 / 2 ms",
        measure: message,
    },
    Row { name: "memory", what: "memory of an idle visitor", peer: "polls", goal: "12 KB", measure: memory },
    Row {
        name: "appends",
        what: "durable appends a second, against a bare loop",
        peer: "",
        goal: "x 0.80",
        measure: appended,
    },
    Row {
        name: "message-instructions",
        what: "user instructions a message",
        peer: "",
        goal: "",
        measure: message_instructions,
    },
    Row {
        name: "start-instructions",
        what: "user instructions a started chat: nobody there; for each open desktop more",
        peer: "",
        goal: "",
        measure: start_instructions,
    },
];

fn main() -> ExitCode {
    let wanted = table::arguments();
    if let [echo, at] = wanted.as_slice()
        && echo == "bare-echo"
    {
        let done = at.parse().map_err(doing("read an address")).and_then(echo::run);
        return match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("chat: {error}");
                ExitCode::FAILURE
            }
        };
    }
    if let Err(error) = more_files() {
        eprintln!("chat: {error}");
        return ExitCode::FAILURE;
    }
    table::print("chat", LIVE_HELPER, &ROWS, &NEEDED, &wanted)
}

/// Every visitor is a socket here too.
fn more_files() -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).map_err(doing("open more files"))
}

/// The bare echo in a process of its own, on the daemon's core, with so many connections.
fn bare_echo(connections: usize, under: Under) -> Result<(Pinned, SocketAddr, Crowd)> {
    let (at, me) = (http_port()?, std::env::current_exe().map_err(doing("find this program"))?);
    let mut echo = Pinned::start(&me.to_string_lossy(), &["bare-echo", &at.to_string()], folder()?, under)?;
    echo.ready(|| TcpStream::connect(at).is_ok())?;
    let mut crowd = Crowd::new()?;
    (0..connections).try_for_each(|_| crowd.open(at, "/ws/visitor", "").map(drop))?;
    Ok((echo, at, crowd))
}

/// CPU of each of so many chats that begin at 100 a second, behind those that wait already.
fn started(agents: usize, waiting: usize, count: usize) -> Result<f64> {
    let mut centre = Centre::open(agents, Under::Nothing)?;
    centre.begin_chats(waiting, 200)?;
    let before = centre.daemon.program.cpu()?;
    centre.begin_chats(count, 100)?;
    Ok((centre.daemon.program.cpu()? - before) / count as f64)
}

fn start() -> Result<Measured> {
    const CHATS: usize = 2_000;
    let each = started(0, 200, CHATS)?;
    let (echo, at, mut crowd) = bare_echo(200, Under::Nothing)?;
    let before = echo.cpu()?;
    let begin = Instant::now();
    let mut came = 0;
    for nth in 0..CHATS {
        let due = begin + Duration::from_millis(10) * nth as u32;
        crowd.hear(due, |_| {
            came += 1;
            Ok(false)
        })?;
        let who = crowd.open(at, "/ws/visitor", "")?;
        crowd.send(who, &json!({"type": "hello", "page": "https://shop.example/bicycles"}))?;
    }
    crowd.await_all("echoes", |_| {
        came += 1;
        Ok(came == CHATS)
    })?;
    let bare = (echo.cpu()? - before) / CHATS as f64;
    Ok(Measured {
        vorrang: format!("{:.2} ms", each * 1e3),
        floor: format!("bare echo of a new connection {:.2} ms", bare * 1e3),
    })
}

fn crowded() -> Result<Measured> {
    let each = started(100, 2_000, 1_000)?;
    Ok(Measured { vorrang: format!("{:.2} ms", each * 1e3), floor: String::new() })
}

fn message() -> Result<Measured> {
    const RATE: usize = 1_000;
    const MESSAGES: usize = 10_000;
    let mut centre = Centre::open(100, Under::Nothing)?;
    let mut talk = talk::Talk::begin(&mut centre)?;
    talk.go_on(RATE, RATE)?;
    let before = talk.centre.daemon.program.cpu()?;
    let Talked { seconds } = talk.go_on(MESSAGES, RATE)?;
    let each = (talk.centre.daemon.program.cpu()? - before) / MESSAGES as f64;
    let (bare, echoes) = echoed(200, MESSAGES, RATE, Under::Nothing)?;
    Ok(Measured { vorrang: costs(each, &seconds)?, floor: format!("bare echo {}", costs(bare, &echoes)?) })
}

fn costs(each: f64, seconds: &[f64]) -> Result<String> {
    let (half, most) = (share(seconds, 0.5)?, share(seconds, 0.99)?);
    Ok(format!("{:.0} us; {:.2} / {:.2} ms", each * 1e6, half * 1e3, most * 1e3))
}

/// What an echo costs, in seconds of the processor or, under callgrind, in instructions; and how long each took, sorted.
fn echoed(connections: usize, messages: usize, rate: usize, under: Under) -> Result<(f64, Vec<f64>)> {
    let (echo, _, mut crowd) = bare_echo(connections, under)?;
    let mut seconds = vec![];
    let mut go_on = |echo: &Pinned, messages: usize| -> Result<f64> {
        seconds.clear();
        let before = echo.cpu()?;
        let (begin, mut sent) = (Instant::now(), BTreeMap::new());
        let mut note = |heard: crowd::Heard, sent: &mut BTreeMap<u64, Instant>| {
            let id = heard.reply["id"].as_u64().unwrap_or(u64::MAX);
            let sent_at = sent.remove(&id).ok_or_else(|| format!("nobody said that: {}", heard.reply))?;
            seconds.push((heard.at - sent_at).as_secs_f64());
            Ok(seconds.len() == messages)
        };
        for nth in 0..messages {
            crowd.hear(begin + Duration::from_secs(1) * nth as u32 / rate as u32, |heard| {
                note(heard, &mut sent).map(|_| false)
            })?;
            sent.insert(nth as u64, Instant::now());
            crowd.send(nth % connections, &json!({"type": "command", "id": nth, "text": talk::text(nth)}))?;
        }
        crowd.await_all("echoes", |heard| note(heard, &mut sent))?;
        Ok((echo.cpu()? - before) / messages as f64)
    };
    go_on(&echo, connections.max(messages / 10))?;
    if under == Under::Callgrind {
        echo.count()?;
    }
    let each = go_on(&echo, messages)?;
    seconds.sort_by(f64::total_cmp);
    match under {
        Under::Nothing => Ok((each, seconds)),
        Under::Callgrind => Ok((echo.instructions("CHAT_CALLGRIND_ECHO")? / messages as f64, seconds)),
    }
}

fn memory() -> Result<Measured> {
    const FEW: usize = 500;
    const MANY: usize = 2_500;
    let mut centre = Centre::open(0, Under::Nothing)?;
    centre.begin_chats(FEW, 200)?;
    let few = centre.daemon.program.memory()?;
    centre.begin_chats(MANY - FEW, 200)?;
    let each = (centre.daemon.program.memory()? - few) / (MANY - FEW) as f64;
    let (echo, at, mut crowd) = bare_echo(FEW, Under::Nothing)?;
    let few = echo.memory()?;
    (FEW..MANY).try_for_each(|_| crowd.open(at, "/ws/visitor", "").map(drop))?;
    let bare = (echo.memory()? - few) / (MANY - FEW) as f64;
    Ok(Measured {
        vorrang: format!("{:.1} KB", each / 1024.0),
        floor: format!("a connection to the bare echo {:.1} KB", bare / 1024.0),
    })
}

fn appended() -> Result<Measured> {
    let folder = folder()?;
    let bare = appends::bare(&folder.path().join("bare.db")).many;
    let store = appends::store(&folder.path().join("store.db"), None).many;
    Ok(Measured { vorrang: format!("x {:.2} ({store:.0})", store / bare), floor: format!("{bare:.0}") })
}

fn message_instructions() -> Result<Measured> {
    const PAIRS: usize = 4;
    const MESSAGES: usize = 200;
    const RATE: usize = 20;
    let counted = |messages: usize| {
        let mut centre = Centre::open(PAIRS, Under::Callgrind)?;
        let mut talk = talk::Talk::begin(&mut centre)?;
        // The first ones, whose code is not translated yet, count nothing.
        talk.go_on(MESSAGES / 4, RATE)?;
        talk.centre.daemon.program.count()?;
        talk.go_on(messages, RATE)?;
        centre.daemon.program.instructions("CHAT_CALLGRIND")
    };
    let nothing = counted(0)?;
    let each = (counted(MESSAGES)? - nothing) / MESSAGES as f64;
    let (bare, _) = echoed(2 * PAIRS, MESSAGES, RATE, Under::Callgrind)?;
    let thousands = |count: f64| format!("{:.0},000", count / 1e3);
    Ok(Measured { vorrang: thousands(each), floor: format!("bare echo {}", thousands(bare)) })
}

fn start_instructions() -> Result<Measured> {
    const CHATS: usize = 100;
    const DESKTOPS: usize = 20;
    const RATE: usize = 10;
    let each = |desktops: usize| -> Result<f64> {
        let counted = |chats: usize| {
            let mut centre = Centre::open(desktops, Under::Callgrind)?;
            centre.begin_chats(CHATS / 4, RATE)?;
            centre.daemon.program.count()?;
            centre.begin_chats(chats, RATE)?;
            centre.daemon.program.instructions("CHAT_CALLGRIND")
        };
        let nothing = counted(0)?;
        Ok((counted(CHATS)? - nothing) / CHATS as f64)
    };
    let bare = each(0)?;
    let more = (each(DESKTOPS)? - bare) / DESKTOPS as f64;
    let vorrang = format!("{:.0},000; {:.0},000", bare / 1e3, more / 1e3);
    Ok(Measured { vorrang, floor: String::new() })
}

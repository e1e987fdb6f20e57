//! What a queued call costs, and how many of them a core carries: the daemon beside SIPp that calls itself and beside a
//! bare relay, in one run. Prints a table in Markdown; `cargo bench --bench voice -- NAME...` measures only those rows.
//! Never a promise: it prints what this machine did in one run.
#![allow(missing_docs)]

mod centre;
mod media;
mod peers;
#[path = "../shared/mod.rs"]
mod shared;

use centre::{AGENTS, MUSIC, PHONES, centre};
use media::{Talk, Talker};
use peers::{CALLERS_MEDIA, Load, PHONES_MEDIA, Sipp, between, mouth};
use shared::daemon::{CORE, Under, cpu as cpu_of};
use shared::table::{self, Measured, Needed, Row};
use shared::{Result, doing, share};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::Duration;

const NEEDED: [Needed; 3] =
    [("taskset", "-V", "util-linux"), ("sipp", "-v", "sip-tester"), ("valgrind", "--version", "valgrind")];
/// How long a call is, where it only has to be one.
const CALL: Duration = Duration::from_millis(500);
/// Longer than any row takes.
const LONG: Duration = Duration::from_secs(300);
/// How long media are watched.
const WATCH: Duration = Duration::from_secs(10);

const ROWS: [Row; 8] = [
    Row { name: "rate", what: "queued calls a second, none failed", peer: "140", goal: "1,000", measure: rate },
    Row { name: "cpu", what: "CPU a queued call at 100 calls/s", peer: "7.0-7.6 ms", goal: "0.8 ms", measure: cpu },
    Row {
        name: "instructions",
        what: "user instructions a queued call",
        peer: "5.89 M",
        goal: "1.0 M",
        measure: instructions,
    },
    Row {
        name: "ring",
        what: "caller's INVITE -> agent's INVITE at 20 calls/s, p50 / p99",
        peer: "3.2 / 7.2 ms",
        goal: "2.1 / 3.5 ms",
        measure: ring,
    },
    Row { name: "answer", what: "INVITE -> 200 at 100 calls/s, p99", peer: "24 ms", goal: "6.5 ms", measure: answer },
    Row {
        name: "waiting",
        what: "waiting caller with music: CPU a second, memory",
        peer: "1.58 ms, 152 KB",
        goal: "0.30 ms, 16 KB",
        measure: waiting,
    },
    Row {
        name: "bridged",
        what: "bridged call, RTP both ways: CPU a second, memory",
        peer: "2.68 ms, 353 KB",
        goal: "0.80 ms, 32 KB",
        measure: bridged,
    },
    Row {
        name: "memory",
        what: "memory after 6,000 calls against start",
        peer: "x 23",
        goal: "x 1.10",
        measure: memory,
    },
];

fn main() -> ExitCode {
    let wanted = table::arguments();
    match wanted.as_slice() {
        [relay, calls] if relay == "bare-relay" => match media::bare_relay(calls.parse().unwrap_or(0)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("voice: {error}");
                ExitCode::FAILURE
            }
        },
        _ => table::print("voice", "Asterisk 22 app_queue", &ROWS, &NEEDED, &wanted),
    }
}

/// As many agents as all calls of that rate keep busy, with room to spare.
fn agents(rate: usize) -> usize {
    if rate <= 300 { 200 } else { 1000 }
}

fn short(rate: usize, seconds: usize) -> Load<'static> {
    Load { number: AGENTS, rate, calls: rate * seconds, lasting: CALL }
}

/// Plays a load against `to`; callers and phones if every call was put through.
fn play(to: SocketAddr, load: Load<'_>) -> Result<(Sipp, Sipp)> {
    let mut phones = Sipp::phones(load.calls)?;
    let mut callers = Sipp::callers(to, load)?;
    if callers.succeeds()? & phones.succeeded()? {
        return Ok((callers, phones));
    }
    let (dialled, rang) = (callers.all("dials").len(), phones.all("rings").len());
    Err(format!(
        "of {} calls at {} a second {dialled} were made, {rang} rang, and some failed\n{}\n{}",
        load.calls,
        load.rate,
        callers.complaint(),
        phones.complaint()
    ))
}

/// The phones themselves, dialled without anything between.
fn phones() -> Result<SocketAddr> {
    PHONES.parse().map_err(doing("read an address"))
}

/// The highest rate at which ten seconds of calls all succeed, in one of two tries.
fn rate() -> Result<Measured> {
    const RATES: [usize; 10] = [100, 200, 300, 400, 500, 600, 800, 1000, 1200, 1400];
    let highest = |succeeds: &dyn Fn(usize) -> Result<()>| {
        let carried = |rate: &usize| match succeeds(*rate).or_else(|_| succeeds(*rate)) {
            Ok(()) => true,
            Err(error) => {
                eprintln!("{error}");
                false
            }
        };
        RATES.into_iter().take_while(carried).last().unwrap_or(0)
    };
    let floor = highest(&|rate| play(phones()?, short(rate, 5)).map(drop));
    let vorrang = highest(&|rate| {
        let daemon = centre(agents(rate), Under::Nothing)?;
        play(daemon.sip, short(rate, 10)).map(drop)
    });
    Ok(Measured { vorrang: vorrang.to_string(), floor: format!("SIPp to SIPp {floor}") })
}

fn cpu() -> Result<Measured> {
    let each = |load: Load<'_>| -> Result<f64> {
        let daemon = centre(agents(load.rate), Under::Nothing)?;
        play(daemon.sip, short(load.rate, 2))?;
        let before = daemon.program.cpu()?;
        play(daemon.sip, load)?;
        Ok((daemon.program.cpu()? - before) / load.calls as f64 * 1e3)
    };
    // The more calls there are, the more of them share a way to the disk and a wake.
    let (calm, busy) = (each(short(100, 20))?, each(short(500, 8)));
    let busy = busy.map_or("some failed".to_owned(), |busy| format!("{busy:.2} ms"));
    Ok(Measured { vorrang: format!("{calm:.2} ms ({busy} at 500 calls/s)"), floor: String::new() })
}

fn instructions() -> Result<Measured> {
    const CALLS: usize = 200;
    // Fifty times as slow, so that calls last longer; the first ones, whose code is not translated yet, count nothing.
    let load = |calls| Load { number: AGENTS, rate: 5, calls, lasting: CALL * 4 };
    let counted = |calls: usize| {
        let daemon = centre(200, Under::Callgrind)?;
        play(daemon.sip, load(20))?;
        daemon.program.count()?;
        if calls > 0 {
            play(daemon.sip, load(calls))?;
        }
        daemon.program.instructions("VOICE_CALLGRIND")
    };
    let nothing = counted(0)?;
    let each = (counted(CALLS)? - nothing) / CALLS as f64;
    Ok(Measured { vorrang: format!("{:.2} M", each / 1e6), floor: String::new() })
}

fn ring() -> Result<Measured> {
    let measured = |to: SocketAddr| -> Result<String> {
        let (callers, phones) = play(to, short(20, 25))?;
        let seconds = between(&callers.all("dials"), &phones.all("rings"));
        Ok(format!("{:.2} / {:.2} ms", share(&seconds, 0.5)? * 1e3, share(&seconds, 0.99)? * 1e3))
    };
    let daemon = centre(200, Under::Nothing)?;
    play(daemon.sip, short(20, 2))?;
    Ok(Measured { vorrang: measured(daemon.sip)?, floor: format!("SIPp to SIPp {}", measured(phones()?)?) })
}

fn answer() -> Result<Measured> {
    let measured = |to: SocketAddr| -> Result<String> {
        let (callers, _) = play(to, short(100, 15))?;
        let seconds = between(&callers.all("dials"), &callers.all("talks"));
        Ok(format!("{:.2} ms", share(&seconds, 0.99)? * 1e3))
    };
    let daemon = centre(200, Under::Nothing)?;
    play(daemon.sip, short(100, 2))?;
    Ok(Measured { vorrang: measured(daemon.sip)?, floor: format!("SIPp to SIPp {}", measured(phones()?)?) })
}

fn waiting() -> Result<Measured> {
    const FEW: usize = 50;
    const MANY: usize = 250;
    let daemon = centre(1, Under::Nothing)?;
    let listener = |nth| (mouth(CALLERS_MEDIA, nth), None);
    let listeners: Vec<Talker> = (1..=MANY).map(listener).collect();
    let talk = Talk::begin(&listeners)?;
    let load = |calls| Load { number: MUSIC, rate: 50, calls, lasting: LONG };
    let mut callers = Sipp::callers(daemon.sip, load(MANY))?;
    callers.wait("talks", FEW)?;
    let few = (daemon.program.memory()?, callers.all("talks").len());
    callers.wait("talks", MANY)?;
    let many = daemon.program.memory()?;
    let (cpu, heard) = (daemon.program.cpu()?, talk.heard());
    sleep(WATCH);
    let (cpu, heard) = (daemon.program.cpu()? - cpu, talk.heard() - heard);
    let seconds = MANY as f64 * WATCH.as_secs_f64();
    plausible("music", heard as f64 / seconds)?;
    let (cpu, memory) = (cpu / seconds, (many - few.0) / (MANY - few.1) as f64);
    Ok(Measured { vorrang: costs(cpu, memory), floor: String::new() })
}

fn bridged() -> Result<Measured> {
    const FEW: usize = 50;
    const MANY: usize = 150;
    let daemon = centre(200, Under::Nothing)?;
    let mut phones = Sipp::phones(MANY + 1)?;
    let mut callers = Sipp::callers(daemon.sip, Load { number: AGENTS, rate: 20, calls: MANY, lasting: LONG })?;
    phones.wait("rings", FEW)?;
    let few = (daemon.program.memory()?, phones.all("rings").len());
    let (talks, rings) = (callers.wait("talks", MANY)?, phones.wait("rings", MANY)?);
    let leg = |port| Some(SocketAddr::new(daemon.sip.ip(), port));
    let callers_side = talks.iter().map(|line| (mouth(CALLERS_MEDIA, line.call), leg(line.port)));
    let phones_side = rings.iter().map(|line| (mouth(PHONES_MEDIA, line.turn), leg(line.port)));
    let talkers: Vec<Talker> = callers_side.chain(phones_side).collect();
    let many = daemon.program.memory()?;
    let each = watch(&talkers, || daemon.program.cpu())?;
    let memory = (many - few.0) / (MANY - few.1) as f64;

    let (mut relay, sides) = bare_relay(MANY)?;
    let mouths = |nth| [CALLERS_MEDIA, PHONES_MEDIA].map(|side| mouth(side, nth));
    let talkers: Vec<Talker> = (sides.iter().enumerate())
        .flat_map(|(at, sides)| std::iter::zip(mouths(at + 1), *sides))
        .map(|(mouth, side)| (mouth, Some(side)))
        .collect();
    let bare = watch(&talkers, || cpu_of(relay.id()));
    _ = relay.kill();
    _ = relay.wait();
    Ok(Measured { vorrang: costs(each, memory), floor: format!("bare relay loop {:.2} ms", bare? * 1e3) })
}

/// Lets pairs talk, and says what a second of one pair costs.
fn watch(talkers: &[Talker], cpu: impl Fn() -> Result<f64>) -> Result<f64> {
    let talk = Talk::begin(talkers)?;
    sleep(Duration::from_secs(1));
    let (before, heard) = (cpu()?, talk.heard());
    sleep(WATCH);
    let (spent, heard) = (cpu()? - before, talk.heard() - heard);
    plausible("talking", heard as f64 / talkers.len() as f64 / WATCH.as_secs_f64())?;
    Ok(spent / (talkers.len() / 2) as f64 / WATCH.as_secs_f64())
}

/// Everybody hears 50 packets a second; a cost without its work is no figure.
fn plausible(what: &str, packets: f64) -> Result<()> {
    if (47.0..=53.0).contains(&packets) {
        return Ok(());
    }
    Err(format!("{what}: {packets:.1} packets a second were heard in place of 50"))
}

fn costs(cpu: f64, memory: f64) -> String {
    format!("{:.2} ms, {:.1} KB", cpu * 1e3, memory / 1024.0)
}

/// The bare relay in a process of its own, on the daemon's core; where the two sides of each call are.
fn bare_relay(calls: usize) -> Result<(Child, Vec<[SocketAddr; 2]>)> {
    let me = std::env::current_exe().map_err(doing("find this program"))?;
    let mut relay = Command::new("taskset")
        .args(["-c", CORE])
        .arg(me)
        .args(["bare-relay", &calls.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(doing("start the bare relay"))?;
    let Some(output) = relay.stdout.take() else { return Err("the bare relay says nothing".to_owned()) };
    let mut sides = vec![];
    for line in BufReader::new(output).lines().take(calls) {
        let line = line.map_err(doing("hear the bare relay"))?;
        let (one, other) = line.split_once(' ').ok_or("the bare relay says something else")?;
        let address = |text: &str| text.parse().map_err(doing("read an address"));
        sides.push([address(one)?, address(other)?]);
    }
    Ok((relay, sides))
}

fn memory() -> Result<Measured> {
    let daemon = centre(200, Under::Nothing)?;
    let start = daemon.program.memory()?;
    play(daemon.sip, short(100, 60))?;
    let after = daemon.program.memory()?;
    // What SIP still remembers of the last half minute is a level; what grows beyond it would be a leak.
    play(daemon.sip, short(100, 60))?;
    let later = daemon.program.memory()?;
    let megabytes = |bytes: f64| bytes / 1024.0 / 1024.0;
    let (from, to, on) = (megabytes(start), megabytes(after), megabytes(later));
    let vorrang = format!("x {:.2} ({from:.1} -> {to:.1} MB, {on:.1} MB after 12,000)", after / start);
    Ok(Measured { vorrang, floor: String::new() })
}

//! Callers and desk phones: SIPp plays both, and its logs say what happened when.
//! Never waits longer for SIPp than its scenario can take.

use crate::centre::{CALLERS, PHONES};
use crate::shared::{Result, doing};
use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Where the sound of callers is wanted, and that of phones: the scenarios say so. Not where SIPp is, which takes media
/// ports for itself.
pub const CALLERS_MEDIA: [u8; 4] = [127, 0, 0, 4];
pub const PHONES_MEDIA: [u8; 4] = [127, 0, 0, 5];
/// The port of the first call; that of each further one is four above.
const MEDIA_PORT: u16 = 20_000;
const MEDIA_STEP: u16 = 4;
/// What a scenario may take longer than its calls.
const GRACE: Duration = Duration::from_secs(20);

/// What callers do.
#[derive(Clone, Copy)]
pub struct Load<'a> {
    pub number: &'a str,
    /// A second.
    pub rate: usize,
    pub calls: usize,
    /// How long each talks.
    pub lasting: Duration,
}

/// A SIPp, with the log of its scenario; dropped, it is killed.
pub struct Sipp {
    process: Child,
    log: PathBuf,
    errors: PathBuf,
    until: Instant,
    _folder: TempDir,
}

/// A line of a log.
pub struct Line {
    what: String,
    at: f64,
    /// The caller's number.
    pub call: usize,
    /// Where the far end wants our sound.
    pub port: u16,
    /// The number of the call at the phones.
    pub turn: usize,
}

impl Sipp {
    /// The phones of all agents, for so many calls.
    pub fn phones(calls: usize) -> Result<Sipp> {
        let address: SocketAddr = PHONES.parse().map_err(doing("read an address"))?;
        Sipp::play("phone", address, calls, Duration::from_secs(600), &[])
    }

    /// Callers, who dial `to`.
    pub fn callers(to: SocketAddr, load: Load<'_>) -> Result<Sipp> {
        let port = UdpSocket::bind((CALLERS, 0)).and_then(|socket| socket.local_addr());
        let taking = Duration::from_secs((load.calls / load.rate) as u64) + load.lasting;
        let (rate, lasting) = (load.rate.to_string(), load.lasting.as_millis().to_string());
        let options = ["-s", load.number, "-r", &rate, "-d", &lasting, "-l", "10000", &to.to_string()];
        let port = port.map_err(doing("find a port for callers"))?;
        Sipp::play("caller", port, load.calls, taking, &options)
    }

    fn play(scenario: &str, at: SocketAddr, calls: usize, taking: Duration, options: &[&str]) -> Result<Sipp> {
        let folder = TempDir::new().map_err(doing("make a folder"))?;
        let (log, errors) = (folder.path().join("log"), folder.path().join("errors"));
        let scenario = format!("{}/benches/voice/{scenario}.xml", env!("CARGO_MANIFEST_DIR"));
        let process = Command::new("sipp")
            .args(["-sf", &scenario, "-i", &at.ip().to_string(), "-p", &at.port().to_string()])
            .args(["-mi", &at.ip().to_string(), "-mp", &MEDIA_PORT.to_string(), "-m", &calls.to_string()])
            .args(["-nostdin", "-timer_resol", "1", "-trace_logs", "-log_file"])
            .arg(&log)
            .args(["-trace_err", "-error_file"])
            .arg(&errors)
            .args(options)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(doing("start sipp"))?;
        Ok(Sipp { process, log, errors, until: Instant::now() + taking + GRACE, _folder: folder })
    }

    /// Waits until the scenario is over; whether every call went as it says.
    pub fn succeeds(&mut self) -> Result<bool> {
        loop {
            match self.process.try_wait().map_err(doing("wait for sipp"))? {
                Some(status) => return Ok(status.success()),
                None if Instant::now() > self.until => return Ok(false),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// The same, but with not much time left: the other side is over.
    pub fn succeeded(&mut self) -> Result<bool> {
        self.until = self.until.min(Instant::now() + Duration::from_secs(3));
        self.succeeds()
    }

    /// What it complained about last.
    pub fn complaint(&self) -> String {
        let errors = fs::read_to_string(&self.errors).unwrap_or_default();
        errors.lines().take(4).collect::<Vec<_>>().join("\n")
    }

    /// Every time that something happened.
    pub fn all(&self, what: &str) -> Vec<Line> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        // The last line may be half written.
        let whole = log.rfind('\n').map_or("", |end| &log[..end]);
        whole.lines().filter_map(line).filter(|line| line.what == what).collect()
    }

    /// Waits until it has happened so often.
    pub fn wait(&mut self, what: &str, times: usize) -> Result<Vec<Line>> {
        loop {
            let lines = self.all(what);
            if lines.len() >= times {
                return Ok(lines);
            }
            let ended = self.process.try_wait().map_err(doing("wait for sipp"))?.is_some();
            if ended || Instant::now() > self.until {
                return Err(format!("{} of {times} calls came to \"{what}\"\n{}", lines.len(), self.complaint()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        // It may have ended.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Where the sound of a side's n-th call, from 1, is wanted.
pub fn mouth(side: [u8; 4], nth: usize) -> SocketAddr {
    SocketAddr::from((side, MEDIA_PORT + MEDIA_STEP * (nth as u16 - 1)))
}

/// Seconds from one thing to the other, call by call, in growing order.
pub fn between(from: &[Line], to: &[Line]) -> Vec<f64> {
    let first: BTreeMap<usize, f64> = from.iter().rev().map(|line| (line.call, line.at)).collect();
    let mut seconds: Vec<f64> =
        to.iter().filter_map(|line| first.get(&line.call).map(|begin| line.at - begin)).collect();
    seconds.sort_by(f64::total_cmp);
    seconds
}

/// Reads `what; date TAB time TAB seconds; call; port; turn`.
fn line(text: &str) -> Option<Line> {
    let mut parts = text.split("; ");
    let what = parts.next()?.to_owned();
    let at = parts.next()?.rsplit('\t').next()?.parse().ok()?;
    let call = parts.next()?.parse().ok()?;
    let port = parts.next()?.trim().parse().ok()?;
    let turn = parts.next().and_then(|turn| turn.trim().parse().ok()).unwrap_or(call);
    Some(Line { what, at, call, port, turn })
}

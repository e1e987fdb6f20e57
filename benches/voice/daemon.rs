//! A release daemon of the bench's own: its folder, its company, its people at work, and what it costs.
//! Never touches a daemon that it did not start.

use crate::{Result, doing};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use vorrang::store::{Hashed as _, Secret};

/// The core on which the daemon, or what it is compared with, runs alone.
pub const CORE: &str = "1";
/// Whom callers dial to reach an agent.
pub const AGENTS: &str = "4930100";
/// Whom they dial to hear music for ever: a queue that nobody serves.
pub const MUSIC: &str = "4930200";
/// Where the phones of all agents are.
pub const PHONES: &str = "127.0.0.3:5070";
/// Where callers come from.
pub const CALLERS: &str = "127.0.0.2";

const PASSWORD: &str = "measured-and-weighed-1";
const PATIENCE: Duration = Duration::from_secs(120);
/// Ticks of a second in /proc/PID/stat: the same on every Linux.
const TICKS: f64 = 100.0;

/// A running daemon; dropped, it is killed.
pub struct Daemon {
    process: Child,
    /// Where it takes calls.
    pub sip: SocketAddr,
    http: SocketAddr,
    folder: TempDir,
}

/// The daemon as it is, or counted instruction by instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Under {
    Nothing,
    Callgrind,
}

impl Daemon {
    /// Starts one with so many agents, all at work.
    pub fn start(agents: usize, under: Under) -> Result<Daemon> {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).map_err(doing("make a folder"))?;
        let free = || UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let sip = free().map_err(doing("find a SIP port"))?;
        let http = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let http = http.map_err(doing("find an HTTP port"))?;
        let path = folder.path();
        let write = |name: &str, text: String| fs::write(path.join(name), text).map_err(doing("write a file"));
        write("config.toml", settings(path, sip, http))?;
        write("company.toml", company(agents)?)?;
        // Another one can be named, to compare two of them.
        let binary = std::env::var("VOICE_DAEMON").unwrap_or(env!("CARGO_BIN_EXE_vorrang").to_owned());
        let binary = binary.as_str();
        let apply = ["company", "apply", "company.toml", "--config", "config.toml"];
        let applied = clean(Command::new(binary)).args(apply).current_dir(path).output();
        let applied = applied.map_err(doing("run vorrang company apply"))?;
        if !applied.status.success() {
            return Err(format!("vorrang company apply: {}", String::from_utf8_lossy(&applied.stderr)));
        }
        let log = File::create(path.join("daemon.log")).map_err(doing("make the daemon's log"))?;
        let mut command = clean(Command::new("taskset"));
        command.args(["-c", CORE]);
        if under == Under::Callgrind {
            command.args(["valgrind", "--tool=callgrind", "--callgrind-out-file=callgrind.out"]);
        }
        command.args([binary, "serve", "--config", "config.toml"]).current_dir(path).stdin(Stdio::null());
        let process = command.stdout(Stdio::null()).stderr(log).spawn().map_err(doing("start the daemon"))?;
        let mut daemon = Daemon { process, sip, http, folder };
        daemon.ready()?;
        daemon.log_in(agents)?;
        Ok(daemon)
    }

    /// Utilised seconds of the processor so far, user and system.
    pub fn cpu(&self) -> Result<f64> {
        cpu(self.process.id())
    }

    /// Resident bytes.
    pub fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).map_err(doing("read /proc"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        Ok(kilobytes.ok_or("no VmRSS in /proc/PID/status")? * 1024.0)
    }

    /// Counts instructions from now on.
    pub fn count(&self) -> Result<()> {
        // Valgrind becomes the daemon: it is the process that was started.
        let pid = self.process.id().to_string();
        let zeroed = Command::new("callgrind_control").args(["-z", &pid]).stdout(Stdio::null()).status();
        if zeroed.map_err(doing("run callgrind_control"))?.success() {
            return Ok(());
        }
        Err("callgrind_control could not set the count to zero".to_owned())
    }

    /// Stops it in order, and says how many instructions callgrind counted.
    pub fn instructions(mut self) -> Result<f64> {
        let pid = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().map_err(doing("run kill"))?;
        if !told.success() {
            return Err("the daemon could not be told to stop".to_owned());
        }
        self.process.wait().map_err(doing("wait for the daemon"))?;
        let log = self.log();
        let counted = log.lines().rev().find_map(|line| line.split_once("Collected : "));
        let counted = counted.and_then(|(_, count)| count.trim().parse().ok());
        if let Ok(keep) = std::env::var("VOICE_CALLGRIND") {
            fs::copy(self.folder.path().join("callgrind.out"), keep).map_err(doing("keep callgrind's file"))?;
        }
        counted.ok_or_else(|| format!("callgrind counted nothing:\n{log}"))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("daemon.log")).unwrap_or_default()
    }

    fn ready(&mut self) -> Result<()> {
        let begin = Instant::now();
        while !self.ask("GET", "/readyz", "", "").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            let ended = self.process.try_wait().map_err(doing("look after the daemon"))?;
            if ended.is_some() || begin.elapsed() > PATIENCE {
                return Err(format!("the daemon did not start:\n{}", self.log()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// A supervisor lets everybody's work begin.
    fn log_in(&self, agents: usize) -> Result<()> {
        let session =
            self.ask("POST", "/api/v1/sessions", "", &format!(r#"{{"name":"boss","password":"{PASSWORD}"}}"#))?;
        let cookie = session.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.ok_or_else(|| format!("no session: {session}"))?;
        for agent in 0..agents {
            let path = format!("/api/v1/agents/a{agent}/presence");
            let answer = self.ask("PUT", &path, &format!("cookie: {cookie}\r\n"), r#"{"presence":"available"}"#)?;
            if !answer.starts_with("HTTP/1.1 204") {
                return Err(format!("an agent cannot work: {answer}"));
            }
        }
        Ok(())
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Result<String> {
        let asking = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(self.http)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            write!(
                stream,
                "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n{headers}\r\n{body}",
                self.http,
                body.len()
            )?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        asking().map_err(doing("ask the daemon"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Utilised seconds of the processor of a process so far, user and system.
pub fn cpu(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).map_err(doing("read /proc"))?;
    // The name stands in brackets and may hold anything; utime and stime are the 14th and 15th fields.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: Vec<f64> = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks[..] {
        [user, system] => Ok((user + system) / TICKS),
        _ => Err(format!("/proc/{pid}/stat: {stat}")),
    }
}

/// Without settings from the environment.
fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VORRANG_")) {
        command.env_remove(name);
    }
    command
}

/// All as it is by default, but for addresses, wrap-up, the number of calls, and callers who may be silent.
fn settings(folder: &Path, sip: SocketAddr, http: SocketAddr) -> String {
    format!(
        "[http]\nlisten = \"{http}\"\n[store]\npath = {:?}\n[sip]\nlisten = [\"udp:{sip}\"]\n\
         [media]\naddress = \"127.0.0.1\"\nsilence_s = 0\n[agent]\ncall_wrap_up_s = 0\n[limits]\ncalls = 4000\n",
        folder.join("vorrang.db")
    )
}

fn company(agents: usize) -> Result<String> {
    let hash = Secret::hash(PASSWORD).map_err(doing("hash a password"))?.0;
    let mut text = format!(
        "[company]\nname = \"Bench\"\n[[queue]]\nname = \"Service\"\n[[queue]]\nname = \"Music\"\n\
         [[agent]]\nlogin_name = \"boss\"\nrole = \"supervisor\"\npassword_hash = \"{hash}\"\nqueues = []\n\
         [[number]]\nnumber = \"{AGENTS}\"\nqueue = \"Service\"\n[[number]]\nnumber = \"{MUSIC}\"\nqueue = \"Music\"\n\
         [[trunk]]\nname = \"callers\"\naddress = \"{CALLERS}\"\n"
    );
    for agent in 0..agents {
        write!(
            text,
            "[[agent]]\nlogin_name = \"a{agent}\"\npassword_hash = \"{hash}\"\nvoice_only = true\n\
             queues = [\"Service\"]\nphone = \"sip:a{agent}@{PHONES}\"\n"
        )
        .map_err(doing("write the company"))?;
    }
    Ok(text)
}

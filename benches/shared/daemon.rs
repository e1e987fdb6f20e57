//! A daemon of the bench's own: its folder, its company, and what it costs; and any other program that is measured so.
//! Never touches a process that it did not start.

use super::{Result, doing, licensed};
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

/// Everybody's.
const PASSWORD: &str = "measured-and-weighed-1";
const PATIENCE: Duration = Duration::from_secs(120);
/// Ticks of a second in /proc/PID/stat: the same on every Linux.
const TICKS: f64 = 100.0;

/// A program as it is, or counted instruction by instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Under {
    Nothing,
    Callgrind,
}

/// A program that runs alone on its core, in a folder of its own; dropped, it is killed.
pub struct Pinned {
    process: Child,
    folder: TempDir,
}

impl Pinned {
    /// Starts it; what it says goes into `program.log`.
    pub fn start(program: &str, arguments: &[&str], folder: TempDir, under: Under) -> Result<Pinned> {
        let log = File::create(folder.path().join("program.log")).map_err(doing("make a log"))?;
        let mut command = clean(Command::new("taskset"));
        command.args(["-c", CORE]);
        if under == Under::Callgrind {
            command.args(["valgrind", "--tool=callgrind", "--callgrind-out-file=callgrind.out"]);
        }
        command.arg(program).args(arguments).current_dir(folder.path()).stdin(Stdio::null());
        let process = command.stdout(Stdio::null()).stderr(log).spawn().map_err(doing("start a program"))?;
        Ok(Pinned { process, folder })
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
        // Valgrind becomes the program: it is the process that was started.
        let pid = self.process.id().to_string();
        let zeroed = Command::new("callgrind_control").args(["-z", &pid]).stdout(Stdio::null()).status();
        if zeroed.map_err(doing("run callgrind_control"))?.success() {
            return Ok(());
        }
        Err("callgrind_control could not set the count to zero".to_owned())
    }

    /// Stops it in order, and says how many instructions callgrind counted. Its file is kept where the variable `keep` of
    /// the environment says.
    pub fn instructions(mut self, keep: &str) -> Result<f64> {
        let pid = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().map_err(doing("run kill"))?;
        if !told.success() {
            return Err("the program could not be told to stop".to_owned());
        }
        self.process.wait().map_err(doing("wait for the program"))?;
        let log = self.log();
        let counted = log.lines().rev().find_map(|line| line.split_once("Collected : "));
        let counted = counted.and_then(|(_, count)| count.trim().parse().ok());
        if let Ok(keep) = std::env::var(keep) {
            fs::copy(self.folder.path().join("callgrind.out"), keep).map_err(doing("keep callgrind's file"))?;
        }
        counted.ok_or_else(|| format!("callgrind counted nothing:\n{log}"))
    }

    /// Waits until it is ready, or has ended.
    pub fn ready(&mut self, is_ready: impl Fn() -> bool) -> Result<()> {
        let begin = Instant::now();
        while !is_ready() {
            let ended = self.process.try_wait().map_err(doing("look after a program"))?;
            if ended.is_some() || begin.elapsed() > PATIENCE {
                return Err(format!("it did not start:\n{}", self.log()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("program.log")).unwrap_or_default()
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // It may have ended.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// A folder on the disk on which the bench is built.
pub fn folder() -> Result<TempDir> {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).map_err(doing("make a folder"))
}

/// An HTTP port that is free.
pub fn http_port() -> Result<SocketAddr> {
    let http = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    http.map_err(doing("find an HTTP port"))
}

/// A running daemon.
pub struct Daemon {
    pub program: Pinned,
    /// Where it takes calls.
    pub sip: SocketAddr,
    /// Where it takes browsers.
    pub http: SocketAddr,
}

impl Daemon {
    /// Starts one with a company and with settings that are not the default ones: whole sections of config.toml. Another
    /// program can be named by the variable `other` of the environment, to compare two of them.
    pub fn start(settings: &str, company: &str, other: &str, under: Under) -> Result<Daemon> {
        let folder = folder()?;
        let free = || UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let sip = free().map_err(doing("find a SIP port"))?;
        let http = http_port()?;
        let path = folder.path();
        let write = |name: &str, text: &str| fs::write(path.join(name), text).map_err(doing("write a file"));
        let key = format!("\n[licence]\npublic_key = \"{}\"\n", licensed::public_key());
        write("config.toml", &(places(path, sip, http) + settings + &key))?;
        write("company.toml", &licensed::with_licence(company))?;
        let binary = std::env::var(other).unwrap_or(env!("CARGO_BIN_EXE_vorrang").to_owned());
        let apply = ["company", "apply", "company.toml", "--config", "config.toml"];
        let applied = clean(Command::new(&binary)).args(apply).current_dir(path).output();
        let applied = applied.map_err(doing("run vorrang company apply"))?;
        if !applied.status.success() {
            return Err(format!("vorrang company apply: {}", String::from_utf8_lossy(&applied.stderr)));
        }
        let program = Pinned::start(&binary, &["serve", "--config", "config.toml"], folder, under)?;
        let mut daemon = Daemon { program, sip, http };
        daemon.program.ready(|| ask(http, "GET", "/readyz", "", "").is_ok_and(|a| a.starts_with("HTTP/1.1 200")))?;
        Ok(daemon)
    }

    /// The header of a session of somebody by this name.
    pub fn session(&self, name: &str) -> Result<String> {
        let body = format!(r#"{{"name":"{name}","password":"{PASSWORD}"}}"#);
        let session = ask(self.http, "POST", "/api/v1/sessions", "", &body)?;
        let cookie = session.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.ok_or_else(|| format!("no session: {session}"))?;
        Ok(format!("cookie: {cookie}\r\n"))
    }

    /// A supervisor lets somebody's work begin.
    pub fn log_in(&self, session: &str, agent: &str) -> Result<()> {
        let path = format!("/api/v1/agents/{agent}/presence");
        let answer = ask(self.http, "PUT", &path, session, r#"{"presence":"available"}"#)?;
        if answer.starts_with("HTTP/1.1 204") {
            return Ok(());
        }
        Err(format!("an agent cannot work: {answer}"))
    }
}

/// What everybody's password is stored as.
pub fn password_hash() -> Result<String> {
    Ok(Secret::hash(PASSWORD).map_err(doing("hash a password"))?.0)
}

fn ask(http: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Result<String> {
    let asking = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(http)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {http}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    asking().map_err(doing("ask the daemon"))
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

fn places(folder: &Path, sip: SocketAddr, http: SocketAddr) -> String {
    format!(
        "[http]\nlisten = \"{http}\"\n[store]\npath = {:?}\n[sip]\nlisten = [\"udp:{sip}\"]\n",
        folder.join("vorrang.db")
    )
}

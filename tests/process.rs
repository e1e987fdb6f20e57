//! The daemon as a process of its own: free ports, a company, a trunk; for tests that look at it from outside.
//! Never waits by the clock: it is ready when `/readyz` says so.

use crate::licensed;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes; only a test that hangs sees it.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How many ports there are for media: two a leg.
const MEDIA_PORTS: u16 = 400;

/// A running daemon.
pub struct Daemon {
    process: Child,
    directory: TempDir,
    /// Where SIP is listened to, by UDP and TCP, on both families' loopback addresses.
    pub sip_port: u16,
    /// Where HTTP is listened to.
    pub http: SocketAddr,
}

impl Daemon {
    /// Starts it with a trunk at these addresses, whose calls to these numbers wait in a queue. Settings are as in
    /// `VORRANG_SECTION__KEY`, without the prefix.
    pub fn start(trunk: &[IpAddr], numbers: &[&str], settings: &[(&str, &str)]) -> Daemon {
        Daemon::start_in(tempfile::tempdir().unwrap(), &[&company(trunk, numbers)], settings)
    }

    /// The same in a directory that may have a database, with these company files.
    pub fn start_in(directory: TempDir, companies: &[&str], settings: &[(&str, &str)]) -> Daemon {
        Daemon::serve(directory, companies, settings, None)
    }

    /// The same of a company in its own words, with so many file descriptors at most.
    pub fn of(company: &str, settings: &[(&str, &str)], descriptors: Option<u32>) -> Daemon {
        Daemon::serve(tempfile::tempdir().unwrap(), &[company], settings, descriptors)
    }

    fn serve(directory: TempDir, companies: &[&str], settings: &[(&str, &str)], descriptors: Option<u32>) -> Daemon {
        let (sip_port, media) = (free_port(), media_ports());
        let http = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        fs::write(path("config.toml"), "").unwrap();
        let listen = ["udp:127.0.0.1", "tcp:127.0.0.1", "udp:[::1]", "tcp:[::1]"];
        let listen = listen.map(|place| format!("\"{place}:{sip_port}\"")).join(", ");
        let vorrang = |words: &[&str]| {
            let mut command = Command::new("sh");
            let limit = descriptors.map(|limit| format!("ulimit -n {limit}; ")).unwrap_or_default();
            // A file that may not grow is told to the daemon as an error, and not by a signal.
            let script = format!("trap '' XFSZ; {limit}exec \"$0\" \"$@\"");
            command.args(["-c", &script, env!("CARGO_BIN_EXE_vorrang")]);
            // The settings of whoever runs the tests do not belong here.
            for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("VORRANG_")) {
                command.env_remove(key);
            }
            command.args(words).args(["--config", &path("config.toml")]);
            command.env("VORRANG_HTTP__LISTEN", http.to_string()).env("VORRANG_STORE__PATH", path("vorrang.db"));
            command.env("VORRANG_SIP__LISTEN", format!("[{listen}]")).env("VORRANG_MEDIA__ADDRESS", "127.0.0.1");
            command.env("VORRANG_MEDIA__PORTS", format!("{media}-{}", media + MEDIA_PORTS - 1));
            command.env("VORRANG_LICENCE__PUBLIC_KEY", licensed::public_key());
            command.envs(settings.iter().map(|(key, value)| (format!("VORRANG_{key}"), value)));
            command
        };
        for company in companies {
            fs::write(path("company.toml"), licensed::with_licence(company)).unwrap();
            let applied = vorrang(&["company", "apply", &path("company.toml")]).output().unwrap();
            assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        }
        let log = fs::File::create(path("log")).unwrap();
        let process = vorrang(&["serve"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut daemon = Daemon { process, directory, sip_port, http };
        daemon.until("it is ready", |_| is_ready(http));
        daemon
    }

    /// Stops it, as systemd does; its directory stays.
    pub fn stop(&mut self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        assert!(self.process.wait().unwrap().success(), "{}", self.last_words());
    }

    /// Killed without a word, unless it was stopped, and started again with what it has on the disk.
    pub fn killed_and_started_again(mut self, settings: &[(&str, &str)]) -> Daemon {
        let directory = std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap());
        drop(self);
        Daemon::start_in(directory, &[], settings)
    }

    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.directory.path().join("vorrang.db")
    }

    /// Waits until something holds; a daemon that died in the meantime is shown with its last words.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut holds: impl FnMut(&Daemon) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            self.assert_alive();
            assert!(Instant::now() < deadline, "waited in vain: {what}\n{}", self.last_words());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its process still runs, and no thread of it panicked.
    #[track_caller]
    pub fn assert_alive(&mut self) {
        if let Some(status) = self.process.try_wait().unwrap() {
            panic!("the daemon ended: {status}\n{}", self.last_words());
        }
    }

    /// How long its database is, with what waits to be put into it.
    pub fn database_bytes(&self) -> u64 {
        ["vorrang.db", "vorrang.db-wal"]
            .map(|name| fs::metadata(self.path(name)).map_or(0, |file| file.len()))
            .iter()
            .sum()
    }

    /// A file in its directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What it logged last.
    pub fn last_words(&self) -> String {
        let log = self.log();
        log.chars().skip(log.chars().count().saturating_sub(4_000)).collect()
    }

    /// All that it logged.
    pub fn log(&self) -> String {
        fs::read(self.directory.path().join("log")).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap()
    }

    /// A line of `/proc/<pid>/status` such as `VmRSS` or `VmHWM`, in bytes.
    pub fn memory_bytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }

    /// From now on it can write nothing beyond so many bytes of a file, as on a disk that is full; `None`: as before.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(Pid::from_child(&self.process)), Resource::Fsize, limit).unwrap();
    }

    /// Whether it says that it takes calls and chats.
    pub fn is_ready(&self) -> bool {
        is_ready(self.http)
    }

    /// How many media ports are open: none once all calls are over.
    pub fn media_ports_open(&self) -> usize {
        self.udp_sockets().iter().filter(|(port, _)| *port != self.sip_port).count()
    }

    /// How many datagrams came to its SIP sockets faster than it read them, and were lost.
    pub fn datagrams_lost(&self) -> u64 {
        self.udp_sockets().iter().filter(|(port, _)| *port == self.sip_port).map(|(_, lost)| lost).sum()
    }

    /// Its UDP sockets: the port of each, and how many datagrams were dropped there (proc_pid_net(5)).
    fn udp_sockets(&self) -> Vec<(u16, u64)> {
        let process = format!("/proc/{}", self.process.id());
        let files =
            fs::read_dir(format!("{process}/fd")).unwrap().flatten().filter_map(|file| fs::read_link(file.path()).ok());
        let files: BTreeSet<String> = files.map(|file| file.to_string_lossy().into_owned()).collect();
        let tables =
            ["udp", "udp6"].map(|table| fs::read_to_string(format!("{process}/net/{table}")).unwrap_or_default());
        let lines = tables.iter().flat_map(|table| table.lines().skip(1));
        let sockets = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
        let own = sockets.filter(|fields| files.contains(&format!("socket:[{}]", fields[9])));
        own.map(|fields| {
            let port = fields[1].rsplit(':').next().unwrap();
            (u16::from_str_radix(port, 16).unwrap(), fields.last().unwrap().parse().unwrap())
        })
        .collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// An address of the loopback network that no other test has, so that everybody can have port 5060 of it.
pub fn own_address() -> IpAddr {
    static NEXT: AtomicU8 = AtomicU8::new(64);
    let [_, _, high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, NEXT.fetch_add(1, Ordering::Relaxed), high, low).into()
}

/// A port that is free by UDP and TCP, on both families; below those that the system gives out by itself, so that no
/// connection has it by the time at which the daemon wants it.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let hosts: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let candidates = std::iter::repeat_with(|| {
        let start = (std::process::id() as u16).wrapping_mul(101);
        20_000 + NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(start) % 12_000
    });
    let is_free = |port: &u16| {
        hosts.iter().all(|host| TcpListener::bind((*host, *port)).is_ok() && UdpSocket::bind((*host, *port)).is_ok())
    };
    candidates.take(100).find(is_free).expect("a free port")
}

/// The first of so many; below those that the system gives out by itself. The daemon passes over what others have taken.
fn media_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let turn = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id() as u16) % 25;
    10_000 + turn * MEDIA_PORTS
}

/// A company with a trunk at these addresses, whose calls to these numbers wait in the queue "Service".
pub fn company(trunk: &[IpAddr], numbers: &[&str]) -> String {
    let trunk = trunk.iter().map(|address| format!("[[trunk]]\nname = \"trunk-{address}\"\naddress = \"{address}\"\n"));
    let number = |number: &&str| format!("[[number]]\nnumber = \"{number}\"\nqueue = \"Service\"\n");
    let numbers: String = numbers.iter().map(number).collect();
    let trunk: String = trunk.collect();
    format!("[company]\nname = \"Alpenrad\"\n[[queue]]\nname = \"Service\"\n{numbers}{trunk}")
}

fn is_ready(http: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(http) else { return false };
    let mut answer = String::new();
    let asked = stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    asked.and_then(|()| stream.read_to_string(&mut answer)).is_ok() && answer.starts_with("HTTP/1.1 200")
}

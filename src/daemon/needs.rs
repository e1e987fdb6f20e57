//! What the daemon needs of the machine: its database, its sockets and its music. `vorrang serve` takes it, `vorrang config
//! check` looks whether it could.
//! Never stops at the first thing that cannot be had, and keeps nothing if there is one.

use crate::config::Config;
use crate::store::{Archive, Loaded, Store, StoreError};
use crate::telephony::announcements::Sounds;
use crate::telephony::prompts::{Prompt, Prompts};
use crate::telephony::signalling::{self, Bound};
use std::fmt;
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::sync::Arc;

/// Something that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting that names it.
    pub key: &'static str,
    /// What was tried, why it failed and what helps.
    pub what: String,
    /// What follows.
    pub weight: Weight,
}

/// What follows from a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The daemon does not start.
    Error,
    /// The same, because somebody has it already.
    InUse,
    /// The daemon starts, and something is not as it was meant.
    Warning,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.what)
    }
}

impl Problem {
    fn of_store(why: &StoreError) -> Problem {
        let weight = if matches!(why, StoreError::InUse(_)) { Weight::InUse } else { Weight::Error };
        Problem { key: "store.path", what: why.to_string(), weight }
    }

    fn of_socket(key: &'static str, why: &io::Error) -> Problem {
        let weight = if why.kind() == io::ErrorKind::AddrInUse { Weight::InUse } else { Weight::Error };
        Problem { key, what: why.to_string(), weight }
    }
}

/// What was taken.
pub(super) struct Taken {
    pub(super) store: Store,
    pub(super) sockets: Vec<Bound>,
    pub(super) http: TcpListener,
    pub(super) music: Arc<Prompt>,
}

/// Takes all of it; `open` opens the database.
pub(super) fn take(config: &Config, open: impl FnOnce() -> Result<Store, StoreError>) -> Result<Taken, Vec<Problem>> {
    let mut problems = vec![];
    let store = Store::look(&config.store.path)
        .and_then(|()| open())
        .map_err(|why| problems.push(Problem::of_store(&why)))
        .ok();
    match (store, machine(config, &mut problems)) {
        (Some(store), Some((sockets, http, music))) => Ok(Taken { store, sockets, http, music }),
        (None, _) | (_, None) => Err(problems),
    }
}

/// All that `vorrang serve` would find with these settings now, and what of the companies cannot be used any more.
/// Nothing is changed. What a running daemon holds cannot be looked at beside it, which is a warning.
pub fn check(config: &Config) -> Vec<Problem> {
    let looked = Store::look(&config.store.path);
    let is_running = matches!(looked, Err(StoreError::InUse(_)));
    let mut problems: Vec<Problem> = looked.err().iter().map(Problem::of_store).collect();
    machine(config, &mut problems);
    if is_running {
        for problem in problems.iter_mut().filter(|problem| problem.weight == Weight::InUse) {
            problem.weight = Weight::Warning;
        }
    }
    problems.extend(lost(config));
    problems
}

/// The sockets and the music; whatever cannot be had is added to `problems`.
fn machine(config: &Config, problems: &mut Vec<Problem>) -> Option<(Vec<Bound>, TcpListener, Arc<Prompt>)> {
    let mut had = |key, why: io::Error| problems.push(Problem::of_socket(key, &why));
    let sockets: Vec<Option<Bound>> = config
        .sip
        .listen
        .iter()
        .map(|listen| signalling::bind(listen.transport, listen.address).map_err(|why| had("sip.listen", why)).ok())
        .collect();
    let http = bind_http(config).map_err(|why| had("http.listen", why)).ok();
    let media = try_media(config).map_err(|why| had("media.address", why)).ok();
    let music = match &config.media.music {
        Some(path) => Prompts::from_wav(Path::new(path)),
        None => Ok(Prompts::music()),
    };
    let music = music.map_err(|why| {
        problems.push(Problem { key: "media.music", what: why.to_string(), weight: Weight::Error });
    });
    media?;
    Some((sockets.into_iter().collect::<Option<_>>()?, http?, music.ok()?))
}

fn bind_http(config: &Config) -> io::Result<TcpListener> {
    let listen = config.http.listen;
    TcpListener::bind(listen).map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => " (another web server? set http.listen)",
            io::ErrorKind::AddrNotAvailable => " (not an address of this machine; set http.listen)",
            _ => " (set http.listen)",
        };
        io::Error::new(error.kind(), format!("bind HTTP to tcp {listen}: {error}{advice}"))
    })
}

/// Media ports are bound with each call: whether the address is ours shows now.
fn try_media(config: &Config) -> io::Result<()> {
    let address = config.media.address;
    UdpSocket::bind((address, 0)).map(drop).map_err(|error| {
        let advice = "set media.address to an address of this machine, or to 0.0.0.0 or ::";
        io::Error::new(error.kind(), format!("bind media to udp {address}: {error} ({advice})"))
    })
}

/// What of the companies cannot be read in the database, and the sounds that they named when they were applied and that
/// cannot be read any more. A database that cannot be read has been complained about.
fn lost(config: &Config) -> Vec<Problem> {
    let Ok(mut archive) = Archive::open(&config.store.path) else { return vec![] };
    let Ok(companies) = archive.companies() else { return vec![] };
    let mut problems = vec![];
    for company in companies {
        let Ok(Some(Loaded { company: rows, damages })) = archive.company(company.id) else { continue };
        problems.extend(damages.iter().map(|damage| Problem {
            key: "store.path",
            what: format!("company {}: {damage}", company.name),
            weight: Weight::Warning,
        }));
        for queue in rows.queues {
            let voice = &queue.voice;
            if let Err(why) = Sounds::load(voice.music.as_deref(), &Prompts::beep(), voice.announcements.as_ref()) {
                let what = format!(
                    "company {}, queue {}: {why}; its callers hear the usual music (apply the company again)",
                    company.name, queue.name
                );
                problems.push(Problem { key: "store.path", what, weight: Weight::Warning });
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings that are right on any machine, with a database in `folder`, but for these.
    fn settings(folder: &Path, other: &[(&str, &str, &str)]) -> Config {
        let path = folder.join("vorrang.db").display().to_string();
        let mut text = toml::Table::new();
        let right =
            [("store", "path", path.as_str()), ("http", "listen", "127.0.0.1:0"), ("sip", "listen", "127.0.0.1:0")];
        for (section, key, value) in right.iter().chain(other) {
            let section = text.entry(*section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            section.as_table_mut().unwrap().insert((*key).to_owned(), (*value).into());
        }
        Config::parse(&toml::to_string(&text).unwrap()).unwrap()
    }

    /// What `vorrang config check` finds, and, if it is an error, that `vorrang serve` finds the same.
    fn found(config: &Config) -> Vec<Problem> {
        let problems = check(config);
        let errors: Vec<&Problem> = problems.iter().filter(|problem| problem.weight != Weight::Warning).collect();
        let served = take(config, || Store::open(&config.store.path, |_| {})).err().unwrap_or_default();
        assert_eq!(errors, served.iter().collect::<Vec<_>>(), "check and serve agree");
        problems
    }

    #[test]
    fn whatever_cannot_be_had_is_found_with_its_key_and_what_helps() {
        let folder = tempfile::tempdir().unwrap();
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let sip = taken.local_addr().unwrap().to_string();
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let http = taken.local_addr().unwrap().to_string();
        let text = folder.path().join("music.wav").display().to_string();
        std::fs::write(&text, "no music").unwrap();
        let beneath = format!("{text}/vorrang.db");
        #[rustfmt::skip]
        let rows = [
            (("sip", "listen", sip.as_str()),             "sip.listen",    "(another SIP server? set sip.listen)"),
            (("sip", "listen", "tcp:192.0.2.1:5060"),     "sip.listen",    "(not an address of this machine; set sip.listen)"),
            (("http", "listen", http.as_str()),           "http.listen",   "(another web server? set http.listen)"),
            (("http", "listen", "192.0.2.1:8080"),        "http.listen",   "(not an address of this machine; set http.listen)"),
            (("media", "address", "192.0.2.1"),           "media.address", "(set media.address to an address of this machine, or to 0.0.0.0 or ::)"),
            (("media", "music", "/nowhere/music.wav"),    "media.music",   "(accepted: WAV, PCM of 8, 16, 24 or 32 bits or 32-bit float)"),
            (("media", "music", text.as_str()),           "media.music",   "(accepted: WAV, PCM of 8, 16, 24 or 32 bits or 32-bit float)"),
            (("store", "path", beneath.as_str()),         "store.path",    "may this user write there? see store.path)"),
            (("store", "path", text.as_str()),            "store.path",    "(is it vorrang's? restore a backup, or set store.path)"),
        ];
        assert_eq!(found(&settings(folder.path(), &[])), []);
        for (wrong, key, advice) in rows {
            let problems = found(&settings(folder.path(), &[wrong]));
            let [problem] = &problems[..] else { panic!("{wrong:?}: {problems:?}") };
            assert_eq!(problem.key, key);
            assert!(problem.what.ends_with(advice), "{problem}");
        }
        let all = [rows[0].0, rows[2].0, rows[4].0, rows[5].0, rows[7].0];
        let keys: Vec<&str> = found(&settings(folder.path(), &all)).iter().map(|problem| problem.key).collect();
        assert_eq!(keys, ["store.path", "sip.listen", "http.listen", "media.address", "media.music"], "all at once");
    }

    #[test]
    fn looking_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let config = settings(&folder.path().join("not/there"), &[]);
        assert_eq!(check(&config), []);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_running_daemon_holds_is_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let free = settings(folder.path(), &[]);
        let daemon = take(&free, || Store::open(&free.store.path, |_| {})).ok().unwrap();
        let http = daemon.http.local_addr().unwrap().to_string();
        let config = settings(folder.path(), &[("http", "listen", &http)]);
        let warnings = |config: &Config| {
            let problems = check(config);
            problems.iter().map(|problem| (problem.key, problem.weight)).collect::<Vec<_>>()
        };
        assert_eq!(warnings(&config), [("store.path", Weight::Warning), ("http.listen", Weight::Warning)]);
        drop(daemon.store);
        assert_eq!(warnings(&config), [("http.listen", Weight::InUse)], "somebody else has it");
    }
}

//! The daemon's settings: defaults, then the file, then the environment, as `config.toml` describes them.
//! Never guesses: an unknown key or a value out of its range is refused with its place and what is accepted.

use crate::licence::PublicKey;
use domain::agent::{ParkOn, ResumeOn};
use domain::chat::WrapUpAtLogout;
use domain::file::{FileKind, FilesTaken};
use figment::error::Kind;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::Value;
use figment::{Figment, Metadata, Provider, Source};
use serde::de::{self, DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use sip::{AddressRange, Transport};
use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Where the file is looked for when none is named.
pub const DEFAULT_FILE: &str = "/etc/vorrang/config.toml";

/// Environment variables with this prefix are settings.
const ENVIRONMENT: &str = "VORRANG_";

/// All settings; `config.toml` says what each one means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How the installation names itself.
    pub server: Server,
    /// The web's side.
    pub http: Http,
    /// The database.
    pub store: Store,
    /// Phones and trunks.
    pub sip: Sip,
    /// Sound.
    pub media: Media,
    /// Defaults for agents and queues.
    pub agent: Agent,
    /// Web chats.
    pub chat: Chat,
    /// What may be sent in a chat beside texts.
    pub files: Files,
    /// When calls interrupt chats.
    pub preemption: Preemption,
    /// By whose word chats may begin.
    pub licence: Licence,
    /// How much there may be at once.
    pub limits: Limits,
    /// What is logged.
    pub log: Log,
}

/// How the installation names itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The name in logs and in SIP's User-Agent header.
    pub name: String,
}

/// The web's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Where browsers and the reverse proxy reach the daemon.
    pub listen: SocketAddr,
    /// The address that people type, without a slash at its end.
    #[serde(with = "optional")]
    pub public_url: Option<PublicUrl>,
    /// From which networks `GET /metrics` is answered.
    pub metrics_from: Vec<Network>,
}

/// The database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// The file.
    pub path: PathBuf,
    /// How many megabytes of its file system chats leave for calls.
    pub reserve_mb: u64,
}

/// Phones and trunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sip {
    /// Where they reach the daemon.
    #[serde(deserialize_with = "one_or_more")]
    pub listen: Vec<Listen>,
    /// The host in Via and Contact; `None` is the address of `listen`.
    #[serde(with = "optional")]
    pub advertise: Option<String>,
    /// The realm of digest authentication.
    pub realm: String,
    /// The digest algorithms offered to phones, in this order.
    pub digest: Vec<Digest>,
    /// RFC 3261 §17.1.1.1's T1.
    #[serde(rename = "t1_ms", with = "milliseconds")]
    pub t1: Duration,
    /// How often the phones of a call are asked whether they are still there.
    #[serde(rename = "check_s", with = "seconds")]
    pub check: Duration,
    /// The longest time for which a phone may register.
    #[serde(rename = "registration_max_s", with = "seconds")]
    pub registration_max: Duration,
}

/// One place where phones and trunks reach the daemon, as `udp:0.0.0.0:5060`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Listen {
    /// What carries SIP there.
    pub transport: Transport,
    /// The address and port.
    pub address: SocketAddr,
}

/// How a phone proves its password (RFC 8760).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// What every phone can.
    Md5,
    /// What newer phones can.
    Sha256,
}

/// Sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// The address that RTP sockets are bound to.
    pub address: IpAddr,
    /// The address in SDP; `None` is the one used towards the peer.
    #[serde(with = "optional")]
    pub advertise: Option<IpAddr>,
    /// The UDP ports for RTP and RTCP.
    pub ports: PortRange,
    /// How many threads relay media.
    pub threads: usize,
    /// A leg silent for so long is over; zero never ends it.
    #[serde(rename = "silence_s", with = "seconds")]
    pub silence: Duration,
    /// The waiting music, a WAV file; `None` is the built-in one.
    #[serde(with = "optional")]
    pub music: Option<String>,
}

/// Defaults for agents and queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Agent {
    /// How long a call rings at an agent's phone.
    #[serde(rename = "ring_s", with = "seconds")]
    pub ring: Duration,
    /// How long an agent whose browser went away is protected from new items.
    #[serde(rename = "browser_grace_s", with = "seconds")]
    pub browser_grace: Duration,
    /// After how long without a browser an agent's chats go back.
    #[serde(rename = "browser_gone_s", with = "seconds")]
    pub browser_gone: Duration,
    /// How many chats an agent may have at once.
    pub chats_max: u32,
    /// The wrap-up of a call.
    #[serde(rename = "call_wrap_up_s", with = "seconds")]
    pub call_wrap_up: Duration,
    /// The wrap-up of a chat.
    #[serde(rename = "chat_wrap_up_s", with = "seconds")]
    pub chat_wrap_up: Duration,
    /// After how long a wrap-up that is parked is closed by itself, of a call and of a chat; zero: never.
    #[serde(rename = "parked_wrap_up_close_s", with = "seconds")]
    pub parked_wrap_up_close: Duration,
}

/// Web chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chat {
    /// How long a chat waits for a visitor whose browser went away.
    #[serde(rename = "visitor_grace_s", with = "seconds")]
    pub visitor_grace: Duration,
    /// The same while a call has interrupted the chat.
    #[serde(rename = "visitor_grace_preempted_s", with = "seconds")]
    pub visitor_grace_preempted: Duration,
    /// After how long without an answer a visitor is asked whether they are there; zero: never.
    #[serde(rename = "idle_warn_s", with = "seconds")]
    pub idle_warn: Duration,
    /// After how long without an answer a chat is over; zero: never.
    #[serde(rename = "idle_close_s", with = "seconds")]
    pub idle_close: Duration,
    /// How long a call may interrupt a chat before the visitor is asked how to go on; zero: for ever.
    #[serde(rename = "choice_s", with = "seconds")]
    pub choice: Duration,
    /// How long it may before the supervisors hear of it; zero: for ever.
    #[serde(rename = "alert_s", with = "seconds")]
    pub alert: Duration,
    /// What becomes of a wrap-up whose agent logs out.
    pub wrap_up_at_logout: WrapUpAtLogout,
}

/// When calls interrupt chats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preemption {
    /// When the chat is parked.
    pub park_on: ParkOn,
    /// When it is resumed.
    pub resume_on: ResumeOn,
    /// How long it may not be interrupted again.
    #[serde(rename = "min_resume_s", with = "seconds")]
    pub min_resume: Duration,
}

/// By whose word chats may begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Licence {
    /// The key of whoever issues licences; `None`: nobody does, and no chat begins.
    #[serde(with = "optional")]
    pub public_key: Option<PublicKey>,
}

/// How much there may be at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Connections of visitors from one IP address.
    pub visitors_per_source: usize,
    /// Connections in all.
    pub connections: usize,
    /// HTTP connections from one IP address that is not this machine's.
    pub http_connections_per_source: usize,
    /// Calls in all.
    pub calls: usize,
    /// TCP connections of phones and trunks in all.
    pub sip_connections: usize,
    /// Of those, from one IP address.
    pub sip_connections_per_source: usize,
    /// Phones that one agent may have registered at once.
    pub phones_per_agent: usize,
    /// SIP requests a second from one IP address that is neither a trunk's nor a registered phone's.
    pub sip_requests_per_source_per_second: u32,
    /// Calls a minute of strangers from one IP address.
    pub sip_strangers_per_source_per_minute: u32,
    /// Wrong SIP passwords a minute from one IP address.
    pub sip_failures_per_source_per_minute: u32,
    /// Chats that visitors from one IP address may begin within a minute.
    pub new_chats_per_source_per_minute: u32,
    /// Files that may be sent in one chat within a minute.
    pub files_per_chat_per_minute: u32,
    /// Files that visitors from one IP address may send within a minute.
    pub files_per_source_per_minute: u32,
    /// Messages a second that visitors may write in one chat, in the long run.
    pub messages_per_chat_per_second: u32,
    /// The same from one IP address.
    pub messages_per_source_per_second: u32,
    /// The same in one company.
    pub messages_per_company_per_second: u32,
    /// Wrong passwords a minute for one account of the web applications and the API.
    pub login_failures_per_account_per_minute: u32,
    /// Of those, from one IP address.
    pub login_failures_per_source_per_minute: u32,
}

/// What visitors and agents may send each other beside texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// How many megabytes one may have; 0: none are taken.
    pub max_mb: u64,
    /// Of which kinds they may be, by their content.
    pub kinds: Vec<FileKind>,
}

impl Files {
    /// Which files are taken, where a chat service says nothing else.
    pub fn taken(&self) -> FilesTaken {
        let bytes_max = if self.kinds.is_empty() { 0 } else { self.max_mb.saturating_mul(1_000_000) };
        FilesTaken { bytes_max, kinds: self.kinds.clone() }
    }
}

/// What is logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// In which form, and where to.
    pub format: LogFormat,
    /// Levels, as `tracing_subscriber`'s `EnvFilter` reads them.
    pub filter: String,
    /// Whether the numbers of callers, and those that they dial, may stand in the log.
    pub numbers: bool,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people, to standard error.
    #[default]
    Text,
    /// A JSON object per line, to standard error.
    Json,
    /// The system's journal, with its fields.
    Journald,
}

/// UDP ports from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortRange {
    /// The lowest port, even.
    pub first: u16,
    /// The highest one.
    pub last: u16,
}

/// An `http:` or `https:` address without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl Default for Server {
    fn default() -> Server {
        Server { name: "vorrang".to_owned() }
    }
}

impl Default for Http {
    fn default() -> Http {
        let metrics_from = ["127.0.0.0/8", "::1"].map(str::parse).into_iter().flatten().collect();
        Http { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), public_url: None, metrics_from }
    }
}

impl Default for Store {
    fn default() -> Store {
        Store { path: PathBuf::from("/var/lib/vorrang/vorrang.db"), reserve_mb: 256 }
    }
}

impl Default for Sip {
    fn default() -> Sip {
        Sip {
            listen: [Transport::Udp, Transport::Tcp]
                .map(|transport| Listen { transport, address: SocketAddr::from(([0, 0, 0, 0], 5060)) })
                .to_vec(),
            advertise: None,
            realm: "vorrang".to_owned(),
            digest: vec![Digest::Md5],
            t1: Duration::from_millis(500),
            check: Duration::from_secs(90),
            registration_max: Duration::from_secs(3600),
        }
    }
}

impl Default for Media {
    fn default() -> Media {
        Media {
            address: IpAddr::from([0, 0, 0, 0]),
            advertise: None,
            ports: PortRange { first: 16384, last: 32767 },
            threads: 1,
            silence: Duration::from_secs(60),
            music: None,
        }
    }
}

impl Default for Agent {
    fn default() -> Agent {
        Agent {
            ring: Duration::from_secs(20),
            browser_grace: Duration::from_secs(60),
            browser_gone: Duration::from_secs(300),
            chats_max: 3,
            call_wrap_up: Duration::from_secs(30),
            chat_wrap_up: Duration::from_secs(60),
            parked_wrap_up_close: Duration::from_secs(7200),
        }
    }
}

impl Default for Chat {
    fn default() -> Chat {
        Chat {
            visitor_grace: Duration::from_secs(120),
            visitor_grace_preempted: Duration::from_secs(300),
            idle_warn: Duration::from_secs(480),
            idle_close: Duration::from_secs(600),
            choice: Duration::from_secs(180),
            alert: Duration::from_secs(300),
            wrap_up_at_logout: WrapUpAtLogout::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            visitors_per_source: 50,
            connections: 20_000,
            http_connections_per_source: 1000,
            calls: 1000,
            sip_connections: 1000,
            sip_connections_per_source: 50,
            phones_per_agent: 5,
            sip_requests_per_source_per_second: 50,
            sip_strangers_per_source_per_minute: 60,
            sip_failures_per_source_per_minute: 20,
            new_chats_per_source_per_minute: 30,
            files_per_chat_per_minute: 10,
            files_per_source_per_minute: 30,
            messages_per_chat_per_second: 2,
            messages_per_source_per_second: 20,
            messages_per_company_per_second: 200,
            login_failures_per_account_per_minute: 10,
            login_failures_per_source_per_minute: 60,
        }
    }
}

impl Default for Files {
    fn default() -> Files {
        // Neither what may hold scripts nor what nobody looks into.
        let left_out = [FileKind::Svg, FileKind::Zip, FileKind::Mp4];
        let kinds = FileKind::ALL.iter().copied().filter(|kind| !left_out.contains(kind));
        Files { max_mb: 10, kinds: kinds.collect() }
    }
}

impl Default for Log {
    fn default() -> Log {
        Log { format: LogFormat::Text, filter: "info".to_owned(), numbers: false }
    }
}

impl Config {
    /// The settings from the file, or from [`DEFAULT_FILE`] if there is one, and from the environment.
    pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
        if let Some(file) = Config::file(file) {
            // Read here, because a file that is missing must not be the same as an empty one.
            let text = std::fs::read_to_string(file)
                .map_err(|why| ConfigError(format!("read {}: {why} (see --config)", file.display())))?;
            Config::read(&text).map_err(|why| ConfigError(format!("{}: {why}", file.display())))?;
        }
        Config::extract(&Config::figment(file))
    }

    /// Where the value of a key comes from: `file: section.key`, the environment variable, or the key alone if it is the
    /// default.
    pub fn place(file: Option<&Path>, key: &str) -> String {
        place(&Config::figment(file), key)
    }

    fn file(named: Option<&Path>) -> Option<&Path> {
        let default = Path::new(DEFAULT_FILE);
        named.or_else(|| default.exists().then_some(default))
    }

    fn figment(file: Option<&Path>) -> Figment {
        let figment = Config::file(file).map_or_else(Figment::new, |file| Figment::from(Toml::file_exact(file)));
        figment.merge(Env::prefixed(ENVIRONMENT).split("__"))
    }

    /// The settings from a file's text alone.
    pub fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::read(text)?;
        Config::extract(&Figment::from(Toml::string(text)))
    }

    /// The settings from a text in the place of the file, and from the environment.
    pub fn load_over(text: &str) -> Result<Config, ConfigError> {
        Config::read(text)?;
        Config::extract(&Figment::from(Toml::string(text)).merge(Env::prefixed(ENVIRONMENT).split("__")))
    }

    /// The settings as a file with every key.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(|why| ConfigError(format!("show the settings: {why}")))
    }

    /// The address that people type: the configured one, or where the daemon listens.
    pub fn public_url(&self) -> String {
        self.http.public_url.as_ref().map_or_else(|| format!("http://{}", self.http.listen), PublicUrl::to_string)
    }

    /// Whether people come by TLS: by an `https://` address.
    pub fn is_secure(&self) -> bool {
        self.http.public_url.as_ref().is_some_and(|url| url.to_string().starts_with("https:"))
    }

    /// Whether it is TOML at all.
    fn read(text: &str) -> Result<(), ConfigError> {
        toml::from_str::<toml::Table>(text).map(|_| ()).map_err(|why| ConfigError(format!("read TOML: {why}")))
    }

    fn extract(figment: &Figment) -> Result<Config, ConfigError> {
        let (config, mut wrong) = match figment.extract::<Config>() {
            Ok(config) => (config, vec![]),
            Err(why) => Config::readable(figment, why),
        };
        let unreadable = wrong.clone();
        for (key, expected) in config.out_of_range() {
            // What contradicts a key that could not be read is not known.
            if unreadable.is_empty() || figment.contains(key) {
                wrong.push(format!("{}: expected {expected}", place(figment, key)));
            }
        }
        if wrong.is_empty() { Ok(config) } else { Err(ConfigError(wrong.join("\n"))) }
    }

    /// The settings without the keys that cannot be read, and what is wrong with each of these; `first` is the first of
    /// them, at which reading all at once gave up.
    fn readable(figment: &Figment, first: figment::Error) -> (Config, Vec<String>) {
        let sections = figment.data().into_iter().flat_map(|profiles| profiles.into_values()).flatten();
        let keys: BTreeSet<String> = sections
            .flat_map(|(section, value)| match value {
                Value::Dict(_, keys) if !keys.is_empty() => {
                    keys.into_keys().map(|key| format!("{section}.{key}")).collect()
                }
                _ => vec![section],
            })
            .collect();
        let (mut readable, mut wrong) = (Figment::new(), vec![]);
        for key in keys {
            let Ok(value) = figment.find_value(&key) else { continue };
            let alone = Serialized::default(&key, value);
            match Figment::from(alone.clone()).extract::<Config>() {
                Ok(_) => readable = readable.merge(alone),
                Err(why) => wrong.extend(why.into_iter().map(|why| explain(figment, &why))),
            }
        }
        if wrong.is_empty() {
            wrong.extend(first.into_iter().map(|why| explain(figment, &why)));
        }
        (readable.extract().unwrap_or_default(), wrong)
    }

    /// The keys whose values make no sense, and what would.
    fn out_of_range(&self) -> Vec<(&'static str, String)> {
        let seconds = |key, value: Duration, accepted: RangeInclusive<u64>| {
            (key, value.as_secs(), accepted, "a whole number of seconds")
        };
        let count = |key, value: u64, accepted: RangeInclusive<u64>| (key, value, accepted, "a whole number");
        let per_source = |key, value: u32| count(key, value.into(), 1..=1_000_000);
        let (agent, chat, limits) = (&self.agent, &self.chat, &self.limits);
        let ranges = [
            ("sip.t1_ms", self.sip.t1.as_millis() as u64, 10..=5000, "a whole number of milliseconds"),
            seconds("sip.check_s", self.sip.check, 5..=3600),
            seconds("sip.registration_max_s", self.sip.registration_max, 60..=86_400),
            count("media.threads", self.media.threads as u64, 1..=64),
            seconds("media.silence_s", self.media.silence, 0..=86_400),
            seconds("agent.ring_s", agent.ring, 1..=600),
            seconds("agent.browser_grace_s", agent.browser_grace, 0..=86_400),
            seconds("agent.browser_gone_s", agent.browser_gone, 0..=86_400),
            count("agent.chats_max", agent.chats_max.into(), 1..=100),
            seconds("agent.call_wrap_up_s", agent.call_wrap_up, 0..=86_400),
            seconds("agent.chat_wrap_up_s", agent.chat_wrap_up, 0..=86_400),
            seconds("agent.parked_wrap_up_close_s", agent.parked_wrap_up_close, 0..=604_800),
            seconds("chat.visitor_grace_s", chat.visitor_grace, 0..=86_400),
            seconds("chat.visitor_grace_preempted_s", chat.visitor_grace_preempted, 0..=86_400),
            seconds("chat.idle_warn_s", chat.idle_warn, 0..=86_400),
            seconds("chat.idle_close_s", chat.idle_close, 0..=86_400),
            seconds("chat.choice_s", chat.choice, 0..=86_400),
            seconds("chat.alert_s", chat.alert, 0..=86_400),
            seconds("preemption.min_resume_s", self.preemption.min_resume, 0..=3600),
            count("limits.visitors_per_source", limits.visitors_per_source as u64, 1..=1_000_000),
            count("limits.connections", limits.connections as u64, 1..=1_000_000),
            count("limits.http_connections_per_source", limits.http_connections_per_source as u64, 1..=1_000_000),
            count("limits.calls", limits.calls as u64, 1..=100_000),
            count("limits.sip_connections", limits.sip_connections as u64, 1..=100_000),
            count("limits.sip_connections_per_source", limits.sip_connections_per_source as u64, 1..=100_000),
            count("limits.phones_per_agent", limits.phones_per_agent as u64, 1..=10),
            per_source("limits.sip_requests_per_source_per_second", limits.sip_requests_per_source_per_second),
            per_source("limits.sip_strangers_per_source_per_minute", limits.sip_strangers_per_source_per_minute),
            per_source("limits.sip_failures_per_source_per_minute", limits.sip_failures_per_source_per_minute),
            count("limits.new_chats_per_source_per_minute", limits.new_chats_per_source_per_minute.into(), 1..=100_000),
            count("files.max_mb", self.files.max_mb, 0..=100),
            count("limits.files_per_chat_per_minute", limits.files_per_chat_per_minute.into(), 1..=10_000),
            count("limits.files_per_source_per_minute", limits.files_per_source_per_minute.into(), 1..=100_000),
            count("limits.messages_per_chat_per_second", limits.messages_per_chat_per_second.into(), 1..=10_000),
            count("limits.messages_per_source_per_second", limits.messages_per_source_per_second.into(), 1..=10_000),
            count("limits.messages_per_company_per_second", limits.messages_per_company_per_second.into(), 1..=10_000),
            per_source("limits.login_failures_per_account_per_minute", limits.login_failures_per_account_per_minute),
            per_source("limits.login_failures_per_source_per_minute", limits.login_failures_per_source_per_minute),
        ];
        let outside = ranges.into_iter().filter(|(_, value, accepted, _)| !accepted.contains(value));
        let mut found: Vec<(&'static str, String)> = outside
            .map(|(key, value, accepted, what)| {
                (key, format!("{what} from {} to {}, found {value}", accepted.start(), accepted.end()))
            })
            .collect();
        if agent.browser_gone < agent.browser_grace {
            found.push(("agent.browser_gone_s", "no less than agent.browser_grace_s".to_owned()));
        }
        if !chat.idle_close.is_zero() && chat.idle_close < chat.idle_warn {
            found.push(("chat.idle_close_s", "no less than chat.idle_warn_s, or 0".to_owned()));
        }
        found.extend(self.sip.out_of_range());
        if let Some(address) = self.media.advertise.filter(|address| !is_somebodys(*address)) {
            let expected = "the IP address at which phones reach this machine, such as \"192.0.2.1\", or \"\"";
            found.push(("media.advertise", format!("{expected}, found \"{address}\"")));
        }
        if let Err(why) = tracing_subscriber::EnvFilter::try_new(&self.log.filter) {
            found.push(("log.filter", format!("a level, or module=level separated by commas: {why}")));
        }
        found
    }
}

impl Sip {
    fn out_of_range(&self) -> Vec<(&'static str, String)> {
        let mut found = vec![];
        if self.listen.is_empty() {
            found.push(("sip.listen", "at least one address as \"udp:0.0.0.0:5060\"".to_owned()));
        }
        if let Some(twice) = self.listen.iter().enumerate().find(|(at, one)| self.listen[..*at].contains(one)) {
            found.push(("sip.listen", format!("each address once, found \"{}\" twice", twice.1)));
        }
        if self.digest.is_empty() {
            found.push(("sip.digest", "at least one of md5, sha256".to_owned()));
        }
        if self.realm.is_empty() || self.realm.contains(['"', '\\', ':']) {
            found.push(("sip.realm", "a text without quotes, backslashes and colons".to_owned()));
        }
        if let Some(host) = self.advertise.as_ref().filter(|host| !is_host(host)) {
            let expected = "a host name or the IP address at which phones reach this machine, without a port, such as \
                            \"sip.example.com\", or \"\"";
            found.push(("sip.advertise", format!("{expected}, found \"{host}\"")));
        }
        found
    }
}

/// Whether others can reach somebody there: it is neither any address nor that of a group.
fn is_somebodys(address: IpAddr) -> bool {
    !address.is_unspecified() && !address.is_multicast()
}

/// Whether it can stand in Via and Contact: a host name, or an address that is somebody's.
fn is_host(text: &str) -> bool {
    if let Ok(address) = text.trim_matches(['[', ']']).parse() {
        return is_somebodys(address);
    }
    let is_label = |label: &str| {
        let is_allowed = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        !label.is_empty() && is_allowed && !label.starts_with('-') && !label.ends_with('-')
    };
    // The last label of a name is no number: that would be an address that lacks something (RFC 3261 §25.1, `toplabel`).
    let last = text.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.trim_end_matches('.').split('.').all(is_label)
        && last.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Reads a TOML file that describes something else than the daemon, with the same manners.
pub fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|why| ConfigError(format!("read {}: {why}", path.display())))?;
    toml::from_str(&text).map_err(|why| ConfigError(format!("{}: {}", path.display(), why.to_string().trim_end())))
}

/// Why the settings were refused, with the place, the key and what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// `file: section.key`, or the environment variable.
fn place(figment: &Figment, key: &str) -> String {
    let source = figment.find_metadata(key);
    match source.and_then(|source| source.source.as_ref()) {
        Some(Source::File(file)) => format!("{}: {key}", file.display()),
        _ if source.is_some_and(is_environment) => {
            format!("environment variable {ENVIRONMENT}{}", key.to_uppercase().replace('.', "__"))
        }
        _ => key.to_owned(),
    }
}

fn is_environment(source: &Metadata) -> bool {
    source.name.contains("environment")
}

fn explain(figment: &Figment, error: &figment::Error) -> String {
    let mut path = error.path.clone();
    let list = |accepted: &[&str]| accepted.join(", ");
    let why = match &error.kind {
        Kind::UnknownField(field, accepted) => {
            if path.last() != Some(field) {
                path.push(field.clone());
            }
            format!("unknown key, expected one of: {}", list(accepted))
        }
        Kind::UnknownVariant(found, accepted) => format!("found \"{found}\", expected one of: {}", list(accepted)),
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            let expected = match expected.as_str() {
                "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
                "a boolean" => "true or false",
                other => other,
            };
            format!("found {found}, expected {expected}")
        }
        // The standard library says no more.
        Kind::Message(text) if text == "invalid socket address syntax" => {
            format!(
                "{}expected an IP address and a port as \"127.0.0.1:8080\" or \"[::1]:8080\"",
                found_at(figment, &path)
            )
        }
        Kind::Message(text) if text == "invalid IP address syntax" => {
            format!("{}expected an IP address without a port as \"192.0.2.1\"", found_at(figment, &path))
        }
        other => other.to_string(),
    };
    format!("{}: {why}", place(figment, &path.join(".")))
}

/// `found "value", ` as it stands in the file or the environment.
fn found_at(figment: &Figment, path: &[String]) -> String {
    let value = figment.find_value(&path.join(".")).ok();
    value.and_then(Value::into_string).map_or(String::new(), |text| format!("found \"{text}\", "))
}

impl FromStr for PortRange {
    type Err = String;
    fn from_str(text: &str) -> Result<PortRange, String> {
        let ports = text.split_once('-').and_then(|(first, last)| {
            Some(PortRange { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? })
        });
        ports.filter(|range| range.first >= 1024 && range.first % 2 == 0 && range.first < range.last).ok_or_else(|| {
            format!("found \"{text}\", expected ports as \"16384-32767\", the first even and above 1023")
        })
    }
}

impl TryFrom<String> for PortRange {
    type Error = String;
    fn try_from(text: String) -> Result<PortRange, String> {
        text.parse()
    }
}

impl From<PortRange> for String {
    fn from(range: PortRange) -> String {
        range.to_string()
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl FromStr for Listen {
    type Err = String;
    fn from_str(text: &str) -> Result<Listen, String> {
        let (transport, address) = match text.split_once(':') {
            Some((name, rest)) if name.eq_ignore_ascii_case("udp") => (Transport::Udp, rest),
            Some((name, rest)) if name.eq_ignore_ascii_case("tcp") => (Transport::Tcp, rest),
            Some(_) | None => (Transport::Udp, text),
        };
        let address = address.parse().map_err(|_| {
            format!(
                "found \"{text}\", expected an address as \"udp:0.0.0.0:5060\", \"tcp:0.0.0.0:5060\" or \"udp:[::]:5060\""
            )
        })?;
        Ok(Listen { transport, address })
    }
}

impl TryFrom<String> for Listen {
    type Error = String;
    fn try_from(text: String) -> Result<Listen, String> {
        text.parse()
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> String {
        listen.to_string()
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.transport.name().to_ascii_lowercase(), self.address)
    }
}

impl FromStr for PublicUrl {
    type Err = String;
    fn from_str(text: &str) -> Result<PublicUrl, String> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "?#\"<>".contains(c)) => {
                Ok(PublicUrl(text.trim_end_matches('/').to_owned()))
            }
            _ => Err(format!("found \"{text}\", expected an address as \"https://chat.example.com\"")),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A network, or one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    text: String,
    range: AddressRange,
}

impl Network {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.range.contains(address)
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Network, String> {
        let expected = || format!("found \"{text}\", expected a network as \"192.0.2.0/24\", or an address");
        Ok(Network { text: text.to_owned(), range: AddressRange::parse(text).ok_or_else(expected)? })
    }
}

impl TryFrom<String> for Network {
    type Error = String;
    fn try_from(text: String) -> Result<Network, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> String {
        network.text
    }
}

/// A list, or its only element.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Listen>, D::Error> {
    struct OneOrMore;
    impl<'de> Visitor<'de> for OneOrMore {
        type Value = Vec<Listen>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of addresses as [\"udp:0.0.0.0:5060\", \"tcp:0.0.0.0:5060\", \"udp:[::]:5060\"]")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<Listen>, E> {
            Ok(vec![text.parse().map_err(E::custom)?])
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<Listen>, A::Error> {
            let mut listen = vec![];
            while let Some(element) = elements.next_element()? {
                listen.push(element);
            }
            Ok(listen)
        }
    }
    from.deserialize_any(OneOrMore)
}

/// Whole seconds.
mod seconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(value.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u32::deserialize(from).map(|seconds| Duration::from_secs(seconds.into()))
    }
}

/// Whole milliseconds.
mod milliseconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(value.as_millis() as u64)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u32::deserialize(from).map(|ms| Duration::from_millis(ms.into()))
    }
}

/// An empty text is no value.
mod optional {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::fmt::Display;
    use std::str::FromStr;

    pub(super) fn serialize<T: Display, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_str(""),
        }
    }

    pub(super) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(from)?;
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
    }
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "figment's own test helper wants its error")]
mod tests {
    use super::*;
    use figment::Jail;

    #[test]
    fn the_reference_file_holds_every_key_with_its_default() {
        let text = include_str!("../config.toml");
        assert_eq!(Config::parse(text).unwrap(), Config::default());
        let written: toml::Table = toml::from_str(text).unwrap();
        let known: toml::Table = toml::from_str(&Config::default().to_toml().unwrap()).unwrap();
        assert_eq!(written, known);
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_key_and_what_is_accepted() {
        for (text, message) in [
            (
                "[sip]\nrelm = \"x\"",
                "sip.relm: unknown key, expected one of: listen, advertise, realm, digest, t1_ms, check_s, registration_max_s",
            ),
            (
                "[sipp]",
                "sipp: unknown key, expected one of: server, http, store, sip, media, agent, chat, files, preemption, licence, limits, log",
            ),
            ("[agent]\nring_s = 0", "agent.ring_s: expected a whole number of seconds from 1 to 600, found 0"),
            ("[agent]\nring_s = \"long\"", "agent.ring_s: found string \"long\", expected a whole number, 0 or more"),
            ("[agent]\nring_s = -1", "agent.ring_s: found signed int `-1`, expected a whole number, 0 or more"),
            ("[log]\nnumbers = 1", "log.numbers: found signed int `1`, expected true or false"),
            ("[agent]\nbrowser_gone_s = 5", "agent.browser_gone_s: expected no less than agent.browser_grace_s"),
            ("[preemption]\npark_on = \"dial\"", "preemption.park_on: found \"dial\", expected one of: answer, ring"),
            ("[chat]\nidle_close_s = 5", "chat.idle_close_s: expected no less than chat.idle_warn_s, or 0"),
            ("[log]\nformat = \"xml\"", "log.format: found \"xml\", expected one of: text, json, journald"),
            (
                "[http]\nlisten = \"8080\"",
                "http.listen: found \"8080\", expected an IP address and a port as \"127.0.0.1:8080\" or \"[::1]:8080\"",
            ),
            (
                "[http]\npublic_url = \"chat\"",
                "http.public_url: found \"chat\", expected an address as \"https://chat.example.com\"",
            ),
            (
                "[media]\nports = \"9-1\"",
                "media.ports: found \"9-1\", expected ports as \"16384-32767\", the first even and above 1023",
            ),
            (
                "[media]\nadvertise = \"here\"",
                "media.advertise: found \"here\", expected an IP address without a port as \"192.0.2.1\"",
            ),
            (
                "[media]\nadvertise = \"0.0.0.0\"",
                "media.advertise: expected the IP address at which phones reach this machine, such as \"192.0.2.1\", or \
                 \"\", found \"0.0.0.0\"",
            ),
            (
                "[sip]\nlisten = [\"udp:0.0.0.0:5060\", \"0.0.0.0:5060\"]",
                "sip.listen: expected each address once, found \"udp:0.0.0.0:5060\" twice",
            ),
            ("[sip]\nlisten = []", "sip.listen: expected at least one address as \"udp:0.0.0.0:5060\""),
            (
                "[sip]\nlisten = [\"udp:0.0.0.0:5060\", \"tls:0.0.0.0:5061\"]",
                "sip.listen.1: found \"tls:0.0.0.0:5061\", expected an address as \"udp:0.0.0.0:5060\", \
                 \"tcp:0.0.0.0:5060\" or \"udp:[::]:5060\"",
            ),
            (
                "[sip]\nlisten = \"5060\"",
                "sip.listen: found \"5060\", expected an address as \"udp:0.0.0.0:5060\", \"tcp:0.0.0.0:5060\" or \
                 \"udp:[::]:5060\"",
            ),
            (
                "[sip]\nlisten = 5060",
                "sip.listen: found signed int `5060`, expected a list of addresses as [\"udp:0.0.0.0:5060\", \
                 \"tcp:0.0.0.0:5060\", \"udp:[::]:5060\"]",
            ),
            ("[sip]\ndigest = []", "sip.digest: expected at least one of md5, sha256"),
            ("[sip]\ndigest = [\"sha1\"]", "sip.digest.0: found \"sha1\", expected one of: md5, sha256"),
            ("[sip]\nrealm = \"\"", "sip.realm: expected a text without quotes, backslashes and colons"),
        ] {
            assert_eq!(Config::parse(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn the_secret_key_of_licences_in_the_place_of_the_public_one_is_refused_and_not_repeated() {
        let found = Config::parse("[licence]\npublic_key = \"k4.secret.AAAA\"").unwrap_err().to_string();
        let expected = "licence.public_key: found \"k4.secret.…\", expected the public key that `vorrang licence keygen` \
                        printed, as \"k4.public.\" and 43 characters, or \"\"";
        assert_eq!(found, expected);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let text = "[agent]\nring_s = \"long\"\nchats_max = 0\n[sip]\nrelm = \"x\"\nrealm = \"\"\nlisten = \"5060\"\n[nothing]";
        let found = Config::parse(text).unwrap_err().to_string();
        let keys: Vec<&str> = found.lines().map(|line| line.split(": ").next().unwrap()).collect();
        let expected = ["agent.ring_s", "nothing", "sip.listen", "sip.relm", "agent.chats_max", "sip.realm"];
        assert_eq!(keys, expected, "{found}");
    }

    #[test]
    fn what_phones_are_told_can_be_reached() {
        for (host, is_accepted) in [
            ("", true),
            ("sip.example.com", true),
            ("pbx", true),
            ("192.0.2.1", true),
            ("2001:db8::1", true),
            ("[2001:db8::1]", true),
            ("sip.example.com:5060", false),
            ("http://sip.example.com", false),
            ("sip example", false),
            ("192.0.2", false),
            ("-x.example", false),
            ("0.0.0.0", false),
            ("::", false),
            ("224.0.0.1", false),
        ] {
            let config = Config::parse(&format!("[sip]\nadvertise = \"{host}\""));
            assert_eq!(config.is_ok(), is_accepted, "{host}");
            if let Err(why) = config {
                assert!(why.to_string().ends_with(&format!("or \"\", found \"{host}\"")), "{why}");
            }
        }
    }

    #[test]
    fn sip_listens_at_one_address_or_at_several() {
        for (text, expected) in [
            ("", vec!["udp:0.0.0.0:5060", "tcp:0.0.0.0:5060"]),
            ("listen = \"127.0.0.1:5070\"", vec!["udp:127.0.0.1:5070"]),
            ("listen = \"[::1]:5070\"", vec!["udp:[::1]:5070"]),
            ("listen = \"tcp:[::]:5060\"", vec!["tcp:[::]:5060"]),
            ("listen = [\"UDP:0.0.0.0:5060\", \"tcp:[::]:5060\"]", vec!["udp:0.0.0.0:5060", "tcp:[::]:5060"]),
        ] {
            let config = Config::parse(&format!("[sip]\n{text}")).unwrap();
            let listen: Vec<String> = config.sip.listen.iter().map(Listen::to_string).collect();
            assert_eq!(listen, expected, "{text}");
        }
        Jail::expect_with(|jail| {
            jail.create_file("vorrang.toml", "")?;
            for (value, expected) in
                [("127.0.0.1:5070", "udp:127.0.0.1:5070"), ("[\"tcp:127.0.0.1:5070\"]", "tcp:127.0.0.1:5070")]
            {
                jail.set_env("VORRANG_SIP__LISTEN", value);
                let config = Config::load(Some(Path::new("vorrang.toml"))).unwrap();
                assert_eq!(config.sip.listen[0].to_string(), expected);
            }
            Ok(())
        });
    }

    #[test]
    fn the_environment_wins_and_is_named_when_it_is_wrong() {
        Jail::expect_with(|jail| {
            jail.create_file("vorrang.toml", "[sip]\nrealm = \"file\"\n[agent]\nring_s = 7")?;
            jail.set_env("VORRANG_SIP__REALM", "environment");
            let config = Config::load(Some(Path::new("vorrang.toml"))).unwrap();
            assert_eq!((config.sip.realm.as_str(), config.agent.ring.as_secs()), ("environment", 7));
            for (variable, value, message) in [
                (
                    "VORRANG_AGENT__RING_S",
                    "long",
                    "environment variable VORRANG_AGENT__RING_S: found string \"long\", expected a whole number, 0 or more",
                ),
                (
                    "VORRANG_AGENT__RING_S",
                    "601",
                    "environment variable VORRANG_AGENT__RING_S: expected a whole number of seconds from 1 to 600, found 601",
                ),
                (
                    "VORRANG_AGENT__RNG_S",
                    "6",
                    "environment variable VORRANG_AGENT__RNG_S: unknown key, expected one of: ring_s, browser_grace_s, \
                     browser_gone_s, chats_max, call_wrap_up_s, chat_wrap_up_s, parked_wrap_up_close_s",
                ),
            ] {
                jail.clear_env();
                jail.set_env(variable, value);
                assert_eq!(Config::load(Some(Path::new("vorrang.toml"))).unwrap_err().to_string(), message);
            }
            Ok(())
        });
    }

    #[test]
    fn a_file_is_named_when_it_is_wrong_or_missing() {
        Jail::expect_with(|jail| {
            jail.create_file("vorrang.toml", "[sip]\nt1_ms = 1")?;
            let why = Config::load(Some(Path::new("vorrang.toml"))).unwrap_err().to_string();
            assert!(
                why.ends_with(
                    "vorrang.toml: sip.t1_ms: expected a whole number of milliseconds from 10 to 5000, found 1"
                ),
                "{why}"
            );
            let why = Config::load(Some(Path::new("none.toml"))).unwrap_err().to_string();
            assert!(why.starts_with("read none.toml: "), "{why}");
            jail.create_file("torn.toml", "[sip")?;
            let why = Config::load(Some(Path::new("torn.toml"))).unwrap_err().to_string();
            assert!(why.starts_with("torn.toml: read TOML: TOML parse error at line 1"), "{why}");
            Ok(())
        });
    }
}

//! The command line: what can be asked for, and the commands that need no running daemon.
//! Never starts the daemon: `serve` and `demo` are handed back to the caller.

mod backup;
pub mod calls;
pub mod company;
mod licence;
pub mod phones;
mod places;
pub mod replay;
pub mod verify;
pub mod why;

use crate::actors::ids::{Numbered, Party};
use crate::actors::records::time;
use crate::clock::Clock;
use crate::config::{Config, PortRange};
use crate::store::{Archive, CompanyRow, Erasure, Hashed as _, Offline, RecordFilter, Secret};
use calls::CallsError;
use clap::{Args, Parser, Subcommand};
use company::CompanyCommand;
use domain::company::{Change, hard_to_guess};
use domain::id::{CompanyId, ItemId, NoItem};
use domain::queue::Channel;
use domain::record::Outcome;
use domain::time::Timestamp;
use licence::LicenceCommand;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write, stderr, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// Settings or a company file that are wrong (`EX_CONFIG`); systemd need not try again.
pub const EXIT_CONFIG: u8 = 78;
/// It could not be done.
const EXIT_FAILURE: u8 = 1;
/// The command line itself is wrong; clap's own code.
const EXIT_USAGE: u8 = 2;

/// What holds for all commands.
const AFTER_HELP: &str = "\
Times are printed in UTC, such as 2026-11-22T10:15:00Z, and read in UTC unless they have an offset; in JSON they are \
milliseconds since 1970. Items are called as on screens and in the log: call 1-6, chat 1-6, task 1-6.
Exit codes: 0 done, 1 failed, 2 wrong command line, 70 another daemon writes to the database, 78 wrong settings or \
company file.";

#[derive(Parser)]
#[command(name = "vorrang", version, about = "A contact centre in which a call takes precedence over a chat")]
#[command(after_help = AFTER_HELP)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the daemon
    Serve(ConfigFile),
    /// Run the daemon with a demo company, simulated desk phones and a demo website
    Demo(Demo),
    /// Look at the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Describe a company
    #[command(subcommand)]
    Company(CompanyCommand),
    /// Look after the licences by which chats may begin
    #[command(subcommand)]
    Licence(LicenceCommand),
    /// Look after the people who log in
    #[command(subcommand)]
    User(UserCommand),
    /// Look into the journal, beside a running daemon or without one
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Look after the daemon's clock
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Print how it was decided to whom a call, chat or task went
    Why {
        #[command(flatten)]
        item: Named,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print what became of the calls that are over, the newest first, beside a running daemon or without one
    Calls {
        /// Those of chats or tasks instead: call, callback, chat, email, work_item
        #[arg(long, default_value = "call")]
        kind: Channel,
        /// Only those that arrived then or later, such as 2026-11-22T00:00:00+01:00; without an offset it is in UTC
        #[arg(long, value_name = "TIME", value_parser = replay::moment)]
        from: Option<Timestamp>,
        /// Only those that arrived before
        #[arg(long, value_name = "TIME", value_parser = replay::moment)]
        to: Option<Timestamp>,
        /// Only those of this company; needed if there are several and a queue or an agent is named
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        /// Only those that waited in this queue
        #[arg(long, value_name = "NAME")]
        queue: Option<String>,
        /// Only those in which this agent talked, by their login name or the name that is shown
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
        /// Only those that ended like this, such as abandoned
        #[arg(long)]
        outcome: Option<Outcome>,
        /// At most so many of each company
        #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
        /// How they are written
        #[arg(long, value_enum, default_value_t)]
        format: calls::Format,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print where the agents' phones are registered, beside a running daemon or without one
    Phones {
        /// Only those of this company
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Copy the database as it is at this moment into a new file, beside a running daemon or without one
    ///
    /// The copy is looked at as `vorrang journal verify` does, and has its name only if it is sound.
    Backup {
        /// The file; or a directory that is there, for a file with this moment in its name
        #[arg(value_name = "FILE")]
        to: PathBuf,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Put a copy in the database's place, if it is sound; not while a daemon uses it
    ///
    /// The database that was there is put aside.
    Restore {
        /// The copy
        #[arg(value_name = "FILE")]
        from: PathBuf,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Erase what people wrote and who they are in one chat or call that is over
    ///
    /// Texts, numbers, pages and languages are deleted; the journal keeps what happened when, without them. Backups are
    /// not touched.
    Erase {
        #[command(flatten)]
        item: Named,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// The name of an item: one word or two.
#[derive(Args)]
struct Named {
    /// Which, such as call 1-6, chat 1-6 or task 1-6: as on screens, in the log, in the API and in vorrang calls
    #[arg(value_name = "ITEM", num_args = 1..=2, required = true)]
    words: Vec<String>,
}

impl Named {
    fn read(&self) -> Result<ItemId, Failure> {
        self.words.join(" ").parse().map_err(|why: NoItem| Failure { code: EXIT_USAGE, why: why.to_string() })
    }
}

#[derive(Args)]
struct ConfigFile {
    /// The settings [default: /etc/vorrang/config.toml if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// How the demo is to run.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Demo {
    /// The TCP port of the web applications
    #[arg(long, value_name = "PORT")]
    pub http: Option<u16>,
    /// The UDP port for SIP
    #[arg(long, value_name = "PORT")]
    pub sip: Option<u16>,
    /// The UDP ports for media, such as 16384-16484
    #[arg(long, value_name = "RANGE")]
    pub media: Option<PortRange>,
    /// Where the database is kept [default: a new temporary directory]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say whether the daemon could start with these settings: 0 if it could, else 78 with a line for each thing that is wrong
    ///
    /// Looks at the settings, the database, the sockets and the sounds, and changes nothing. Beside a running daemon, what
    /// that one holds is a warning.
    Check(ConfigFile),
    /// Print all settings as they apply
    Show(ConfigFile),
}

#[derive(Subcommand)]
enum ClockCommand {
    /// Let the daemon's time follow the system's clock again, though the journal tells of a later time; not while it runs
    Accept(ConfigFile),
}

#[derive(Subcommand)]
enum UserCommand {
    /// Print who can log in
    List(ConfigFile),
    /// Let somebody work again
    Activate {
        /// The login name
        name: String,
        /// Tell the running daemon to read the change
        #[arg(long)]
        reload: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Let somebody work no more: they are logged out, their chats go back, their phone and browser are let go
    Deactivate {
        /// The login name
        name: String,
        /// Tell the running daemon to read the change
        #[arg(long)]
        reload: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Give somebody another password, read from the terminal or from standard input; ends their sessions
    Password {
        /// The login name
        name: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Subcommand)]
enum JournalCommand {
    /// Say whether the journal is sound: 0 if it is, else 1 with a line for each thing that is wrong
    Verify {
        /// Only this company's actors
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print who did what at a moment: agents, queues, open chats and calls
    Replay {
        /// The moment, such as 2026-11-22T10:15:00Z or 2026-11-22T11:15:00+01:00; without an offset it is in UTC
        #[arg(long, value_name = "TIME", value_parser = replay::moment)]
        at: Timestamp,
        /// Only this company
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        /// Print the machines as they are, as JSON, for programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// What the caller has to do.
#[derive(Debug)]
pub enum Run {
    /// Run the daemon.
    Serve {
        /// Its settings.
        config: Box<Config>,
    },
    /// Run the demo.
    Demo(Demo),
    /// Say whether the daemon could start.
    Check {
        /// With these settings.
        config: Box<Config>,
        /// From this file.
        file: Option<PathBuf>,
    },
    /// Exit: 0 done, 1 it failed, 2 wrong usage, 78 wrong settings.
    Exit(ExitCode),
}

/// Reads the command line, the program's name first, and does what needs no daemon.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Run {
    let parsed = match CommandLine::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(help) => {
            // Help and version are no errors, and go to standard output; there is nobody to tell if that is closed.
            _ = help.print();
            return Run::Exit(if help.use_stderr() { ExitCode::from(EXIT_USAGE) } else { ExitCode::SUCCESS });
        }
    };
    match parsed.command {
        Command::Serve(file) => match Config::load(file.config.as_deref()) {
            Ok(config) => Run::Serve { config: Box::new(config) },
            Err(why) => Run::Exit(Failure::config(why).report()),
        },
        Command::Demo(demo) => Run::Demo(demo),
        Command::Config(ConfigCommand::Check(file)) => match settings(&file) {
            Ok(config) => Run::Check { config: Box::new(config), file: file.config },
            Err(why) => Run::Exit(why.report()),
        },
        Command::Config(ConfigCommand::Show(file)) => finish(show(&file)),
        Command::Company(command) => finish(company::run(&command)),
        Command::Licence(command) => finish(licence::run(&command)),
        Command::User(UserCommand::List(config)) => finish(list(&config)),
        Command::User(UserCommand::Password { name, config }) => finish(password(&name, &config)),
        Command::User(UserCommand::Activate { name, reload, config }) => {
            finish(company::activate(&name, true, reload, &config))
        }
        Command::User(UserCommand::Deactivate { name, reload, config }) => {
            finish(company::activate(&name, false, reload, &config))
        }
        Command::Clock(ClockCommand::Accept(config)) => finish(accept_clock(&config)),
        Command::Journal(JournalCommand::Verify { company, config }) => finish(verified(company.as_deref(), &config)),
        Command::Journal(JournalCommand::Replay { at, company, json, config }) => {
            finish(replayed(at, company.as_deref(), json, &config))
        }
        Command::Why { item, config } => finish(item.read().and_then(|item| decided(item, &config))),
        Command::Calls { kind, from, to, company, queue, agent, outcome, limit, format, config } => {
            let filter = RecordFilter { kind, from, to, outcome, ..RecordFilter::default() };
            finish(records(filter, company.as_deref(), [queue, agent], limit, format, &config))
        }
        Command::Phones { company, config } => finish(phones(company.as_deref(), &config)),
        Command::Backup { to, config } => finish(backup::back_up(&to, &config)),
        Command::Restore { from, yes, config } => finish(backup::restore(&from, yes, &config)),
        Command::Erase { item, yes, config } => finish(item.read().and_then(|item| erase(item, yes, &config))),
    }
}

/// An exit code with the line that explains it.
struct Failure {
    code: u8,
    why: String,
}

impl Failure {
    fn config(why: impl Display) -> Failure {
        Failure { code: EXIT_CONFIG, why: why.to_string() }
    }

    fn report(self) -> ExitCode {
        eprintln!("vorrang: {}", self.why);
        ExitCode::from(self.code)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(why: E) -> Failure {
        Failure { code: 1, why: why.to_string() }
    }
}

fn finish(result: Result<(), Failure>) -> Run {
    Run::Exit(result.map_or_else(Failure::report, |()| ExitCode::SUCCESS))
}

fn settings(file: &ConfigFile) -> Result<Config, Failure> {
    Config::load(file.config.as_deref()).map_err(Failure::config)
}

fn show(file: &ConfigFile) -> Result<(), Failure> {
    print!("{}", settings(file)?.to_toml()?);
    Ok(())
}

fn decided(item: ItemId, config: &ConfigFile) -> Result<(), Failure> {
    let mut archive = Archive::open(&settings(config)?.store.path)?;
    let unknown = || Failure { code: 1, why: format!("there never was an item {item}") };
    print!("{}", why::why(&mut archive, item)?.ok_or_else(unknown)?);
    Ok(())
}

fn accept_clock(config: &ConfigFile) -> Result<(), Failure> {
    let now = Clock::start(Timestamp(0)).now();
    let system = time(now);
    match Offline::accept_clock(&settings(config)?.store.path, now)? {
        Some(ahead) => println!("the journal tells of {}; the daemon goes on from {system}", time(ahead)),
        None => println!("nothing in the journal is later than {system}: nothing to do"),
    }
    Ok(())
}

fn list(config: &ConfigFile) -> Result<(), Failure> {
    let mut store = Offline::open(&settings(config)?.store.path)?;
    for company in store.companies()? {
        let Some(floor) = store.floor(company.id)? else { continue };
        for agent in &floor.agents {
            let inactive = if agent.active { "" } else { "\tinactive" };
            let roles: Vec<String> = floor.roles_had(agent).collect();
            let (login_name, roles, name) = (&agent.login_name, roles.join(", "), &agent.display_name);
            println!("{}\t{login_name}\t{roles}\t{name}{inactive}", company.name);
        }
    }
    Ok(())
}

fn password(name: &str, config: &ConfigFile) -> Result<(), Failure> {
    let mut store = Offline::open(&settings(config)?.store.path)?;
    let password = if stdin().is_terminal() {
        rpassword::prompt_password(format!("New password of {name}: "))?
    } else {
        let mut line = String::new();
        stdin().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    let person = store.agent_by_login(name)?.ok_or_else(|| company::nobody(name))?;
    hard_to_guess(&password, &[&person.login_name, &person.display_name])
        .map_err(|why| Failure { code: 1, why: format!("{why}; nothing was changed") })?;
    let own = Change::Password { login_name: name.to_owned(), hash: Secret::hash(&password)? };
    store.change(person.company, &[own], &company::operator())?;
    println!("{name} has a new password");
    Ok(())
}

fn verified(company: Option<&str>, config: &ConfigFile) -> Result<(), Failure> {
    let mut archive = Archive::open(&settings(config)?.store.path)?;
    let company = company.map(|name| named(&mut archive, name)).transpose()?;
    let counts = look_through(&mut archive, company.map(|company| company.id))?;
    println!("{counts}");
    match counts.problems {
        0 => Ok(()),
        _ => Err(Failure { code: 1, why: "the journal is not sound (restore a backup, or ask for help)".to_owned() }),
    }
}

/// Says what is wrong with the journal, and how far it is.
fn look_through(archive: &mut Archive, company: Option<CompanyId>) -> Result<verify::Counts, Failure> {
    let progress = Progress::default();
    let say = |problem: String| {
        progress.clear();
        println!("{problem}");
    };
    let counts = verify::verify(archive, company, say, |rows| progress.show(rows))?;
    progress.clear();
    Ok(counts)
}

/// Asks before something is done. `unasked` is said where there is nobody to be asked, `refused` if they don't want it.
fn confirm(question: &str, unasked: String, refused: &str) -> Result<(), Failure> {
    if !stdin().is_terminal() {
        return Err(Failure { code: EXIT_FAILURE, why: unasked });
    }
    print!("{question} [y/N] ");
    stdout().flush()?;
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    match line.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure { code: EXIT_FAILURE, why: refused.to_owned() }),
    }
}

fn replayed(at: Timestamp, company: Option<&str>, json: bool, config: &ConfigFile) -> Result<(), Failure> {
    let mut archive = Archive::open(&settings(config)?.store.path)?;
    let companies = match company {
        Some(name) => vec![named(&mut archive, name)?],
        None => archive.companies()?,
    };
    let progress = Progress::default();
    let mut floors = vec![];
    for company in companies {
        let machines = replay::machines(&mut archive, company.id, at, |rows| progress.show(rows))?;
        progress.clear();
        if json {
            floors.push(replay::json(&company, at, &machines)?);
        } else if let Some(rows) = archive.floor(company.id)? {
            print!("{}", replay::text(&rows, at, &machines));
        }
    }
    if json {
        println!("{:#}", serde_json::Value::from(floors));
    }
    Ok(())
}

fn records(
    filter: RecordFilter,
    company: Option<&str>,
    [queue, agent]: [Option<String>; 2],
    limit: Option<u32>,
    format: calls::Format,
    config: &ConfigFile,
) -> Result<(), Failure> {
    let mut archive = Archive::open(&settings(config)?.store.path)?;
    let companies = match company {
        Some(name) => vec![named(&mut archive, name)?],
        None => archive.companies()?,
    };
    let wrong = |why: String| Failure { code: 1, why };
    if companies.len() > 1 && (queue.is_some() || agent.is_some()) {
        return Err(wrong("there are several companies (name one with --company)".to_owned()));
    }
    let mut headed = true;
    for company in companies {
        let mut filter = filter.clone();
        if let Some(rows) = archive.floor(company.id)? {
            filter.queue = queue.as_deref().map(|name| calls::queue(&rows, name)).transpose().map_err(wrong)?;
            filter.agent = agent.as_deref().map(|name| calls::agent(&rows, name)).transpose().map_err(wrong)?;
        }
        let mut out = stdout().lock();
        match calls::calls(&mut archive, &company, filter, limit, (format, std::mem::take(&mut headed)), &mut out) {
            Ok(_) => {}
            // Whoever reads has enough.
            Err(CallsError::Write(why)) if why.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(why) => return Err(why.into()),
        }
    }
    Ok(())
}

fn phones(company: Option<&str>, config: &ConfigFile) -> Result<(), Failure> {
    let mut archive = Archive::open(&settings(config)?.store.path)?;
    let companies = match company {
        Some(name) => vec![named(&mut archive, name)?],
        None => archive.companies()?,
    };
    let registered = archive.phones_registered(Clock::start(Timestamp(0)).now())?;
    for company in companies {
        if let Some(rows) = archive.floor(company.id)? {
            print!("{}", phones::text(&crate::actors::phones::phones(&rows, &registered)));
        }
    }
    Ok(())
}

fn named(archive: &mut Archive, name: &str) -> Result<CompanyRow, Failure> {
    let companies = archive.companies()?;
    let names: Vec<&str> = companies.iter().map(|company| company.name.as_str()).collect();
    let why = format!("there is no company `{name}`, expected one of: {}", names.join(", "));
    companies.into_iter().find(|company| company.name == name).ok_or(Failure { code: 1, why })
}

fn erase(item: ItemId, yes: bool, config: &ConfigFile) -> Result<(), Failure> {
    let failure = |why: String| Err(Failure { code: 1, why });
    let mut store = Offline::open(&settings(config)?.store.path)?;
    let number = Party::from(item).number();
    let erasure = match store.erasable(number)? {
        Erasure::Texts(texts) if !yes => {
            let unasked = format!("{item} has {texts} texts; nothing was erased (say --yes)");
            confirm(&format!("Erase all {texts} texts of {item} for good?"), unasked, "nothing was erased")?;
            store.erase(number, Clock::start(Timestamp(0)).now())?
        }
        Erasure::Texts(_) => store.erase(number, Clock::start(Timestamp(0)).now())?,
        refused @ (Erasure::Unknown | Erasure::GoesOn) => refused,
    };
    match erasure {
        Erasure::Texts(texts) => {
            println!("{item}: {texts} texts were erased");
            Ok(())
        }
        Erasure::GoesOn => failure(format!("{item} goes on; nothing was erased (it can be when it is over)")),
        Erasure::Unknown => failure(format!("there is no {item} in the journal")),
    }
}

/// How far it is, on standard error if somebody looks there.
struct Progress {
    terminal: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Progress { terminal: stderr().is_terminal() }
    }
}

impl Progress {
    fn show(&self, rows: u64) {
        if self.terminal {
            eprint!("\r{rows} rows");
        }
    }

    fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_demo_is_handed_back_with_what_was_asked_for() {
        let Run::Demo(demo) = run(["vorrang", "demo", "--http", "8081", "--media", "20000-20100"]) else {
            panic!("not the demo");
        };
        assert_eq!(demo.http, Some(8081));
        assert_eq!(demo.media, Some(PortRange { first: 20_000, last: 20_100 }));
    }
}

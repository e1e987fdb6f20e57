//! `vorrang company`: describing a company, looking at what would change and at what was changed, beside a running daemon or
//! without one.
//! Never decides what a company may be like: that is `domain::company`.

use super::places::Places;
use super::{ConfigFile, EXIT_FAILURE, Failure, named, replay, settings};
use crate::actors::records::time;
use crate::clock::Clock;
use crate::config;
use crate::licence::{PublicKey, look};
use crate::store::{
    AnnouncementsEntry, Application, Archive, Author, ChangedPasswords, CompanyFile, CompanyRow, Offline, StoreError,
    TrunkAccount,
};
use crate::telephony::announcements::{SoundError, Sounds};
use crate::telephony::prompts::Prompts;
use clap::{Args, Subcommand, ValueEnum};
use domain::announcement::Text;
use domain::company::{Change, Company, Difference, Kind, Refusals, Thing, What, Why};
use domain::time::Timestamp;
use rustix::process::{Pid, Signal, getuid, kill_process};
use std::fmt::Display;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum CompanyCommand {
    /// Make the database agree with a company's file, and print what changed
    ///
    /// The file describes one company: [company], and any number of [[queue]], [[agent]], [[number]], [[trunk]] and
    /// [[chat_service]]. What is in the file is made or changed; things that are not in the file are left alone
    /// (--prune removes them), keys that are left out too. Running it twice changes nothing. A running daemon reads the
    /// changes on SIGHUP (--reload, or systemctl reload vorrang).
    Apply(Apply),
    /// Print a company as the file that makes it, passwords as hashes
    Export {
        /// Which; needed if there are several
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Take something out of a company; what goes on with it is finished, and records keep its name
    Remove(Remove),
    /// Print who changed what of a company and when, the oldest change first
    Audit {
        /// Only this company
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        /// Only changes since then, such as 2026-11-22T00:00:00+01:00; without an offset it is in UTC
        #[arg(long, value_name = "TIME", value_parser = replay::moment)]
        since: Option<Timestamp>,
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Args)]
pub(super) struct Apply {
    /// The company's file
    file: PathBuf,
    /// Print what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Remove what the file leaves out; asks before it does
    #[arg(long)]
    prune: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Tell the running daemon to read the changes
    #[arg(long)]
    reload: bool,
    /// Give people the passwords of the file also where theirs was changed since the file gave it to them
    #[arg(long)]
    passwords: bool,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Args)]
pub(super) struct Remove {
    /// What kind of thing
    kind: Removable,
    /// Its name: an agent's login name, a chat service's token, a number
    name: String,
    /// Of which company; needed if there are several
    #[arg(long, value_name = "NAME")]
    company: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Tell the running daemon to read the change
    #[arg(long)]
    reload: bool,
    #[command(flatten)]
    config: ConfigFile,
}

/// What can be removed.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Removable {
    Queue,
    Agent,
    Number,
    Trunk,
    ChatService,
    BreakReason,
    Classification,
    Template,
    Hours,
    Role,
    ApiKey,
}

pub(super) fn run(command: &CompanyCommand) -> Result<(), Failure> {
    match command {
        CompanyCommand::Apply(order) => apply(order),
        CompanyCommand::Export { company, config } => export(company.as_deref(), config),
        CompanyCommand::Remove(order) => remove(order),
        CompanyCommand::Audit { company, since, config } => audit(company.as_deref(), *since, config),
    }
}

fn apply(order: &Apply) -> Result<(), Failure> {
    let (file, config) = (&order.file, settings(&order.config)?);
    let mut company: CompanyFile = config::read_toml(file).map_err(Failure::config)?;
    let mut unheard = sounds(file, &mut company)?;
    let key = config.licence.public_key.as_ref();
    let passwords = if order.passwords { ChangedPasswords::Overwritten } else { ChangedPasswords::Kept };
    let how = Application { author: operator(), realm: config.sip.realm.clone(), passwords, prune: order.prune };
    let mut store = Offline::open(&config.store.path)?;
    unheard.0.extend(unlicensed(&mut store, key, &company)?.0);
    let failed = |why: StoreError| match why {
        StoreError::Refused(refusals) => refused(file, &refusals),
        why => Failure { code: EXIT_FAILURE, why: format!("{}: {why}; nothing was changed", file.display()) },
    };
    if !unheard.0.is_empty() {
        if let Err(StoreError::Refused(Refusals(others))) = store.plan(&company, &how) {
            unheard.0.extend(others);
        }
        return Err(refused(file, &unheard));
    }
    if order.dry_run {
        print(&store.plan(&company, &how).map_err(failed)?);
        println!("nothing was changed: this was a dry run");
        return Ok(());
    }
    if order.prune && !order.yes {
        let mut removed = store.plan(&company, &how).map_err(failed)?;
        removed.retain(|difference| difference.what == What::Removed);
        if !removed.is_empty() {
            print(&removed);
            agreed("Remove what the file leaves out?")?;
        }
    }
    let changes = store.apply(&company, &how).map_err(failed)?;
    print(&changes);
    tell(&store, !changes.is_empty(), order.reload)
}

fn remove(order: &Remove) -> Result<(), Failure> {
    let mut store = Offline::open(&settings(&order.config)?.store.path)?;
    let company = one(store.companies()?, order.company.as_deref())?;
    let name = order.name.clone();
    let thing = match order.kind {
        Removable::Queue => Thing::Queue(name),
        Removable::Agent => Thing::Agent(name),
        Removable::Number => Thing::Number(name),
        Removable::Trunk => Thing::Trunk(name),
        Removable::ChatService => Thing::Service(name),
        Removable::BreakReason => Thing::BreakReason(name),
        Removable::Classification => Thing::Classification(name),
        Removable::Template => Thing::Template(name),
        Removable::Hours => Thing::Hours(name),
        Removable::Role => Thing::Role(name),
        Removable::ApiKey => Thing::ApiKey(name),
    };
    if !order.yes {
        let (kind, name) = thing.named();
        agreed(&format!("Remove {kind} {name} from {}?", company.name))?;
    }
    let changes = store.change(company.id, &[Change::Remove(thing)], &operator())?;
    print(&changes);
    tell(&store, true, order.reload)
}

/// Lets somebody work, or not any more.
pub(super) fn activate(login_name: &str, active: bool, is_told: bool, config: &ConfigFile) -> Result<(), Failure> {
    let mut store = Offline::open(&settings(config)?.store.path)?;
    let person = store.agent_by_login(login_name)?.ok_or_else(|| nobody(login_name))?;
    let change = Change::Activate { login_name: login_name.to_owned(), active };
    let changes = store.change(person.company, &[change], &operator())?;
    print(&changes);
    tell(&store, !changes.is_empty(), is_told)
}

/// There is no such person.
pub(super) fn nobody(login_name: &str) -> Failure {
    let why = format!("there is nobody with the login name {login_name} (see vorrang user list)");
    Failure { code: EXIT_FAILURE, why }
}

fn export(company: Option<&str>, config: &ConfigFile) -> Result<(), Failure> {
    let config = settings(config)?;
    let mut archive = Archive::open(&config.store.path)?;
    let company = one(archive.companies()?, company)?;
    if let Some(company) = archive.floor(company.id)? {
        write!(stdout(), "{}", text(&company, &config.sip.realm)?)?;
    }
    Ok(())
}

/// The file that makes a company.
///
/// # Errors
/// When it cannot be written as TOML.
pub fn text(company: &Company, realm: &str) -> Result<String, toml::ser::Error> {
    let mut text = format!(
        "# {:?} as it is in the database. Passwords of phones and trunks are hashed for the realm {realm:?} (sip.realm).\n",
        company.name
    );
    for trunk in &company.trunks {
        if matches!(trunk.account, Some(TrunkAccount::Ours { .. })) {
            let name = &trunk.name;
            text +=
                &format!("# The password that we prove to the trunk {name:?} is not written here: add it elsewhere.\n");
        }
    }
    for service in company.services.iter().filter(|service| service.identify_key.is_some()) {
        let token = &service.token;
        text += &format!("# The identify_key of the chat service {token:?} is not written here: add it elsewhere.\n");
    }
    text.push('\n');
    text += &toml::to_string(&CompanyFile::of(company))?;
    Ok(text)
}

fn audit(company: Option<&str>, since: Option<Timestamp>, config: &ConfigFile) -> Result<(), Failure> {
    let mut archive = Archive::open(&settings(config)?.store.path)?;
    let companies = match company {
        Some(name) => vec![named(&mut archive, name)?],
        None => archive.companies()?,
    };
    let mut out = stdout().lock();
    for CompanyRow { id, name } in companies {
        let mut written = Ok(());
        archive.audit(id, since.unwrap_or_default(), |entry| {
            if written.is_ok() {
                written = match entry {
                    Ok(entry) => {
                        writeln!(out, "{}\t{name}\t{}\t{}", time(entry.at), entry.author, entry.difference.words())
                    }
                    Err(why) => writeln!(out, "{why}"),
                };
            }
        })?;
        written?;
    }
    Ok(())
}

/// The company that is meant: the only one, or the one of this name.
pub(super) fn one(companies: Vec<CompanyRow>, name: Option<&str>) -> Result<CompanyRow, Failure> {
    let failure = |why| Failure { code: EXIT_FAILURE, why };
    let names = companies.iter().map(|company| company.name.clone()).collect::<Vec<_>>().join(", ");
    let is_only = companies.len() == 1;
    let found = companies.into_iter().find(|company| name.map_or(is_only, |name| company.name == name));
    found.ok_or_else(|| match name {
        Some(name) => failure(format!("there is no company `{name}`, expected one of: {names}")),
        None if names.is_empty() => {
            failure("there is no company yet (vorrang company apply FILE makes one)".to_owned())
        }
        None => failure(format!("there are several companies (name one with --company): {names}")),
    })
}

/// Who is at the command line, by the system's name for them.
pub(super) fn operator() -> Author {
    let variables = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    let name = variables.filter_map(|name| std::env::var(name).ok()).find(|name| !name.is_empty());
    Author::Operator(name.unwrap_or_else(|| format!("uid {}", getuid().as_raw())))
}

pub(super) fn print(changes: &[Difference]) {
    for change in changes {
        match change.what {
            // What a new thing is like stands in the file, or was typed just now.
            What::New | What::Removed | What::GivenOut => println!("{change}"),
            What::Changed => println!("{}", change.words()),
        }
    }
    if changes.is_empty() {
        println!("nothing to change");
    }
}

/// Asks whoever sits there; a failure if they don't agree, or nobody sits there.
fn agreed(question: &str) -> Result<(), Failure> {
    let failure = |why: &str| Err(Failure { code: EXIT_FAILURE, why: why.to_owned() });
    if !stdin().is_terminal() {
        return failure("nothing was changed (say --yes)");
    }
    print!("{question} [y/N] ");
    stdout().flush()?;
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    if matches!(line.trim(), "y" | "Y" | "yes") { Ok(()) } else { failure("nothing was changed") }
}

/// Lets the running daemon know, or says that it does not.
pub(super) fn tell(store: &Offline, is_changed: bool, is_told: bool) -> Result<(), Failure> {
    match store.daemon() {
        None if is_told => println!("no daemon runs on this database: the next one reads it"),
        Some(daemon) if is_told => {
            reload(daemon)?;
            println!("the daemon (process {daemon}) was told to read it");
        }
        Some(_) if is_changed => {
            println!("the running daemon does not know it yet (--reload, or systemctl reload vorrang)");
        }
        None | Some(_) => {}
    }
    Ok(())
}

/// Tells a daemon to read its companies again.
fn reload(daemon: u32) -> Result<(), Failure> {
    let failed = |why: &dyn Display| Failure {
        code: EXIT_FAILURE,
        why: format!(
            "tell the daemon (process {daemon}) to read the changes: {why} (systemctl reload vorrang does it)"
        ),
    };
    let process = i32::try_from(daemon).ok().and_then(Pid::from_raw).ok_or_else(|| failed(&"no such process"))?;
    kill_process(process, Signal::HUP).map_err(|why| failed(&why))
}

/// All that is wrong with a company's file, a line for each in the file's order.
fn refused(file: &Path, Refusals(refusals): &Refusals) -> Failure {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let places = Places::of(&text);
    let name = file.display();
    let mut found: Vec<_> = refusals.iter().map(|refusal| (places.line(refusal), refusal)).collect();
    found.sort_by_key(|(line, _)| line.unwrap_or(usize::MAX));
    let said = found.iter().map(|(line, refusal)| match line {
        Some(line) => format!("{name}:{line}: {refusal}"),
        None => format!("{name}: {refusal}"),
    });
    let all: Vec<String> = said.collect();
    Failure::config(format!("{}\nnothing was changed", all.join("\n")))
}

/// What is wrong with the licence that a company's file gives it.
fn unlicensed(store: &mut Offline, key: Option<&PublicKey>, file: &CompanyFile) -> Result<Refusals, Failure> {
    let Some(licence) = &file.company.licence else { return Ok(Refusals::default()) };
    let name = &file.company.name;
    let there = store.companies()?.into_iter().find(|company| company.name == *name);
    let there = there.map(|row| store.floor(row.id)).transpose()?.flatten();
    let there = there.unwrap_or_else(|| Company { name: name.clone(), ..Company::default() });
    let now = Clock::start(store.last_timestamp()?).now();
    Ok(look(key, &there, licence, now).err().unwrap_or_default())
}

/// Reads the sounds that a company's file names; from now on they are named by where they are. A relative path begins
/// where the file lies. What is given back cannot be played.
fn sounds(file: &Path, company: &mut CompanyFile) -> Result<Refusals, Failure> {
    let folder = std::path::absolute(file)?;
    let mut unheard = Refusals::default();
    let place = |path: &mut String| {
        if !path.is_empty() {
            *path = folder.with_file_name(&*path).display().to_string();
        }
    };
    for queue in &mut company.queues {
        queue.music.iter_mut().for_each(place);
        let announcements = match &mut queue.announcements {
            Some(AnnouncementsEntry::These(these)) => Some(these),
            Some(AnnouncementsEntry::Said(_)) | None => None,
        };
        let announcements = announcements.map(|these| {
            for text in [&mut these.welcome, &mut these.please_wait] {
                match text {
                    Text::File(path) => place(path),
                    Text::BuiltIn(_) => {}
                }
            }
            &*these
        });
        let music = queue.music.as_deref().filter(|path| !path.is_empty());
        if let Err(SoundError { key, source }) = Sounds::load(music, &Prompts::beep(), announcements) {
            let why = Why::Unplayable { why: source.to_string() };
            unheard.add(Kind::Queue, &queue.name, (Some(key), why));
        }
    }
    Ok(unheard)
}

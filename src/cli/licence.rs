//! `vorrang licence`: making the key of whoever issues licences, issuing them, installing one, and looking what holds.
//! Never decides what holds by one: that is `domain::licence`.

use super::company::{one, operator, print, tell};
use super::{ConfigFile, EXIT_FAILURE, Failure, named, replay, settings};
use crate::actors::records::time;
use crate::clock::Clock;
use crate::config::Config;
use crate::licence::{self, SecretKey};
use crate::store::{Archive, Offline};
use clap::{Args, Subcommand};
use domain::company::{Change, Company, CompanyEntry, Refusals};
use domain::licence::{BYTES_MAX, CHAT, Licence, State};
use domain::time::Timestamp;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write, stdin, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How long a day is.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Subcommand)]
pub(super) enum LicenceCommand {
    /// Make the key by which licences are signed, and print the one that belongs into the settings
    ///
    /// The file is for whoever issues licences, and for nobody else: who has it can issue them. The daemon needs only what
    /// is printed.
    Keygen {
        /// The file to make
        file: PathBuf,
    },
    /// Print a licence for a company
    Issue(Issue),
    /// Give a company its licence; chats may begin by it at once
    Install(Install),
    /// Print by which licence a company's chats may begin, and until when
    Show {
        /// Only this company
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Args)]
pub(super) struct Issue {
    /// The file that `vorrang licence keygen` made
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The company's name, exactly as it is there
    #[arg(long, value_name = "NAME")]
    company: String,
    /// How many agents may have chats
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    agents: u32,
    /// From when on: a day, or a time such as 2027-01-01T00:00:00+01:00 [default: now]
    #[arg(long, value_name = "TIME", value_parser = begins)]
    from: Option<Timestamp>,
    /// Until when: a day, which is the last one, or a time
    #[arg(long, value_name = "TIME", value_parser = ends)]
    until: Timestamp,
    /// For how many days chats may begin after that, while everybody concerned is told
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    grace_days: u32,
    /// Its number, as it stands on your invoice [default: the day and a few random digits]
    #[arg(long)]
    number: Option<String>,
}

#[derive(Args)]
pub(super) struct Install {
    /// The file with the licence, or - for standard input
    file: PathBuf,
    /// Of which company; needed if there are several
    #[arg(long, value_name = "NAME")]
    company: Option<String>,
    /// Tell the running daemon to read it
    #[arg(long)]
    reload: bool,
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) fn run(command: &LicenceCommand) -> Result<(), Failure> {
    match command {
        LicenceCommand::Keygen { file } => keygen(file),
        LicenceCommand::Issue(order) => issue(order),
        LicenceCommand::Install(order) => install(order),
        LicenceCommand::Show { company, config } => show(company.as_deref(), config),
    }
}

fn keygen(file: &Path) -> Result<(), Failure> {
    let key = SecretKey::generate()?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = made.and_then(|mut made| writeln!(made, "{}", key.text()));
    written.map_err(|why| at(file, "make", &why))?;
    writeln!(stdout(), "[licence]\npublic_key = \"{}\"", key.public())?;
    Ok(())
}

fn issue(order: &Issue) -> Result<(), Failure> {
    let text = fs::read_to_string(&order.key).map_err(|why| at(&order.key, "read", &why))?;
    let failed = |why: String| Failure { code: EXIT_FAILURE, why };
    let key: SecretKey = text.parse().map_err(|why| failed(format!("{}: {why}", order.key.display())))?;
    let now = Clock::start(Timestamp(0)).now();
    let today = time(now).get(..10).unwrap_or_default().to_owned();
    let licence = Licence {
        number: order.number.clone().unwrap_or_else(|| format!("{today}-{:08x}", rand::random::<u32>())),
        company: order.company.clone(),
        channels: [CHAT.to_owned()].into(),
        agents: order.agents,
        from: order.from.unwrap_or(now),
        until: order.until,
        grace_days: order.grace_days,
    };
    let licence = key.issue(&licence).map_err(|why| failed(format!("nothing was issued: {why}")))?;
    writeln!(stdout(), "{licence}")?;
    Ok(())
}

fn install(order: &Install) -> Result<(), Failure> {
    let (text, config) = (text_of(&order.file)?, settings(&order.config)?);
    let mut store = Offline::open(&config.store.path)?;
    let row = one(store.companies()?, order.company.as_deref())?;
    let company = store.floor(row.id)?.unwrap_or_default();
    let licence = text.trim().to_owned();
    let now = Clock::start(store.last_timestamp()?).now();
    if licence.is_empty() {
        return Err(Failure {
            code: EXIT_FAILURE,
            why: format!("{}: there is no licence in it", order.file.display()),
        });
    }
    let looked_at = licence::look(config.licence.public_key.as_ref(), &company, &licence, now);
    looked_at.map_err(|Refusals(refusals)| {
        let why = refusals.iter().map(|refusal| refusal.why.to_string()).collect::<Vec<_>>().join("\n");
        Failure { code: EXIT_FAILURE, why: format!("{why}\nnothing was changed") }
    })?;
    let entry = CompanyEntry { name: company.name.clone(), licence: Some(licence), ..CompanyEntry::default() };
    let changes = store.change(row.id, &[Change::Company(entry)], &operator())?;
    print(&changes);
    for company in store.floor(row.id)?.iter() {
        said(&config, company, now)?;
    }
    tell(&store, !changes.is_empty(), order.reload)
}

fn show(company: Option<&str>, config: &ConfigFile) -> Result<(), Failure> {
    let config = settings(config)?;
    let mut archive = Archive::open(&config.store.path)?;
    if config.licence.public_key.is_none() {
        writeln!(stdout(), "licence.public_key is not set: no chat begins (vorrang licence keygen)")?;
    }
    let now = Clock::start(archive.last_timestamp()?).now();
    let rows = match company {
        Some(name) => vec![named(&mut archive, name)?],
        None => archive.companies()?,
    };
    for row in rows {
        for company in archive.floor(row.id)?.iter() {
            said(&config, company, now)?;
        }
    }
    Ok(())
}

/// Says what holds for a company, a line for each thing.
fn said(config: &Config, company: &Company, now: Timestamp) -> io::Result<()> {
    let held = licence::held(config.licence.public_key.as_ref(), company);
    let state = State::of(held.as_ref(), &company.name, now);
    let mut out = stdout().lock();
    writeln!(out, "{}\t{}\t{state}", company.name, state.as_str())?;
    if let Some(Ok(licence)) = held {
        let agents = company.chat_agents(config.agent.chats_max).len();
        writeln!(out, "\tnumber\t{}", licence.number)?;
        writeln!(out, "\tagents\t{} of {agents} who could have chats", licence.agents)?;
        writeln!(out, "\tfrom\t{}", time(licence.from))?;
        writeln!(out, "\tuntil\t{}", time(licence.until))?;
        writeln!(out, "\tgrace\tuntil {}", time(licence.ends()))?;
    }
    Ok(())
}

/// What stands in a file; not more of it than a licence may have.
fn text_of(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let most = u64::try_from(4 * BYTES_MAX).unwrap_or(u64::MAX);
    let read = if file == Path::new("-") {
        stdin().take(most).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|open| open.take(most).read_to_string(&mut text))
    };
    read.map_err(|why| at(file, "read", &why))?;
    Ok(text)
}

fn at(file: &Path, doing: &str, why: &io::Error) -> Failure {
    Failure { code: EXIT_FAILURE, why: format!("{doing} {}: {why}", file.display()) }
}

/// A moment, or the beginning of a day in UTC.
fn begins(text: &str) -> Result<Timestamp, String> {
    let text = if is_day(text) { format!("{text}T00:00:00Z") } else { text.to_owned() };
    replay::moment(&text)
}

/// A moment, or the end of a day in UTC.
fn ends(text: &str) -> Result<Timestamp, String> {
    let begins = begins(text)?;
    Ok(if is_day(text) { Timestamp(begins.0 + DAY_MS) } else { begins })
}

fn is_day(text: &str) -> bool {
    text.len() == "2027-01-31".len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_meant_with_its_end_and_a_time_as_it_is() {
        let at = |text: &str| replay::moment(text).unwrap();
        assert_eq!(begins("2027-01-31"), Ok(at("2027-01-31T00:00:00Z")));
        assert_eq!(ends("2027-01-31"), Ok(at("2027-02-01T00:00:00Z")));
        assert_eq!(ends("2027-01-31T00:00:00+01:00"), Ok(at("2027-01-30T23:00:00Z")));
        assert!(ends("2027-13-01").is_err() && begins("tomorrow").is_err());
    }
}

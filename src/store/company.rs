//! A company as one file describes it, and how the database is brought to agree with it.
//! Never deletes: what the file leaves out stays as it is.

use super::connection::DatabaseConnection;
use super::error::StoreError;
use super::password;
use super::rows::{Offline, RawAgent, RawQueue, RawService, Role, Voice};
use super::schema::{agent, break_reason, chat_service, company, number, queue, queue_agent, web_session};
use super::trunks::{self, TrunkEntry};
use super::writer::JobError;
use super::{Secret, Store};
use diesel::prelude::*;
use domain::announcement::Announcements;
use domain::contact;
use domain::queue::{Answer, Channel, HeadStarts, Strategy, Unserved};
use domain::routing::Skill;
use domain::time::Span;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// How many seconds of music there may be between two announcements.
const EVERY_S: std::ops::RangeInclusive<u32> = 5..=3600;

/// The shortest password of a person or a phone, in characters (NIST SP 800-63B §5.1.1.2).
pub const PASSWORD_CHARACTERS_MIN: usize = 8;

/// What becomes of a person's password that was changed after the file had given it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChangedPasswords {
    /// It stays as long as the file gives the same one as before.
    #[default]
    Kept,
    /// The file's is theirs again.
    Overwritten,
}

/// A company and what belongs to it. What is left out (`None`, or no entry) is not changed; in a new entry it has its
/// default.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyFile {
    /// The company.
    pub company: CompanyEntry,
    /// Its queues.
    #[serde(default, rename = "queue")]
    pub queues: Vec<QueueEntry>,
    /// Its people.
    #[serde(default, rename = "agent")]
    pub agents: Vec<AgentEntry>,
    /// Its numbers.
    #[serde(default, rename = "number")]
    pub numbers: Vec<NumberEntry>,
    /// Its trunks.
    #[serde(default, rename = "trunk")]
    pub trunks: Vec<TrunkEntry>,
    /// Its chat services.
    #[serde(default, rename = "chat_service")]
    pub services: Vec<ServiceEntry>,
}

/// The company itself, known by its name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyEntry {
    /// Its name.
    pub name: String,
    /// Why its people take breaks, in its own words.
    #[serde(default)]
    pub break_reasons: Vec<String>,
    /// Whether its call records keep the numbers of callers who don't want theirs to be shown; `false` by default.
    pub keep_withheld_numbers: Option<bool>,
}

/// A queue, known by its name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueEntry {
    /// Its name.
    pub name: String,
    /// Its chats are not interrupted by calls; `false` by default.
    pub exclusive: Option<bool>,
    /// How long a call rings at one agent, in seconds; the daemon's `agent.ring_s` by default.
    pub ring_s: Option<u32>,
    /// The wrap-up of its calls in seconds; the daemon's `agent.call_wrap_up_s` by default.
    pub call_wrap_up_s: Option<u32>,
    /// The wrap-up of its chats in seconds; the daemon's `agent.chat_wrap_up_s` by default.
    pub chat_wrap_up_s: Option<u32>,
    /// Who comes first among agents of the same tier; `longest_idle` by default.
    pub strategy: Option<Strategy>,
    /// Which channels are given to free agents without their asking; none but calls by default.
    pub push: Option<BTreeSet<Channel>>,
    /// By how many seconds of waiting each channel comes before the others; strictly first is `"strict"`.
    pub head_start_s: Option<HeadStartEntry>,
    /// How many items may wait; any number by default.
    pub waiting_max: Option<u32>,
    /// How long an item may wait, in seconds; for ever by default.
    pub wait_max_s: Option<u32>,
    /// The name of the queue where items go that cannot stay; by default they are refused.
    pub overflow: Option<String>,
    /// What happens to new items while nobody who serves the queue is logged in; `wait` by default.
    pub unserved: Option<Unserved>,
    /// How many chats an agent may have when the next one is from here; the agent's own number by default.
    pub chats_max: Option<u32>,
    /// When its callers are answered; `at_once` by default.
    pub answer: Option<Answer>,
    /// The WAV file that callers hear who wait; an empty one is the daemon's `media.music`, as by default.
    pub music: Option<String>,
    /// What is said to them in between; nothing by default.
    pub announcements: Option<AnnouncementsEntry>,
}

/// What is said to callers who wait, or `false`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected { language = \"de\" or \"en\", welcome, please_wait, every_s, position } or false"
)]
pub enum AnnouncementsEntry {
    /// These.
    These(Announcements),
    /// Nothing any more, if it is `false`.
    Said(bool),
}

/// How each channel is preferred; what is left out has its default.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadStartEntry {
    /// Of calls; strictly first by default.
    pub call: Option<HeadStart>,
    /// Of callbacks; strictly first by default.
    pub callback: Option<HeadStart>,
    /// Of chats; 25 hours by default.
    pub chat: Option<HeadStart>,
    /// Of e-mails; an hour by default.
    pub email: Option<HeadStart>,
    /// Of work items; none by default.
    pub work_item: Option<HeadStart>,
}

/// How much a channel comes before the others.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number of seconds, or \"strict\"")]
pub enum HeadStart {
    /// It counts as if it had arrived so many seconds earlier.
    Seconds(u32),
    /// It comes strictly first.
    Strict(Strict),
}

/// The word for what comes strictly first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strict {
    /// Strictly first.
    Strict,
}

impl HeadStartEntry {
    fn over(&self, before: HeadStarts) -> HeadStarts {
        let new = |start: Option<HeadStart>, before: Option<Span>| match start {
            None => before,
            Some(HeadStart::Seconds(seconds)) => Some(Span::seconds(seconds.into())),
            Some(HeadStart::Strict(Strict::Strict)) => None,
        };
        HeadStarts {
            call: new(self.call, before.call),
            callback: new(self.callback, before.callback),
            chat: new(self.chat, before.chat),
            email: new(self.email, before.email),
            work_item: new(self.work_item, before.work_item),
        }
    }
}

/// A person, known by their login name.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentEntry {
    /// The name they log in with.
    pub login_name: String,
    /// The name others see; the login name by default.
    pub display_name: Option<String>,
    /// The password; only its hash is kept.
    pub password: Option<String>,
    /// Or its hash: an argon2id PHC string. A new person needs one of the two.
    pub password_hash: Option<String>,
    /// What they may do; `agent` by default.
    pub role: Option<Role>,
    /// The desk phone: the SIP user that registers, or a `sip:` URI where it is always found.
    pub phone: Option<String>,
    /// The registering phone's SIP password; only its HA1 is kept.
    pub phone_password: Option<String>,
    /// They only take calls, and work without a browser; `false` by default.
    pub voice_only: Option<bool>,
    /// How many chats they may have at once; the daemon's `agent.chats_max` by default.
    pub chats_max: Option<u32>,
    /// The names of exactly the queues they serve.
    pub queues: Option<Vec<String>>,
    /// How well they know what a queue is about, from 0 to 255, by the queue's name; 0 by default.
    #[serde(default)]
    pub skills: BTreeMap<String, Skill>,
}

/// A number, known by itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberEntry {
    /// As it stands in the request URI's user part.
    pub number: String,
    /// The name of the queue where its calls wait.
    pub queue: String,
}

/// A chat service, known by its token.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntry {
    /// The token in the website's snippet.
    pub token: String,
    /// Its name; the token by default.
    pub name: Option<String>,
    /// The name of the queue where its chats wait.
    pub queue: String,
    /// Whether it takes new chats; `true` by default.
    pub active: Option<bool>,
    /// What visitors may dial when nobody is there, as it is to be shown; nothing by default, or if it is empty.
    pub telephone: Option<String>,
    /// The token that it had until now, which goes on working for a while; an empty one ends that.
    pub previous_token: Option<String>,
    /// Until when: RFC 3339, as `2027-01-31T00:00:00Z`.
    pub previous_token_until: Option<String>,
}

impl std::fmt::Debug for AgentEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AgentEntry").field("login_name", &self.login_name).finish_non_exhaustive()
    }
}

impl Store {
    /// Brings the database to agree with `file`, and says what changed, a line each; nothing changed if it is empty.
    /// Blocks for the hashing of passwords (some 30 ms each) and until it is durable.
    pub fn apply(&self, file: &CompanyFile, realm: &str) -> Result<Vec<String>, StoreError> {
        unique(file)?;
        let known = |name: &str| self.read("read a password", |connection| passwords(connection, name));
        let hashes = hashes(file, ChangedPasswords::Kept, known)?;
        let (file, realm) = (file.clone(), realm.to_owned());
        self.write("apply a company file", move |connection| apply(connection, &file, &hashes, &realm)).wait()
    }
}

impl Offline {
    /// Brings the database to agree with `file`, and says what changed, a line each; nothing changed if it is empty.
    pub fn apply(
        &mut self,
        file: &CompanyFile,
        realm: &str,
        changed: ChangedPasswords,
    ) -> Result<Vec<String>, StoreError> {
        unique(file)?;
        let known = |name: &str| passwords(&mut self.connection, name).map_err(StoreError::database("read a password"));
        let hashes = hashes(file, changed, known)?;
        self.connection
            .immediate_transaction(|connection| apply(connection, file, &hashes, realm))
            .map_err(|why: JobError| why.into_store_error("apply a company file"))
    }
}

/// Refuses a file that describes the same thing twice: only one of the two could hold.
fn unique(file: &CompanyFile) -> Result<(), StoreError> {
    let names: [(&str, Vec<&String>); 7] = [
        ("queue", file.queues.iter().map(|entry| &entry.name).collect()),
        ("agent", file.agents.iter().map(|entry| &entry.login_name).collect()),
        ("phone", file.agents.iter().filter_map(|entry| entry.phone.as_ref()).collect()),
        ("number", file.numbers.iter().map(|entry| &entry.number).collect()),
        ("trunk", file.trunks.iter().map(|entry| &entry.name).collect()),
        ("chat_service", file.services.iter().map(|entry| &entry.token).collect()),
        ("break reason", file.company.break_reasons.iter().collect()),
    ];
    for (what, names) in names {
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.into_iter().find(|name| !seen.insert(*name)) {
            return Err(StoreError::Refused(format!("{what} {twice}: is there twice, expected once")));
        }
    }
    Ok(())
}

/// Refuses a password that is guessed too soon.
///
/// # Errors
/// With the length that is expected.
pub fn long_enough(password: &str) -> Result<(), StoreError> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        let why = format!("the password is too short, expected {PASSWORD_CHARACTERS_MIN} characters or more");
        return Err(StoreError::Refused(why));
    }
    Ok(())
}

/// The hashes of a person's password, and of the one that the file last gave them.
fn passwords(connection: &mut DatabaseConnection, login_name: &str) -> QueryResult<Option<(String, Option<String>)>> {
    let person = agent::table.filter(agent::login_name.eq(login_name));
    person.select((agent::password_hash, agent::applied_password)).first(connection).optional()
}

/// The password hashes to store, by login name, made before the transaction because they take long. Nobody stands there
/// whom the file gives the same password as before.
fn hashes(
    file: &CompanyFile,
    changed: ChangedPasswords,
    mut known: impl FnMut(&str) -> Result<Option<(String, Option<String>)>, StoreError>,
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut hashes = BTreeMap::new();
    for entry in &file.agents {
        let name = &entry.login_name;
        let before = known(name)?.and_then(|(now, applied)| match changed {
            ChangedPasswords::Kept => applied,
            ChangedPasswords::Overwritten => Some(now),
        });
        let hash = match (&entry.password, &entry.password_hash) {
            (Some(_), Some(_)) => {
                return Err(StoreError::Refused(format!("agent {name}: give password or password_hash, not both")));
            }
            (None, None) => continue,
            (None, Some(hash)) if before.as_ref() == Some(hash) => continue,
            (None, Some(hash)) => {
                let refused = |why| StoreError::Refused(format!("agent {name}: password_hash: {why}"));
                password::check(hash).map_err(refused)?;
                hash.clone()
            }
            (Some(password), None) => {
                if before.is_some_and(|before| Secret(before).matches(password)) {
                    continue;
                }
                long_enough(password).map_err(|why| StoreError::Refused(format!("agent {name}: {why}")))?;
                Secret::hash(password)?.0
            }
        };
        hashes.insert(name.clone(), hash);
    }
    Ok(hashes)
}

fn refuse<T>(why: String) -> Result<T, JobError> {
    Err(JobError::Refused(why))
}

fn named(what: &str, name: &str) -> Result<(), JobError> {
    if name.trim().is_empty() { refuse(format!("{what}: the name is empty")) } else { Ok(()) }
}

fn apply_company(
    connection: &mut DatabaseConnection,
    id: i64,
    entry: &CompanyEntry,
) -> Result<Option<String>, JobError> {
    let Some(keep) = entry.keep_withheld_numbers.map(i64::from) else { return Ok(None) };
    let other = company::table.find(id).filter(company::keep_withheld_numbers.ne(keep));
    let changed = diesel::update(other).set(company::keep_withheld_numbers.eq(keep)).execute(connection)?;
    Ok((changed > 0).then(|| format!("company {}: keep_withheld_numbers", entry.name)))
}

fn apply(
    connection: &mut DatabaseConnection,
    file: &CompanyFile,
    hashes: &BTreeMap<String, String>,
    realm: &str,
) -> Result<Vec<String>, JobError> {
    let mut changes = Vec::new();
    let name = &file.company.name;
    named("company", name)?;
    let known = company::table.filter(company::name.eq(name)).select(company::id).first(connection).optional()?;
    let id: i64 = match known {
        Some(id) => id,
        None => {
            changes.push(format!("company {name}: new"));
            diesel::insert_into(company::table)
                .values(company::name.eq(name))
                .returning(company::id)
                .get_result(connection)?
        }
    };
    changes.extend(apply_company(connection, id, &file.company)?);
    for entry in &file.queues {
        changes.extend(apply_queue(connection, id, entry)?);
    }
    for name in &file.company.break_reasons {
        changes.extend(apply_break_reason(connection, id, name)?);
    }
    let queues: BTreeMap<String, i64> = queue::table
        .filter(queue::company.eq(id))
        .select((queue::name, queue::id))
        .load::<(String, i64)>(connection)?
        .into_iter()
        .collect();
    let context = Context { company: id, queues, hashes, realm };
    for entry in &file.queues {
        changes.extend(context.apply_overflow(connection, entry)?);
    }
    context.overflows_end(connection)?;
    for entry in &file.agents {
        changes.extend(context.apply_agent(connection, entry)?);
    }
    for entry in &file.numbers {
        changes.extend(context.apply_number(connection, entry)?);
    }
    for entry in &file.trunks {
        named("trunk", &entry.name)?;
        changes.extend(trunks::apply(connection, id, realm, entry)?);
    }
    for entry in &file.services {
        changes.extend(context.apply_service(connection, entry)?);
    }
    Ok(changes)
}

fn apply_queue(
    connection: &mut DatabaseConnection,
    company: i64,
    entry: &QueueEntry,
) -> Result<Option<String>, JobError> {
    let name = &entry.name;
    named("queue", name)?;
    let known = queue::table
        .filter(queue::company.eq(company))
        .filter(queue::name.eq(name))
        .select((queue::id, RawQueue::as_select()))
        .first::<(i64, RawQueue)>(connection)
        .optional()?;
    let mut row = known.as_ref().map_or_else(
        || RawQueue {
            company,
            name: name.clone(),
            exclusive: 0,
            ring_ms: None,
            call_wrap_up_ms: None,
            chat_wrap_up_ms: None,
            strategy: None,
            pushed: None,
            head_starts: None,
            waiting_max: None,
            wait_max_ms: None,
            overflow: None,
            unserved: None,
            chats_max: None,
            voice: None,
        },
        |(_, row)| row.clone(),
    );
    let ms = |seconds: u32| i64::from(seconds) * 1000;
    if entry.push.as_ref().is_some_and(|push| push.contains(&Channel::Call)) {
        return refuse(format!("queue {name}: push: calls always are; expected callback, chat, email or work_item"));
    }
    if entry.chats_max == Some(0) {
        return refuse(format!("queue {name}: chats_max: expected 1 or more"));
    }
    let before: Voice = row.voice.as_ref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let announcements = match &entry.announcements {
        None => before.announcements,
        Some(AnnouncementsEntry::Said(false)) => None,
        Some(AnnouncementsEntry::These(these)) if EVERY_S.contains(&these.every_s) => Some(these.clone()),
        Some(AnnouncementsEntry::These(Announcements { every_s, .. })) => {
            let (first, last) = (EVERY_S.start(), EVERY_S.end());
            return refuse(format!("queue {name}: announcements.every_s is {every_s}, expected {first} to {last}"));
        }
        Some(AnnouncementsEntry::Said(true)) => {
            return refuse(format!(
                "queue {name}: announcements: expected {{ language = \"de\" or \"en\", .. }} or false"
            ));
        }
    };
    let head_starts = entry.head_start_s.as_ref().map(|entry| {
        let before = row.head_starts.as_ref().and_then(|text| serde_json::from_str(text).ok());
        json(&entry.over(before.unwrap_or_default()))
    });
    row.strategy = entry.strategy.as_ref().map(json).transpose()?.or(row.strategy);
    row.pushed = entry.push.as_ref().map(json).transpose()?.or(row.pushed);
    row.head_starts = head_starts.transpose()?.or(row.head_starts);
    row.waiting_max = entry.waiting_max.map(i64::from).or(row.waiting_max);
    row.wait_max_ms = entry.wait_max_s.map(ms).or(row.wait_max_ms);
    row.unserved = entry.unserved.as_ref().map(json).transpose()?.or(row.unserved);
    row.chats_max = entry.chats_max.map(i64::from).or(row.chats_max);
    let music = entry.music.clone().or(before.music).filter(|path| !path.is_empty());
    let voice = Voice { answer: entry.answer.or(before.answer), music, announcements };
    row.voice = (voice != Voice::default()).then(|| json(&voice)).transpose()?;
    row.exclusive = entry.exclusive.map_or(row.exclusive, i64::from);
    row.ring_ms = entry.ring_s.map(ms).or(row.ring_ms);
    row.call_wrap_up_ms = entry.call_wrap_up_s.map(ms).or(row.call_wrap_up_ms);
    row.chat_wrap_up_ms = entry.chat_wrap_up_s.map(ms).or(row.chat_wrap_up_ms);
    Ok(match known {
        None => {
            diesel::insert_into(queue::table).values(&row).execute(connection)?;
            Some(format!("queue {name}: new"))
        }
        Some((_, known)) if known == row => None,
        Some((id, _)) => {
            diesel::update(queue::table.find(id)).set(&row).execute(connection)?;
            Some(format!("queue {name}: changed"))
        }
    })
}

pub(super) fn json(value: &impl Serialize) -> Result<String, JobError> {
    serde_json::to_string(value).map_err(|why| JobError::Refused(format!("a setting cannot be written as JSON: {why}")))
}

fn apply_break_reason(
    connection: &mut DatabaseConnection,
    company: i64,
    name: &String,
) -> Result<Option<String>, JobError> {
    named("break_reasons", name)?;
    let known = break_reason::table.filter(break_reason::company.eq(company)).filter(break_reason::name.eq(name));
    if known.count().get_result::<i64>(connection)? > 0 {
        return Ok(None);
    }
    diesel::insert_into(break_reason::table)
        .values((break_reason::company.eq(company), break_reason::name.eq(name)))
        .execute(connection)?;
    Ok(Some(format!("break reason {name}: new")))
}

/// What the entries of one file have in common.
struct Context<'a> {
    company: i64,
    queues: BTreeMap<String, i64>,
    hashes: &'a BTreeMap<String, String>,
    realm: &'a str,
}

impl Context<'_> {
    fn queue(&self, what: &str, name: &str) -> Result<i64, JobError> {
        let known: Vec<&str> = self.queues.keys().map(String::as_str).collect();
        self.queues.get(name).copied().ok_or_else(|| {
            JobError::Refused(format!("{what}: there is no queue `{name}`, expected one of: {}", known.join(", ")))
        })
    }

    /// Where a queue overflows: all queues of the file are known by now.
    fn apply_overflow(
        &self,
        connection: &mut DatabaseConnection,
        entry: &QueueEntry,
    ) -> Result<Option<String>, JobError> {
        let Some(overflow) = &entry.overflow else { return Ok(None) };
        let what = format!("queue {}", entry.name);
        let (from, to) = (self.queue(&what, &entry.name)?, self.queue(&format!("{what}: overflow"), overflow)?);
        let known = queue::table.find(from).select(queue::overflow).first::<Option<i64>>(connection)?;
        if known == Some(to) {
            return Ok(None);
        }
        diesel::update(queue::table.find(from)).set(queue::overflow.eq(to)).execute(connection)?;
        Ok(Some(format!("{what}: overflows into {overflow}")))
    }

    /// Whether everything that overflows ends somewhere: in a circle nobody would ever be refused.
    fn overflows_end(&self, connection: &mut DatabaseConnection) -> Result<(), JobError> {
        let queues = queue::table.filter(queue::company.eq(self.company));
        let queues: Vec<(i64, String, Option<i64>)> =
            queues.select((queue::id, queue::name, queue::overflow)).load(connection)?;
        let overflows: BTreeMap<i64, i64> = queues.iter().filter_map(|(id, _, to)| Some((*id, (*to)?))).collect();
        for (id, name, _) in &queues {
            let mut follows = std::iter::successors(overflows.get(id), |at| overflows.get(at)).take(overflows.len());
            if follows.any(|at| at == id) {
                return refuse(format!("queue {name}: overflow: what overflows from here would come back in a circle"));
            }
        }
        Ok(())
    }

    fn owned(&self, what: &str, owner: i64) -> Result<(), JobError> {
        if owner == self.company { Ok(()) } else { refuse(format!("{what}: belongs to another company")) }
    }

    fn apply_agent(&self, connection: &mut DatabaseConnection, entry: &AgentEntry) -> Result<Option<String>, JobError> {
        let name = &entry.login_name;
        let what = format!("agent {name}");
        named("agent", name)?;
        let known = agent::table
            .filter(agent::login_name.eq(name))
            .select((agent::id, RawAgent::as_select()))
            .first::<(i64, RawAgent)>(connection)
            .optional()?;
        let mut row = match (&known, self.hashes.get(name)) {
            (Some((_, row)), hash) => {
                self.owned(&what, row.company)?;
                let mut row = row.clone();
                if let Some(hash) = hash {
                    row.password_hash.clone_from(hash);
                    row.applied_password = Some(hash.clone());
                }
                row
            }
            (None, None) => return refuse(format!("{what}: a new agent needs password or password_hash")),
            (None, Some(hash)) => RawAgent {
                company: self.company,
                login_name: name.clone(),
                display_name: name.clone(),
                password_hash: hash.clone(),
                role: Role::Agent.as_str().to_owned(),
                phone: None,
                phone_ha1_md5: None,
                phone_ha1_sha256: None,
                voice_only: 0,
                chats_max: None,
                applied_password: Some(hash.clone()),
            },
        };
        if let Some(display_name) = &entry.display_name {
            row.display_name.clone_from(display_name);
        }
        if let Some(role) = entry.role {
            row.role = role.as_str().to_owned();
        }
        row.voice_only = entry.voice_only.map_or(row.voice_only, i64::from);
        row.chats_max = entry.chats_max.map(i64::from).or(row.chats_max);
        self.set_phone(connection, &what, entry, &mut row)?;
        let (id, mut change) = match known {
            None => {
                let id = diesel::insert_into(agent::table).values(&row).returning(agent::id).get_result(connection)?;
                (id, Some("new"))
            }
            Some((id, known)) if known == row => (id, None),
            Some((id, known)) => {
                diesel::update(agent::table.find(id)).set(&row).execute(connection)?;
                if known.password_hash != row.password_hash {
                    diesel::delete(web_session::table.filter(web_session::agent.eq(id))).execute(connection)?;
                }
                (id, Some("changed"))
            }
        };
        if let Some(queues) = &entry.queues
            && self.serve(connection, &what, id, queues)?
        {
            change = change.or(Some("queues changed"));
        }
        for (queue, skill) in &entry.skills {
            let queue = self.queue(&format!("{what}: skills"), queue)?;
            let served = queue_agent::table.find((queue, id));
            let known = served.select(queue_agent::skill).first::<i64>(connection).optional()?;
            if known.is_some_and(|known| known != i64::from(*skill)) {
                diesel::update(served).set(queue_agent::skill.eq(i64::from(*skill))).execute(connection)?;
                change = change.or(Some("skills changed"));
            }
        }
        Ok(change.map(|change| format!("{what}: {change}")))
    }

    fn set_phone(
        &self,
        connection: &mut DatabaseConnection,
        what: &str,
        entry: &AgentEntry,
        row: &mut RawAgent,
    ) -> Result<(), JobError> {
        let before = row.phone.clone();
        if let Some(phone) = &entry.phone {
            row.phone = Some(phone.clone());
        }
        let Some(phone) = row.phone.clone() else {
            return match entry.phone_password {
                None => Ok(()),
                Some(_) => refuse(format!("{what}: phone_password without a phone")),
            };
        };
        if phone.is_empty() {
            return refuse(format!("{what}: phone: expected a SIP user or a `sip:` URI"));
        }
        if before.as_ref() != Some(&phone) {
            let taken = agent::table.filter(agent::phone.eq(&phone)).count().get_result::<i64>(connection)?;
            if taken > 0 {
                return refuse(format!("{what}: the phone {phone} belongs to another agent"));
            }
            if trunks::claims(connection, &phone)? {
                return refuse(format!("{what}: the phone {phone} is the user of a trunk"));
            }
        }
        match (&entry.phone_password, phone.starts_with("sip:")) {
            (Some(_), true) => {
                return refuse(format!("{what}: phone_password: a phone with a fixed `sip:` URI doesn't register"));
            }
            (Some(password), false) => {
                long_enough(password).map_err(|why| JobError::Refused(format!("{what}: phone_password: {why}")))?;
                let secret = format!("{phone}:{}:{password}", self.realm);
                row.phone_ha1_md5 = Some(hex(&Md5::digest(&secret)));
                row.phone_ha1_sha256 = Some(hex(&Sha256::digest(&secret)));
            }
            (None, true) => {
                row.phone_ha1_md5 = None;
                row.phone_ha1_sha256 = None;
            }
            (None, false) if before.as_ref() == Some(&phone) => {}
            (None, false) => return refuse(format!("{what}: the phone {phone} needs a phone_password to register")),
        }
        Ok(())
    }

    /// Makes these the queues that the agent serves; whether that changed anything.
    fn serve(
        &self,
        connection: &mut DatabaseConnection,
        what: &str,
        agent: i64,
        names: &[String],
    ) -> Result<bool, JobError> {
        let mut wanted = names.iter().map(|name| self.queue(what, name)).collect::<Result<Vec<i64>, JobError>>()?;
        wanted.sort_unstable();
        wanted.dedup();
        let served = queue_agent::table
            .filter(queue_agent::agent.eq(agent))
            .order(queue_agent::queue)
            .select(queue_agent::queue)
            .load::<i64>(connection)?;
        if served == wanted {
            return Ok(false);
        }
        let left = queue_agent::table.filter(queue_agent::agent.eq(agent)).filter(queue_agent::queue.ne_all(&wanted));
        diesel::delete(left).execute(connection)?;
        for queue in wanted.into_iter().filter(|queue| !served.contains(queue)) {
            diesel::insert_into(queue_agent::table)
                .values((
                    queue_agent::queue.eq(queue),
                    queue_agent::agent.eq(agent),
                    queue_agent::company.eq(self.company),
                    queue_agent::skill.eq(0),
                ))
                .execute(connection)?;
        }
        Ok(true)
    }

    fn apply_number(
        &self,
        connection: &mut DatabaseConnection,
        entry: &NumberEntry,
    ) -> Result<Option<String>, JobError> {
        let what = format!("number {}", entry.number);
        named("number", &entry.number)?;
        let queue = self.queue(&what, &entry.queue)?;
        let known = number::table
            .find(&entry.number)
            .select((number::company, number::queue))
            .first::<(i64, i64)>(connection)
            .optional()?;
        Ok(match known {
            None => {
                diesel::insert_into(number::table)
                    .values((
                        number::dialled.eq(&entry.number),
                        number::company.eq(self.company),
                        number::queue.eq(queue),
                    ))
                    .execute(connection)?;
                Some(format!("{what}: new"))
            }
            Some((owner, served)) => {
                self.owned(&what, owner)?;
                if served == queue {
                    return Ok(None);
                }
                diesel::update(number::table.find(&entry.number)).set(number::queue.eq(queue)).execute(connection)?;
                Some(format!("{what}: changed"))
            }
        })
    }

    fn apply_service(
        &self,
        connection: &mut DatabaseConnection,
        entry: &ServiceEntry,
    ) -> Result<Option<String>, JobError> {
        let what = format!("chat_service {}", entry.token);
        named("chat_service", &entry.token)?;
        let queue = self.queue(&what, &entry.queue)?;
        let previous = previous_token(&what, entry)?;
        let known = |connection: &mut DatabaseConnection, token: &str| {
            let found = chat_service::table.filter(chat_service::token.eq(token));
            found.select((chat_service::id, RawService::as_select())).first::<(i64, RawService)>(connection).optional()
        };
        let renewed = entry.previous_token.as_deref().filter(|token| !token.is_empty());
        let of_renewed = renewed.map(|token| known(connection, token)).transpose()?.flatten();
        let found = match (known(connection, &entry.token)?, of_renewed) {
            (Some(_), Some(_)) => return refuse(format!("{what}: previous_token: another chat service has it")),
            (Some(found), None) | (None, Some(found)) => Some(found),
            (None, None) => None,
        };
        let mut row = found.as_ref().map_or_else(
            || RawService { company: self.company, name: entry.token.clone(), active: 1, ..RawService::default() },
            |(_, row)| row.clone(),
        );
        self.owned(&what, row.company)?;
        row.token.clone_from(&entry.token);
        row.queue = queue;
        row.name = entry.name.clone().unwrap_or(row.name);
        row.active = entry.active.map_or(row.active, i64::from);
        match entry.telephone.as_deref() {
            None => {}
            Some("") => row.telephone = None,
            Some(telephone) if contact::is_telephone(telephone) => row.telephone = Some(telephone.to_owned()),
            Some(_) => return refuse(format!("{what}: telephone: expected 6 to 20 digits, as in \"+49 30 123456\"")),
        }
        if let Some(previous) = previous {
            (row.previous_token, row.previous_until) = previous.unzip();
        }
        let tokens = [Some(&row.token), row.previous_token.as_ref()].into_iter().flatten();
        let id = found.as_ref().map_or(-1, |(id, _)| *id);
        let others = chat_service::table.filter(chat_service::id.ne(id));
        let taken = others.filter(chat_service::previous_token.eq_any(tokens));
        if taken.count().get_result::<i64>(connection)? > 0 {
            return refuse(format!("{what}: another chat service had its token, or its previous_token, before"));
        }
        match found {
            None => {
                diesel::insert_into(chat_service::table).values(&row).execute(connection)?;
                Ok(Some(format!("{what}: new")))
            }
            Some((_, before)) if before == row => Ok(None),
            Some((id, before)) => {
                diesel::update(chat_service::table.find(id)).set(&row).execute(connection)?;
                let change = if before.token == row.token { "changed" } else { "has a new token" };
                Ok(Some(format!("{what}: {change}")))
            }
        }
    }
}

/// The token that goes on working, and until when in milliseconds since 1970; an inner `None` ends it.
fn previous_token(what: &str, entry: &ServiceEntry) -> Result<Option<Option<(String, i64)>>, JobError> {
    match (entry.previous_token.as_deref(), entry.previous_token_until.as_deref()) {
        (None, None) => Ok(None),
        (Some(""), _) => Ok(Some(None)),
        (Some(token), _) if token == entry.token => refuse(format!("{what}: previous_token: it is the token itself")),
        (Some(token), Some(until)) => match until.parse::<jiff::Timestamp>() {
            Ok(until) => Ok(Some(Some((token.to_owned(), until.as_millisecond())))),
            Err(_) => refuse(format!("{what}: previous_token_until: expected a time as \"2027-01-31T00:00:00Z\"")),
        },
        (Some(_), None) => {
            refuse(format!("{what}: previous_token needs previous_token_until, as \"2027-01-31T00:00:00Z\""))
        }
        (None, Some(_)) => refuse(format!("{what}: previous_token_until without a previous_token")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

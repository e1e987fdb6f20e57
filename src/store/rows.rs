//! The plain rows: companies with their people, queues, numbers and services, and the sessions of browsers.
//! Never part of the journal: actors are told of a change, they don't find out by reading.

use super::Store;
use super::connection::{self, DatabaseConnection};
use super::error::StoreError;
use super::schema::{
    agent, break_reason, chat_service, company, last_agent, number, phone_binding, queue, queue_agent, visitor_session,
    web_session,
};
use super::trunks::{self, TrunkRow};
use super::writer::{JobError, Pending};
use diesel::prelude::*;
use domain::announcement::Announcements;
use domain::id::{AgentId, BreakReasonId, ChatId, CompanyId, QueueId};
use domain::queue::{Answer, Channel, HeadStarts, Strategy, Unserved};
use domain::routing::Skill;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

/// A text that is never shown in a log: a password's hash, a phone's HA1.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyRow {
    /// Its id.
    pub id: CompanyId,
    /// Its name, unique in this database.
    pub name: String,
    /// Whether its call records keep the numbers of callers who don't want theirs to be shown.
    pub keep_withheld_numbers: bool,
}

impl CompanyRow {
    fn of((id, name, keep): (i64, String, i64)) -> CompanyRow {
        CompanyRow { id: CompanyId(id.cast_unsigned()), name, keep_withheld_numbers: keep != 0 }
    }
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers calls and chats.
    Agent,
    /// Also sees and steers others.
    Supervisor,
    /// Also changes the company.
    Administrator,
}

impl Role {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
            Role::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An agent's desk phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// One that registers with us as `user`. HA1 as in RFC 7616 §3.4.2, in lower-case hex.
    Registers {
        /// The SIP user name, unique in this database.
        user: String,
        /// MD5 of `user:realm:password`.
        ha1_md5: Secret,
        /// SHA-256 of the same.
        ha1_sha256: Secret,
    },
    /// One that is always found at this `sip:` URI.
    Fixed {
        /// The URI.
        uri: String,
    },
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRow {
    /// Their id.
    pub id: AgentId,
    /// Their company.
    pub company: CompanyId,
    /// The name they log in with, unique in this database.
    pub login_name: String,
    /// The name others see.
    pub display_name: String,
    /// The password's argon2id hash, as a PHC string.
    pub password_hash: Secret,
    /// What they may do.
    pub role: Role,
    /// Their desk phone.
    pub phone: Option<Phone>,
    /// They only take calls, and work without a browser.
    pub voice_only: bool,
    /// How many chats they may have at once; `None` is the daemon's setting.
    pub chats_max: Option<u32>,
    /// The queues they serve, by id, and how well they know what each is about.
    pub queues: BTreeMap<QueueId, Skill>,
}

/// A queue. `None` is the daemon's setting, or the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// Its id.
    pub id: QueueId,
    /// Its company.
    pub company: CompanyId,
    /// Its name, unique in the company.
    pub name: String,
    /// Its chats are not interrupted by calls.
    pub exclusive: bool,
    /// How long a call rings at one agent.
    pub ring: Option<Span>,
    /// The wrap-up of its calls.
    pub call_wrap_up: Option<Span>,
    /// The wrap-up of its chats.
    pub chat_wrap_up: Option<Span>,
    /// Who comes first among equals.
    pub strategy: Option<Strategy>,
    /// Which channels besides calls are given to agents without their asking.
    pub pushed: Option<BTreeSet<Channel>>,
    /// Which channels come before others.
    pub head_starts: Option<HeadStarts>,
    /// How many items may wait.
    pub waiting_max: Option<u32>,
    /// How long they may.
    pub wait_max: Option<Span>,
    /// Where they go that cannot stay.
    pub overflow: Option<QueueId>,
    /// What happens to new items while nobody is there.
    pub unserved: Option<Unserved>,
    /// How many chats an agent may have when the next one is from here.
    pub chats_max: Option<u32>,
    /// What its callers hear.
    pub voice: Voice,
}

/// What callers hear who wait in a queue. `None` is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// When they are answered.
    pub answer: Option<Answer>,
    /// The WAV file of their music; `None` is the daemon's.
    pub music: Option<String>,
    /// What is said to them in between; `None`: nothing.
    pub announcements: Option<Announcements>,
}

/// Why people take breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakReasonRow {
    /// Its id.
    pub id: BreakReasonId,
    /// In the company's words.
    pub name: String,
}

/// A chat service: the token in a website's snippet selects the queue (R4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatServiceRow {
    /// Its id.
    pub id: i64,
    /// Its company.
    pub company: CompanyId,
    /// The token in the snippet, unique in this database; not a secret.
    pub token: String,
    /// Its name.
    pub name: String,
    /// Where its chats wait.
    pub queue: QueueId,
    /// Whether it takes new chats.
    pub active: bool,
    /// What visitors may dial when nobody is there, as it is to be shown.
    pub telephone: Option<String>,
    /// The token before this one, and until when it is good.
    pub previous: Option<(String, Timestamp)>,
}

/// A number or SIP user that callers dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRow {
    /// As it stands in the request URI's user part, unique in this database.
    pub number: String,
    /// Its company.
    pub company: CompanyId,
    /// Where its calls wait.
    pub queue: QueueId,
}

/// All that is needed to start a company's actors, each list by id or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloorRows {
    /// The company.
    pub company: CompanyRow,
    /// Its people.
    pub agents: Vec<AgentRow>,
    /// Its queues.
    pub queues: Vec<QueueRow>,
    /// Why its people take breaks.
    pub break_reasons: Vec<BreakReasonRow>,
    /// Its chat services.
    pub services: Vec<ChatServiceRow>,
    /// Its numbers.
    pub numbers: Vec<NumberRow>,
    /// Its trunks.
    pub trunks: Vec<TrunkRow>,
}

/// A visitor's right to come back to their chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitorSession {
    /// The chat.
    pub chat: ChatId,
    /// Its company.
    pub company: CompanyId,
    /// Since when.
    pub created_at: Timestamp,
}

/// Where a registered phone is, or one of the ways to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneBinding {
    /// Its Contact's URI.
    pub contact: String,
    /// What carries its messages, by name.
    pub transport: String,
    /// Our end of the way by which they come.
    pub local: Option<SocketAddr>,
    /// Where they come from.
    pub source: SocketAddr,
    /// What carries messages to it, by name.
    pub way_transport: String,
    /// Where they go.
    pub way: SocketAddr,
    /// The proxies on the way, nearest first.
    pub path: Vec<String>,
    /// Which phone it is, if it says so.
    pub instance: Option<String>,
    /// Which of its ways it is, if it keeps several.
    pub reg_id: Option<u32>,
    /// The Call-ID of its registration.
    pub call_id: String,
    /// The number of its registration.
    pub cseq: u32,
    /// When the registration ends.
    pub expires_at: Timestamp,
    /// Since when the phone is registered without a gap; `None` if nobody kept that.
    pub registered_at: Option<Timestamp>,
    /// What the phone says that it is.
    pub user_agent: Option<String>,
}

/// A row of `phone_binding`, its columns in their order.
type RawBinding = (
    String,
    i32,
    String,
    String,
    Option<String>,
    String,
    String,
    Option<String>,
    Option<i64>,
    String,
    i64,
    i64,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
);

impl Store {
    /// All companies, by id.
    pub fn companies(&self) -> Result<Vec<CompanyRow>, StoreError> {
        self.read("read the companies", companies)
    }

    /// A company with all that belongs to it; `None` if there is no such company.
    pub fn floor(&self, company: CompanyId) -> Result<Option<FloorRows>, StoreError> {
        self.read("read a company", |connection| floor(connection, company))
    }

    /// The same, for whoever must not wait.
    pub fn ask_floor(&self, company: CompanyId) -> Pending<Option<FloorRows>> {
        self.ask("read a company", move |connection| floor(connection, company))
    }

    /// The person with this login name.
    pub fn agent_by_login(&self, login_name: &str) -> Result<Option<AgentRow>, StoreError> {
        self.read("read a person", |connection| agent_by_login(connection, login_name))
    }

    /// The chat service that has this token at `now`, or had it before and still may, switched off or not.
    pub fn service_by_token(&self, token: &str, now: Timestamp) -> Result<Option<ChatServiceRow>, StoreError> {
        let lasts = chat_service::previous_until.gt(now.0.cast_signed());
        let is_previous = chat_service::previous_token.eq(token).and(lasts);
        self.read("read a chat service", |connection| {
            let raw = chat_service::table
                .filter(chat_service::token.eq(token).nullable().or(is_previous))
                .select((chat_service::id, RawService::as_select()))
                .first::<(i64, RawService)>(connection)
                .optional()?;
            Ok(raw.map(|(id, raw)| raw.into_row(id)))
        })
    }

    /// Keeps where a user's phones are, in place of where they were. None: the user has no phone any more.
    pub fn phones_moved(&self, phone: &str, bindings: Vec<PhoneBinding>) -> Pending<()> {
        let phone = phone.to_owned();
        self.write("keep where a phone is", move |connection| {
            diesel::delete(phone_binding::table.filter(phone_binding::phone.eq(&phone))).execute(connection)?;
            for (place, binding) in (0_i32..).zip(&bindings) {
                diesel::insert_into(phone_binding::table)
                    .values((
                        phone_binding::phone.eq(&phone),
                        phone_binding::place.eq(place),
                        phone_binding::contact.eq(&binding.contact),
                        phone_binding::transport.eq(&binding.transport),
                        phone_binding::local.eq(binding.local.map(|local| local.to_string())),
                        phone_binding::source.eq(binding.source.to_string()),
                        phone_binding::path.eq(binding.path.join("\n")),
                        phone_binding::instance.eq(&binding.instance),
                        phone_binding::reg_id.eq(binding.reg_id.map(i64::from)),
                        phone_binding::call_id.eq(&binding.call_id),
                        phone_binding::cseq.eq(i64::from(binding.cseq)),
                        phone_binding::expires_at.eq(binding.expires_at.0.cast_signed()),
                        phone_binding::way_transport.eq(&binding.way_transport),
                        phone_binding::way_peer.eq(binding.way.to_string()),
                        phone_binding::registered_at.eq(binding.registered_at.map(|at| at.0.cast_signed())),
                        phone_binding::user_agent.eq(&binding.user_agent),
                    ))
                    .execute(connection)?;
            }
            Ok(())
        })
    }

    /// The phones that are registered beyond `now`, by user, and in the order in which they were kept.
    pub fn phones_registered(&self, now: Timestamp) -> Result<BTreeMap<String, Vec<PhoneBinding>>, StoreError> {
        self.read("read the phones' registrations", |connection| phones_registered(connection, now))
    }

    /// Who answered this caller's last call.
    pub fn last_agent(&self, company: CompanyId, caller: &str) -> Pending<Option<AgentId>> {
        let caller = caller.to_owned();
        self.ask("find a caller's last agent", move |connection| {
            let key = (company.0.cast_signed(), caller);
            let agent = last_agent::table.find(key).select(last_agent::agent).first::<i64>(connection).optional()?;
            Ok(agent.map(|agent| AgentId(agent.cast_unsigned())))
        })
    }

    /// Keeps who answered a caller's last call.
    pub fn agent_remembered(&self, company: CompanyId, caller: &str, agent: AgentId) -> Pending<()> {
        let caller = caller.to_owned();
        self.write("keep a caller's last agent", move |connection| {
            diesel::replace_into(last_agent::table)
                .values((
                    last_agent::company.eq(company.0.cast_signed()),
                    last_agent::caller.eq(&caller),
                    last_agent::agent.eq(agent.0.cast_signed()),
                ))
                .execute(connection)?;
            Ok(())
        })
    }

    /// Keeps a browser's session under the hash of its token.
    pub fn web_session_created(
        &self,
        token_hash: &[u8],
        agent: AgentId,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Pending<()> {
        let token_hash = token_hash.to_owned();
        self.write("keep a session", move |connection| {
            let agent = agent.0.cast_signed();
            let company: i64 = agent::table.find(agent).select(agent::company).first(connection)?;
            diesel::insert_into(web_session::table)
                .values((
                    web_session::token_hash.eq(&token_hash),
                    web_session::agent.eq(agent),
                    web_session::company.eq(company),
                    web_session::created_at.eq(created_at.0.cast_signed()),
                    web_session::expires_at.eq(expires_at.0.cast_signed()),
                ))
                .execute(connection)?;
            Ok(())
        })
    }

    /// Whose session this is, if it lasts beyond `now`.
    pub fn web_session(&self, token_hash: &[u8], now: Timestamp) -> Result<Option<AgentRow>, StoreError> {
        self.read("find a session", |connection| {
            let id = web_session::table
                .find(token_hash)
                .filter(web_session::expires_at.gt(now.0.cast_signed()))
                .select(web_session::agent)
                .first::<i64>(connection)
                .optional()?;
            id.map_or(Ok(None), |id| agent_by_id(connection, id))
        })
    }

    /// Forgets a browser's session; whether there was one.
    pub fn web_session_deleted(&self, token_hash: &[u8]) -> Pending<bool> {
        let token_hash = token_hash.to_owned();
        self.write("end a session", move |connection| {
            Ok(diesel::delete(web_session::table.find(&token_hash)).execute(connection)? > 0)
        })
    }

    /// Forgets the browsers' sessions that are over; how many they were.
    pub fn web_sessions_expired(&self, now: Timestamp) -> Pending<usize> {
        self.write("end old sessions", move |connection| {
            let over = web_session::table.filter(web_session::expires_at.le(now.0.cast_signed()));
            Ok(diesel::delete(over).execute(connection)?)
        })
    }

    /// Keeps a visitor's session under its hash.
    pub fn visitor_session_created(
        &self,
        session_hash: &[u8],
        chat: ChatId,
        company: CompanyId,
        created_at: Timestamp,
    ) -> Pending<()> {
        let session_hash = session_hash.to_owned();
        self.write("keep a visitor's session", move |connection| {
            diesel::insert_into(visitor_session::table)
                .values((
                    visitor_session::session_hash.eq(&session_hash),
                    visitor_session::chat.eq(chat.0.cast_signed()),
                    visitor_session::company.eq(company.0.cast_signed()),
                    visitor_session::created_at.eq(created_at.0.cast_signed()),
                ))
                .execute(connection)?;
            Ok(())
        })
    }

    /// The chat that a visitor may come back to.
    pub fn visitor_session(&self, session_hash: &[u8]) -> Result<Option<VisitorSession>, StoreError> {
        self.read("find a visitor's session", |connection| {
            let found = visitor_session::table
                .find(session_hash)
                .select((visitor_session::chat, visitor_session::company, visitor_session::created_at))
                .first::<(i64, i64, i64)>(connection)
                .optional()?;
            Ok(found.map(|(chat, company, created_at)| VisitorSession {
                chat: ChatId(chat.cast_unsigned()),
                company: CompanyId(company.cast_unsigned()),
                created_at: Timestamp(created_at.cast_unsigned()),
            }))
        })
    }

    /// Gives a person another password, as an argon2id PHC string, and ends their sessions; `false` if there is nobody
    /// of that name.
    pub fn password_changed(&self, login_name: &str, password_hash: Secret) -> Pending<bool> {
        let login_name = login_name.to_owned();
        self.write("change a password", move |connection| set_password(connection, &login_name, &password_hash))
    }
}

/// The database without the daemon, for the command line: one connection that reads and writes, beside a running
/// daemon or without one.
pub struct Offline {
    pub(super) connection: DatabaseConnection,
    daemon: Option<u32>,
}

impl Offline {
    /// Opens the database, and makes or migrates it if no daemon is using it.
    pub fn open(path: &Path) -> Result<Offline, StoreError> {
        let lock = match connection::lock(path) {
            Ok(lock) => Some(lock),
            Err(StoreError::InUse(_)) => None,
            Err(why) => return Err(why),
        };
        let daemon = if lock.is_none() { connection::daemon(path) } else { None };
        let mut connection = connection::writer(path)?;
        match lock {
            Some(lock) => connection::migrate(&mut connection, path, &lock)?,
            None if connection::is_older(&mut connection, path)? => {
                return Err(StoreError::OtherVersion(path.to_owned()));
            }
            None => {}
        }
        Ok(Offline { connection, daemon })
    }

    /// The process of the daemon that uses this database, if one did when it was opened.
    pub fn daemon(&self) -> Option<u32> {
        self.daemon
    }

    /// All companies, by id.
    pub fn companies(&mut self) -> Result<Vec<CompanyRow>, StoreError> {
        companies(&mut self.connection).map_err(StoreError::database("read the companies"))
    }

    /// A company with all that belongs to it; `None` if there is no such company.
    pub fn floor(&mut self, company: CompanyId) -> Result<Option<FloorRows>, StoreError> {
        floor(&mut self.connection, company).map_err(StoreError::database("read a company"))
    }

    /// Gives a person another password, as an argon2id PHC string, and ends their sessions; `false` if there is nobody
    /// of that name.
    pub fn password_changed(&mut self, login_name: &str, password_hash: &Secret) -> Result<bool, StoreError> {
        self.connection
            .immediate_transaction(|connection| set_password(connection, login_name, password_hash))
            .map_err(|why: JobError| why.into_store_error("change a password"))
    }
}

pub(super) fn companies(connection: &mut DatabaseConnection) -> QueryResult<Vec<CompanyRow>> {
    let rows = company::table.order(company::id).load::<(i64, String, i64)>(connection)?;
    Ok(rows.into_iter().map(CompanyRow::of).collect())
}

pub(super) fn floor(connection: &mut DatabaseConnection, id: CompanyId) -> QueryResult<Option<FloorRows>> {
    let key = id.0.cast_signed();
    let Some(company) = company::table.find(key).first(connection).optional()?.map(CompanyRow::of) else {
        return Ok(None);
    };
    let mut served: BTreeMap<i64, BTreeMap<QueueId, Skill>> = BTreeMap::new();
    let pairs = queue_agent::table
        .filter(queue_agent::company.eq(key))
        .order((queue_agent::agent, queue_agent::queue))
        .select((queue_agent::agent, queue_agent::queue, queue_agent::skill))
        .load::<(i64, i64, i64)>(connection)?;
    for (agent, queue, skill) in pairs {
        served.entry(agent).or_default().insert(QueueId(queue.cast_unsigned()), level(skill));
    }
    let agents = agent::table
        .filter(agent::company.eq(key))
        .order(agent::id)
        .select((agent::id, RawAgent::as_select()))
        .load::<(i64, RawAgent)>(connection)?;
    let agents = agents.into_iter().map(|(id, raw)| raw.into_row(id, served.remove(&id).unwrap_or_default()));
    let queues = queue::table
        .filter(queue::company.eq(key))
        .order(queue::id)
        .select((queue::id, RawQueue::as_select()))
        .load::<(i64, RawQueue)>(connection)?;
    let queues = queues.into_iter().map(|(id, raw)| raw.into_row(id));
    let reasons = break_reason::table
        .filter(break_reason::company.eq(key))
        .order(break_reason::id)
        .select((break_reason::id, break_reason::name))
        .load::<(i64, String)>(connection)?;
    let reasons = reasons.into_iter();
    let services = chat_service::table
        .filter(chat_service::company.eq(key))
        .order(chat_service::id)
        .select((chat_service::id, RawService::as_select()))
        .load::<(i64, RawService)>(connection)?;
    let services = services.into_iter().map(|(id, raw)| raw.into_row(id));
    let numbers = number::table
        .filter(number::company.eq(key))
        .order(number::dialled)
        .select((number::dialled, number::queue))
        .load::<(String, i64)>(connection)?;
    let numbers = numbers.into_iter().map(|(number, queue)| NumberRow {
        number,
        company: id,
        queue: QueueId(queue.cast_unsigned()),
    });
    Ok(Some(FloorRows {
        company,
        agents: agents.collect(),
        queues: queues.collect(),
        break_reasons: reasons
            .map(|(id, name)| BreakReasonRow { id: BreakReasonId(id.cast_unsigned()), name })
            .collect(),
        services: services.collect(),
        numbers: numbers.collect(),
        trunks: trunks::of_company(connection, id)?,
    }))
}

pub(super) fn agent_by_login(connection: &mut DatabaseConnection, login_name: &str) -> QueryResult<Option<AgentRow>> {
    let person = agent::table.filter(agent::login_name.eq(login_name)).select(agent::id);
    person.first(connection).optional()?.map_or(Ok(None), |id| agent_by_id(connection, id))
}

fn agent_by_id(connection: &mut DatabaseConnection, id: i64) -> QueryResult<Option<AgentRow>> {
    let Some(raw) = agent::table.find(id).select(RawAgent::as_select()).first(connection).optional()? else {
        return Ok(None);
    };
    let queues = queue_agent::table
        .filter(queue_agent::agent.eq(id))
        .order(queue_agent::queue)
        .select((queue_agent::queue, queue_agent::skill))
        .load::<(i64, i64)>(connection)?;
    let queues = queues.into_iter().map(|(queue, skill)| (QueueId(queue.cast_unsigned()), level(skill)));
    Ok(Some(raw.into_row(id, queues.collect())))
}

/// A skill as it stands in the database, where nothing else was written than what [`Skill`] can hold.
fn level(skill: i64) -> Skill {
    Skill::try_from(skill).unwrap_or(Skill::MAX)
}

fn set_password(connection: &mut DatabaseConnection, login_name: &str, hash: &Secret) -> Result<bool, JobError> {
    let person = agent::table.filter(agent::login_name.eq(login_name)).select(agent::id);
    let Some(id) = person.first::<i64>(connection).optional()? else { return Ok(false) };
    diesel::update(agent::table.find(id)).set(agent::password_hash.eq(&hash.0)).execute(connection)?;
    diesel::delete(web_session::table.filter(web_session::agent.eq(id))).execute(connection)?;
    Ok(true)
}

#[derive(Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = agent, treat_none_as_null = true)]
pub(super) struct RawAgent {
    pub(super) company: i64,
    pub(super) login_name: String,
    pub(super) display_name: String,
    pub(super) password_hash: String,
    pub(super) role: String,
    pub(super) phone: Option<String>,
    pub(super) phone_ha1_md5: Option<String>,
    pub(super) phone_ha1_sha256: Option<String>,
    pub(super) voice_only: i64,
    pub(super) chats_max: Option<i64>,
    pub(super) applied_password: Option<String>,
}

impl RawAgent {
    fn into_row(self, id: i64, queues: BTreeMap<QueueId, Skill>) -> AgentRow {
        let phone = match (self.phone, self.phone_ha1_md5, self.phone_ha1_sha256) {
            (Some(user), Some(md5), Some(sha256)) => {
                Some(Phone::Registers { user, ha1_md5: Secret(md5), ha1_sha256: Secret(sha256) })
            }
            (Some(uri), _, _) => Some(Phone::Fixed { uri }),
            (None, _, _) => None,
        };
        // The table's CHECK allows no fourth role.
        let role = match self.role.as_str() {
            "administrator" => Role::Administrator,
            "supervisor" => Role::Supervisor,
            _ => Role::Agent,
        };
        AgentRow {
            id: AgentId(id.cast_unsigned()),
            company: CompanyId(self.company.cast_unsigned()),
            login_name: self.login_name,
            display_name: self.display_name,
            password_hash: Secret(self.password_hash),
            role,
            phone,
            voice_only: self.voice_only != 0,
            chats_max: self.chats_max.map(|chats| chats as u32),
            queues,
        }
    }
}

#[derive(Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = queue, treat_none_as_null = true)]
pub(super) struct RawQueue {
    pub(super) company: i64,
    pub(super) name: String,
    pub(super) exclusive: i64,
    pub(super) ring_ms: Option<i64>,
    pub(super) call_wrap_up_ms: Option<i64>,
    pub(super) chat_wrap_up_ms: Option<i64>,
    pub(super) strategy: Option<String>,
    pub(super) pushed: Option<String>,
    pub(super) head_starts: Option<String>,
    pub(super) waiting_max: Option<i64>,
    pub(super) wait_max_ms: Option<i64>,
    pub(super) overflow: Option<i64>,
    pub(super) unserved: Option<String>,
    pub(super) chats_max: Option<i64>,
    pub(super) voice: Option<String>,
}

/// A setting that is written as JSON; one that an older daemon does not know has its default.
fn setting<T: serde::de::DeserializeOwned>(text: Option<String>) -> Option<T> {
    text.and_then(|text| serde_json::from_str(&text).ok())
}

impl RawQueue {
    fn into_row(self, id: i64) -> QueueRow {
        let span = |ms: i64| Span(ms.cast_unsigned());
        QueueRow {
            id: QueueId(id.cast_unsigned()),
            company: CompanyId(self.company.cast_unsigned()),
            name: self.name,
            exclusive: self.exclusive != 0,
            ring: self.ring_ms.map(span),
            call_wrap_up: self.call_wrap_up_ms.map(span),
            chat_wrap_up: self.chat_wrap_up_ms.map(span),
            strategy: setting(self.strategy),
            pushed: setting(self.pushed),
            head_starts: setting(self.head_starts),
            waiting_max: self.waiting_max.map(|items| items as u32),
            wait_max: self.wait_max_ms.map(span),
            overflow: self.overflow.map(|queue| QueueId(queue.cast_unsigned())),
            unserved: setting(self.unserved),
            chats_max: self.chats_max.map(|chats| chats as u32),
            voice: setting(self.voice).unwrap_or_default(),
        }
    }
}

#[derive(Clone, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = chat_service, treat_none_as_null = true)]
pub(super) struct RawService {
    pub company: i64,
    pub token: String,
    pub name: String,
    pub queue: i64,
    pub active: i64,
    pub telephone: Option<String>,
    pub previous_token: Option<String>,
    pub previous_until: Option<i64>,
}

impl RawService {
    fn into_row(self, id: i64) -> ChatServiceRow {
        let raw = self;
        ChatServiceRow {
            id,
            company: CompanyId(raw.company.cast_unsigned()),
            token: raw.token,
            name: raw.name,
            queue: QueueId(raw.queue.cast_unsigned()),
            active: raw.active != 0,
            telephone: raw.telephone,
            previous: raw.previous_token.zip(raw.previous_until.map(|until| Timestamp(until.cast_unsigned()))),
        }
    }
}

/// A row as it was kept; none if somebody else wrote into it.
pub(super) fn phones_registered(
    connection: &mut DatabaseConnection,
    now: Timestamp,
) -> QueryResult<BTreeMap<String, Vec<PhoneBinding>>> {
    let rows = phone_binding::table
        .filter(phone_binding::expires_at.gt(now.0.cast_signed()))
        .order((phone_binding::phone, phone_binding::place))
        .load::<RawBinding>(connection)?;
    let mut phones: BTreeMap<String, Vec<PhoneBinding>> = BTreeMap::new();
    for (phone, binding) in rows.into_iter().filter_map(phone_binding_of) {
        phones.entry(phone).or_default().push(binding);
    }
    Ok(phones)
}

fn phone_binding_of(row: RawBinding) -> Option<(String, PhoneBinding)> {
    let (
        phone,
        _,
        contact,
        transport,
        local,
        source,
        path,
        instance,
        reg_id,
        call_id,
        cseq,
        expires_at,
        by,
        to,
        at,
        ua,
    ) = row;
    let local = match local {
        Some(local) => Some(local.parse().ok()?),
        None => None,
    };
    let source = source.parse().ok()?;
    let binding = PhoneBinding {
        contact,
        way_transport: by.unwrap_or_else(|| transport.clone()),
        way: to.map_or(Ok(source), |to| to.parse()).ok()?,
        transport,
        local,
        source,
        path: path.lines().map(str::to_owned).collect(),
        instance,
        reg_id: reg_id.and_then(|number| u32::try_from(number).ok()),
        call_id,
        cseq: u32::try_from(cseq).ok()?,
        expires_at: Timestamp(expires_at.cast_unsigned()),
        registered_at: at.map(|at| Timestamp(at.cast_unsigned())),
        user_agent: ua,
    };
    Some((phone, binding))
}

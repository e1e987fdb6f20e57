//! The plain rows beside companies: where phones are, whom callers had last, and the sessions of browsers.
//! Never part of the journal: actors are told of a change, they don't find out by reading.

use super::Store;
use super::company::agent_by_id;
use super::connection::DatabaseConnection;
use super::error::StoreError;
use super::ids::Stored;
use super::pending::Pending;
use super::schema::{last_agent, phone_binding, visitor_session, web_session};
use super::statements::Value::{Number, Text};
use super::statements::{ReplaceLastAgent, execute};
use diesel::prelude::*;
use domain::company::Agent;
use domain::id::{AgentId, ChatId, CompanyId};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::net::SocketAddr;

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
    /// The phones that are registered beyond `now`, by user, and in the order in which they were kept.
    pub fn phones_registered(&self, now: Timestamp) -> Result<BTreeMap<String, Vec<PhoneBinding>>, StoreError> {
        self.read("read the phones' registrations", |connection| phones_registered(connection, now))
    }

    /// Who answered this caller's last call.
    pub fn last_agent(&self, company: CompanyId, caller: &str) -> Pending<Option<AgentId>> {
        let caller = caller.to_owned();
        self.ask("find a caller's last agent", move |connection| {
            let key = (company.stored(), caller);
            let agent = last_agent::table.find(key).select(last_agent::agent).first::<i64>(connection).optional()?;
            Ok(agent.map(AgentId::from_stored))
        })
    }

    /// Whose session this is, if it lasts beyond `now`.
    pub fn web_session(&self, token_hash: &[u8], now: Timestamp) -> Pending<Option<Agent>> {
        let token_hash = token_hash.to_owned();
        self.ask("find a session", move |connection| {
            let id = web_session::table
                .find(token_hash)
                .filter(web_session::expires_at.gt(now.stored()))
                .select(web_session::agent)
                .first::<i64>(connection)
                .optional()?;
            id.map_or(Ok(None), |id| agent_by_id(connection, id))
        })
    }

    /// The chat that a visitor may come back to.
    pub fn visitor_session(&self, session_hash: &[u8]) -> Pending<Option<VisitorSession>> {
        let session_hash = session_hash.to_owned();
        self.ask("find a visitor's session", move |connection| {
            let found = visitor_session::table
                .find(session_hash)
                .select((visitor_session::chat, visitor_session::company, visitor_session::created_at))
                .first::<(i64, i64, i64)>(connection)
                .optional()?;
            Ok(found.map(|(chat, company, created_at)| VisitorSession {
                chat: ChatId::from_stored(chat),
                company: CompanyId::from_stored(company),
                created_at: Timestamp::from_stored(created_at),
            }))
        })
    }
}

/// Keeps where a user's phones are, in place of where they were.
pub(super) fn keep_phones(
    connection: &mut DatabaseConnection,
    phone: &str,
    bindings: &[PhoneBinding],
) -> QueryResult<()> {
    diesel::delete(phone_binding::table.filter(phone_binding::phone.eq(phone))).execute(connection)?;
    for (place, binding) in (0_i32..).zip(bindings) {
        diesel::insert_into(phone_binding::table)
            .values((
                phone_binding::phone.eq(phone),
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
                phone_binding::expires_at.eq(binding.expires_at.stored()),
                phone_binding::way_transport.eq(&binding.way_transport),
                phone_binding::way_peer.eq(binding.way.to_string()),
                phone_binding::registered_at.eq(binding.registered_at.map(Stored::stored)),
                phone_binding::user_agent.eq(&binding.user_agent),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Keeps who answered a caller's last call.
pub(super) fn remember_agent(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    caller: &str,
    agent: AgentId,
) -> QueryResult<()> {
    let values = [Number(company.stored()), Text(caller), Number(agent.stored())];
    execute(ReplaceLastAgent, &values, connection)?;
    Ok(())
}

/// Keeps a browser's session under the hash of its token.
pub(super) fn begin_session(
    connection: &mut DatabaseConnection,
    token_hash: &[u8],
    agent: AgentId,
    created_at: Timestamp,
    expires_at: Timestamp,
    browser: &str,
) -> QueryResult<()> {
    let agent = agent.stored();
    let company = agent_by_id(connection, agent)?.ok_or(diesel::result::Error::NotFound)?.company.stored();
    diesel::insert_into(web_session::table)
        .values((
            web_session::token_hash.eq(token_hash),
            web_session::agent.eq(agent),
            web_session::company.eq(company),
            web_session::created_at.eq(created_at.stored()),
            web_session::expires_at.eq(expires_at.stored()),
            web_session::browser.eq(browser),
        ))
        .execute(connection)?;
    Ok(())
}

/// Forgets a browser's session; whether there was one.
pub(super) fn end_session(connection: &mut DatabaseConnection, token_hash: &[u8]) -> QueryResult<bool> {
    Ok(diesel::delete(web_session::table.find(token_hash)).execute(connection)? > 0)
}

/// Forgets the browsers' sessions that are over; how many they were.
pub(super) fn end_old_sessions(connection: &mut DatabaseConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(web_session::table.filter(web_session::expires_at.le(now.stored()))).execute(connection)
}

/// Keeps a visitor's session under its hash.
pub(super) fn begin_visit(
    connection: &mut DatabaseConnection,
    session_hash: &[u8],
    chat: ChatId,
    company: CompanyId,
    created_at: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(visitor_session::table)
        .values((
            visitor_session::session_hash.eq(session_hash),
            visitor_session::chat.eq(chat.stored()),
            visitor_session::company.eq(company.stored()),
            visitor_session::created_at.eq(created_at.stored()),
        ))
        .execute(connection)?;
    Ok(())
}

/// A row as it was kept; none if somebody else wrote into it.
pub(super) fn phones_registered(
    connection: &mut DatabaseConnection,
    now: Timestamp,
) -> QueryResult<BTreeMap<String, Vec<PhoneBinding>>> {
    let rows = phone_binding::table
        .filter(phone_binding::expires_at.gt(now.stored()))
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
        expires_at: Timestamp::from_stored(expires_at),
        registered_at: at.map(Timestamp::from_stored),
        user_agent: ua,
    };
    Some((phone, binding))
}

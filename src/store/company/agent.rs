//! The rows of people, and of the queues that they serve.
//! Never decides what a person may do: that is `domain::company`.

use super::reading::{Damage, Reading, json, retired};
use crate::store::Store;
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use crate::store::pending::Pending;
use crate::store::schema::{phone_binding, web_session};
use diesel::prelude::*;
use domain::company::{Agent, Phone, Secret};
use domain::id::{AgentId, CompanyId, QueueId};
use domain::routing::Skill;
use std::collections::{BTreeMap, BTreeSet};

diesel::table! {
    agent (id) {
        id -> BigInt,
        company -> BigInt,
        login_name -> Text,
        display_name -> Text,
        password_hash -> Text,
        phone -> Nullable<Text>,
        phone_ha1_md5 -> Nullable<Text>,
        phone_ha1_sha256 -> Nullable<Text>,
        voice_only -> BigInt,
        chats_max -> Nullable<BigInt>,
        applied_password -> Nullable<Text>,
        active -> BigInt,
        removed_at -> Nullable<BigInt>,
        roles -> Text,
    }
}

diesel::table! { queue_agent (queue, agent) { queue -> BigInt, agent -> BigInt, company -> BigInt, skill -> BigInt, } }

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = agent, treat_none_as_null = true)]
struct Row {
    id: i64,
    company: i64,
    login_name: String,
    display_name: String,
    password_hash: String,
    phone: Option<String>,
    phone_ha1_md5: Option<String>,
    phone_ha1_sha256: Option<String>,
    voice_only: i64,
    chats_max: Option<i64>,
    applied_password: Option<String>,
    active: i64,
    roles: String,
}

impl Row {
    fn of(agent: &Agent) -> QueryResult<Row> {
        let (phone, phone_ha1_md5, phone_ha1_sha256) = match agent.phone.clone() {
            None => (None, None, None),
            Some(Phone::Fixed { uri }) => (Some(uri), None, None),
            Some(Phone::Registers { user, ha1_md5, ha1_sha256 }) => (Some(user), Some(ha1_md5.0), Some(ha1_sha256.0)),
        };
        Ok(Row {
            id: agent.id.stored(),
            company: agent.company.stored(),
            login_name: agent.login_name.clone(),
            display_name: agent.display_name.clone(),
            password_hash: agent.password_hash.0.clone(),
            phone,
            phone_ha1_md5,
            phone_ha1_sha256,
            voice_only: agent.voice_only.into(),
            chats_max: agent.chats_max.map(i64::from),
            applied_password: agent.applied_password.as_ref().map(|hash| hash.0.clone()),
            active: agent.active.into(),
            roles: json(&agent.roles)?,
        })
    }

    fn read(self, queues: BTreeMap<QueueId, Skill>, damages: &mut Vec<Damage>) -> Agent {
        let mut row = Reading::new("agent", &self.id, damages);
        // What cannot be read lets nobody do anything.
        let roles = row.json("roles", Some(&self.roles)).unwrap_or_default();
        let phone = match (self.phone, self.phone_ha1_md5, self.phone_ha1_sha256) {
            (Some(user), Some(md5), Some(sha256)) => {
                Some(Phone::Registers { user, ha1_md5: Secret(md5), ha1_sha256: Secret(sha256) })
            }
            (Some(uri), None, None) => Some(Phone::Fixed { uri }),
            (Some(_), Some(_), None) | (Some(_), None, Some(_)) => {
                row.damaged("phone", "only half of what it proves is there");
                None
            }
            (None, _, _) => None,
        };
        Agent {
            id: AgentId::from_stored(self.id),
            company: CompanyId::from_stored(self.company),
            login_name: self.login_name,
            display_name: self.display_name,
            password_hash: Secret(self.password_hash),
            applied_password: self.applied_password.map(Secret),
            roles,
            active: row.flag("active", self.active),
            phone,
            voice_only: row.flag("voice_only", self.voice_only),
            chats_max: row.number("chats_max", self.chats_max),
            queues,
        }
    }
}

impl Store {
    /// The person with this login name.
    pub fn agent_by_login(&self, login_name: &str) -> Pending<Option<Agent>> {
        let login_name = login_name.to_owned();
        self.ask("read a person", move |connection| by_login(connection, &login_name))
    }
}

/// The person with this login name.
pub(super) fn by_login(connection: &mut DatabaseConnection, login_name: &str) -> QueryResult<Option<Agent>> {
    let there = agent::table.filter(agent::login_name.eq(login_name)).filter(agent::removed_at.is_null());
    let id = there.select(agent::id).first::<i64>(connection).optional()?;
    id.map_or(Ok(None), |id| by_id(connection, id))
}

/// The person with this id, unless they were removed.
pub(in crate::store) fn by_id(connection: &mut DatabaseConnection, id: i64) -> QueryResult<Option<Agent>> {
    let there = agent::table.find(id).filter(agent::removed_at.is_null());
    let Some(row) = there.select(Row::as_select()).first(connection).optional()? else { return Ok(None) };
    // What is damaged was said when the company was loaded.
    let mut damages = vec![];
    let served = queue_agent::table.filter(queue_agent::agent.eq(id));
    let pairs = served.select((queue_agent::agent, queue_agent::queue, queue_agent::skill)).load(connection)?;
    let queues = served_by(pairs, &mut damages).remove(&id).unwrap_or_default();
    Ok(Some(row.read(queues, &mut damages)))
}

/// Which queues agents serve, and how well they know what each is about; from agents, queues and skills.
fn served_by(pairs: Vec<(i64, i64, i64)>, damages: &mut Vec<Damage>) -> BTreeMap<i64, BTreeMap<QueueId, Skill>> {
    let mut served: BTreeMap<i64, BTreeMap<QueueId, Skill>> = BTreeMap::new();
    for (agent, queue, skill) in pairs {
        let mut row = Reading::new("queue_agent", &format_args!("queue {queue}, agent {agent}"), damages);
        let skill = row.number("skill", Some(skill)).unwrap_or_default();
        served.entry(agent).or_default().insert(QueueId::from_stored(queue), skill);
    }
    served
}

/// A company's people, by id.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<Vec<Agent>> {
    let company = company.stored();
    let served = queue_agent::table.filter(queue_agent::company.eq(company));
    let pairs = served.select((queue_agent::agent, queue_agent::queue, queue_agent::skill)).load(connection)?;
    let mut served = served_by(pairs, damages);
    let there = agent::table.filter(agent::company.eq(company)).filter(agent::removed_at.is_null());
    let rows = there.order(agent::id).select(Row::as_select()).load::<Row>(connection)?;
    let read = |row: Row| {
        let queues = served.remove(&row.id).unwrap_or_default();
        row.read(queues, damages)
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The display names of those who were removed from a company.
pub(super) fn removed(
    connection: &mut DatabaseConnection,
    company: CompanyId,
) -> QueryResult<BTreeMap<AgentId, String>> {
    let of_company = agent::table.filter(agent::company.eq(company.stored()));
    let gone = of_company.filter(agent::removed_at.is_not_null()).select((agent::id, agent::display_name));
    let gone = gone.load::<(i64, String)>(connection)?.into_iter();
    Ok(gone.map(|(id, name)| (AgentId::from_stored(id), name)).collect())
}

/// The login names and the phones of all other companies' people.
pub(super) fn of_others(
    connection: &mut DatabaseConnection,
    company: CompanyId,
) -> QueryResult<(BTreeSet<String>, BTreeSet<String>)> {
    let others = agent::table.filter(agent::company.ne(company.stored())).filter(agent::removed_at.is_null());
    let rows = others.select((agent::login_name, agent::phone)).load::<(String, Option<String>)>(connection)?;
    let (names, phones): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    Ok((names.into_iter().collect(), phones.into_iter().flatten().collect()))
}

/// The id that comes next.
pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
    let last = agent::table.select(diesel::dsl::max(agent::id)).first::<Option<i64>>(connection)?;
    Ok(u64::from_stored(last.unwrap_or_default()) + 1)
}

/// Makes the rows agree. The sessions of whoever may not work any more end, or has another password; the registrations of
/// phones that are nobody's are forgotten.
pub(super) fn save(connection: &mut DatabaseConnection, before: &[Agent], after: &[Agent], at: i64) -> QueryResult<()> {
    let by_id = |agents: &[Agent]| -> BTreeMap<AgentId, Agent> {
        agents.iter().map(|agent| (agent.id, agent.clone())).collect()
    };
    let (before, after) = (by_id(before), by_id(after));
    let phones: BTreeSet<&str> = after.values().filter_map(|agent| agent.phone.as_ref()).map(Phone::name).collect();
    for (id, known) in &before {
        let new = after.get(id);
        let phone = known.phone.as_ref().map(Phone::name);
        if phone.is_some() && new.and_then(|new| new.phone.as_ref()).map(Phone::name) != phone {
            // Whoever has another one gives it up first: somebody else may get it.
            let row = diesel::update(agent::table.find(id.stored()));
            row.set(agent::phone.eq(None::<String>)).execute(connection)?;
        }
        if let Some(phone) = phone.filter(|phone| !phones.contains(phone)) {
            diesel::delete(phone_binding::table.filter(phone_binding::phone.eq(phone))).execute(connection)?;
        }
        if new.is_none_or(|new| !new.active || new.password_hash != known.password_hash) {
            let of_agent = web_session::table.filter(web_session::agent.eq(id.stored()));
            diesel::delete(of_agent).execute(connection)?;
        }
        if new.is_none() {
            remove(connection, known, at)?;
        }
    }
    for (id, new) in &after {
        let row = Row::of(new)?;
        match before.get(id) {
            Some(known) if known == new => continue,
            Some(_) => _ = diesel::update(agent::table.find(row.id)).set(&row).execute(connection)?,
            None => _ = diesel::insert_into(agent::table).values(&row).execute(connection)?,
        }
        serve(connection, before.get(id), new)?;
    }
    Ok(())
}

/// Of somebody who was removed their name stays, and nothing by which they could come back.
fn remove(connection: &mut DatabaseConnection, gone: &Agent, at: i64) -> QueryResult<()> {
    let id = gone.id.stored();
    diesel::delete(queue_agent::table.filter(queue_agent::agent.eq(id))).execute(connection)?;
    diesel::update(agent::table.find(id))
        .set((
            agent::login_name.eq(retired(&gone.login_name, id)),
            agent::password_hash.eq(""),
            agent::applied_password.eq(None::<String>),
            agent::phone.eq(None::<String>),
            agent::phone_ha1_md5.eq(None::<String>),
            agent::phone_ha1_sha256.eq(None::<String>),
            agent::active.eq(0),
            agent::removed_at.eq(at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Makes the queues that somebody serves agree.
fn serve(connection: &mut DatabaseConnection, before: Option<&Agent>, new: &Agent) -> QueryResult<()> {
    let (nothing, id) = (BTreeMap::new(), new.id.stored());
    let before = before.map_or(&nothing, |known| &known.queues);
    for queue in before.keys().filter(|queue| !new.queues.contains_key(queue)) {
        diesel::delete(queue_agent::table.find((queue.stored(), id))).execute(connection)?;
    }
    for (queue, skill) in &new.queues {
        let skill = queue_agent::skill.eq(i64::from(*skill));
        let queue_id = queue.stored();
        match before.get(queue) {
            Some(known) if Some(known) == new.queues.get(queue) => {}
            Some(_) => _ = diesel::update(queue_agent::table.find((queue_id, id))).set(skill).execute(connection)?,
            None => {
                let company = queue_agent::company.eq(new.company.stored());
                diesel::insert_into(queue_agent::table)
                    .values((queue_agent::queue.eq(queue_id), queue_agent::agent.eq(id), company, skill))
                    .execute(connection)?;
            }
        }
    }
    Ok(())
}

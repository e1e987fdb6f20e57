//! What an administrator decides about a person: the value, and what a file or a form says of them.
//! It never says whether they work at the moment: that is the machine's.

use super::Role;
use super::refusal::named;
use super::{Company, Kind, NextIds, Outside, Refusal, Refusals, Secret, Why, Wrong, take};
use crate::id::{AgentId, CompanyId, QueueId, RoleId};
use crate::routing::Skill;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An agent's desk phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// One that registers with us as `user`. HA1 as in RFC 7616 §3.4.2, in lower-case hex.
    Registers {
        /// The SIP user name, unique in the database.
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

impl Phone {
    /// By what it is known: the user, or the URI.
    pub fn name(&self) -> &str {
        match self {
            Phone::Registers { user, .. } => user,
            Phone::Fixed { uri } => uri,
        }
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Their id.
    pub id: AgentId,
    /// Their company.
    pub company: CompanyId,
    /// The name they log in with, unique in the database.
    pub login_name: String,
    /// The name others see.
    pub display_name: String,
    /// The password's argon2id hash, as a PHC string.
    pub password_hash: Secret,
    /// The hash of the password that the company's file last gave them: while it gives the same, one that was changed
    /// since stays.
    pub applied_password: Option<Secret>,
    /// Their roles: all that any of them lets them do, they may.
    pub roles: BTreeSet<RoleId>,
    /// Whether they may work.
    pub active: bool,
    /// Their desk phone.
    pub phone: Option<Phone>,
    /// They only take calls, and work without a browser.
    pub voice_only: bool,
    /// How many chats they may have at once; `None` is the daemon's setting.
    pub chats_max: Option<u32>,
    /// The queues they serve, by id, and how well they know what each is about.
    pub queues: BTreeMap<QueueId, Skill>,
}

/// A person, known by their login name. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentEntry {
    /// The name they log in with.
    pub login_name: String,
    /// The name others see; the login name by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The password's hash, an argon2id PHC string. A new person needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<Secret>,
    /// The names of exactly their roles; `agent` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Vec<String>>,
    /// Whether they may work; `true` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The desk phone: the SIP user that registers, or a `sip:` URI where it is always found; none if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What the registering phone proves: the MD5 of `user:realm:password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_ha1_md5: Option<Secret>,
    /// And the SHA-256 of the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_ha1_sha256: Option<Secret>,
    /// They only take calls, and work without a browser; `false` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_only: Option<bool>,
    /// How many chats they may have at once; the daemon's `agent.chats_max` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chats_max: Option<u32>,
    /// The names of exactly the queues they serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<Vec<String>>,
    /// How well they know what a queue is about, from 0 to 255, by the queue's name; 0 by default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skills: BTreeMap<String, Skill>,
    /// A form that says everything: what is left out has its default.
    #[serde(skip)]
    pub whole: bool,
}

impl Agent {
    fn new(id: AgentId, company: CompanyId, login_name: &str, password_hash: &Secret) -> Agent {
        Agent {
            id,
            company,
            login_name: login_name.to_owned(),
            display_name: login_name.to_owned(),
            password_hash: password_hash.clone(),
            applied_password: Some(password_hash.clone()),
            roles: [Role::AGENT].into(),
            active: true,
            phone: None,
            voice_only: false,
            chats_max: None,
            queues: BTreeMap::new(),
        }
    }

    /// The same person with nothing that could be left out.
    fn bare(self, entry: &AgentEntry) -> Agent {
        Agent {
            display_name: self.login_name.clone(),
            roles: [Role::AGENT].into(),
            active: true,
            phone: self.phone.filter(|_| entry.phone.is_some()),
            voice_only: false,
            chats_max: None,
            queues: BTreeMap::new(),
            ..self
        }
    }

    fn set(&mut self, entry: &AgentEntry) -> Result<(), Wrong> {
        if let Some(hash) = &entry.password_hash {
            self.password_hash.clone_from(hash);
            self.applied_password = Some(hash.clone());
        }
        if let Some(display_name) = &entry.display_name {
            self.display_name.clone_from(display_name);
        }
        self.active = entry.active.unwrap_or(self.active);
        self.voice_only = entry.voice_only.unwrap_or(self.voice_only);
        self.chats_max = entry.chats_max.or(self.chats_max);
        self.phone = phone(self.phone.take(), entry)?;
        Ok(())
    }

    /// As a file describes them. Queues are named in their order, and skills that are not 0.
    pub fn entry(&self, company: &Company) -> AgentEntry {
        let (phone_ha1_md5, phone_ha1_sha256) = match &self.phone {
            Some(Phone::Registers { ha1_md5, ha1_sha256, .. }) => (Some(ha1_md5.clone()), Some(ha1_sha256.clone())),
            Some(Phone::Fixed { .. }) | None => (None, None),
        };
        let name = |queue: &QueueId| company.queue_name(*queue).to_owned();
        let skilled = self.queues.iter().filter(|(_, skill)| **skill > 0);
        AgentEntry {
            login_name: self.login_name.clone(),
            display_name: Some(self.display_name.clone()),
            password_hash: Some(self.password_hash.clone()),
            role: Some(company.roles_had(self).collect()),
            active: Some(self.active),
            phone: self.phone.as_ref().map(|phone| phone.name().to_owned()),
            phone_ha1_md5,
            phone_ha1_sha256,
            voice_only: Some(self.voice_only),
            chats_max: self.chats_max,
            queues: Some(self.queues.keys().map(name).collect()),
            skills: skilled.map(|(queue, skill)| (name(queue), *skill)).collect(),
            whole: false,
        }
    }
}

/// What phone somebody has by an entry who had one before, or none.
fn phone(before: Option<Phone>, entry: &AgentEntry) -> Result<Option<Phone>, Wrong> {
    let ha1 = match (&entry.phone_ha1_md5, &entry.phone_ha1_sha256) {
        (Some(md5), Some(sha256)) if is_hex(md5, 32) && is_hex(sha256, 64) => Some((md5.clone(), sha256.clone())),
        (None, None) => None,
        (Some(_) | None, Some(_)) | (Some(_), None) => return Err((Some("phone_password"), Why::PhoneHa1)),
    };
    let name = match entry.phone.as_deref().or(before.as_ref().map(Phone::name)) {
        None | Some("") if ha1.is_some() => return Err((Some("phone_password"), Why::NoPhone)),
        None | Some("") => return Ok(None),
        Some(name) => name.to_owned(),
    };
    if name.contains(char::is_control) {
        return Err((Some("phone"), Why::NameControl));
    }
    match (ha1, before) {
        (Some(_), _) if name.starts_with("sip:") => Err((Some("phone_password"), Why::PhoneFixed)),
        (None, _) if name.starts_with("sip:") => Ok(Some(Phone::Fixed { uri: name })),
        (Some((ha1_md5, ha1_sha256)), _) => Ok(Some(Phone::Registers { user: name, ha1_md5, ha1_sha256 })),
        (None, Some(before @ Phone::Registers { .. })) if before.name() == name => Ok(Some(before)),
        (None, _) => Err((Some("phone_password"), Why::PhonePassword(name))),
    }
}

/// Whether this is a hash of so many hexadecimal digits, in lower case: phones' answers are compared with it to the letter.
pub(super) fn is_hex(secret: &Secret, digits: usize) -> bool {
    secret.0.len() == digits && secret.0.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Company {
    /// The user as which the phone of an entry's agent registers once the entry holds, for whoever has a password to hash.
    pub fn phone_user<'a>(&'a self, login_name: &str, phone: Option<&'a str>) -> Option<&'a str> {
        let before =
            || self.agents.iter().find(|agent| agent.login_name == login_name)?.phone.as_ref().map(Phone::name);
        phone.or_else(before).filter(|phone| !phone.is_empty())
    }

    pub(super) fn put_agent(
        &mut self,
        entry: &AgentEntry,
        outside: &Outside,
        next: &mut NextIds,
        refused: &mut Refusals,
    ) {
        let name = &entry.login_name;
        if refused.note(named(Kind::Agent, name)).is_none() {
            return;
        }
        if outside.login_names.contains(name) {
            refused.add(Kind::Agent, name, (None, Why::OtherCompany));
        }
        let known = self.agents.iter().position(|known| known.login_name == *name);
        let mut agent = match known {
            Some(at) => self.agents[at].clone(),
            None => {
                let hash = entry.password_hash.clone().unwrap_or_else(|| {
                    refused.add(Kind::Agent, name, (Some("password"), Why::NoPassword));
                    Secret::default()
                });
                Agent::new(AgentId(take(&mut next.agent)), self.id, name, &hash)
            }
        };
        if entry.whole {
            agent = agent.bare(entry);
        }
        if let Err(wrong) = agent.set(entry) {
            refused.add(Kind::Agent, name, wrong);
        }
        if let Some(names) = &entry.role {
            agent.roles = self.roles_of(Kind::Agent, name, ("role", names), refused);
        }
        if let Some(queues) = &entry.queues {
            let before = std::mem::take(&mut agent.queues);
            for queue in queues {
                if let Some(queue) = refused.note(self.queue_of(Kind::Agent, name, "queues", queue)) {
                    agent.queues.insert(queue, before.get(&queue).copied().unwrap_or_default());
                }
            }
        }
        for (queue, level) in &entry.skills {
            if let Some(queue) = refused.note(self.queue_of(Kind::Agent, name, "skills", queue)) {
                agent.queues.entry(queue).and_modify(|skill| *skill = *level);
            }
        }
        match known {
            Some(at) => self.agents[at] = agent,
            None => self.agents.push(agent),
        }
    }

    fn agent_mut(&mut self, login_name: &str) -> Result<&mut Agent, Refusal> {
        let known = self.agents.iter_mut().find(|agent| agent.login_name == login_name);
        known.ok_or_else(|| Refusal::new(Kind::Agent, login_name, None, Why::Unknown))
    }

    pub(super) fn activate(&mut self, login_name: &str, active: bool) -> Result<(), Refusal> {
        self.agent_mut(login_name)?.active = active;
        Ok(())
    }

    pub(super) fn set_password(&mut self, login_name: &str, hash: &Secret) -> Result<(), Refusal> {
        self.agent_mut(login_name)?.password_hash = hash.clone();
        Ok(())
    }

    pub(super) fn remove_agent(&mut self, login_name: &str) -> Result<(), Refusal> {
        let known = self.agents.iter().position(|agent| agent.login_name == login_name);
        let at = known.ok_or_else(|| Refusal::new(Kind::Agent, login_name, None, Why::Unknown))?;
        let agent = self.agents.remove(at);
        self.removed.agents.insert(agent.id, agent.display_name);
        Ok(())
    }

    /// Whether each phone is one agent's, and no trunk proves to be its user, nor another trunk's. Whoever changed is to
    /// blame.
    pub(super) fn phones_have_one_owner(&self, before: &Company, outside: &Outside, refused: &mut Refusals) {
        let mut phones: BTreeMap<&str, usize> = BTreeMap::new();
        let mut users: BTreeMap<&str, usize> = BTreeMap::new();
        for phone in self.agents.iter().filter_map(|agent| agent.phone.as_ref()) {
            *phones.entry(phone.name()).or_default() += 1;
        }
        for user in self.trunks.iter().filter_map(|trunk| trunk.proven_user()) {
            *users.entry(user).or_default() += 1;
        }
        let known =
            |agent: &Agent| before.agents.iter().find(|known| known.id == agent.id)?.phone.as_ref().map(Phone::name);
        for agent in &self.agents {
            let Some(phone) = agent.phone.as_ref().map(Phone::name).filter(|phone| known(agent) != Some(phone)) else {
                continue;
            };
            let mut refuse = |why| refused.add(Kind::Agent, &agent.login_name, (Some("phone"), why));
            if phones.get(phone).is_some_and(|owners| *owners > 1) || outside.phones.contains(phone) {
                refuse(Why::PhoneTaken(phone.to_owned()));
            }
            if users.contains_key(phone) || outside.trunk_users.contains(phone) {
                refuse(Why::PhoneIsTrunk(phone.to_owned()));
            }
        }
        for trunk in self.trunks.iter().filter(|trunk| !before.trunks.contains(trunk)) {
            let Some(user) = trunk.proven_user() else { continue };
            let is_taken = users.get(user).is_some_and(|owners| *owners > 1)
                || phones.contains_key(user)
                || outside.trunk_users.contains(user)
                || outside.phones.contains(user);
            if is_taken {
                refused.add(Kind::Trunk, &trunk.name, (Some("user"), Why::UserTaken(user.to_owned())));
            }
        }
    }
}

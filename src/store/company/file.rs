//! A company as one file describes it: what such a file says, and how a company is written as one.
//! Never keeps a password that could be kept as a hash.

use super::api_key::ApiKeyEntry;
use crate::store::error::StoreError;
use crate::store::password;
use crate::store::{Hashed as _, Secret};
use domain::company::{
    self, Change, ClassificationEntry, Company, CompanyEntry, Dialled, HoursEntry, Kind, NumberEntry, QueueEntry,
    Refusals, RoleEntry, ServiceEntry, TemplateEntry, Thing, TrunkSecret, TrunkTransport, Why, Wrong, hard_to_guess,
};
use domain::routing::Skill;
use md5::Md5;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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
    #[serde(default, rename = "queue", skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<QueueEntry>,
    /// Its people.
    #[serde(default, rename = "agent", skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentEntry>,
    /// Its numbers.
    #[serde(default, rename = "number", skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<NumberEntry>,
    /// Its trunks.
    #[serde(default, rename = "trunk", skip_serializing_if = "Vec::is_empty")]
    pub trunks: Vec<TrunkEntry>,
    /// Its chat services.
    #[serde(default, rename = "chat_service", skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceEntry>,
    /// What items may be about.
    #[serde(default, rename = "classification", skip_serializing_if = "Vec::is_empty")]
    pub classifications: Vec<ClassificationEntry>,
    /// What its people write again and again.
    #[serde(default, rename = "template", skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<TemplateEntry>,
    /// When it is open.
    #[serde(default, rename = "hours", skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<HoursEntry>,
    /// What its people may do, beside the roles that every company has.
    #[serde(default, rename = "role", skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleEntry>,
    /// By which programs ask.
    #[serde(default, rename = "api_key", skip_serializing_if = "Vec::is_empty")]
    pub api_keys: Vec<ApiKeyEntry>,
}

/// A person, known by their login name.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentEntry {
    /// The name they log in with.
    pub login_name: String,
    /// The name others see; the login name by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The password; only its hash is kept.
    #[serde(skip_serializing)]
    pub password: Option<String>,
    /// Or its hash: an argon2id PHC string. A new person needs one of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Their role, or a list of exactly their roles; `agent` by default.
    #[serde(
        default,
        deserialize_with = "roles",
        serialize_with = "one_alone",
        skip_serializing_if = "Option::is_none"
    )]
    pub role: Option<Vec<String>>,
    /// Whether they may work; `true` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The desk phone: the SIP user that registers, or a `sip:` URI where it is always found; none if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The registering phone's SIP password; only its HA1 is kept.
    #[serde(skip_serializing)]
    pub phone_password: Option<String>,
    /// Or its HA1: the MD5 of `user:realm:password`.
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
}

impl fmt::Debug for AgentEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentEntry").field("login_name", &self.login_name).finish_non_exhaustive()
    }
}

/// A trunk, known by its name.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkEntry {
    /// Its name.
    pub name: String,
    /// From where it calls: IP addresses, or networks as `192.0.2.0/24`; one or a list.
    #[serde(default, deserialize_with = "addresses", skip_serializing_if = "Option::is_none")]
    pub address: Option<Vec<String>>,
    /// Where we register: a host name or IP address, perhaps with a port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registrar: Option<String>,
    /// Where our requests to a trunk go with which we don't register: the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What carries messages to `registrar` or `server`; `udp` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<TrunkTransport>,
    /// With `registrar` our user there; otherwise the user that the trunk proves to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name for the password at the registrar; `user` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The password of either.
    #[serde(skip_serializing)]
    pub password: Option<String>,
    /// Or the HA1 of one that is proved to us: the MD5 of `user:realm:password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ha1_md5: Option<Secret>,
    /// And the SHA-256 of the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ha1_sha256: Option<Secret>,
    /// How long a registration is asked for, in seconds; 600 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_s: Option<u32>,
    /// How often it is asked whether it is there, in seconds, 0 for never; 60 by default where there is somebody to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe_s: Option<u32>,
    /// Where the number stands that was dialled; in the request's address by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Dialled>,
}

impl fmt::Debug for TrunkEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrunkEntry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A list of texts, or its only element.
fn one_or_more<'de, D: Deserializer<'de>>(from: D, expected: &'static str) -> Result<Option<Vec<String>>, D::Error> {
    struct OneOrMore(&'static str);
    impl<'de> Visitor<'de> for OneOrMore {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(vec![text.to_owned()])
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<String>, A::Error> {
            let mut found = vec![];
            while let Some(element) = elements.next_element()? {
                found.push(element);
            }
            Ok(found)
        }
    }
    from.deserialize_any(OneOrMore(expected)).map(Some)
}

fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    one_or_more(from, "an IP address, a network such as \"192.0.2.0/24\", or a list of them")
}

fn roles<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    one_or_more(from, "the name of a role, or a list of them")
}

/// Writes one by itself, and others as a list.
fn one_alone<S: Serializer>(texts: &Option<Vec<String>>, to: S) -> Result<S::Ok, S::Error> {
    match texts.as_deref() {
        Some([one]) => one.serialize(to),
        others => others.serialize(to),
    }
}

/// What was found in a file that takes long to look at, or needs no database.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct LookedAt {
    /// The password hashes to store, by login name. Nobody stands there whom the file gives the same password as before.
    hashes: BTreeMap<String, Secret>,
    /// What is wrong with it by itself.
    refused: Refusals,
}

impl CompanyFile {
    /// The file of a company that has nothing but its name.
    pub fn named(name: &str) -> CompanyFile {
        CompanyFile {
            company: CompanyEntry { name: name.to_owned(), ..CompanyEntry::default() },
            queues: vec![],
            agents: vec![],
            numbers: vec![],
            trunks: vec![],
            services: vec![],
            classifications: vec![],
            templates: vec![],
            hours: vec![],
            roles: vec![],
            api_keys: vec![],
        }
    }

    /// Looks whether a file describes the same thing twice, of which only one could hold, and hashes its passwords: before
    /// any transaction, because it takes long (some 30 ms each). `before` is the company as it is.
    ///
    /// # Errors
    /// When the system has no chance to give. What is wrong with the file is found here, and said with all the rest.
    pub(in crate::store) fn look(
        &self,
        before: Option<&Company>,
        changed: ChangedPasswords,
    ) -> Result<LookedAt, StoreError> {
        let mut found = LookedAt::default();
        self.find_twice(&mut found.refused);
        for entry in &self.agents {
            let known =
                before.and_then(|company| company.agents.iter().find(|agent| agent.login_name == entry.login_name));
            let known = known.and_then(|agent| match changed {
                ChangedPasswords::Kept => agent.applied_password.clone(),
                ChangedPasswords::Overwritten => Some(agent.password_hash.clone()),
            });
            match entry.hash(known.as_ref()) {
                Ok(None) => {}
                Ok(Some(hash)) => _ = found.hashes.insert(entry.login_name.clone(), hash?),
                Err(wrong) => {
                    found.refused.add(Kind::Agent, &entry.login_name, wrong);
                    // They have one, which was said to be wrong.
                    found.hashes.insert(entry.login_name.clone(), Secret::default());
                }
            }
        }
        Ok(found)
    }

    fn find_twice(&self, refused: &mut Refusals) {
        let names: [(Kind, Vec<&String>); 12] = [
            (Kind::Queue, self.queues.iter().map(|entry| &entry.name).collect()),
            (Kind::Agent, self.agents.iter().map(|entry| &entry.login_name).collect()),
            (Kind::Phone, self.agents.iter().filter_map(|entry| entry.phone.as_ref()).collect()),
            (Kind::Number, self.numbers.iter().map(|entry| &entry.number).collect()),
            (Kind::Trunk, self.trunks.iter().map(|entry| &entry.name).collect()),
            (Kind::Service, self.services.iter().map(|entry| &entry.token).collect()),
            (Kind::BreakReason, self.company.break_reasons.iter().collect()),
            (Kind::Classification, self.classifications.iter().map(|entry| &entry.code).collect()),
            (Kind::Template, self.templates.iter().map(|entry| &entry.name).collect()),
            (Kind::Hours, self.hours.iter().map(|entry| &entry.name).collect()),
            (Kind::Role, self.roles.iter().map(|entry| &entry.name).collect()),
            (Kind::ApiKey, self.api_keys.iter().map(ApiKeyEntry::name).collect()),
        ];
        for (kind, names) in names {
            let mut seen = BTreeSet::new();
            for twice in names.into_iter().filter(|name| !name.is_empty() && !seen.insert(*name)) {
                refused.add(kind, twice, (None, Why::Twice));
            }
        }
    }

    /// The changes that make `before` what the file says; with `prune`, also without what the file leaves out.
    /// Beside them all that is wrong with the file by itself.
    pub(super) fn changes(
        &self,
        before: &Company,
        looked_at: &LookedAt,
        realm: &str,
        prune: bool,
    ) -> (Vec<Change>, Refusals) {
        let LookedAt { hashes, mut refused } = looked_at.clone();
        let mut changes = vec![Change::Company(self.company.clone())];
        changes.extend(self.queues.iter().cloned().map(Change::PutQueue));
        for entry in &self.agents {
            let hash = hashes.get(&entry.login_name).cloned();
            changes.push(Change::PutAgent(entry.entry(before, hash, realm, &mut refused)));
        }
        changes.extend(self.numbers.iter().cloned().map(Change::PutNumber));
        changes.extend(
            self.trunks.iter().filter_map(|entry| entry.entry(before, realm, &mut refused)).map(Change::PutTrunk),
        );
        changes.extend(self.services.iter().cloned().map(Change::PutService));
        changes.extend(self.classifications.iter().cloned().map(Change::PutClassification));
        changes.extend(self.templates.iter().cloned().map(Change::PutTemplate));
        changes.extend(self.hours.iter().cloned().map(Change::PutHours));
        changes.extend(self.roles.iter().cloned().map(Change::PutRole));
        changes.extend(self.api_keys.iter().map(|entry| Change::PutApiKey(entry.entry(&mut refused))));
        if prune {
            changes.extend(self.left_out(before).into_iter().map(Change::Remove));
        }
        (changes, refused)
    }

    /// What a company has and the file does not name.
    fn left_out(&self, company: &Company) -> Vec<Thing> {
        let queues = company.queues.iter().map(|queue| &queue.name);
        let queues = queues.filter(|name| self.queues.iter().all(|entry| entry.name != **name)).cloned();
        let agents = company.agents.iter().map(|agent| &agent.login_name);
        let agents = agents.filter(|name| self.agents.iter().all(|entry| entry.login_name != **name)).cloned();
        let numbers = company.numbers.iter().map(|number| &number.number);
        let numbers = numbers.filter(|name| self.numbers.iter().all(|entry| entry.number != **name)).cloned();
        let trunks = company.trunks.iter().map(|trunk| &trunk.name);
        let trunks = trunks.filter(|name| self.trunks.iter().all(|entry| entry.name != **name)).cloned();
        let renews = |entry: &ServiceEntry, token: &String| entry.previous_token.as_ref() == Some(token);
        let is_named = |token: &String| self.services.iter().any(|entry| entry.token == *token || renews(entry, token));
        let services = company.services.iter().map(|service| &service.token).filter(|token| !is_named(token)).cloned();
        let reasons = company.break_reasons.iter().map(|reason| &reason.name);
        let reasons = reasons.filter(|name| !self.company.break_reasons.contains(name)).cloned();
        let codes = company.classifications.iter().map(|known| &known.code);
        let codes = codes.filter(|code| self.classifications.iter().all(|entry| entry.code != **code)).cloned();
        let templates = company.templates.iter().map(|known| &known.name);
        let templates = templates.filter(|name| self.templates.iter().all(|entry| entry.name != **name)).cloned();
        let hours = company.hours.iter().map(|known| &known.name);
        let hours = hours.filter(|name| self.hours.iter().all(|entry| entry.name != **name)).cloned();
        let roles = company.roles.iter().map(|known| &known.name);
        let roles = roles.filter(|name| self.roles.iter().all(|entry| entry.name != **name)).cloned();
        let keys = company.api_keys.iter().map(|known| &known.name);
        let keys = keys.filter(|name| self.api_keys.iter().all(|entry| entry.name() != *name)).cloned();
        let things = services.map(Thing::Service).chain(trunks.map(Thing::Trunk)).chain(numbers.map(Thing::Number));
        let things = things.chain(agents.map(Thing::Agent)).chain(reasons.map(Thing::BreakReason));
        let things = things.chain(codes.map(Thing::Classification)).chain(templates.map(Thing::Template));
        let things = things.chain(keys.map(Thing::ApiKey)).chain(queues.map(Thing::Queue));
        things.chain(hours.map(Thing::Hours)).chain(roles.map(Thing::Role)).collect()
    }

    /// The file that describes a company. Passwords stand there as hashes; what has to be kept as it is (a password that we
    /// prove to a provider, the key of a website's proofs) is left out.
    pub fn of(company: &Company) -> CompanyFile {
        CompanyFile {
            company: company.entry(),
            queues: company.queues.iter().map(|queue| queue.entry(company)).collect(),
            agents: company.agents.iter().map(|agent| AgentEntry::of(agent.entry(company))).collect(),
            numbers: company.numbers.iter().map(|number| number.entry(company)).collect(),
            trunks: company.trunks.iter().map(|trunk| TrunkEntry::of(trunk.entry())).collect(),
            services: company
                .services
                .iter()
                .map(|service| ServiceEntry { identify_key: None, ..service.entry(company) })
                .collect(),
            classifications: company.classifications.iter().map(|known| known.entry(company)).collect(),
            templates: company.templates.iter().map(|known| known.entry(company)).collect(),
            hours: company.hours.iter().map(domain::company::OpeningHours::entry).collect(),
            roles: company.roles.iter().map(domain::company::Role::entry).collect(),
            api_keys: company.api_keys.iter().map(|known| ApiKeyEntry::of(known.entry(company))).collect(),
        }
    }
}

impl AgentEntry {
    /// The hash of the password that it gives; none if it gives the one that is known. A hash that cannot be made is an
    /// error of its own.
    fn hash(&self, known: Option<&Secret>) -> Result<Option<Result<Secret, StoreError>>, Wrong> {
        match (&self.password, &self.password_hash) {
            (Some(_), Some(_)) => Err((Some("password"), Why::TwoPasswords)),
            (None, None) => Ok(None),
            (None, Some(hash)) if known.is_some_and(|known| known.0 == *hash) => Ok(None),
            (None, Some(hash)) => {
                password::check(hash).map_err(|why| (Some("password_hash"), Why::Hash(why)))?;
                Ok(Some(Ok(Secret(hash.clone()))))
            }
            (Some(password), None) if known.is_some_and(|known| known.matches(password)) => Ok(None),
            (Some(password), None) => {
                let names = [self.login_name.as_str(), self.display_name.as_deref().unwrap_or_default()];
                hard_to_guess(password, &names).map_err(|why| (Some("password"), why))?;
                Ok(Some(Secret::hash(password)))
            }
        }
    }

    /// What the phone proves; `before` is the company as it is.
    fn ha1(&self, before: &Company, realm: &str) -> Result<(Option<Secret>, Option<Secret>), Wrong> {
        let ha1 = (self.phone_ha1_md5.clone(), self.phone_ha1_sha256.clone());
        let Some(password) = &self.phone_password else { return Ok(ha1) };
        let key = Some("phone_password");
        if ha1 != (None, None) {
            return Err((key, Why::PhoneHa1));
        }
        let user = before.phone_user(&self.login_name, self.phone.as_deref()).ok_or((key, Why::NoPhone))?;
        hard_to_guess(password, &[user]).map_err(|why| (key, why))?;
        let (md5, sha256) = ha1_of(user, realm, password);
        Ok((Some(md5), Some(sha256)))
    }

    /// The same with hashes. A phone with which something is wrong is left out: that was said.
    fn entry(
        &self,
        before: &Company,
        password_hash: Option<Secret>,
        realm: &str,
        refused: &mut Refusals,
    ) -> company::AgentEntry {
        let ha1 = self.ha1(before, realm);
        let (phone, (phone_ha1_md5, phone_ha1_sha256)) = match ha1 {
            Ok(ha1) => (self.phone.clone(), ha1),
            Err(wrong) => {
                refused.add(Kind::Agent, &self.login_name, wrong);
                (None, (None, None))
            }
        };
        company::AgentEntry {
            login_name: self.login_name.clone(),
            display_name: self.display_name.clone(),
            password_hash,
            role: self.role.clone(),
            active: self.active,
            phone,
            phone_ha1_md5,
            phone_ha1_sha256,
            voice_only: self.voice_only,
            chats_max: self.chats_max,
            queues: self.queues.clone(),
            skills: self.skills.clone(),
            whole: false,
        }
    }

    fn of(entry: company::AgentEntry) -> AgentEntry {
        AgentEntry {
            login_name: entry.login_name,
            display_name: entry.display_name,
            password: None,
            password_hash: entry.password_hash.map(|hash| hash.0),
            role: entry.role,
            active: entry.active,
            phone: entry.phone,
            phone_password: None,
            phone_ha1_md5: entry.phone_ha1_md5,
            phone_ha1_sha256: entry.phone_ha1_sha256,
            voice_only: entry.voice_only,
            chats_max: entry.chats_max,
            queues: entry.queues,
            skills: entry.skills,
        }
    }
}

impl TrunkEntry {
    /// The same with what is kept of passwords; none if these contradict each other, which is noted.
    fn entry(&self, before: &Company, realm: &str, refused: &mut Refusals) -> Option<company::TrunkEntry> {
        let mut entry = company::TrunkEntry {
            name: self.name.clone(),
            address: self.address.clone(),
            registrar: self.registrar.clone(),
            server: self.server.clone(),
            transport: self.transport,
            user: self.user.clone(),
            login: self.login.clone(),
            secret: None,
            expires_s: self.expires_s,
            probe_s: self.probe_s,
            number: self.number,
            whole: false,
        };
        entry.secret = match (self.password.clone(), self.ha1_md5.clone(), self.ha1_sha256.clone()) {
            (None, None, None) => None,
            (None, Some(ha1_md5), Some(ha1_sha256)) => Some(TrunkSecret::Hashed { ha1_md5, ha1_sha256 }),
            (Some(password), None, None) => match before.trunk_user(&entry) {
                Some((user, false)) if !password.is_empty() && !password.contains(char::is_control) => {
                    let (ha1_md5, ha1_sha256) = ha1_of(user, realm, &password);
                    Some(TrunkSecret::Hashed { ha1_md5, ha1_sha256 })
                }
                // A password that makes no sense is refused as such.
                Some(_) | None => Some(TrunkSecret::Password { password: Secret(password) }),
            },
            (Some(_), _, _) | (None, Some(_), None) | (None, None, Some(_)) => {
                refused.add(Kind::Trunk, &self.name, (Some("password"), Why::TrunkHa1));
                return None;
            }
        };
        Some(entry)
    }

    fn of(entry: company::TrunkEntry) -> TrunkEntry {
        let (ha1_md5, ha1_sha256) = match entry.secret {
            Some(TrunkSecret::Hashed { ha1_md5, ha1_sha256 }) => (Some(ha1_md5), Some(ha1_sha256)),
            Some(TrunkSecret::Password { .. }) | None => (None, None),
        };
        TrunkEntry {
            name: entry.name,
            address: entry.address,
            registrar: entry.registrar,
            server: entry.server,
            transport: entry.transport,
            user: entry.user,
            login: entry.login,
            password: None,
            ha1_md5,
            ha1_sha256,
            expires_s: entry.expires_s,
            probe_s: entry.probe_s,
            number: entry.number,
        }
    }
}

/// What is kept of a password in SIP: HA1 by MD5 and by SHA-256, in lower-case hex (RFC 7616 §3.4.2, RFC 8760).
pub(super) fn ha1_of(user: &str, realm: &str, password: &str) -> (Secret, Secret) {
    let secret = format!("{user}:{realm}:{password}");
    (Secret(hex(&Md5::digest(&secret))), Secret(hex(&Sha256::digest(&secret))))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

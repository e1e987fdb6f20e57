//! What people may see and change, role by role: three that are there, and a company's own.
//! What is one's own needs no right: one's items, what one wrote of them, one's presence and one's account.

use super::refusal::named;
use super::{Agent, Company, Key, Kind, NextIds, Refusal, Refusals, Why, take};
use crate::id::{AgentId, QueueId, RoleId};
use crate::routing::Skill;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What there is to be seen and changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema), ts(export_to = "rest.ts"))]
pub enum Area {
    /// Customers, one at a time, with what was before.
    Contacts,
    /// Customers as a whole: tables in and out, archives, erasing.
    ContactData,
    /// What became of items: records, transcripts, files, what was written of them.
    Records,
    /// What waits and is worked on: queues, why an item went where, sending it elsewhere.
    Work,
    /// Who is at work, and whether.
    People,
    /// Phones, trunks and chat services, and how they stand.
    Lines,
    /// The company: its people and roles, its queues, its licence.
    Company,
    /// Who changed what of the company.
    Audit,
}

/// All of them, in the order in which they are shown.
pub const AREAS: [Area; 8] = [
    Area::Contacts,
    Area::ContactData,
    Area::Records,
    Area::Work,
    Area::People,
    Area::Lines,
    Area::Company,
    Area::Audit,
];

/// What a role lets people do in an area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing.
    #[default]
    None,
    /// See what is of the queues that they serve.
    ReadQueues,
    /// See everything.
    Read,
    /// See and change what is of the queues that they serve.
    ChangeQueues,
    /// See and change everything.
    Change,
}

impl Level {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::ReadQueues => "read_queues",
            Level::Read => "read",
            Level::ChangeQueues => "change_queues",
            Level::Change => "change",
        }
    }
}

/// Of how much somebody may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema), ts(export_to = "rest.ts"))]
pub enum Scope {
    /// Of what belongs to the queues that they serve.
    Queues,
    /// Of everything.
    All,
}

impl Area {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Area::Contacts => "contacts",
            Area::ContactData => "contact_data",
            Area::Records => "records",
            Area::Work => "work",
            Area::People => "people",
            Area::Lines => "lines",
            Area::Company => "company",
            Area::Audit => "audit",
        }
    }

    /// The levels that mean something here.
    pub fn levels(self) -> &'static [Level] {
        match self {
            Area::Contacts | Area::ContactData | Area::Company => &[Level::None, Level::Read, Level::Change],
            Area::Records | Area::Work | Area::People => {
                &[Level::None, Level::ReadQueues, Level::Read, Level::ChangeQueues, Level::Change]
            }
            Area::Lines | Area::Audit => &[Level::None, Level::Read],
        }
    }
}

/// What somebody may do, by all their roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Whether calls and chats come to them.
    pub answers: bool,
    reads: BTreeMap<Area, Scope>,
    changes: BTreeMap<Area, Scope>,
}

impl Rights {
    /// How much of an area they may see; `None`: nothing.
    pub fn reads(&self, area: Area) -> Option<Scope> {
        self.reads.get(&area).copied()
    }

    /// How much of it they may change.
    pub fn changes(&self, area: Area) -> Option<Scope> {
        self.changes.get(&area).copied()
    }

    /// Whether these are no more than others.
    pub fn are_within(&self, other: &Rights) -> bool {
        let within = |own: &BTreeMap<Area, Scope>, others: &BTreeMap<Area, Scope>| {
            own.iter().all(|(area, scope)| others.get(area).is_some_and(|other| other >= scope))
        };
        within(&self.reads, &other.reads) && within(&self.changes, &other.changes)
    }

    fn add(&mut self, role: &Role) {
        self.answers |= role.answers;
        for (area, level) in &role.levels {
            let (reads, changes) = match level {
                Level::None => (None, None),
                Level::ReadQueues => (Some(Scope::Queues), None),
                Level::Read => (Some(Scope::All), None),
                Level::ChangeQueues => (Some(Scope::Queues), Some(Scope::Queues)),
                Level::Change => (Some(Scope::All), Some(Scope::All)),
            };
            for (all, new) in [(&mut self.reads, reads), (&mut self.changes, changes)] {
                if let Some(new) = new {
                    all.entry(*area).and_modify(|known| *known = new.max(*known)).or_insert(new);
                }
            }
        }
    }
}

/// A role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name, unique in the company.
    pub name: String,
    /// Whether calls and chats come to those who have it.
    pub answers: bool,
    /// What they may do, where that is something.
    pub levels: BTreeMap<Area, Level>,
}

/// Who changes a company, in a way that their roles have to allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor<'a> {
    /// A person, by their login name.
    Agent(&'a str),
    /// A program, by its key's name.
    ApiKey(&'a str),
}

/// The first id of a company's own: those below are the roles that are there.
pub const OWN_ROLES_FROM: u64 = 16;

impl Role {
    /// The role of who answers calls and chats.
    pub const AGENT: RoleId = RoleId(1);
    /// Of who also sees and steers others.
    pub const SUPERVISOR: RoleId = RoleId(2);
    /// Of who also changes the company.
    pub const ADMINISTRATOR: RoleId = RoleId(3);

    /// The roles that every company has. They can be copied, and not changed.
    pub fn built_in() -> &'static [Role; 3] {
        static BUILT_IN: LazyLock<[Role; 3]> = LazyLock::new(Role::make_built_in);
        &BUILT_IN
    }

    /// Whether this is the name of one of them.
    pub(super) fn is_built_in(name: &str) -> bool {
        Role::built_in().iter().any(|role| role.name == name)
    }

    fn make_built_in() -> [Role; 3] {
        let agent = [(Area::Contacts, Level::Change)];
        let supervisor = [
            (Area::ContactData, Level::Change),
            (Area::Records, Level::Change),
            (Area::Work, Level::Change),
            (Area::People, Level::Change),
            (Area::Lines, Level::Read),
        ];
        let administrator = [(Area::Company, Level::Change), (Area::Audit, Level::Read)];
        let role = |id, name: &str, levels: &[(Area, Level)]| Role {
            id,
            name: name.to_owned(),
            answers: true,
            levels: levels.iter().copied().collect(),
        };
        [
            role(Role::AGENT, "agent", &agent),
            role(Role::SUPERVISOR, "supervisor", &[&agent[..], &supervisor].concat()),
            role(Role::ADMINISTRATOR, "administrator", &[&agent[..], &supervisor, &administrator].concat()),
        ]
    }

    /// As a file describes it.
    pub fn entry(&self) -> RoleEntry {
        let level = |area: &Area| self.levels.get(area).copied();
        let [contacts, contact_data, records, work, people, lines, company, audit] = AREAS.each_ref().map(level);
        RoleEntry {
            name: self.name.clone(),
            answers: Some(self.answers),
            contacts,
            contact_data,
            records,
            work,
            people,
            lines,
            company,
            audit,
            whole: false,
        }
    }
}

/// A role of a company's own, known by its name. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleEntry {
    /// Its name.
    pub name: String,
    /// Whether calls and chats come to those who have it; `true` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<bool>,
    /// Customers, one at a time; `none` by default, as with all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Level>,
    /// Customers as a whole: tables in and out, archives, erasing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_data: Option<Level>,
    /// What became of items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<Level>,
    /// What waits and is worked on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<Level>,
    /// Who is at work, and whether.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<Level>,
    /// Phones, trunks and chat services, and how they stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Level>,
    /// The company itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Level>,
    /// Who changed what of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Level>,
    /// A form that says everything: what is left out has its default.
    #[serde(skip)]
    pub whole: bool,
}

impl RoleEntry {
    fn levels(&self) -> impl Iterator<Item = (Area, Level)> {
        let RoleEntry { contacts, contact_data, records, work, people, lines, company, audit, .. } = self;
        let levels = [contacts, contact_data, records, work, people, lines, company, audit];
        AREAS.into_iter().zip(levels.map(|level| *level)).filter_map(|(area, level)| Some((area, level?)))
    }
}

impl Company {
    /// All roles, those that are there first.
    pub fn all_roles(&self) -> impl Iterator<Item = &Role> {
        Role::built_in().iter().chain(&self.roles)
    }

    /// The names of somebody's roles.
    pub fn roles_had(&self, agent: &Agent) -> impl Iterator<Item = String> {
        self.all_roles().filter(|role| agent.roles.contains(&role.id)).map(|role| role.name.clone())
    }

    /// Whether a role of theirs lets calls and chats come to somebody.
    pub fn answers(&self, agent: &Agent) -> bool {
        self.all_roles().any(|role| role.answers && agent.roles.contains(&role.id))
    }

    /// What somebody may do.
    pub fn rights(&self, roles: &BTreeSet<RoleId>) -> Rights {
        Rights::of(roles, &self.roles)
    }

    /// What somebody of the company may do; nothing, if there is no such person.
    pub fn rights_of(&self, id: AgentId) -> Rights {
        let agent = self.agents.iter().find(|agent| agent.id == id);
        agent.map(|agent| self.rights(&agent.roles)).unwrap_or_default()
    }

    /// The queues whose calls and chats come to somebody: none, if no role of theirs lets them come.
    pub fn answered_by(&self, agent: &Agent) -> BTreeMap<QueueId, Skill> {
        if self.answers(agent) { agent.queues.clone() } else { BTreeMap::new() }
    }

    /// Those who may see the work in a queue.
    pub fn overseers(&self, queue: QueueId) -> impl Iterator<Item = AgentId> {
        let sees = move |agent: &&Agent| match self.rights(&agent.roles).reads(Area::Work) {
            Some(Scope::All) => true,
            Some(Scope::Queues) => agent.queues.contains_key(&queue),
            None => false,
        };
        self.agents.iter().filter(sees).map(|agent| agent.id)
    }

    pub(super) fn put_role(&mut self, entry: &RoleEntry, next: &mut NextIds, refused: &mut Refusals) {
        let name = &entry.name;
        if refused.note(named(Kind::Role, name)).is_none() {
            return;
        }
        if Role::is_built_in(name) {
            refused.add(Kind::Role, name, (Some("name"), Why::BuiltIn));
            return;
        }
        let known = self.roles.iter().position(|known| known.name == *name);
        let new = |id| Role { id, name: name.clone(), answers: true, levels: BTreeMap::new() };
        let mut role = match known {
            Some(at) if entry.whole => new(self.roles[at].id),
            Some(at) => self.roles[at].clone(),
            None => new(RoleId(take(&mut next.role))),
        };
        role.answers = entry.answers.unwrap_or(role.answers);
        for (area, level) in entry.levels() {
            if !area.levels().contains(&level) {
                let known = area.levels().iter().map(|level| level.as_str()).collect();
                refused.add(Kind::Role, name, (Some(area.as_str()), Why::Level { known }));
            }
            match level {
                Level::None => _ = role.levels.remove(&area),
                level => _ = role.levels.insert(area, level),
            }
        }
        match known {
            Some(at) => self.roles[at] = role,
            None => self.roles.push(role),
        }
    }

    pub(super) fn remove_role(&mut self, name: &str) -> Result<(), Refusal> {
        let refuse = |why| Err(Refusal::new(Kind::Role, name, None, why));
        if Role::is_built_in(name) {
            return refuse(Why::BuiltIn);
        }
        match self.roles.iter().position(|known| known.name == name) {
            Some(at) => _ = self.roles.remove(at),
            None => return refuse(Why::Unknown),
        }
        Ok(())
    }

    /// What of a removed role is still somebody's.
    pub(super) fn removed_roles_are_unused(&self, before: &Company, refused: &mut Refusals) {
        let gone = before.roles.iter().filter(|role| self.roles.iter().all(|kept| kept.id != role.id));
        for role in gone {
            let theirs = self.agents.iter().filter(|agent| agent.roles.contains(&role.id));
            let keys = self.api_keys.iter().filter(|key| key.roles.contains(&role.id));
            let by: Vec<(Kind, String)> = theirs
                .map(|agent| (Kind::Agent, agent.login_name.clone()))
                .chain(keys.map(|key| (Kind::ApiKey, key.name.clone())))
                .collect();
            if !by.is_empty() {
                refused.add(Kind::Role, &role.name, (None, Why::Used { by }));
            }
        }
    }

    /// The ids of roles by their names, for whoever gets them at this key.
    pub(super) fn roles_of(
        &self,
        kind: Kind,
        of: &str,
        (key, names): (Key, &[String]),
        refused: &mut Refusals,
    ) -> BTreeSet<RoleId> {
        let known: BTreeMap<String, RoleId> = self.all_roles().map(|role| (role.name.clone(), role.id)).collect();
        let mut roles = BTreeSet::new();
        for name in names {
            match known.get(name) {
                Some(id) => _ = roles.insert(*id),
                None => {
                    let why = Why::NoRole { name: name.clone(), known: known.keys().cloned().collect() };
                    refused.add(kind, of, (Some(key), why));
                }
            }
        }
        if names.is_empty() {
            roles.insert(Role::AGENT);
        }
        roles
    }

    /// Whether whoever may change the company may make it what it is `after`: nobody gives more than they have, and somebody
    /// always remains who may change the company.
    ///
    /// # Errors
    /// All that stands in the way.
    pub fn lets(&self, editor: Editor<'_>, after: &Company) -> Result<(), Refusals> {
        let mut refused = Refusals::default();
        let roles = match editor {
            Editor::Agent(name) => self.agents.iter().find(|agent| agent.login_name == name).map(|agent| &agent.roles),
            Editor::ApiKey(name) => self.api_keys.iter().find(|key| key.name == name).map(|key| &key.roles),
        };
        let own = roles.map(|roles| self.rights(roles)).unwrap_or_default();
        for role in after.roles.iter().filter(|role| !self.roles.contains(role)) {
            if !Rights::of_one(role).are_within(&own) {
                refused.add(Kind::Role, &role.name, (None, Why::MoreThanOwn));
            }
        }
        for agent in &after.agents {
            let before = self.agents.iter().find(|known| known.id == agent.id);
            let is_given = before.is_none_or(|before| before.roles != agent.roles);
            let may_more = !after.rights(&agent.roles).are_within(&own);
            if is_given && may_more {
                refused.add(Kind::Agent, &agent.login_name, (Some("role"), Why::MoreThanOwn));
            }
            // Whoever has somebody's password may what they may.
            let is_taken = before.is_some_and(|before| {
                before.password_hash != agent.password_hash && editor != Editor::Agent(&before.login_name)
            });
            if is_taken && may_more {
                refused.add(Kind::Agent, &agent.login_name, (Some("password"), Why::PasswordOfMore));
            }
        }
        for key in after.api_keys.iter().filter(|key| !self.api_keys.contains(key)) {
            if matches!(editor, Editor::ApiKey(_)) {
                refused.add(Kind::ApiKey, &key.name, (None, Why::KeyByKey));
            } else if !after.rights(&key.roles).are_within(&own) {
                refused.add(Kind::ApiKey, &key.name, (Some("roles"), Why::MoreThanOwn));
            }
        }
        let changes = |company: &Company| {
            let may = |agent: &Agent| company.rights(&agent.roles).changes(Area::Company).is_some();
            company.agents.iter().any(|agent| agent.active && may(agent))
        };
        if changes(self) && !changes(after) {
            refused.add(Kind::Company, &self.name, (None, Why::NobodyLeft));
        }
        refused.or(())
    }
}

impl Rights {
    /// By these roles; those of the company's own are among `own`.
    pub fn of(roles: &BTreeSet<RoleId>, own: &[Role]) -> Rights {
        let mut rights = Rights::default();
        Role::built_in().iter().chain(own).filter(|role| roles.contains(&role.id)).for_each(|role| rights.add(role));
        rights
    }

    fn of_one(role: &Role) -> Rights {
        let mut rights = Rights::default();
        rights.add(role);
        rights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str, levels: &[(Area, Level)]) -> Role {
        Role { id: RoleId(16), name: name.to_owned(), answers: false, levels: levels.iter().copied().collect() }
    }

    #[test]
    fn what_is_highest_holds_for_seeing_and_for_changing_by_itself() {
        let mut rights = Rights::default();
        rights.add(&role("sees all", &[(Area::Work, Level::Read)]));
        rights.add(&role("changes theirs", &[(Area::Work, Level::ChangeQueues), (Area::People, Level::ReadQueues)]));
        assert_eq!((rights.reads(Area::Work), rights.changes(Area::Work)), (Some(Scope::All), Some(Scope::Queues)));
        assert_eq!((rights.reads(Area::People), rights.changes(Area::People)), (Some(Scope::Queues), None));
        assert_eq!((rights.reads(Area::Audit), rights.changes(Area::Audit)), (None, None));
        assert!(!rights.answers);
    }

    #[test]
    fn each_of_the_roles_that_are_there_may_what_the_one_before_may() {
        let [agent, supervisor, administrator] = Role::built_in().each_ref().map(Rights::of_one);
        assert!(agent.are_within(&supervisor) && supervisor.are_within(&administrator));
        assert!(!supervisor.are_within(&agent) && !administrator.are_within(&supervisor));
        assert!(Rights::default().are_within(&agent));
        for role in Role::built_in() {
            assert!(role.levels.iter().all(|(area, level)| area.levels().contains(level)), "{role:?}");
            assert!(role.id.0 < OWN_ROLES_FROM);
        }
    }
}

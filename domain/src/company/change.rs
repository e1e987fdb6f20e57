//! What can be changed about a company.
//! A change never carries an id: things are known by their names.

use super::{
    AgentEntry, ApiKeyEntry, ClassificationEntry, CompanyEntry, HoursEntry, Kind, NumberEntry, QueueEntry, RoleEntry,
    Secret, ServiceEntry, TemplateEntry, TrunkEntry,
};

/// A change of a company. In an entry, what is left out stays as it is; in a new one it has its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The company's own settings, and reasons for breaks that it is to have.
    Company(CompanyEntry),
    /// Makes or changes a queue.
    PutQueue(QueueEntry),
    /// Makes or changes a person.
    PutAgent(AgentEntry),
    /// Makes or changes a number.
    PutNumber(NumberEntry),
    /// Makes or changes a trunk.
    PutTrunk(TrunkEntry),
    /// Makes or changes a chat service.
    PutService(ServiceEntry),
    /// Makes or changes a classification.
    PutClassification(ClassificationEntry),
    /// Makes or changes a template.
    PutTemplate(TemplateEntry),
    /// Makes or changes opening hours.
    PutHours(HoursEntry),
    /// Makes or changes a role.
    PutRole(RoleEntry),
    /// Makes or changes an API key.
    PutApiKey(ApiKeyEntry),
    /// Lets somebody work, or not any more: what they do is finished, and they stay in the company.
    Activate {
        /// Who.
        login_name: String,
        /// Whether they may work.
        active: bool,
    },
    /// Gives somebody another password, as an argon2id PHC string: their own choice, which the company's file does not
    /// undo.
    Password {
        /// Who.
        login_name: String,
        /// Its hash.
        hash: Secret,
    },
    /// Gives something another name. It stays the same thing: what goes on with it goes on.
    Rename {
        /// What, by the name that it has.
        thing: Thing,
        /// The name that it gets; the other changes know it by that.
        name: String,
    },
    /// Takes something out of the company. What goes on with it is finished, and its name stays in the records.
    Remove(Thing),
}

impl Change {
    /// The same, of a form that says everything: what is left out has its default, and does not stay as it is. Only what
    /// proves somebody's identity stays, as long as they are the same.
    #[must_use]
    pub fn wholly(mut self) -> Change {
        match &mut self {
            Change::PutQueue(entry) => entry.whole = true,
            Change::PutAgent(entry) => entry.whole = true,
            Change::PutTrunk(entry) => entry.whole = true,
            Change::PutService(entry) => entry.whole = true,
            Change::PutClassification(entry) => entry.whole = true,
            Change::PutTemplate(entry) => entry.whole = true,
            Change::PutHours(entry) => entry.whole = true,
            Change::PutRole(entry) => entry.whole = true,
            Change::PutApiKey(entry) => entry.whole = true,
            // There is nothing that could be left out.
            Change::Company(_)
            | Change::PutNumber(_)
            | Change::Activate { .. }
            | Change::Password { .. }
            | Change::Rename { .. }
            | Change::Remove(_) => {}
        }
        self
    }
}

/// Something that can be removed, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A queue to which nothing refers.
    Queue(String),
    /// A person, by their login name.
    Agent(String),
    /// A number.
    Number(String),
    /// A trunk.
    Trunk(String),
    /// A chat service, by its token.
    Service(String),
    /// A reason for a break.
    BreakReason(String),
    /// A classification that has no parts, by its code.
    Classification(String),
    /// A template.
    Template(String),
    /// Opening hours by which nothing goes.
    Hours(String),
    /// A role that nobody has.
    Role(String),
    /// An API key, which works no more.
    ApiKey(String),
}

impl Thing {
    /// What kind of thing it is, and its name.
    pub fn named(&self) -> (Kind, &str) {
        match self {
            Thing::Queue(name) => (Kind::Queue, name),
            Thing::Agent(name) => (Kind::Agent, name),
            Thing::Number(name) => (Kind::Number, name),
            Thing::Trunk(name) => (Kind::Trunk, name),
            Thing::Service(name) => (Kind::Service, name),
            Thing::BreakReason(name) => (Kind::BreakReason, name),
            Thing::Classification(code) => (Kind::Classification, code),
            Thing::Template(name) => (Kind::Template, name),
            Thing::Hours(name) => (Kind::Hours, name),
            Thing::Role(name) => (Kind::Role, name),
            Thing::ApiKey(name) => (Kind::ApiKey, name),
        }
    }
}

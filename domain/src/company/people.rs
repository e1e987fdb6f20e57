//! Many people at once, out of a table: what each line makes of whom, and all that is wrong with it and where.
//! Makes no password, and changes nothing: whoever has the secrets adds them to the entries.

mod column;
mod fault;
mod names;
mod written;

pub use column::PeopleColumn;
pub use fault::{Fault, FaultWhy};
pub(super) use fault::{headings, yes_or_no};
pub use written::{people_table, people_template};

use super::refusal::{Kind, Refusal, Refusals, Why};
use super::{AgentEntry, Change, Company, Editor, NextIds, Outside, Phone, Secret};
use crate::routing::Skill;
use crate::table::{Row, Table, plain};
use names::{Found, Named, names};
use std::collections::BTreeMap;
use written::cell_of;

/// The biggest table of people that is read, in bytes.
pub const PEOPLE_BYTES_MAX: usize = 1024 * 1024;
/// The most lines that are read.
pub const PEOPLE_LINES_MAX: usize = 1000;
/// So much of what is wrong is told.
const FAULTS_MAX: usize = 1000;
/// The longest name or phone, in characters.
const TEXT_MAX: usize = 200;
/// What stands where somebody is to have nothing: an empty cell leaves what they have.
const NOTHING: &str = "-";
/// What is read as yes.
const YES: [&str; 6] = ["yes", "true", "1", "ja", "wahr", "x"];
/// What is read as no.
const NO: [&str; 5] = ["no", "false", "0", "nein", "falsch"];

/// What a line makes of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLine {
    /// The line, from 1, as an editor counts.
    pub line: u64,
    /// All that holds of them afterwards, but for secrets.
    pub entry: AgentEntry,
    /// They are not there yet: they need a password.
    pub is_new: bool,
    /// They are others than before, or new.
    pub differs: bool,
    /// They get a phone that registers: it needs a password.
    pub registers: bool,
}

/// A table of people, as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleTable {
    /// What each line makes of whom, as far as it can be read.
    pub persons: Vec<PersonLine>,
    /// All that cannot, by line.
    pub faults: Vec<Fault>,
    headers: BTreeMap<PeopleColumn, String>,
}

impl PeopleTable {
    /// Reads a table. Whoever is named by their login name is who is meant; all others are new. What has no column stays as
    /// it is, and so does what an empty cell is about; of somebody new it has its default.
    pub fn read(bytes: &[u8], company: &Company) -> PeopleTable {
        let only = |why| PeopleTable { faults: vec![Fault::of_the_table(why)], ..PeopleTable::default() };
        if bytes.len() > PEOPLE_BYTES_MAX {
            return only(FaultWhy::TooBig { found: bytes.len() });
        }
        let table = match Table::open(bytes) {
            Ok(table) => table,
            Err(why) => return only(FaultWhy::Table(why)),
        };
        let headers = table.headers.clone();
        let mut reading = Reading::of(company, &headers);
        for (count, row) in table.enumerate() {
            if count >= PEOPLE_LINES_MAX {
                return only(FaultWhy::TooManyLines);
            }
            reading.row(&row);
        }
        let Reading { persons, mut faults, columns, .. } = reading;
        faults.truncate(FAULTS_MAX);
        let headers = columns.into_iter().zip(headers).filter_map(|(column, header)| Some((column?, header)));
        PeopleTable { persons, faults, headers: headers.collect() }
    }

    /// Adds what the company refuses of the people in the lines, each where it stands; what is left is about no line.
    pub fn refuse(&mut self, refusals: Refusals) -> Refusals {
        let mut others = Refusals::default();
        for refusal in refusals.0 {
            let person = self.persons.iter().find(|one| one.entry.login_name == refusal.name);
            match person.filter(|_| refusal.kind == Kind::Agent) {
                Some(person) => self.faults.push(self.fault(person, refusal)),
                None => others.0.push(refusal),
            }
        }
        // What is wrong with a line stands together.
        self.faults.sort_by_key(|fault| fault.line);
        self.faults.truncate(FAULTS_MAX);
        others
    }

    /// What of it this editor may not do, whatever else is wrong with it.
    pub fn forbidden(&self, company: &Company, editor: Editor<'_>) -> Refusals {
        let given = |person: &PersonLine| {
            let AgentEntry { login_name, role, active, .. } = person.entry.clone();
            let password_hash = person.is_new.then(Secret::default);
            Change::PutAgent(AgentEntry { login_name, role, active, password_hash, ..AgentEntry::default() })
        };
        let given: Vec<Change> = self.persons.iter().filter(|person| person.differs).map(given).collect();
        let agent = 1 + company.agents.iter().map(|agent| agent.id.0).max().unwrap_or_default();
        let outside = Outside { next: NextIds { agent, ..NextIds::default() }, ..Outside::default() };
        // Where even that cannot be it is refused as such.
        let after = company.change(&given, &outside).ok();
        after.and_then(|after| company.lets(editor, &after).err()).unwrap_or_default()
    }

    fn fault(&self, person: &PersonLine, refusal: Refusal) -> Fault {
        let column = refusal.place().and_then(PeopleColumn::at);
        let header = column.and_then(|column| self.headers.get(&column)).cloned().unwrap_or_default();
        let (line, login_name, why) = (person.line, refusal.name, FaultWhy::Company(refusal.why));
        Fault { line, column, header, login_name, why }
    }
}

/// A table while it is being read.
struct Reading<'a> {
    company: &'a Company,
    headers: &'a [String],
    columns: Vec<Option<PeopleColumn>>,
    queues: Vec<String>,
    roles: Vec<String>,
    /// In which line somebody stood first.
    seen: BTreeMap<String, u64>,
    persons: Vec<PersonLine>,
    faults: Vec<Fault>,
}

impl<'a> Reading<'a> {
    fn of(company: &'a Company, headers: &'a [String]) -> Reading<'a> {
        let mut first: BTreeMap<PeopleColumn, &str> = BTreeMap::new();
        let (mut columns, mut faults) = (vec![], vec![]);
        for header in headers {
            let column = PeopleColumn::of(header);
            let why = match column.map(|column| first.get(&column).copied().ok_or(column)) {
                None if header.is_empty() => None,
                None => Some(FaultWhy::UnknownColumn),
                Some(Ok(first)) => Some(FaultWhy::ColumnTwice { first: first.to_owned() }),
                Some(Err(new)) => {
                    first.insert(new, header);
                    None
                }
            };
            columns.push(column.filter(|_| why.is_none()));
            let (header, login_name) = (short(header), String::new());
            faults.extend(why.map(|why| Fault { line: 1, column, header, login_name, why }));
        }
        if !first.contains_key(&PeopleColumn::LoginName) {
            faults.push(Fault::of_the_table(FaultWhy::NoLoginColumn));
        }
        Reading {
            company,
            headers,
            columns,
            queues: company.queues.iter().map(|queue| queue.name.clone()).collect(),
            roles: company.all_roles().map(|role| role.name.clone()).collect(),
            seen: BTreeMap::new(),
            persons: vec![],
            faults,
        }
    }

    fn row(&mut self, row: &Row) {
        let mut cells = Cells { line: row.line, login_name: String::new(), faults: vec![] };
        if row.cells.len() != self.headers.len() {
            let (found, expected) = (row.cells.len(), self.headers.len());
            cells.fault(None, "", FaultWhy::Columns { found, expected });
        } else if let Some(person) = self.person(row, &mut cells) {
            self.persons.push(person);
        }
        self.faults.append(&mut cells.faults);
    }

    fn person(&mut self, row: &Row, cells: &mut Cells) -> Option<PersonLine> {
        let at = self.columns.iter().position(|column| *column == Some(PeopleColumn::LoginName));
        // Without that column nobody is known, but their cells are looked at.
        let name = at.map_or("", |at| plain(&row.cells[at]));
        let known = self.company.agents.iter().find(|agent| at.is_some() && agent.login_name.trim() == name);
        name.clone_into(&mut cells.login_name);
        let first = if name.is_empty() { row.line } else { *self.seen.entry(name.to_owned()).or_insert(row.line) };
        if let Some(at) = at {
            let header = &self.headers[at];
            if name.is_empty() {
                cells.fault(Some(PeopleColumn::LoginName), header, FaultWhy::Company(Why::NameEmpty));
            }
            if first != row.line {
                cells.fault(Some(PeopleColumn::LoginName), header, FaultWhy::LoginTwice { line: first });
            }
        }
        let before = known.map(|agent| stripped(agent.entry(self.company)));
        let fresh = || AgentEntry { login_name: name.to_owned(), whole: true, ..AgentEntry::default() };
        let mut entry = before.clone().unwrap_or_else(fresh);
        for ((column, header), cell) in self.columns.iter().zip(self.headers).zip(&row.cells) {
            let value = plain(cell);
            // What is written as it is was not changed.
            let is_same =
                |column: PeopleColumn| known.is_some_and(|agent| cell_of(column, self.company, agent).trim() == value);
            match column {
                _ if value.is_empty() => {}
                None if header.is_empty() => cells.fault(None, "", FaultWhy::Unnamed { found: short(value) }),
                None => {}
                Some(column) if is_same(*column) => {}
                Some(column) => {
                    if let Err(why) = self.put(&mut entry, *column, value) {
                        why.into_iter().for_each(|why| cells.fault(Some(*column), header, why));
                    }
                }
            }
        }
        if name.is_empty() || first != row.line {
            return None;
        }
        let had = known.and_then(|agent| agent.phone.as_ref()).map(Phone::name);
        let new_phone = entry.phone.as_deref().filter(|phone| Some(*phone) != had);
        let registers = new_phone.is_some_and(|phone| !phone.starts_with("sip:"));
        let (is_new, differs) = (before.is_none(), before.is_none_or(|before| before != entry));
        Some(PersonLine { line: row.line, entry, is_new, differs, registers })
    }

    /// Takes over what stands in a cell that is not empty.
    fn put(&self, entry: &mut AgentEntry, column: PeopleColumn, value: &str) -> Result<(), Vec<FaultWhy>> {
        let is_nothing = value == NOTHING;
        match column {
            // By that they were found.
            PeopleColumn::LoginName => _ = text(value)?,
            PeopleColumn::DisplayName => entry.display_name = Some(text(value)?),
            PeopleColumn::Roles => entry.role = Some(self.roles_in(value)?),
            PeopleColumn::Queues if is_nothing => (entry.queues, entry.skills) = (Some(vec![]), BTreeMap::new()),
            PeopleColumn::Queues => {
                let served = self.queues_in(value)?;
                entry.queues = Some(served.iter().map(|(name, _)| name.clone()).collect());
                entry.skills = served.into_iter().filter(|(_, skill)| *skill > 0).collect();
            }
            PeopleColumn::Phone if is_nothing => entry.phone = None,
            PeopleColumn::Phone => entry.phone = Some(text(value)?),
            PeopleColumn::Active => entry.active = Some(yes(value)?),
            PeopleColumn::VoiceOnly => entry.voice_only = Some(yes(value)?),
            PeopleColumn::ChatsMax if is_nothing => entry.chats_max = None,
            PeopleColumn::ChatsMax => {
                let wrong = |_| vec![FaultWhy::Number { found: short(value) }];
                entry.chats_max = Some(value.parse().map_err(wrong)?);
            }
        }
        Ok(())
    }

    fn roles_in(&self, cell: &str) -> Result<Vec<String>, Vec<FaultWhy>> {
        let mut found = Found::default();
        // As German screens call one of those that every company has.
        let german = |name: &str| (name.to_lowercase() == "teamleitung").then(|| "supervisor".to_owned());
        for Named { name, .. } in names(cell, &self.roles, false) {
            let known = name.map(|at| self.roles[at].clone());
            match known.or_else(|name| german(name).ok_or(name)) {
                Ok(name) => found.add(name, 0),
                Err(name) => {
                    let why = Why::NoRole { name: short(name), known: self.roles.clone() };
                    found.wrong.push(FaultWhy::Company(why));
                }
            }
        }
        let named = found.done()?;
        Ok(self.roles.iter().filter(|name| named.contains_key(*name)).cloned().collect())
    }

    fn queues_in(&self, cell: &str) -> Result<Vec<(String, Skill)>, Vec<FaultWhy>> {
        let mut found = Found::default();
        for Named { name, level } in names(cell, &self.queues, true) {
            let name = match name {
                Ok(at) => self.queues[at].clone(),
                Err(name) => {
                    let why = Why::NoQueue { name: short(name), known: self.queues.clone() };
                    found.wrong.push(FaultWhy::Company(why));
                    continue;
                }
            };
            match level.map_or(Ok(0), |level| level.parse::<Skill>().map_err(|_| level)) {
                Ok(skill) => found.add(name, skill),
                Err(level) => found.wrong.push(FaultWhy::Skill { queue: name, found: short(level) }),
            }
        }
        let mut named = found.done()?;
        // In the order of the company's own.
        Ok(self.queues.iter().filter_map(|name| named.remove_entry(name)).collect())
    }
}

/// What is wrong with the cells of a line.
struct Cells {
    line: u64,
    login_name: String,
    faults: Vec<Fault>,
}

impl Cells {
    fn fault(&mut self, column: Option<PeopleColumn>, header: &str, why: FaultWhy) {
        let (line, header, login_name) = (self.line, short(header), self.login_name.clone());
        self.faults.push(Fault { line, column, header, login_name, why });
    }
}

fn text(value: &str) -> Result<String, Vec<FaultWhy>> {
    let mut wrong = vec![];
    if value.chars().count() > TEXT_MAX {
        wrong.push(FaultWhy::Company(Why::TooLong { most: TEXT_MAX }));
    }
    if value.contains(char::is_control) {
        wrong.push(FaultWhy::Company(Why::NameControl));
    }
    if wrong.is_empty() { Ok(value.to_owned()) } else { Err(wrong) }
}

fn yes(value: &str) -> Result<bool, Vec<FaultWhy>> {
    let simple = value.to_lowercase();
    match (YES.contains(&simple.as_str()), NO.contains(&simple.as_str())) {
        (true, _) => Ok(true),
        (false, true) => Ok(false),
        (false, false) => Err(vec![FaultWhy::YesOrNo { found: short(value) }]),
    }
}

/// So much of a text as a message may hold.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// All that holds of somebody, but for what proves who they are: that stays.
fn stripped(entry: AgentEntry) -> AgentEntry {
    AgentEntry { password_hash: None, phone_ha1_md5: None, phone_ha1_sha256: None, whole: true, ..entry }
}

#[cfg(test)]
mod tests;

//! Many people at once: the changes that a table of them comes to, with the passwords that they need.
//! Keeps no password in clear: whoever made them gives them out.

use super::file::ha1_of;
use crate::store::error::StoreError;
use crate::store::{Hashed as _, Secret};
use domain::company::{AgentEntry, Change, Difference, PeopleTable, PersonLine};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The characters of a password that is made for somebody, and for a phone: as many as the form draws.
const PASSWORD_CHARACTERS: usize = 16;
const PHONE_PASSWORD_CHARACTERS: usize = 24;

/// The passwords that are made for the people of a table. A second time for the same table they are the same.
#[derive(Default)]
pub struct PeopleSecrets {
    /// By login name: the password, and its hash.
    passwords: BTreeMap<String, (String, Secret)>,
    /// By the phone's user.
    phones: BTreeMap<String, String>,
}

/// What somebody was given, in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// Their login name.
    pub login_name: String,
    /// Their name as others see it.
    pub display_name: String,
    /// With what they log in, if they are new.
    pub password: Option<String>,
    /// The user as which their new phone registers, and its password.
    pub phone: Option<(String, String)>,
}

impl PeopleSecrets {
    /// Makes those that are missing; `draw` gives so many characters by chance. Hashes, which takes long.
    ///
    /// # Errors
    /// When the system has no chance to give.
    pub fn make(&mut self, table: &PeopleTable, draw: impl Fn(usize) -> String) -> Result<(), StoreError> {
        for PersonLine { entry, is_new, .. } in &table.persons {
            if *is_new && !self.passwords.contains_key(&entry.login_name) {
                let password = draw(PASSWORD_CHARACTERS);
                let hash = Secret::hash(&password)?;
                self.passwords.insert(entry.login_name.clone(), (password, hash));
            }
        }
        for phone in table.persons.iter().filter_map(registered) {
            self.phones.entry(phone.to_owned()).or_insert_with(|| draw(PHONE_PASSWORD_CHARACTERS));
        }
        Ok(())
    }

    /// The changes that the table comes to.
    pub fn changes(&self, table: &PeopleTable, realm: &str) -> Vec<Change> {
        let hash = |login_name: &str| self.passwords.get(login_name).map(|(_, hash)| hash.clone());
        let ha1 = |user: &str| Some(ha1_of(user, realm, self.phones.get(user)?));
        changes(table, hash, ha1)
    }

    /// What is to be passed on to whom.
    pub fn given(&self, table: &PeopleTable) -> Vec<Given> {
        let given = |person: &PersonLine| {
            let AgentEntry { login_name, display_name, .. } = &person.entry;
            let password = self.passwords.get(login_name).filter(|_| person.is_new);
            let phone = registered(person).and_then(|user| Some((user.to_owned(), self.phones.get(user)?.clone())));
            (password.is_some() || phone.is_some()).then(|| Given {
                login_name: login_name.clone(),
                display_name: display_name.as_ref().unwrap_or(login_name).clone(),
                password: password.map(|(password, _)| password.clone()),
                phone,
            })
        };
        table.persons.iter().filter_map(given).collect()
    }
}

/// The changes that a table would come to: with hashes of no password, which are never stored.
pub fn planned_changes(table: &PeopleTable) -> Vec<Change> {
    let no = |digits: usize| Secret("0".repeat(digits));
    changes(table, |_| Some(no(1)), |_| Some((no(32), no(64))))
}

/// By which it is seen whether a table would come to something else by now.
pub fn differences_tag(differences: &[Difference]) -> String {
    let words: Vec<String> = differences.iter().map(Difference::words).collect();
    Sha256::digest(words.join("\n"))[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The user as which somebody's new phone registers.
fn registered(person: &PersonLine) -> Option<&str> {
    person.entry.phone.as_deref().filter(|_| person.registers)
}

fn changes(
    table: &PeopleTable,
    hash: impl Fn(&str) -> Option<Secret>,
    ha1: impl Fn(&str) -> Option<(Secret, Secret)>,
) -> Vec<Change> {
    let change = |person: &PersonLine| {
        let (phone_ha1_md5, phone_ha1_sha256) = registered(person).and_then(&ha1).unzip();
        let entry = person.entry.clone();
        let password_hash = if person.is_new { hash(&entry.login_name) } else { None };
        Change::PutAgent(AgentEntry { password_hash, phone_ha1_md5, phone_ha1_sha256, ..entry })
    };
    table.persons.iter().filter(|person| person.differs).map(change).collect()
}

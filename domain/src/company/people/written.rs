//! A company's people as a table, as it can be read in again, and an empty one with an example.
//! Never writes a secret.

use super::PeopleColumn;
use crate::announcement::Language;
use crate::company::{Agent, Company, Phone, Role};
use crate::routing::Skill;
use crate::table::{MARK, harmless, separated};
use std::collections::BTreeSet;

/// What stands in somebody's cell, in English.
pub(super) fn cell_of(column: PeopleColumn, company: &Company, agent: &Agent) -> String {
    cell_in(column, company, agent, Language::En)
}

fn cell_in(column: PeopleColumn, company: &Company, agent: &Agent, language: Language) -> String {
    let yes = |is: bool| match (language, is) {
        (Language::De, true) => "ja",
        (Language::De, false) => "nein",
        (Language::En, true) => "yes",
        (Language::En, false) => "no",
    };
    let served = |(queue, skill): (&_, &Skill)| match (company.queue_name(*queue), skill) {
        (name, 0) => name.to_owned(),
        (name, skill) => format!("{name}:{skill}"),
    };
    match column {
        PeopleColumn::LoginName => agent.login_name.clone(),
        PeopleColumn::DisplayName => agent.display_name.clone(),
        PeopleColumn::Roles => company.roles_had(agent).collect::<Vec<_>>().join(", "),
        PeopleColumn::Queues => agent.queues.iter().map(served).collect::<Vec<_>>().join(", "),
        PeopleColumn::Phone => agent.phone.as_ref().map_or("", Phone::name).to_owned(),
        PeopleColumn::Active => yes(agent.active).to_owned(),
        PeopleColumn::VoiceOnly => yes(agent.voice_only).to_owned(),
        PeopleColumn::ChatsMax => agent.chats_max.map(|most| most.to_string()).unwrap_or_default(),
    }
}

/// All people of a company as a table that can be read in again, and then changes nothing.
pub fn people_table(company: &Company, language: Language) -> String {
    let cells = |agent: &Agent| PeopleColumn::ALL.map(|column| cell_in(column, company, agent, language));
    written(language, company.agents.iter().map(cells))
}

/// An empty table with one person as an example, who could be made like that.
pub fn people_template(company: &Company, language: Language) -> String {
    let login_name = match language {
        Language::De => "erika.beispiel",
        Language::En => "erica.example",
    };
    let [first, second] = [0, 1].map(|at| company.queues.get(at).map(|queue| (queue.id, 7 * Skill::from(at == 0))));
    let example = Agent {
        id: Default::default(),
        company: company.id,
        login_name: login_name.to_owned(),
        display_name: login_name.split('.').map(capital).collect::<Vec<_>>().join(" "),
        password_hash: Default::default(),
        applied_password: None,
        roles: BTreeSet::from([Role::AGENT]),
        active: true,
        phone: Some(Phone::Fixed { uri: login_name.to_owned() }),
        voice_only: false,
        chats_max: Some(3),
        queues: first.into_iter().chain(second).collect(),
    };
    written(language, [PeopleColumn::ALL.map(|column| cell_in(column, company, &example, language))])
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// A German spreadsheet expects semicolons.
fn written(language: Language, rows: impl IntoIterator<Item = [String; 8]>) -> String {
    let separator = match language {
        Language::De => b';',
        Language::En => b',',
    };
    let head = PeopleColumn::ALL.map(|column| column.heading(language).to_owned());
    let rows = [head].into_iter().chain(rows).map(|row| row.map(harmless).to_vec());
    format!("{MARK}{}", separated(separator, rows))
}

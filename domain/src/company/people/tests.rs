//! What becomes of each line of a table of people, and what is wrong where: tables of tables.

use super::*;
use crate::announcement::Language;
use crate::company::{QueueEntry, RoleEntry};
use crate::id::CompanyId;

/// Three queues, one with everything in its name that separates others, a role of its own, and two people.
fn company() -> Company {
    let queue = |name: &str| Change::PutQueue(QueueEntry { name: name.to_owned(), ..QueueEntry::default() });
    let secret = |digits: usize| Some(Secret("0".repeat(digits)));
    let person = |login_name: &str| AgentEntry {
        login_name: login_name.to_owned(),
        password_hash: Some(Secret("hash".to_owned())),
        ..AgentEntry::default()
    };
    let anna = AgentEntry {
        display_name: Some("Anna, \"Änn\"\nMoll".to_owned()),
        role: Some(vec!["agent".to_owned(), "night shift".to_owned()]),
        phone: Some("+4930".to_owned()),
        phone_ha1_md5: secret(32),
        phone_ha1_sha256: secret(64),
        chats_max: Some(2),
        queues: Some(vec!["Sales".to_owned(), "A, B: C".to_owned()]),
        skills: [("Sales".to_owned(), 7), ("A, B: C".to_owned(), 255)].into(),
        ..person("anna")
    };
    let bert = AgentEntry {
        phone: Some("sip:bert@192.0.2.1".to_owned()),
        active: Some(false),
        voice_only: Some(true),
        ..person("=bert")
    };
    let role = RoleEntry { name: "night shift".to_owned(), ..RoleEntry::default() };
    let changes = [queue("Sales"), queue("Support"), queue("A, B: C"), Change::PutRole(role)];
    let changes: Vec<Change> = changes.into_iter().chain([anna, bert].map(Change::PutAgent)).collect();
    Company::new(CompanyId(1), "X").unwrap().change(&changes, &Outside::default()).unwrap()
}

/// What a line makes of whom.
fn shown(person: &PersonLine) -> String {
    let PersonLine { line, entry, is_new, differs, registers } = person;
    let name = entry.display_name.as_deref().unwrap_or_default().replace('\n', "/");
    let list = |names: &Option<Vec<String>>| names.as_deref().unwrap_or_default().join("+");
    let skills: Vec<String> = entry.skills.iter().map(|(queue, skill)| format!("{queue}:{skill}")).collect();
    let flag = |is: bool, word: &str| if is { format!(" {word}") } else { String::new() };
    let rest = [
        format!(
            "{line}: {} [{name}] {} | {} ({})",
            entry.login_name,
            list(&entry.role),
            list(&entry.queues),
            skills.join("+")
        ),
        format!(
            " | {} {:?} {:?} {:?}",
            entry.phone.as_deref().unwrap_or("none"),
            entry.active,
            entry.voice_only,
            entry.chats_max
        ),
        flag(*is_new, "new") + &flag(*differs, "differs") + &flag(*registers, "registers"),
    ];
    rest.concat()
}

fn persons(table: &str) -> Vec<String> {
    let read = PeopleTable::read(table.as_bytes(), &company());
    assert_eq!(read.faults, [], "{table}");
    read.persons.iter().map(shown).collect()
}

fn faults(table: &str) -> Vec<String> {
    PeopleTable::read(table.as_bytes(), &company()).faults.iter().map(Fault::to_string).collect()
}

const ANNA: &str =
    "anna [Anna, \"Änn\"/Moll] agent+night shift | Sales+A, B: C (A, B: C:255+Sales:7) | +4930 Some(true) Some(false)";

#[test]
fn a_line_says_what_becomes_of_somebody_and_what_it_leaves_out_stays() {
    for (what, table, lines) in [
        (
            "only a name, of somebody new",
            "login_name\nkim\n",
            vec!["2: kim []  |  () | none None None None new differs".to_owned()],
        ),
        ("only a name that is there", "Anmeldename;\nanna;\n", vec![format!("2: {ANNA} Some(2)")]),
        (
            "empty cells",
            "Log-in name,Roles,Queues,Desk phone,May work,Phone only,Chats at once\nanna,,,,,,\n",
            vec![format!("2: {ANNA} Some(2)")],
        ),
        (
            "nothing, where it is said",
            "login,queues,phone,chats_max\nanna,-,-,-\n",
            vec![
                "2: anna [Anna, \"Änn\"/Moll] agent+night shift |  () | none Some(true) Some(false) None differs"
                    .to_owned(),
            ],
        ),
        (
            "everything of somebody new, in German",
            "Anmeldename;Angezeigter Name;Rollen;Warteschleifen;Tischtelefon;Darf arbeiten;Nur Telefon;Chats gleichzeitig\r\n\
             kim;Kim Ö;Teamleitung, Agent;Support:9, Sales;4711;Ja;nein;0\r\n",
            vec![
                "2: kim [Kim Ö] agent+supervisor | Sales+Support (Support:9) | 4711 Some(true) Some(false) Some(0) new \
                 differs registers"
                    .to_owned(),
            ],
        ),
        (
            "names with separators in them, other cases, other spaces",
            "login;Queues\nkim;\"a, b: c : 3;SALES\nSupport :0\"\n",
            vec!["2: kim []  | Sales+Support+A, B: C (A, B: C:3) | none None None None new differs".to_owned()],
        ),
        (
            "phones: the same, another one, one at a fixed address",
            "login;phone\nanna;+4930\n'=bert;4712\nkim;sip:kim@192.0.2.1\n",
            vec![
                format!("2: {ANNA} Some(2)"),
                "3: =bert [=bert] agent |  () | 4712 Some(false) Some(true) None differs registers".to_owned(),
                "4: kim []  |  () | sip:kim@192.0.2.1 None None None new differs".to_owned(),
            ],
        ),
        ("headers alone", "login_name;queues\n", vec![]),
    ] {
        assert_eq!(persons(table), lines, "{what}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once_each_with_its_place_and_what_is_accepted() {
    let columns = "Log-in name, Name that is shown, Roles, Queues, Desk phone, May work, Phone only, Chats at once";
    let long = "x".repeat(201);
    for (what, table, expected) in [
        ("nothing", "", vec!["the table is empty, expected a line with the names of the columns".to_owned()]),
        (
            "headers",
            "Queues;Warteschleifen;Salary\n;;\n",
            vec![
                "line 1, column `Warteschleifen`: says the same as the column `Queues`, expected one of the two".to_owned(),
                format!("line 1, column `Salary`: there is no such column, expected some of: {columns}"),
                "line 1: the column `Log-in name` is missing".to_owned(),
            ],
        ),
        (
            "lines",
            "login;name;\nkim;Kim\n;Nobody;\n\nkim;;x\nkim;\"two\nlines\";\nlee;Lee;\n",
            vec![
                "line 2: has 2 columns, expected 3 (is a text with a separator in it without quotes?)".to_owned(),
                "line 3, column `login`: the name is empty".to_owned(),
                "line 5: `x` stands in a column without a name".to_owned(),
                "line 6, column `login`: stands in line 5 already".to_owned(),
                "line 6, column `name`: the name holds a line end or another control character, expected a text without"
                    .to_owned(),
            ],
        ),
        (
            "cells",
            "login,Rollen,queues,active,voice_only,chats_max\n\
             kim,\"boss, agent, AGENT\",\"Sales:999, Slaes:3, Support, Support:2, Sales:x\",maybe,,-1\n",
            vec![
                "line 2, column `Rollen`: there is no role `boss`, expected some of: agent, supervisor, administrator, \
                 night shift"
                    .to_owned(),
                "line 2, column `Rollen`: `agent` is there twice, expected once".to_owned(),
                "line 2, column `queues`: `Sales`: found `999`, expected a skill from 0 to 255, as in `Sales:7`".to_owned(),
                "line 2, column `queues`: there is no queue `Slaes`, expected one of: Sales, Support, A, B: C".to_owned(),
                "line 2, column `queues`: `Support` is there twice, expected once".to_owned(),
                "line 2, column `queues`: `Sales`: found `x`, expected a skill from 0 to 255, as in `Sales:7`".to_owned(),
                "line 2, column `active`: found `maybe`, expected one of: yes, true, 1, ja, wahr, x, no, false, 0, nein, \
                 falsch"
                    .to_owned(),
                "line 2, column `chats_max`: found `-1`, expected a whole number, or - for as many as is usual".to_owned(),
            ],
        ),
        (
            "what is too long",
            &format!("login,name,phone\n{long},{long},{long}\n"),
            ["login", "name", "phone"]
                .map(|column| {
                    format!("line 2, column `{column}`: a text is too long, expected 200 characters or fewer")
                })
                .to_vec(),
        ),
        (
            "cells where nobody is known",
            "queues\nSlaes\n",
            vec![
                "line 1: the column `Log-in name` is missing".to_owned(),
                "line 2, column `queues`: there is no queue `Slaes`, expected one of: Sales, Support, A, B: C".to_owned(),
            ],
        ),
    ] {
        assert_eq!(faults(table), expected, "{what}");
    }
}

#[test]
fn what_is_wrong_has_a_place_for_programs_and_german_words() {
    let read = PeopleTable::read("Anmeldename;Warteschleifen;X\nkim;Sales:999;\n".as_bytes(), &company());
    let [header, skill] = &read.faults[..] else { panic!("{:?}", read.faults) };
    assert_eq!((header.place().as_str(), skill.place().as_str()), ("lines/1", "lines/2/queues"));
    assert!(header.german().starts_with("Zeile 1, Spalte „X“: Diese Spalte ist nicht bekannt."), "{}", header.german());
    assert_eq!(
        skill.german(),
        "Zeile 2, Spalte „Warteschleifen“: „Sales“: „999“ geht nicht. Das Können ist eine Zahl von 0 bis 255, zum \
         Beispiel Sales:7."
    );
}

#[test]
fn what_the_company_refuses_stands_at_its_line() {
    let mut read = PeopleTable::read("login;phone;active\nkim;4711;\nlee;4711;vielleicht\n".as_bytes(), &company());
    let mut refusals = Refusals::default();
    refusals.add(Kind::Agent, "lee", (Some("phone"), Why::PhoneTaken("4711".to_owned())));
    refusals.add(Kind::Agent, "kim", (None, Why::OtherCompany));
    refusals.add(Kind::Agent, "anna", (Some("role"), Why::MoreThanOwn));
    refusals.add(Kind::Company, "X", (None, Why::NobodyLeft));
    let left = read.refuse(refusals);
    assert_eq!(left.0.iter().map(|refusal| refusal.name.as_str()).collect::<Vec<_>>(), ["anna", "X"]);
    let told: Vec<String> = read.faults.iter().map(|fault| format!("{} {fault}", fault.place())).collect();
    assert_eq!(told[0], "lines/2/login_name line 2, column `login`: belongs to another company");
    assert!(told[1].starts_with("lines/3/active line 3, column `active`: found `vielleicht`"), "{told:?}");
    assert_eq!(told[2], "lines/3/phone line 3, column `phone`: the phone 4711 belongs to another agent");
    assert_eq!(told.len(), 3);
}

#[test]
fn a_table_that_was_written_changes_nothing_and_the_template_makes_one_person() {
    let company = company();
    for (language, head) in [
        (Language::De, "\u{feff}Anmeldename;Angezeigter Name;Rollen;"),
        (Language::En, "\u{feff}Log-in name,Name that is shown,Roles,"),
    ] {
        let table = people_table(&company, language);
        assert!(table.starts_with(head), "{table}");
        assert!(
            table.contains("'=bert") && table.contains("\"Sales:7, A, B: C:255\"") == (language == Language::En),
            "{table}"
        );
        let read = PeopleTable::read(table.as_bytes(), &company);
        assert_eq!((read.faults.len(), read.persons.len()), (0, 2), "{:?}", read.faults);
        assert!(read.persons.iter().all(|person| !person.is_new && !person.differs && !person.registers), "{table}");

        let template = people_template(&company, language);
        let read = PeopleTable::read(template.as_bytes(), &company);
        assert_eq!((read.faults.len(), read.persons.len()), (0, 1), "{:?}", read.faults);
        assert!(read.persons[0].is_new && read.persons[0].registers);
        let empty = Company::new(CompanyId(2), "Empty").unwrap();
        assert_eq!(PeopleTable::read(people_template(&empty, language).as_bytes(), &empty).faults, []);
    }
}

#[test]
fn a_table_of_people_has_its_bounds() {
    let one = |table: &[u8]| PeopleTable::read(table, &company()).faults.remove(0).why;
    let big = vec![b'x'; PEOPLE_BYTES_MAX + 1];
    assert_eq!(one(&big), FaultWhy::TooBig { found: PEOPLE_BYTES_MAX + 1 });
    let people = |count: usize| (0..count).map(|number| format!("{number}\n")).collect::<String>();
    assert_eq!(one(format!("login\n{}", people(PEOPLE_LINES_MAX + 1)).as_bytes()), FaultWhy::TooManyLines);
    let most = PeopleTable::read(format!("login\n{}", people(PEOPLE_LINES_MAX)).as_bytes(), &company());
    assert_eq!((most.persons.len(), most.faults.len()), (PEOPLE_LINES_MAX, 0));
}

#[test]
fn what_roles_forbid_is_found_whatever_else_is_wrong() {
    let chief = AgentEntry { role: Some(vec!["administrator".to_owned()]), ..AgentEntry::default() };
    let chief = AgentEntry { login_name: "chief".to_owned(), password_hash: Some(Secret::default()), ..chief };
    let outside = Outside { next: NextIds { agent: 3, ..NextIds::default() }, ..Outside::default() };
    let company = company().change(&[Change::PutAgent(chief)], &outside).unwrap();
    for (author, table, expected) in [
        ("chief", "login,role,phone\nanna,administrator,4711\nkim,supervisor,4711\n", vec![]),
        ("chief", "login,active,queues\nchief,no,Slaes\n", vec![("X", Why::NobodyLeft)]),
        (
            "anna",
            "login,role,phone\nlee,agent,4711\nkim,supervisor,4711\n'=bert,administrator,\n",
            vec![("=bert", Why::MoreThanOwn), ("kim", Why::MoreThanOwn)],
        ),
    ] {
        let found = PeopleTable::read(table.as_bytes(), &company).forbidden(&company, Editor::Agent(author));
        let found: Vec<(&str, Why)> = found.0.iter().map(|one| (one.name.as_str(), one.why.clone())).collect();
        assert_eq!(found, expected, "{table}");
    }
}

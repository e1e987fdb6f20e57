//! Does the domain do what the scenarios say? Each file in `scenarios/` is a test of its name, played on pure machines.
//! The language's own tests are beside them: what is misspelt is refused, and every expectation can fail.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

#[path = "scenario/controls.rs"]
mod controls;
#[path = "scenario/mod.rs"]
mod scenario;
mod world;

use std::collections::BTreeSet;
use std::fs::read_to_string;
use world::World;

macro_rules! a_test_of_each {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            scenario::play_file(stringify!($name), World::open).unwrap_or_else(|problem| panic!("{problem}"));
        }
    )*};
}
scenario::for_each_file!(a_test_of_each);

#[test]
fn every_file_is_a_test() {
    let found = std::fs::read_dir(scenario::folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let found = found.filter_map(|name| Some(name.to_str()?.strip_suffix(".scenario")?.replace('-', "_")));
    let listed = scenario::FILES.iter().map(|name| (*name).to_owned());
    assert_eq!(found.collect::<BTreeSet<_>>(), listed.collect(), "left: files, right: the list in scenario/files.rs");
}

#[test]
fn every_file_begins_with_what_it_is_about_and_stands_in_the_readme_and_nothing_else_does() {
    let readme = read_to_string(scenario::folder().join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix("` |")?.rsplit_once("| `"));
    let rows: Vec<_> = rows.flat_map(|(_, files)| files.split("`, `")).collect();
    for name in scenario::FILES {
        let file = scenario::file(name);
        let text = read_to_string(scenario::folder().join(&file)).unwrap();
        assert!(text.starts_with("# "), "{file}:1: expected `# ` and the row or the R-number");
        assert!(rows.contains(&file.as_str()), "README.md has no row for {file}");
    }
    for file in rows {
        assert!(scenario::FILES.iter().any(|name| scenario::file(name) == file), "README.md: there is no {file}");
    }
}

#[test]
fn the_readme_names_every_form_and_no_other() {
    let readme = read_to_string(scenario::folder().join("README.md")).unwrap();
    let reference = readme.split("```").nth(3).unwrap();
    let named = reference.lines().filter(|line| line.starts_with("  ")).flat_map(|line| line.split(" | "));
    assert_eq!(named.map(str::trim).collect::<BTreeSet<_>>(), all_forms(), "left: README.md, right: the language");
}

#[test]
fn the_readmes_example_is_a_scenario() {
    let readme = read_to_string(scenario::folder().join("README.md")).unwrap();
    played(readme.split("```").nth(1).unwrap()).unwrap_or_else(|problem| panic!("{problem}"));
}

#[test]
fn every_form_is_used_in_a_file() {
    let mut used = BTreeSet::new();
    for name in scenario::FILES {
        let file = scenario::file(name);
        let text = read_to_string(scenario::folder().join(&file)).unwrap();
        let scenarios = scenario::read(&file, &text).unwrap();
        used.extend(scenarios.iter().flat_map(scenario::Scenario::forms));
    }
    let unused: Vec<_> = all_forms().difference(&used).copied().collect();
    assert!(unused.is_empty(), "no scenario uses {unused:#?}");
}

fn all_forms() -> BTreeSet<&'static str> {
    let all = scenario::vocabulary();
    [all.queues, all.agents, all.doings, all.expectations].concat().into_iter().collect()
}

fn played(text: &str) -> Result<(), String> {
    scenario::play("it.scenario", text, World::open)
}

fn refused(text: &str) -> String {
    played(text).expect_err(text)
}

#[test]
fn every_expectation_can_fail() {
    let mut controlled = BTreeSet::new();
    for (story, holds, fails) in controls::CONTROLS {
        let with = |end: &str| {
            let all = format!("{story}; {end}").replace("; ", "\n");
            let (before, expectation) = all.rsplit_once('\n').unwrap();
            format!("{}{before}\n  {expectation}", controls::SETTINGS)
        };
        played(&with(holds)).unwrap_or_else(|problem| panic!("{problem}"));
        let problem = refused(&with(fails));
        assert!(problem.contains(&format!("expected `{}`", fails.rsplit("; ").next().unwrap())), "{problem}");
        let last = |expectation: &str| scenario::read("it", &with(expectation)).unwrap()[0].forms().last().unwrap();
        assert_eq!(last(holds), last(fails), "both must be of the same form");
        controlled.insert(last(holds));
    }
    let all: BTreeSet<_> = scenario::vocabulary().expectations.into_iter().collect();
    assert_eq!(controlled, all, "left: what has a control, right: all expectations");
}

#[test]
fn what_is_misspelt_is_refused_with_its_place_and_with_what_there_is() {
    let problem = refused("queue Service\nagent Anna\n\nAnna pickz chat 1\n");
    assert!(problem.starts_with("it.scenario:4: `Anna pickz chat 1` is not a statement."), "{problem}");
    assert!(problem.contains("\n  <agent> picks <item>\n"), "{problem}");
    let problem = refused("queue Service\nagent Anna\nchat 1 arrives\n  chat 1 wait in Service\n");
    assert!(problem.starts_with("it.scenario:4: `chat 1 wait in Service` is not an expectation."), "{problem}");
    assert!(problem.contains("\n  <item> waits in <queue>\n"), "{problem}");
    let problem = refused("queue Service: pushes chat\n10 s pass");
    assert!(problem.starts_with("it.scenario:1: `pushes chat` is not a setting."), "{problem}");
    assert!(problem.contains("\n  pushes chats\n"), "{problem}");
}

#[test]
fn a_name_that_nobody_has_is_refused_with_those_that_there_are() {
    let problem = refused("queue Service\nagent Anna\nAna picks chat 1\n");
    assert_eq!(problem, "it.scenario:3: nobody and nothing is called `Ana`: there is Service, Anna");
    let problem = refused("queue Service\nagent Anna\nchat 1 arrives\nAnna picks chat 2\n  chat 3 waits in Service");
    assert!(
        problem.starts_with("it.scenario:5: expected `chat 3 waits in Service`\n  found there is no chat 3"),
        "{problem}"
    );
}

#[test]
fn a_refusal_that_is_not_expected_is_a_mistake() {
    let story = "queue Service\nagent Anna: at most 1 chats\nAnna picks chat 1\nAnna picks chat 2\n";
    let problem = refused(&format!("{story}10 s pass\n"));
    assert!(problem.starts_with("it.scenario:5: found `refused: the maximum number of chats is reached`"), "{problem}");
    assert!(refused(story).starts_with("it.scenario:4: found `refused: "));
    assert!(refused(&format!("{story}  chat 1 is active with Anna")).starts_with("it.scenario:5: found `refused: "));
    played(&format!("{story}  refused: the maximum number of chats is reached")).unwrap();
}

#[test]
fn settings_come_first_and_names_are_given_once() {
    assert!(refused("queue Service\n10 s pass\nagent Anna").starts_with("it.scenario:3: settings come before"));
    assert!(refused("queue Service\nagent Service\n").starts_with("it.scenario:2: `Service` cannot be a name"));
    assert!(refused("queue Service\nmeanwhile 10 s pass").starts_with("it.scenario:2: `meanwhile` crosses"));
    assert!(refused("queue Service\nagent anna\n").starts_with("it.scenario:2: `anna` cannot be a name"));
}

#[test]
fn a_file_or_a_part_of_one_that_says_nothing_is_refused() {
    assert_eq!(refused("# nothing\n"), "it.scenario: `it.scenario` says nothing");
    assert_eq!(refused("queue Service\n10 s pass\n--- Empty\n"), "it.scenario: `Empty` says nothing");
}

#[test]
fn what_cannot_be_done_is_a_mistake() {
    let problem = refused("queue Service\nagent Anna\nAnna answers\n");
    assert!(problem.starts_with("it.scenario:3: `Anna answers`: Anna's phone does not ring"), "{problem}");
    let problem = refused("queue Service\nagent Anna\nchat 1 arrives\nchat 1 arrives\n");
    assert!(problem.starts_with("it.scenario:4: `chat 1 arrives`: chat 1 is there already"), "{problem}");
}

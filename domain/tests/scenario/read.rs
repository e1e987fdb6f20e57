//! From text to scenarios: every line is understood before the first one is played.
//! Nothing here plays one.

use super::arguments::Args;
use super::doing::{DOINGS, Doing};
use super::expecting::{EXPECTATIONS, Expectation};
use super::form::{fill, is_a_name, text, words};
use super::settings::{self, SETTINGS_OF_AGENTS, SETTINGS_OF_QUEUES};
use super::stage::Setup;

/// One scenario of a file.
pub struct Scenario {
    pub title: String,
    pub setup: Setup,
    /// The forms of the settings.
    pub settings: Vec<&'static str>,
    pub lines: Vec<Line>,
}

/// A line that was understood.
pub struct Line {
    /// Counted in the file, from 1.
    pub number: usize,
    pub text: String,
    pub means: Means,
}

/// What a line means.
pub enum Means {
    /// Somebody does something; `meanwhile`: before anything that the line before it causes has got anywhere.
    Does { doing: &'static Doing, args: Args, meanwhile: bool },
    /// Something holds now.
    Holds { expectation: &'static Expectation, args: Args },
}

/// All forms of lines: settings of queues, settings of agents, what can be done, what can hold.
pub struct Vocabulary {
    pub queues: Vec<&'static str>,
    pub agents: Vec<&'static str>,
    pub doings: Vec<&'static str>,
    pub expectations: Vec<&'static str>,
}

/// All that can be written.
pub fn vocabulary() -> Vocabulary {
    Vocabulary {
        queues: SETTINGS_OF_QUEUES.iter().map(|form| form.words).collect(),
        agents: SETTINGS_OF_AGENTS.iter().map(|form| form.words).collect(),
        doings: DOINGS.iter().map(|form| form.words).collect(),
        expectations: EXPECTATIONS.iter().map(|form| form.words).collect(),
    }
}

/// Understands a file.
///
/// # Errors
/// File and line of what is not understood, and what can be written there.
pub fn read(file: &str, text: &str) -> Result<Vec<Scenario>, String> {
    let mut scenarios = vec![Scenario::new(file)];
    for (number, line) in (1..).zip(text.lines()) {
        let place = |problem: String| format!("{file}:{number}: {problem}");
        let Some(scenario) = scenarios.last_mut() else { continue };
        if let Some(title) = line.strip_prefix("---") {
            if scenario.lines.is_empty() {
                scenarios.pop();
            }
            scenarios.push(Scenario::new(title.trim()));
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            scenario.understand(number, line).map_err(place)?;
        }
    }
    match scenarios.iter().find(|scenario| scenario.lines.is_empty()) {
        Some(scenario) => Err(format!("{file}: `{}` says nothing", scenario.title)),
        None => Ok(scenarios),
    }
}

impl Scenario {
    fn new(title: &str) -> Scenario {
        Scenario { title: title.to_owned(), setup: Setup::default(), settings: vec![], lines: vec![] }
    }

    /// The forms of all its lines and settings.
    pub fn forms(&self) -> impl Iterator<Item = &'static str> {
        let lines = self.lines.iter().map(|line| match &line.means {
            Means::Does { doing, .. } => doing.words,
            Means::Holds { expectation, .. } => expectation.words,
        });
        self.settings.iter().copied().chain(lines)
    }

    fn understand(&mut self, number: usize, line: &str) -> Result<(), String> {
        let said = words(line);
        let is_indented = line.starts_with(' ');
        if !is_indented && settings::is_setting(&said) {
            if !self.lines.is_empty() {
                return Err("settings come before the first thing that happens".to_owned());
            }
            self.settings.extend(settings::set(&mut self.setup, &said)?);
            return Ok(());
        }
        let means = if is_indented { self.holds(&said)? } else { self.does(&said)? };
        self.lines.push(Line { number, text: line.trim().to_owned(), means });
        Ok(())
    }

    fn does(&self, said: &[String]) -> Result<Means, String> {
        let rest = said.strip_prefix(["meanwhile".to_owned()].as_slice());
        let (said, meanwhile) = (rest.unwrap_or(said), rest.is_some());
        if meanwhile && !self.lines.last().is_some_and(|line| matches!(line.means, Means::Does { .. })) {
            return Err("`meanwhile` crosses what is done in the line before: here is none".to_owned());
        }
        let found = DOINGS.iter().find_map(|doing| Some((doing, fill(doing.words, said, &self.setup, false)?)));
        let (doing, args) = found.ok_or_else(|| self.unknown(said, "a statement", &vocabulary().doings))?;
        Ok(Means::Does { doing, args, meanwhile })
    }

    fn holds(&self, said: &[String]) -> Result<Means, String> {
        let forms = EXPECTATIONS.iter();
        let found = forms.clone().find_map(|form| Some((form, fill(form.words, said, &self.setup, false)?)));
        let (expectation, args) =
            found.ok_or_else(|| self.unknown(said, "an expectation", &vocabulary().expectations))?;
        Ok(Means::Holds { expectation, args })
    }

    fn unknown(&self, said: &[String], what: &str, forms: &[&str]) -> String {
        let stranger = said.iter().find(|word| is_a_name(word) && !self.setup.knows(word));
        if let Some(name) = stranger
            && forms.iter().any(|form| fill(form, said, &self.setup, true).is_some())
        {
            return format!("nobody and nothing is called `{name}`: there is {}", self.setup.names().join(", "));
        }
        format!("`{}` is not {what}. There is\n  {}", text(said), forms.join("\n  "))
    }
}

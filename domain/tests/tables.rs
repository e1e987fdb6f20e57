//! The state tables: what each machine does in its typical states with everything that can be asked of it.
//! They stand in tables/*.md and are compared with what the machines do; `UPDATE_TABLES=1` writes them anew.
#![allow(clippy::expect_used)]

use domain::message::{Effect, Message};
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fmt::Write;

#[path = "tables/agent.rs"]
mod agent;
#[path = "tables/call.rs"]
mod call;
#[path = "tables/chat.rs"]
mod chat;
#[path = "tables/may.rs"]
mod may;
#[path = "tables/notation.rs"]
mod notation;
#[path = "tables/queue.rs"]
mod queue;
#[path = "tables/task.rs"]
mod task;

const BEGIN: Timestamp = Timestamp(1_000_000_000);

/// An enum whose variants can be counted. Its list is complete, or the match does not compile.
trait Variants {
    const NAME: &'static str;
    const ALL: &'static [&'static str];
    fn variant(&self) -> &'static str;

    fn part(&self) -> Part {
        (Self::NAME, self.variant())
    }
}

/// An enum that a state is made of, and one of its variants.
type Part = (&'static str, &'static str);

macro_rules! variants {
    ($($enum:ident { $($variant:ident),* $(,)? })*) => {$(
        impl $crate::Variants for $enum {
            const NAME: &'static str = stringify!($enum);
            const ALL: &'static [&'static str] = &[$(stringify!($variant)),*];
            fn variant(&self) -> &'static str {
                match self { $($enum::$variant { .. } => stringify!($variant)),* }
            }
        }
    )*};
}
use variants;

/// A machine in a state that has a name, and the time.
#[derive(Clone)]
struct State<M> {
    name: &'static str,
    machine: M,
    now: Timestamp,
}

impl<M: Machine + Clone> State<M> {
    /// Nothing has happened yet.
    fn fresh(name: &'static str) -> State<M> {
        State { name, machine: M::default(), now: BEGIN }
    }

    /// The same under another name, from which more follows.
    fn but(&self, name: &'static str) -> State<M> {
        State { name, ..self.clone() }
    }

    /// After a command, and a second later.
    fn then(mut self, command: M::Command) -> State<M> {
        let events = self.machine.decide(self.now, &command);
        let events = events.unwrap_or_else(|refusal| panic!("on the way to `{}`: {refusal}", self.name));
        assert!(!events.is_empty(), "on the way to `{}`: nothing happens", self.name);
        events.iter().for_each(|event| self.machine.apply(event));
        self.now = self.now + Span::seconds(1);
        self
    }

    /// After its deadline has passed.
    fn wakes(mut self) -> State<M> {
        let deadline = self.machine.deadline();
        self.now = deadline.unwrap_or_else(|| panic!("on the way to `{}`: no deadline", self.name));
        let due = M::due(self.now);
        self.then(due)
    }
}

/// A command, and what about it matters that its words don't say.
struct Row<C> {
    command: C,
    note: &'static str,
}

fn row<C>(note: &'static str, command: C) -> Row<C> {
    Row { command, note }
}

/// What a table needs to know of its machine.
trait Tabled: Machine<Command: Debug + Variants, Event: Debug + Variants> + Clone {
    const TITLE: &'static str;
    /// Who and what the ids in the table are.
    const CAST: &'static str;
    fn states() -> Vec<State<Self>>;
    /// What is asked in each state.
    fn rows(&self, now: Timestamp) -> Vec<Row<Self::Command>>;
    /// The state in a line, without times.
    fn describe(&self) -> String;
    /// What else is worth knowing of the state.
    fn remark(&self) -> String {
        String::new()
    }
    /// The variants of which the state is made.
    fn parts(&self) -> Vec<Part>;
    const PARTS: &'static [(&'static str, &'static [&'static str])];
}

/// What a command does.
enum Answer<E> {
    Nothing,
    Refused(Refusal),
    Happens { events: Vec<E>, effects: Vec<Effect> },
}

fn answer<M: Tabled>(machine: &mut M, now: Timestamp, command: &M::Command) -> Answer<M::Event> {
    match machine.decide(now, command) {
        Err(refusal) => Answer::Refused(refusal),
        Ok(events) if events.is_empty() => Answer::Nothing,
        Ok(events) => {
            let mut effects = vec![];
            for event in &events {
                machine.apply(event);
                effects.extend(machine.react(event));
            }
            Answer::Happens { events, effects }
        }
    }
}

/// The rows of a state: those of its machine, and its deadline.
fn asked<M: Tabled>(state: &State<M>) -> Vec<(Timestamp, Row<M::Command>)> {
    let mut rows: Vec<_> = state.machine.rows(state.now).into_iter().map(|row| (state.now, row)).collect();
    if let Some(deadline) = state.machine.deadline() {
        rows.push((deadline, row("its deadline passes", M::due(deadline))));
    }
    rows
}

fn label<C: Debug + Variants>(now: Timestamp, row: &Row<C>) -> String {
    match (row.command.variant(), row.note) {
        ("Due", note) => note.to_owned(),
        (_, "") => notation::short(&row.command, now),
        (_, note) => format!("{} *({note})*", notation::short(&row.command, now)),
    }
}

fn told(effect: &Effect, now: Timestamp) -> String {
    match effect {
        Effect::Tell(Message::Agent { id, command }) => format!("{id:?}: {}", notation::short(command, now)),
        Effect::Tell(Message::Queue { id, command }) => format!("{id:?}: {}", notation::short(command, now)),
        Effect::Tell(Message::Chat { id, command }) => format!("{id:?}: {}", notation::short(command, now)),
        Effect::Tell(Message::Call { id, command }) => format!("{id:?}: {}", notation::short(command, now)),
        Effect::Tell(Message::Task { id, command }) => format!("{id:?}: {}", notation::short(command, now)),
        Effect::Signal(call, signal) => format!("telephony of {call:?}: {}", notation::short(signal, now)),
        Effect::Notice(agent, item, refusal) => {
            format!("screen of {agent:?}: {}, \"{refusal}\"", notation::short(item, now))
        }
    }
}

fn wakes<M: Machine>(machine: &M, now: Timestamp) -> String {
    machine
        .deadline()
        .map_or_else(|| "no deadline".to_owned(), |at| format!("deadline {}", notation::relative(at, now)))
}

/// The state afterwards: by its name if it is one of those in the table, else in a line.
fn afterwards<M: Tabled>(names: &BTreeMap<String, &str>, before: &State<M>, after: &M, now: Timestamp) -> String {
    let described = after.describe();
    let state = match names.get(&described) {
        _ if described == before.machine.describe() => "unchanged".to_owned(),
        Some(name) => format!("**{name}**"),
        None => described,
    };
    if after.deadline() == before.machine.deadline() { state } else { format!("{state}; {}", wakes(after, now)) }
}

/// A command in words, and what comes of it in words.
#[derive(Clone, PartialEq)]
struct Line {
    label: String,
    outcome: Outcome,
}

#[derive(Clone, PartialEq)]
enum Outcome {
    Nothing,
    Refused(String),
    /// What happens, the state afterwards, and what is told to whom.
    Happens(String),
}

fn lines<M: Tabled>(names: &BTreeMap<String, &str>, state: &State<M>) -> Vec<Line> {
    let outcome = |now, row: &Row<M::Command>| {
        let mut after = state.machine.clone();
        match answer(&mut after, now, &row.command) {
            Answer::Nothing => Outcome::Nothing,
            Answer::Refused(refusal) => Outcome::Refused(refusal.to_string()),
            Answer::Happens { events, effects } => {
                let events: Vec<_> = events.iter().map(|event| notation::short(event, now)).collect();
                let effects: Vec<_> = effects.iter().map(|effect| told(effect, now)).collect();
                let after = afterwards(names, state, &after, now);
                Outcome::Happens(format!("{} | {after} | {}", events.join("; "), effects.join("; ")))
            }
        }
    };
    asked(state).iter().map(|(now, row)| Line { label: label(*now, row), outcome: outcome(*now, row) }).collect()
}

/// Lines as a table, with the refusals and the do-nothings below; the same outcome of several commands is one row.
fn write_lines<'a>(text: &mut String, lines: impl Iterator<Item = &'a Line>) {
    let mut nothing = vec![];
    let mut refused: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut happens: Vec<(Vec<&str>, &str)> = vec![];
    for Line { label, outcome } in lines {
        match outcome {
            Outcome::Nothing => nothing.push(label.as_str()),
            Outcome::Refused(refusal) => refused.entry(refusal).or_default().push(label),
            Outcome::Happens(cells) => match happens.iter_mut().find(|(_, same)| same == cells) {
                Some((labels, _)) => labels.push(label),
                None => happens.push((vec![label], cells)),
            },
        }
    }
    if !happens.is_empty() {
        text.push_str("\n| Command | What happens | Afterwards | Told to whom |\n|---|---|---|---|\n");
    }
    for (labels, cells) in happens {
        writeln!(text, "| {} | {cells} |", labels.join("<br>")).expect("a text");
    }
    for (refusal, labels) in refused {
        write!(text, "\n**Refused**, \"{refusal}\": {}.\n", labels.join("; ")).expect("a text");
    }
    if !nothing.is_empty() {
        write!(text, "\n**Nothing happens** on: {}.\n", nothing.join("; ")).expect("a text");
    }
}

const HOW_TO_READ: &str = "\
Each section is a state: first what it is and when it ends by itself, then what each command does there. `now` is the
time of the command; what a command or an event says without a time happens now. *Afterwards* names another section where one
fits. Commands that are refused, and those on which nothing happens, stand below each table; what is answered alike in all
states stands in the first one. Sequence numbers, settings and the board's reasons are left out.
`call1→a1#2` is the offer of call1 to agent a1 that is this call's second attempt.

Generated by `UPDATE_TABLES=1 cargo test -p domain --test tables`, and compared by the same test without it.
";

fn table<M: Tabled>() -> String {
    let states = M::states();
    let mut names = BTreeMap::new();
    for state in &states {
        names.entry(state.machine.describe()).or_insert(state.name);
    }
    let sections: Vec<Vec<Line>> = states.iter().map(|state| lines(&names, state)).collect();
    let (first, others) = sections.split_first().expect("a state");
    let everywhere: Vec<&Line> =
        first.iter().filter(|line| others.iter().all(|section| section.contains(line))).collect();

    let contents: Vec<_> = states.iter().map(|state| format!("[{}](#{})", state.name, anchor(state.name))).collect();
    let (title, cast, contents) = (M::TITLE, M::CAST, contents.join(" · "));
    let mut text = format!("# {title}\n\n{HOW_TO_READ}\n{cast}\n\n{contents}\n\n## In every state\n");
    write_lines(&mut text, everywhere.iter().copied());
    for (n, (state, section)) in states.iter().zip(&sections).enumerate() {
        let (what, ends) = (state.machine.describe(), wakes(&state.machine, state.now));
        write!(text, "\n## {}\n\n{what}; {ends}.\n{}", state.name, state.machine.remark()).expect("a text");
        match sections[..n].iter().position(|earlier| earlier == section) {
            Some(twin) => writeln!(text, "\nEverything is answered as in *{}*.", states[twin].name).expect("a text"),
            None => write_lines(&mut text, section.iter().filter(|line| !everywhere.contains(line))),
        }
    }
    text
}

/// Where a Markdown heading is found.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn check<M: Tabled>(file: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables").join(file);
    let table = table::<M>();
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, table).expect("the table is written");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let (mut is, mut was) = (table.lines(), committed.lines());
    let differs = (1..).map(|line| (line, is.next(), was.next())).find(|(_, is, was)| is != was || is.is_none());
    if let Some((line, is, was)) = differs
        && (is, was) != (None, None)
    {
        panic!(
            "{file}, line {line}\n  was: {was:?}\n  now: {is:?}\nIf that is meant: UPDATE_TABLES=1, and read the diff."
        );
    }
}

/// Every command is asked, every event happens, and every part of the state occurs, somewhere in the table.
fn check_complete<M: Tabled>() {
    let (mut commands, mut events, mut parts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for state in M::states() {
        parts.extend(state.machine.parts());
        for (now, row) in asked(&state) {
            commands.insert(row.command.part());
            match answer(&mut state.machine.clone(), now, &row.command) {
                Answer::Nothing | Answer::Refused(_) => {}
                Answer::Happens { events: happens, .. } => events.extend(happens.iter().map(Variants::part)),
            }
        }
    }
    let of = |name, all: &[&'static str]| -> Vec<Part> { all.iter().map(|variant| (name, *variant)).collect() };
    let missing = |all: Vec<Part>, seen: &BTreeSet<Part>| -> Vec<Part> {
        all.into_iter().filter(|part| !seen.contains(part)).collect()
    };
    assert_eq!(missing(of(M::Command::NAME, M::Command::ALL), &commands), [], "not asked");
    assert_eq!(missing(of(M::Event::NAME, M::Event::ALL), &events), [], "does not happen");
    for (name, all) in M::PARTS {
        assert_eq!(missing(of(name, all), &parts), [], "does not occur");
    }
}

/// Two states of the same name or of the same description would be one.
fn check_distinct<M: Tabled>() {
    let states = M::states();
    let names: BTreeSet<_> = states.iter().map(|state| state.name).collect();
    assert_eq!(names.len(), states.len(), "two states have the same name");
    for state in &states {
        let twin = states.iter().find(|other| other.machine.describe() == state.machine.describe());
        assert_eq!(twin.map(|twin| twin.name), Some(state.name), "two states are described alike");
    }
}

macro_rules! tables {
    ($($name:ident: $machine:ty, $file:literal;)*) => {$(
        #[test]
        fn $name() {
            check_complete::<$machine>();
            check_distinct::<$machine>();
            check::<$machine>($file);
        }
    )*};
}

tables! {
    an_agent_does_what_its_table_says: domain::agent::Agent, "agent.md";
    a_queue_does_what_its_table_says: domain::queue::Queue, "queue.md";
    a_chat_does_what_its_table_says: domain::chat::Chat, "chat.md";
    a_call_does_what_its_table_says: domain::call::Call, "call.md";
    a_task_does_what_its_table_says: domain::task::Task, "task.md";
}

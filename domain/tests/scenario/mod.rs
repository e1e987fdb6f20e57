//! Scenarios: what people do and what holds afterwards, as text. `../scenarios/README.md` is the language's reference.
//! Nothing here looks into a machine otherwise than everybody may, or knows what plays it: that is a [`Stage`].
//!
//! Another crate plays the same files: `#[path = "../domain/tests/scenario/mod.rs"] mod scenario;`, a [`Stage`] of its own,
//! and `scenario::for_each_file!(its_macro)`.
#![allow(dead_code, unused_imports, reason = "each crate that plays the files uses its part")]

mod arguments;
mod doing;
mod expecting;
mod files;
mod form;
mod phones;
mod play;
mod read;
mod settings;
mod stage;
mod standing;

pub(crate) use files::for_each_file;
pub use files::{FILES, file, folder};
pub use read::{Scenario, Vocabulary, read, vocabulary};
pub use stage::{AgentSetup, Arrival, QueueSetup, Setup, Stage};

/// Plays all scenarios of the file with this name.
///
/// # Errors
/// As [`play`].
pub fn play_file(name: &str, open: impl Fn(&Setup) -> Box<dyn Stage>) -> Result<(), String> {
    let file = file(name);
    let path = folder().join(&file);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("read {}: {error}", path.display()))?;
    play(&file, &text, open)
}

/// Plays all scenarios of a text, each on a stage of its own.
///
/// # Errors
/// The file, the line, what was expected there and what was found.
pub fn play(file: &str, text: &str, open: impl Fn(&Setup) -> Box<dyn Stage>) -> Result<(), String> {
    for scenario in read(file, text)? {
        let stage = open(&scenario.setup);
        play::play(&scenario, stage).map_err(|problem| format!("{file}:{problem}"))?;
    }
    Ok(())
}

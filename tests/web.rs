//! The web's side of a running daemon, as programs on the network find it: log-ins, slow clients, routes, headers.
//! Never looks inside: what counts is what is answered, what is logged, and how much memory it takes.

mod api_keys;
mod bans;
pub mod client;
mod company;
mod contact_tables;
mod contacts;
pub mod document;
mod licence;
mod logins;
mod metrics;
mod once;
mod people;
mod roles;
mod routes;
mod rush;
mod seen;
mod setup;
mod slow;
mod widget;
mod write_ups;

use crate::process::Daemon;
use vorrang::store::{Hashed as _, Secret};

/// Everybody's password.
pub const PASSWORD: &str = "open sesame";

/// A company of so many agents `agent-0`, `agent-1`, …, a supervisor `boss`, and what else there is to be said of it.
pub fn company(agents: usize, more: &str) -> String {
    // Hashed once: hundreds would take long.
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let person = |name: &str, role: &str| {
        format!("[[agent]]\nlogin_name = \"{name}\"\nrole = \"{role}\"\npassword_hash = \"{hash}\"\n")
    };
    let agents: String = (0..agents).map(|number| person(&format!("agent-{number}"), "agent")).collect();
    format!(
        "[company]\nname = \"Alpenrad\"\n[[queue]]\nname = \"Service\"\n{more}{agents}{}",
        person("boss", "supervisor")
    )
}

/// A running daemon of such a company.
fn daemon(agents: usize, settings: &[(&str, &str)]) -> Daemon {
    Daemon::of(&company(agents, ""), settings, None)
}

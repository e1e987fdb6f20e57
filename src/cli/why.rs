//! `vorrang why ITEM`: how it was decided to whom an item went, read from the queues' journals.
//! Never decides anew: what is printed is what was kept.

use super::replay::time;
use crate::actors::ids::{Numbered, Party};
use crate::actors::why::Decision;
use crate::protocol::agent::{CandidateView, WhyView};
use crate::store::{Archive, FloorRows, StoreError};
use domain::id::{AgentId, ItemId, QueueId};
use domain::time::Timestamp;
use std::fmt::Write;

/// All decisions about an item as text, oldest first; `None` if there never was such an item.
///
/// # Errors
/// When the database cannot be read, or a row of it.
pub fn why(archive: &mut Archive, item: ItemId) -> Result<Option<String>, StoreError> {
    let number = Party::from(item).number();
    let Some(company) = archive.company_of(number)? else { return Ok(None) };
    let Some(rows) = archive.floor(company)? else { return Ok(None) };
    let mut out = String::new();
    for row in archive.decisions(company, number)? {
        for decision in Decision::of_row(&row, item)? {
            let view = decision.view(|agent| agent_name(&rows, agent), queue_name(&rows, decision.queue));
            out.extend(view.as_ref().map(text));
        }
    }
    if out.is_empty() {
        _ = writeln!(out, "nobody was asked about {item}");
    }
    Ok(Some(out))
}

fn agent_name(rows: &FloorRows, id: AgentId) -> String {
    let name = rows.agent_name(id);
    if name.is_empty() { Party::Agent(id).to_string() } else { name.to_owned() }
}

fn queue_name(rows: &FloorRows, id: QueueId) -> String {
    let name = rows.queue_name(id);
    if name.is_empty() { Party::Queue(id).to_string() } else { name.to_owned() }
}

fn text(why: &WhyView) -> String {
    let mut out = format!("{} {}: {}\n", time(why.at), why.queue, candidate(&why.winner));
    let preferred = if why.preferred { ", whom the customer had last" } else { "" };
    _ = writeln!(out, "  by {}{preferred}", word(&why.strategy));
    for next in &why.next {
        _ = writeln!(out, "  then {}", candidate(next));
    }
    for passed in &why.passed_over {
        _ = writeln!(out, "  not asked: {} ({})", passed.agents, word(&passed.obstacle));
    }
    out
}

fn candidate(candidate: &CandidateView) -> String {
    let CandidateView { agent, tier, preemptions, since } = candidate;
    let since = if *since == Timestamp(0) { "never had one".to_owned() } else { format!("since {}", time(*since)) };
    let interrupted =
        if *preemptions > 0 { format!(", interrupted {preemptions} times before") } else { String::new() };
    format!("{agent} ({}, {since}{interrupted})", word(tier))
}

/// A value's name as it is written everywhere, with blanks.
fn word(value: &impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned));
    name.unwrap_or_default().replace('_', " ")
}

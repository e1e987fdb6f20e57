//! Which commands of browsers an actor has dealt with, so that none is done twice.
//! It decides nothing and stores nothing: it comes back with the journal, which has a row for each command that was done.

use crate::store::Cause;
use domain::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// How many clients of one actor are remembered for what they had done: a browser that was silent for longer than this
/// many others needed to come by asks anew.
const CLIENTS_MAX: usize = 64;

/// How many commands of one client are remembered, the highest numbers.
const COMMANDS_MAX: usize = 256;

/// How many refusals of one actor are remembered.
const REFUSALS_MAX: usize = 64;

/// Which commands of browsers were done before, so that they are not done again. It comes back with the journal, which has
/// a row for each of them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    clients: BTreeMap<String, Client>,
    turn: u64,
    /// What was refused lately, oldest first: a refusal is no event, but whoever asks again hears the same. It is
    /// forgotten with the daemon; then the command, which was not done, is decided anew.
    #[serde(skip)]
    refused: VecDeque<(Cause, Refusal)>,
}

/// What one client had done.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Client {
    /// The numbers of its commands, each with the digest of what it said.
    done: BTreeMap<u64, u64>,
    /// The highest number that is no longer among them; 0 if all are.
    forgotten: u64,
    /// When it was heard last, in turns of the actor.
    turn: u64,
}

impl Seen {
    /// What is said to a command without deciding anything; `None` if it has to be decided.
    pub(super) fn answer(&self, cause: &Cause) -> Option<Result<(), Refusal>> {
        let (client, command, digest) = match cause {
            // Its place in the outbox went with the commit that names it: it cannot come again.
            Cause::Message { .. } => return None,
            Cause::Client { client, command, digest } => (client, command, digest),
        };
        if let Some((_, refusal)) = self.refused.iter().find(|(refused, _)| refused == cause) {
            return Some(Err(*refusal));
        }
        let client = self.clients.get(client)?;
        match client.done.get(command) {
            Some(done) if done == digest => Some(Ok(())),
            // Two clients under one name. Nobody may hear yes for what was not done.
            Some(_) => Some(Err(Refusal::NumberTaken)),
            None => (*command <= client.forgotten).then_some(Err(Refusal::NumberTaken)),
        }
    }

    /// Takes note of what was refused, so that whoever asks again hears the same.
    pub(super) fn refuse(&mut self, cause: Cause, refusal: Refusal) {
        self.refused.push_back((cause, refusal));
        if self.refused.len() > REFUSALS_MAX {
            self.refused.pop_front();
        }
    }

    /// Takes note of a cause whose row is written.
    pub fn note(&mut self, cause: &Cause) {
        self.turn += 1;
        match cause {
            Cause::Message { .. } => {}
            Cause::Client { client, command, digest } => {
                let known = self.clients.entry(client.clone()).or_default();
                known.turn = self.turn;
                known.done.insert(*command, *digest);
                if known.done.len() > COMMANDS_MAX
                    && let Some((oldest, _)) = known.done.pop_first()
                {
                    known.forgotten = oldest;
                }
                if self.clients.len() > CLIENTS_MAX {
                    let oldest =
                        self.clients.iter().min_by_key(|(_, client)| client.turn).map(|(name, _)| name.clone());
                    oldest.map(|client| self.clients.remove(&client));
                }
            }
        }
    }
}

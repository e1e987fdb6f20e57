//! Who of a company counts for its licence, and who is beyond the number that it names (R1).
//! It never says whether chats may begin: that is `crate::licence`.

use super::{Agent, Company, Defaults};
use crate::agent;
use crate::id::AgentId;
use std::collections::BTreeSet;

impl Company {
    /// Who can have chats and so counts for the licence, by id: whoever is active, serves a queue, has a browser and a maximum
    /// of chats that is not 0; `chats_max` is that of whoever has none of their own.
    pub fn chat_agents(&self, chats_max: u32) -> BTreeSet<AgentId> {
        let agent = agent::Settings { chats_max, ..agent::Settings::default() };
        let defaults = Defaults { agent, ..Defaults::default() };
        let counts = |agent: &&Agent| {
            agent.active && !agent.queues.is_empty() && self.agent_settings(agent, &defaults).takes_chats()
        };
        self.agents.iter().filter(counts).map(|agent| agent.id).collect()
    }

    /// The chat agents beyond so many: those who came last. No chat comes to them any more.
    pub fn beyond_licence(&self, licensed: u32, chats_max: u32) -> BTreeSet<AgentId> {
        self.chat_agents(chats_max).into_iter().skip(usize::try_from(licensed).unwrap_or(usize::MAX)).collect()
    }
}

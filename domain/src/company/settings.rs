//! What the machines are told of a company: its own word where it has one, else the daemon's.
//! It never tells them: whoever keeps them does.

use super::{Agent, Company, Phone, Queue};
use crate::id::QueueId;
use crate::queue::{Destination, Unserved};
use crate::time::Span;
use crate::{agent, chat, queue};

/// What holds where a company says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// For agents.
    pub agent: agent::Settings,
    /// For queues.
    pub queue: queue::Settings,
    /// For chats.
    pub chat: chat::Settings,
}

impl Company {
    /// What holds for one of its people.
    pub fn agent_settings(&self, agent: &Agent, defaults: &Defaults) -> agent::Settings {
        let own_maximum = |queue: &Queue| Some((queue.id, queue.chats_max?));
        agent::Settings {
            chats_max: agent.chats_max.unwrap_or(defaults.agent.chats_max),
            chats_max_in: self.queues.iter().filter_map(own_maximum).collect(),
            voice_only: agent.voice_only,
            phone_registers: !matches!(agent.phone, Some(Phone::Fixed { .. })),
            ..defaults.agent.clone()
        }
    }

    /// What holds for a queue. In one that was removed nothing may wait: it goes on where that overflowed.
    pub fn queue_settings(&self, id: QueueId, defaults: &Defaults) -> queue::Settings {
        let destination = |queue| self.destination(queue, defaults);
        let Some(queue) = self.queue(id) else {
            let (wait_max, overflow) = (Some(Span::ZERO), self.successor(id).map(destination));
            return queue::Settings { wait_max, overflow, unserved: Unserved::Refuse, ..defaults.queue.clone() };
        };
        queue::Settings {
            strategy: queue.strategy.unwrap_or(defaults.queue.strategy),
            pushed: queue.pushed.clone().unwrap_or_else(|| defaults.queue.pushed.clone()),
            head_starts: queue.head_starts.unwrap_or(defaults.queue.head_starts),
            waiting_max: queue.waiting_max.or(defaults.queue.waiting_max),
            wait_max: queue.wait_max.or(defaults.queue.wait_max),
            overflow: queue.overflow.map(destination),
            unserved: queue.unserved.unwrap_or(defaults.queue.unserved),
            ring: queue.ring.unwrap_or(defaults.queue.ring),
            call_wrap_up: queue.call_wrap_up.unwrap_or(defaults.queue.call_wrap_up),
            answer: queue.voice.answer.unwrap_or(defaults.queue.answer),
        }
    }

    /// What holds for the chats of a queue.
    pub fn chat_settings(&self, id: QueueId, defaults: &Defaults) -> chat::Settings {
        let queue = self.queue(id);
        chat::Settings {
            exclusive: queue.map_or(defaults.chat.exclusive, |queue| queue.exclusive),
            wrap_up: queue.and_then(|queue| queue.chat_wrap_up).unwrap_or(defaults.chat.wrap_up),
            ..defaults.chat
        }
    }

    /// A queue, with what holds for chats and for callers there.
    pub fn destination(&self, queue: QueueId, defaults: &Defaults) -> Destination {
        let answer = self.queue(queue).and_then(|queue| queue.voice.answer).unwrap_or(defaults.queue.answer);
        Destination { queue, chat: self.chat_settings(queue, defaults), answer }
    }

    fn queue(&self, id: QueueId) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }
}

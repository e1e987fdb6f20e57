//! Where an item stands, in the words of an expectation: as the item says, its agent agrees, and its queue agrees.
//! Whoever is asked and says otherwise is named: at rest all of them must say the same.

use super::arguments::Name;
use super::play::Play;
use domain::agent::{Active, Agent, Entry, Presence};
use domain::id::{AgentId, CallId, ChatId, ItemId, QueueId, TaskId};
use domain::{call, chat, task};
use std::fmt::Debug;

/// A name in the code as it is spoken: `ConnectionLost` is `connection lost`.
pub fn spoken(name: &impl Debug) -> String {
    let mut spoken = String::new();
    for letter in format!("{name:?}").chars() {
        if letter.is_uppercase() && !spoken.is_empty() {
            spoken.push(' ');
        }
        spoken.extend(letter.to_lowercase());
    }
    spoken
}

/// Whether an agent works, as it is spoken.
pub fn presence(agent: &Agent) -> String {
    match agent.presence() {
        Presence::LoggedOut => "is logged out".to_owned(),
        Presence::Available if agent.break_pending().is_some() => "has asked for a break".to_owned(),
        Presence::Available => "is available".to_owned(),
        Presence::Break { .. } => "is on a break".to_owned(),
        Presence::Unavailable { reason, .. } => format!("is unavailable: {}", spoken(&reason)),
        Presence::LoggingOut => "is logging out".to_owned(),
    }
}

impl Play<'_> {
    fn who(&self, agent: AgentId) -> &str {
        self.setup.agent_name(agent)
    }

    /// Where an item stands: `is active with Anna`, `waits in Service`, …
    pub fn standing(&self, name: Name) -> Result<String, String> {
        Ok(match self.item(name)? {
            ItemId::Call(id) if self.own_calls.contains(&id) => "was never in a queue".to_owned(),
            ItemId::Call(id) => self.standing_of_call(id),
            ItemId::Chat(id) => self.standing_of_chat(id),
            ItemId::Task(id) => self.standing_of_task(id),
        })
    }

    fn standing_of_call(&self, id: CallId) -> String {
        let call = self.stage.call(id);
        match call.state() {
            call::State::New => "has not arrived".to_owned(),
            call::State::Queued => self.waits(ItemId::Call(id), call.queue()),
            call::State::Ringing { offer } => {
                let agrees = self.stage.agent(offer.agent).reservation().is_some_and(|now| now.offer == offer);
                self.agreed(agrees, format!("rings at {}", self.who(offer.agent)), offer.agent)
            }
            call::State::Answered { offer } => format!("is being answered by {}", self.who(offer.agent)),
            call::State::Connected { offer, held, .. } => {
                let with =
                    format!("{} with {}", if held.is_some() { "is on hold" } else { "is on" }, self.who(offer.agent));
                self.agreed(on_call(&self.stage.agent(offer.agent), id), with, offer.agent)
            }
            call::State::Ended { .. } => self.is_closed(ItemId::Call(id)),
        }
    }

    fn standing_of_chat(&self, id: ChatId) -> String {
        let chat = self.stage.chat(id);
        match chat.state() {
            chat::State::New => "was not requested".to_owned(),
            chat::State::Queued => self.waits(ItemId::Chat(id), chat.queue()),
            chat::State::Allocated { agent, .. } => self.inactive(ItemId::Chat(id), agent),
            chat::State::Active { agent } => self.active(ItemId::Chat(id), agent),
            chat::State::Parked { agent, by: chat::ParkedBy::Agent, .. } => self.parked(ItemId::Chat(id), agent),
            chat::State::Parked { agent, by: chat::ParkedBy::Call(call), .. } => {
                let agrees = self.stage.agent(agent).preempted() == Some(ItemId::Chat(id));
                self.agreed(agrees, format!("is preempted by {}", self.name_of(ItemId::Call(call))), agent)
            }
            chat::State::WrapUp { .. } | chat::State::WrapUpQueued { .. } => "is in wrap-up".to_owned(),
            chat::State::Closed { .. } => self.is_closed(ItemId::Chat(id)),
        }
    }

    fn standing_of_task(&self, id: TaskId) -> String {
        let (item, task) = (ItemId::Task(id), self.stage.task(id));
        match task.state() {
            task::State::New => "was not asked for".to_owned(),
            task::State::Queued => self.waits(item, task.queue()),
            task::State::Allocated { agent, .. } => self.inactive(item, agent),
            task::State::Active { agent } => self.active(item, agent),
            task::State::Parked { agent, .. } => match self.stage.agent(agent) {
                machine if machine.preempted() != Some(item) => self.parked(item, agent),
                machine => match machine.active() {
                    Some(Active::Call { offer, .. }) => {
                        format!("is preempted by {}", self.name_of(ItemId::Call(offer.call)))
                    }
                    Some(Active::Item(_)) | None => "is preempted, and the call is over".to_owned(),
                },
            },
            task::State::Closed { .. } => self.is_closed(item),
        }
    }

    /// Where the wrap-up of an item stands: `is active with Anna`, `waits in Service`, … Of a call every agent who had a part
    /// of it has one: that of `agent`, or of anybody.
    pub fn standing_of_wrap_up(&self, name: Name, agent: Option<AgentId>) -> Result<String, String> {
        Ok(match self.item(name)? {
            ItemId::Chat(id) => match self.stage.chat(id).state() {
                chat::State::WrapUp { agent, parked_since: None, .. } => self.active(ItemId::Chat(id), agent),
                chat::State::WrapUp { agent, parked_since: Some(_), .. } => {
                    self.wrap_up_parked(ItemId::Chat(id), agent)
                }
                chat::State::WrapUpQueued { .. } => self.waits(ItemId::Chat(id), self.stage.chat(id).queue()),
                chat::State::Closed { .. } => "is over".to_owned(),
                chat::State::New
                | chat::State::Queued
                | chat::State::Allocated { .. }
                | chat::State::Active { .. }
                | chat::State::Parked { .. } => "has not begun".to_owned(),
            },
            ItemId::Call(id) => {
                let agents = self.setup.agents.iter().filter(|setup| agent.is_none_or(|agent| setup.id == agent));
                let agents = agents.map(|setup| (setup.id, self.stage.agent(setup.id)));
                let standings = agents.filter_map(|(agent, machine)| {
                    let Some(Entry::CallWrapUp(wrap_up)) = machine.entry(ItemId::Call(id)) else { return None };
                    Some(match wrap_up.parked_since {
                        None => self.active(ItemId::Call(id), agent),
                        Some(_) => self.wrap_up_parked(ItemId::Call(id), agent),
                    })
                });
                let standings: Vec<_> = standings.collect();
                if standings.is_empty() { "is over".to_owned() } else { standings.join(" and ") }
            }
            ItemId::Task(_) => "is nothing that there is".to_owned(),
        })
    }

    fn agreed(&self, agrees: bool, standing: String, agent: AgentId) -> String {
        if agrees { standing } else { format!("{standing}, who says otherwise: {:?}", self.stage.agent(agent)) }
    }

    fn active(&self, item: ItemId, agent: AgentId) -> String {
        let agrees = self.stage.agent(agent).active() == Some(Active::Item(item));
        self.agreed(agrees, format!("is active with {}", self.who(agent)), agent)
    }

    fn inactive(&self, item: ItemId, agent: AgentId) -> String {
        self.agreed(self.lies_with(item, agent), format!("is inactive with {}", self.who(agent)), agent)
    }

    fn parked(&self, item: ItemId, agent: AgentId) -> String {
        let agrees = self.lies_with(item, agent) && self.stage.agent(agent).preempted() != Some(item);
        self.agreed(agrees, format!("is parked by {}", self.who(agent)), agent)
    }

    fn wrap_up_parked(&self, item: ItemId, agent: AgentId) -> String {
        self.agreed(self.lies_with(item, agent), format!("is parked by {}", self.who(agent)), agent)
    }

    /// It is in the inbox, and not attended to.
    fn lies_with(&self, item: ItemId, agent: AgentId) -> bool {
        let agent = self.stage.agent(agent);
        let granted = agent.entry(item).is_some_and(|entry| !matches!(entry, Entry::Requested { .. }));
        granted && agent.active() != Some(Active::Item(item))
    }

    fn waits(&self, item: ItemId, queue: QueueId) -> String {
        let name = self.setup.queue_name(queue);
        let machine = self.stage.queue(queue);
        let Some(waiting) = machine.get(item) else { return format!("waits in {name}, which does not know it") };
        let place = self.stage.place(item);
        if place != Some((queue, waiting.arrival.place)) {
            return format!("waits in {name}, but the board sees it at {place:?}");
        }
        match waiting.asked() {
            None => format!("waits in {name}"),
            Some(agent) => format!("waits in {name}, and {} is asked", self.who(agent)),
        }
    }

    /// Nobody has it any more.
    fn is_closed(&self, item: ItemId) -> String {
        let in_queue = self.setup.queues.iter().find(|setup| self.stage.queue(setup.id).get(item).is_some());
        let owner = self.setup.agents.iter().find(|setup| {
            let entry = self.stage.agent(setup.id).entry(item);
            entry.is_some_and(|entry| !matches!(entry, Entry::CallWrapUp(_)))
        });
        match (in_queue, owner) {
            (None, None) => "is closed".to_owned(),
            (Some(queue), _) => format!("is closed, but waits in {}", queue.name),
            (None, Some(agent)) => format!("is closed, but lies in the inbox of {}", agent.name),
        }
    }
}

/// Whether an agent has a leg in this call.
pub fn on_call(agent: &Agent, call: CallId) -> bool {
    let main = matches!(agent.active(), Some(Active::Call { offer, .. }) if offer.call == call);
    main || agent.consultation().is_some_and(|offer| offer.call == call)
}

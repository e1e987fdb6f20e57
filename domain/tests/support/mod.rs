//! A floor without a daemon: pure machines, a queue of messages, and a time that tests move by hand.
#![allow(clippy::unwrap_used)]

use domain::agent::{self, Agent};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, CallId, ChatId, OfferId, QueueId};
use domain::message::{Effect, Message, Signal};
use domain::queue::{self, Outcome, Queue};
use domain::routing::{Board, touched};
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal};
use std::collections::{BTreeMap, VecDeque};

pub const QUEUE: QueueId = QueueId(1);

#[derive(Default)]
pub struct World {
    pub now: Timestamp,
    pub agents: BTreeMap<AgentId, Agent>,
    pub queues: BTreeMap<QueueId, Queue>,
    pub chats: BTreeMap<ChatId, Chat>,
    pub calls: BTreeMap<CallId, Call>,
    pub board: Board,
    /// Whether chats that are requested from now on may not be interrupted.
    pub exclusive: bool,
    pub ringing: BTreeMap<AgentId, OfferId>,
    pub signals: Vec<(CallId, Signal)>,
    pub notices: Vec<(AgentId, ChatId, Refusal)>,
    pub chat_events: Vec<(ChatId, chat::Event)>,
    pub outcomes: Vec<(OfferId, Outcome)>,
    messages: VecDeque<Message>,
}

impl World {
    /// One queue, and agents 1, 2, … who serve it and work.
    pub fn with_agents(agents: u64) -> World {
        let mut world = World { now: Timestamp(1_000_000), ..World::default() };
        world.queues.insert(QUEUE, Queue::default());
        world.send(Message::Queue { id: QUEUE, command: queue::Command::Configure(QUEUE) });
        for id in (1..=agents).map(AgentId) {
            let settings = agent::Settings {
                ring: Span::seconds(20),
                call_wrap_up: Span::seconds(30),
                chats_max: 3,
                browser_grace: Span::seconds(60),
                browser_gone: Span::seconds(300),
                voice_only: false,
                phone_registers: true,
            };
            world.agents.insert(id, Agent::default());
            world.board.assign(id, [QUEUE].into());
            world.agent(id, agent::Command::Configure { id, settings }).unwrap();
            world.agent(id, agent::Command::LogIn).unwrap();
            world.pass(1);
        }
        world
    }

    pub fn agent(&mut self, id: AgentId, command: agent::Command) -> Result<(), Refusal> {
        let result = self.step(Message::Agent { id, command });
        self.settle();
        result
    }

    pub fn chat(&mut self, id: ChatId, command: chat::Command) -> Result<(), Refusal> {
        let result = self.step(Message::Chat { id, command });
        self.settle();
        result
    }

    pub fn call(&mut self, id: CallId, command: call::Command) -> Result<(), Refusal> {
        let result = self.step(Message::Call { id, command });
        self.settle();
        result
    }

    /// A visitor asks for a chat.
    pub fn request_chat(&mut self, id: u64) -> ChatId {
        let id = ChatId(id);
        self.chats.insert(id, Chat::default());
        let settings = chat::Settings {
            exclusive: self.exclusive,
            wrap_up: Span::seconds(60),
            visitor_grace: Span::seconds(120),
            visitor_grace_preempted: Span::seconds(300),
        };
        self.chat(id, chat::Command::Request { id, queue: QUEUE, settings }).unwrap();
        id
    }

    /// An agent picks a chat where it waits now.
    pub fn pick(&mut self, agent: AgentId, chat: ChatId) -> Result<(), Refusal> {
        let place = self.board.place(domain::id::ItemId::Chat(chat)).map_or(0, |(_, place)| place);
        self.agent(agent, agent::Command::Pick { chat, place })
    }

    /// A visitor asks for a chat and this agent takes it.
    pub fn chatting(&mut self, agent: AgentId, id: u64) -> ChatId {
        let chat = self.request_chat(id);
        self.pick(agent, chat).unwrap();
        chat
    }

    /// A caller arrives.
    pub fn arrive(&mut self, id: u64) -> CallId {
        let id = CallId(id);
        self.calls.insert(id, Call::default());
        self.call(id, call::Command::Arrive { id, queue: QUEUE }).unwrap();
        id
    }

    /// The agent lifts the receiver of the ringing phone.
    pub fn answer(&mut self, agent: AgentId) {
        let offer = self.ringing[&agent];
        self.call(offer.call, call::Command::PhoneAnswered { offer }).unwrap();
    }

    /// The phone refuses or cannot be reached.
    pub fn phone_fails(&mut self, agent: AgentId, outcome: Outcome) {
        let offer = self.ringing.remove(&agent).unwrap();
        self.call(offer.call, call::Command::PhoneFailed { offer, outcome }).unwrap();
    }

    /// The caller hangs up.
    pub fn caller_hangs_up(&mut self, call: CallId) {
        self.call(call, call::Command::CallerHungUp).unwrap();
    }

    /// Time passes, and everything that is due happens at its time.
    pub fn pass(&mut self, seconds: u64) {
        let end = self.now + Span::seconds(seconds);
        while let Some((deadline, message)) = self.next_due().filter(|(deadline, _)| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.step(message).unwrap();
            self.settle();
        }
        self.now = end;
    }

    /// The agent's machine.
    pub fn a(&self, id: AgentId) -> &Agent {
        &self.agents[&id]
    }

    /// The chat's machine.
    pub fn c(&self, id: ChatId) -> &Chat {
        &self.chats[&id]
    }

    fn next_due(&self) -> Option<(Timestamp, Message)> {
        let agents = self.agents.iter().filter_map(|(id, machine)| {
            let at = machine.deadline()?;
            Some((at, Message::Agent { id: *id, command: Agent::due(at) }))
        });
        let queues = self.queues.iter().filter_map(|(id, machine)| {
            let at = machine.deadline()?;
            Some((at, Message::Queue { id: *id, command: Queue::due(at) }))
        });
        let chats = self.chats.iter().filter_map(|(id, machine)| {
            let at = machine.deadline()?;
            Some((at, Message::Chat { id: *id, command: Chat::due(at) }))
        });
        agents.chain(queues).chain(chats).min_by_key(|(at, _)| *at)
    }

    fn send(&mut self, message: Message) {
        self.messages.push_back(message);
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            while let Some(message) = self.messages.pop_front() {
                self.step(message).unwrap();
            }
            let Some(proposal) = self.board.propose() else { return };
            self.messages.push_back(Message::Queue { id: proposal.queue, command: proposal.command() });
        }
    }

    fn step(&mut self, message: Message) -> Result<(), Refusal> {
        let at = self.now;
        let mut effects = vec![];
        match message {
            Message::Agent { id, command } => {
                let machine = self.agents.get_mut(&id).unwrap();
                run(machine, at, &command, &mut effects, |_| {})?;
                self.board.see_agent(id, machine);
            }
            Message::Queue { id, command } => {
                let machine = self.queues.get_mut(&id).unwrap();
                let (board, outcomes) = (&mut self.board, &mut self.outcomes);
                let mut items = vec![];
                run(machine, at, &command, &mut effects, |event| {
                    items.extend(touched(event));
                    if let queue::Event::Returned { offer, outcome, .. } = event {
                        outcomes.push((*offer, *outcome));
                    }
                })?;
                for item in items {
                    board.see_item(id, item, machine.get(item));
                }
                if let queue::Command::Propose { call, .. } = command {
                    board.proposal_done(call);
                }
            }
            Message::Chat { id, command } => {
                let events = &mut self.chat_events;
                run(self.chats.get_mut(&id).unwrap(), at, &command, &mut effects, |event| {
                    events.push((id, event.clone()));
                })?;
                self.board.see_chat(id, &self.chats[&id]);
            }
            Message::Call { id, command } => {
                run(self.calls.get_mut(&id).unwrap(), at, &command, &mut effects, |_| {})?;
            }
        }
        for effect in effects {
            match effect {
                Effect::Tell(message) => self.messages.push_back(message),
                Effect::Notice(agent, chat, why) => self.notices.push((agent, chat, why)),
                Effect::Signal(call, signal) => {
                    match signal {
                        Signal::Ring(offer) => {
                            self.ringing.insert(offer.agent, offer);
                        }
                        Signal::StopRinging(offer) | Signal::Connect(offer) => {
                            self.ringing.remove(&offer.agent);
                        }
                        Signal::Clear => self.ringing.retain(|_, offer| offer.call != call),
                        Signal::Welcome | Signal::ClearStored => {}
                    }
                    self.signals.push((call, signal));
                }
            }
        }
        Ok(())
    }
}

/// One command through one machine.
fn run<M: Machine + Clone + PartialEq + std::fmt::Debug>(
    machine: &mut M,
    at: Timestamp,
    command: &M::Command,
    effects: &mut Vec<Effect>,
    mut seen: impl FnMut(&M::Event),
) -> Result<(), Refusal> {
    for event in machine.decide(at, command)? {
        machine.apply(&event);
        effects.extend(machine.react(&event));
        seen(&event);
    }
    Ok(())
}

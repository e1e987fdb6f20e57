//! A floor on which every message, every deadline and every crash is a step of its own: the production machines, one
//! queue of messages per pair, and the people around them.
//! It decides nothing: what a step does is the machines' business, whether it was right is the laws'.
#![allow(dead_code, reason = "the random stories and the model each use their part")]
#![allow(clippy::unwrap_used, reason = "a floor that does not hold what a step names is a mistake in the test")]

pub mod fault;
pub mod laws;

use domain::agent::{self, Agent, Calls, Presence};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId};
use domain::message::{Effect, Message, Signal};
use domain::queue::{self, Outcome, Queue};
use domain::routing::{Board, Proposal, touched};
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal};
use fault::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;

/// The agent without a browser, on every floor that has so many.
pub const VOICE_ONLY: u64 = 3;
/// More rounds of the post than any story needs: what goes on for so long never comes to rest.
const ROUNDS_MAX: usize = 500;
/// How long the daemon is down after a crash.
const DOWNTIME: Span = Span::seconds(500);

/// Who sends or gets messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The floor itself: deadlines, proposals, the news of a restart.
    Floor,
    Agent(u64),
    Queue(u64),
    Chat(u64),
    Call(u64),
}

/// One step of a story, as it can be kept in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The next message of a pair arrives.
    Deliver(Party, Party),
    /// Everything that is on its way arrives.
    Rest,
    /// Time passes to the next deadline.
    Tick,
    /// So many seconds pass.
    Pass(u64),
    /// A deadline passes, whatever the time: only where time is left out.
    Due(Party, Timestamp),
    /// The daemon dies and is there again.
    Crash,
    LogIn(u64),
    LogOut(u64),
    /// Agent, chat, place.
    Pick(u64, u64, u32),
    Activate(u64, u64),
    Park(u64, u64),
    FinishCallWrapUp(u64),
    /// Agent, call, attempt.
    Decline(u64, u64, u32),
    BrowserLost(u64),
    BrowserBack(u64),
    PhoneRegistered(u64),
    Request(u64),
    Leave(u64),
    VisitorLost(u64),
    VisitorBack(u64),
    VisitorSays(u64),
    AgentSays(u64, u64),
    End(u64, u64),
    ExtendWrapUp(u64, u64),
    FinishWrapUp(u64, u64),
    Arrive(u64),
    CallerHangsUp(u64),
    /// Agent, call.
    HangUp(u64, u64),
    /// Agent, call, attempt; as all that phones do.
    PhoneAnswers(u64, u64, u32),
    PhoneBusy(u64, u64, u32),
    PhoneUnreachable(u64, u64, u32),
    PhoneDeclines(u64, u64, u32),
    PhoneHangsUp(u64, u64, u32),
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Letter {
    /// When what caused it happened.
    pub at: Timestamp,
    pub message: Message,
}

/// An agent's phone, as far as one offer is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// It was asked to ring.
    Ringing,
    /// It was asked to stop; what it did before may still come.
    Stopping,
    Answered,
    Gone,
}

/// A deadline as the shell keeps it: `known` is compared with the machine's, and `armed` until it fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Timer {
    pub known: Option<Timestamp>,
    pub armed: bool,
}

/// What an event was and did: enough for a law about one event.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "facts live for one turn")]
pub enum Fact {
    Agent {
        before: Agent,
        event: agent::Event,
        told: Vec<Message>,
        after: Agent,
    },
    Queue {
        event: queue::Event,
    },
    Chat {
        id: ChatId,
        before: Chat,
        event: chat::Event,
        after: Chat,
    },
    Call {
        before: Call,
        event: call::Event,
    },
    /// The board proposed, and the queue has not heard of it yet.
    Proposed(Proposal),
    /// The replay of a machine's events, each written and read again, is not the machine.
    Replay(String),
}

/// How big a floor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    pub agents: u64,
    pub queues: u64,
    pub calls: u64,
    pub chats: u64,
}

/// The floor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Floor {
    pub size: Size,
    pub now: Timestamp,
    /// Time stands still, and deadlines pass as steps of their own.
    pub timeless: bool,
    pub agents: BTreeMap<AgentId, Agent>,
    pub queues: BTreeMap<QueueId, Queue>,
    pub chats: BTreeMap<ChatId, Chat>,
    pub calls: BTreeMap<CallId, Call>,
    pub board: Board,
    pub post: BTreeMap<(Party, Party), VecDeque<Letter>>,
    pub timers: BTreeMap<Party, Timer>,
    pub legs: BTreeMap<OfferId, Leg>,
    pub ledger: laws::Ledger,
    pub fault: Option<Fault>,
    /// The law that was broken, and how.
    pub broken: Option<(&'static str, String)>,
    /// The law that is looked at; `None`: all.
    pub only: Option<&'static str>,
    replay: Replay,
}

/// What the events alone make of the machines. No part of a floor's identity: it must equal the machines.
#[derive(Clone, Debug, Default)]
struct Replay {
    agents: BTreeMap<AgentId, Agent>,
    queues: BTreeMap<QueueId, Queue>,
    chats: BTreeMap<ChatId, Chat>,
    calls: BTreeMap<CallId, Call>,
}

impl PartialEq for Replay {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Replay {}

impl std::hash::Hash for Replay {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Floor {
    /// A floor with agents who work, and nothing else yet.
    pub fn new(size: Size, timeless: bool) -> Floor {
        let mut floor = Floor {
            size,
            now: Timestamp(1_000_000),
            timeless,
            agents: BTreeMap::new(),
            queues: BTreeMap::new(),
            chats: BTreeMap::new(),
            calls: BTreeMap::new(),
            board: Board::default(),
            post: BTreeMap::new(),
            timers: BTreeMap::new(),
            legs: BTreeMap::new(),
            ledger: laws::Ledger::default(),
            fault: None,
            broken: None,
            only: None,
            replay: Replay::default(),
        };
        for id in (1..=size.queues).map(QueueId) {
            floor.queues.insert(id, Queue::default());
            floor.turn(Message::Queue { id, command: queue::Command::Configure(id) });
        }
        for id in 1..=size.agents {
            floor.agents.insert(AgentId(id), Agent::default());
            floor.board.assign(AgentId(id), floor.serves(id).collect());
            let command = agent::Command::Configure { id: AgentId(id), settings: settings(id) };
            floor.turn(Message::Agent { id: AgentId(id), command });
            floor.step(Step::LogIn(id));
        }
        floor
    }

    /// Which queues an agent serves: the first agent the first queue, the second all, the third the last.
    pub fn serves(&self, agent: u64) -> impl Iterator<Item = QueueId> + use<> {
        let (agents, queues) = (self.size.agents, self.size.queues);
        (1..=queues)
            .filter(move |queue| match agent {
                1 if agents > 1 => *queue == 1,
                3 => *queue == queues,
                _ => true,
            })
            .map(QueueId)
    }

    /// Where a chat or call with this number goes.
    fn queue_of(&self, item: u64) -> QueueId {
        QueueId((item - 1) % self.size.queues + 1)
    }

    /// Does a step and looks at the laws. What cannot be done is left out.
    pub fn step(&mut self, step: Step) {
        self.perform(step);
        if self.broken.is_none() {
            self.broken = laws::always(self, self.only);
        }
        if self.broken.is_none() && self.post.is_empty() {
            self.broken = laws::at_rest(self, self.only);
        }
    }

    fn perform(&mut self, step: Step) {
        match step {
            Step::Deliver(from, to) => self.deliver(from, to),
            Step::Rest => self.rest(),
            Step::Tick => {
                if let Some(at) = self.next_deadline() {
                    self.now = self.now.max(at);
                    self.fire();
                }
            }
            Step::Pass(seconds) => {
                self.now = self.now + Span::seconds(seconds);
                self.fire();
            }
            Step::Due(party, deadline) => self.turn(due(party, deadline)),
            Step::Crash => self.crash(),
            Step::Request(id) => {
                if let Entry::Vacant(free) = self.chats.entry(ChatId(id)) {
                    free.insert(Chat::default());
                    self.turn(self.message(step).unwrap());
                }
            }
            Step::Arrive(id) => {
                if let Entry::Vacant(free) = self.calls.entry(CallId(id)) {
                    free.insert(Call::default());
                    self.turn(self.message(step).unwrap());
                }
            }
            Step::PhoneAnswers(..)
            | Step::PhoneBusy(..)
            | Step::PhoneUnreachable(..)
            | Step::PhoneDeclines(..)
            | Step::PhoneHangsUp(..) => self.phone(step),
            Step::LogIn(_)
            | Step::LogOut(_)
            | Step::Pick(..)
            | Step::Activate(..)
            | Step::Park(..)
            | Step::FinishCallWrapUp(_)
            | Step::Decline(..)
            | Step::BrowserLost(_)
            | Step::BrowserBack(_)
            | Step::PhoneRegistered(_)
            | Step::Leave(_)
            | Step::VisitorLost(_)
            | Step::VisitorBack(_)
            | Step::VisitorSays(_)
            | Step::AgentSays(..)
            | Step::End(..)
            | Step::ExtendWrapUp(..)
            | Step::FinishWrapUp(..)
            | Step::CallerHangsUp(_)
            | Step::HangUp(..) => {
                let message = self.message(step).unwrap();
                if self.is_there(&message) {
                    self.turn(message);
                }
            }
        }
    }

    /// A phone does what it can do in the state that its leg is in.
    fn phone(&mut self, step: Step) {
        let Some(Message::Call { command, id }) = self.message(step) else { return };
        let (offer, next) = match command {
            call::Command::PhoneAnswered { offer } => (offer, Leg::Answered),
            call::Command::PhoneFailed { offer, .. } | call::Command::PhoneHungUp { offer } => (offer, Leg::Gone),
            call::Command::Arrive { .. }
            | call::Command::Ring { .. }
            | call::Command::StopRinging { .. }
            | call::Command::Connect { .. }
            | call::Command::CallerHungUp
            | call::Command::HangUp { .. }
            | call::Command::DaemonStops
            | call::Command::Restarted => return,
        };
        let hangs_up = matches!(step, Step::PhoneHangsUp(..));
        let Some(leg) = self.legs.get_mut(&offer) else { return };
        match (*leg, hangs_up) {
            (Leg::Ringing, false) | (Leg::Answered, true) => *leg = next,
            (Leg::Stopping, false) => *leg = Leg::Gone,
            (Leg::Ringing | Leg::Stopping, true) | (Leg::Answered | Leg::Gone, false) | (Leg::Gone, true) => return,
        }
        self.turn(Message::Call { id, command });
    }

    /// The command that a step outside of the machines is.
    pub fn message(&self, step: Step) -> Option<Message> {
        use agent::Command as A;
        use call::Command as L;
        use chat::Command as C;
        let agent = |id, command| Message::Agent { id: AgentId(id), command };
        let chat = |id, command| Message::Chat { id: ChatId(id), command };
        let call = |id, command| Message::Call { id: CallId(id), command };
        let offer = |agent, call, attempt| OfferId { call: CallId(call), agent: AgentId(agent), attempt };
        let failed = |a, c, n, outcome| call(c, L::PhoneFailed { offer: offer(a, c, n), outcome });
        let say = |id, author| {
            let command = self.chats.get(&ChatId(id)).map_or(0, |chat| u64::from(chat.messages()));
            chat(id, C::Say { author, client: "tab".into(), command })
        };
        Some(match step {
            Step::Deliver(..) | Step::Rest | Step::Tick | Step::Pass(_) | Step::Due(..) | Step::Crash => return None,
            Step::LogIn(a) => agent(a, A::LogIn),
            Step::LogOut(a) => agent(a, A::LogOut),
            Step::Pick(a, c, place) => agent(a, A::Pick { chat: ChatId(c), place }),
            Step::Activate(a, c) => agent(a, A::Activate { chat: ChatId(c) }),
            Step::Park(a, c) => agent(a, A::Park { chat: ChatId(c) }),
            Step::FinishCallWrapUp(a) => agent(a, A::FinishCallWrapUp),
            Step::Decline(a, c, n) => agent(a, A::Decline { offer: offer(a, c, n) }),
            Step::BrowserLost(a) => agent(a, A::BrowserLost),
            Step::BrowserBack(a) => agent(a, A::BrowserBack),
            Step::PhoneRegistered(a) => agent(a, A::PhoneRegistered),
            Step::Request(c) => {
                let queue = self.queue_of(c);
                let settings = chat::Settings {
                    exclusive: c % 4 == 0,
                    wrap_up: if queue.0 == 1 { Span::seconds(61) } else { Span::ZERO },
                    visitor_grace: Span::seconds(120),
                    visitor_grace_preempted: Span::seconds(300),
                };
                chat(c, C::Request { id: ChatId(c), queue, settings })
            }
            Step::Leave(c) => chat(c, C::Leave),
            Step::VisitorLost(c) => chat(c, C::VisitorLost),
            Step::VisitorBack(c) => chat(c, C::VisitorBack),
            Step::VisitorSays(c) => say(c, chat::Author::Visitor),
            Step::AgentSays(a, c) => say(c, chat::Author::Agent(AgentId(a))),
            Step::End(a, c) => chat(c, C::End { agent: AgentId(a) }),
            Step::ExtendWrapUp(a, c) => chat(c, C::ExtendWrapUp { agent: AgentId(a) }),
            Step::FinishWrapUp(a, c) => chat(c, C::FinishWrapUp { agent: AgentId(a) }),
            Step::Arrive(c) => call(c, L::Arrive { id: CallId(c), queue: self.queue_of(c) }),
            Step::CallerHangsUp(c) => call(c, L::CallerHungUp),
            Step::HangUp(a, c) => call(c, L::HangUp { agent: AgentId(a) }),
            Step::PhoneAnswers(a, c, n) => call(c, L::PhoneAnswered { offer: offer(a, c, n) }),
            Step::PhoneBusy(a, c, n) => failed(a, c, n, Outcome::Busy),
            Step::PhoneUnreachable(a, c, n) => failed(a, c, n, Outcome::Unreachable),
            Step::PhoneDeclines(a, c, n) => failed(a, c, n, Outcome::Declined),
            Step::PhoneHangsUp(a, c, n) => call(c, L::PhoneHungUp { offer: offer(a, c, n) }),
        })
    }

    fn is_there(&self, message: &Message) -> bool {
        match message {
            Message::Agent { command: agent::Command::Pick { chat, .. }, .. } => self.chats.contains_key(chat),
            Message::Agent { id, .. } => self.agents.contains_key(id),
            Message::Queue { id, .. } => self.queues.contains_key(id),
            Message::Chat { id, .. } => self.chats.contains_key(id),
            Message::Call { id, .. } => self.calls.contains_key(id),
        }
    }

    /// Whether anything would happen.
    pub fn moves(&self, step: Step) -> bool {
        let Some(message) = self.message(step) else { return true };
        fn moves<M: Machine>(machine: Option<&M>, at: Timestamp, command: &M::Command) -> bool {
            machine.is_some_and(|machine| machine.decide(at, command).is_ok_and(|events| !events.is_empty()))
        }
        match message {
            Message::Agent { id, command } => moves(self.agents.get(&id), self.now, &command),
            Message::Queue { id, command } => moves(self.queues.get(&id), self.now, &command),
            Message::Chat { id, command: chat::Command::Request { .. } } => !self.chats.contains_key(&id),
            Message::Chat { id, command } => moves(self.chats.get(&id), self.now, &command),
            Message::Call { id, command: call::Command::Arrive { .. } } => !self.calls.contains_key(&id),
            Message::Call { id, command } => moves(self.calls.get(&id), self.now, &command),
        }
    }

    /// Delivers all that is on its way, and all that this causes, by turns.
    pub fn rest(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if self.post.is_empty() {
                return;
            }
            for (from, to) in self.post.keys().copied().collect::<Vec<_>>() {
                self.deliver(from, to);
                if self.broken.is_none() {
                    self.broken = laws::always(self, self.only);
                }
            }
        }
        let why = format!("messages without end: {:?}", self.post.keys().collect::<Vec<_>>());
        laws::report(self, "L9", why);
    }

    /// Everybody goes away, and all deadlines pass.
    pub fn everybody_leaves(&mut self) {
        for call in self.calls.keys().copied().collect::<Vec<_>>() {
            self.step(Step::CallerHangsUp(call.0));
        }
        for chat in self.chats.keys().copied().collect::<Vec<_>>() {
            self.step(Step::VisitorLost(chat.0));
        }
        for agent in self.agents.keys().copied().collect::<Vec<_>>() {
            self.step(if agent.0 == VOICE_ONLY { Step::LogOut(agent.0) } else { Step::BrowserLost(agent.0) });
        }
        self.step(Step::Rest);
        for _ in 0..200 {
            if self.broken.is_some() || self.next_deadline().is_none() {
                break;
            }
            self.step(Step::Tick);
            self.step(Step::Rest);
        }
    }

    fn deliver(&mut self, from: Party, to: Party) {
        let Some(letters) = self.post.get_mut(&(from, to)) else { return };
        let Some(letter) = letters.pop_front() else { return };
        if letters.is_empty() {
            self.post.remove(&(from, to));
        }
        self.turn_at(letter.at, letter.message);
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.timers.values().filter(|timer| timer.armed).filter_map(|timer| timer.known).min()
    }

    /// What is due goes to those who wait for it.
    fn fire(&mut self) {
        let now = self.now;
        let mut letters = vec![];
        for (party, timer) in &mut self.timers {
            if let Some(deadline) = timer.known.filter(|deadline| timer.armed && *deadline <= now) {
                timer.armed = false;
                letters.push((*party, deadline));
            }
        }
        letters.sort_by_key(|(party, deadline)| (*deadline, *party));
        for (party, deadline) in letters {
            self.put(Party::Floor, Letter { at: now, message: due(party, deadline) });
        }
    }

    /// Only machines and what they told each other are there afterwards.
    fn crash(&mut self) {
        let down_since = self.now;
        if !self.timeless {
            self.now = self.now + DOWNTIME;
        }
        self.post.retain(|(from, _), _| *from != Party::Floor);
        self.legs.clear();
        self.timers.clear();
        self.board = self.rebuilt_board();
        let at = self.now;
        let agents = self.agents.keys().map(|id| Message::Agent { id: *id, command: agent::Command::Restarted });
        let chats = self.chats.iter().filter(|(_, chat)| !chat.is_over());
        let chats = chats.map(|(id, _)| Message::Chat { id: *id, command: chat::Command::Restarted { down_since } });
        let calls = self.calls.iter().filter(|(_, call)| !call.is_over());
        let calls = calls.map(|(id, _)| Message::Call { id: *id, command: call::Command::Restarted });
        for message in agents.chain(chats).chain(calls).collect::<Vec<_>>() {
            self.put(Party::Floor, Letter { at, message });
        }
        for party in self.parties() {
            self.schedule(party);
        }
        self.match_up();
    }

    /// The board as the machines alone make it.
    pub fn rebuilt_board(&self) -> Board {
        let mut board = Board::default();
        for (id, agent) in &self.agents {
            board.assign(*id, self.serves(id.0).collect());
            board.see_agent(*id, agent);
        }
        for (id, chat) in &self.chats {
            board.see_chat(*id, chat);
        }
        for (id, queue) in &self.queues {
            board.see_queue(*id, queue);
        }
        board
    }

    pub fn parties(&self) -> Vec<Party> {
        let agents = self.agents.keys().map(|id| Party::Agent(id.0));
        let queues = self.queues.keys().map(|id| Party::Queue(id.0));
        let chats = self.chats.keys().map(|id| Party::Chat(id.0));
        let calls = self.calls.keys().map(|id| Party::Call(id.0));
        agents.chain(queues).chain(chats).chain(calls).collect()
    }

    /// When a party wants to be woken.
    pub fn deadline(&self, party: Party) -> Option<Timestamp> {
        match party {
            Party::Floor => None,
            Party::Agent(id) => self.agents[&AgentId(id)].deadline(),
            Party::Queue(id) => self.queues[&QueueId(id)].deadline(),
            Party::Chat(id) => self.chats[&ChatId(id)].deadline(),
            Party::Call(id) => self.calls[&CallId(id)].deadline(),
        }
    }

    /// Every deadline that a party has, not only the next one.
    pub fn deadlines(&self, party: Party) -> Vec<Timestamp> {
        let Party::Agent(id) = party else {
            return self.deadline(party).into_iter().collect();
        };
        let agent = &self.agents[&AgentId(id)];
        let ring = agent.reservation().map(|reservation| reservation.until);
        let wrap_up = match agent.active() {
            Some(agent::Active::CallWrapUp { until, .. }) => Some(until),
            Some(agent::Active::Chat(_) | agent::Active::Call { .. }) | None => None,
        };
        let calls = match agent.calls() {
            Calls::Blocked { until } => until,
            Calls::Open | Calls::PhoneLost => None,
        };
        let presence = match agent.presence() {
            Presence::Unavailable { until, .. } => until,
            Presence::LoggedOut | Presence::Available | Presence::LoggingOut => None,
        };
        let browser = match agent.browser() {
            agent::Browser::Online => None,
            agent::Browser::Grace { until, .. } => Some(until),
            agent::Browser::Lost { .. } if agent.presence() == Presence::LoggingOut => None,
            agent::Browser::Lost { gone_at } => Some(gone_at),
        };
        [ring, wrap_up, calls, presence, browser].into_iter().flatten().collect()
    }

    fn put(&mut self, from: Party, letter: Letter) {
        let to = match letter.message {
            Message::Agent { id, .. } => Party::Agent(id.0),
            Message::Queue { id, .. } => Party::Queue(id.0),
            Message::Chat { id, .. } => Party::Chat(id.0),
            Message::Call { id, .. } => Party::Call(id.0),
        };
        self.post.entry((from, to)).or_default().push_back(letter);
    }

    fn turn(&mut self, message: Message) {
        self.turn_at(self.now, message);
    }

    /// One command through one machine, as the shell does it.
    fn turn_at(&mut self, at: Timestamp, message: Message) {
        let mut facts = vec![];
        let fault = self.fault;
        let (party, effects) =
            match message {
                Message::Agent { id, command } => {
                    let machine = self.agents.get_mut(&id).unwrap();
                    let shadow = (!self.timeless).then(|| self.replay.agents.entry(id).or_default());
                    let ran = run(machine, shadow, at, &command, fault, &mut facts, |before, event, effects, after| {
                        let told = told(effects);
                        Fact::Agent { before, event, told, after: after.clone() }
                    });
                    self.board.see_agent(id, &self.agents[&id]);
                    (Party::Agent(id.0), ran)
                }
                Message::Queue { id, command } => {
                    let machine = self.queues.get_mut(&id).unwrap();
                    let shadow = (!self.timeless).then(|| self.replay.queues.entry(id).or_default());
                    let mut items = vec![];
                    let ran = run(machine, shadow, at, &command, fault, &mut facts, |_, event, _, _| {
                        items.extend(touched(&event));
                        Fact::Queue { event }
                    });
                    for item in items {
                        self.board.see_item(id, item, self.queues[&id].get(item));
                    }
                    if let queue::Command::Propose { call, .. } = command
                        && fault != Some(Fault::ProposalNeverDone)
                    {
                        self.board.proposal_done(call);
                    }
                    (Party::Queue(id.0), ran)
                }
                Message::Chat { id, command } => {
                    let machine = self.chats.get_mut(&id).unwrap();
                    let shadow = (!self.timeless).then(|| self.replay.chats.entry(id).or_default());
                    let ran = run(machine, shadow, at, &command, fault, &mut facts, |before, event, _, after| {
                        Fact::Chat { id, before, event, after: after.clone() }
                    });
                    self.board.see_chat(id, &self.chats[&id]);
                    (Party::Chat(id.0), ran)
                }
                Message::Call { id, command } => {
                    let machine = self.calls.get_mut(&id).unwrap();
                    let shadow = (!self.timeless).then(|| self.replay.calls.entry(id).or_default());
                    let ran = run(machine, shadow, at, &command, fault, &mut facts, |before, event, _, _| Fact::Call {
                        before,
                        event,
                    });
                    (Party::Call(id.0), ran)
                }
            };
        for effect in effects {
            self.effect(party, at, effect);
        }
        if !facts.is_empty() {
            self.schedule(party);
        }
        for fact in &facts {
            self.judge(fact);
        }
        self.match_up();
    }

    fn effect(&mut self, party: Party, at: Timestamp, effect: Effect) {
        match effect {
            Effect::Tell(message) => {
                for message in fault::letters(self.fault, self, message) {
                    self.put(party, Letter { at, message });
                }
            }
            Effect::Notice(..) => {}
            Effect::Signal(call, signal) => match signal {
                Signal::Ring(offer) => _ = self.legs.insert(offer, Leg::Ringing),
                Signal::StopRinging(offer) => {
                    if let Some(leg) = self.legs.get_mut(&offer) {
                        *leg = if *leg == Leg::Ringing { Leg::Stopping } else { Leg::Gone };
                    }
                }
                Signal::Clear | Signal::ClearStored => self.legs.retain(|offer, _| offer.call != call),
                Signal::Welcome | Signal::Connect(_) => {}
            },
        }
    }

    /// The shell's bookkeeping: a timer is set anew when the deadline is another one.
    fn schedule(&mut self, party: Party) {
        if self.timeless {
            return;
        }
        let deadline = self.deadline(party);
        let timer = self.timers.entry(party).or_default();
        if timer.known != deadline {
            *timer = Timer { known: deadline, armed: deadline.is_some() };
        }
    }

    fn match_up(&mut self) {
        while let Some(proposal) = self.board.propose() {
            let proposal = fault::proposal(self.fault, self, proposal);
            self.judge(&Fact::Proposed(proposal));
            let message = Message::Queue { id: proposal.queue, command: proposal.command() };
            self.put(Party::Floor, Letter { at: self.now, message });
        }
    }

    fn judge(&mut self, fact: &Fact) {
        let mut ledger = std::mem::take(&mut self.ledger);
        ledger.note(fact);
        self.ledger = ledger;
        if self.broken.is_none() {
            self.broken = laws::of_event(self, fact, self.only);
        }
    }
}

/// One command through one machine, and every event through its replay.
fn run<M>(
    machine: &mut M,
    mut shadow: Option<&mut M>,
    at: Timestamp,
    command: &M::Command,
    fault: Option<Fault>,
    facts: &mut Vec<Fact>,
    mut fact: impl FnMut(M, M::Event, &[Effect], &M) -> Fact,
) -> Vec<Effect>
where
    M: fault::Breakable + Clone + PartialEq + Debug,
    M::Event: Serialize + DeserializeOwned + Clone,
{
    let events: Result<Vec<M::Event>, Refusal> = machine.decide(at, command);
    let mut effects = vec![];
    for event in M::events(fault, machine, at, command, events.unwrap_or_default()) {
        let before = machine.clone();
        machine.apply(&event);
        M::sabotage(fault, machine, &before, &event);
        let reacted = M::effects(fault, &before, machine, &event);
        if let Some(shadow) = &mut shadow {
            let event = serde_json::from_value(serde_json::to_value(&event).unwrap()).unwrap();
            if !M::forgets(fault, &event) {
                shadow.apply(&event);
            }
        }
        facts.push(fact(before, event, &reacted, machine));
        effects.extend(reacted);
    }
    if let Some(shadow) = shadow
        && *shadow != *machine
    {
        facts.push(Fact::Replay(format!("live {machine:?}, replayed {shadow:?}")));
    }
    effects
}

fn told(effects: &[Effect]) -> Vec<Message> {
    let message = |effect: &Effect| match effect {
        Effect::Tell(message) => Some(message.clone()),
        Effect::Signal(..) | Effect::Notice(..) => None,
    };
    effects.iter().filter_map(message).collect()
}

fn due(party: Party, deadline: Timestamp) -> Message {
    match party {
        Party::Agent(id) => Message::Agent { id: AgentId(id), command: Agent::due(deadline) },
        Party::Queue(id) => Message::Queue { id: QueueId(id), command: Queue::due(deadline) },
        Party::Chat(id) => Message::Chat { id: ChatId(id), command: Chat::due(deadline) },
        Party::Call(id) => Message::Call { id: CallId(id), command: Call::due(deadline) },
        Party::Floor => unreachable!("the floor waits for nothing"),
    }
}

fn settings(agent: u64) -> agent::Settings {
    agent::Settings {
        ring: Span::seconds(20),
        call_wrap_up: if agent == 2 { Span::ZERO } else { Span::seconds(30) },
        chats_max: 3,
        browser_grace: Span::seconds(60),
        browser_gone: Span::seconds(if agent == 2 { 60 } else { 300 }),
        voice_only: agent == VOICE_ONLY,
        phone_registers: agent != 2,
    }
}

/// Whether an item waits in a queue.
pub fn waiting(floor: &Floor, queue: QueueId, item: ItemId) -> Option<&queue::Waiting> {
    floor.queues.get(&queue).and_then(|queue| queue.get(item))
}

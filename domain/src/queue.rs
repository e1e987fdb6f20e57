//! The queue: what waits in it, what is offered to whom, and where items go that wait in vain.
//! It never chooses an agent (the board proposes) and never frees an offered call by itself (the agent does).

mod waiting;

pub use self::waiting::{Asked, Waiting};

use self::waiting::Line;
use crate::id::{AgentId, ItemId, OfferId, QueueId};
use crate::message::{Effect, tell_agent, tell_call, tell_chat, tell_task};
use crate::phone::Says;
use crate::routing::{Tier, Why};
use crate::time::{Span, Timestamp};
use crate::{Machine, Refusal, agent, call, chat, first_flaw, task};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// How long a call is not offered again to an agent who declined it.
pub const DECLINE_HOLDS: Span = Span::seconds(60);
/// How much longer than the phone rings an offer is waited for before it is taken back.
pub const GUARD: Span = Span::seconds(5);

/// A queue of calls, chats and tasks (R3, R19).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Queue {
    id: QueueId,
    settings: Settings,
    waiting: Line,
    /// How many offers there were, and which was each agent's last: whose turn it is in a round robin.
    turn: u64,
    turns: BTreeMap<AgentId, u64>,
}

/// What the administrator decided about a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// Who comes first among agents who would be interrupted equally.
    pub strategy: Strategy,
    /// Which channels are given to free agents without being asked for; calls always are, the others are picked.
    pub pushed: BTreeSet<Channel>,
    /// Which channels come before others, and by how much.
    pub head_starts: HeadStarts,
    /// How many items may wait; more are refused or overflow. Items that come back are never refused.
    pub waiting_max: Option<u32>,
    /// How long an item may wait here before it overflows or is refused.
    pub wait_max: Option<Span>,
    /// Where items go that cannot stay, and what holds for chats there; `None`: they are refused.
    pub overflow: Option<Destination>,
    /// What happens to new items while nobody who serves the queue is logged in.
    pub unserved: Unserved,
    /// How long a call rings at one agent.
    pub ring: Span,
    /// How long the wrap-up of its calls lasts; zero: there is none.
    pub call_wrap_up: Span,
    /// When its callers are answered.
    pub answer: Answer,
}

/// When the caller of a queue is answered, and so begins to pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// At once: they hear announcements and music while they wait.
    #[default]
    AtOnce,
    /// Together with an agent: they hear it ring until then.
    WithAgent,
}

/// Another queue, with what holds for chats and for callers there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Destination {
    /// The queue in which the item is to wait.
    pub queue: QueueId,
    /// What holds for a chat that waits there.
    pub chat: chat::Settings,
    /// When a caller who waits there is answered.
    pub answer: Answer,
}

/// Who comes first among agents of the same tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Whose last item is longest ago; among those who would be interrupted, whose last call is.
    #[default]
    LongestIdle,
    /// Whose last offer from this queue is longest ago.
    RoundRobin,
    /// The best skilled for this queue, then the longest idle.
    Skill,
    /// Whoever the customer had last, else the longest idle.
    Sticky,
}

/// What kind of thing an item is to its customer, in the order in which equals are served (R9, R19).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema), ts(export_to = "agent.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A phone call.
    #[default]
    Call,
    /// A call that was promised.
    Callback,
    /// A web chat.
    Chat,
    /// An e-mail.
    Email,
    /// Anything else that has to be done.
    WorkItem,
}

impl Channel {
    /// All of them.
    pub const ALL: [Channel; 5] = [Channel::Call, Channel::Callback, Channel::Chat, Channel::Email, Channel::WorkItem];

    /// Its name, as it is stored and written.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Call => "call",
            Channel::Callback => "callback",
            Channel::Chat => "chat",
            Channel::Email => "email",
            Channel::WorkItem => "work_item",
        }
    }
}

/// What was read is no channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no kind of item, expected one of: {}", Channel::ALL.map(Channel::as_str).join(", "))]
pub struct NoChannel {
    /// What was read.
    pub text: String,
}

impl FromStr for Channel {
    type Err = NoChannel;
    fn from_str(text: &str) -> Result<Channel, NoChannel> {
        Channel::ALL.into_iter().find(|one| one.as_str() == text).ok_or_else(|| NoChannel { text: text.to_owned() })
    }
}

/// By how much each channel comes before the others. `None`: strictly before all that have one. Otherwise an item counts
/// as if it had arrived so much earlier: after that time of waiting a less urgent one overtakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HeadStarts {
    /// How far calls are ahead; `None`: strictly first.
    pub call: Option<Span>,
    /// How far callbacks are ahead; `None`: strictly first.
    pub callback: Option<Span>,
    /// How far chats are ahead; `None`: strictly first.
    pub chat: Option<Span>,
    /// How far e-mails are ahead; `None`: strictly first.
    pub email: Option<Span>,
    /// How far work items are ahead; `None`: strictly first.
    pub work_item: Option<Span>,
}

impl Default for HeadStarts {
    /// Calls and callbacks strictly first; a chat before an e-mail that came up to a day earlier, an e-mail before a work
    /// item that came up to an hour earlier.
    fn default() -> HeadStarts {
        HeadStarts {
            call: None,
            callback: None,
            chat: Some(Span::seconds(25 * 60 * 60)),
            email: Some(Span::seconds(60 * 60)),
            work_item: Some(Span::ZERO),
        }
    }
}

impl HeadStarts {
    /// That of a channel.
    pub fn of(&self, channel: Channel) -> Option<Span> {
        match channel {
            Channel::Call => self.call,
            Channel::Callback => self.callback,
            Channel::Chat => self.chat,
            Channel::Email => self.email,
            Channel::WorkItem => self.work_item,
        }
    }
}

/// What happens to new items while nobody who serves the queue is logged in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unserved {
    /// They wait until somebody logs in, or as long as they may.
    #[default]
    Wait,
    /// They go to the overflow queue, or are refused if there is none.
    Overflow,
    /// They are refused.
    Refuse,
}

/// What happens to new items outside of a queue's hours, where nobody said so.
pub const CLOSED: Unserved = Unserved::Refuse;

/// How an item leaves a queue without an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// It waits elsewhere, with its age.
    Move(Destination),
    /// It is told that nobody has time.
    Refuse,
}

/// An item as it arrives in a queue: for the first time, or back with its age.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Arrival {
    /// The call, chat or task.
    pub item: ItemId,
    /// What it is.
    pub channel: Channel,
    /// When the customer first arrived: kept over moves and returns, it is the item's age.
    pub arrived_at: Timestamp,
    /// The number of the chat's or task's place; 0 for calls.
    pub place: u32,
    /// How often it was offered so far.
    pub attempts: u32,
    /// Whom the customer had last.
    pub preferred: Option<AgentId>,
    /// Who is not asked, and until when.
    pub declined: BTreeMap<AgentId, Timestamp>,
    /// Nobody is at its other end at the moment: nobody is asked.
    pub away: bool,
}

impl Arrival {
    /// A new item, which nobody was asked about yet.
    pub fn new(item: ItemId, channel: Channel, arrived_at: Timestamp) -> Arrival {
        let (place, attempts, preferred, declined, away) = (0, 0, None, BTreeMap::new(), false);
        Arrival { item, channel, arrived_at, place, attempts, preferred, declined, away }
    }
}

/// All that can be asked of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The administrator's settings, at the first start and after every change.
    Configure {
        /// The queue's id.
        id: QueueId,
        /// What holds from now on.
        settings: Box<Settings>,
    },
    /// An item arrives, or comes back with its age. Never refused.
    Enqueue(Arrival),
    /// The item is no longer here: the caller hung up, or it left this place.
    Leave {
        /// The item; one that does not wait here is no error.
        item: ItemId,
        /// The place that it left; 0 for calls.
        place: u32,
    },
    /// The board's match: offer this item to this agent.
    Propose {
        /// An item that waits here; out of date if it does not any more.
        item: ItemId,
        /// The agent whom the board chose.
        agent: AgentId,
        /// In which tier the agent was when chosen.
        tier: Tier,
        /// How the board came to it.
        why: Box<Why>,
    },
    /// The agent freed the call that was offered: this is its one outcome.
    Released {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
        /// How it ended.
        outcome: Outcome,
    },
    /// The agent has answered: the call is out of the queue.
    Answered {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// Whether anybody is at the item's other end: while nobody is, it is not offered.
    Away {
        /// A chat that waits here.
        item: ItemId,
        /// The number of its place: out of date if it has moved since.
        place: u32,
        /// Whether the visitor's browser is gone.
        away: bool,
    },
    /// The agent cannot take what was pushed to them.
    PushRefused {
        /// The chat or task that was pushed.
        item: ItemId,
        /// The agent who cannot take it.
        agent: AgentId,
    },
    /// The supervisor's word: it is to go elsewhere.
    Move {
        /// An item that waits here; refused if it does not.
        item: ItemId,
        /// The queue in which it is to wait, with its age.
        to: Destination,
    },
    /// The supervisor's word: everything that waits is to go elsewhere.
    Overflow {
        /// The queue in which all of it is to wait, with its age.
        to: Destination,
    },
    /// A deadline passed.
    Due(Timestamp),
}

/// How an offer ended without a connected call. Each offer has exactly one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The phone rang until the time was up.
    NoAnswer,
    /// Declined on the phone or on the screen.
    Declined,
    /// The phone is there and did not take it: busy, or something else of its own.
    PhoneRefused {
        /// What it said.
        says: Says,
        /// When it says to try again.
        retry_after: Option<Span>,
    },
    /// The phone could not be reached.
    Unreachable,
    /// The phone was not called: the daemon had nothing left to do it with. It says nothing about the phone.
    NotCalled,
    /// The caller hung up while it rang.
    CallerGone,
    /// Taken back: the agent logged out, or the call goes elsewhere.
    Withdrawn,
    /// The agent was not free any more when the offer came.
    Refused,
}

impl Outcome {
    /// The phone was busy.
    pub const BUSY: Outcome = Outcome::PhoneRefused { says: Says::Busy, retry_after: None };
}

/// All that can happen to a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The administrator's settings hold from now on.
    Configured {
        /// The queue's id.
        id: QueueId,
        /// All settings, those that did not change too.
        settings: Box<Settings>,
    },
    /// An item waits.
    Enqueued {
        /// The item as it came.
        #[serde(flatten)]
        arrival: Arrival,
        /// When it has waited here for too long; `None`: it may wait without an end.
        until: Option<Timestamp>,
    },
    /// Somebody is at its other end again, or nobody any more.
    WentAway {
        /// The chat whose visitor it is.
        item: ItemId,
        /// Whether nobody is.
        away: bool,
    },
    /// An item is gone.
    Left {
        /// The item, which does not wait here any more.
        item: ItemId,
    },
    /// A call is offered to an agent.
    Offered {
        /// The call, the agent, and which attempt it is.
        offer: OfferId,
        /// The tier in which the agent was chosen.
        tier: Tier,
        /// When it is taken back if nothing is heard.
        guard: Timestamp,
        /// How the board came to it.
        why: Box<Why>,
    },
    /// A chat or task is given to an agent.
    Pushed {
        /// The chat or task.
        item: ItemId,
        /// The number of its place, by which the agent asks for it.
        place: u32,
        /// The agent whom the board chose.
        agent: AgentId,
        /// How the board came to it.
        why: Box<Why>,
    },
    /// The agent could not take it.
    PushReturned {
        /// The chat or task, which waits for another match.
        item: ItemId,
    },
    /// The call waits again.
    Returned {
        /// The offer that is over.
        offer: OfferId,
        /// How it ended.
        outcome: Outcome,
        /// Until when this agent is not asked again for this call.
        not_again_until: Option<Timestamp>,
    },
    /// The agent is asked to let go of the call; with `exit` it will go elsewhere then.
    WithdrawAsked {
        /// The offer that is to be taken back.
        offer: OfferId,
        /// Where the call goes once the agent has let go; `None`: it waits on.
        exit: Option<Exit>,
    },
    /// The item is told to go.
    Departing {
        /// The item, which leaves when it says so itself.
        item: ItemId,
        /// To another queue, or away because nobody has time.
        exit: Exit,
    },
    /// An agent who declined may be asked again.
    DeclineExpired {
        /// The item that was declined.
        item: ItemId,
        /// The agent who declined it, or did not turn to it.
        agent: AgentId,
    },
}

impl Queue {
    /// What waits, by id; the order of service is the board's.
    pub fn waiting(&self) -> impl Iterator<Item = (ItemId, &Waiting)> {
        self.waiting.iter().map(|(item, waiting)| (*item, waiting))
    }

    /// One item.
    pub fn get(&self, item: ItemId) -> Option<&Waiting> {
        self.waiting.get(&item)
    }

    /// The place of a waiting call among this queue's calls, counted from 1: one more than how many came before it. `None`
    /// if it does not wait here. Calls that are being offered still wait, and so are counted.
    pub fn position(&self, item: ItemId) -> Option<u32> {
        let age = |item: ItemId, waiting: &Waiting| (waiting.arrival.arrived_at, item);
        let own = self.waiting.get(&item).map(|waiting| age(item, waiting))?;
        let is_ahead = |(other, waiting): &(&ItemId, &Waiting)| {
            waiting.arrival.channel == Channel::Call && waiting.exit.is_none() && age(**other, waiting) < own
        };
        let ahead = self.waiting.iter().filter(is_ahead).count();
        Some(u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// What the administrator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The number of an agent's last offer from here; 0 if there was none. The lowest has the next turn.
    pub fn turn_of(&self, agent: AgentId) -> u64 {
        self.turns.get(&agent).copied().unwrap_or_default()
    }

    /// All times at which something ends by itself, the first one first.
    pub fn deadlines(&self) -> impl Iterator<Item = Timestamp> {
        self.waiting.deadlines()
    }

    /// Who had a turn, and which.
    pub(crate) fn turns(&self) -> &BTreeMap<AgentId, u64> {
        &self.turns
    }

    fn is_offered(&self, offer: OfferId) -> Option<&Waiting> {
        self.waiting.get(&ItemId::Call(offer.call)).filter(|waiting| waiting.asked.offer() == Some(offer))
    }

    /// An item goes elsewhere: at once, or as soon as the agent who is asked has let go.
    fn send_away(&self, item: ItemId, exit: Exit) -> Option<Event> {
        let waiting = self.waiting.get(&item)?;
        let to_here = matches!(exit, Exit::Move(to) if to.queue == self.id);
        match (waiting.exit, waiting.asked) {
            (Some(_), _) => None,
            (None, _) if to_here => None,
            (None, Asked::Offered { offer, .. }) => Some(Event::WithdrawAsked { offer, exit: Some(exit) }),
            (None, Asked::Nobody | Asked::Pushed { .. }) => Some(Event::Departing { item, exit }),
        }
    }

    fn enqueue(&self, at: Timestamp, arrival: &Arrival) -> Option<Event> {
        let known = self.waiting.get(&arrival.item).map(|waiting| &waiting.arrival);
        // An older place: this news was overtaken.
        if known.is_some_and(|known| known.place > arrival.place || known.attempts > arrival.attempts) {
            return None;
        }
        let mut arrival = arrival.clone();
        arrival.declined.retain(|_, until| *until > at);
        Some(Event::Enqueued { arrival, until: self.settings.wait_max.map(|wait| at + wait) })
    }

    fn released(&self, at: Timestamp, offer: OfferId, outcome: Outcome) -> Vec<Event> {
        // Otherwise the caller is gone already: the offer ended with them.
        let Some(waiting) = self.is_offered(offer) else { return vec![] };
        let not_again_until = (outcome == Outcome::Declined).then(|| at + DECLINE_HOLDS);
        let departing = waiting.exit.map(|exit| Event::Departing { item: ItemId::Call(offer.call), exit });
        [Event::Returned { offer, outcome, not_again_until }].into_iter().chain(departing).collect()
    }

    fn propose(&self, at: Timestamp, item: ItemId, agent: AgentId, tier: Tier, why: &Why) -> Option<Event> {
        let waiting = self.waiting.get(&item)?;
        let Arrival { place, attempts, declined, away, .. } = &waiting.arrival;
        if waiting.asked != Asked::Nobody || *away || waiting.exit.is_some() || declined.contains_key(&agent) {
            return None;
        }
        let why = Box::new(why.clone());
        Some(match item {
            ItemId::Call(call) => {
                let offer = OfferId { call, agent, attempt: attempts + 1 };
                Event::Offered { offer, tier, guard: at + self.settings.ring + GUARD, why }
            }
            ItemId::Chat(_) | ItemId::Task(_) => Event::Pushed { item, place: *place, agent, why },
        })
    }

    fn all_due(&self, deadline: Timestamp) -> Vec<Event> {
        let mut events = vec![];
        for (item, waiting) in self.waiting.iter() {
            let expired = waiting.arrival.declined.iter().filter(|(_, until)| **until == deadline);
            events.extend(expired.map(|(agent, _)| Event::DeclineExpired { item: *item, agent: *agent }));
            if waiting.until == Some(deadline) {
                let elsewhere = self.settings.overflow.filter(|to| to.queue != self.id);
                let exit = elsewhere.map_or(Exit::Refuse, Exit::Move);
                events.extend(self.send_away(*item, exit));
            } else if let Asked::Offered { offer, guard } = waiting.asked
                && guard == Some(deadline)
            {
                events.push(Event::WithdrawAsked { offer, exit: None });
            }
        }
        events
    }
}

impl Machine for Queue {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Configure { id, settings } if *id == self.id && **settings == self.settings => vec![],
            Command::Configure { id, settings } => {
                let mut events = vec![Event::Configured { id: *id, settings: settings.clone() }];
                // Where nothing may wait any more, nothing that waits may stay.
                if settings.wait_max == Some(Span::ZERO) {
                    let elsewhere = settings.overflow.filter(|to| to.queue != *id);
                    let exit = elsewhere.map_or(Exit::Refuse, Exit::Move);
                    events.extend(self.waiting.keys().filter_map(|item| self.send_away(*item, exit)));
                }
                events
            }
            Command::Enqueue(arrival) => self.enqueue(at, arrival).into_iter().collect(),
            Command::Leave { item, place } => match self.waiting.get(item) {
                Some(waiting) if waiting.arrival.place <= *place => vec![Event::Left { item: *item }],
                Some(_) | None => vec![],
            },
            Command::Propose { item, agent, tier, why } => {
                self.propose(at, *item, *agent, *tier, why).into_iter().collect()
            }
            Command::Released { offer, outcome } => self.released(at, *offer, *outcome),
            Command::Answered { offer } => match self.is_offered(*offer) {
                Some(_) => vec![Event::Left { item: ItemId::Call(offer.call) }],
                None => vec![],
            },
            Command::Away { item, place, away } => match self.waiting.get(item) {
                Some(Waiting { arrival, .. }) if arrival.place == *place && arrival.away != *away => {
                    vec![Event::WentAway { item: *item, away: *away }]
                }
                Some(_) | None => vec![],
            },
            Command::PushRefused { item, agent } => match self.waiting.get(item) {
                Some(waiting) if waiting.asked == (Asked::Pushed { agent: *agent }) => {
                    vec![Event::PushReturned { item: *item }]
                }
                Some(_) | None => vec![],
            },
            Command::Move { item, to } => match self.waiting.get(item) {
                Some(_) => self.send_away(*item, Exit::Move(*to)).into_iter().collect(),
                None => return Err(Refusal::Taken),
            },
            Command::Overflow { to } => {
                self.waiting.keys().filter_map(|item| self.send_away(*item, Exit::Move(*to))).collect()
            }
            Command::Due(deadline) => self.all_due(*deadline),
        })
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Configured { id, settings } => {
                self.id = *id;
                self.settings = (**settings).clone();
            }
            Event::Enqueued { arrival, until } => {
                let mut arrival = arrival.clone();
                if let Some(before) = self.waiting.remove(arrival.item) {
                    arrival.declined.extend(before.arrival.declined);
                }
                let waiting = Waiting { asked: Asked::Nobody, until: *until, exit: None, arrival };
                self.waiting.insert(waiting);
            }
            Event::Left { item } => _ = self.waiting.remove(*item),
            Event::Offered { offer, guard, .. } => {
                self.change(ItemId::Call(offer.call), |waiting| {
                    waiting.asked = Asked::Offered { offer: *offer, guard: Some(*guard) };
                    waiting.arrival.attempts = offer.attempt;
                });
                self.takes_turn(offer.agent);
            }
            Event::Pushed { item, agent, .. } => {
                self.change(*item, |waiting| waiting.asked = Asked::Pushed { agent: *agent });
                self.takes_turn(*agent);
            }
            Event::WentAway { item, away } => self.change(*item, |waiting| waiting.arrival.away = *away),
            Event::PushReturned { item } => self.change(*item, |waiting| waiting.asked = Asked::Nobody),
            Event::Returned { offer, not_again_until, .. } => self.change(ItemId::Call(offer.call), |waiting| {
                waiting.asked = Asked::Nobody;
                waiting.arrival.declined.extend(not_again_until.map(|until| (offer.agent, until)));
            }),
            Event::WithdrawAsked { offer, exit } => self.change(ItemId::Call(offer.call), |waiting| {
                if let Asked::Offered { guard, .. } = &mut waiting.asked {
                    *guard = None;
                }
                if exit.is_some() {
                    (waiting.exit, waiting.until) = (*exit, None);
                }
            }),
            Event::Departing { item, exit } => {
                self.change(*item, |waiting| (waiting.exit, waiting.until) = (Some(*exit), None));
            }
            Event::DeclineExpired { item, agent } => {
                self.change(*item, |waiting| _ = waiting.arrival.declined.remove(agent));
            }
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        match event {
            Event::Offered { offer, tier, .. } => {
                let Settings { ring, call_wrap_up: wrap_up, .. } = self.settings;
                let offered = agent::Command::Offer { offer: *offer, queue: self.id, tier: *tier, ring, wrap_up };
                vec![tell_agent(offer.agent, offered)]
            }
            Event::Pushed { item, place, agent, .. } => {
                vec![tell_agent(*agent, agent::Command::Push { item: *item, queue: self.id, place: *place })]
            }
            Event::WithdrawAsked { offer, .. } => {
                vec![tell_agent(offer.agent, agent::Command::Withdraw { offer: *offer })]
            }
            Event::Departing { item, exit } => {
                let (exit, queue) = (*exit, self.id);
                let Some(Waiting { arrival, .. }) = self.waiting.get(item).cloned() else { return vec![] };
                let Arrival { place, attempts, declined, .. } = arrival;
                vec![match *item {
                    ItemId::Call(call) => tell_call(call, call::Command::Depart { queue, exit, attempts, declined }),
                    ItemId::Chat(chat) => tell_chat(chat, chat::Command::Depart { exit, place }),
                    ItemId::Task(task) => tell_task(task, task::Command::Depart { exit, place }),
                }]
            }
            Event::Configured { .. }
            | Event::Enqueued { .. }
            | Event::Left { .. }
            | Event::WentAway { .. }
            | Event::PushReturned { .. }
            | Event::Returned { .. }
            | Event::DeclineExpired { .. } => vec![],
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.deadlines().next()
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        false
    }

    fn flaw(&self) -> Option<&'static str> {
        let asked = |item: ItemId, asked: Asked| match (item, asked) {
            (_, Asked::Nobody) => true,
            (ItemId::Call(call), Asked::Offered { offer, .. }) => offer.call == call,
            (ItemId::Chat(_) | ItemId::Task(_), Asked::Pushed { .. }) => true,
            (ItemId::Call(_), Asked::Pushed { .. }) => false,
            (ItemId::Chat(_) | ItemId::Task(_), Asked::Offered { .. }) => false,
        };
        let mut waiting = self.waiting.iter().map(|(item, waiting)| (*item, waiting));
        first_flaw(&[
            (waiting.clone().all(|(item, waiting)| waiting.arrival.item == item), "an item waits under another name"),
            (waiting.clone().all(|(item, waiting)| asked(item, waiting.asked)), "somebody is asked in the wrong way"),
            (waiting.all(|(_, one)| one.exit.is_none() || one.until.is_none()), "what goes away is still waited for"),
        ])
    }
}

impl Queue {
    fn change(&mut self, item: ItemId, change: impl FnOnce(&mut Waiting)) {
        if let Some(mut waiting) = self.waiting.remove(item) {
            change(&mut waiting);
            self.waiting.insert(waiting);
        }
    }

    fn takes_turn(&mut self, agent: AgentId) {
        if self.settings.strategy == Strategy::RoundRobin {
            self.turn += 1;
            self.turns.insert(agent, self.turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CallId, ChatId};

    #[test]
    fn a_calls_place_counts_the_calls_that_came_before_it() {
        let mut queue = Queue::default();
        let now = Timestamp(60_000);
        let call = |number| ItemId::Call(CallId(number));
        let mut obey = |command: Command| {
            for event in queue.decide(now, &command).unwrap() {
                queue.apply(&event);
            }
            [1, 2, 3, 4].map(|number| queue.position(call(number)))
        };
        let arrive = |item, channel, at| Command::Enqueue(Arrival::new(item, channel, Timestamp(at)));
        assert_eq!(obey(arrive(call(2), Channel::Call, 20)), [None, Some(1), None, None]);
        assert_eq!(obey(arrive(ItemId::Chat(ChatId(9)), Channel::Chat, 1)), [None, Some(1), None, None], "no call");
        // A call that was moved here comes with its age; of two that came at once the lower number was first.
        assert_eq!(obey(arrive(call(3), Channel::Call, 10)), [None, Some(2), Some(1), None]);
        assert_eq!(obey(arrive(call(4), Channel::Call, 20)), [None, Some(2), Some(1), Some(3)]);
        let (agent, tier) = (AgentId(1), Tier::Free);
        let why = Box::default();
        let offered = obey(Command::Propose { item: call(3), agent, tier, why });
        assert_eq!(offered, [None, Some(2), Some(1), Some(3)], "it waits until somebody answers");
        let gone = obey(Command::Leave { item: call(3), place: 0 });
        assert_eq!(gone, [None, Some(1), None, Some(2)]);
        let to = Destination { queue: QueueId(2), ..Destination::default() };
        assert_eq!(obey(Command::Move { item: call(2), to })[3], Some(1), "who is on their way out is ahead of nobody");
    }

    #[test]
    fn where_nothing_may_wait_any_more_all_goes_at_once_or_when_its_agent_has_let_go() {
        let (mut queue, now) = (Queue::default(), Timestamp(60_000));
        let (id, [offered, waits, later]) = (QueueId(1), [1, 2, 3].map(|number| ItemId::Call(CallId(number))));
        let obey = |queue: &mut Queue, command: Command| {
            let events = queue.decide(now, &command).unwrap();
            events.iter().for_each(|event| queue.apply(event));
            events
        };
        let arrive = |item| Command::Enqueue(Arrival::new(item, Channel::Call, now));
        obey(&mut queue, Command::Configure { id, settings: Box::default() });
        obey(&mut queue, arrive(offered));
        obey(&mut queue, arrive(waits));
        let (agent, why) = (AgentId(1), Box::default());
        obey(&mut queue, Command::Propose { item: offered, agent, tier: Tier::Free, why });
        let to = Destination { queue: QueueId(2), ..Destination::default() };
        let settings = Settings { wait_max: Some(Span::ZERO), overflow: Some(to), ..Settings::default() };
        let events = obey(&mut queue, Command::Configure { id, settings: Box::new(settings.clone()) });
        let (exit, offer) = (Exit::Move(to), OfferId { call: CallId(1), agent, attempt: 1 });
        let gone = [Event::WithdrawAsked { offer, exit: Some(exit) }, Event::Departing { item: waits, exit }];
        assert_eq!(events[1..], gone);
        obey(&mut queue, arrive(later));
        assert_eq!(queue.deadline(), Some(now), "what comes back goes on at once");
        assert_eq!(obey(&mut queue, Command::Due(now)), [Event::Departing { item: later, exit }]);

        let nowhere = Settings { overflow: None, waiting_max: Some(1), ..settings };
        let mut other = Queue::default();
        obey(&mut other, arrive(waits));
        let events = obey(&mut other, Command::Configure { id, settings: Box::new(nowhere) });
        assert_eq!(events[1..], [Event::Departing { item: waits, exit: Exit::Refuse }]);
    }
}

//! The call: its legs, and who hung up.
//! It never decides who gets it, and never calls itself connected: only the agent's word does that.

use crate::id::{AgentId, CallId, ContactId, ItemId, OfferId, QueueId};
use crate::message::{Effect, Signal, tell_agent};
use crate::place::{Identifier, Place};
use crate::queue::{Answer, Arrival, Channel, DECLINE_HOLDS, Destination, Exit, Outcome};
use crate::record::{self, History, Record};
use crate::time::{Span, Timestamp};
use crate::{Machine, Refusal, agent, first_flaw};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A phone call from its arrival to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Call {
    id: CallId,
    place: Place,
    attempts: u32,
    preferred: Option<AgentId>,
    dialled_by: Option<AgentId>,
    /// Whether the caller's INVITE has had its 200, or gets it as soon as that is durable.
    answered: bool,
    state: State,
    history: History,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not arrived yet.
    #[default]
    New,
    /// The caller waits.
    Queued,
    /// The caller waits and an agent's phone rings.
    Ringing {
        /// For which offer.
        offer: OfferId,
    },
    /// The phone has answered; the agent's word is awaited.
    Answered {
        /// For which offer.
        offer: OfferId,
    },
    /// Caller and agent are connected.
    Connected {
        /// Since the agent answered this offer.
        offer: OfferId,
        /// When the talk began.
        since: Timestamp,
        /// Who has put the other on hold.
        held: Option<Side>,
    },
    /// The call is over.
    Ended {
        /// Who or what ended it.
        by: Ending,
    },
}

/// One of the two who talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Whoever called the company.
    Caller,
    /// Whoever answered.
    Agent,
}

/// Who or what ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The caller hung up.
    Caller,
    /// The agent hung up.
    Agent,
    /// Nobody had time: the queue sent it away.
    Unserved,
    /// A phone is not there any more, without having hung up.
    Lost,
    /// The daemon stopped in an orderly way.
    DaemonStopped,
    /// The daemon was restarted: its sockets and media are gone.
    DaemonRestarted,
}

impl Ending {
    fn outcome(self, talking: bool) -> record::Outcome {
        match (self, talking) {
            (Ending::Caller, true) => record::Outcome::CallerHungUp,
            (Ending::Caller, false) => record::Outcome::Abandoned,
            (Ending::Agent, _) => record::Outcome::AgentHungUp,
            (Ending::Unserved, _) => record::Outcome::SentAway,
            (Ending::Lost, _) => record::Outcome::Failed,
            (Ending::DaemonStopped, _) => record::Outcome::DaemonStopped,
            (Ending::DaemonRestarted, _) => record::Outcome::DaemonRestarted,
        }
    }
}

/// All that can be asked of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The caller's INVITE came; the dialled number selected the queue.
    Arrive {
        /// This call's id.
        id: CallId,
        /// Where it waits.
        queue: QueueId,
        /// The agent whom this caller had last.
        preferred: Option<AgentId>,
        /// The agent whose own phone it is that calls.
        dialled_by: Option<AgentId>,
        /// When the queue answers its callers.
        answer: Answer,
    },
    /// The caller's INVITE came, and nobody has time for it.
    TurnAway {
        /// This call's id.
        id: CallId,
        /// The queue for which it came.
        queue: QueueId,
    },
    /// The agent has reserved themselves: let the phone ring.
    Ring {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// The agent's reservation is over: stop ringing.
    StopRinging {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// The agent's word: connected.
    Connect {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// The agent's phone answered (200 OK).
    PhoneAnswered {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// The agent's phone did not take the call.
    PhoneFailed {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
        /// Declined, busy or unreachable.
        outcome: Outcome,
    },
    /// The agent's phone hung up.
    PhoneHungUp {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// One side puts the other on hold, or nobody does any more.
    Hold {
        /// The side that has put the other on hold; `None`: neither.
        held: Option<Side>,
    },
    /// The agent gives the call to a queue, without a word to whoever will take it.
    Transfer {
        /// Who gives it away; refused if the call is not connected to them.
        agent: AgentId,
        /// The queue in which the caller is to wait.
        to: QueueId,
    },
    /// The queue sends it away.
    Depart {
        /// The queue that says so: ignored if the call waits elsewhere by now.
        queue: QueueId,
        /// To another queue, or away because nobody has time.
        exit: Exit,
        /// How often it was offered there.
        attempts: u32,
        /// Who is not to be asked again, and until when.
        declined: BTreeMap<AgentId, Timestamp>,
    },
    /// Somebody says who the caller is, also once it is over.
    Identify {
        /// A contact; `None`: nobody who is known.
        contact: Option<ContactId>,
        /// Who says so; an agent whose phone neither rings nor is or was connected is refused.
        by: Identifier,
    },
    /// The caller hung up.
    CallerHungUp,
    /// A phone is not there any more: it acknowledged nothing, was silent for too long, or did not answer when asked.
    Lost {
        /// That of which offer; `None` for the caller's.
        offer: Option<OfferId>,
    },
    /// The agent hangs up on the screen.
    HangUp {
        /// Who hangs up; refused if the call is not connected to them.
        agent: AgentId,
    },
    /// The daemon stops in an orderly way: nobody is left to carry the call on.
    DaemonStops,
    /// The daemon was restarted.
    Restarted {
        /// When it was last known to run.
        down_since: Timestamp,
    },
}

/// All that can happen to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The call waits in its queue.
    Arrived {
        /// The call's id, given to it at its INVITE.
        id: CallId,
        /// Where it waits.
        queue: QueueId,
        /// The agent whom this caller had last.
        preferred: Option<AgentId>,
        /// The agent whose own phone it is that calls.
        dialled_by: Option<AgentId>,
        /// When the queue answers its callers.
        answer: Answer,
        /// When the INVITE came: its age counts from here.
        at: Timestamp,
    },
    /// The call was refused at once, because nobody has time for it.
    TurnedAway {
        /// The call's id, given to it at its INVITE.
        id: CallId,
        /// For which queue it came.
        queue: QueueId,
        /// When the INVITE came.
        at: Timestamp,
    },
    /// A phone rings.
    Rang {
        /// For which offer.
        offer: OfferId,
    },
    /// A phone rings no more; the call waits on.
    RingingStopped {
        /// For which offer.
        offer: OfferId,
    },
    /// The phone answered; the agent is asked to commit.
    PhoneAnswered {
        /// For which offer.
        offer: OfferId,
    },
    /// The phone did not take the call; the agent is told.
    PhoneFailed {
        /// For which offer.
        offer: OfferId,
        /// Declined, busy, unreachable, or what else the phone answered.
        outcome: Outcome,
    },
    /// Caller and agent are connected.
    Connected {
        /// By which offer.
        offer: OfferId,
        /// Whether the caller heard ringing so far, and is answered only now.
        answers: bool,
        /// When the talk began.
        at: Timestamp,
    },
    /// The agent's word came for a leg that is dead: the agent is told that it is over.
    OfferVoid {
        /// The offer that the agent believes in.
        offer: OfferId,
        /// Whether the call has to go back into its queue.
        requeue: bool,
    },
    /// One has put the other on hold, or nobody has any more.
    Held {
        /// The side that has put the other on hold; `None`: neither.
        held: Option<Side>,
        /// When that changed.
        at: Timestamp,
    },
    /// The agent's part is over, and the caller waits in a queue again.
    Transferred {
        /// The offer that connected it.
        offer: OfferId,
        /// Where it waits.
        to: QueueId,
        /// When the agent let go.
        at: Timestamp,
    },
    /// It waits elsewhere.
    Moved {
        /// Where it waited.
        from: QueueId,
        /// Where it waits now.
        to: QueueId,
        /// When the queue there answers its callers.
        answer: Answer,
        /// How often it was offered so far.
        attempts: u32,
        /// Who is not to be asked again, and until when.
        declined: BTreeMap<AgentId, Timestamp>,
    },
    /// It is known who the caller is, or not any more.
    Identified {
        /// A contact; `None`: nobody who is known.
        contact: Option<ContactId>,
        /// Who says so.
        by: Identifier,
    },
    /// It is over.
    Ended {
        /// Who or what ended it.
        by: Ending,
        /// When; after a restart when the daemon was last known to run.
        at: Timestamp,
        /// The offer that rang or was connected.
        offer: Option<OfferId>,
    },
}

impl Call {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Where it waits or waited.
    pub fn queue(&self) -> QueueId {
        self.place.queue
    }

    /// When it came.
    pub fn arrived_at(&self) -> Timestamp {
        self.place.arrived_at
    }

    /// Who the caller is, if that is known.
    pub fn contact(&self) -> Option<ContactId> {
        self.place.contact
    }

    /// Whose phone rings for it, or who talks.
    pub fn agent(&self) -> Option<AgentId> {
        self.offer().map(|offer| offer.agent)
    }

    /// What became of it, once it is over.
    pub fn record(&self) -> Option<Record> {
        self.history.record(Channel::Call, &self.place, Span::ZERO)
    }

    fn offer(&self) -> Option<OfferId> {
        match self.state {
            State::New | State::Queued | State::Ended { .. } => None,
            State::Ringing { offer } | State::Answered { offer } | State::Connected { offer, .. } => Some(offer),
        }
    }

    fn end(&self, at: Timestamp, by: Ending) -> Vec<Event> {
        match self.state {
            State::New | State::Ended { .. } => vec![],
            State::Queued | State::Ringing { .. } | State::Answered { .. } | State::Connected { .. } => {
                vec![Event::Ended { by, at, offer: self.offer() }]
            }
        }
    }

    /// Whether an agent's phone rings for this offer, or has answered and awaits the agent's word.
    fn is_offered(&self, offer: OfferId) -> bool {
        self.state == State::Ringing { offer } || self.state == State::Answered { offer }
    }

    /// Whether the caller waits in this queue, though a phone may ring meanwhile.
    fn waits_in(&self, queue: QueueId) -> bool {
        let waits = match self.state {
            State::Queued | State::Ringing { .. } | State::Answered { .. } => true,
            State::New | State::Connected { .. } | State::Ended { .. } => false,
        };
        waits && queue == self.place.queue
    }

    /// An agent has reserved themselves.
    fn ring(&self, offer: OfferId) -> Vec<Event> {
        match self.state {
            State::Queued if offer.attempt > self.attempts => vec![Event::Rang { offer }],
            // There is a newer offer only because the older one's agent has let go: that word is still on its way.
            State::Ringing { offer: older } | State::Answered { offer: older } if offer.attempt > older.attempt => {
                vec![Event::RingingStopped { offer: older }, Event::Rang { offer }]
            }
            State::Ringing { offer: known }
            | State::Answered { offer: known }
            | State::Connected { offer: known, .. }
                if known == offer =>
            {
                vec![]
            }
            // A leg that is dead, or another one that lives: whoever reserved themselves is let go.
            State::New
            | State::Queued
            | State::Ringing { .. }
            | State::Answered { .. }
            | State::Connected { .. }
            | State::Ended { .. } => vec![Event::OfferVoid { offer, requeue: false }],
        }
    }

    /// The agent has said that they are connected.
    fn connect(&self, at: Timestamp, offer: OfferId) -> Vec<Event> {
        match self.state {
            State::Answered { offer: answered } if answered == offer => {
                vec![Event::Connected { offer, answers: !self.answered, at }]
            }
            // The agent took it out of the queue, and the phone hung up before the word came: the caller waits on.
            State::Queued => vec![Event::OfferVoid { offer, requeue: true }],
            State::New | State::Ringing { .. } | State::Answered { .. } | State::Ended { .. } => {
                vec![Event::OfferVoid { offer, requeue: false }]
            }
            State::Connected { .. } => vec![],
        }
    }

    /// The leg to an agent's phone is over: an offer has failed by that, and a connected call has ended.
    fn phone_gone(&self, at: Timestamp, offer: OfferId, by: Ending, outcome: Outcome) -> Vec<Event> {
        match self.state {
            State::Ringing { offer: known } | State::Answered { offer: known } if known == offer => {
                vec![Event::PhoneFailed { offer, outcome }]
            }
            State::Connected { offer: known, .. } if known == offer => self.end(at, by),
            State::New
            | State::Queued
            | State::Ringing { .. }
            | State::Answered { .. }
            | State::Connected { .. }
            | State::Ended { .. } => vec![],
        }
    }

    fn hold(&self, at: Timestamp, held: Option<Side>) -> Vec<Event> {
        match self.state {
            State::Connected { held: before, .. } if before != held => vec![Event::Held { held, at }],
            State::New
            | State::Queued
            | State::Ringing { .. }
            | State::Answered { .. }
            | State::Connected { .. }
            | State::Ended { .. } => vec![],
        }
    }
}

impl Machine for Call {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match *command {
            Command::Arrive { id, queue, preferred, dialled_by, answer } if self.state == State::New => {
                vec![Event::Arrived { id, queue, preferred, dialled_by, answer, at }]
            }
            Command::TurnAway { id, queue } if self.state == State::New => vec![Event::TurnedAway { id, queue, at }],
            Command::Arrive { .. } | Command::TurnAway { .. } => vec![],
            Command::Ring { offer } => self.ring(offer),
            Command::StopRinging { offer } if self.is_offered(offer) => vec![Event::RingingStopped { offer }],
            Command::StopRinging { .. } => vec![],
            Command::PhoneAnswered { offer } if self.state == (State::Ringing { offer }) => {
                vec![Event::PhoneAnswered { offer }]
            }
            Command::PhoneAnswered { .. } => vec![],
            Command::PhoneFailed { offer, outcome } if self.state == (State::Ringing { offer }) => {
                vec![Event::PhoneFailed { offer, outcome }]
            }
            Command::PhoneFailed { .. } => vec![],
            Command::Connect { offer } => self.connect(at, offer),
            Command::PhoneHungUp { offer } => self.phone_gone(at, offer, Ending::Agent, Outcome::Declined),
            Command::Lost { offer: Some(offer) } => self.phone_gone(at, offer, Ending::Lost, Outcome::Unreachable),
            Command::Lost { offer: None } => self.end(at, Ending::Lost),
            Command::Hold { held } => self.hold(at, held),
            Command::Transfer { agent, to } => {
                vec![Event::Transferred { offer: self.connected_to(agent)?, to, at }]
            }
            Command::Depart { queue, .. } if !self.waits_in(queue) => vec![],
            Command::Depart {
                queue,
                exit: Exit::Move(Destination { queue: to, answer, .. }),
                attempts,
                ref declined,
            } => {
                let (attempts, declined) = (self.attempts.max(attempts), declined.clone());
                vec![Event::Moved { from: queue, to, answer, attempts, declined }]
            }
            Command::Depart { exit: Exit::Refuse, .. } => self.end(at, Ending::Unserved),
            Command::Identify { contact, by } => {
                let is_theirs = |agent| self.agent() == Some(agent) || self.is_over() && self.history.had(agent);
                let is_news = self.place.is_identified(contact, by, is_theirs)?;
                let is_there = self.state != State::New;
                if is_news && is_there { vec![Event::Identified { contact, by }] } else { vec![] }
            }
            Command::CallerHungUp => self.end(at, Ending::Caller),
            Command::HangUp { agent } => {
                self.connected_to(agent)?;
                self.end(at, Ending::Agent)
            }
            Command::DaemonStops => self.end(at, Ending::DaemonStopped),
            Command::Restarted { down_since } => self.end(down_since, Ending::DaemonRestarted),
        })
    }

    fn apply(&mut self, event: &Event) {
        match *event {
            Event::Arrived { id, queue, preferred, dialled_by, answer, at } => {
                let (answered, history) = (answer == Answer::AtOnce, History::arrived(queue));
                let (attempts, state) = (0, State::Queued);
                let place = Place::of_a_call(queue, at);
                *self = Call { id, place, attempts, preferred, dialled_by, answered, state, history };
            }
            Event::TurnedAway { id, queue, at } => {
                let (state, history) = (State::Ended { by: Ending::Unserved }, History::turned_away(queue, at));
                *self = Call { id, place: Place::of_a_call(queue, at), state, history, ..Call::default() };
            }
            Event::Rang { offer } => {
                self.history.offered();
                self.attempts = offer.attempt;
                self.state = State::Ringing { offer };
            }
            Event::PhoneAnswered { offer } => self.state = State::Answered { offer },
            Event::RingingStopped { .. } | Event::PhoneFailed { .. } => self.state = State::Queued,
            Event::OfferVoid { offer, requeue } => {
                if requeue {
                    self.attempts = self.attempts.max(offer.attempt);
                }
            }
            Event::Connected { offer, at, .. } => {
                self.history.attended(offer.agent, self.place.queue, at);
                self.answered = true;
                self.state = State::Connected { offer, since: at, held: None };
            }
            Event::Held { held: now, at } => {
                match now {
                    Some(_) => self.history.put_aside(at),
                    None => self.history.taken_up(at),
                }
                if let State::Connected { held, .. } = &mut self.state {
                    *held = now;
                }
            }
            Event::Transferred { to, at, .. } => {
                self.history.transferred(to, at);
                self.place.queue = to;
                self.state = State::Queued;
            }
            Event::Moved { to, answer, attempts, .. } => {
                self.history.moved(to);
                self.answered |= answer == Answer::AtOnce;
                self.place.queue = to;
                self.attempts = attempts;
            }
            Event::Identified { contact, .. } => self.place.contact = contact,
            Event::Ended { by, at, .. } => {
                self.history.ended(by.outcome(self.history.is_talking()), at);
                self.state = State::Ended { by };
            }
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        let signal = |signal| Effect::Signal(self.id, signal);
        let item = ItemId::Call(self.id);
        let enqueue = |declined| {
            let (attempts, preferred) = (self.attempts, self.preferred);
            let arrival = self.place.arrival(item, Channel::Call);
            self.place.enqueue(Arrival { attempts, preferred, declined, ..arrival })
        };
        let leave = |queue| self.place.leave(queue, item);
        let over = |offer: OfferId| tell_agent(offer.agent, agent::Command::Over { offer });
        match *event {
            Event::Arrived { dialled_by, answer, .. } => {
                let heard = match answer {
                    Answer::AtOnce => Signal::Welcome,
                    Answer::WithAgent => Signal::Alert,
                };
                let dialled = |agent| tell_agent(agent, agent::Command::Dialled { call: self.id });
                let own = dialled_by.map(dialled);
                own.into_iter().chain([signal(heard), enqueue(BTreeMap::new())]).collect()
            }
            Event::TurnedAway { .. } => vec![signal(Signal::TurnAway)],
            Event::Rang { offer } => vec![signal(Signal::Ring(offer))],
            Event::RingingStopped { offer } => vec![signal(Signal::StopRinging(offer))],
            Event::PhoneAnswered { offer } => vec![tell_agent(offer.agent, agent::Command::Commit { offer })],
            Event::PhoneFailed { offer, outcome } => {
                vec![tell_agent(offer.agent, agent::Command::PhoneFailed { offer, outcome })]
            }
            Event::Connected { offer, answers: false, .. } => vec![signal(Signal::Connect(offer))],
            Event::Connected { offer, answers: true, .. } => {
                vec![signal(Signal::Answer(offer)), signal(Signal::Connect(offer))]
            }
            Event::OfferVoid { offer, requeue: false } => vec![over(offer)],
            Event::OfferVoid { offer, requeue: true } => vec![over(offer), enqueue(BTreeMap::new())],
            // Whoever gave it away is not the one to get it back at once.
            Event::Transferred { offer, at, .. } => {
                let declined = BTreeMap::from([(offer.agent, at + DECLINE_HOLDS)]);
                vec![signal(Signal::Part(offer)), over(offer), enqueue(declined)]
            }
            // A caller who was answered stays so, and hears the other queue's announcements.
            Event::Moved { from, ref declined, .. } => {
                let heard = self.answered.then(|| signal(Signal::Welcome));
                [leave(from), enqueue(declined.clone())].into_iter().chain(heard).collect()
            }
            Event::Held { .. } | Event::Identified { .. } => vec![],
            Event::Ended { by, offer, .. } => {
                let clear = match by {
                    Ending::Caller | Ending::Agent | Ending::Unserved | Ending::Lost | Ending::DaemonStopped => {
                        Signal::Clear
                    }
                    Ending::DaemonRestarted => Signal::ClearStored,
                };
                let mut effects = vec![signal(clear), leave(self.place.queue)];
                effects.extend(offer.map(over));
                let own = |agent| over(OfferId { call: self.id, agent, attempt: 0 });
                effects.extend(self.dialled_by.map(own));
                effects
            }
        }
    }

    /// None: whoever rings is the agent's concern, whoever talks hangs up at some time, and the user agent notices
    /// a dead leg.
    fn deadline(&self) -> Option<Timestamp> {
        None
    }

    fn due(_: Timestamp) -> Command {
        unreachable!("a call has no deadline")
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Ended { .. })
    }

    fn flaw(&self) -> Option<&'static str> {
        let talks = matches!(self.state, State::Connected { .. });
        let own = self.offer().is_none_or(|offer| offer.call == self.id && offer.attempt <= self.attempts);
        first_flaw(&[
            (!talks || self.answered, "an agent talks to a caller who was not answered"),
            (talks == self.history.is_talking(), "its record has another conversation than goes on"),
            (own, "it rings for an offer that is none of its own"),
            (self.is_over() == self.record().is_some(), "it has no record although it is over, or has one before"),
        ])
    }
}

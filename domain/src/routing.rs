//! The board: one per company, it matches what waits with the agents who may be asked, and says why.
//! It only proposes. It holds nothing that is not derived from the machines, so it is rebuilt from them at start.

use crate::agent::{Agent, Presence};
use crate::chat::Chat;
use crate::id::{AgentId, ChatId, ItemId, QueueId};
use crate::queue::{self, Arrival, Channel, HeadStarts, Queue, Strategy, Unserved, Waiting};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// How many of those who would have come next are kept with a decision.
pub const NEXT_KEPT: usize = 5;
/// How many overflows are followed until an item is refused: queues that overflow in a circle end there.
const OVERFLOWS_MAX: usize = 8;

/// How much an item interrupts. Lower comes first: a busy agent is asked only if no free one can be (R9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Nothing is active.
    Free,
    /// An e-mail, a work item or a callback is active.
    Task,
    /// A chat is active in which the agent wrote last: it is the visitor's turn.
    ChatAnswered,
    /// A chat is active in which the visitor waits for an answer, or nothing was written yet.
    ChatWaiting,
}

/// What a call would push aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interruption {
    /// Nothing.
    Nothing,
    /// This item.
    Item(ItemId),
}

/// Why an agent is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema), ts(export_to = "agent.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// They are not logged in.
    LoggedOut,
    /// They are about to be logged out.
    LoggingOut,
    /// They are on a break.
    OnBreak,
    /// They asked for a break.
    BreakPending,
    /// They are unavailable.
    Unavailable,
    /// They missed or declined too many calls, or their phone was busy.
    CallsBlocked,
    /// Their phone cannot be reached.
    PhoneLost,
    /// They let too many chats stand.
    ChatsBlocked,
    /// Their browser is away.
    BrowserAway,
    /// They work without a browser.
    NoBrowser,
    /// A call rings for them.
    Ringing,
    /// They are on a call (R9).
    OnACall,
    /// They write up a chat or a call (R10).
    InWrapUp,
    /// The chat that they are in may not be interrupted.
    Exclusive,
    /// The chat that they are in has just come back from an interruption.
    Protected,
    /// They attend to something, and this item interrupts nothing.
    Busy,
    /// Another item has just been given to them.
    Alerted,
    /// They have as many chats as they may have.
    MaximumReached,
    /// Another item is being offered to them.
    Asked,
    /// They declined this item, or did not turn to it.
    Declined,
    /// They don't serve the queue.
    NotServing,
}

/// In which order agents are asked: by tier, then whose item was interrupted least often, then who was spared longest,
/// then by the queue's strategy, then by id. The same inputs always choose the same agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rank {
    /// What would be interrupted.
    pub tier: Tier,
    /// How often the item was interrupted before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub preemptions: u32,
    /// When the agent was last interrupted; zero in the tier of the free.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub preempted_at: Timestamp,
    /// The number of the agent's last turn in a round robin, or how far their skill is below the highest; else zero.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub order: u64,
    /// Since when the agent is idle; among those who would be interrupted, when their last call ended.
    pub since: Timestamp,
    /// Who.
    pub agent: AgentId,
}

/// What most ranks have in most places: such places are left out of the journal.
fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How the board came to a decision: who would have come next, and how many were passed over for which reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Why {
    /// The queue's strategy.
    pub strategy: Strategy,
    /// The one who was chosen.
    pub winner: Option<Rank>,
    /// Whether they were chosen because the customer had them last.
    pub preferred: bool,
    /// The next [`NEXT_KEPT`].
    pub next: Vec<Rank>,
    /// How many who serve the queue could not be asked, by reason.
    pub passed_over: BTreeMap<Obstacle, u32>,
}

/// A match: this item is to be offered to this agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The queue in which the item waits.
    pub queue: QueueId,
    /// The item.
    pub item: ItemId,
    /// The agent.
    pub agent: AgentId,
    /// The agent's tier now.
    pub tier: Tier,
    /// How the board came to it.
    pub why: Why,
}

impl Proposal {
    /// The proposal as the queue gets it.
    pub fn command(self) -> queue::Command {
        queue::Command::Propose { item: self.item, agent: self.agent, tier: self.tier, why: Box::new(self.why) }
    }
}

/// The queues that are closed at a moment, and what happens to new items there.
pub type Closed = BTreeMap<QueueId, Unserved>;

/// What happens to an item that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It waits in this queue: the one that it came for, or one into which that overflows.
    Waits(QueueId),
    /// Nobody has time for it.
    Refused,
}

/// Whom an item would meet that came now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Where it would wait.
    pub admission: Admission,
    /// The strategy there.
    pub strategy: Strategy,
    /// Whether it would be given to somebody: else agents take it by themselves.
    pub given: bool,
    /// How many wait there already for somebody who can be asked.
    pub waiting: usize,
    /// Who could be asked, in their order.
    pub candidates: Vec<Rank>,
    /// Who else serves the queue, by id, and why they could not be asked.
    pub passed_over: Vec<(AgentId, Obstacle)>,
}

/// How well an agent knows what a queue is about: the higher the better.
pub type Skill = u8;

/// In which order items are served: first what comes strictly first, then by arrival less head start, then by channel and
/// id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Urgency {
    follows: bool,
    counts_from: Timestamp,
    channel: Channel,
    item: ItemId,
}

/// What matters of an item that may be interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Attended {
    agent: AgentId,
    tier: Tier,
    preemptions: u32,
}

/// What matters of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Standing {
    /// As they were last seen; `None`: they were assigned to queues, and not seen yet.
    agent: Option<Agent>,
    /// About which items they are being asked: one, or two while a queue has not heard yet that one is elsewhere.
    asked: BTreeSet<(QueueId, ItemId)>,
    serves: BTreeMap<QueueId, Service>,
}

/// An agent in one of the queues that they serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Service {
    skill: Skill,
    /// What the queue's desk has noted of them.
    noted: Option<Noted>,
}

/// What agents are asked to take. A call may interrupt; a chat or a task is pushed and interrupts nobody, and only of chats
/// is there a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Call,
    Chat,
    Task,
}

impl From<Channel> for Kind {
    fn from(channel: Channel) -> Kind {
        match channel {
            Channel::Call => Kind::Call,
            Channel::Chat => Kind::Chat,
            Channel::Callback | Channel::Email | Channel::WorkItem => Kind::Task,
        }
    }
}

/// Where an agent stands in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Noted {
    logged_in: bool,
    /// They are logged in and can take chats.
    chat_agents: bool,
    calls: Result<Rank, Obstacle>,
    chats: Result<Rank, Obstacle>,
    tasks: Result<Rank, Obstacle>,
}

impl Noted {
    fn lane(&self, kind: Kind) -> Result<Rank, Obstacle> {
        match kind {
            Kind::Call => self.calls,
            Kind::Chat => self.chats,
            Kind::Task => self.tasks,
        }
    }
}

/// What a queue needs to be matched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Desk {
    rules: Rules,
    agents: BTreeSet<AgentId>,
    logged_in: u32,
    chat_agents: u32,
    length: u32,
    turns: BTreeMap<AgentId, u64>,
    calls: Lane,
    chats: Lane,
    tasks: Lane,
}

/// What the administrator decided about a queue, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Rules {
    strategy: Strategy,
    pushed: BTreeSet<Channel>,
    head_starts: HeadStarts,
    waiting_max: Option<u32>,
    overflow: Option<QueueId>,
    unserved: Unserved,
}

/// Those who may be asked and what waits for them: once for each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Lane {
    candidates: BTreeSet<Rank>,
    passed_over: BTreeMap<Obstacle, u32>,
    waiting: BTreeSet<Urgency>,
}

/// What matters of an item that waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Listed {
    urgency: Urgency,
    kind: Kind,
    declined: BTreeSet<AgentId>,
    preferred: Option<AgentId>,
}

/// The board of one company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Board {
    standings: BTreeMap<AgentId, Standing>,
    attended: BTreeMap<ItemId, Attended>,
    desks: BTreeMap<QueueId, Desk>,
    listed: BTreeMap<(QueueId, ItemId), Listed>,
    asking: BTreeMap<(QueueId, ItemId), AgentId>,
    /// Proposals that their queues have not dealt with yet.
    proposed: BTreeMap<(QueueId, ItemId), AgentId>,
    /// Where an item waits. For as long as one queue has not heard that it is in the other now, in two.
    places: BTreeMap<ItemId, BTreeMap<QueueId, u32>>,
    /// The queues in which there may be a match that is not noted in `matches`, and those that are.
    touched: BTreeSet<QueueId>,
    matches: BTreeMap<QueueId, Match>,
    order: BTreeSet<(Urgency, QueueId)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Match {
    urgency: Urgency,
    rank: Rank,
    kind: Kind,
    preferred: bool,
}

impl Lane {
    /// Notes what became of an agent, and says whether that may make another match.
    fn note(&mut self, before: Option<Result<Rank, Obstacle>>, now: Option<Result<Rank, Obstacle>>) -> bool {
        if before == now {
            return false;
        }
        match before {
            Some(Ok(rank)) => _ = self.candidates.remove(&rank),
            Some(Err(obstacle)) => self.pass_over_no_more(obstacle),
            None => {}
        }
        match now {
            Some(Ok(rank)) => _ = self.candidates.insert(rank),
            Some(Err(obstacle)) => *self.passed_over.entry(obstacle).or_default() += 1,
            None => {}
        }
        let is_candidate = |noted| matches!(noted, Some(Ok(_)));
        !self.waiting.is_empty() && (is_candidate(before) || is_candidate(now))
    }

    fn pass_over_no_more(&mut self, obstacle: Obstacle) {
        if let Entry::Occupied(mut count) = self.passed_over.entry(obstacle) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

impl Desk {
    fn lane(&self, kind: Kind) -> &Lane {
        match kind {
            Kind::Call => &self.calls,
            Kind::Chat => &self.chats,
            Kind::Task => &self.tasks,
        }
    }

    /// Whether what waits is given to somebody.
    fn is_matched(&self, channel: Channel) -> bool {
        Kind::from(channel) == Kind::Call || self.rules.pushed.contains(&channel)
    }

    fn lane_mut(&mut self, kind: Kind) -> &mut Lane {
        match kind {
            Kind::Call => &mut self.calls,
            Kind::Chat => &mut self.chats,
            Kind::Task => &mut self.tasks,
        }
    }

    /// Notes what became of an agent, and says whether that may make another match.
    fn note(&mut self, before: Option<Noted>, now: Option<Noted>) -> bool {
        let logged_in = |noted: Option<Noted>| u32::from(noted.is_some_and(|noted| noted.logged_in));
        self.logged_in = self.logged_in + logged_in(now) - logged_in(before);
        let chat_agents = |noted: Option<Noted>| u32::from(noted.is_some_and(|noted| noted.chat_agents));
        self.chat_agents = self.chat_agents + chat_agents(now) - chat_agents(before);
        let calls = self.calls.note(before.map(|noted| noted.calls), now.map(|noted| noted.calls));
        let chats = self.chats.note(before.map(|noted| noted.chats), now.map(|noted| noted.chats));
        let tasks = self.tasks.note(before.map(|noted| noted.tasks), now.map(|noted| noted.tasks));
        calls || chats || tasks
    }

    /// How an agent of the queue ranks when they have nothing to do.
    fn rank(&self, id: AgentId, agent: &Agent, skill: Skill) -> Rank {
        let order = match self.rules.strategy {
            Strategy::LongestIdle | Strategy::Sticky => 0,
            Strategy::RoundRobin => self.turns.get(&id).copied().unwrap_or_default(),
            Strategy::Skill => u64::from(Skill::MAX - skill),
        };
        let (tier, preemptions, preempted_at) = (Tier::Free, 0, Timestamp::default());
        Rank { tier, preemptions, preempted_at, order, since: agent.idle_since(), agent: id }
    }
}

// Beside another.
impl Board {
    /// A board of the same agents in the same queues, which knows nothing of any machine yet.
    pub fn blank(&self) -> Board {
        let mut blank = Board::default();
        for (agent, standing) in &self.standings {
            blank.assign(*agent, standing.serves.iter().map(|(queue, service)| (*queue, service.skill)).collect());
        }
        blank
    }

    /// What it knows, without what it has found out about the next match.
    pub fn knowledge(mut self) -> Board {
        self.touched.clear();
        self.matches.clear();
        self.order.clear();
        self
    }
}

// What it learns.
impl Board {
    /// Which queues an agent serves and how well, by the administrator's word.
    pub fn assign(&mut self, agent: AgentId, queues: BTreeMap<QueueId, Skill>) {
        let standing = self.standings.entry(agent).or_default();
        for (queue, service) in std::mem::take(&mut standing.serves) {
            if let Some(desk) = self.desks.get_mut(&queue) {
                desk.agents.remove(&agent);
                desk.note(service.noted, None);
                self.touched.insert(queue);
            }
        }
        for (queue, skill) in queues {
            self.desks.entry(queue).or_default().agents.insert(agent);
            standing.serves.insert(queue, Service { skill, noted: None });
        }
        self.note(agent);
    }

    /// Takes note of an agent's state. To be called in the turn that changed it.
    pub fn see_agent(&mut self, id: AgentId, agent: &Agent) {
        self.standings.entry(id).or_default().agent = Some(agent.clone());
        self.note(id);
    }

    /// Takes note of a chat's state. To be called in the turn that changed it.
    pub fn see_chat(&mut self, id: ChatId, chat: &Chat) {
        let item = ItemId::Chat(id);
        let now = chat.agent().map(|agent| Attended { agent, tier: chat.tier(), preemptions: chat.preemptions() });
        let before = match now {
            Some(now) => self.attended.insert(item, now),
            None => self.attended.remove(&item),
        };
        if now == before {
            return;
        }
        for agent in [before, now].into_iter().flatten().map(|attended| attended.agent) {
            let machine = self.standings.get(&agent).and_then(|standing| standing.agent.as_ref());
            if machine.is_some_and(|agent| agent.interruption() == Ok(Interruption::Item(item))) {
                self.note(agent);
            }
        }
    }

    /// Takes note of a queue's settings and all its items: at start, and when the administrator changed them.
    pub fn see_queue(&mut self, id: QueueId, queue: &Queue) {
        let settings = queue.settings();
        let desk = self.desks.entry(id).or_default();
        desk.rules = Rules {
            strategy: settings.strategy,
            pushed: settings.pushed.clone(),
            head_starts: settings.head_starts,
            waiting_max: settings.waiting_max,
            overflow: settings.overflow.map(|to| to.queue),
            unserved: settings.unserved,
        };
        desk.turns = queue.turns().clone();
        let agents = desk.agents.clone();
        for (item, waiting) in queue.waiting() {
            self.see_item(id, item, Some(waiting));
        }
        for agent in agents {
            self.note(agent);
        }
    }

    /// Takes note of what an event changed in a queue. To be called in the turn that applied it.
    pub fn see_queue_event(&mut self, id: QueueId, queue: &Queue, event: &queue::Event) {
        match event {
            queue::Event::Configured { .. } => self.see_queue(id, queue),
            queue::Event::Enqueued { arrival: Arrival { item, .. }, .. }
            | queue::Event::Left { item }
            | queue::Event::PushReturned { item }
            | queue::Event::WentAway { item, .. }
            | queue::Event::Departing { item, .. }
            | queue::Event::DeclineExpired { item, .. } => self.see_item(id, *item, queue.get(*item)),
            queue::Event::Pushed { item, agent, .. } => {
                self.see_turn(id, *agent, queue);
                self.see_item(id, *item, queue.get(*item));
            }
            queue::Event::Offered { offer, .. } => {
                self.see_turn(id, offer.agent, queue);
                let item = ItemId::Call(offer.call);
                self.see_item(id, item, queue.get(item));
            }
            queue::Event::Returned { offer, .. } | queue::Event::WithdrawAsked { offer, .. } => {
                let item = ItemId::Call(offer.call);
                self.see_item(id, item, queue.get(item));
            }
        }
    }

    fn see_turn(&mut self, id: QueueId, agent: AgentId, queue: &Queue) {
        if let (turn @ 1.., Some(desk)) = (queue.turn_of(agent), self.desks.get_mut(&id)) {
            desk.turns.insert(agent, turn);
        }
    }

    fn see_item(&mut self, id: QueueId, item: ItemId, waiting: Option<&Waiting>) {
        let places = self.places.entry(item).or_default();
        match waiting {
            Some(waiting) => _ = places.insert(id, waiting.arrival.place),
            None => _ = places.remove(&id),
        }
        if places.is_empty() {
            self.places.remove(&item);
        }
        let key = (id, item);
        self.unlist(key);
        self.touched.insert(id);
        let proposed = self.proposed.get(&key).copied();
        let asked = waiting.and_then(Waiting::asked).or(proposed);
        self.ask(key, asked);
        let Some(Waiting { arrival, exit, .. }) = waiting else { return };
        let desk = self.desks.entry(id).or_default();
        desk.length += 1;
        let kind = Kind::from(arrival.channel);
        let head_start = desk.rules.head_starts.of(arrival.channel);
        let urgency = Urgency {
            follows: head_start.is_some(),
            counts_from: Timestamp(arrival.arrived_at.0.saturating_sub(head_start.unwrap_or_default().0)),
            channel: arrival.channel,
            item,
        };
        if desk.is_matched(arrival.channel) && asked.is_none() && exit.is_none() && !arrival.away {
            desk.lane_mut(kind).waiting.insert(urgency);
        }
        let declined = arrival.declined.keys().copied().collect();
        self.listed.insert(key, Listed { urgency, kind, declined, preferred: arrival.preferred });
    }

    fn unlist(&mut self, key: (QueueId, ItemId)) {
        let Some(listed) = self.listed.remove(&key) else { return };
        if let Some(desk) = self.desks.get_mut(&key.0) {
            desk.length -= 1;
            desk.lane_mut(listed.kind).waiting.remove(&listed.urgency);
        }
    }

    /// Notes who is being asked about an item.
    fn ask(&mut self, key: (QueueId, ItemId), agent: Option<AgentId>) {
        let before = match agent {
            Some(agent) => self.asking.insert(key, agent),
            None => self.asking.remove(&key),
        };
        if before == agent {
            return;
        }
        if let Some(before) = before {
            self.standings.entry(before).or_default().asked.remove(&key);
            self.note(before);
        }
        if let Some(agent) = agent {
            self.standings.entry(agent).or_default().asked.insert(key);
            self.note(agent);
        }
    }

    /// The queue has dealt with a proposal, offering or not.
    pub fn proposal_done(&mut self, id: QueueId, item: ItemId, queue: &Queue) {
        self.proposed.remove(&(id, item));
        self.see_item(id, item, queue.get(item));
    }

    /// Takes note of where an agent stands in the queues that they serve.
    fn note(&mut self, id: AgentId) {
        let Some(Standing { agent: Some(agent), asked, serves }) = self.standings.get_mut(&id) else { return };
        let logged_in = is_logged_in(agent);
        let chat_agents = logged_in && !agent.settings().voice_only;
        let interruption = agent.interruption().map(|interruption| match interruption {
            Interruption::Nothing => None,
            Interruption::Item(item) => Some(interrupted(&self.attended, item, id)),
        });
        let takes_task = agent.takes_task();
        for (queue, service) in serves {
            let Some(desk) = self.desks.get_mut(queue) else { continue };
            let free = desk.rank(id, agent, service.skill);
            let for_call = |interrupted| match interrupted {
                None => free,
                Some((tier, preemptions)) => {
                    let (preempted_at, since) = (agent.preempted_at(), agent.last_call_at());
                    Rank { tier, preemptions, preempted_at, since, ..free }
                }
            };
            let unasked = |rank| if asked.is_empty() { Ok(rank) } else { Err(Obstacle::Asked) };
            let calls = interruption.map(for_call).and_then(unasked);
            let chats = agent.takes_chat(*queue).map(|()| free).and_then(unasked);
            let tasks = takes_task.map(|()| free).and_then(unasked);
            let now = Some(Noted { logged_in, chat_agents, calls, chats, tasks });
            if desk.note(service.noted, now) {
                self.touched.insert(*queue);
            }
            service.noted = now;
        }
    }

    fn noted(&self, agent: AgentId, queue: QueueId) -> Option<Noted> {
        self.standings.get(&agent)?.serves.get(&queue)?.noted
    }
}

fn is_logged_in(agent: &Agent) -> bool {
    match agent.presence() {
        Presence::Available | Presence::Break { .. } | Presence::Unavailable { .. } => true,
        Presence::LoggedOut | Presence::LoggingOut => false,
    }
}

fn interrupted(attended: &BTreeMap<ItemId, Attended>, item: ItemId, by: AgentId) -> (Tier, u32) {
    match (item, attended.get(&item).filter(|attended| attended.agent == by)) {
        (ItemId::Task(_), _) => (Tier::Task, 0),
        (ItemId::Chat(_) | ItemId::Call(_), Some(attended)) => (attended.tier, attended.preemptions),
        // Over already or with somebody else, and its agent has not heard of it: the worst is assumed.
        (ItemId::Chat(_) | ItemId::Call(_), None) => (Tier::ChatWaiting, 0),
    }
}

// What it says.
impl Board {
    /// Which queues an agent serves.
    pub fn serves(&self, agent: AgentId) -> impl Iterator<Item = QueueId> {
        self.standings.get(&agent).into_iter().flat_map(|standing| standing.serves.keys()).copied()
    }

    /// Where an item waits: the queue, and the number of its place.
    pub fn place(&self, item: ItemId) -> Option<(QueueId, u32)> {
        let places = self.places.get(&item)?;
        places.iter().map(|(queue, place)| (*queue, *place)).max_by_key(|(_, place)| *place)
    }

    /// Whether anybody is logged in who serves the queue and can take a chat.
    pub fn is_staffed(&self, queue: QueueId) -> bool {
        self.desks.get(&queue).is_some_and(|desk| desk.chat_agents > 0)
    }

    /// Where an item that arrives for a queue waits: there, or where that overflows because it is full, closed or nobody who
    /// serves it is logged in.
    pub fn admission(&self, queue: QueueId, closed: &Closed) -> Admission {
        let mut queue = queue;
        for _ in 0..OVERFLOWS_MAX {
            let Some(desk) = self.desks.get(&queue) else { return Admission::Waits(queue) };
            let is_full = desk.rules.waiting_max.is_some_and(|max| desk.length >= max);
            let by_hours = closed.get(&queue).copied();
            let overflows = match by_hours.unwrap_or(desk.rules.unserved) {
                Unserved::Refuse if by_hours.is_some() => return Admission::Refused,
                Unserved::Overflow if by_hours.is_some() => true,
                Unserved::Refuse if desk.logged_in == 0 => return Admission::Refused,
                Unserved::Overflow if desk.logged_in == 0 => true,
                Unserved::Wait | Unserved::Overflow | Unserved::Refuse => is_full,
            };
            match (overflows, desk.rules.overflow) {
                (false, _) => return Admission::Waits(queue),
                (true, Some(next)) => queue = next,
                (true, None) => return Admission::Refused,
            }
        }
        Admission::Refused
    }

    /// Whom an item would meet that came for a queue now.
    pub fn outlook(&self, queue: QueueId, channel: Channel, closed: &Closed) -> Outlook {
        let (admission, kind) = (self.admission(queue, closed), Kind::from(channel));
        let queue = match admission {
            Admission::Waits(there) => there,
            Admission::Refused => queue,
        };
        let blank = Desk::default();
        let desk = self.desks.get(&queue).unwrap_or(&blank);
        let lane = desk.lane(kind);
        let obstacle = |agent: &AgentId| Some((*agent, self.noted(*agent, queue)?.lane(kind).err()?));
        Outlook {
            admission,
            strategy: desk.rules.strategy,
            given: desk.is_matched(channel),
            waiting: lane.waiting.len(),
            candidates: lane.candidates.iter().copied().collect(),
            passed_over: desk.agents.iter().filter_map(obstacle).collect(),
        }
    }

    /// Why an agent is not asked about an item that waits.
    ///
    /// # Errors
    /// The agent may be asked, and how many come before them.
    pub fn why_not(&self, item: ItemId, agent: AgentId) -> Result<Obstacle, usize> {
        let Some((queue, _)) = self.place(item) else { return Ok(Obstacle::NotServing) };
        let (Some(desk), Some(listed)) = (self.desks.get(&queue), self.listed.get(&(queue, item))) else {
            return Ok(Obstacle::NotServing);
        };
        let lane = desk.lane(listed.kind);
        if listed.declined.contains(&agent) {
            return Ok(Obstacle::Declined);
        }
        match self.noted(agent, queue).map(|noted| noted.lane(listed.kind)) {
            Some(Ok(rank)) => Err(lane.candidates.range(..rank).count()),
            Some(Err(obstacle)) => Ok(obstacle),
            None => Ok(Obstacle::NotServing),
        }
    }

    /// The next match, noted as proposed until [`Board::proposal_done`]; `None` when nothing that waits has anybody to
    /// be offered to. The most urgent item for which there is somebody comes first.
    pub fn propose(&mut self) -> Option<Proposal> {
        for queue in std::mem::take(&mut self.touched) {
            let found = self.find(queue);
            let before = match found {
                Some(found) => self.matches.insert(queue, found),
                None => self.matches.remove(&queue),
            };
            before.map(|before| self.order.remove(&(before.urgency, queue)));
            found.map(|found| self.order.insert((found.urgency, queue)));
        }
        let (_, queue) = *self.order.first()?;
        let found = *self.matches.get(&queue)?;
        let why = self.why(queue, found);
        let (item, Rank { tier, agent, .. }) = (found.urgency.item, found.rank);
        if let Some(desk) = self.desks.get_mut(&queue) {
            desk.lane_mut(found.kind).waiting.remove(&found.urgency);
        }
        self.proposed.insert((queue, item), agent);
        self.ask((queue, item), Some(agent));
        self.touched.insert(queue);
        Some(Proposal { queue, item, agent, tier, why })
    }

    /// The most urgent item of a queue for which there is somebody.
    fn find(&self, queue: QueueId) -> Option<Match> {
        let desk = self.desks.get(&queue)?;
        let in_lane = |kind| {
            let lane = desk.lane(kind);
            if lane.candidates.is_empty() {
                return None;
            }
            lane.waiting.iter().find_map(|urgency| {
                let listed = self.listed.get(&(queue, urgency.item))?;
                let first = lane.candidates.iter().find(|rank| !listed.declined.contains(&rank.agent))?;
                let known = listed.preferred.filter(|_| desk.rules.strategy == Strategy::Sticky);
                let preferred = known
                    .and_then(|agent| self.noted(agent, queue)?.lane(kind).ok())
                    .filter(|rank| rank.tier == first.tier && !listed.declined.contains(&rank.agent));
                let rank = preferred.unwrap_or(*first);
                Some(Match { urgency: *urgency, rank, kind, preferred: preferred.is_some() })
            })
        };
        [Kind::Call, Kind::Chat, Kind::Task].into_iter().filter_map(in_lane).min_by_key(|found| found.urgency)
    }

    fn why(&self, queue: QueueId, found: Match) -> Why {
        let (Some(desk), Some(listed)) = (self.desks.get(&queue), self.listed.get(&(queue, found.urgency.item))) else {
            return Why::default();
        };
        let lane = desk.lane(found.kind);
        let mut passed_over = lane.passed_over.clone();
        let ranked = |agent: &AgentId| self.noted(*agent, queue).is_some_and(|noted| noted.lane(found.kind).is_ok());
        let declined = listed.declined.iter().filter(|agent| ranked(agent)).count();
        if declined > 0 {
            passed_over.insert(Obstacle::Declined, u32::try_from(declined).unwrap_or(u32::MAX));
        }
        let others = lane.candidates.iter();
        let others = others.filter(|rank| **rank != found.rank && !listed.declined.contains(&rank.agent));
        Why {
            strategy: desk.rules.strategy,
            winner: Some(found.rank),
            preferred: found.preferred,
            next: others.take(NEXT_KEPT).copied().collect(),
            passed_over,
        }
    }
}

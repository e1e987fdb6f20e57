//! Plays a scenario line by line, and says at which line it did not go as written.
//! What a line does or checks is said elsewhere.

use super::arguments::{Kind, Name};
use super::phones::Phones;
use super::read::{Line, Means, Scenario};
use super::stage::{Arrival, Setup, Stage};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId, TaskId};
use domain::message::Message;
use domain::queue::Outcome;
use domain::{Refusal, agent};
use std::collections::{BTreeMap, BTreeSet};

/// Calls that no queue offers have numbers that no call of a stage has.
const OWN_CALLS: u64 = 1_000_000_000;

/// Whether a line could be done, or holds; if not, why.
pub type Said = Result<(), String>;

/// A scenario that is being played.
pub struct Play<'a> {
    pub stage: Box<dyn Stage>,
    pub setup: &'a Setup,
    pub phones: Phones,
    /// Which items there are.
    pub items: BTreeMap<Name, ItemId>,
    /// Whom agents called, or who called them, past the queues.
    pub own_calls: BTreeSet<CallId>,
    pub serves: BTreeMap<AgentId, BTreeSet<QueueId>>,
    /// What was refused by the last thing that was done and not expected yet, in the words that would expect it.
    pub refused: Vec<String>,
    /// What screens were asked to say since then.
    pub notices: Vec<(AgentId, ItemId, Refusal)>,
    /// How offers ended that nobody answered.
    pub outcomes: Vec<(OfferId, Outcome)>,
    /// How many messages were written.
    pub written: u64,
}

/// Plays a scenario.
pub fn play(scenario: &Scenario, stage: Box<dyn Stage>) -> Said {
    let mut play = Play::new(&scenario.setup, stage);
    play.open();
    let at = |line: &Line, problem| format!("{}: {problem}\n  in `{}`", line.number, scenario.title);
    let nexts = scenario.lines.iter().skip(1).map(Some).chain([None]);
    for (line, next) in scenario.lines.iter().zip(nexts) {
        play.line(line, next).map_err(|problem| at(line, problem))?;
    }
    scenario.lines.last().map_or(Ok(()), |last| play.nothing_is_concealed().map_err(|problem| at(last, problem)))
}

impl Line {
    /// Whether what is said here crosses what was said before.
    fn is_meanwhile(&self) -> bool {
        matches!(self.means, Means::Does { meanwhile: true, .. })
    }
}

impl<'a> Play<'a> {
    fn new(setup: &'a Setup, stage: Box<dyn Stage>) -> Play<'a> {
        let serves = setup.agents.iter().map(|agent| (agent.id, agent.serves.keys().copied().collect()));
        Play {
            stage,
            setup,
            phones: Phones::default(),
            items: BTreeMap::new(),
            own_calls: BTreeSet::new(),
            serves: serves.collect(),
            refused: vec![],
            notices: vec![],
            outcomes: vec![],
            written: 0,
        }
    }

    fn open(&mut self) {
        for agent in self.setup.agents.iter().filter(|agent| !agent.stays_away) {
            self.stage.tell(Message::Agent { id: agent.id, command: agent::Command::LogIn });
        }
        self.rest();
    }

    fn line(&mut self, line: &Line, next: Option<&Line>) -> Said {
        match &line.means {
            Means::Does { doing, args, meanwhile } => {
                if !meanwhile {
                    self.nothing_is_concealed()?;
                    self.notices.clear();
                }
                self.stage.hear(&line.text);
                (doing.means)(self, &mut args.clone()).map_err(|why| format!("`{}`: {why}", line.text))?;
                if !next.is_some_and(Line::is_meanwhile) {
                    self.rest();
                }
            }
            Means::Holds { expectation, args } => (expectation.means)(self, &mut args.clone())
                .map_err(|found| format!("expected `{}`\n  found {found}", line.text))?,
        }
        Ok(())
    }

    /// A refusal that no expectation speaks of is not what the scenario says.
    fn nothing_is_concealed(&self) -> Said {
        match self.refused.first() {
            Some(refused) => Err(format!("found `{refused}` before this line, and no line that expects it")),
            None => Ok(()),
        }
    }

    /// Everything that is on its way arrives.
    pub fn rest(&mut self) {
        let refused = self.stage.settle().into_iter().filter_map(Result::err);
        self.refused.extend(refused.map(|refusal| format!("refused: {refusal}")));
        self.notices.extend(self.stage.notices());
        self.outcomes.extend(self.stage.outcomes());
        for (call, signal) in self.stage.signals() {
            self.phones.note(call, signal);
        }
    }

    /// Something arrives, or is turned away.
    pub fn arrive(&mut self, name: Name, queue: Option<QueueId>, preferred: Option<AgentId>) -> Said {
        if self.items.contains_key(&name) {
            return Err(format!("{name} is there already"));
        }
        let queue = queue.or(self.setup.queues.first().map(|queue| queue.id)).ok_or("there is no queue")?;
        let arrival = match name.kind {
            Kind::Call => Arrival::Call { queue, preferred },
            Kind::Chat => Arrival::Chat { queue },
            Kind::Callback | Kind::Email | Kind::WorkItem => Arrival::Task { queue, channel: name.kind.channel() },
        };
        match self.stage.arrive(arrival) {
            Some(item) => _ = self.items.insert(name, item),
            None => self.refused.push(format!("{name} is turned away")),
        }
        Ok(())
    }

    /// So many chats arrive together, for the first queue.
    pub fn crowd(&mut self, count: u64) -> Said {
        let chats = (1..).map(|number| Name { kind: Kind::Chat, number });
        let new: Vec<_> = chats
            .filter(|name| !self.items.contains_key(name))
            .take(usize::try_from(count).unwrap_or_default())
            .collect();
        new.into_iter().try_for_each(|name| self.arrive(name, None, None))
    }

    /// What a scenario calls so.
    pub fn item(&self, name: Name) -> Result<ItemId, String> {
        self.items.get(&name).copied().ok_or_else(|| format!("there is no {name}"))
    }

    pub fn call(&self, name: Name) -> Result<CallId, String> {
        match self.item(name)? {
            ItemId::Call(call) => Ok(call),
            ItemId::Chat(_) | ItemId::Task(_) => Err(format!("{name} is no call")),
        }
    }

    pub fn chat(&self, name: Name) -> Result<ChatId, String> {
        match self.item(name)? {
            ItemId::Chat(chat) => Ok(chat),
            ItemId::Call(_) | ItemId::Task(_) => Err(format!("{name} is no chat")),
        }
    }

    pub fn task(&self, name: Name) -> Result<TaskId, String> {
        match self.item(name)? {
            ItemId::Task(task) => Ok(task),
            ItemId::Call(_) | ItemId::Chat(_) => {
                Err(format!("{name} is neither an e-mail nor a work item nor a callback"))
            }
        }
    }

    /// What the scenario calls an item.
    pub fn name_of(&self, item: ItemId) -> String {
        let name = self.items.iter().find(|(_, id)| **id == item).map(|(name, _)| name.to_string());
        name.unwrap_or_else(|| item.to_string())
    }

    /// A call that comes to an agent past the queues.
    pub fn own_call(&mut self, name: Name) -> CallId {
        let call = CallId(OWN_CALLS + name.number);
        self.items.insert(name, ItemId::Call(call));
        self.own_calls.insert(call);
        call
    }

    /// The offer for which an agent's phone rings.
    pub fn ringing(&self, agent: AgentId) -> Result<OfferId, String> {
        self.phones.rings(agent).ok_or_else(|| format!("{}'s phone does not ring", self.setup.agent_name(agent)))
    }
}

//! What supervisors and administrators see of a floor, and what they have done with what waits there.
//! It carries; what becomes of an item is decided by its queue.

use super::agent::presence;
use super::floor::{Floor, FloorAnswer, ReplyTo};
use super::ids::{Numbered, Party};
use super::unread::not_read;
use super::why::{Decision, candidate};
use crate::protocol::agent::WhyView;
use crate::protocol::error::{Code, Problem};
use crate::protocol::rest::{
    AgentEntry, ClosedView, Decisions, NamedQueue, NotAsked, OutlookView, QueueEntry, ServiceEntry, WhyNot,
};
use crate::store::{AgentRow, ChatServiceRow, FloorRows, JournalRow, QueueRow, StoreError};
use domain::Refusal;
use domain::agent::{Active, Agent};
use domain::id::{AgentId, ItemId, QueueId, TaskId};
use domain::queue::{Channel, Command, Destination, Queue};
use domain::routing::{Admission, Outlook};
use domain::task::{State, Task};
use std::rc::Rc;

// Looking.
impl Floor {
    /// Whether these agents work, in their order; who is not loaded does not.
    pub(super) fn presences(&self, agents: &[AgentId]) -> FloorAnswer {
        let presence = |id: &AgentId| self.agents().look(*id, |agent| agent.presence()).unwrap_or_default();
        FloorAnswer::Presences(agents.iter().map(presence).collect())
    }

    /// Whether an agent has an item, in their inbox or on their phone, and in which queue it is if it goes on.
    pub(super) fn hold_of(&self, agent: Option<AgentId>, item: ItemId) -> FloorAnswer {
        let has = |agent: &Agent| {
            let talks = match agent.active() {
                Some(Active::Call { offer, .. }) => ItemId::Call(offer.call) == item,
                Some(Active::Item(active)) => active == item,
                None => false,
            };
            talks || agent.entry(item).is_some()
        };
        let queue = match item {
            ItemId::Call(call) => self.calls().look(call, |call| call.queue()),
            ItemId::Chat(chat) => self.chats().look(chat, |chat| chat.queue()),
            ItemId::Task(task) => self.tasks().look(task, |task| task.queue()),
        };
        let holds = agent.and_then(|agent| self.agents().look(agent, has));
        FloorAnswer::Hold(holds.unwrap_or_default(), queue)
    }

    /// The company's queues, by id.
    pub(super) fn queue_entries(&self) -> FloorAnswer {
        let rows = self.rows();
        let entry = |row: &QueueRow| {
            let waiting = self.queues().look(row.id, |queue| queue.waiting().count()).unwrap_or_default();
            let numbers = rows.numbers.iter().filter(|number| number.queue == row.id);
            QueueEntry {
                queue: row.id,
                name: row.name.clone(),
                waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
                numbers: numbers.map(|number| number.number.clone()).collect(),
            }
        };
        FloorAnswer::Queues(rows.queues.iter().map(entry).collect())
    }

    /// The company's people and whether they work, by id.
    pub(super) fn agent_entries(&self) -> FloorAnswer {
        let rows = self.rows();
        let entry = |row: &AgentRow| AgentEntry {
            agent: row.id,
            name: row.login_name.clone(),
            display_name: row.display_name.clone(),
            roles: rows.roles_had(row).collect(),
            presence: self.agents().look(row.id, |agent| presence(agent.presence())),
            queues: row.queues.keys().map(|queue| named(&rows, *queue)).collect(),
        };
        FloorAnswer::Agents(rows.agents.iter().map(entry).collect())
    }

    /// The company's chat services.
    pub(super) fn service_entries(&self) -> FloorAnswer {
        let rows = self.rows();
        let entry = |row: &ChatServiceRow| ServiceEntry {
            token: row.token.clone(),
            name: row.name.clone(),
            queue: named(&rows, row.queue),
            active: row.active,
        };
        FloorAnswer::Services(rows.services.iter().map(entry).collect())
    }

    /// Says how it was decided to whom an item went, and for one that waits why each agent is not asked.
    pub(super) fn explain(self: &Rc<Self>, item: ItemId, reply: ReplyTo) {
        let rows = self.store().decisions(self.company(), Party::from(item).number());
        self.ask(rows, move |floor, rows| reply.answer(floor.explained(item, rows)));
    }

    /// Why an item went where it is; `None` if nobody decided that since the daemon started.
    pub fn why(&self, item: ItemId) -> Option<WhyView> {
        let decision = self.whys.borrow().get(&item).cloned()?;
        self.told(&decision)
    }

    /// How it was decided to whom an item went, each time, as these rows of queues' journals hold it; oldest first.
    fn decisions(&self, item: ItemId, rows: &[JournalRow]) -> Result<Vec<WhyView>, StoreError> {
        let mut views = vec![];
        for row in rows {
            views.extend(Decision::of_row(row, item)?.iter().filter_map(|decision| self.told(decision)));
        }
        Ok(views)
    }

    fn told(&self, decision: &Decision) -> Option<WhyView> {
        decision.view(|agent| self.agent_name(agent), self.queue_name(decision.queue))
    }

    fn explained(&self, item: ItemId, rows: Result<Vec<JournalRow>, StoreError>) -> Result<FloorAnswer, Problem> {
        let decisions = rows.and_then(|rows| self.decisions(item, &rows)).map_err(|error| {
            tracing::error!(%item, %error, "how it was decided could not be read");
            not_read(&error)
        })?;
        let waits = self.board().borrow().place(item).is_some();
        let agents = if waits { self.why_not(item) } else { vec![] };
        if decisions.is_empty() && !waits {
            let message = format!("nothing was decided about {item}, and it does not wait");
            return Err(Problem::new(Code::NotFound, message));
        }
        Ok(FloorAnswer::Decisions(Decisions { item: item.to_string(), decisions, agents }))
    }

    /// Whom an item would meet that came for a queue now.
    pub(super) fn outlook(&self, queue: QueueId, channel: Channel) -> Result<FloorAnswer, Problem> {
        self.known_destination(queue)?;
        let closed = self.closed();
        let Outlook { admission, strategy, given, waiting, candidates, passed_over } =
            self.board().borrow().outlook(queue, channel, &closed);
        let opens = self.rows().queue_opens(queue, self.now());
        let queue = match admission {
            Admission::Waits(there) => Some(self.queue_name(there)),
            Admission::Refused => None,
        };
        let name = |agent| self.agent_name(agent);
        Ok(FloorAnswer::Outlook(OutlookView {
            queue,
            closed: opens.map(|opens| ClosedView { opens }),
            strategy,
            given,
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            candidates: candidates.iter().map(|rank| candidate(rank, name)).collect(),
            passed_over: passed_over
                .into_iter()
                .map(|(agent, obstacle)| NotAsked { agent: name(agent), obstacle })
                .collect(),
        }))
    }

    fn why_not(&self, item: ItemId) -> Vec<WhyNot> {
        let board = self.board().borrow();
        let rows = self.rows();
        let of_agent = |row: &AgentRow| {
            let (obstacle, before) = match board.why_not(item, row.id) {
                Ok(obstacle) => (Some(obstacle), None),
                Err(before) => (None, u32::try_from(before).ok()),
            };
            WhyNot { agent: row.display_name.clone(), obstacle, before }
        };
        rows.agents.iter().map(of_agent).collect()
    }
}

// Having things done.
impl Floor {
    /// Sends an item that waits to another queue.
    pub(super) fn move_item(self: &Rc<Self>, item: ItemId, to: QueueId, reply: ReplyTo) {
        let Some((queue, _)) = self.board().borrow().place(item) else {
            return reply.answer(Err(Refusal::Taken.into()));
        };
        match self.known_destination(to) {
            Ok(to) => self.order_queue(queue, Command::Move { item, to }, reply),
            Err(problem) => reply.answer(Err(problem)),
        }
    }

    /// Sends everything that waits in a queue to another one.
    pub(super) fn overflow(self: &Rc<Self>, queue: QueueId, to: QueueId, reply: ReplyTo) {
        match self.known_destination(queue).and_then(|_| self.known_destination(to)) {
            Ok(to) => self.order_queue(queue, Command::Overflow { to }, reply),
            Err(problem) => reply.answer(Err(problem)),
        }
    }

    fn order_queue(self: &Rc<Self>, queue: QueueId, command: Command, reply: ReplyTo) {
        self.envelope::<Queue>(queue, command, |envelope| envelope.reply = Some(reply.once_done()));
    }

    /// Puts something that is to be done into a queue.
    pub(super) fn create_task(
        self: &Rc<Self>,
        id: TaskId,
        channel: Channel,
        queue: QueueId,
        text: String,
        reply: ReplyTo,
    ) {
        match self.known_destination(queue) {
            Ok(_) => self.task_requested(id, channel, queue, text, reply.once_done()),
            Err(problem) => reply.answer(Err(problem)),
        }
    }

    /// Makes a work item of what a visitor left, unless it is one already.
    pub(super) fn leave_message(self: &Rc<Self>, id: TaskId, queue: QueueId, text: String, reply: ReplyTo) {
        self.when_loaded::<Task>(id, move |floor, loaded| {
            if let Err(problem) = loaded {
                return reply.answer(Err(problem));
            }
            let done = reply.once_done();
            if floor.tasks().look(id, Task::state) == Some(State::New) {
                floor.task_requested(id, Channel::WorkItem, queue, text, done);
            } else {
                floor.when_durable(move |floor| done(floor, Ok(())));
            }
        });
    }

    /// A queue that takes something. One that was removed is still there until what waits in it is gone, and takes nothing.
    fn known_destination(&self, queue: QueueId) -> Result<Destination, Problem> {
        self.takes(queue).then(|| self.destination(queue)).ok_or_else(|| no_queue(queue))
    }
}

/// What is said to whoever sends something where nothing can wait.
pub(super) fn no_queue(queue: QueueId) -> Problem {
    Problem::new(Code::NotFound, format!("there is no queue {queue}, or it was removed"))
}

fn named(rows: &FloorRows, id: QueueId) -> NamedQueue {
    NamedQueue { queue: id, name: rows.queue_name(id).to_owned() }
}

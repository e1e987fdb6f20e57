//! The task's actor: what its agent's screens show.
//! It decides nothing: that is `domain::task`.

use super::floor::{Floor, Held, Members};
use super::kind::{Kind, Turn};
use super::screens::Frame;
use crate::protocol::agent::{AgentFrame, TaskStateView, TaskView};
use crate::protocol::error::obstacle;
use domain::id::{ContactId, ItemId, TaskId};
use domain::record::Record;
use domain::task::{State, Task};
use std::rc::Rc;

impl Kind for Task {
    fn members(floor: &Floor) -> &Members<Task> {
        floor.tasks()
    }

    fn record(task: &Task) -> Option<Record> {
        task.record()
    }

    fn contact(task: &Task) -> Option<ContactId> {
        task.contact()
    }

    fn observe(floor: &Rc<Floor>, turn: &Turn<'_, Task>) -> Vec<Held> {
        // News of a task may cross its leaving the inbox, where nothing would take it away again.
        let owner = turn.machine.agent().filter(|agent| floor.shows_in_inbox(*agent, ItemId::Task(turn.id)));
        let Some(agent) = owner else { return vec![] };
        let task = || AgentFrame::Task { task: view(floor, turn.id, turn.machine) };
        Frame::new(floor.screens().borrow().of_agent(agent), task).map(Held::Frame).into_iter().collect()
    }
}

/// A task as its agent's screen shows it.
pub(super) fn view(floor: &Floor, id: TaskId, task: &Task) -> TaskView {
    TaskView {
        task: id,
        channel: task.channel(),
        queue: task.queue(),
        queue_name: floor.queue_name(task.queue()),
        text: floor.task_text(id),
        contact: floor.contact_view(task.contact()),
        arrived_at: task.arrived_at(),
        state: match task.state() {
            State::Active { .. } => TaskStateView::Active {},
            State::Parked { .. } => TaskStateView::Parked {},
            State::Allocated { until, .. } => TaskStateView::Allocated { until },
            State::New | State::Queued | State::Closed { .. } => TaskStateView::Allocated { until: None },
        },
        handling: task.handling().into(),
        // Whoever has it is the one who looks at it.
        finish: obstacle(task.may_finish(task.agent().unwrap_or_default())),
    }
}

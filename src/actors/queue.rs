//! The queue's actor: what screens show of it.
//! It decides nothing: that is `domain::queue`.

use super::floor::{Floor, Held, Members, VisitorFacts};
use super::kind::{Kind, Turn};
use super::screens::{Frame, Screen};
use super::why::{self, Decision};
use crate::protocol::agent::{AgentFrame, QueueView, WaitingItem};
use domain::id::{ItemId, QueueId};
use domain::queue::{Arrival, Event, Queue, Waiting};
use std::collections::BTreeSet;
use std::rc::Rc;

impl Kind for Queue {
    fn members(floor: &Floor) -> &Members<Queue> {
        floor.queues()
    }

    fn observe(floor: &Rc<Floor>, turn: &Turn<'_, Queue>) -> Vec<Held> {
        let mut held = vec![];
        for event in turn.events {
            if let Some((item, decision)) = Decision::of(floor.now(), turn.id, event) {
                floor.whys.borrow_mut().insert(item, decision);
            }
            let Some(item) = touched(event) else { continue };
            let waiting = turn.machine.get(item);
            let frame = || match waiting {
                Some(waiting) => AgentFrame::Waiting { queue: turn.id, item: item_view(floor, item, waiting) },
                None => AgentFrame::Left { queue: turn.id, item: item.into() },
            };
            held.extend(Frame::new(onlookers(floor, turn.id).iter(), frame).map(Held::Frame));
        }
        held
    }

    fn decides(events: &[Event]) -> BTreeSet<ItemId> {
        why::items_decided(events)
    }
}

/// Which item looks different after an event.
fn touched(event: &Event) -> Option<ItemId> {
    match event {
        Event::Enqueued { arrival: Arrival { item, .. }, .. }
        | Event::Left { item }
        | Event::Pushed { item, .. }
        | Event::PushReturned { item } => Some(*item),
        Event::Offered { offer, .. } | Event::Returned { offer, .. } => Some(ItemId::Call(offer.call)),
        Event::Configured { .. }
        | Event::WithdrawAsked { .. }
        | Event::Departing { .. }
        | Event::WentAway { .. }
        | Event::DeclineExpired { .. } => None,
    }
}

/// The browsers of those who serve a queue.
fn onlookers(floor: &Floor, queue: QueueId) -> Vec<Rc<Screen>> {
    let (board, screens) = (floor.board().borrow(), floor.screens().borrow());
    let serving = screens.agents().filter(|agent| board.serves(*agent).any(|served| served == queue));
    serving.flat_map(|agent| screens.of_agent(agent)).cloned().collect()
}

/// A waiting item looks different without an event of its queue.
pub(super) fn item_changed(floor: &Floor, id: QueueId, item: ItemId) -> Option<Held> {
    let item = floor.queues().look(id, |queue| queue.get(item).map(|waiting| item_view(floor, item, waiting)))??;
    Frame::new(onlookers(floor, id).iter(), || AgentFrame::Waiting { queue: id, item }).map(Held::Frame)
}

/// A queue as an agent's screen shows it: oldest first.
pub(super) fn view(floor: &Floor, id: QueueId, queue: &Queue) -> QueueView {
    let mut waiting: Vec<_> = queue.waiting().map(|(item, waiting)| item_view(floor, item, waiting)).collect();
    waiting.sort_by_key(|item| item.arrived_at);
    QueueView { queue: id, name: floor.queue_name(id), waiting }
}

fn item_view(floor: &Floor, item: ItemId, waiting: &Waiting) -> WaitingItem {
    let (who, language, first_line) = match item {
        ItemId::Call(call) => (floor.caller(call), String::new(), None),
        ItemId::Chat(chat) => {
            let first_line = Some(floor.first_line(chat)).filter(|line| !line.is_empty());
            let VisitorFacts { page, language, .. } = floor.visitor(chat);
            (page, language, first_line)
        }
        ItemId::Task(task) => (floor.task_text(task), String::new(), None),
    };
    WaitingItem {
        item: item.into(),
        channel: waiting.arrival.channel.into(),
        arrived_at: waiting.arrival.arrived_at,
        who,
        language,
        first_line,
        offered_to: waiting.asked().map(|agent| floor.agent_name(agent)),
    }
}

//! The queue's actor: what screens show of it.
//! It decides nothing: that is `domain::queue`.

use super::floor::{Floor, Held, Members, VisitorFacts, places};
use super::gathering::When;
use super::kind::{Kind, Turn};
use super::screens::{Frame, Screen};
use super::why::{self, Decision};
use crate::protocol::agent::{AgentFrame, QueueView, Topic, WaitingItem};
use domain::id::{ItemId, QueueId};
use domain::queue::{Arrival, Event, Queue, Waiting};
use std::collections::BTreeSet;
use std::rc::Rc;

impl Kind for Queue {
    fn members(floor: &Floor) -> &Members<Queue> {
        floor.queues()
    }

    fn observe(floor: &Rc<Floor>, turn: &Turn<'_, Queue>) -> Vec<Held> {
        for event in turn.events {
            if let Some((item, decision)) = Decision::of(floor.now(), turn.id, event) {
                floor.whys.borrow_mut().insert(item, decision);
            }
        }
        let moves = |event: &Event| matches!(event, Event::Enqueued { .. } | Event::Left { .. });
        let mut held = Vec::from_iter(items_changed(floor, turn.id, turn.events.iter().filter_map(touched)));
        if turn.events.iter().any(moves) {
            held.extend(places::changed(floor, turn.id));
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

/// The browsers that show a queue.
fn onlookers(floor: &Floor, queue: QueueId) -> Vec<Rc<Screen>> {
    let (board, screens) = (floor.board().borrow(), floor.screens().borrow());
    let serving = screens.agents().filter(|agent| board.serves(*agent).any(|served| served == queue));
    serving.flat_map(|agent| screens.of_agent_at(agent, Topic::Queues)).cloned().collect()
}

/// Items of a queue look different: its screens are told at once, or along with what else changes in a moment.
pub(super) fn items_changed(floor: &Rc<Floor>, id: QueueId, items: impl IntoIterator<Item = ItemId>) -> Option<Held> {
    let mut items = items.into_iter().peekable();
    if items.peek().is_none() || onlookers(floor, id).is_empty() {
        return None;
    }
    let when = floor.gathering.borrow_mut().note(floor.now(), id, items);
    let wait = match when {
        When::Now => None,
        // Where time is moved by hand nothing comes by waiting.
        When::At(at) => floor.house().clock.until(at),
        When::Along => return None,
    };
    let Some(wait) = wait else { return changes(floor, id) };
    floor.ask(tokio::time::sleep(wait), move |floor, ()| floor.hold_last(changes(floor, id).into_iter().collect()));
    None
}

/// What was gathered of a queue, as it is now.
fn changes(floor: &Floor, id: QueueId) -> Option<Held> {
    let items = floor.gathering.borrow_mut().take(floor.now(), id);
    let frame = || {
        let (mut waiting, mut left) = (vec![], vec![]);
        floor.queues().look(id, |queue: &Queue| {
            for item in items {
                match queue.get(item) {
                    Some(as_it_is) => waiting.push(item_view(floor, item, as_it_is)),
                    None => left.push(item.into()),
                }
            }
        });
        AgentFrame::Queue { queue: id, waiting, left }
    };
    Frame::new(onlookers(floor, id).iter(), frame).map(Held::Frame)
}

/// A queue as an agent's screen shows it: oldest first.
pub(super) fn view(floor: &Floor, id: QueueId, queue: &Queue) -> QueueView {
    let mut waiting: Vec<_> = queue.waiting().map(|(item, waiting)| item_view(floor, item, waiting)).collect();
    waiting.sort_by_key(|item| item.arrived_at);
    QueueView { queue: id, name: floor.queue_name(id), waiting }
}

fn item_view(floor: &Floor, item: ItemId, waiting: &Waiting) -> WaitingItem {
    let (who, language, first_line, name) = match item {
        ItemId::Call(call) => (floor.caller(call), String::new(), None, String::new()),
        ItemId::Chat(chat) => {
            let first_line = Some(floor.first_line(chat)).filter(|line| !line.is_empty());
            let VisitorFacts { page, language, details, .. } = floor.visitor(chat);
            (page, language, first_line, details.name().to_owned())
        }
        ItemId::Task(task) => (floor.task_text(task), String::new(), None, String::new()),
    };
    WaitingItem {
        item: item.into(),
        channel: waiting.arrival.channel,
        arrived_at: waiting.arrival.arrived_at,
        who,
        contact: floor.contact_view_of(item),
        language,
        first_line,
        name,
        offered_to: waiting.asked().map(|agent| floor.agent_name(agent)),
    }
}

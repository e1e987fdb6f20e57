//! What visitors who look are told of their place: which it is, and how long it will probably take.
//! It decides nothing: places are the queue's, and how long it takes is `domain::wait`. What is told is gathered, so that a queue
//! that moves fast costs little.

use super::{Floor, Held};
use crate::actors::screens::{Frame, SocketId};
use crate::protocol::visitor::{PlaceView, VisitorFrame, WaitView};
use domain::chat::{Chat, State};
use domain::id::{ChatId, ItemId, QueueId};
use domain::queue::Queue;
use domain::time::{Span, Timestamp};
use domain::wait::Waits;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A visitor is not told more often.
const BETWEEN: Span = Span::seconds(3);
/// Where nothing moves it is looked again after so long: who waits on should know that it takes longer.
const AGAIN: Span = Span::seconds(30);

/// Who looks, and what they were told.
#[derive(Default)]
pub(in crate::actors) struct Places {
    looking: RefCell<BTreeMap<ChatId, Looking>>,
    /// How fast each queue was of late, as far as the daemon has seen it since its start.
    waits: RefCell<BTreeMap<QueueId, Waits>>,
    /// Somebody has been told to come back for these, then.
    awaited: RefCell<BTreeMap<QueueId, Timestamp>>,
}

#[derive(Default)]
struct Looking {
    tabs: BTreeSet<SocketId>,
    told: Option<PlaceView>,
}

/// A visitor's tab shows where they wait, or no longer.
pub(in crate::actors) fn looks(floor: &Rc<Floor>, chat: ChatId, socket: SocketId, on: bool) {
    let mut looking = floor.places.looking.borrow_mut();
    if !on {
        let was_last = looking.get_mut(&chat).is_some_and(|known| known.tabs.remove(&socket) && known.tabs.is_empty());
        if was_last {
            looking.remove(&chat);
        }
        return;
    }
    let known = looking.entry(chat).or_default();
    known.tabs.insert(socket);
    // This tab was told nothing yet.
    known.told = None;
    drop(looking);
    if let Some(queue) = floor.chats().look(chat, queued).flatten() {
        let held = tell(floor, queue, |other| other == chat);
        floor.hold_last(held);
    }
}

/// A chat went from its queue to an agent.
pub(in crate::actors) fn taken(floor: &Floor, chat: &Chat, at: Timestamp) {
    floor.places.waits.borrow_mut().entry(chat.queue()).or_default().taken(chat.arrived_at(), at);
}

/// Chats came to a queue or left it: who looks is told in a moment.
pub(in crate::actors) fn changed(floor: &Rc<Floor>, queue: QueueId) -> Vec<Held> {
    if floor.places.looking.borrow().is_empty() {
        return vec![];
    }
    // Where time is moved by hand nothing comes by waiting.
    if come_back(floor, queue, BETWEEN) { vec![] } else { tell(floor, queue, |_| true) }
}

/// Comes back for a queue after so long, or earlier; false where nothing comes by waiting.
fn come_back(floor: &Rc<Floor>, queue: QueueId, after: Span) -> bool {
    let at = floor.now() + after;
    let Some(wait) = floor.house().clock.until(at) else { return false };
    let mut awaited = floor.places.awaited.borrow_mut();
    if awaited.get(&queue).is_none_or(|known| at < *known) {
        awaited.insert(queue, at);
        floor.ask(tokio::time::sleep(wait), move |floor, ()| {
            // One that was to come later comes for nothing.
            let is_due = floor.places.awaited.borrow().get(&queue) == Some(&at);
            if is_due {
                floor.places.awaited.borrow_mut().remove(&queue);
                let held = tell(floor, queue, |_| true);
                floor.hold_last(held);
            }
        });
    }
    true
}

/// Tells those of these chats who look at a queue what they do not know yet.
fn tell(floor: &Rc<Floor>, queue: QueueId, whom: impl Fn(ChatId) -> bool) -> Vec<Held> {
    let waiting = floor.queues().look(queue, by_age).unwrap_or_default();
    let Some((first_since, _)) = waiting.first().copied() else { return vec![] };
    let is_staffed = floor.board().borrow().is_staffed(queue);
    let waits = floor.places.waits.borrow();
    let waits = waits.get(&queue).filter(|_| is_staffed);
    let (mut held, mut looks) = (vec![], false);
    let (mut looking, screens) = (floor.places.looking.borrow_mut(), floor.screens().borrow());
    for (number, (_, chat)) in (1..).zip(waiting) {
        let Some(known) = looking.get_mut(&chat).filter(|_| whom(chat)) else { continue };
        looks = true;
        let rough = waits.and_then(|waits| waits.expected(number, first_since, floor.now()));
        let place = PlaceView { number, wait: rough.map(|rough| WaitView { from: rough.from, to: rough.to }) };
        if known.told.replace(place) != Some(place) {
            held.extend(Frame::new(screens.of_visitor(chat), || VisitorFrame::Place { place }).map(Held::Frame));
        }
    }
    if looks {
        come_back(floor, queue, AGAIN);
    }
    held
}

/// The chats that wait in a queue, in their order, each with since when.
fn by_age(queue: &Queue) -> Vec<(Timestamp, ChatId)> {
    let chats = queue.waiting().filter_map(|(item, waiting)| match item {
        ItemId::Chat(chat) => Some((waiting.arrival.arrived_at, chat)),
        ItemId::Call(_) | ItemId::Task(_) => None,
    });
    let mut chats: Vec<_> = chats.collect();
    chats.sort_unstable();
    chats
}

fn queued(chat: &Chat) -> Option<QueueId> {
    (chat.state() == State::Queued).then(|| chat.queue())
}

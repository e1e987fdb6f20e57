//! Which browsers look at whom, and how a change reaches them.
//! Nothing waits for a browser: what it does not take in time, it gets with its next snapshot.

use crate::protocol::agent::{ColleagueView, Topic};
use actix::{Message, Recipient};
use domain::id::{AgentId, ChatId, QueueId};
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How much may lie before a socket that takes nothing: a browser that is further behind is cut off, and comes back for a
/// snapshot. A single push may be longer.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Something for one browser. The socket gives frames their numbers.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum Push {
    /// A whole reply, serialised: an answer, a page or a refusal.
    Reply(String),
    /// All that there is to be shown, serialised; in the place of what was shown before.
    Snapshot(String),
    /// A frame, serialised once for all who get it.
    Frame(Arc<str>),
    /// A newer connection goes by this one's name: it is closed, and nothing that it asks for is done any more.
    TakenOver,
    /// Its session is over.
    Over,
}

impl Push {
    /// About how much memory it takes while it waits.
    fn bytes(&self) -> usize {
        let text = match self {
            Push::Reply(text) | Push::Snapshot(text) => text.len(),
            Push::Frame(text) => text.len(),
            Push::TakenOver | Push::Over => 0,
        };
        text + 128
    }
}

/// The way to one browser. A socket whose client does not read is not run at all, and what is for it waits.
#[derive(Clone, Debug)]
pub struct Outlet {
    to: Recipient<Push>,
    waiting: Arc<Waiting>,
}

/// A browser tab that speaks to the floor.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Its connection.
    pub socket: SocketId,
    /// Where its pushes go.
    pub to: Outlet,
    /// What it calls itself over all its connections.
    pub client: String,
}

impl Tab {
    /// Answers it alone.
    pub(super) fn push(&self, reply: &impl Serialize) {
        match serde_json::to_string(reply) {
            Ok(text) => self.to.push(Push::Reply(text)),
            Err(error) => tracing::error!(%error, "a reply could not be serialised"),
        }
    }
}

/// What waits before one socket: all that a socket and the floor share.
#[derive(Debug, Default)]
pub struct Waiting {
    bytes: AtomicUsize,
    overflowed: AtomicBool,
}

impl Waiting {
    /// The socket took this; false if something behind it was dropped, and what it shows would have a gap.
    pub fn took(&self, push: &Push) -> bool {
        self.bytes.fetch_sub(push.bytes(), Ordering::Relaxed);
        !self.has_overflowed()
    }

    /// Whether something was dropped.
    pub fn has_overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Relaxed)
    }
}

impl Outlet {
    /// The way to a socket that counts down what it takes.
    pub fn new(to: Recipient<Push>, waiting: Arc<Waiting>) -> Outlet {
        Outlet { to, waiting }
    }

    /// Sends it, unless so much waits already that the browser has to begin anew.
    pub fn push(&self, push: Push) {
        let bytes = push.bytes();
        let before = self.waiting.bytes.fetch_add(bytes, Ordering::Relaxed);
        if self.waiting.has_overflowed() || (before > 0 && before + bytes > WAITING_BYTES_MAX) {
            self.waiting.overflowed.store(true, Ordering::Relaxed);
            self.waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
        } else {
            self.to.do_send(push);
        }
    }
}

/// One connected browser tab, by a number of its own.
pub type SocketId = u64;

/// Whose tab it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Viewer {
    /// An agent's.
    Agent(AgentId),
    /// That of a chat's visitor.
    Visitor(ChatId),
}

/// How many frames wait for a tab's snapshot: less than a socket may be behind.
const BEFORE_SNAPSHOT_MAX: usize = 128;

/// One connected browser tab. While its snapshot is on its way frames wait, so that they follow it.
#[derive(Debug)]
pub struct Screen {
    to: Outlet,
    state: RefCell<Shown>,
    /// How many snapshots were taken for it.
    taken: Cell<u32>,
    /// What it does not show at the moment.
    out_of_sight: RefCell<BTreeSet<Topic>>,
}

/// A screen for which a snapshot was taken.
#[derive(Debug)]
pub struct Awaiting {
    screen: Rc<Screen>,
    /// Which of its snapshots it is.
    nth: u32,
}

#[derive(Debug)]
enum Shown {
    /// It is on its way in: what happens now will be in its snapshot.
    Joining,
    /// The frames that follow its snapshot, which is on its way.
    Nothing(Vec<Arc<str>>),
    Snapshot,
    /// More happened meanwhile than may wait: what comes now would have a gap.
    TooLate,
}

impl Screen {
    fn new(to: Outlet) -> Rc<Screen> {
        Rc::new(Screen {
            to,
            state: RefCell::new(Shown::Joining),
            taken: Cell::new(0),
            out_of_sight: RefCell::default(),
        })
    }

    /// From now on frames wait until the snapshot that is taken now is shown.
    fn awaits_snapshot(self: &Rc<Self>) -> Awaiting {
        self.state.replace(Shown::Nothing(vec![]));
        self.taken.set(self.taken.get() + 1);
        Awaiting { screen: self.clone(), nth: self.taken.get() }
    }

    /// From now on it shows these; which of them it did not show before.
    fn looks(&self, at: &BTreeSet<Topic>) -> BTreeSet<Topic> {
        let all = [Topic::Queues, Topic::Colleagues, Topic::Supervision];
        let out_of_sight = all.into_iter().filter(|topic| !at.contains(topic)).collect();
        &self.out_of_sight.replace(out_of_sight) & at
    }

    fn is_joining(&self) -> bool {
        matches!(*self.state.borrow(), Shown::Joining)
    }

    /// Its browser is let go.
    pub fn session_is_over(&self) {
        self.to.push(Push::Over);
    }

    fn push(&self, frame: &Arc<str>) {
        let mut state = self.state.borrow_mut();
        match &mut *state {
            Shown::Snapshot => self.to.push(Push::Frame(frame.clone())),
            Shown::Nothing(frames) if frames.len() < BEFORE_SNAPSHOT_MAX => frames.push(frame.clone()),
            Shown::Nothing(_) => *state = Shown::TooLate,
            Shown::Joining | Shown::TooLate => {}
        }
    }
}

impl Awaiting {
    /// Shows the snapshot, and the frames that came since it was taken. False if they were too many: then nothing is shown.
    /// One that is not the last that was taken is none any more.
    pub fn show(&self, snapshot: &impl Serialize) -> bool {
        let Awaiting { screen, nth } = self;
        if *nth != screen.taken.get() {
            return true;
        }
        let frames = match screen.state.replace(Shown::TooLate) {
            Shown::Joining | Shown::Snapshot => vec![],
            Shown::Nothing(frames) => frames,
            Shown::TooLate => return false,
        };
        match serde_json::to_string(snapshot) {
            Ok(text) => screen.to.push(Push::Snapshot(text)),
            Err(error) => {
                tracing::error!(%error, "a snapshot could not be serialised");
                return false;
            }
        }
        frames.into_iter().for_each(|frame| screen.to.push(Push::Frame(frame)));
        screen.state.replace(Shown::Snapshot);
        true
    }
}

/// The browsers that are connected.
#[derive(Debug, Default)]
pub struct Screens {
    tabs: BTreeMap<(Viewer, SocketId), Seat>,
    /// The agents, as their colleagues were last told.
    colleagues: BTreeMap<AgentId, ColleagueView>,
    /// Whether somebody is there for a queue's chats, as those who wait were last told.
    staffed: BTreeMap<QueueId, bool>,
}

#[derive(Debug)]
struct Seat {
    client: String,
    screen: Rc<Screen>,
    /// Earlier messages that it asked for are on their way.
    reads: Cell<bool>,
}

impl Screens {
    /// A tab is on its way in, and takes over from an older one of its name: a browser that comes back may do so before
    /// its old connection is known to be dead. False if a newer one has the name already.
    pub fn joining(&mut self, viewer: Viewer, tab: &Tab) -> bool {
        let mut tabs = self.tabs.range((viewer, 0)..=(viewer, SocketId::MAX));
        let same = tabs.find(|(_, seat)| seat.client == tab.client).map(|(place, _)| *place);
        if let Some((_, socket)) = same
            && socket > tab.socket
        {
            tab.to.push(Push::TakenOver);
            return false;
        }
        if let Some(older) = same.and_then(|place| self.tabs.remove(&place)) {
            older.screen.to.push(Push::TakenOver);
        }
        let seat = Seat { client: tab.client.clone(), screen: Screen::new(tab.to.clone()), reads: Cell::new(false) };
        self.tabs.insert((viewer, tab.socket), seat);
        true
    }

    /// A tab's snapshot is taken now: frames from now on follow it. `None` if it went away while joining.
    pub fn joined(&self, viewer: Viewer, socket: SocketId) -> Option<Awaiting> {
        Some(self.tabs.get(&(viewer, socket))?.screen.awaits_snapshot())
    }

    /// The agents' tabs that show something, or are about to.
    pub fn of_agents(&self) -> Vec<(AgentId, Tab)> {
        let shows = |screen: &Screen| matches!(*screen.state.borrow(), Shown::Nothing(_) | Shown::Snapshot);
        let seats = self.tabs.iter().filter(|(_, seat)| shows(&seat.screen));
        let of_agent = |((viewer, socket), seat): (&(Viewer, SocketId), &Seat)| match viewer {
            Viewer::Agent(agent) => {
                Some((*agent, Tab { socket: *socket, to: seat.screen.to.clone(), client: seat.client.clone() }))
            }
            Viewer::Visitor(_) => None,
        };
        seats.filter_map(of_agent).collect()
    }

    /// A tab is gone; true if it was the last.
    pub fn left(&mut self, viewer: Viewer, socket: SocketId) -> bool {
        self.tabs.remove(&(viewer, socket)).is_some() && !self.has(viewer)
    }

    /// Whether a tab is there, and nobody took over from it.
    pub fn holds(&self, viewer: Viewer, socket: SocketId) -> bool {
        self.tabs.contains_key(&(viewer, socket))
    }

    /// A tab asks for earlier messages; false while others that it asked for are on their way, so that who asks for much and
    /// takes nothing costs little.
    pub fn begins_reading(&self, viewer: Viewer, socket: SocketId) -> bool {
        self.tabs.get(&(viewer, socket)).is_some_and(|seat| !seat.reads.replace(true))
    }

    /// What a tab asked for is on its screen, or cannot be read.
    pub fn has_read(&self, viewer: Viewer, socket: SocketId) {
        if let Some(seat) = self.tabs.get(&(viewer, socket)) {
            seat.reads.set(false);
        }
    }

    /// Whether somebody has a browser open.
    pub fn has(&self, viewer: Viewer) -> bool {
        self.tabs.range((viewer, 0)..=(viewer, SocketId::MAX)).next().is_some()
    }

    /// An agent as their colleagues see them now, if that is news to a screen. While nobody has one, nothing is.
    pub fn note_colleague(&mut self, id: AgentId, now: impl FnOnce() -> ColleagueView) -> Option<ColleagueView> {
        if self.agents().next().is_none() {
            self.colleagues.remove(&id);
            return None;
        }
        let now = now();
        if self.colleagues.get(&id) == Some(&now) {
            return None;
        }
        self.colleagues.insert(id, now.clone());
        Some(now)
    }

    /// Whether somebody is there for a queue's chats now; true if that is news.
    pub fn note_staffing(&mut self, queue: QueueId, staffed: bool) -> bool {
        self.staffed.insert(queue, staffed).unwrap_or(false) != staffed
    }

    /// The tabs of one agent.
    pub fn of_agent(&self, agent: AgentId) -> impl Iterator<Item = &Rc<Screen>> {
        self.of(Viewer::Agent(agent))
    }

    /// Those of them on which this is in sight.
    pub fn of_agent_at(&self, agent: AgentId, topic: Topic) -> impl Iterator<Item = &Rc<Screen>> {
        self.of_agent(agent).filter(move |screen| !screen.out_of_sight.borrow().contains(&topic))
    }

    /// From now on a tab shows these; it, and which of them it did not show before. `None` if it is gone.
    pub fn looks(
        &self,
        viewer: Viewer,
        socket: SocketId,
        at: &BTreeSet<Topic>,
    ) -> Option<(Rc<Screen>, BTreeSet<Topic>)> {
        let screen = &self.tabs.get(&(viewer, socket))?.screen;
        Some((screen.clone(), screen.looks(at)))
    }

    /// The tabs of one chat's visitor.
    pub fn of_visitor(&self, chat: ChatId) -> impl Iterator<Item = &Rc<Screen>> {
        self.of(Viewer::Visitor(chat))
    }

    fn of(&self, viewer: Viewer) -> impl Iterator<Item = &Rc<Screen>> {
        let tabs = self.tabs.range((viewer, 0)..=(viewer, SocketId::MAX));
        tabs.map(|(_, seat)| &seat.screen).filter(|screen| !screen.is_joining())
    }

    /// The agents who have a browser open.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> {
        let mut last = None;
        let agents = self.tabs.keys().map_while(|(viewer, _)| match viewer {
            Viewer::Agent(agent) => Some(*agent),
            Viewer::Visitor(_) => None,
        });
        agents.filter(move |agent| last.replace(*agent) != Some(*agent))
    }
}

/// A frame on its way to the browsers that were connected when it happened.
#[derive(Debug)]
pub struct Frame {
    to: Vec<Rc<Screen>>,
    text: Arc<str>,
}

impl Frame {
    /// Serialises `frame` once; `None` when nobody looks.
    pub fn new<'a, T: Serialize>(to: impl Iterator<Item = &'a Rc<Screen>>, frame: impl FnOnce() -> T) -> Option<Frame> {
        let to: Vec<_> = to.cloned().collect();
        if to.is_empty() {
            return None;
        }
        match serde_json::to_string(&frame()) {
            Ok(text) => Some(Frame { to, text: text.into() }),
            Err(error) => {
                tracing::error!(%error, "a frame could not be serialised");
                None
            }
        }
    }

    /// Sends it.
    pub fn send(self) {
        for to in self.to {
            to.push(&self.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix::{Actor, Context, Handler};
    use std::sync::Mutex;

    /// A socket; it runs only while the test waits.
    struct Socket(Arc<Mutex<usize>>);

    impl Actor for Socket {
        type Context = Context<Self>;
    }

    impl Handler<Push> for Socket {
        type Result = ();
        fn handle(&mut self, _: Push, _: &mut Self::Context) {
            *self.0.lock().unwrap() += 1;
        }
    }

    #[actix::test]
    async fn what_waits_before_a_socket_that_takes_nothing_is_bounded() {
        let taken = Arc::new(Mutex::new(0));
        let waiting = Arc::<Waiting>::default();
        let outlet = Outlet::new(Socket(taken.clone()).start().recipient(), waiting.clone());
        let long = Push::Reply("x".repeat(2 * WAITING_BYTES_MAX));
        outlet.push(long.clone());
        assert!(!waiting.has_overflowed(), "one push may be as long as it likes");
        assert!(waiting.took(&long));
        let frame: Arc<str> = "x".repeat(1_000).into();
        for _ in 0..10_000 {
            outlet.push(Push::Frame(frame.clone()));
        }
        assert!(waiting.has_overflowed());
        assert!(waiting.bytes.load(Ordering::Relaxed) <= WAITING_BYTES_MAX);
        assert!(!waiting.took(&Push::Frame(frame)), "it hears of the gap as soon as it runs again");
        let fit = WAITING_BYTES_MAX / (1_000 + 128);
        while *taken.lock().unwrap() < 1 + fit {
            tokio::task::yield_now().await;
        }
        assert_eq!(*taken.lock().unwrap(), 1 + fit, "and nothing is sent after the gap");
    }

    /// A tab that keeps what it is sent.
    #[derive(Clone, Default)]
    struct Heard(Rc<RefCell<Vec<String>>>);

    impl Actor for Heard {
        type Context = Context<Self>;
    }

    impl Handler<Push> for Heard {
        type Result = ();
        fn handle(&mut self, push: Push, _: &mut Self::Context) {
            self.0.borrow_mut().push(match push {
                Push::Reply(text) | Push::Snapshot(text) => text,
                Push::Frame(text) => text.to_string(),
                Push::TakenOver | Push::Over => unreachable!("nobody is put out here"),
            });
        }
    }

    fn frame(screen: &Rc<Screen>, number: usize) {
        Frame::new(std::iter::once(screen), || number).unwrap().send();
    }

    #[actix::test]
    async fn frames_follow_the_snapshot_that_they_waited_for() {
        let heard = Heard::default();
        let screen = Screen::new(Outlet::new(heard.clone().start().recipient(), Arc::default()));
        frame(&screen, 1);
        let awaiting = screen.awaits_snapshot();
        frame(&screen, 2);
        assert!(awaiting.show(&"snapshot"));
        frame(&screen, 3);
        while heard.0.borrow().len() < 3 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*heard.0.borrow(), ["\"snapshot\"", "2", "3"], "what came before is in the snapshot");
    }

    #[actix::test]
    async fn of_two_snapshots_on_their_way_only_the_later_one_is_shown_with_the_frames_after_it() {
        let heard = Heard::default();
        let screen = Screen::new(Outlet::new(heard.clone().start().recipient(), Arc::default()));
        let first = screen.awaits_snapshot();
        frame(&screen, 1);
        let second = screen.awaits_snapshot();
        frame(&screen, 2);
        assert!(first.show(&"first"));
        assert!(second.show(&"second"));
        frame(&screen, 3);
        while heard.0.borrow().len() < 3 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*heard.0.borrow(), ["\"second\"", "2", "3"]);
    }

    #[actix::test]
    async fn a_screen_is_sent_what_it_looks_at_and_told_what_came_into_sight() {
        let to = || Outlet::new(Heard::default().start().recipient(), Arc::default());
        let (agent, mut screens) = (AgentId(1), Screens::default());
        for socket in [1, 2] {
            screens.joining(Viewer::Agent(agent), &Tab { socket, to: to(), client: format!("tab-{socket}") });
            screens.joined(Viewer::Agent(agent), socket);
        }
        let seen = |screens: &Screens| {
            let count = |topic| screens.of_agent_at(agent, topic).count();
            [Topic::Queues, Topic::Colleagues, Topic::Supervision].map(count)
        };
        let looks = |screens: &Screens, at: &[Topic]| {
            let came = screens.looks(Viewer::Agent(agent), 2, &at.iter().copied().collect());
            came.map(|(_, came)| came.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(seen(&screens), [2, 2, 2], "all, until something else is said");
        assert_eq!(looks(&screens, &[Topic::Supervision]), Some(vec![]));
        assert_eq!(seen(&screens), [1, 1, 2]);
        assert_eq!(looks(&screens, &[Topic::Supervision, Topic::Queues]), Some(vec![Topic::Queues]));
        assert_eq!(seen(&screens), [2, 1, 2]);
        assert_eq!(looks(&screens, &[Topic::Queues, Topic::Colleagues]), Some(vec![Topic::Colleagues]));
        assert_eq!(seen(&screens), [2, 2, 1]);
        screens.left(Viewer::Agent(agent), 2);
        assert_eq!(looks(&screens, &[]), None);
    }

    #[actix::test]
    async fn a_tab_that_would_miss_a_frame_is_shown_nothing() {
        let heard = Heard::default();
        let screen = Screen::new(Outlet::new(heard.clone().start().recipient(), Arc::default()));
        let awaiting = screen.awaits_snapshot();
        (0..=BEFORE_SNAPSHOT_MAX).for_each(|number| frame(&screen, number));
        assert!(!awaiting.show(&"snapshot"));
        frame(&screen, 1000);
        // What comes behind all that could have been sent.
        screen.to.push(Push::Reply("end".to_owned()));
        while heard.0.borrow().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(*heard.0.borrow(), ["end"]);
    }
}

//! The board's law: it decides as a scan of everything would, at any time, and a rebuilt board as the live one.
//! Random small floors, on which everything happens that routing depends on.
#![allow(clippy::expect_used)]

use domain::agent;
use domain::call;
use domain::chat::{self, Author};
use domain::id::{AgentId, BreakReasonId, ItemId, QueueId};
use domain::queue::{self, Channel, Destination, HeadStarts, Outcome, Strategy as Order};
use domain::routing::{Admission, Board, Closed, Obstacle, Proposal};
use domain::task;
use domain::time::Span;
use floor::Floor;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

#[path = "routing/floor.rs"]
mod floor;
#[path = "routing/naive.rs"]
mod naive;

const AGENTS: u64 = 6;
const QUEUES: u64 = 4;

/// What happens on the floor. Numbers name an agent, a queue or one of the items, whichever there are.
#[derive(Clone, Debug)]
enum Step {
    Configure {
        queue: u64,
        order: Order,
        pushed: Vec<Channel>,
        head_starts: HeadStarts,
    },
    Assign {
        agent: u64,
        queues: Vec<(u64, u8)>,
    },
    Arrive {
        channel: Channel,
        queue: u64,
        preferred: Option<u64>,
    },
    Presence {
        agent: u64,
        command: agent::Command,
    },
    Pick {
        agent: u64,
        item: u64,
    },
    Activate {
        agent: u64,
        nth: usize,
    },
    Park {
        agent: u64,
    },
    Phone {
        agent: u64,
        answer: Answer,
    },
    HangUp {
        agent: u64,
    },
    Finish {
        agent: u64,
    },
    Write {
        nth: usize,
        visitor: bool,
    },
    Leave {
        nth: usize,
    },
    Move {
        nth: usize,
        queue: u64,
    },
    Pass {
        seconds: u64,
    },
    /// So many of the messages that wait between machines arrive.
    Deliver {
        messages: usize,
    },
    /// The board's next match is carried out.
    Match,
    /// All of them are.
    Route,
}

/// What becomes of a call that rings.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Taken,
    Declined,
    Busy,
}

fn channel() -> impl Strategy<Value = Channel> {
    use Channel::{Call, Callback, Chat, Email, WorkItem};
    prop_oneof![4 => Just(Call), 3 => Just(Chat), 1 => prop_oneof![Just(Callback), Just(Email), Just(WorkItem)]]
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::LongestIdle), Just(Order::RoundRobin), Just(Order::Skill), Just(Order::Sticky)]
}

fn head_starts() -> impl Strategy<Value = HeadStarts> {
    let span = || prop_oneof![Just(None), (0..100_u64).prop_map(|seconds| Some(Span::seconds(seconds)))];
    let all = (span(), span(), span(), span(), span());
    let drawn =
        all.prop_map(|(call, callback, chat, email, work_item)| HeadStarts { call, callback, chat, email, work_item });
    prop_oneof![Just(HeadStarts::default()), drawn]
}

fn presence() -> impl Strategy<Value = agent::Command> {
    use agent::Command::{BrowserBack, BrowserLost, LogIn, LogOut, PhoneRegistered, TakeBreak, TakeOut};
    let take_break = TakeBreak { reason: BreakReasonId(1) };
    prop_oneof![
        6 => Just(LogIn),
        1 => prop_oneof![Just(LogOut), Just(take_break), Just(TakeOut), Just(PhoneRegistered)],
        2 => prop_oneof![Just(BrowserLost), Just(BrowserBack)],
    ]
}

fn configure() -> impl Strategy<Value = Step> {
    (0..QUEUES, order(), vec(channel(), 0..4), head_starts())
        .prop_map(|(queue, order, pushed, head_starts)| Step::Configure { queue, order, pushed, head_starts })
}

fn assign() -> impl Strategy<Value = Step> {
    (0..AGENTS, vec((0..QUEUES, 0..4_u8), 0..4)).prop_map(|(agent, queues)| Step::Assign { agent, queues })
}

fn arrive() -> impl Strategy<Value = Step> {
    (channel(), 0..QUEUES, proptest::option::of(0..AGENTS)).prop_map(|(channel, queue, preferred)| Step::Arrive {
        channel,
        queue,
        preferred,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let answer = prop_oneof![4 => Just(Answer::Taken), 2 => Just(Answer::Declined), 1 => Just(Answer::Busy)];
    prop_oneof![
        1 => configure(),
        1 => assign(),
        8 => arrive(),
        3 => (0..AGENTS, presence()).prop_map(|(agent, command)| Step::Presence { agent, command }),
        2 => (0..AGENTS, 0..20_u64).prop_map(|(agent, item)| Step::Pick { agent, item }),
        4 => (0..AGENTS, 0..4_usize).prop_map(|(agent, nth)| Step::Activate { agent, nth }),
        1 => (0..AGENTS).prop_map(|agent| Step::Park { agent }),
        6 => (0..AGENTS, answer).prop_map(|(agent, answer)| Step::Phone { agent, answer }),
        3 => (0..AGENTS).prop_map(|agent| Step::HangUp { agent }),
        2 => (0..AGENTS).prop_map(|agent| Step::Finish { agent }),
        8 => (0..6_usize, any::<bool>()).prop_map(|(nth, visitor)| Step::Write { nth, visitor }),
        2 => (0..20_usize).prop_map(|nth| Step::Leave { nth }),
        1 => (0..20_usize, 0..QUEUES).prop_map(|(nth, queue)| Step::Move { nth, queue }),
        3 => (0..40_u64).prop_map(|seconds| Step::Pass { seconds }),
        20 => (1..6_usize).prop_map(|messages| Step::Deliver { messages }),
        6 => Just(Step::Match),
        3 => Just(Step::Route),
    ]
}

/// Queues and agents as an administrator sets them up, and everybody at work.
fn opening() -> impl Strategy<Value = Vec<Step>> {
    let queues = (0..QUEUES).map(|queue| {
        (order(), vec(channel(), 0..4), head_starts())
            .prop_map(move |(order, pushed, head_starts)| Step::Configure { queue, order, pushed, head_starts })
            .boxed()
    });
    let agents = (0..AGENTS).flat_map(|agent| {
        let assign = vec((0..QUEUES, 0..4_u8), 1..4).prop_map(move |queues| Step::Assign { agent, queues }).boxed();
        [assign, Just(Step::Presence { agent, command: agent::Command::LogIn }).boxed()]
    });
    queues.chain(agents).collect::<Vec<_>>()
}

struct Day {
    floor: Floor,
    arrived: u64,
    matches: u32,
}

impl Day {
    fn begin() -> Day {
        let mut day = Day { floor: Floor::default(), arrived: 0, matches: 0 };
        for id in (0..AGENTS).map(AgentId) {
            let settings = agent::Settings {
                chats_max: 2,
                chats_max_in: [(QueueId(0), 1)].into(),
                parked_wrap_up_closes: Some(Span::seconds(7200)),
                browser_grace: Span::seconds(60),
                browser_gone: Span::seconds(300),
                voice_only: id.0 == 1,
                phone_registers: true,
                preemption: agent::Preemption { min_resume: Span::seconds(10 * (id.0 % 2)), ..Default::default() },
            };
            day.floor.agent(id, agent::Command::Configure { id, settings }).expect("an agent");
        }
        day
    }

    fn open(&mut self, steps: &[Step]) {
        steps.iter().for_each(|step| self.step(step));
        self.floor.slow = true;
    }

    fn items(&self) -> Vec<ItemId> {
        let calls = self.floor.calls.keys().copied().map(ItemId::Call);
        let chats = self.floor.chats.keys().copied().map(ItemId::Chat);
        calls.chain(chats).chain(self.floor.tasks.keys().copied().map(ItemId::Task)).collect()
    }

    /// What cannot be done is refused, and then nothing has happened.
    fn step(&mut self, step: &Step) {
        let at = |agent: &u64| AgentId(*agent);
        self.floor.now = self.floor.now + Span::seconds(1);
        match step {
            Step::Configure { queue, order, pushed, head_starts } => {
                let settings = queue::Settings {
                    strategy: *order,
                    pushed: pushed.iter().copied().collect(),
                    head_starts: *head_starts,
                    wait_max: (*queue == 3).then(|| Span::seconds(120)),
                    overflow: Some(Destination { queue: QueueId(0), ..Destination::default() }),
                    ring: Span::seconds(20),
                    call_wrap_up: Span::seconds(15 * (queue % 2)),
                    ..queue::Settings::default()
                };
                let (id, settings) = (QueueId(*queue), Box::new(settings));
                _ = self.floor.queue(id, queue::Command::Configure { id, settings });
            }
            Step::Assign { agent, queues } => {
                self.floor.assign(at(agent), queues.iter().map(|(queue, skill)| (QueueId(*queue), *skill)).collect());
            }
            Step::Arrive { channel, queue, preferred } => {
                self.arrived += 1;
                self.floor.arrive(self.arrived, *channel, QueueId(*queue), preferred.map(AgentId));
            }
            Step::Presence { agent, command } => _ = self.floor.agent(at(agent), command.clone()),
            Step::Pick { agent, item } => {
                let item = self.items().into_iter().nth(*item as usize);
                if let Some((item, (queue, place))) = item.and_then(|item| Some((item, self.floor.board.place(item)?)))
                {
                    _ = self.floor.agent(at(agent), agent::Command::Pick { item, queue, place });
                }
            }
            Step::Activate { agent, nth } => {
                let item = self.floor.agents[&at(agent)].inbox().map(|(item, _)| item).nth(*nth);
                item.map(|item| self.floor.agent(at(agent), agent::Command::Activate { item }));
            }
            Step::Park { agent } => {
                if let Some(agent::Active::Item(item)) = self.floor.agents[&at(agent)].active() {
                    _ = self.floor.agent(at(agent), agent::Command::Park { item });
                }
            }
            Step::Phone { agent, answer } => self.phone(at(agent), *answer),
            Step::HangUp { agent } => {
                if let Some(agent::Active::Call { offer, .. }) = self.floor.agents[&at(agent)].active() {
                    _ = self.floor.call(offer.call, call::Command::HangUp { agent: at(agent) });
                }
            }
            Step::Finish { agent } => self.finish(at(agent)),
            Step::Write { nth, visitor } => {
                let chat = self.floor.chats.iter().nth(*nth).map(|(id, chat)| (*id, chat.agent()));
                if let Some((id, agent)) = chat {
                    let author = agent.filter(|_| !visitor).map_or(Author::Visitor, Author::Agent);
                    _ = self.floor.chat(id, chat::Command::Say { author, client: String::new(), command: 0 });
                }
            }
            Step::Leave { nth } => match self.items().get(*nth) {
                Some(ItemId::Call(call)) => _ = self.floor.call(*call, call::Command::CallerHungUp),
                Some(ItemId::Chat(chat)) => _ = self.floor.chat(*chat, chat::Command::Leave),
                Some(ItemId::Task(_)) | None => {}
            },
            Step::Move { nth, queue } => {
                let to = Destination { queue: QueueId(*queue), ..Destination::default() };
                if let Some((item, (from, _))) =
                    self.items().get(*nth).and_then(|item| Some((*item, self.floor.board.place(*item)?)))
                {
                    _ = self.floor.queue(from, queue::Command::Move { item, to });
                }
            }
            Step::Pass { seconds } => self.floor.pass(Span::seconds(*seconds)),
            Step::Deliver { messages } => _ = (0..*messages).take_while(|_| self.floor.deliver_next()).count(),
            Step::Match => _ = self.next_match(),
            Step::Route => while self.next_match() {},
        }
    }

    fn phone(&mut self, agent: AgentId, answer: Answer) {
        let Some(offer) = self.floor.ringing.get(&agent).copied() else { return };
        let command = match answer {
            Answer::Taken => call::Command::PhoneAnswered { offer },
            Answer::Declined => call::Command::PhoneFailed { offer, outcome: Outcome::Declined },
            Answer::Busy => call::Command::PhoneFailed { offer, outcome: Outcome::BUSY },
        };
        _ = self.floor.call(offer.call, command);
    }

    fn finish(&mut self, agent: AgentId) {
        match self.floor.agents[&agent].active() {
            Some(agent::Active::Item(ItemId::Chat(chat))) => _ = self.floor.chat(chat, chat::Command::End { agent }),
            Some(agent::Active::Item(ItemId::Task(task))) => _ = self.floor.task(task, task::Command::Finish { agent }),
            Some(agent::Active::Item(ItemId::Call(call))) => {
                _ = self.floor.agent(agent, agent::Command::FinishCallWrapUp { call });
            }
            Some(agent::Active::Call { .. }) | None => {}
        }
    }

    fn next_match(&mut self) -> bool {
        let Some(proposal) = self.floor.propose() else { return false };
        self.matches += 1;
        self.floor.offer(proposal);
        true
    }
}

/// All matches that a board would make if nothing else happened.
fn matches(mut board: Board) -> Vec<Proposal> {
    std::iter::from_fn(|| board.propose()).collect()
}

/// The same by scans.
fn scanned(floor: &Floor) -> Vec<Proposal> {
    let mut open = vec![];
    while let Some(proposal) = naive::propose(floor, &open) {
        open.push(proposal);
    }
    open
}

/// The board as the machines alone make it.
fn rebuilt(floor: &Floor) -> Board {
    let mut board = Board::default();
    for (agent, queues) in &floor.serves {
        board.assign(*agent, queues.clone());
    }
    floor.agents.iter().for_each(|(id, agent)| board.see_agent(*id, agent));
    floor.chats.iter().for_each(|(id, chat)| board.see_chat(*id, chat));
    floor.queues.iter().for_each(|(id, queue)| board.see_queue(*id, queue));
    board
}

/// The same in the opposite order.
fn rebuilt_backwards(floor: &Floor) -> Board {
    let mut board = Board::default();
    floor.queues.iter().rev().for_each(|(id, queue)| board.see_queue(*id, queue));
    floor.chats.iter().rev().for_each(|(id, chat)| board.see_chat(*id, chat));
    floor.agents.iter().rev().for_each(|(id, agent)| board.see_agent(*id, agent));
    for (agent, queues) in floor.serves.iter().rev() {
        board.assign(*agent, queues.clone());
    }
    board
}

fn check(day: &Day) -> Result<(), TestCaseError> {
    let floor = &day.floor;
    let live = &floor.board;
    prop_assert_eq!(matches(live.clone()), scanned(floor), "the board and the scan choose alike");
    for item in day.items() {
        let Some((queue, _)) = live.place(item) else { continue };
        for agent in (0..AGENTS).map(AgentId) {
            prop_assert_eq!(
                live.why_not(item, agent),
                naive::why_not(floor, queue, item, agent),
                "{:?} {}",
                agent,
                item
            );
        }
    }
    check_outlook(day)?;
    for board in [rebuilt(floor), rebuilt_backwards(floor)] {
        prop_assert_eq!(matches(board.clone()), matches(live.clone()), "a rebuilt board chooses as the live one");
        for queue in (0..QUEUES).map(QueueId) {
            prop_assert_eq!(board.admission(queue, &Closed::new()), live.admission(queue, &Closed::new()));
        }
        for item in day.items() {
            prop_assert_eq!(board.place(item), live.place(item), "{}", item);
        }
    }
    Ok(())
}

/// Whoever would be asked about what came now, is asked about what waits; and the others are not, for the same reason.
fn check_outlook(day: &Day) -> Result<(), TestCaseError> {
    let live = &day.floor.board;
    for item in day.items() {
        let Some((queue, _)) =
            live.place(item).filter(|(queue, _)| live.admission(*queue, &Closed::new()) == Admission::Waits(*queue))
        else {
            continue;
        };
        let channel = match item {
            ItemId::Call(_) => Channel::Call,
            ItemId::Chat(_) => Channel::Chat,
            ItemId::Task(_) => Channel::WorkItem,
        };
        let outlook = live.outlook(queue, channel, &Closed::new());
        for agent in (0..AGENTS).map(AgentId) {
            let place = outlook.candidates.iter().position(|rank| rank.agent == agent);
            let obstacle = outlook.passed_over.iter().find(|(other, _)| *other == agent).map(|(_, obstacle)| *obstacle);
            let expected = match live.why_not(item, agent) {
                Ok(Obstacle::Declined) => continue,
                Ok(Obstacle::NotServing) => (None, None),
                Ok(obstacle) => (None, Some(obstacle)),
                Err(before) => (Some(before), None),
            };
            prop_assert_eq!((place, obstacle), expected, "{:?} {}", agent, item);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_board_decides_as_a_scan_of_everything_does(opening in opening(), steps in vec(step(), 1..200)) {
        let mut day = Day::begin();
        day.open(&opening);
        for step in &steps {
            day.step(step);
            check(&day)?;
        }
    }
}

#[test]
fn the_steps_lead_to_matches_of_all_kinds() {
    let mut runner = TestRunner::deterministic();
    let (mut matches, mut tiers, mut pushed) = (0, BTreeSet::new(), 0);
    for _ in 0..200 {
        let (opening, steps) = (opening(), vec(step(), 1..200)).new_tree(&mut runner).expect("steps").current();
        let mut day = Day::begin();
        day.open(&opening);
        for step in &steps {
            if let Some(proposal) = day.floor.board.clone().propose() {
                tiers.insert(proposal.tier);
                pushed += u32::from(!matches!(proposal.item, ItemId::Call(_)));
            }
            day.step(step);
        }
        matches += day.matches;
    }
    assert!(matches > 400, "only {matches} matches");
    assert!(pushed > 100, "only {pushed} of what is pushed");
    assert_eq!(tiers.len(), 4, "only {tiers:?}");
}

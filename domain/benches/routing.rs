//! How long a routing decision takes, with all that the board has to learn because of it, against a scan of everything.
//! Never a promise: it prints what this machine did in one run.
#![allow(missing_docs, clippy::expect_used)]

use domain::agent::{self, Active};
use domain::chat;
use domain::id::{AgentId, ItemId, QueueId};
use domain::queue::{self, Channel, HeadStarts, Strategy};
use domain::routing::{Proposal, Skill};
use domain::time::Span;
use floor::Floor;
use std::collections::{BTreeMap, VecDeque};
use std::hint::black_box;
use std::time::{Duration, Instant};

// The tests use more of them.
#[allow(dead_code)]
#[path = "../tests/routing/floor.rs"]
mod floor;
#[allow(dead_code)]
#[path = "../tests/routing/naive.rs"]
mod naive;

const QUEUES: u64 = 50;
const SERVED: usize = 5;
const BATCH: u32 = 500;
const BATCHES: u32 = 60;

fn main() {
    println!("{QUEUES} queues of all four strategies, each agent serves {SERVED}, two calls to one pushed chat.");
    println!("\nEverybody is busy, and so many items wait:");
    let mut base = measure(2000, 10_000, 0);
    base.scan();
    println!("by agents:");
    measure(200, 10_000, 0).compare(&base);
    measure(20_000, 10_000, 0).compare(&base);
    println!("by items:");
    measure(2000, 1000, 0).compare(&base);
    measure(2000, 100_000, 0).compare(&base);
    println!("\nNothing waits, and half of the agents are free:");
    let mut base = measure(2000, 0, 1000);
    base.scan();
    println!("by agents:");
    measure(200, 0, 100).compare(&base);
    measure(20_000, 0, 10_000).compare(&base);
}

/// A floor in its daily round, and what a decision took there.
struct Measured {
    bench: Bench,
    /// In the board: the fastest of the batches, since other processes take their share of a machine.
    board: Duration,
}

fn measure(agents: u64, waiting: u64, free: u64) -> Measured {
    let mut bench = Bench::new(agents);
    bench.fill(waiting, free);
    bench.run(BATCH);
    let (board, all) = (0..BATCHES).map(|_| bench.batch()).min().expect("a batch");
    println!(
        "  {agents} agents, {waiting} items: {:.1} µs a decision in the board ({:.0} decisions/s), {:.1} µs with all machines",
        micros(board),
        1.0 / board.as_secs_f64(),
        micros(all),
    );
    Measured { bench, board }
}

impl Measured {
    fn compare(&self, base: &Measured) {
        println!("    {:.2} times the first one", self.board.as_secs_f64() / base.board.as_secs_f64());
    }

    /// What a scan of everything takes to choose.
    fn scan(&mut self) {
        self.bench.arrive();
        let begin = Instant::now();
        let found = black_box(naive::propose(&self.bench.floor, &[]));
        let took = begin.elapsed();
        assert_eq!(found, self.bench.floor.board.clone().propose(), "the scan and the board choose alike");
        let times = took.as_secs_f64() / self.board.as_secs_f64();
        println!("    a scan of everything: {:.0} µs for the choice alone, {times:.0} times", micros(took));
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

struct Bench {
    floor: Floor,
    /// Who is at what, longest first.
    busy: VecDeque<(AgentId, ItemId)>,
    arrived: u64,
    agents: u64,
    chance: Chance,
}

impl Bench {
    fn new(agents: u64) -> Bench {
        let mut bench = Bench { floor: Floor::default(), busy: VecDeque::new(), arrived: 0, agents, chance: Chance(1) };
        for id in (0..QUEUES).map(QueueId) {
            let settings = queue::Settings {
                strategy: [Strategy::LongestIdle, Strategy::RoundRobin, Strategy::Skill, Strategy::Sticky]
                    [id.0 as usize % 4],
                pushed: [Channel::Chat].into(),
                // So that chats have their turn as well while calls wait.
                head_starts: HeadStarts {
                    call: Some(Span::seconds(60)),
                    chat: Some(Span::ZERO),
                    ..HeadStarts::default()
                },
                ring: Span::seconds(20),
                ..queue::Settings::default()
            };
            let settings = Box::new(settings);
            bench.floor.queue(id, queue::Command::Configure { id, settings }).expect("a queue");
        }
        for id in (0..agents).map(AgentId) {
            let mut queues = BTreeMap::new();
            while queues.len() < SERVED {
                queues.insert(QueueId(bench.chance.below(QUEUES)), bench.chance.below(10) as Skill);
            }
            bench.floor.assign(id, queues);
            let settings = agent::Settings { chats_max: 3, ..agent::Settings::default() };
            bench.floor.agent(id, agent::Command::Configure { id, settings }).expect("an agent");
            bench.floor.agent(id, agent::Command::LogIn).expect("at work");
            bench.floor.now = bench.floor.now + Span(7);
        }
        bench
    }

    /// Until so many items wait, or only so many agents have nothing to do.
    fn fill(&mut self, waiting: u64, free: u64) {
        if free > 0 {
            while (self.busy.len() as u64) < self.agents - free {
                self.arrive();
                self.route();
            }
        }
        while self.waiting() < waiting {
            for _ in self.waiting()..waiting {
                self.arrive();
            }
            self.route();
        }
    }

    fn waiting(&self) -> u64 {
        self.floor.queues.values().map(|queue| queue.waiting().count() as u64).sum()
    }

    fn arrive(&mut self) {
        self.arrived += 1;
        self.floor.now = self.floor.now + Span(20);
        let channel = if self.chance.below(3) == 0 { Channel::Chat } else { Channel::Call };
        let preferred = (self.chance.below(4) == 0).then(|| AgentId(self.chance.below(self.agents)));
        self.floor.arrive(self.arrived, channel, QueueId(self.chance.below(QUEUES)), preferred);
    }

    /// Gives everybody what there is for them, and says how often.
    fn route(&mut self) -> u32 {
        let mut decisions = 0;
        while let Some(proposal) = self.floor.propose() {
            decisions += 1;
            self.take(proposal);
        }
        decisions
    }

    /// The phone is answered, the chat is turned to.
    fn take(&mut self, proposal: Proposal) {
        let Proposal { agent, item, .. } = proposal;
        self.floor.offer(proposal);
        match item {
            ItemId::Call(call) => {
                let offer = self.floor.ringing[&agent];
                self.floor.call(call, domain::call::Command::PhoneAnswered { offer }).expect("answered");
            }
            ItemId::Chat(_) | ItemId::Task(_) => {
                self.floor.agent(agent, agent::Command::Activate { item }).expect("turned to");
            }
        }
        self.busy.push_back((agent, item));
    }

    fn run(&mut self, at_least: u32) -> u32 {
        let mut decisions = 0;
        while decisions < at_least {
            let (agent, item) = self.busy.pop_front().expect("somebody is busy");
            match item {
                ItemId::Call(call) => {
                    assert!(matches!(self.floor.agents[&agent].active(), Some(Active::Call { .. })));
                    self.floor.call(call, domain::call::Command::CallerHungUp).expect("over");
                }
                ItemId::Chat(chat) => self.floor.chat(chat, chat::Command::Leave).expect("over"),
                ItemId::Task(_) => {}
            }
            self.arrive();
            decisions += self.route();
        }
        decisions
    }

    /// What a decision takes in the board, and with all machines.
    fn batch(&mut self) -> (Duration, Duration) {
        self.floor.in_board = Duration::ZERO;
        let begin = Instant::now();
        let decisions = self.run(BATCH);
        (self.floor.in_board / decisions, begin.elapsed() / decisions)
    }
}

/// Numbers that look like chance and are the same in each run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

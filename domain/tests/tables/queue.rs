//! The queue's table: its typical states, and what is asked in each.

use crate::{BEGIN, Part, Row, State, Tabled, Variants, row, variants};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId};
use domain::queue::{
    Arrival, Asked, Channel, Command, Destination, Event, Exit, Outcome, Queue, Settings, Strategy, Waiting,
};
use domain::routing::{Tier, Why};
use domain::time::{Span, Timestamp};

variants! {
    Command { Configure, Enqueue, Leave, Propose, Released, Answered, Away, PushRefused, Move, Overflow, Due }
    Event {
        Configured, Enqueued, Left, Offered, Pushed, PushReturned, WentAway, Returned, WithdrawAsked, Departing, DeclineExpired,
    }
    Exit { Move, Refuse }
}

const CALL: ItemId = ItemId::Call(CallId(1));
const CHAT: ItemId = ItemId::Chat(ChatId(1));
const A1: AgentId = AgentId(1);

fn configure(strategy: Strategy, overflow: Option<u64>) -> Command {
    let settings = Settings {
        strategy,
        pushed: [Channel::Chat].into(),
        wait_max: Some(Span::seconds(600)),
        overflow: overflow.map(elsewhere),
        ring: Span::seconds(20),
        call_wrap_up: Span::seconds(30),
        ..Settings::default()
    };
    Command::Configure { id: QueueId(1), settings: Box::new(settings) }
}

fn elsewhere(queue: u64) -> Destination {
    Destination { queue: QueueId(queue), ..Destination::default() }
}

fn enqueue(item: ItemId, place: u32, attempts: u32) -> Command {
    let channel = if item == CALL { Channel::Call } else { Channel::Chat };
    Command::Enqueue(Arrival { place, attempts, ..Arrival::new(item, channel, BEGIN) })
}

fn gone(away: bool) -> Command {
    Command::Away { item: CHAT, place: 1, away }
}

fn propose(item: ItemId, agent: u64) -> Command {
    Command::Propose { item, agent: AgentId(agent), tier: Tier::Free, why: Box::new(Why::default()) }
}

fn offer(agent: u64, attempt: u32) -> OfferId {
    OfferId { call: CallId(1), agent: AgentId(agent), attempt }
}

fn released(outcome: Outcome) -> Command {
    Command::Released { offer: offer(1, 1), outcome }
}

fn states() -> Vec<State<Queue>> {
    let fresh = State::fresh("not configured");
    let empty = fresh.but("empty").then(configure(Strategy::LongestIdle, Some(2)));
    let waits = empty.but("a call waits").then(enqueue(CALL, 0, 0));
    let offered = waits.but("a call is offered").then(propose(CALL, 1));
    let guarded = offered.but("a call is offered and asked back").wakes();
    let moving = offered.but("a call is offered and will move").then(Command::Move { item: CALL, to: elsewhere(2) });
    let returned = offered.but("a call came back").then(released(Outcome::NoAnswer));
    let declined = offered.but("a call was declined").then(released(Outcome::Declined));
    let departing = waits.but("a call is on its way out").then(Command::Move { item: CALL, to: elsewhere(2) });
    let chat = empty.but("a chat waits").then(enqueue(CHAT, 1, 0));
    let away = chat.but("a chat waits, its visitor is away").then(gone(true));
    let pushed = chat.but("a chat is pushed").then(propose(CHAT, 1));
    let chat_departs = chat.but("a chat is on its way out").then(Command::Move { item: CHAT, to: elsewhere(2) });
    let refusing = fresh.but("a call waits, without an overflow").then(configure(Strategy::RoundRobin, None));
    let refusing = refusing.then(enqueue(CALL, 0, 0));
    let refused = refusing.but("a call has waited too long").wakes();
    vec![
        fresh,
        empty,
        waits,
        offered,
        guarded,
        moving,
        returned,
        declined,
        departing,
        chat,
        away,
        pushed,
        chat_departs,
        refusing,
        refused,
    ]
}

impl Tabled for Queue {
    const TITLE: &'static str = "What a queue does";
    const CAST: &'static str = "\
The queue is q1; what waits for 600 s overflows to q2. call1 and chat1 are its items. a1 is the agent whom the board
proposes first, a2 another one. Chats are pushed here, from place 1 of each.";
    const PARTS: &'static [(&'static str, &'static [&'static str])] = &[(Exit::NAME, Exit::ALL)];

    fn states() -> Vec<State<Queue>> {
        states()
    }

    fn rows(&self, _: Timestamp) -> Vec<Row<Command>> {
        let unknown = ItemId::Call(CallId(9));
        vec![
            row("as before", configure(self.settings().strategy, self.settings().overflow.map(|to| to.queue.0))),
            row("another strategy", configure(Strategy::Skill, Some(2))),
            row("", gone(true)),
            row("", gone(false)),
            row("as new", enqueue(CALL, 0, 0)),
            row("after a first offer", enqueue(CALL, 0, 1)),
            row("", enqueue(CHAT, 1, 0)),
            row("it left and came back", enqueue(CHAT, 3, 0)),
            row("an old place", enqueue(CHAT, 0, 0)),
            row("", Command::Leave { item: CALL, place: 0 }),
            row("", Command::Leave { item: CHAT, place: 2 }),
            row("an old place", Command::Leave { item: CHAT, place: 0 }),
            row("", propose(CALL, 1)),
            row("", propose(CALL, 2)),
            row("", propose(CHAT, 2)),
            row("", released(Outcome::NoAnswer)),
            row("", released(Outcome::Declined)),
            row("", released(Outcome::Withdrawn)),
            row("", released(Outcome::Refused)),
            row("an offer that was not made", Command::Released { offer: offer(2, 2), outcome: Outcome::NoAnswer }),
            row("", Command::Answered { offer: offer(1, 1) }),
            row("an offer that was not made", Command::Answered { offer: offer(2, 2) }),
            row("", Command::PushRefused { item: CHAT, agent: A1 }),
            row("", Command::PushRefused { item: CHAT, agent: AgentId(2) }),
            row("", Command::Move { item: CALL, to: elsewhere(3) }),
            row("where it is", Command::Move { item: CALL, to: elsewhere(1) }),
            row("", Command::Move { item: CHAT, to: elsewhere(3) }),
            row("not here", Command::Move { item: unknown, to: elsewhere(3) }),
            row("", Command::Overflow { to: elsewhere(3) }),
            row("a deadline that it does not have passes", Command::Due(Timestamp(1))),
        ]
    }

    fn describe(&self) -> String {
        let items: Vec<_> = self.waiting().map(|(item, waiting)| describe(item, waiting)).collect();
        let settings = match (self.settings().ring, self.settings().overflow, self.settings().strategy) {
            (Span::ZERO, _, _) => "without settings, ",
            (_, None, _) => "no overflow, ",
            (_, Some(_), Strategy::Skill) => "by skill, ",
            (_, Some(_), Strategy::LongestIdle | Strategy::RoundRobin | Strategy::Sticky) => "",
        };
        let items = if items.is_empty() { "empty".to_owned() } else { items.join(", ") };
        format!("{settings}{items}")
    }

    fn parts(&self) -> Vec<Part> {
        self.waiting().filter_map(|(_, waiting)| waiting.exit).map(|exit| exit.part()).collect()
    }
}

fn describe(item: ItemId, waiting: &Waiting) -> String {
    let arrival = &waiting.arrival;
    let asked = match waiting.asked {
        Asked::Offered { offer, .. } => format!(" offered to {:?} (attempt {})", offer.agent, offer.attempt),
        Asked::Pushed { agent } => format!(" pushed to {agent:?}"),
        Asked::Nobody => " waits".to_owned(),
    };
    let attempts = match (waiting.asked.offer(), arrival.attempts) {
        (Some(_), _) | (None, 0) => String::new(),
        (None, attempts) => format!(" (offered {attempts}×)"),
    };
    let place = if arrival.place > 0 { format!(" at place {}", arrival.place) } else { String::new() };
    let back = if matches!(waiting.asked, Asked::Offered { guard: None, .. }) { " and asked back" } else { "" };
    let exit = match waiting.exit {
        None => String::new(),
        Some(Exit::Move(to)) => format!(", goes to {:?}", to.queue),
        Some(Exit::Refuse) => ", will be refused".to_owned(),
    };
    let declined: Vec<_> = arrival.declined.keys().map(|agent| format!("{agent:?}")).collect();
    let declined =
        if declined.is_empty() { String::new() } else { format!(", not for {} for a while", declined.join(" and ")) };
    let number = item.number();
    let kind = item.kind();
    let away = if arrival.away { ", nobody there" } else { "" };
    format!("{kind}{number}{asked}{attempts}{place}{back}{exit}{away}{declined}")
}

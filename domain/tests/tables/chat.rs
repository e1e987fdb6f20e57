//! The chat's table: its typical states, and what is asked in each.

use crate::{Part, Row, State as Named, Tabled, Variants, row, variants};
use domain::Identifier;
use domain::chat::{
    Alarm, Author, Chat, Choice, Command, Ending, Event, ParkedBy, Recipient, Settings, State, Visitor, WrapUpAtLogout,
};
use domain::id::{AgentId, CallId, ChatId, ContactId, QueueId};
use domain::queue::{Destination, Exit};
use domain::routing::Tier;
use domain::time::{Span, Timestamp};

variants! {
    Command {
        Request, Allocate, Activate, Park, Resume, Release, Say, Note, Read, Transfer, TransferRefused, Choose, Depart, Leave,
        End, ExtendWrapUp, FinishWrapUp, Identify, VisitorLost, VisitorBack, Restarted, Due,
    }
    Event {
        Requested, Allocated, AllocationRefused, Activated, Parked, Said, Noted, ReadUpTo, TransferAsked, TransferFailed,
        Transferred, Moved, IdleWarned, ChoiceOffered, Chosen, Alarmed, Ended, WrapUpExtended, Requeued, WrapUpRequeued,
        Closed, Identified, VisitorLost, VisitorBack, Restarted,
    }
    State { New, Queued, Allocated, Active, Parked, WrapUp, WrapUpQueued, Closed }
    ParkedBy { Agent, Call }
    Ending { Visitor, Agent, VisitorTimeout, VisitorIdle, Callback, Email, Unserved }
    Alarm { Agent, Supervisor }
    Visitor { Online, Offline }
}

const A1: AgentId = AgentId(1);
const A2: AgentId = AgentId(2);
const BY_CALL: ParkedBy = ParkedBy::Call(CallId(1));

fn settings() -> Settings {
    Settings {
        exclusive: false,
        wrap_up: Span::seconds(60),
        wrap_up_at_logout: WrapUpAtLogout::Close,
        parked_wrap_up_closes: Some(Span::seconds(7200)),
        visitor_grace: Span::seconds(120),
        visitor_grace_preempted: Span::seconds(300),
        idle_warns: Some(Span::seconds(480)),
        idle_closes: Some(Span::seconds(600)),
        choice_after: Some(Span::seconds(180)),
        alert_after: Some(Span::seconds(300)),
    }
}

fn request(settings: Settings) -> Command {
    Command::Request { id: ChatId(1), queue: QueueId(1), settings }
}

pub fn elsewhere() -> Destination {
    Destination { queue: QueueId(2), chat: settings(), ..Destination::default() }
}

pub fn say(author: Author) -> Command {
    Command::Say { author, client: "tab".to_owned(), command: 1 }
}

fn choose(choice: Choice) -> Command {
    Command::Choose { choice }
}

impl Named<Chat> {
    fn activate(self, sequence: u64) -> Named<Chat> {
        let at = self.now;
        self.then(Command::Activate { agent: A1, sequence, at })
    }

    fn park(self, sequence: u64, by: ParkedBy) -> Named<Chat> {
        let at = self.now;
        self.then(Command::Park { agent: A1, sequence, at, by })
    }
}

fn in_conversation() -> Vec<Named<Chat>> {
    let fresh = Named::fresh("not requested yet");
    let queued = fresh.but("waiting").then(request(settings()));
    let alone = queued.but("waiting, visitor away").then(Command::VisitorLost);
    let picked = queued.but("picked").then(Command::Allocate { agent: A1, place: 1, pushed: false });
    let reminded = picked.but("picked, agent reminded").wakes();
    let pushed = queued.but("pushed").then(Command::Allocate { agent: A1, place: 1, pushed: true });
    let missed = pushed.but("waiting, missed by a1").wakes();
    let active = picked.but("active").activate(10);
    let asks = active.but("active, the visitor waits").then(say(Author::Visitor));
    let answered = asks.but("active, the agent wrote last").then(say(Author::Agent(A1)));
    let warned = answered.but("active, visitor asked whether they are there").wakes();
    let away = asks.but("active, visitor away").then(Command::VisitorLost);
    let given = asks.but("active, offered to another agent").then(transfer(A1, Recipient::Agent(A2)));
    let parked = asks.but("parked by hand, the visitor waits").park(11, ParkedBy::Agent);
    let alarm = parked.but("parked by hand, agent reminded").wakes();
    let alert = alarm.but("parked by hand, supervisor alerted").wakes();
    let parked_answered = answered.but("parked by hand, the agent wrote last").park(11, ParkedBy::Agent);
    let preempted = asks.but("pushed aside by a call").park(11, BY_CALL);
    let preempted_away = preempted.but("pushed aside, visitor away").then(Command::VisitorLost);
    let spared = answered.but("pushed aside, the agent wrote last").park(11, BY_CALL);
    let choice = preempted.but("pushed aside, visitor has the choice").wakes();
    let alerted = choice.but("pushed aside, supervisor alerted").wakes();
    vec![
        fresh,
        queued,
        alone,
        picked,
        reminded,
        pushed,
        missed,
        active,
        asks,
        answered,
        warned,
        away,
        given,
        parked,
        alarm,
        alert,
        parked_answered,
        preempted,
        spared,
        preempted_away,
        choice,
        alerted,
    ]
}

fn transfer(agent: AgentId, to: Recipient) -> Command {
    Command::Transfer { agent, to }
}

fn after_the_conversation() -> Vec<Named<Chat>> {
    let conversation = in_conversation();
    let state = |name| conversation.iter().find(|state| state.name == name).expect("a state of the conversation");
    let active = state("active, the visitor waits");
    let wrap_up = active.but("in its wrap-up").then(Command::Leave);
    let extended = wrap_up.but("in its wrap-up, extended");
    let extended = (0..3).fold(extended, |state, _| state.then(Command::ExtendWrapUp { agent: A1 }));
    let parked = wrap_up.but("in its wrap-up, parked").park(20, ParkedBy::Agent);
    let reminded = parked.but("in its wrap-up, parked, agent reminded").wakes();
    let offered = state("pushed aside, visitor has the choice");
    let requeues = Settings { wrap_up_at_logout: WrapUpAtLogout::Requeue, ..settings() };
    let taken = |name, settings| {
        let requested = Named::fresh(name).then(request(settings));
        requested.then(Command::Allocate { agent: A1, place: 1, pushed: false }).activate(10)
    };
    let requeued = taken("wrap-up waiting", requeues).then(Command::Leave);
    let requeued = requeued.then(Command::Release { agent: A1, sequence: 20 });
    let again = requeued.but("wrap-up taken by a2").then(Command::Allocate { agent: A2, place: 3, pushed: false });
    let short = taken("active, in a queue without wrap-up", Settings { wrap_up: Span::ZERO, ..settings() });
    vec![
        wrap_up.clone(),
        extended,
        parked,
        reminded,
        requeued,
        again,
        short.clone(),
        wrap_up.but("over: the visitor left").then(Command::FinishWrapUp { agent: A1 }),
        short.but("over: the agent ended it").then(Command::End { agent: A1 }),
        state("active, visitor asked whether they are there").but("in its wrap-up: the visitor fell silent").wakes(),
        state("waiting, visitor away").but("over: the visitor did not come back").wakes(),
        offered.but("in its wrap-up: the visitor wants a callback").then(choose(Choice::Callback)),
        offered.but("in its wrap-up: the visitor wants an e-mail").then(choose(Choice::Email)),
        state("waiting").but("over: nobody had time").then(Command::Depart { exit: Exit::Refuse, place: 1 }),
    ]
}

impl Tabled for Chat {
    const TITLE: &'static str = "What a chat does";
    const CAST: &'static str = "\
The chat is chat1 and is requested for the queue q1. a1 is the agent who gets it, a2 another one; call1 is a call of a1's.
The visitor's grace is 120 s, or 300 s while pushed aside; the visitor is asked after 480 s of silence, and the chat is over
after 600 s; whoever is pushed aside has the choice after 180 s, and the supervisor is alerted after 300 s; the wrap-up lasts
60 s.";
    const PARTS: &'static [(&'static str, &'static [&'static str])] = &[
        (State::NAME, State::ALL),
        (ParkedBy::NAME, ParkedBy::ALL),
        (Ending::NAME, Ending::ALL),
        (Alarm::NAME, Alarm::ALL),
        (Visitor::NAME, Visitor::ALL),
    ];

    fn states() -> Vec<Named<Chat>> {
        in_conversation().into_iter().chain(after_the_conversation()).collect()
    }

    fn rows(&self, now: Timestamp) -> Vec<Row<Command>> {
        let place = stored_place(self);
        let old_place = place.saturating_sub(1);
        let down_since = Timestamp(now.0 - 500);
        let mut rows = vec![row("", request(settings()))];
        rows.extend(from_agent(A1, place, now));
        rows.extend(from_agent(A2, place, now));
        rows.extend([
            row("an old place", Command::Allocate { agent: A1, place: old_place, pushed: false }),
            row("an old sequence number", Command::Activate { agent: A1, sequence: 1, at: now }),
            row("an old sequence number", Command::Park { agent: A1, sequence: 1, at: now, by: BY_CALL }),
            row("an old sequence number", Command::Resume { agent: A1, sequence: 1, at: now }),
            row("an old sequence number", Command::Release { agent: A1, sequence: 1 }),
            row(
                "it happened a little earlier",
                Command::Park { agent: A1, sequence: 100, at: down_since, by: BY_CALL },
            ),
            row("", say(Author::Visitor)),
            row("", transfer(A1, Recipient::Agent(A1))),
            row("", transfer(A1, Recipient::Agent(A2))),
            row("", Command::TransferRefused { agent: A2 }),
            row("whom nobody asked", Command::TransferRefused { agent: AgentId(3) }),
            row("", choose(Choice::Stay)),
            row("", choose(Choice::AnotherAgent)),
            row("", choose(Choice::Callback)),
            row("", choose(Choice::Email)),
            row("", Command::Depart { exit: Exit::Move(elsewhere()), place }),
            row("an old place", Command::Depart { exit: Exit::Move(elsewhere()), place: old_place }),
            row("", Command::Depart { exit: Exit::Refuse, place }),
            row("", Command::Leave),
            row("", Command::Identify { contact: Some(ContactId(1)), by: Identifier::Supervisor(AgentId(3)) }),
            row("", Command::Identify { contact: Some(ContactId(1)), by: Identifier::Proof }),
            row("", Command::Identify { contact: None, by: Identifier::Proof }),
            row("", Command::VisitorLost),
            row("", Command::VisitorBack),
            row("", Command::Restarted { down_since }),
            row("a deadline that it does not have passes", Command::Due(Timestamp(1))),
        ]);
        rows
    }

    fn describe(&self) -> String {
        let mut said = vec![place(self)];
        let stored = serde_json::to_value(self).expect("a value");
        let mut note = |is: bool, what: &str| {
            if is {
                said.push(what.to_owned());
            }
        };
        note(self.settings().wrap_up == Span::ZERO, "no wrap-up here");
        note(self.settings().wrap_up_at_logout == WrapUpAtLogout::Requeue, "the queue takes wrap-ups back");
        let goes_on = matches!(self.state(), State::Active { .. } | State::Parked { .. });
        note(goes_on && self.messages() == 0, "nothing written yet");
        note(goes_on && self.messages() > 0 && self.tier() == Tier::ChatWaiting, "the visitor waits for an answer");
        note(goes_on && self.tier() == Tier::ChatAnswered, "the agent wrote last");
        note(!stored["idle"]["running_since"].is_null(), "the visitor's silence is counted");
        note(self.read_up_to() > 0 && self.read_up_to() == self.messages(), "all is read");
        note(self.idle_warned(), "the visitor was asked whether they are there");
        note(self.choice_offered(), "the visitor has the choice");
        note(self.alarm() == Some(Alarm::Agent), "the agent was reminded");
        note(self.alarm() == Some(Alarm::Supervisor), "the supervisor was alerted");
        note(self.transfer().is_some(), "another agent is asked to take it");
        note(
            stored["place"]["declined"].as_object().is_some_and(|all| !all.is_empty()),
            "not pushed to a1 for a while",
        );
        note(matches!(self.visitor(), Visitor::Offline { .. }), "visitor away");
        said.extend(self.contact().map(|contact| format!("of contact {contact}")));
        said.join("; ")
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = vec![self.state().part(), self.visitor().part()];
        parts.extend(self.alarm().map(|alarm| alarm.part()));
        match self.state() {
            State::New | State::Queued | State::Allocated { .. } | State::Active { .. } => {}
            State::Parked { by, .. } => parts.push(by.part()),
            State::WrapUp { ended_by, .. } | State::WrapUpQueued { ended_by, .. } | State::Closed { ended_by } => {
                parts.push(ended_by.part());
            }
        }
        parts
    }
}

/// What an agent may ask, or their machine on their behalf.
fn from_agent(agent: AgentId, place: u32, at: Timestamp) -> Vec<Row<Command>> {
    let sequence = 100;
    vec![
        row("a pick", Command::Allocate { agent, place, pushed: false }),
        row("", Command::Allocate { agent, place, pushed: true }),
        row("", Command::Activate { agent, sequence, at }),
        row("", Command::Park { agent, sequence, at, by: ParkedBy::Agent }),
        row("", Command::Park { agent, sequence, at, by: BY_CALL }),
        row("", Command::Resume { agent, sequence, at }),
        row("", Command::Release { agent, sequence }),
        row("", say(Author::Agent(agent))),
        row("", Command::Note { agent, client: "tab".to_owned(), command: 2 }),
        row("", Command::Read { agent, number: 1 }),
        row("", transfer(agent, Recipient::Queue(elsewhere()))),
        row("", Command::End { agent }),
        row("", Command::ExtendWrapUp { agent }),
        row("", Command::FinishWrapUp { agent }),
        row("", Command::Identify { contact: Some(ContactId(1)), by: Identifier::Agent(agent) }),
    ]
}

fn stored_place(chat: &Chat) -> u32 {
    let stored = serde_json::to_value(chat).expect("a value");
    stored["place"]["nth"].as_u64().and_then(|place| place.try_into().ok()).expect("a place")
}

fn place(chat: &Chat) -> String {
    let place = stored_place(chat);
    match chat.state() {
        State::New => "not requested yet".to_owned(),
        State::Queued => format!("waits in {:?} at place {place}", chat.queue()),
        State::Allocated { agent, pushed: false, .. } => format!("picked by {agent:?}, not looked at yet"),
        State::Allocated { agent, pushed: true, .. } => format!("pushed to {agent:?}, not looked at yet"),
        State::Active { agent } => format!("active at {agent:?}"),
        State::Parked { agent, by: ParkedBy::Agent, .. } => format!("parked by {agent:?}"),
        State::Parked { agent, by: ParkedBy::Call(call), .. } => {
            format!("in {agent:?}'s inbox, pushed aside by {call:?}")
        }
        State::WrapUp { agent, ended_by, parked_since, extensions, .. } => {
            let parked = if parked_since.is_some() { "parked wrap-up" } else { "wrap-up" };
            let extended = if extensions > 0 { format!(", extended {extensions}×") } else { String::new() };
            format!("{parked} at {agent:?}{extended}, {}", ended(ended_by))
        }
        State::WrapUpQueued { ended_by, .. } => {
            format!("wrap-up waits in {:?} at place {place}, {}", chat.queue(), ended(ended_by))
        }
        State::Closed { ended_by } => format!("over, {}", ended(ended_by)),
    }
}

fn ended(by: Ending) -> &'static str {
    match by {
        Ending::Visitor => "ended by the visitor",
        Ending::Agent => "ended by the agent",
        Ending::VisitorTimeout => "the visitor did not come back",
        Ending::VisitorIdle => "the visitor fell silent",
        Ending::Callback => "the visitor wants a callback",
        Ending::Email => "the visitor wants an e-mail",
        Ending::Unserved => "nobody had time",
    }
}

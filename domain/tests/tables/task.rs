//! The task's table: its typical states, and what is asked in each.

use crate::{BEGIN, Part, Row, State as Named, Tabled, Variants, row, variants};
use domain::Identifier;
use domain::chat::ParkedBy;
use domain::id::{AgentId, CallId, ContactId, QueueId, TaskId};
use domain::queue::{Channel, Destination, Exit};
use domain::task::{Command, Event, State, Task};
use domain::time::{Span, Timestamp};

variants! {
    Command { Request, Allocate, Activate, Park, Release, Finish, Identify, Depart, Restarted, Due }
    Event { Requested, Allocated, AllocationRefused, Activated, Parked, Requeued, Moved, Identified, Closed, Restarted }
    State { New, Queued, Allocated, Active, Parked, Closed }
}

const A1: AgentId = AgentId(1);
const BY_AGENT: ParkedBy = ParkedBy::Agent;
const BY_CALL: ParkedBy = ParkedBy::Call(CallId(1));

fn request() -> Command {
    Command::Request { id: TaskId(1), channel: Channel::Email, queue: QueueId(1), arrived_at: BEGIN, contact: None }
}

fn states() -> Vec<Named<Task>> {
    let fresh = Named::fresh("not there yet");
    let queued = fresh.but("waiting").then(request());
    let picked = queued.but("picked").then(Command::Allocate { agent: A1, place: 1, pushed: false });
    let pushed = queued.but("pushed").then(Command::Allocate { agent: A1, place: 1, pushed: true });
    let missed = pushed.but("waiting, missed by a1").wakes();
    let active = picked.but("active").then(Command::Activate { agent: A1, sequence: 10, at: picked.now });
    let park = |by| Command::Park { agent: A1, sequence: 11, at: active.now, by };
    let (parked, preempted) = (active.but("parked").then(park(BY_AGENT)), active.but("preempted").then(park(BY_CALL)));
    let released = parked.but("waiting, let go by a1").then(Command::Release { agent: A1, sequence: 12 });
    let done = active.but("done").then(Command::Finish { agent: A1 });
    let refused = queued.but("sent away").then(Command::Depart { exit: Exit::Refuse, place: 1 });
    vec![fresh, queued, picked, pushed, missed, active, parked, preempted, released, done, refused]
}

impl Tabled for Task {
    const TITLE: &'static str = "What a task does";
    const CAST: &'static str = "\
The task is task1, an e-mail for the queue q1. a1 is the agent who gets it, a2 another one.";
    const PARTS: &'static [(&'static str, &'static [&'static str])] = &[(State::NAME, State::ALL)];

    fn states() -> Vec<Named<Task>> {
        states()
    }

    fn rows(&self, now: Timestamp) -> Vec<Row<Command>> {
        let (sequence, old) = (100, 1);
        let stored = serde_json::to_value(self).expect("a value");
        let place = stored["place"]["nth"].as_u64().and_then(|place| place.try_into().ok()).expect("a place");
        let elsewhere = Exit::Move(Destination { queue: QueueId(2), ..Destination::default() });
        let mut rows = vec![row("", request())];
        for agent in [A1, AgentId(2)] {
            rows.extend([
                row("a pick", Command::Allocate { agent, place, pushed: false }),
                row("", Command::Allocate { agent, place, pushed: true }),
                row("", Command::Activate { agent, sequence, at: now }),
                row("", Command::Park { agent, sequence, at: now, by: BY_AGENT }),
                row("", Command::Park { agent, sequence, at: now, by: BY_CALL }),
                row("", Command::Release { agent, sequence }),
                row("", Command::Finish { agent }),
                row("", Command::Identify { contact: Some(ContactId(1)), by: Identifier::Agent(agent) }),
            ]);
        }
        rows.extend([
            row("an old place", Command::Allocate { agent: A1, place: place.saturating_sub(1), pushed: false }),
            row("an old sequence number", Command::Activate { agent: A1, sequence: old, at: now }),
            row("an old sequence number", Command::Park { agent: A1, sequence: old, at: now, by: BY_AGENT }),
            row("an old sequence number", Command::Release { agent: A1, sequence: old }),
            row("", Command::Depart { exit: elsewhere, place }),
            row("an old place", Command::Depart { exit: elsewhere, place: place.saturating_sub(1) }),
            row("", Command::Depart { exit: Exit::Refuse, place }),
            row("", Command::Identify { contact: Some(ContactId(1)), by: Identifier::Supervisor(AgentId(3)) }),
            row("", Command::Restarted { down_since: Timestamp(now.0 - Span::seconds(1).0) }),
            row("a deadline that it does not have passes", Command::Due(Timestamp(now.0 + 1))),
        ]);
        rows
    }

    fn describe(&self) -> String {
        let stored = serde_json::to_value(self).expect("a value");
        let (queue, place) = (self.queue(), &stored["place"]["nth"]);
        let declined = stored["place"]["declined"].as_object().is_some_and(|declined| !declined.is_empty());
        let known = self.contact().map(|contact| format!("; of contact {contact}")).unwrap_or_default();
        let state = match self.state() {
            State::New => "not there yet".to_owned(),
            State::Queued if declined => format!("waits in {queue:?} at place {place}, not pushed to a1 for a while"),
            State::Queued => format!("waits in {queue:?} at place {place}"),
            State::Allocated { agent, until: None } => format!("picked by {agent:?}, not looked at yet"),
            State::Allocated { agent, until: Some(_) } => format!("pushed to {agent:?}, not looked at yet"),
            State::Active { agent } => format!("worked on by {agent:?}"),
            State::Parked { agent, by: BY_AGENT } => format!("parked by {agent:?}"),
            State::Parked { agent, by } => format!("pushed aside by {by:?}, with {agent:?}"),
            State::Closed { done: true } => "over, done".to_owned(),
            State::Closed { done: false } => "over, nobody had time".to_owned(),
        };
        state + &known
    }

    fn parts(&self) -> Vec<Part> {
        vec![self.state().part()]
    }
}

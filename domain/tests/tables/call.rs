//! The call's table: its typical states, and what is asked in each.

use crate::{Part, Row, State as Named, Tabled, Variants, row, variants};
use domain::Identifier;
use domain::call::{Call, Command, Ending, Event, Side, State};
use domain::id::{AgentId, CallId, ContactId, OfferId, QueueId};
use domain::queue::{Answer, Destination, Exit, Outcome};
use domain::time::Timestamp;
use std::collections::BTreeMap;

variants! {
    Command {
        Arrive, TurnAway, Ring, StopRinging, Connect, PhoneAnswered, PhoneFailed, PhoneHungUp, Hold, Transfer, Depart, CallerHungUp,
        Lost, HangUp, Identify, DaemonStops, Restarted,
    }
    Event {
        Arrived, TurnedAway, Rang, RingingStopped, PhoneAnswered, PhoneFailed, Connected, OfferVoid, Held, Transferred, Moved, Identified,
        Ended,
    }
    State { New, Queued, Ringing, Answered, Connected, Ended }
    Ending { Caller, Agent, Unserved, Lost, DaemonStopped, DaemonRestarted }
}

fn offer(agent: u64, attempt: u32) -> OfferId {
    OfferId { call: CallId(1), agent: AgentId(agent), attempt }
}

fn identify(by: Identifier) -> Command {
    Command::Identify { contact: Some(ContactId(1)), by }
}

fn states() -> Vec<Named<Call>> {
    let fresh = Named::fresh("not arrived");
    let queued = fresh.but("waiting").then(Command::Arrive {
        id: CallId(1),
        queue: QueueId(1),
        preferred: None,
        dialled_by: None,
        answer: Answer::AtOnce,
    });
    let unanswered = fresh.but("waiting, not answered").then(Command::Arrive {
        id: CallId(1),
        queue: QueueId(1),
        preferred: None,
        dialled_by: None,
        answer: Answer::WithAgent,
    });
    let picked_up = unanswered
        .but("not answered, a1's phone has")
        .then(Command::Ring { offer: offer(1, 1) })
        .then(Command::PhoneAnswered { offer: offer(1, 1) });
    let ringing = queued.but("ringing at a1").then(Command::Ring { offer: offer(1, 1) });
    let answered = ringing.but("answered by a1's phone").then(Command::PhoneAnswered { offer: offer(1, 1) });
    let connected = answered.but("connected to a1").then(Command::Connect { offer: offer(1, 1) });
    let held = connected.but("on hold by a1").then(Command::Hold { held: Some(Side::Caller) });
    let again = ringing.but("waiting again").then(Command::StopRinging { offer: offer(1, 1) });
    let second = again.but("ringing at a2").then(Command::Ring { offer: offer(2, 2) });
    let transferred = connected.but("transferred").then(Command::Transfer { agent: AgentId(1), to: QueueId(2) });
    let gone = [
        queued.but("over: the caller hung up").then(Command::CallerHungUp),
        connected.but("over: the agent hung up").then(Command::HangUp { agent: AgentId(1) }),
        queued.but("over: the caller is lost").then(Command::Lost { offer: None }),
        queued.but("over: sent away").then(depart(1, Exit::Refuse)),
        queued.but("over: the daemon stopped").then(Command::DaemonStops),
        queued.but("over: the daemon was restarted").then(Command::Restarted { down_since: Timestamp(0) }),
    ];
    let mut states =
        vec![fresh, queued, unanswered, picked_up, ringing, answered, connected, held, again, second, transferred];
    states.extend(gone);
    states
}

fn depart(queue: u64, exit: Exit) -> Command {
    Command::Depart { queue: QueueId(queue), exit, attempts: 1, declined: BTreeMap::new() }
}

impl Tabled for Call {
    const TITLE: &'static str = "What a call does";
    const CAST: &'static str = "\
The call is call1 and arrives for the queue q1. a1 is the first agent to whom it is offered, a2 the second. There is no
deadline: whoever rings is the agent's concern.";
    const PARTS: &'static [(&'static str, &'static [&'static str])] =
        &[(State::NAME, State::ALL), (Ending::NAME, Ending::ALL)];

    fn states() -> Vec<Named<Call>> {
        states()
    }

    fn rows(&self, _: Timestamp) -> Vec<Row<Command>> {
        let (id, queue) = (CallId(1), QueueId(1));
        let (first, second) = (offer(1, 1), offer(2, 2));
        let elsewhere = Exit::Move(Destination { queue: QueueId(3), ..Destination::default() });
        let arrive = |dialled_by, answer| Command::Arrive { id, queue, preferred: None, dialled_by, answer };
        let with_agent = Destination { queue: QueueId(3), answer: Answer::WithAgent, ..Destination::default() };
        let mut rows = vec![
            row("", arrive(None, Answer::AtOnce)),
            row("answered with an agent", arrive(None, Answer::WithAgent)),
            row("from a3's own phone", arrive(Some(AgentId(3)), Answer::AtOnce)),
            row("", Command::TurnAway { id, queue }),
        ];
        for offer in [first, second] {
            rows.extend([
                row("", Command::Ring { offer }),
                row("", Command::StopRinging { offer }),
                row("", Command::PhoneAnswered { offer }),
                row("", Command::PhoneFailed { offer, outcome: Outcome::BUSY }),
                row("", Command::PhoneHungUp { offer }),
                row("", Command::Lost { offer: Some(offer) }),
                row("", Command::Connect { offer }),
            ]);
        }
        rows.extend([
            row("", Command::Hold { held: Some(Side::Caller) }),
            row("", Command::Hold { held: Some(Side::Agent) }),
            row("nobody holds", Command::Hold { held: None }),
            row("", Command::Transfer { agent: AgentId(1), to: QueueId(2) }),
            row("", Command::Transfer { agent: AgentId(2), to: QueueId(2) }),
            row("", depart(1, elsewhere)),
            row("answered with an agent there", depart(1, Exit::Move(with_agent))),
            row("", depart(1, Exit::Refuse)),
            row("", depart(2, elsewhere)),
            row("", Command::CallerHungUp),
            row("", Command::Lost { offer: None }),
            row("", Command::HangUp { agent: AgentId(1) }),
            row("", Command::HangUp { agent: AgentId(2) }),
            row("", identify(Identifier::Number)),
            row("", identify(Identifier::Agent(AgentId(1)))),
            row("", identify(Identifier::Agent(AgentId(2)))),
            row("", identify(Identifier::Supervisor(AgentId(4)))),
            row("", Command::DaemonStops),
            row("", Command::Restarted { down_since: Timestamp(0) }),
        ]);
        rows
    }

    fn describe(&self) -> String {
        let stored = serde_json::to_value(self).expect("a value");
        let (queue, attempts) = (self.queue(), &stored["attempts"]);
        let unanswered = if stored["answered"] == true { "" } else { ", not answered" };
        let known = self.contact().map(|contact| format!("; of contact {contact}")).unwrap_or_default();
        let state = match self.state() {
            State::New => "not there yet".to_owned(),
            State::Queued => format!("waits in {queue:?}{unanswered}, offered {attempts}×"),
            State::Ringing { offer } => {
                format!("waits in {queue:?}{unanswered}, rings at {:?} (attempt {})", offer.agent, offer.attempt)
            }
            State::Answered { offer } => {
                format!(
                    "waits in {queue:?}{unanswered}, {:?}'s phone has answered (attempt {})",
                    offer.agent, offer.attempt
                )
            }
            State::Connected { offer, held: None, .. } => format!("connected to {:?}, came for {queue:?}", offer.agent),
            State::Connected { offer, held: Some(Side::Caller), .. } => {
                format!("connected to {:?}, the caller on hold", offer.agent)
            }
            State::Connected { offer, held: Some(Side::Agent), .. } => {
                format!("connected to {:?}, the agent on hold", offer.agent)
            }
            State::Ended { by } => match by {
                Ending::Caller => "over, ended by the caller".to_owned(),
                Ending::Agent => "over, ended by the agent".to_owned(),
                Ending::Unserved => "over, nobody had time".to_owned(),
                Ending::Lost => "over, a phone was lost".to_owned(),
                Ending::DaemonStopped => "over, the daemon stopped".to_owned(),
                Ending::DaemonRestarted => "over, the daemon was restarted".to_owned(),
            },
        };
        state + &known
    }

    fn parts(&self) -> Vec<Part> {
        let ending = match self.state() {
            State::Ended { by } => Some(by.part()),
            State::New | State::Queued | State::Ringing { .. } | State::Answered { .. } | State::Connected { .. } => {
                None
            }
        };
        [self.state().part()].into_iter().chain(ending).collect()
    }
}

//! What can be broken on purpose, one thing at a time: a law that holds on a broken floor is no evidence.
//! Nothing here is ever done to a floor without a fault.

use super::{Floor, Letter, Party, laws};
use domain::agent::{self, Active, Agent, Reservation};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, ItemId, OfferId, QueueId};
use domain::message::{Effect, Message};
use domain::queue::{self, Outcome, Queue};
use domain::routing::{Proposal, Tier};
use domain::task::Task;
use domain::time::{Span, Timestamp};
use domain::{Machine, call::State as CallState};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// What came back to the agent still waits to come back.
    ComesBackTwice,
    /// The agent says yes for an offer that is over.
    CommitAnyway,
    /// The chat is parked when a call that rang was not taken.
    ParkOnRelease,
    /// The agent sends two resumes.
    ResumeTwice,
    /// The resume is lost.
    ResumeLost,
    /// A chat says that a call pushed it aside, and nobody told it so.
    PreemptedByItself,
    /// The agent grants whatever is offered.
    GrantsAll,
    /// The agent takes whatever is pushed.
    TakesAll,
    /// The clock of a parked chat runs on.
    ClockRunsOn,
    /// A chat's clock stops when it hears of it, and not when its agent turned away.
    ClockStopsLate,
    /// A replay forgets that a chat was parked.
    ParkForgotten,
    /// What is written of an agent leaves out the reservation.
    SnapshotForgets,
    /// A message takes two numbers.
    NumberSkipped,
    /// A released offer rings on in the agent's record.
    ReleasedTwice,
    /// A call that is connected is connected again.
    ConnectedTwice,
    /// The chat does not tell the queue that it left.
    LeaveLost,
    /// A call that is over does not tell the agent.
    OverLost,
    /// An agent who logs out keeps the items.
    ReleaseLost,
    /// A queue offers a call to two agents.
    OfferedTwice,
    /// The board does not learn that a proposal was dealt with.
    ProposalNeverDone,
    /// The board prefers those who chat.
    BusyFirst,
    /// The board prefers the youngest call.
    YoungestFirst,
    /// A call tells an agent of another company.
    Crosses,
    /// Rule 1: the queue frees an offered call itself when it wants it back.
    QueueFreesItself,
    /// Rule 2: a call does not say that the leg of an offer is dead.
    VoidUnsaid,
    /// The post repeats offers: nothing that has to be noticed.
    OffersRepeated,
    /// Rule 3: it does, and the agent does not remember closed offers.
    OffersForgotten,
    /// The post turns round what an agent says to an item about their attention: nothing that has to be noticed.
    AttentionReordered,
    /// Rule 4: it does, and chats believe whatever comes last.
    SequenceIgnored,
    /// Rule 5: the board knows of an agent what was true one command ago.
    BoardSeesLate,
    /// Rule 6: the agent grants in a worse tier than was decided.
    TierIgnored,
    /// Rule 7: what is on its way when the daemon dies is lost.
    PostLost,
    /// Rule 7: what arrived just before comes again.
    PostRepeated,
}

/// A machine that can be broken.
pub trait Breakable: Machine {
    fn events(
        _: Option<Fault>,
        _: &Self,
        _: Timestamp,
        _: &Self::Command,
        events: Vec<Self::Event>,
    ) -> Vec<Self::Event> {
        events
    }

    fn sabotage(_: Option<Fault>, _after: &mut Self, _before: &Self, _: &Self::Event) {}

    fn effects(_: Option<Fault>, _before: &Self, after: &Self, event: &Self::Event) -> Vec<Effect> {
        after.react(event)
    }

    fn forgets(_: Option<Fault>, _: &Self::Event) -> bool {
        false
    }
}

impl Breakable for Task {}

impl Breakable for Queue {
    fn events(
        fault: Option<Fault>,
        _: &Queue,
        _: Timestamp,
        _: &queue::Command,
        events: Vec<queue::Event>,
    ) -> Vec<queue::Event> {
        let freed = |event: queue::Event| match (fault, &event) {
            (Some(Fault::QueueFreesItself), queue::Event::WithdrawAsked { offer, exit }) => {
                let outcome = Outcome::Withdrawn;
                let returned = queue::Event::Returned { offer: *offer, outcome, not_again_until: None };
                let item = ItemId::Call(offer.call);
                let departing = exit.map(|exit| queue::Event::Departing { item, exit });
                [event, returned].into_iter().chain(departing).collect()
            }
            _ => vec![event],
        };
        events.into_iter().flat_map(freed).collect()
    }
}

impl Breakable for Call {
    fn events(
        fault: Option<Fault>,
        call: &Call,
        at: Timestamp,
        command: &call::Command,
        events: Vec<call::Event>,
    ) -> Vec<call::Event> {
        match (fault, call.state(), command) {
            (Some(Fault::ConnectedTwice), CallState::Connected { offer, .. }, call::Command::HangUp { .. }) => {
                vec![call::Event::Connected { offer, answers: false, at }]
            }
            _ => events,
        }
    }

    fn effects(fault: Option<Fault>, _: &Call, after: &Call, event: &call::Event) -> Vec<Effect> {
        match (fault, event) {
            (Some(Fault::VoidUnsaid), call::Event::OfferVoid { .. }) => vec![],
            _ => after.react(event),
        }
    }
}

impl Breakable for Agent {
    fn events(
        fault: Option<Fault>,
        agent: &Agent,
        at: Timestamp,
        command: &agent::Command,
        events: Vec<agent::Event>,
    ) -> Vec<agent::Event> {
        let reservation =
            |offer: &OfferId, queue: QueueId| Reservation { offer: *offer, queue, until: at, wrap_up: Span::ZERO };
        let reserved =
            |offer, queue| vec![agent::Event::Reserved { reservation: reservation(offer, queue), preempted: None, at }];
        match (fault, &events[..], command) {
            (Some(Fault::CommitAnyway), [agent::Event::CommitRefused { offer }], _) => {
                let (reservation, preempted) = (reservation(offer, QueueId(1)), attended_to(agent));
                vec![agent::Event::CallConnected { reservation, preempted, at }]
            }
            (Some(Fault::GrantsAll), [agent::Event::OfferRefused { offer, queue }], _) => reserved(offer, *queue),
            (Some(Fault::TierIgnored), [agent::Event::OfferRefused { offer, queue }], _)
                if agent.interruption().is_ok() =>
            {
                reserved(offer, *queue)
            }
            (Some(Fault::OffersForgotten), [], agent::Command::Offer { offer, queue, .. })
                if agent.interruption().is_ok() =>
            {
                reserved(offer, *queue)
            }
            (Some(Fault::TakesAll), [agent::Event::PushRefused { .. }], agent::Command::Push { item, place, .. }) => {
                vec![agent::Event::Requested { item: *item, place: *place, pushed: true }]
            }
            _ => events,
        }
    }

    fn sabotage(fault: Option<Fault>, after: &mut Agent, before: &Agent, event: &agent::Event) {
        match (fault, event) {
            (Some(Fault::ReleasedTwice), agent::Event::Released { .. }) => {
                edit(after, |fields| fields["phone"]["line"] = json!({ "ringing": before.reservation() }));
            }
            (Some(Fault::ComesBackTwice), agent::Event::Resumed { item, .. }) => {
                edit(after, |fields| fields["attention"]["next"] = json!(item));
            }
            _ => {}
        }
    }

    fn effects(fault: Option<Fault>, before: &Agent, after: &Agent, event: &agent::Event) -> Vec<Effect> {
        let mut effects = after.react(event);
        if let (Some(Fault::ParkOnRelease), agent::Event::Released { reservation, .. }) = (fault, event)
            && let Some(ItemId::Chat(id)) = attended_to(before)
        {
            let (agent, sequence, at) = (reservation.offer.agent, after.sequence(), reservation.until);
            let command = chat::Command::Park { agent, sequence, at, by: chat::ParkedBy::Agent };
            effects.push(Effect::Tell(Message::Chat { id, command }));
        }
        if let (Some(Fault::ResumeTwice), agent::Event::Resumed { .. }) = (fault, event) {
            effects.extend(effects.clone());
        }
        effects
    }
}

impl Breakable for Chat {
    fn events(
        fault: Option<Fault>,
        chat: &Chat,
        at: Timestamp,
        command: &chat::Command,
        events: Vec<chat::Event>,
    ) -> Vec<chat::Event> {
        match (fault, command, &events[..]) {
            (Some(Fault::SequenceIgnored), chat::Command::Park { agent, sequence, at, by }, [])
                if chat.agent() == Some(*agent) =>
            {
                vec![chat::Event::Parked { sequence: *sequence, at: *at, by: *by }]
            }
            (
                Some(Fault::SequenceIgnored),
                chat::Command::Activate { agent, sequence, at } | chat::Command::Resume { agent, sequence, at },
                [],
            ) if chat.agent() == Some(*agent) => {
                vec![chat::Event::Activated { sequence: *sequence, at: *at, resumed: false }]
            }
            (Some(Fault::ClockStopsLate), chat::Command::Park { sequence, by, .. }, [_]) => {
                vec![chat::Event::Parked { sequence: *sequence, at: at + Span::seconds(1), by: *by }]
            }
            (
                Some(Fault::PreemptedByItself),
                chat::Command::Park { sequence, at, by: chat::ParkedBy::Agent, .. },
                [_],
            ) => {
                let by = chat::ParkedBy::Call(domain::id::CallId(1));
                vec![chat::Event::Parked { sequence: *sequence, at: *at, by }]
            }
            _ => events,
        }
    }

    fn sabotage(fault: Option<Fault>, after: &mut Chat, _: &Chat, event: &chat::Event) {
        if let (Some(Fault::ClockRunsOn), chat::Event::Parked { at, .. }) = (fault, event) {
            edit(after, |fields| fields["handling"]["running_since"] = json!(at));
        }
        if let (Some(Fault::NumberSkipped), chat::Event::Said { number, .. }) = (fault, event) {
            edit(after, |fields| fields["messages"] = json!(number + 1));
        }
    }

    fn forgets(fault: Option<Fault>, event: &chat::Event) -> bool {
        fault == Some(Fault::ParkForgotten) && matches!(event, chat::Event::Parked { .. })
    }
}

/// What a broken post makes of a message.
pub fn letters(fault: Option<Fault>, floor: &Floor, message: Message) -> Vec<Message> {
    let lost = matches!(
        (fault, &message),
        (Some(Fault::ResumeLost), Message::Chat { command: chat::Command::Resume { .. }, .. })
            | (Some(Fault::ReleaseLost), Message::Chat { command: chat::Command::Release { .. }, .. })
            | (Some(Fault::OverLost), Message::Agent { command: agent::Command::Over { .. }, .. })
            | (
                Some(Fault::LeaveLost),
                Message::Queue { command: queue::Command::Leave { item: ItemId::Chat(_), .. }, .. }
            )
    );
    if lost {
        return vec![];
    }
    let more = match (fault, &message) {
        (
            Some(Fault::OfferedTwice),
            Message::Agent { id, command: agent::Command::Offer { offer, queue, ring, wrap_up, .. } },
        ) => {
            let other = floor.agents.keys().find(|other| *other != id).copied().unwrap_or(AgentId(1));
            let (offer, queue) = (OfferId { agent: other, ..*offer }, *queue);
            let (tier, ring, wrap_up) = (Tier::ChatWaiting, *ring, *wrap_up);
            let command = agent::Command::Offer { offer, queue, tier, ring, wrap_up };
            Some(Message::Agent { id: other, command })
        }
        (
            Some(Fault::OffersRepeated | Fault::OffersForgotten),
            Message::Agent { command: agent::Command::Offer { .. }, .. },
        ) => Some(message.clone()),
        _ => None,
    };
    [message].into_iter().chain(more).collect()
}

/// What a call says when it is over names somebody who is not on this floor.
pub fn crossed(fault: Option<Fault>, effects: Vec<Effect>) -> Vec<Effect> {
    let cross = |effect| match (fault, effect) {
        (Some(Fault::Crosses), Effect::Tell(Message::Agent { id, command: command @ agent::Command::Over { .. } })) => {
            Effect::Tell(Message::Agent { id: AgentId(id.0 + 1000), command })
        }
        (_, effect) => effect,
    };
    effects.into_iter().map(cross).collect()
}

/// Which letter of a pair comes next: the first, where the post keeps the order.
pub fn next_letter(fault: Option<Fault>, letters: &VecDeque<Letter>) -> usize {
    let reorders = matches!(fault, Some(Fault::AttentionReordered | Fault::SequenceIgnored));
    let attention = |letter: &Letter| {
        use chat::Command::{Activate, Park, Resume};
        matches!(&letter.message, Message::Chat { command: Activate { .. } | Park { .. } | Resume { .. }, .. })
    };
    usize::from(reorders && letters.len() > 1 && letters.iter().take(2).all(attention))
}

/// What a broken post makes of what is on its way when the daemon dies.
pub fn crashed(fault: Option<Fault>, post: &mut BTreeMap<(Party, Party), VecDeque<Letter>>) {
    match fault {
        Some(Fault::PostLost) => post.clear(),
        Some(Fault::PostRepeated) => {
            for letters in post.values_mut() {
                letters.extend(letters.front().cloned());
            }
        }
        _ => {}
    }
}

/// Whether the board hears of an agent one command late.
pub fn board_sees_late(fault: Option<Fault>) -> bool {
    fault == Some(Fault::BoardSeesLate)
}

/// What a broken board makes of a match.
pub fn proposal(fault: Option<Fault>, floor: &Floor, proposal: Proposal) -> Proposal {
    match fault {
        Some(Fault::BusyFirst) => busy_first(floor, proposal),
        Some(Fault::YoungestFirst) => youngest_first(floor, proposal),
        _ => proposal,
    }
}

fn busy_first(floor: &Floor, proposal: Proposal) -> Proposal {
    let serves = |id: AgentId| floor.serves(id.0).any(|queue| queue == proposal.queue);
    let tiers = floor.agents.iter().map(|(id, agent)| (*id, laws::tier(floor, *id, agent)));
    let mut busy = tiers.filter(|(id, tier)| *tier > Some(Tier::Free) && serves(*id));
    match (proposal.item, busy.next()) {
        (ItemId::Call(_), Some((agent, Some(tier)))) => Proposal { agent, tier, ..proposal },
        _ => proposal,
    }
}

fn youngest_first(floor: &Floor, proposal: Proposal) -> Proposal {
    let waiting = floor.queues[&proposal.queue].waiting().filter(|(_, waiting)| waiting.asked().is_none());
    let calls = waiting.filter(|(item, _)| matches!(item, ItemId::Call(_)));
    match (proposal.item, calls.map(|(item, waiting)| (waiting.arrival.arrived_at, item)).max()) {
        (ItemId::Call(_), Some((_, item))) => Proposal { item, ..proposal },
        _ => proposal,
    }
}

/// What is written of a machine.
pub fn written<M: Serialize>(fault: Option<Fault>, machine: &M) -> Value {
    let mut fields = serde_json::to_value(machine).unwrap();
    if fault == Some(Fault::SnapshotForgets) && fields.get("phone").is_some() {
        fields["phone"]["line"] = json!("idle");
    }
    fields
}

fn attended_to(agent: &Agent) -> Option<ItemId> {
    match agent.active() {
        Some(Active::Item(item)) => Some(item),
        Some(Active::Call { .. }) | None => None,
    }
}

/// Changes a machine's record behind its back.
fn edit<M: Serialize + DeserializeOwned>(machine: &mut M, change: impl FnOnce(&mut Value)) {
    let mut fields = serde_json::to_value(&*machine).unwrap();
    change(&mut fields);
    *machine = serde_json::from_value(fields).unwrap();
}

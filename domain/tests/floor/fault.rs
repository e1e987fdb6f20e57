//! What can be broken on purpose, one thing at a time: a law that holds on a broken floor is no evidence.
//! Nothing here is ever done to a floor without a fault.

use super::{Floor, laws};
use domain::agent::{self, Active, Agent, Reservation};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, ItemId, OfferId, QueueId};
use domain::message::{Effect, Message};
use domain::queue::{self, Queue};
use domain::routing::{Proposal, Tier};
use domain::time::Timestamp;
use domain::{Machine, call::State as CallState};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The agent keeps the reservation after the phone was answered.
    ReservationKept,
    /// The agent says yes for an offer that is over.
    CommitAnyway,
    /// The chat is parked when a call that rang was not taken.
    ParkOnRelease,
    /// The agent sends two resumes.
    ResumeTwice,
    /// The resume is lost.
    ResumeLost,
    /// The agent grants whatever is offered.
    GrantsAll,
    /// The clock of a parked chat runs on.
    ClockRunsOn,
    /// A replay forgets that a chat was parked.
    ParkForgotten,
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
    /// An agent who logs out keeps the chats.
    ReleaseLost,
    /// A queue offers a call to two agents.
    OfferedTwice,
    /// The board does not learn that a proposal was dealt with.
    ProposalNeverDone,
    /// The board prefers those who chat.
    BusyFirst,
    /// The board prefers the youngest call.
    YoungestFirst,
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

impl Breakable for Queue {}

impl Breakable for Call {
    fn events(
        fault: Option<Fault>,
        call: &Call,
        at: Timestamp,
        command: &call::Command,
        events: Vec<call::Event>,
    ) -> Vec<call::Event> {
        if let (Some(Fault::ConnectedTwice), CallState::Connected { offer, .. }, call::Command::HangUp { .. }) =
            (fault, call.state(), command)
        {
            return vec![call::Event::Connected { offer, at }];
        }
        events
    }
}

impl Breakable for Agent {
    fn events(
        fault: Option<Fault>,
        agent: &Agent,
        at: Timestamp,
        _: &agent::Command,
        events: Vec<agent::Event>,
    ) -> Vec<agent::Event> {
        let reservation = |offer: &OfferId, queue: QueueId| Reservation { offer: *offer, queue, until: at };
        if let (Some(Fault::CommitAnyway), [agent::Event::CommitRefused { offer }]) = (fault, &events[..]) {
            let (reservation, preempted) = (reservation(offer, QueueId(1)), chat_attended_to(agent));
            return vec![agent::Event::CallConnected { reservation, preempted, at }];
        }
        if let (Some(Fault::GrantsAll), [agent::Event::OfferRefused { offer, queue }]) = (fault, &events[..]) {
            return vec![agent::Event::Reserved { reservation: reservation(offer, *queue) }];
        }
        events
    }

    fn sabotage(fault: Option<Fault>, after: &mut Agent, before: &Agent, event: &agent::Event) {
        let keeps = matches!(
            (fault, event),
            (Some(Fault::ReservationKept), agent::Event::CallConnected { .. })
                | (Some(Fault::ReleasedTwice), agent::Event::Released { .. })
        );
        if keeps {
            edit(after, |fields| fields["reservation"] = json!(before.reservation()));
        }
    }

    fn effects(fault: Option<Fault>, before: &Agent, after: &Agent, event: &agent::Event) -> Vec<Effect> {
        let mut effects = after.react(event);
        if let (Some(Fault::ParkOnRelease), agent::Event::Released { reservation, .. }) = (fault, event)
            && let Some(id) = chat_attended_to(before)
        {
            let (agent, sequence, at) = (reservation.offer.agent, after.sequence(), reservation.until);
            let command = chat::Command::Park { agent, sequence, at, by: chat::ParkedBy::Agent };
            effects.push(Effect::Tell(Message::Chat { id, command }));
        }
        if let (Some(Fault::ResumeTwice), agent::Event::CallOver { resumed: Some(_), .. }) = (fault, event) {
            effects.extend(effects.clone());
        }
        effects
    }
}

impl Breakable for Chat {
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
    let mut messages = vec![message];
    if let (Some(Fault::OfferedTwice), Message::Agent { id, command: agent::Command::Offer { offer, queue, .. } }) =
        (fault, &messages[0])
    {
        let other = floor.agents.keys().find(|other| *other != id).copied().unwrap_or(AgentId(1));
        let offer = OfferId { agent: other, ..*offer };
        let command = agent::Command::Offer { offer, queue: *queue, tier: Tier::ChatWaiting };
        messages.push(Message::Agent { id: other, command });
    }
    messages
}

/// What a broken board makes of a match.
pub fn proposal(fault: Option<Fault>, floor: &Floor, proposal: Proposal) -> Proposal {
    if fault == Some(Fault::BusyFirst) {
        let serves = |id: AgentId| floor.serves(id.0).any(|queue| queue == proposal.queue);
        let busy = floor.agents.iter().find(|(id, agent)| laws::tier(floor, agent) > Some(Tier::Free) && serves(**id));
        return busy.map_or(proposal, |(id, agent)| Proposal {
            agent: *id,
            tier: laws::tier(floor, agent).unwrap_or(proposal.tier),
            ..proposal
        });
    }
    if fault == Some(Fault::YoungestFirst) {
        let waiting = floor.queues[&proposal.queue].waiting().filter(|(_, waiting)| waiting.offered.is_none());
        let calls = waiting.filter_map(|(item, waiting)| match item {
            ItemId::Call(call) => Some((waiting.arrived_at, call)),
            ItemId::Chat(_) => None,
        });
        return calls.max().map_or(proposal, |(_, call)| Proposal { call, ..proposal });
    }
    proposal
}

fn chat_attended_to(agent: &Agent) -> Option<domain::id::ChatId> {
    match agent.active() {
        Some(Active::Chat(chat)) => Some(chat),
        Some(Active::Call { .. } | Active::CallWrapUp { .. }) | None => None,
    }
}

/// Changes a machine's record behind its back.
fn edit<M: Serialize + DeserializeOwned>(machine: &mut M, change: impl FnOnce(&mut Value)) {
    let mut fields = serde_json::to_value(&*machine).unwrap();
    change(&mut fields);
    *machine = serde_json::from_value(fields).unwrap();
}

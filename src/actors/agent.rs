//! The agent's actor: what its screens show, and who else hears of it.
//! It decides nothing: that is `domain::agent`.

use super::chat;
use super::floor::{Floor, Held, Members};
use super::kind::{Kind, Turn};
use super::screens::Frame;
use crate::protocol::agent::{
    ActiveView, AgentFrame, AgentView, CallWrapUpView, CallsView, ColleagueView, DoesView, MayPickView, MayTakeView,
    MayView, PhoneSaysView, PresenceView, RingingView, Topic, UnavailableReason, WrapUpView,
};
use crate::protocol::error::obstacle;
use domain::Refusal;
use domain::agent::{Active, Agent, CallWrapUp, Calls, Chats, EXTENSIONS_MAX, Event, Presence, Reason};
use domain::call::{self, Call, Side};
use domain::id::{AgentId, CallId, ItemId, OfferId};
use std::rc::Rc;
use std::slice;

impl Kind for Agent {
    fn members(floor: &Floor) -> &Members<Agent> {
        floor.agents()
    }

    fn observe(floor: &Rc<Floor>, turn: &Turn<'_, Agent>) -> Vec<Held> {
        floor.note_wrap_ups(turn.id, turn.machine);
        let shown = || colleague(floor, turn.id, turn.machine);
        let news = floor.screens().borrow_mut().note_colleague(turn.id, shown);
        let serves: Vec<_> = floor.board().borrow().serves(turn.id).collect();
        let staffing = chat::staffing(floor, serves);
        let screens = floor.screens().borrow();
        let to = || screens.of_agent(turn.id);
        let gone = |item: &ItemId| {
            let frame = match *item {
                ItemId::Chat(chat) => AgentFrame::ChatGone { chat },
                ItemId::Task(task) => AgentFrame::TaskGone { task },
                ItemId::Call(_) => return None,
            };
            Frame::new(to(), || frame).map(Held::Frame)
        };
        let mut held: Vec<Held> = staffing;
        for event in turn.events {
            if let Event::Granted { item, .. } = event {
                let (agent, item) = (turn.id, *item);
                held.push(Held::Then(Box::new(move |floor| floor.show_item(agent, item))));
            }
            held.extend(taken_away(event).iter().filter_map(gone));
        }
        held.extend(
            Frame::new(to(), || AgentFrame::Agent { agent: view(floor, turn.id, turn.machine) }).map(Held::Frame),
        );
        if let Some(shown) = news {
            let others = screens.agents().filter(|other| *other != turn.id);
            let others = others.flat_map(|other| screens.of_agent_at(other, Topic::Colleagues));
            held.extend(Frame::new(others, || AgentFrame::Colleague { colleague: shown }).map(Held::Frame));
        }
        held
    }
}

/// What an event takes out of the agent's hands without being over.
fn taken_away(event: &Event) -> &[ItemId] {
    match event {
        Event::LoggedOut { returned } | Event::LogoutPending { returned } => returned,
        Event::Left { item, .. } => slice::from_ref(item),
        Event::Granted { .. }
        | Event::Configured { .. }
        | Event::LoggedIn { .. }
        | Event::BreakPending { .. }
        | Event::BreakBegan { .. }
        | Event::TakenOut
        | Event::Requested { .. }
        | Event::PushRefused { .. }
        | Event::TakeRefused { .. }
        | Event::RequestFailed { .. }
        | Event::Unwanted { .. }
        | Event::Activated { .. }
        | Event::Parked { .. }
        | Event::Resumed { .. }
        | Event::ProtectionOver
        | Event::Ended { .. }
        | Event::Reserved { .. }
        | Event::OfferRefused { .. }
        | Event::Released { .. }
        | Event::CommitRefused { .. }
        | Event::CallConnected { .. }
        | Event::OwnCallBegan { .. }
        | Event::ConsultationBegan { .. }
        | Event::LegOver { .. }
        | Event::CallOver { .. }
        | Event::CallWrapUpExtended { .. }
        | Event::CallWrapUpOver { .. }
        | Event::CallsOpened
        | Event::PhoneGone
        | Event::PhoneBack
        | Event::BrowserLost { .. }
        | Event::BrowserGraceOver
        | Event::BrowserBack
        | Event::Restarted { .. } => &[],
    }
}

/// An agent as their colleagues see them.
pub(super) fn colleague(floor: &Floor, id: AgentId, agent: &Agent) -> ColleagueView {
    let take_chat = obstacle(agent.may_take_chat(None));
    let own = agent.settings().chats_max_in.keys();
    let own = own.map(|queue| MayTakeView { queue: *queue, take_chat: obstacle(agent.may_take_chat(*queue)) });
    ColleagueView {
        agent: id,
        name: floor.agent_name(id),
        takes_chats: agent.settings().takes_chats(),
        take_chat,
        take_chat_from: own.filter(|own| own.take_chat != take_chat).collect(),
        does: does(agent),
        queues: floor.queues_served(id),
    }
}

/// What an agent is at.
fn does(agent: &Agent) -> DoesView {
    match (agent.presence(), agent.active()) {
        (Presence::LoggedOut, _) => DoesView::Out,
        (_, Some(Active::Call { .. })) => DoesView::Call,
        (Presence::Break { .. } | Presence::Unavailable { .. }, _) => DoesView::Away,
        (Presence::Available | Presence::LoggingOut, _) if agent.reservation().is_some() => DoesView::Call,
        (Presence::Available | Presence::LoggingOut, Some(Active::Item(ItemId::Chat(_)))) => DoesView::Chat,
        (Presence::Available | Presence::LoggingOut, Some(Active::Item(_))) => DoesView::Other,
        (Presence::Available | Presence::LoggingOut, None) => DoesView::Nothing,
    }
}

/// Who has put the other on hold.
fn held_by(call: &Call) -> Option<Side> {
    if let call::State::Connected { held, .. } = call.state() { held } else { None }
}

/// An agent as their own screen shows them.
pub(super) fn view(floor: &Floor, id: AgentId, agent: &Agent) -> AgentView {
    let wrap_up = |call: CallId, wrap_up: CallWrapUp| CallWrapUpView {
        call,
        caller: floor.wrapped_up(id, call).caller,
        contact: floor.contact_view(floor.wrapped_up(id, call).contact),
        reminds_at: wrap_up.reminds_at(),
        wrap_up: WrapUpView {
            clock: wrap_up.clock.into(),
            limit_ms: wrap_up.limit,
            extensions_left: EXTENSIONS_MAX.saturating_sub(wrap_up.extensions),
            extend: obstacle(agent.may_extend(call)),
            finish: obstacle(agent.may_finish(call)),
        },
    };
    let queue_of = |call| floor.calls().look(call, |call: &Call| floor.queue_name(call.queue())).unwrap_or_default();
    let active_wrap_up = |call| agent.call_wrap_ups().find(|(other, _)| *other == call);
    AgentView {
        agent: id,
        name: floor.agent_name(id),
        presence: presence(agent.presence()),
        break_pending: agent.break_pending(),
        calls: match agent.calls() {
            _ if !floor.has_phone(id) => CallsView::NoPhone {},
            Calls::Open => CallsView::Open {},
            Calls::Blocked { until, says } => CallsView::Blocked { until, says: says.map(PhoneSaysView::from) },
            Calls::PhoneLost => CallsView::PhoneLost {},
        },
        chats_blocked: agent.chats() == Chats::Blocked,
        chats_off: floor.chats_off(id),
        active: agent.active().and_then(|active| match active {
            Active::Item(ItemId::Chat(chat)) => Some(ActiveView::Chat { chat }),
            Active::Item(ItemId::Task(task)) => Some(ActiveView::Task { task }),
            Active::Item(ItemId::Call(call)) => {
                active_wrap_up(call).map(|(call, clock)| ActiveView::CallWrapUp { wrap_up: wrap_up(call, clock) })
            }
            Active::Call { offer: OfferId { call, .. }, since, .. } => {
                let (caller, queue, why) = (floor.caller(call), queue_of(call), floor.why(ItemId::Call(call)));
                let held = floor.calls().look(call, held_by).flatten();
                let talks = floor.calls().look(call, |call: &Call| call.connected_to(id).map(|_| ()));
                let hang_up = obstacle(talks.unwrap_or(Err(Refusal::NotYours)));
                let contact = floor.contact_view_of(ItemId::Call(call));
                Some(ActiveView::Call { call, caller, contact, queue, since, held, why, hang_up })
            }
        }),
        ringing: agent.reservation().map(|reservation| RingingView {
            offer: reservation.offer,
            caller: floor.caller(reservation.offer.call),
            contact: floor.contact_view_of(ItemId::Call(reservation.offer.call)),
            queue: floor.queue_name(reservation.queue),
            until: reservation.until,
            why: floor.why(ItemId::Call(reservation.offer.call)),
        }),
        preempted: agent.preempted().map(Into::into),
        next: agent.next().map(Into::into),
        protected_until: agent.protected_until(),
        call_wrap_ups: agent
            .call_wrap_ups()
            .filter(|(_, wrap_up)| wrap_up.parked_since.is_some())
            .map(|(call, clock)| wrap_up(call, clock))
            .collect(),
        may: may(agent),
    }
}

/// What an agent may do, as the machine would answer.
fn may(agent: &Agent) -> MayView {
    let pick_chat = obstacle(agent.may_pick_chat(None));
    let own = agent.settings().chats_max_in.keys();
    let own = own.map(|queue| MayPickView { queue: *queue, pick_chat: obstacle(agent.may_pick_chat(*queue)) });
    MayView {
        pick_chat,
        pick_chat_in: own.filter(|own| own.pick_chat != pick_chat).collect(),
        pick_task: obstacle(agent.may_pick_task()),
        activate: obstacle(agent.may_activate()),
        park: agent
            .inbox()
            .map(|(item, _)| item)
            .filter(|item| agent.may_park(*item).is_ok())
            .map(Into::into)
            .collect(),
    }
}

/// Whether an agent works, as screens and the API say it.
pub fn presence(presence: Presence) -> PresenceView {
    match presence {
        Presence::LoggedOut => PresenceView::LoggedOut {},
        Presence::Available => PresenceView::Available {},
        Presence::Break { reason, since } => PresenceView::Break { reason, since },
        Presence::Unavailable { reason, .. } => PresenceView::Unavailable {
            reason: match reason {
                Reason::Missed => UnavailableReason::Missed,
                Reason::ConnectionLost => UnavailableReason::ConnectionLost,
                Reason::Supervisor => UnavailableReason::Supervisor,
            },
        },
        Presence::LoggingOut => PresenceView::LoggingOut {},
    }
}

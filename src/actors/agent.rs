//! The agent's actor: what its screens show, and what the board learns of it.
//! It decides nothing: that is `domain::agent`.

use super::floor::{Floor, Held, Members};
use super::ids::ActorId;
use super::screens::Frame;
use super::shell::{Kind, Turn};
use crate::protocol::agent::{
    ActiveView, AgentFrame, AgentView, CallsView, PresenceView, RingingView, UnavailableReason, WrapUpView,
};
use domain::agent::{Active, Agent, Calls, Event, Presence, Reason};
use domain::id::{AgentId, ChatId};
use std::rc::Rc;

impl Kind for Agent {
    type Id = AgentId;

    fn actor_id(id: AgentId) -> ActorId {
        ActorId::Agent(id)
    }

    fn members(floor: &Floor) -> &Members<Agent> {
        floor.agents()
    }

    fn observe(floor: &Rc<Floor>, turn: &Turn<'_, Agent>) -> Vec<Held> {
        floor.board().borrow_mut().see_agent(turn.id, turn.machine);
        let screens = floor.screens().borrow();
        let to = || screens.of_agent(turn.id);
        let gone = |chat: &ChatId| Frame::new(to(), || AgentFrame::ChatGone { chat: *chat }).map(Held::Frame);
        let mut held: Vec<Held> = vec![];
        for event in turn.events {
            match event {
                Event::PickGranted { chat, .. } => {
                    let (agent, chat) = (turn.id, *chat);
                    held.push(Held::Then(Box::new(move |floor| floor.show_chat(agent, chat))));
                }
                Event::LoggedOut { returned } | Event::LogoutPending { returned } => {
                    held.extend(returned.iter().filter_map(gone));
                }
                Event::ChatLeft { chat, .. } => held.extend(gone(chat)),
                Event::Configured { .. }
                | Event::LoggedIn { .. }
                | Event::PickRequested { .. }
                | Event::PickFailed { .. }
                | Event::PickUnwanted { .. }
                | Event::Activated { .. }
                | Event::Parked { .. }
                | Event::ChatEnded { .. }
                | Event::Reserved { .. }
                | Event::OfferRefused { .. }
                | Event::Released { .. }
                | Event::CommitRefused { .. }
                | Event::CallConnected { .. }
                | Event::CallOver { .. }
                | Event::CallWrapUpOver { .. }
                | Event::CallsOpened
                | Event::BrowserLost { .. }
                | Event::BrowserGraceOver
                | Event::BrowserBack { .. } => {}
            }
        }
        held.extend(
            Frame::new(to(), || AgentFrame::Agent { agent: view(floor, turn.id, turn.machine) }).map(Held::Frame),
        );
        held
    }
}

/// An agent as their own screen shows them.
pub(super) fn view(floor: &Floor, id: AgentId, agent: &Agent) -> AgentView {
    let limit_ms = agent.settings().call_wrap_up;
    let wrap_up = |clock: domain::time::Stopwatch| WrapUpView { clock: clock.into(), limit_ms, extensions_left: 0 };
    AgentView {
        agent: id,
        name: floor.agent_name(id),
        presence: match agent.presence() {
            Presence::LoggedOut => PresenceView::LoggedOut {},
            Presence::Available => PresenceView::Available {},
            Presence::Unavailable { reason: Reason::Missed, .. } => {
                PresenceView::Unavailable { reason: UnavailableReason::Missed }
            }
            Presence::Unavailable { reason: Reason::ConnectionLost, .. } => {
                PresenceView::Unavailable { reason: UnavailableReason::ConnectionLost }
            }
            Presence::LoggingOut => PresenceView::LoggingOut {},
        },
        calls: match agent.calls() {
            Calls::Open => CallsView::Open {},
            Calls::Blocked { until } => CallsView::Blocked { until },
            Calls::PhoneLost => CallsView::PhoneLost {},
        },
        active: agent.active().map(|active| match active {
            Active::Chat(chat) => ActiveView::Chat { chat },
            Active::Call { offer, since } => ActiveView::Call {
                call: offer.call,
                caller: floor.caller(offer.call),
                queue: floor.calls().look(offer.call, |call| floor.queue_name(call.queue())).unwrap_or_default(),
                since,
            },
            Active::CallWrapUp { clock, .. } => ActiveView::CallWrapUp { wrap_up: wrap_up(clock) },
        }),
        ringing: agent.reservation().map(|reservation| RingingView {
            offer: reservation.offer,
            caller: floor.caller(reservation.offer.call),
            queue: floor.queue_name(reservation.queue),
            until: reservation.until,
        }),
        preempted: agent.preempted(),
        call_wrap_up: agent.call_wrap_ups().last().copied().map(wrap_up),
        chats_max: agent.settings().chats_max,
    }
}

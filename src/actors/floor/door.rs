//! The door to a floor: what other threads ask of it comes in here.
//! It passes on and keeps the floor's time; it does nothing itself.

use super::{Ask, Caller, Floor, FloorAnswer, FloorRequest, ReplyTo};
use crate::protocol::error::{Code, Problem};
use crate::store::Ticket;
use actix::fut::WrapFuture;
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message};
use domain::agent::Agent;
use domain::call::Call;
use std::rc::Rc;
use std::time::Duration;

/// How exactly it is known since when a killed daemon was down.
const ALIVE_EVERY: Duration = Duration::from_secs(1);

/// All up to this ticket is durable.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Committed(pub Ticket);

/// The door to a floor.
pub struct Door {
    floor: Rc<Floor>,
}

impl Door {
    /// Opens the door of a floor on this thread.
    pub fn open(floor: Rc<Floor>) -> Addr<Door> {
        Door { floor }.start()
    }
}

impl Actor for Door {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let floor = self.floor.clone();
        let clock = async move {
            loop {
                floor.until_due().await;
                floor.run_due();
            }
        };
        ctx.spawn(clock.into_actor(self));
        ctx.run_interval(ALIVE_EVERY, |door, _| {
            // Only where a clock may run or somebody may talk: an idle night writes nothing.
            if !door.floor.chats.0.borrow().is_empty() || !door.floor.calls.0.borrow().is_empty() {
                door.floor.house.store.alive(door.floor.now());
            }
        });
        self.floor.release(self.floor.house.store.durable());
        self.floor.match_up();
    }
}

impl Handler<Committed> for Door {
    type Result = ();

    fn handle(&mut self, Committed(ticket): Committed, _: &mut Self::Context) {
        self.floor.release(ticket);
    }
}

impl Handler<Ask> for Door {
    type Result = ();

    fn handle(&mut self, Ask { request, reply }: Ask, _: &mut Self::Context) {
        let floor = &self.floor;
        match request {
            FloorRequest::Ping => {}
            FloorRequest::Reload => reload(floor.clone(), reply),
            FloorRequest::CallArrived { call, queue, caller, phone_of, called, content } => {
                let caller = Caller { number: &caller, agent: phone_of };
                floor.call_arrived_with(call, queue, caller, &called, content);
            }
            FloorRequest::TellCall { call, command, content } => {
                floor.envelope::<Call>(call, command, |envelope| envelope.content = content);
            }
            FloorRequest::TellAgent { agent, command } => floor.envelope::<Agent>(agent, command, |_| {}),
            FloorRequest::Keep { call, content } => floor.keep(call, content),
            FloorRequest::Announce { call } => floor.announce(call),
            FloorRequest::Agent { agent, socket, client, says } => {
                if let Some(tab) = reply.tab(socket, client) {
                    floor.agent_says(agent, tab, says);
                }
            }
            FloorRequest::Visitor { chat, socket, client, says } => {
                if let Some(tab) = reply.tab(socket, client) {
                    floor.visitor_says(chat, tab, says);
                }
            }
            FloorRequest::SetPresence { agent, command } => floor.set_presence(agent, command, reply.once_done()),
            FloorRequest::Presences { agents } => reply.answer(Ok(floor.presences(&agents))),
            FloorRequest::Why { item } => floor.explain(item, reply),
            FloorRequest::Outlook { queue, channel } => reply.answer(floor.outlook(queue, channel)),
            FloorRequest::Hold { agent, item } => reply.answer(Ok(floor.hold_of(agent, item))),
            FloorRequest::Move { item, to } => floor.move_item(item, to, reply),
            FloorRequest::Overflow { queue, to } => floor.overflow(queue, to, reply),
            FloorRequest::CreateTask { task, channel, queue, text } => {
                floor.create_task(task, channel, queue, text, reply);
            }
            FloorRequest::HasChat { agent, chat } => floor.says_who_has(agent, chat, reply),
            FloorRequest::Transcript { chat, before } => floor.transcript(chat, before, reply),
            FloorRequest::TakesFiles { chat } => {
                reply.answer(floor.takes_files(chat).map(FloorAnswer::FilesTaken));
            }
            FloorRequest::Attach { chat, agent, client, number, upload } => {
                floor.attach(chat, agent, &client, number, upload, reply);
            }
            FloorRequest::LeaveMessage { task, queue, text } => floor.leave_message(task, queue, text, reply),
            FloorRequest::Identify { item, contact, by } => floor.identify(item, contact, by, reply),
            FloorRequest::ContactsChanged { contacts } => {
                floor.contacts_changed(&contacts);
                reply.answer(Ok(FloorAnswer::Done));
            }
            FloorRequest::Rate { chat, rating } => floor.rate(chat, &rating, reply),
            FloorRequest::Queues => reply.answer(Ok(floor.queue_entries())),
            FloorRequest::Agents => reply.answer(Ok(floor.agent_entries())),
            FloorRequest::Services => reply.answer(Ok(floor.service_entries())),
        }
    }
}

/// Reads the company's rows again while the floor goes on; the answer comes once it goes by them.
fn reload(floor: Rc<Floor>, reply: ReplyTo) {
    actix::spawn(async move {
        let read = floor.reload().await.map(|()| FloorAnswer::Done).map_err(|error| {
            tracing::error!(%error, "a company was not read again");
            Problem::new(Code::Unavailable, "the company was not read again")
        });
        reply.answer(read);
    });
}

//! The door to a floor: what comes from other threads knocks here.
//! It passes on and keeps the floor's time; it knows nobody inside.

use super::Floor;
use crate::store::Ticket;
use actix::fut::WrapFuture;
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message};
use std::rc::Rc;
use std::time::Duration;

/// How exactly it is known since when a killed daemon was down.
const ALIVE_EVERY: Duration = Duration::from_secs(1);

/// Something to be done with the floor, on its way from another thread.
type Errand = Box<dyn FnOnce(&Rc<Floor>) + Send>;

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

/// Something to be done on the floor's own thread.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Knock(pub Errand);

impl Handler<Knock> for Door {
    type Result = ();

    fn handle(&mut self, Knock(what): Knock, _: &mut Self::Context) {
        what(&self.floor);
    }
}

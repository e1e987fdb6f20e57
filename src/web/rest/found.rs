//! An item of an address, and what somebody has to do with it: whether it is or was theirs, and in whose queue it is.
//! Never changes one.

use super::calls::on_pool;
use crate::actors::floor::{FloorAnswer, FloorRequest};
use crate::actors::ids::{Numbered, Party};
use crate::protocol::error::Code;
use crate::store::FloorRows;
use crate::web::Web;
use crate::web::access::{Anyone, Within};
use crate::web::auth::Caller;
use crate::web::error::ApiError;
use actix_web::web::Data;
use domain::company::Area;
use domain::id::{ContactId, ItemId, QueueId};
use domain::time::Timestamp;
use domain::write_up::{Refusal, Writer};

/// An item, and what somebody has to do with it.
pub(super) struct Found {
    pub(super) item: ItemId,
    pub(super) actor: Party,
    /// Where it is, or was when it ended.
    pub(super) queue: QueueId,
    /// Whether they have it.
    holds: bool,
    /// When it ended, if they talked in it.
    had_until: Option<Timestamp>,
    /// Who its customer was, if it is over and that is known.
    contact: Option<ContactId>,
    pub(super) rows: FloorRows,
}

impl Found {
    /// As whom they write of it.
    pub(super) fn writer(&self, who: &Anyone) -> Writer {
        match self.had_until {
            _ if self.holds => Writer::Holder,
            _ if who.must_change(Area::Records).is_ok_and(|within| within.has(self.queue)) => Writer::Supervisor,
            Some(ended_at) => Writer::Had { ended_at },
            None => Writer::Stranger,
        }
    }

    fn may_be_read(&self, who: &Anyone) -> bool {
        self.writer(who) != Writer::Stranger || who.must_see(Area::Records).is_ok_and(|within| within.has(self.queue))
    }
}

/// An item of an address.
pub(super) fn read(item: &str) -> Result<ItemId, ApiError> {
    item.parse().map_err(|why: domain::id::NoItem| ApiError::new(Code::Malformed, why.to_string()))
}

/// An item that goes on, or that there is a record of.
///
/// # Errors
/// `not_found`, if the company has neither.
pub(super) async fn look(web: &Data<Web>, caller: &Caller, item: ItemId) -> Result<Found, ApiError> {
    let actor = Party::from(item);
    let hold = web.ask(caller.company, FloorRequest::Hold { agent: caller.agent(), item }).await?;
    let (holds, queue) = if let FloorAnswer::Hold(holds, queue) = hold { (holds, queue) } else { (false, None) };
    let known = on_pool(web, caller.company, move |store, rows, company| {
        Ok((store.call_record(company, actor.number())?.map(|row| row.record), rows.clone()))
    });
    let (record, rows) = known.await?;
    let had = record.as_ref().filter(|record| record.talks.iter().any(|talk| Some(talk.agent) == caller.agent()));
    let had_until = had.map(|record| record.ended_at);
    // A queue that this company has: of another's item neither its floor nor its records know anything.
    let contact = record.as_ref().and_then(|record| record.contact);
    let queue = queue.or(record.map(|record| record.last_queue));
    let unknown = || ApiError::new(Code::NotFound, format!("there is no {actor} that goes on, nor a record of one"));
    let queue = queue.ok_or_else(unknown)?;
    Ok(Found { item, actor, queue, holds, had_until, contact, rows })
}

/// An item of which somebody may read what was said in it: they have or had it, a role of theirs lets them, or it is over and
/// known whose it was.
///
/// # Errors
/// `not_yours`, or when there is no such item.
pub(in crate::web) async fn may_read(web: &Data<Web>, who: &Anyone, item: ItemId) -> Result<ItemId, ApiError> {
    let found = look(web, &who.0, item).await?;
    if found.may_be_read(who) {
        return Ok(item);
    }
    let known = match found.contact.filter(|_| who.1.reads(Area::Contacts).is_some()) {
        Some(contact) => web.house.store.contacts_with(who.0.company, contact).await?,
        None => vec![],
    };
    if known.is_empty() { Err(ApiError::new(Code::NotYours, Refusal::NotTheirs.to_string())) } else { Ok(item) }
}

/// For an item that is within what somebody may do.
///
/// # Errors
/// `forbidden` if it is of another queue, or when there is no such item.
pub(super) async fn must_be_within(
    web: &Data<Web>,
    caller: &Caller,
    within: &Within,
    item: ItemId,
) -> Result<(), ApiError> {
    match within {
        Within::All => Ok(()),
        Within::Queues(_) => within.must_have(look(web, caller, item).await?.queue),
    }
}

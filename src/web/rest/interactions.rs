//! What customers had to do with a company before: their items that are over, and whose an item is.
//! It carries; who may say whose an item is, is decided by the item's machine.

use super::calls::{on_pool, place, written};
use super::found;
use super::paging;
use crate::actors::floor::{FloorRequest, NamedContact};
use crate::actors::records::view;
use crate::protocol::contacts::{Identified, Interactions};
use crate::protocol::error::Code;
use crate::web::Web;
use crate::web::access::{Agent, Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use domain::Identifier;
use domain::company::Area;
use domain::id::{ContactId, ItemId};
use serde::Deserialize;
use utoipa::IntoParams;

/// How many interactions a page holds, if nothing else is asked for.
const LIMIT: u32 = 20;
/// How many it may hold.
const LIMIT_MAX: u32 = 100;

/// What can be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct InteractionsQuery {
    /// How many: 1 to 100, usually 20.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of all that a contact, and whoever is the same person, had to do with the company: the records of what is over,
/// the newest first, whatever queue it was in.
#[utoipa::path(
    get,
    path = "/contacts/{contact}/interactions",
    operation_id = "list_interactions",
    tag = "contacts",
    params(("contact" = u64, Path, description = "Its id"), InteractionsQuery),
    responses((status = 200, description = "A page", body = Interactions)),
    security(("session" = ["contacts: read"]), ("basic" = ["contacts: read"]), ("key" = ["contacts: read"]))
)]
pub(in crate::web) async fn list(
    Sees(person, ..): Sees<area::Contacts>,
    web: Data<Web>,
    contact: Path<u64>,
    query: Query<InteractionsQuery>,
) -> Result<HttpResponse, ApiError> {
    let (contact, InteractionsQuery { limit, cursor }) = (ContactId(*contact), query.into_inner());
    let (limit, after) =
        (paging::limit(limit.map(u64::from), LIMIT, 1..=LIMIT_MAX)?, paging::after(cursor.as_deref(), place)?);
    let page = on_pool(&web, person.company, move |store, rows, company| {
        let Some(found) = store.interactions(company, contact, after, limit)? else { return Ok(None) };
        for damage in found.damages {
            tracing::error!("a record is left out: {damage}");
        }
        let interactions = found.rows.iter().map(|row| view(rows, row)).collect();
        Ok(Some(Interactions { interactions, next: found.next.map(written) }))
    })
    .await?;
    let unknown = || ApiError::new(Code::NotFound, format!("there is no contact {contact}"));
    Ok(HttpResponse::Ok().json(page.ok_or_else(unknown)?))
}

/// Says who the customer of an item is: by the agent who has it, or had it, and by supervisors. Screens show it at once, and
/// its record says so.
#[utoipa::path(
    put,
    path = "/items/{item}/contact",
    operation_id = "identify_item",
    tag = "items",
    params(("item" = String, Path, description = "Such as `call:1-6`, `chat:1-6` or `task:1-6`")),
    request_body = Identified,
    responses(
        (status = 204, description = "It is durable"),
        (status = 409, description = "`not_yours`: somebody else has it"),
    ),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn identify(
    who: Agent,
    web: Data<Web>,
    item: Path<String>,
    body: Json<Identified>,
) -> Result<HttpResponse, ApiError> {
    let item: ItemId = found::read(&item)?;
    let person = &who.0;
    let contact = match body.contact {
        None => None,
        Some(id) => {
            let found = web.house.store.contacts_with(person.company, id).await?;
            let unknown = || ApiError::new(Code::NotFound, format!("there is no contact {id}"));
            Some(found.first().map(NamedContact::from).ok_or_else(unknown)?)
        }
    };
    let anyone = who.anyone();
    let supervises = match anyone.must_change(Area::Records) {
        Ok(within) => within.has(found::look(&web, &anyone.0, item).await?.queue),
        Err(_) => false,
    };
    let by = if supervises { Identifier::Supervisor(person.id) } else { Identifier::Agent(person.id) };
    web.ask(person.company, FloorRequest::Identify { item, contact, by }).await?;
    Ok(HttpResponse::NoContent().finish())
}

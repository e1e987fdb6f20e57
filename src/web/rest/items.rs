//! Items that wait or are worked on: why they went where they are, and how supervisors send them elsewhere.

use crate::actors::floor::FloorRequest;
use crate::protocol::error::Code;
use crate::protocol::rest::{Decisions, MoveTo};
use crate::web::Web;
use crate::web::access::Supervisor;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use domain::id::ItemId;

/// How it was decided to whom an item went, and for one that waits why each agent is not asked.
#[utoipa::path(
    get,
    path = "/items/{item}/why",
    operation_id = "why",
    tag = "items",
    params(("item" = String, Path, description = "Such as `call:1-6`, `chat:1-6` or `task:1-6`")),
    responses(
        (status = 200, description = "The decisions", body = Decisions),
    ),
    security(("session" = ["supervisor"]), ("basic" = ["supervisor"]))
)]
pub(in crate::web) async fn why(
    Supervisor(person): Supervisor,
    web: Data<Web>,
    item: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let item = read(&item)?;
    let decisions = web.ask(person.company, FloorRequest::Why { item }).await?;
    Ok(HttpResponse::Ok().json(decisions))
}

/// Sends an item that waits to another queue; a call that rings goes once the agent's phone is quiet.
#[utoipa::path(
    post,
    path = "/items/{item}/move",
    operation_id = "move_item",
    tag = "items",
    params(("item" = String, Path, description = "Such as `call:1-6`, `chat:1-6` or `task:1-6`")),
    request_body = MoveTo,
    responses(
        (status = 204, description = "The queue has heard of it"),
        (status = 409, description = "The code of what stands in the way, such as `taken` or `wrong_state`"),
    ),
    security(("session" = ["supervisor"]), ("basic" = ["supervisor"]))
)]
pub(in crate::web) async fn send_elsewhere(
    Supervisor(person): Supervisor,
    web: Data<Web>,
    item: Path<String>,
    body: Json<MoveTo>,
) -> Result<HttpResponse, ApiError> {
    let (item, to) = (read(&item)?, body.queue);
    web.ask(person.company, FloorRequest::Move { item, to }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An item of an address.
pub(super) fn read(item: &str) -> Result<ItemId, ApiError> {
    item.parse().map_err(|why: domain::id::NoItem| ApiError::new(Code::Malformed, why.to_string()))
}

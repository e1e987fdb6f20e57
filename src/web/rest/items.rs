//! Items that wait or are worked on: why they went where they are, and how supervisors send them elsewhere.

use super::found;
use crate::actors::floor::FloorRequest;
use crate::protocol::rest::{Decisions, MoveTo};
use crate::web::Web;
use crate::web::access::{Changes, Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};

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
    security(("session" = ["work: read"]), ("basic" = ["work: read"]), ("key" = ["work: read"]))
)]
pub(in crate::web) async fn why(
    who: Sees<area::Work>,
    web: Data<Web>,
    item: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let item = found::read(&item)?;
    found::must_be_within(&web, &who.0, &who.1, item).await?;
    let decisions = web.ask(who.0.company, FloorRequest::Why { item }).await?;
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
    security(("session" = ["work: change"]), ("basic" = ["work: change"]), ("key" = ["work: change"]))
)]
pub(in crate::web) async fn send_elsewhere(
    who: Changes<area::Work>,
    web: Data<Web>,
    item: Path<String>,
    body: Json<MoveTo>,
) -> Result<HttpResponse, ApiError> {
    let (item, to) = (found::read(&item)?, body.queue);
    found::must_be_within(&web, &who.0, &who.1, item).await?;
    web.ask(who.0.company, FloorRequest::Move { item, to }).await?;
    Ok(HttpResponse::NoContent().finish())
}

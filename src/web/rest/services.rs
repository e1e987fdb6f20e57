//! Chat services, for those who have to know where chats come from.
//! Never changes one: that is its company's.

use crate::actors::floor::FloorRequest;
use crate::protocol::rest::ServiceEntry;
use crate::web::Web;
use crate::web::access::{Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// The company's chat services.
#[utoipa::path(
    get,
    path = "/services",
    operation_id = "list_services",
    tag = "services",
    responses(
        (status = 200, description = "All of them", body = Vec<ServiceEntry>),
    ),
    security(("session" = ["lines: read"]), ("basic" = ["lines: read"]), ("key" = ["lines: read"]))
)]
pub(in crate::web) async fn list(
    Sees(person, ..): Sees<area::Lines>,
    web: Data<Web>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(web.ask(person.company, FloorRequest::Services).await?))
}

//! Trunks, for those who have to know whether calls can come.

use crate::actors::user_agent::TrunksOf;
use crate::protocol::error::Code;
use crate::protocol::rest::TrunkView;
use crate::web::Web;
use crate::web::access::{Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// The company's trunks and how they stand.
#[utoipa::path(
    get,
    path = "/trunks",
    operation_id = "list_trunks",
    tag = "trunks",
    responses(
        (status = 200, description = "All of them", body = Vec<TrunkView>),
    ),
    security(("session" = ["lines: read"]), ("basic" = ["lines: read"]), ("key" = ["lines: read"]))
)]
pub(in crate::web) async fn list(
    Sees(person, ..): Sees<area::Lines>,
    web: Data<Web>,
) -> Result<HttpResponse, ApiError> {
    let trunks = web.trunks.send(TrunksOf(person.company)).await;
    let trunks = trunks.map_err(|_| ApiError::new(Code::Unavailable, "the user agent is not there"))?;
    Ok(HttpResponse::Ok().json(trunks))
}

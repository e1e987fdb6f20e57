//! Trunks, for those who have to know whether calls can come.

use crate::actors::user_agent::TrunksOf;
use crate::protocol::error::Code;
use crate::web::Web;
use crate::web::access::Supervisor;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// `GET /api/v1/trunks`: 200 with the company's trunks and how they stand.
pub(in crate::web) async fn list(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let trunks = web.trunks.send(TrunksOf(person.company)).await;
    let trunks = trunks.map_err(|_| ApiError::new(Code::Unavailable, "the user agent is not there"))?;
    Ok(HttpResponse::Ok().json(trunks))
}

//! Trunks, for those who have to know whether calls can come.

use crate::actors::user_agent::TrunksOf;
use crate::protocol::error::Code;
use crate::store::Role;
use crate::web::error::ApiError;
use crate::web::{Web, auth};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// `GET /api/v1/trunks`: 200 with the company's trunks and how they stand. For supervisors and administrators.
pub(in crate::web) async fn list(web: Data<Web>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let person = auth::person(&web, &request).await?;
    if person.role == Role::Agent {
        return Err(ApiError::new(Code::Forbidden, "only supervisors and administrators may see the trunks"));
    }
    let trunks = web.trunks.send(TrunksOf(person.company)).await;
    let trunks = trunks.map_err(|_| ApiError::new(Code::Unavailable, "the user agent is not there"))?;
    Ok(HttpResponse::Ok().json(trunks))
}

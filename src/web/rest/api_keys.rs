//! When API keys were used, for whoever wonders whether one still is.
//! Never makes one: keys are things of the company, and their tokens are sent by whoever makes them.

use crate::protocol::rest::ApiKeyUsed;
use crate::web::Web;
use crate::web::access::{Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// When each API key was used last, to within a minute; those that never were are not there.
#[utoipa::path(
    get,
    path = "/company/api_keys/used",
    operation_id = "api_keys_used",
    tag = "company",
    responses((status = 200, description = "By their ids", body = Vec<ApiKeyUsed>)),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn used(who: Sees<area::Company>, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let used = web.house.store.api_keys_used(who.0.company).await?;
    let used: Vec<_> = used.into_iter().map(|(key, at)| ApiKeyUsed { id: key.to_string(), at }).collect();
    Ok(HttpResponse::Ok().json(used))
}

//! Phones, for those who have to know whom calls can reach.

use crate::actors::phones::phones;
use crate::protocol::error::Code;
use crate::protocol::rest::PhoneView;
use crate::store::StoreError;
use crate::web::Web;
use crate::web::access::{Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{self, Data};

/// The company's agents, and where their phones are registered.
#[utoipa::path(
    get,
    path = "/phones",
    operation_id = "list_phones",
    tag = "phones",
    responses(
        (status = 200, description = "All of them", body = Vec<PhoneView>),
    ),
    security(("session" = ["lines: read"]), ("basic" = ["lines: read"]), ("key" = ["lines: read"]))
)]
pub(in crate::web) async fn list(
    Sees(person, ..): Sees<area::Lines>,
    web: Data<Web>,
) -> Result<HttpResponse, ApiError> {
    let (store, now) = (web.house.store.clone(), web.house.clock.now());
    let read = move || -> Result<_, StoreError> {
        let registered = store.phones_registered(now)?;
        Ok(store.floor(person.company)?.map(|rows| phones(&rows, &registered)).unwrap_or_default())
    };
    let found = web::block(read).await.map_err(|_| ApiError::new(Code::Unavailable, "the daemon stops"))?;
    let found = found.map_err(|error| {
        tracing::error!(%error, "the phones were not read");
        ApiError::new(Code::Unavailable, "the database cannot be read")
    })?;
    Ok(HttpResponse::Ok().json(found))
}

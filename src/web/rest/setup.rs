//! How an installation gets its first company, and that its first administrator.
//! Whether somebody may is decided by `setup.rs`, and what a company may be called by `domain::company`.

use super::sessions;
use crate::protocol::error::Code;
use crate::protocol::rest::{CurrentSession, NewSetup, SetupView};
use crate::store::{AgentEntry, Author, CompanyFile, StoreError};
use crate::web::error::ApiError;
use crate::web::{Web, auth};
use actix_web::web::{self, Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use std::time::Instant;

/// Whether the installation waits for its first administrator.
#[utoipa::path(
    get,
    path = "/setup",
    operation_id = "get_setup",
    tag = "setup",
    responses((status = 200, description = "Whether it does", body = SetupView))
)]
pub(in crate::web) async fn get(web: Data<Web>) -> HttpResponse {
    HttpResponse::Ok().json(SetupView { is_open: web.setup.is_open(Instant::now()) })
}

/// Makes the first company and its administrator, and logs them in, by the link that the daemon printed when it was started.
#[utoipa::path(
    post,
    path = "/setup",
    operation_id = "set_up",
    tag = "setup",
    request_body = NewSetup,
    responses(
        (status = 201, description = "Both are there; with a session cookie", body = CurrentSession),
        (status = 403, description = "`forbidden`: the link does not hold, or no longer"),
        (status = 412, description = "`stale`: somebody else has made a company meanwhile"),
        (status = 422, description = "`refused`: all that is wrong with it, in `refusals`"),
    )
)]
pub(in crate::web) async fn begin(
    web: Data<Web>,
    request: HttpRequest,
    body: Json<NewSetup>,
) -> Result<HttpResponse, ApiError> {
    let NewSetup { token, company, country, time_zone, login_name, display_name, password } = body.into_inner();
    if !web.setup.holds(&token, Instant::now()) {
        let why = "this link does not hold, or no longer: the daemon prints another one whenever it is started without a company";
        return Err(ApiError::new(Code::Forbidden, why));
    }
    let administrator = AgentEntry {
        login_name: login_name.clone(),
        display_name,
        password: Some(password),
        role: Some(vec!["administrator".to_owned()]),
        ..AgentEntry::default()
    };
    let mut file = CompanyFile::named(&company);
    (file.company.country, file.company.time_zone) = (country, time_zone);
    file.agents.push(administrator);
    // What they are to be was nobody before.
    let author = Author::Agent(login_name.clone());
    let (store, realm) = (web.house.store.clone(), web.house.config.sip.realm.clone());
    // Hashing a password takes long.
    let made = web::block(move || store.apply_first(&file, author, &realm)).await;
    made.map_err(|_| ApiError::new(Code::Unavailable, "the daemon stops"))??;
    web.setup.close();
    web.reload().await;
    let person = web.house.store.agent_by_login(&login_name).await?.ok_or(StoreError::Stale)?;
    let cookie = auth::begin(&web, &person, &request).await?;
    Ok(HttpResponse::Created().cookie(cookie).json(sessions::of(&web, &person).await?))
}

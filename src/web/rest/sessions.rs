//! Sessions of the web applications.

use crate::protocol::rest::{AreaRights, CurrentSession, NewSession};
use crate::store::AgentRow;
use crate::web::Web;
use crate::web::access::Agent;
use crate::web::auth::{self, Caller};
use crate::web::error::ApiError;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use domain::company::Rights;

/// Logs a person in to the web applications.
#[utoipa::path(
    post,
    path = "/sessions",
    operation_id = "log_in",
    tag = "sessions",
    request_body = NewSession,
    responses(
        (status = 200, description = "Logged in; with a session cookie, good for 14 hours", body = CurrentSession),
        (status = 401, description = "`wrong_credentials`"),
        (status = 429, description = "`too_many` wrong passwords; with `Retry-After`"),
    )
)]
pub(in crate::web) async fn create(
    web: Data<Web>,
    request: HttpRequest,
    body: Json<NewSession>,
) -> Result<HttpResponse, ApiError> {
    let person = auth::by_password(&web, &request, &body.name, &body.password).await?;
    let cookie = auth::begin(&web, &person, &request).await?;
    Ok(HttpResponse::Ok().cookie(cookie).json(of(&web, &person).await?))
}

/// Who is logged in.
#[utoipa::path(
    get,
    path = "/sessions/current",
    operation_id = "current_session",
    tag = "sessions",
    responses(
        (status = 200, description = "Who it is", body = CurrentSession),
    ),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn current(Agent(person, rights): Agent, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(session(&web, &person, &rights).await?))
}

/// Logs out, whether somebody was logged in or not.
#[utoipa::path(
    delete,
    path = "/sessions/current",
    operation_id = "log_out",
    tag = "sessions",
    responses(
        (status = 204, description = "Nobody is logged in any more"),
    )
)]
pub(in crate::web) async fn delete(web: Data<Web>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let cookie = auth::end(&web, &request).await?;
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}

/// The session of a person who has just begun one.
pub(super) async fn of(web: &Web, person: &AgentRow) -> Result<CurrentSession, ApiError> {
    let rights = Caller::from(person.clone()).rights(web).await?;
    session(web, person, &rights).await
}

async fn session(web: &Web, person: &AgentRow, rights: &Rights) -> Result<CurrentSession, ApiError> {
    let companies = web.house.store.ask_companies().await?;
    let company = companies.into_iter().find(|company| company.id == person.company);
    Ok(CurrentSession {
        name: person.login_name.clone(),
        display_name: person.display_name.clone(),
        company: company.map(|company| company.name).unwrap_or_default(),
        answers: rights.answers,
        rights: AreaRights::of(rights),
    })
}

//! Sessions of the web applications.

use crate::protocol::rest::{CurrentSession, NewSession};
use crate::store::AgentRow;
use crate::web::access::Agent;
use crate::web::error::ApiError;
use crate::web::{Web, auth};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};

/// `POST /api/v1/sessions`: 200 with the cookie; 401 `wrong_credentials`; 429 `too_many`.
pub(in crate::web) async fn create(
    web: Data<Web>,
    request: HttpRequest,
    body: Json<NewSession>,
) -> Result<HttpResponse, ApiError> {
    let person = auth::by_password(&web, &request, &body.name, &body.password).await?;
    let cookie = auth::begin(&web, &person).await?;
    Ok(HttpResponse::Ok().cookie(cookie).json(session(&web, &person)?))
}

/// `GET /api/v1/sessions/current`: 200, or 401 `unauthenticated`.
pub(in crate::web) async fn current(Agent(person): Agent, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(session(&web, &person)?))
}

/// `DELETE /api/v1/sessions/current`: 204, whether there was one or not.
pub(in crate::web) async fn delete(web: Data<Web>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let cookie = auth::end(&web, &request).await?;
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}

fn session(web: &Web, person: &AgentRow) -> Result<CurrentSession, ApiError> {
    let companies = web.house.store.companies()?;
    let company = companies.into_iter().find(|company| company.id == person.company);
    Ok(CurrentSession {
        name: person.login_name.clone(),
        display_name: person.display_name.clone(),
        company: company.map(|company| company.name).unwrap_or_default(),
    })
}

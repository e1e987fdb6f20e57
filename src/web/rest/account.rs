//! One's own account: the password, where one is logged in, and what one has set for the screens.

use crate::protocol::desk::{NewPassword, Preferences, SessionView};
use crate::protocol::error::Code;
use crate::store::{Author, Hashed as _, Secret, StoreError, WebSession};
use crate::web::access::Agent;
use crate::web::error::ApiError;
use crate::web::{Web, auth};
use actix_web::web::{self, Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::company::{Change, Kind, Refusal, Why, hard_to_guess};

/// Where one is logged in, the newest first.
#[utoipa::path(
    get,
    path = "/sessions",
    operation_id = "list_sessions",
    tag = "sessions",
    responses((status = 200, description = "One's own sessions", body = Vec<SessionView>)),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn sessions(
    Agent(person, _): Agent,
    web: Data<Web>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let current = auth::session(&web, &request);
    let sessions = web.house.store.web_sessions(person.id, web.house.clock.now()).await?;
    let view = |session: WebSession| SessionView {
        id: id(&session),
        since: session.created_at,
        until: session.expires_at,
        current: Some(&session.token_hash) == current.as_ref(),
        browser: session.browser,
    };
    Ok(HttpResponse::Ok().json(sessions.into_iter().map(view).collect::<Vec<_>>()))
}

/// Ends one of one's own sessions: its pages are logged out.
#[utoipa::path(
    delete,
    path = "/sessions/{session}",
    operation_id = "end_session",
    tag = "sessions",
    params(("session" = String, Path, description = "As the list has it")),
    responses((status = 204, description = "It is over")),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn end_session(
    Agent(person, _): Agent,
    web: Data<Web>,
    session: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let sessions = web.house.store.web_sessions(person.id, web.house.clock.now()).await?;
    let found = sessions.into_iter().find(|one| id(one) == *session);
    let found = found.ok_or_else(|| ApiError::new(Code::NotFound, "there is no such session"))?;
    web.house.store.web_session_deleted(&found.token_hash).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives oneself another password. All sessions end but for the one that asks.
#[utoipa::path(
    put,
    path = "/password",
    operation_id = "change_password",
    tag = "sessions",
    request_body = NewPassword,
    responses(
        (status = 204, description = "It holds, and all other sessions are over"),
        (status = 422, description = "`refused`: the old one is wrong, or the new one too short"),
    ),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn change_password(
    Agent(person, _): Agent,
    web: Data<Web>,
    request: HttpRequest,
    body: Json<NewPassword>,
) -> Result<HttpResponse, ApiError> {
    let NewPassword { old, new } = body.into_inner();
    let login_name = person.login_name.clone();
    let wrong = |key, why| StoreError::Refused(Refusal::new(Kind::Agent, &login_name, Some(key), why).into());
    let proved = auth::by_password(&web, &request, &login_name, &old).await;
    proved.map_err(|error| match error.code() {
        // Who asks is known: it is what they typed that is wrong.
        Code::WrongCredentials => wrong("old", Why::WrongPassword).into(),
        _ => error,
    })?;
    hard_to_guess(&new, &[&login_name, &person.display_name]).map_err(|why| wrong("new", why))?;
    let hash = web::block(move || Secret::hash(&new)).await;
    let hash = hash.map_err(|_| ApiError::new(Code::Unavailable, "the daemon stops"))??;
    let author = Author::Agent(login_name.clone());
    let current = auth::session(&web, &request);
    let sessions = web.house.store.web_sessions(person.id, web.house.clock.now()).await?;
    let mine = sessions.into_iter().find(|one| Some(&one.token_hash) == current.as_ref());
    // With it all sessions end.
    let change = Change::Password { login_name, hash };
    web.house.store.change(person.company, vec![change], author).await?;
    if let Some(WebSession { token_hash, created_at, expires_at, browser }) = mine {
        web.house.store.web_session_created(&token_hash, person.id, created_at, expires_at, &browser).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// What one has set for one's screens.
#[utoipa::path(
    get,
    path = "/preferences",
    operation_id = "get_preferences",
    tag = "sessions",
    responses((status = 200, description = "What was never set has its default", body = Preferences)),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn preferences(Agent(person, _): Agent, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let text = web.house.store.preferences(person.id).await?;
    // What another version kept may be another one's.
    let preferences = text.and_then(|text| serde_json::from_str::<Preferences>(&text).ok()).unwrap_or_default();
    Ok(HttpResponse::Ok().json(preferences))
}

/// Sets it.
#[utoipa::path(
    put,
    path = "/preferences",
    operation_id = "set_preferences",
    tag = "sessions",
    request_body = Preferences,
    responses((status = 200, description = "It is durable", body = Preferences)),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn set_preferences(
    Agent(person, _): Agent,
    web: Data<Web>,
    body: Json<Preferences>,
) -> Result<HttpResponse, ApiError> {
    let preferences = body.into_inner();
    let text = serde_json::to_string(&preferences).map_err(|why| ApiError::new(Code::Malformed, why.to_string()))?;
    web.house.store.preferences_changed(person.id, text).await?;
    Ok(HttpResponse::Ok().json(preferences))
}

/// By what a session is asked for: nobody can be it who knows that.
fn id(session: &WebSession) -> String {
    session.token_hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

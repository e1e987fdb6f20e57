//! Who somebody is: the session cookie of the web applications, and name and password where there is no browser.
//! Only hashes of session tokens are kept; a password's hash is computed on a thread of its own.

use super::Web;
use super::error::ApiError;
use super::limits;
use crate::protocol::error::Code;
use crate::store::{AgentRow, Secret};
use actix_web::cookie::time::Duration as CookieTime;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::Header as _;
use actix_web::{HttpRequest, web};
use actix_web_httpauth::headers::authorization::{Authorization, Basic};
use domain::time::Span;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// The session cookie.
const COOKIE: &str = "vorrang_session";
/// How long a session lasts: a working day.
pub const SESSION: Span = Span::seconds(14 * 60 * 60);

/// The person behind a request: by session cookie, else by name and password.
///
/// # Errors
/// `unauthenticated` if neither is there, `wrong_credentials` if they are wrong.
pub async fn person(web: &Web, request: &HttpRequest) -> Result<AgentRow, ApiError> {
    if let Some(session) = session(request)
        && let Some(person) = web.house.store.web_session(&session, web.house.clock.now())?
    {
        return Ok(person);
    }
    let Ok(authorization) = Authorization::<Basic>::parse(request) else {
        return Err(ApiError::new(Code::Unauthenticated, "nobody is logged in"));
    };
    let basic = authorization.into_scheme();
    by_password(web, request, basic.user_id(), basic.password().unwrap_or_default()).await
}

/// The session that a request's cookie names, by what is stored of it.
pub fn session(request: &HttpRequest) -> Option<Vec<u8>> {
    request.cookie(COOKIE).map(|cookie| hash(cookie.value()))
}

/// The person with this name and password.
///
/// # Errors
/// `wrong_credentials`, in the same words and after the same time whether the name exists or not; `too_many`.
pub async fn by_password(web: &Web, request: &HttpRequest, name: &str, password: &str) -> Result<AgentRow, ApiError> {
    if !web.gate.login(limits::source(request)) {
        return Err(ApiError::new(Code::TooMany, "too many attempts to log in from this address: wait a minute"));
    }
    let person = web.house.store.agent_by_login(name)?;
    let (hash, password) = (person.as_ref().map(|person| person.password_hash.clone()), password.to_owned());
    let right = web::block(move || match hash {
        Some(hash) => hash.matches(&password),
        None => {
            nobody().matches(&password);
            false
        }
    });
    let right = right.await.map_err(|_| ApiError::new(Code::Unavailable, "the daemon stops"))?;
    person.filter(|_| right).ok_or_else(|| ApiError::new(Code::WrongCredentials, "name or password is wrong"))
}

/// The hash that is tried for names that nobody has.
fn nobody() -> &'static Secret {
    static NOBODY: OnceLock<Secret> = OnceLock::new();
    NOBODY.get_or_init(|| Secret::hash("nobody").unwrap_or(Secret(String::new())))
}

/// Begins a session and gives its cookie.
///
/// # Errors
/// When it cannot be stored.
pub async fn begin(web: &Web, person: &AgentRow) -> Result<Cookie<'static>, ApiError> {
    let token = token();
    let now = web.house.clock.now();
    web.house.store.web_session_created(&hash(&token), person.id, now, now + SESSION).await?;
    let secure = web.house.config.http.public_url.as_ref().is_some_and(|url| url.to_string().starts_with("https:"));
    Ok(cookie(token, CookieTime::milliseconds(SESSION.0.cast_signed()), secure))
}

/// Ends a session and gives the cookie that takes it out of the browser.
///
/// # Errors
/// When that cannot be stored.
pub async fn end(web: &Web, request: &HttpRequest) -> Result<Cookie<'static>, ApiError> {
    if let Some(session) = session(request) {
        web.house.store.web_session_deleted(&session).await?;
    }
    Ok(cookie(String::new(), CookieTime::ZERO, false))
}

fn cookie(value: String, age: CookieTime, secure: bool) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .max_age(age)
        .finish()
}

/// Whether a page of ours opened this connection: another site's page would bring the agent's cookie too.
pub fn is_same_origin(request: &HttpRequest) -> bool {
    let header =
        |name| request.headers().get(name).and_then(|value: &actix_web::http::header::HeaderValue| value.to_str().ok());
    let (Some(origin), Some(host)) = (header("origin"), header("host")) else { return header("origin").is_none() };
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

/// What is stored of a token.
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn token() -> String {
    let bytes: [u8; 32] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

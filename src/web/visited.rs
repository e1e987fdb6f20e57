//! What a page with the chat on it is told of its chat service, and what its visitors leave when nobody is there.
//! Open to everybody: what is told here, every visitor may know.

use super::error::ApiError;
use super::visiting::{Origin, check_hello, item_of, may_begin, may_stand};
use super::{Web, auth, limits};
use crate::actors::floor::{FloorRequest, VisitorFacts};
use crate::protocol::details::Rating;
use crate::protocol::error::Code;
use crate::protocol::visitor::WidgetView;
use crate::store::ChatServiceRow;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use domain::company::widget::{Filled, Unserved};
use domain::id::TaskId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Instant;

/// What a widget says of its page.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    /// The languages that the visitor may speak, the best one first, as BCP 47 has them.
    #[serde(default)]
    language: String,
}

/// `GET /widget/services/{token}`: what the chat on a page looks like, says and asks. 404 for a token that is none, 403 on
/// pages where the chat may not stand.
pub(super) async fn service(
    web: Data<Web>,
    request: HttpRequest,
    token: Path<String>,
    said: Query<Said>,
) -> HttpResponse {
    let mut response = match told(&web, &request, &token, &said.language).await {
        Ok(view) => HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).json(view),
        Err(error) => error.error_response(),
    };
    // Also a refusal: the page's console shows what it says.
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    response
}

/// What a visitor leaves when nobody is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    /// A secret of the visitor's, drawn for this message: sent again, it is the same one.
    session: String,
    /// The language in which they wrote.
    language: String,
    /// The page on which they did.
    page: String,
    /// What they filled in, by the keys of the fields; `message` and, where the form asks for neither an e-mail address nor a
    /// telephone number, `reach`.
    values: BTreeMap<String, String>,
}

/// Why a message is not taken: the keys of the fields that are missing, or hold what they cannot.
#[derive(Debug, Serialize)]
struct Wrong {
    fields: Vec<String>,
}

/// `POST /widget/services/{token}/messages`: a message for a company of which nobody is there. 201 once it is durable; 422 with
/// the fields that are to be looked at again.
pub(super) async fn leave_message(
    web: Data<Web>,
    request: HttpRequest,
    token: Path<String>,
    body: String,
) -> HttpResponse {
    let taken = taken(&web, &request, &token, &body).await;
    let mut response = taken.unwrap_or_else(|error| error.error_response());
    let everywhere = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everywhere);
    response
}

/// How a visitor liked their chat.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rated {
    /// The secret by which their chat is known.
    session: String,
    /// From 1 to 5.
    stars: u8,
    /// In their own words; may be empty.
    comment: String,
}

/// `POST /visitor/rating`: how a visitor liked their chat, once it is over. 204 when it is durable, also if they had said so
/// before: what they said first counts.
pub(super) async fn rate(web: Data<Web>, request: HttpRequest, body: String) -> HttpResponse {
    let rated = rated(&web, &request, &body).await;
    let mut response = rated.unwrap_or_else(|error| error.error_response());
    let everywhere = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everywhere);
    response
}

async fn rated(web: &Web, request: &HttpRequest, body: &str) -> Result<HttpResponse, ApiError> {
    let malformed = |why: String| ApiError::new(Code::Malformed, why);
    let Rated { session, stars, comment } = serde_json::from_str(body).map_err(|why| malformed(why.to_string()))?;
    let rating = Rating { stars, comment: comment.trim().to_owned() };
    if !rating.is_good() {
        return Err(malformed("stars: 1 to 5; comment: at most 1,000 characters".to_owned()));
    }
    let none = || ApiError::new(Code::NotFound, "no chat has this session");
    let visit = web.house.store.visitor_session(&auth::hash(&session)).await?.ok_or_else(none)?;
    let (chat, source) = (visit.chat, limits::source(request));
    if !web.writing.message(Instant::now(), chat, source, visit.company, rating.comment.len()) {
        return Err(ApiError::new(Code::TooMany, "too much is written at once: wait a moment"));
    }
    web.ask(visit.company, FloorRequest::Rate { chat, rating }).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn taken(web: &Web, request: &HttpRequest, token: &str, body: &str) -> Result<HttpResponse, ApiError> {
    let malformed = |why: String| ApiError::new(Code::Malformed, why);
    let left: Left = serde_json::from_str(body).map_err(|why| malformed(why.to_string()))?;
    let facts = VisitorFacts { page: left.page, language: left.language, ..VisitorFacts::default() };
    check_hello(&left.session, &facts)?;
    let service = active(web, token).await?;
    may_stand(web, &service, &Origin::of(request.headers()).on(&facts.page))?;
    if service.widget.unserved != Unserved::Form {
        return Err(ApiError::new(Code::Forbidden, "this chat service takes no messages"));
    }
    let filled = match service.widget.left(&left.values) {
        Ok(filled) => filled,
        Err(fields) => return Ok(HttpResponse::UnprocessableEntity().json(Wrong { fields })),
    };
    may_begin(web, limits::source(request))?;
    let item = item_of(web, &left.session, service.company).await?;
    let lines = filled.iter().map(|Filled { label, value, .. }| format!("{label}: {value}"));
    let text = lines.chain([facts.page]).collect::<Vec<_>>().join("\n");
    let request = FloorRequest::LeaveMessage { task: TaskId(item), queue: service.queue, text };
    web.ask(service.company, request).await?;
    Ok(HttpResponse::Created().finish())
}

pub(super) async fn active(web: &Web, token: &str) -> Result<ChatServiceRow, ApiError> {
    let service = web.house.store.service_by_token(token, web.house.clock.now()).await?;
    let service = service.filter(|service| service.active);
    service.ok_or_else(|| ApiError::new(Code::UnknownToken, "no chat service has this token"))
}

async fn told(web: &Web, request: &HttpRequest, token: &str, language: &str) -> Result<WidgetView, ApiError> {
    let service = active(web, token).await?;
    may_stand(web, &service, &Origin::of(request.headers()))?;
    let company = web.house.store.company_name(service.company).await?.unwrap_or_default();
    Ok(WidgetView::of(&service, company, language))
}

//! Refusals over HTTP: `application/problem+json` (RFC 9457) with the codes that the sockets use too.
//! It never tells a stranger what went wrong inside.

use crate::protocol::error::{Code, Problem};
use crate::store::StoreError;
use actix_web::error::JsonPayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::web::{JsonConfig, QueryConfig};
use actix_web::{HttpResponse, ResponseError};
use std::fmt;

/// A refusal as an HTTP response.
#[derive(Debug)]
pub struct ApiError {
    problem: Problem,
    retry_after_s: Option<u64>,
}

impl ApiError {
    /// A refusal with its particulars.
    pub fn new(code: Code, message: impl Into<String>) -> ApiError {
        ApiError { problem: Problem::new(code, message), retry_after_s: None }
    }

    /// And when it is worth another try.
    pub fn retry_after(self, seconds: u64) -> ApiError {
        ApiError { retry_after_s: Some(seconds), ..self }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        tracing::error!(%error, "the store");
        ApiError::new(Code::Unavailable, "the daemon cannot read or store anything right now")
    }
}

impl From<domain::Refusal> for ApiError {
    fn from(refusal: domain::Refusal) -> ApiError {
        ApiError { problem: refusal.into(), retry_after_s: None }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self.problem.code {
            Code::Malformed => StatusCode::BAD_REQUEST,
            Code::Unauthenticated | Code::WrongCredentials => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound | Code::UnknownToken => StatusCode::NOT_FOUND,
            Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::Taken
            | Code::MaximumReached
            | Code::OnACall
            | Code::LoggedOut
            | Code::OnBreak
            | Code::NotAvailable
            | Code::Unserved
            | Code::NotYours
            | Code::ChatOver
            | Code::WrongState
            | Code::Extended
            | Code::Awaited
            | Code::OfferOver => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after_s {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response.content_type("application/problem+json").json(serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "code": self.problem.code,
            "detail": self.problem.message,
        }))
    }
}

/// How JSON bodies are read: 64 KiB at most, and what is wrong with one is said.
pub fn json() -> JsonConfig {
    JsonConfig::default().limit(64 * 1024).error_handler(|error: JsonPayloadError, _| {
        ApiError::new(Code::Malformed, format!("the request's body: {error}")).into()
    })
}

/// How the fields of a query are read: what is wrong with one is said.
pub fn query() -> QueryConfig {
    QueryConfig::default()
        .error_handler(|error, _| ApiError::new(Code::Malformed, format!("the address's query: {error}")).into())
}

/// For paths that are none.
pub async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(Code::NotFound, "there is nothing at this address"))
}

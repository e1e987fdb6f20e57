//! Refusals over HTTP: `application/problem+json` (RFC 9457) with the codes that the sockets use too.
//! It never tells a stranger what went wrong inside.

use crate::actors::unread::not_read;
use crate::protocol::error::{Code, Problem, ProblemDetails, RefusalView};
use crate::store::StoreError;
use actix_web::error::{JsonPayloadError, PayloadError};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::{JsonConfig, PathConfig, QueryConfig};
use actix_web::{HttpResponse, ResponseError};
use domain::contact;
use std::fmt;
use std::io;

/// When to come again, where nothing better is known.
pub const RETRY_S: u64 = 10;

/// What answers say that are for programs, and for this moment.
pub const ANSWERS: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];

/// A refusal as an HTTP response.
#[derive(Debug)]
pub struct ApiError {
    problem: Problem,
    refusals: Vec<RefusalView>,
    /// Instead of the one that belongs to the code.
    status: Option<StatusCode>,
    header: Option<(HeaderName, String)>,
}

impl ApiError {
    /// A refusal with its particulars.
    pub fn new(code: Code, message: impl Into<String>) -> ApiError {
        Problem::new(code, message).into()
    }

    /// What is wrong, for each field of a form.
    pub fn refused(message: impl Into<String>, refusals: Vec<RefusalView>) -> ApiError {
        ApiError { refusals, ..ApiError::new(Code::Refused, message) }
    }

    /// And that name and password would do, for programs that send them with each request: where nobody is logged in, a
    /// browser would ask its user for them with a window of its own.
    pub fn asking_for_a_password(self) -> ApiError {
        let header = (header::WWW_AUTHENTICATE, "Basic realm=\"Vorrang\", charset=\"UTF-8\"".to_owned());
        ApiError {
            header: Some(header).filter(|_| self.status_code() == StatusCode::UNAUTHORIZED).or(self.header),
            ..self
        }
    }

    /// And that the token of an API key would do (RFC 6750 §3).
    pub fn asking_for_a_key(self) -> ApiError {
        let header = (header::WWW_AUTHENTICATE, "Bearer realm=\"Vorrang\", error=\"invalid_token\"".to_owned());
        ApiError {
            header: Some(header).filter(|_| self.status_code() == StatusCode::UNAUTHORIZED).or(self.header),
            ..self
        }
    }

    /// And when it is worth another try.
    pub fn retry_after(self, seconds: u64) -> ApiError {
        ApiError { header: Some((header::RETRY_AFTER, seconds.to_string())), ..self }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        match error {
            StoreError::Refused(refusals) => {
                let views = refusals.0.iter().map(RefusalView::from).collect();
                ApiError::refused(refusals.to_string(), views)
            }
            StoreError::RefusedContact(why) if why.why == contact::Why::Unknown => {
                ApiError::new(Code::NotFound, why.to_string())
            }
            StoreError::RefusedContact(why) => ApiError::refused(why.to_string(), vec![RefusalView::from(&why)]),
            StoreError::Stale => ApiError::new(Code::Stale, error.to_string()),
            other => {
                tracing::error!(error = %other, "the store");
                not_read(&other).into()
            }
        }
    }
}

impl ApiError {
    /// What kind of refusal it is.
    pub fn code(&self) -> Code {
        self.problem.code
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> ApiError {
        ApiError { problem, refusals: vec![], status: None, header: None }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        if let Some(status) = self.status {
            return status;
        }
        match self.problem.code {
            Code::Malformed => StatusCode::BAD_REQUEST,
            Code::Unauthenticated | Code::WrongCredentials => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound | Code::UnknownToken => StatusCode::NOT_FOUND,
            Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::Damaged => StatusCode::INTERNAL_SERVER_ERROR,
            Code::Refused | Code::FileEmpty => StatusCode::UNPROCESSABLE_ENTITY,
            Code::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::FileKind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::Stale => StatusCode::PRECONDITION_FAILED,
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
        if status == StatusCode::UNAUTHORIZED {
            // Each 401 has to name a way in (RFC 9110 §15.5.2). This one is the page's own: browsers do not know it.
            response.insert_header((header::WWW_AUTHENTICATE, "Session realm=\"Vorrang\""));
        }
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.insert_header((header::RETRY_AFTER, RETRY_S));
        }
        if let Some((name, value)) = &self.header {
            response.insert_header((name.clone(), value.as_str()));
        }
        for header in ANSWERS {
            response.insert_header(header);
        }
        response.content_type("application/problem+json").json(ProblemDetails {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code: self.problem.code,
            detail: self.problem.message.clone(),
            refusals: self.refusals.clone(),
        })
    }
}

/// How JSON bodies are read: 64 KiB at most, and what is wrong with one is said.
pub fn json() -> JsonConfig {
    JsonConfig::default().limit(64 * 1024).error_handler(|error, _| body(&error).into())
}

fn body(error: &JsonPayloadError) -> ApiError {
    let (status, why) = match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            (StatusCode::PAYLOAD_TOO_LARGE, "at most 64 KiB".to_owned())
        }
        JsonPayloadError::ContentType => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected `content-type: application/json`".to_owned())
        }
        JsonPayloadError::Payload(PayloadError::Io(why)) if why.kind() == io::ErrorKind::TimedOut => {
            (StatusCode::REQUEST_TIMEOUT, "it did not come in time".to_owned())
        }
        other => (StatusCode::BAD_REQUEST, in_words(&other.to_string())),
    };
    let error = ApiError::new(Code::Malformed, format!("the request's body: {why}"));
    ApiError { status: Some(status), ..error }
}

/// Without the names of our types.
fn in_words(why: &str) -> String {
    ["u64", "u32", "u16", "u8"]
        .iter()
        .fold(why.to_owned(), |why, kind| why.replace(&format!("expected {kind}"), "expected a whole number"))
}

/// How the parts of a path are read: what is wrong with one is said.
pub fn path() -> PathConfig {
    PathConfig::default().error_handler(|error, _| {
        ApiError::new(Code::Malformed, format!("the address's path: {}", in_words(&error.to_string()))).into()
    })
}

/// For methods that are not among those understood at a path (RFC 9110 §15.5.6).
pub async fn not_allowed(allow: String) -> Result<HttpResponse, ApiError> {
    let error = ApiError::new(Code::Malformed, format!("here one can only {allow}"));
    Err(ApiError { status: Some(StatusCode::METHOD_NOT_ALLOWED), header: Some((header::ALLOW, allow)), ..error })
}

/// How the fields of a query are read: what is wrong with one is said.
pub fn query() -> QueryConfig {
    QueryConfig::default().error_handler(|error, _| {
        ApiError::new(Code::Malformed, format!("the address's query: {}", in_words(&error.to_string()))).into()
    })
}

/// For paths that are none.
pub async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(Code::NotFound, "there is nothing at this address"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::company::{Kind, Refusal, Why};

    #[test]
    fn what_the_store_says_has_a_status_that_tells_whether_to_try_again() {
        let refusal = Refusal::new(Kind::Queue, "Q", Some("chats_max"), Why::Positive);
        for (error, status, code) in [
            (StoreError::Overloaded, 503, Code::Unavailable),
            (StoreError::Damaged { doing: "read a record", why: "outcome: nice".to_owned() }, 500, Code::Damaged),
            (StoreError::Stale, 412, Code::Stale),
            (StoreError::Refused(refusal.into()), 422, Code::Refused),
        ] {
            let answer = ApiError::from(error);
            assert_eq!((answer.status_code().as_u16(), answer.problem.code), (status, code));
            let retries = answer.error_response().headers().contains_key(header::RETRY_AFTER);
            assert_eq!(retries, status == 503, "{code:?}");
            assert_eq!(answer.refusals.len(), usize::from(code == Code::Refused));
        }
    }
}

//! Which state of a thing somebody looked at, so that nobody overwrites what they have not seen.
//! Never says what a state is: whoever has the thing gives its tag.

use crate::store::StoreError;
use crate::web::error::ApiError;
use actix_web::HttpRequest;
use actix_web::http::header::IF_MATCH;

/// A tag as headers have it (RFC 9110 §8.8.3).
pub(super) fn etag(tag: &str) -> String {
    format!("\"{tag}\"")
}

/// Whether it is said at all what was looked at.
pub(super) fn is_said(request: &HttpRequest) -> bool {
    request.headers().contains_key(IF_MATCH)
}

/// Refuses whoever says that they looked at something else than what has this tag (RFC 9110 §13.1.1).
pub(super) fn looked_at(request: &HttpRequest, tag: &str) -> Result<(), ApiError> {
    let Some(said) = request.headers().get(IF_MATCH) else { return Ok(()) };
    let is = etag(tag);
    let fits = |text: &str| text.split(',').map(str::trim).any(|one| one == "*" || one == is);
    if said.to_str().is_ok_and(fits) { Ok(()) } else { Err(StoreError::Stale.into()) }
}

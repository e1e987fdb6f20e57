//! What every answer tells browsers, so that no page of ours does more than it needs, nor is used by other sites'.
//! Never overrules a handler that says something else.

use super::Web;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;

/// What is said everywhere.
const SAID: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::PERMISSIONS_POLICY, "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    // A page that opens ours, or is opened by it, does not reach into it.
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];
/// For a year nothing is asked for without TLS any more (RFC 6797), where people type an `https://` address.
const TLS_ONLY: (HeaderName, &str) = (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");

/// Around every request.
///
/// # Errors
/// Those of what is within, with the same headers.
pub async fn secured(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_secure = request.app_data::<Data<Web>>().is_some_and(|web| web.house.config.is_secure());
    match next.call(request).await {
        Ok(mut response) => {
            add(response.headers_mut(), is_secure);
            Ok(response)
        }
        Err(why) => {
            let mut response = why.error_response();
            add(response.headers_mut(), is_secure);
            Err(InternalError::from_response(why, response).into())
        }
    }
}

fn add(headers: &mut HeaderMap, is_secure: bool) {
    for (name, value) in SAID.into_iter().chain(is_secure.then_some(TLS_ONLY)) {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

//! How long a request may take, whom it may come from, and what every answer of the API carries.
//! Never reads a body: it only puts a clock beside it.

use super::error::{ANSWERS, ApiError};
use super::{Web, auth, files};
use crate::protocol::error::Code;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};
use futures_util::{StreamExt as _, stream};
use std::future::pending;
use std::io;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a request's head may take to come: each connection brings one request.
pub const HEAD_MAX: Duration = Duration::from_secs(5);
/// How long its body may take, at most 64 KiB; a file has longer.
const BODY_MAX: Duration = Duration::from_secs(10);
/// How long it may take in all.
const REQUEST_MAX: Duration = Duration::from_secs(30);
/// How long an answer may lie in the network unread.
pub const UNREAD_MAX: Duration = Duration::from_secs(30);

/// Around every request of the API: another site's page may change nothing, nobody may while nothing can be stored, also
/// if that begins meanwhile, and nothing takes for ever.
pub async fn api(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let changes = !request.method().is_safe();
    if changes && !auth::is_same_origin(request.request()) {
        return Err(ApiError::new(Code::Forbidden, "this page is not the daemon's").into());
    }
    let store = request.app_data::<Data<Web>>().map(|web| web.house.store.clone()).filter(|_| changes);
    if store.as_ref().is_some_and(|store| !store.healthy()) {
        return Err(ApiError::new(Code::Unavailable, "the daemon cannot store anything right now").into());
    }
    let fails = async {
        match &store {
            Some(store) => store.unhealthy().await,
            None => pending().await,
        }
    };
    let brings_a_file = request.method() == Method::POST && request.path().ends_with("/files");
    let (body_max, request_max) =
        if brings_a_file { (files::UPLOAD_MAX, files::UPLOAD_MAX + REQUEST_MAX) } else { (BODY_MAX, REQUEST_MAX) };
    let body = in_time(request.take_payload(), Instant::now() + body_max);
    request.set_payload(body);
    let late = |_| ApiError::new(Code::Unavailable, "it took too long; it may be done all the same");
    let mut response = tokio::select! {
        biased;
        response = timeout(request_max, next.call(request)) => response.map_err(late)??,
        () = fails => {
            let why = "the daemon cannot store anything right now; it may be done all the same";
            return Err(ApiError::new(Code::Unavailable, why).into());
        }
    };
    for (name, value) in ANSWERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn in_time(body: Payload, deadline: Instant) -> Payload {
    let timed = stream::unfold(body, move |mut body| async move {
        let chunk = timeout_at(deadline, body.next()).await;
        let chunk = chunk.unwrap_or_else(|_| Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))?;
        Some((chunk, body))
    });
    Payload::Stream { payload: Box::pin(timed) }
}

//! Requests that come with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): done once however often they come,
//! and answered each time as the first time, also by a daemon that was started anew meanwhile.
//! Never decides what is such a request: the list of addresses says that.

use super::Web;
use super::auth::{self, Who};
use super::error::ApiError;
use crate::protocol::error::Code;
use crate::store::{Answered, Once, OnceKey};
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpResponse, rt};
use domain::company::Rights;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The header with the key.
pub const HEADER: &str = "idempotency-key";
/// The longest key, in characters.
const KEY_MAX: usize = 255;
/// What an answer says besides its body.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];
/// When to ask again for what is being done.
const SOON_S: u64 = 1;

/// Around what is to be done once.
pub async fn once(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(key) = key(request.headers())? else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let gone = || ApiError::new(Code::Unavailable, "there is no house behind this address");
    let web = request.app_data::<Data<Web>>().cloned().ok_or_else(gone)?;
    let caller = auth::caller(&web, request.request()).await?;
    let body = request.extract::<Bytes>().await?;
    let who = match &caller.who {
        Who::Agent(person) => format!("agent {}", person.id),
        Who::ApiKey(key) => format!("api_key {}", key.id),
    };
    let key = OnceKey { who, key: Sha256::digest(key).to_vec() };
    // What somebody was answered is not for who they are without the roles that they had.
    let rights = caller.rights(&web).await?;
    let fingerprint = fingerprint(&request, &body, &rights);
    request.set_payload(Payload::from(body));
    let refuse = |code, why: &str| Err(ApiError::new(code, why));
    match web.house.store.once_began(key.clone(), fingerprint, web.house.clock.now()).await.map_err(ApiError::from)? {
        Once::First => {}
        Once::Answered(answered) => return Ok(request.into_response(again(answered))),
        Once::GoesOn => {
            let why = "a request with this key is being done: ask again for its answer";
            return Err(ApiError::new(Code::WrongState, why).retry_after(SOON_S).into());
        }
        Once::Unknown => {
            let why = "the daemon ended while a request with this key was being done: look whether it was, and use another key";
            return refuse(Code::WrongState, why).map_err(Error::from);
        }
        Once::Other => {
            return refuse(
                Code::Refused,
                "this key was used for another request, or with other roles: use another one",
            )
            .map_err(Error::from);
        }
        Once::TooMany => {
            return refuse(Code::TooMany, "too many keys within a day: leave them out, or wait").map_err(Error::from);
        }
    }
    // Whoever asked may be gone before it is done; it is done all the same, and answered when they come again.
    let done = rt::spawn(async move {
        let (request, answer) = next.call(request).await?.into_parts();
        let (head, body) = answer.into_parts();
        let unread = || ApiError::new(Code::Unavailable, "the answer was cut; it may be done all the same");
        let body = to_bytes(body).await.map_err(|_| unread())?;
        let answered = Some(answered(&head, &body)).filter(|_| is_final(head.status()));
        web.house.store.once_answered(key, answered).await.map_err(ApiError::from)?;
        Ok(ServiceResponse::new(request, head.set_body(BoxBody::new(body))))
    });
    let ended = |_| ApiError::new(Code::Unavailable, "the daemon stops; it may be done all the same");
    done.await.map_err(ended)?
}

/// The key: a string (RFC 8941 §3.3.3), or the same without its quotes.
fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let malformed = || ApiError::new(Code::Malformed, "Idempotency-Key: 1 to 255 visible characters, once");
    let mut keys = headers.get_all(HEADER);
    let Some(key) = keys.next() else { return Ok(None) };
    let key = key.to_str().map_err(|_| malformed())?.trim();
    let key = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    let is_good = (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_good && keys.next().is_none() { Ok(Some(key.to_owned())) } else { Err(malformed()) }
}

fn fingerprint(request: &ServiceRequest, body: &[u8], rights: &Rights) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [request.method().as_str(), request.path(), request.query_string(), &format!("{rights:?}")] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(body);
    hash.finalize().to_vec()
}

/// Whether the answer would be the same another time: else nothing was done, and it may be tried again.
fn is_final(status: StatusCode) -> bool {
    !status.is_server_error()
        && ![StatusCode::UNAUTHORIZED, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status)
}

fn answered(head: &HttpResponse<()>, body: &[u8]) -> Answered {
    let said = |name: HeaderName| Some((name.to_string(), head.headers().get(name)?.to_str().ok()?));
    let headers: BTreeMap<String, &str> = KEPT.into_iter().filter_map(said).collect();
    let headers = serde_json::to_string(&headers).unwrap_or_default();
    Answered { status: head.status().as_u16(), headers, body: body.to_vec() }
}

fn again(answered: Answered) -> HttpResponse {
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers: BTreeMap<String, String> = serde_json::from_str(&answered.headers).unwrap_or_default();
    let mut answer = HttpResponse::build(status);
    for name in KEPT {
        if let Some(value) = headers.get(name.as_str()).and_then(|text| HeaderValue::from_str(text).ok()) {
            answer.insert_header((name, value));
        }
    }
    answer.body(answered.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_string_with_or_without_quotes() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HeaderName::from_static(HEADER), HeaderValue::from_str(value).unwrap());
            }
            key(&headers).map_err(|why| why.code())
        };
        let long = "k".repeat(256);
        assert_eq!(read(&[]), Ok(None));
        for (value, found) in
            [("\"8e03978e-40d5\"", "8e03978e-40d5"), ("8e03978e", "8e03978e"), (&long[1..], &long[1..])]
        {
            assert_eq!(read(&[value]), Ok(Some(found.to_owned())));
        }
        for values in [&[""] as &[&str], &["\"\""], &["two words"], &[&long], &["a", "b"]] {
            assert_eq!(read(values), Err(Code::Malformed), "{values:?}");
        }
    }
}

//! The web applications, which the daemon carries in itself.
//! Only files that were built in: no path leads anywhere else.

use super::error::ApiError;
use crate::protocol::error::Code;
use actix_web::http::header;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{Embed, EmbeddedFile};

/// What pages of the daemon may load: only what it serves itself. Mantine sets styles on elements.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'self'";

#[derive(Embed)]
#[folder = "web-widget/dist"]
#[allow_missing = true]
struct Widget;

#[derive(Embed)]
#[folder = "agent-desktop/dist"]
#[allow_missing = true]
struct Desktop;

/// The widget: its loader and what the loader fetches. Any site's page may load it.
pub async fn widget(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let path = request.path().trim_start_matches('/');
    let mut response = file(&request, path, Widget::get(path))?;
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    let everywhere = header::HeaderValue::from_static("cross-origin");
    response.headers_mut().insert(header::CROSS_ORIGIN_RESOURCE_POLICY, everywhere);
    Ok(response)
}

/// The agent desktop. Paths without a file are the application's own.
pub async fn desktop(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, ApiError> {
    match Desktop::get(&path) {
        Some(found) => file(&request, &path, Some(found)),
        None if path.contains('.') => file(&request, &path, None),
        None => file(&request, "index.html", Desktop::get("index.html")),
    }
}

/// To the desktop: its address without the slash, and what people type.
pub async fn to_desktop() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/desktop/")).finish()
}

/// One embedded file, with its type, its tag, and what its page may load.
pub fn file(request: &HttpRequest, path: &str, found: Option<EmbeddedFile>) -> Result<HttpResponse, ApiError> {
    let found = found.ok_or_else(|| ApiError::new(Code::NotFound, "there is no such file"))?;
    let hash: String = found.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = header::EntityTag::new_strong(hash);
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = HttpResponse::Ok();
    response.insert_header(header::ETag(tag.clone()));
    // Names with a hash never change; the others are asked for again.
    let cache = if path.contains("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.insert_header((header::CACHE_CONTROL, cache));
    response.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response.insert_header((header::REFERRER_POLICY, "no-referrer"));
    if known == Some(&tag.to_string()) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = if kind.type_() == mime_guess::mime::TEXT { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    Ok(response.content_type(kind).body(found.data.into_owned()))
}

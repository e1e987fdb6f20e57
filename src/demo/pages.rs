//! The demo's pages: the story, the company's website, and the way to Anna's desktop.
//! Only files that were built in: no path leads anywhere else.

use super::rest::set_presence;
use super::shop::Shop;
use crate::web::error::ApiError;
use crate::web::{Web, assets, auth};
use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use domain::agent::Command;
use rust_embed::Embed;
use serde::Deserialize;

#[derive(Embed)]
#[folder = "demo"]
struct Pages;

/// Who works at the desktop in the page.
const AT_DESKTOP: &str = "anna";

/// `GET /`: the story.
pub(super) async fn story(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    assets::file::<Pages>(&request, "index.html")
}

/// `GET /demo/{path}`: what the story is made of, and the website.
pub(super) async fn page(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, ApiError> {
    assets::file::<Pages>(&request, &path)
}

/// In which language somebody reads.
#[derive(Deserialize)]
pub(super) struct Reader {
    lang: Option<String>,
}

/// `GET /demo/desktop`: Anna comes to work, and her desktop opens.
pub(super) async fn desktop(web: Data<Web>, shop: Data<Shop>, reader: Query<Reader>) -> Result<HttpResponse, ApiError> {
    let anna = super::rest::desk(&shop, AT_DESKTOP)?;
    let cookie = auth::begin(&web, &anna.agent).await?;
    set_presence(&web, &shop, anna.agent.id, Command::LogIn).await?;
    let to = match reader.lang.as_deref() {
        Some("de") => "/desktop/?lang=de",
        Some("en") => "/desktop/?lang=en",
        Some(_) | None => "/desktop/",
    };
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, to)).insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(response.cookie(cookie).finish())
}

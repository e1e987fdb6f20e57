//! The demo's pages: the story and the company's website.
//! Only files that were built in: no path leads anywhere else.

use crate::web::assets;
use crate::web::error::ApiError;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "demo"]
struct Pages;

/// `GET /`: the story.
pub(super) async fn story(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    assets::file::<Pages>(&request, "index.html")
}

/// `GET /demo/{path}`: what the story is made of, and the website.
pub(super) async fn page(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, ApiError> {
    assets::file::<Pages>(&request, &path)
}

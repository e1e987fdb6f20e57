//! The web applications, which the daemon carries in itself.
//! Only files that were built in: no path leads anywhere else.

use super::error::ApiError;
use crate::protocol::error::Code;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptEncoding, Encoding, EntityTag, Header as _, IfNoneMatch};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use rust_embed::{Embed, EmbeddedFile};
use std::borrow::Cow;

/// What pages of the daemon may load: only what it serves itself, and no styles but those of its files and scripts.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'self'";

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
    let mut response = file::<Widget>(&request, path)?;
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    let everywhere = header::HeaderValue::from_static("cross-origin");
    response.headers_mut().insert(header::CROSS_ORIGIN_RESOURCE_POLICY, everywhere);
    Ok(response)
}

/// The agent desktop. Paths without a file are the application's own.
pub async fn desktop(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, ApiError> {
    let is_page = Desktop::get(&path).is_none() && !path.contains('.');
    file::<Desktop>(&request, if is_page { "index.html" } else { &path })
}

/// To the desktop: its address without the slash, and what people type.
pub async fn to_desktop() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/desktop/")).finish()
}

/// One of these embedded files, with its type, its tag, and what its page may load. Where it lies beside the file, the
/// compressed form goes out that the browser likes best.
///
/// # Errors
/// `not_found` if there is none.
pub fn file<Files: Embed>(request: &HttpRequest, path: &str) -> Result<HttpResponse, ApiError> {
    let is_form = FORMS.iter().any(|(ending, _)| path.ends_with(ending));
    let plain = Files::get(path).filter(|_| !is_form);
    let plain = plain.ok_or_else(|| ApiError::new(Code::NotFound, "there is no such file"))?;
    let (file, encoding) = form::<Files>(request, path).unwrap_or((plain, None));
    let tag = tag(&file);
    let mut response = HttpResponse::Ok();
    response.insert_header(header::ETag(tag.clone()));
    // Names with a hash never change; the others are asked for again.
    let cache = if path.contains("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.insert_header((header::CACHE_CONTROL, cache));
    response.insert_header((header::VARY, "accept-encoding"));
    response.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    if knows(request, &tag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding.to_string()));
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = if kind.type_() == mime_guess::mime::TEXT { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    Ok(response.content_type(kind).body(match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    }))
}

/// A compressed form: what is put behind a file's name, and how it is called.
type Form = (&'static str, fn() -> Encoding);

/// Those that may lie beside a file; `scripts/compress.mjs` makes them.
const FORMS: [Form; 2] = [(".br", Encoding::brotli), (".gz", Encoding::gzip)];

/// The compressed form of a file that a browser likes best; none if it likes the plain one, or there is no other.
fn form<Files: Embed>(request: &HttpRequest, path: &str) -> Option<(EmbeddedFile, Option<Encoding>)> {
    let forms =
        FORMS.iter().filter_map(|(ending, encoding)| Some((encoding(), Files::get(&format!("{path}{ending}"))?)));
    let mut forms: Vec<_> = forms.collect();
    let plain = Encoding::identity();
    let supported = forms.iter().map(|(encoding, _)| encoding).chain([&plain]);
    // Whoever accepts nothing of all that gets the plain one (RFC 9110 §12.5.3).
    let chosen = AcceptEncoding::parse(request).ok()?.negotiate(supported)?;
    let at = forms.iter().position(|(encoding, _)| *encoding == chosen)?;
    let (encoding, file) = forms.swap_remove(at);
    Some((file, Some(encoding)))
}

/// Each form of a file has a tag of its own (RFC 9110 §8.8.3.3).
fn tag(file: &EmbeddedFile) -> EntityTag {
    EntityTag::new_strong(file.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether the browser has it already (RFC 9110 §13.1.2). A proxy that compresses makes a tag weak.
fn knows(request: &HttpRequest, tag: &EntityTag) -> bool {
    match request.get_header::<IfNoneMatch>() {
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    /// A page with both forms beside it, a script with one, and an image with none.
    #[derive(Embed)]
    #[folder = "tests/assets"]
    struct Files;

    fn get(path: &str, headers: &[(&str, &str)]) -> Result<HttpResponse, ApiError> {
        let request = headers.iter().fold(TestRequest::default(), |request, header| request.append_header(*header));
        file::<Files>(&request.to_http_request(), path)
    }

    fn header(response: &HttpResponse, name: &str) -> String {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[actix_web::test]
    async fn a_browser_gets_the_form_that_it_likes_best_of_those_that_there_are() {
        #[rustfmt::skip]
        let rows = [
            ("page.html",           None,                               ""),
            ("page.html",           Some(""),                           ""),
            ("page.html",           Some("gzip, deflate, br, zstd"),    "br"),
            ("page.html",           Some("br;q=0.5, gzip"),             "gzip"),
            ("page.html",           Some("br;q=0, gzip;q=0.1"),         "gzip"),
            ("page.html",           Some("gzip;q=0, br;q=0"),           ""),
            ("page.html",           Some("zstd"),                       ""),
            ("page.html",           Some("identity"),                   ""),
            ("page.html",           Some("identity;q=0"),               ""),
            ("page.html",           Some("x/y;;q=often"),               ""),
            ("page.html",           Some("GZIP"),                       "gzip"),
            ("assets/app-1a2b.js",  Some("gzip, deflate, br"),          "gzip"),
            ("assets/app-1a2b.js",  Some("br"),                         ""),
            ("dot.svg",             Some("gzip, deflate, br"),          ""),
        ];
        for (path, accept, encoding) in rows {
            let accept: Vec<_> = accept.iter().map(|accept| ("accept-encoding", *accept)).collect();
            let response = get(path, &accept).unwrap();
            assert_eq!(header(&response, "content-encoding"), encoding, "{path} {accept:?}");
            assert_eq!(header(&response, "vary"), "accept-encoding", "{path} {accept:?}");
            assert_eq!(header(&response, "content-type"), header(&get(path, &[]).unwrap(), "content-type"));
            let ending = match encoding {
                "br" => ".br",
                "gzip" => ".gz",
                _ => "",
            };
            let expected = Files::get(&format!("{path}{ending}")).unwrap().data;
            assert_eq!(to_bytes(response.into_body()).await.unwrap(), *expected, "{path} {accept:?}");
        }
        for path in ["page.html.br", "page.html.gz", "nothing.html", "../assets.rs"] {
            assert!(get(path, &[]).is_err(), "{path}");
        }
    }

    #[actix_web::test]
    async fn what_a_browser_has_is_not_sent_again_and_each_form_has_a_tag_of_its_own() {
        let tag = |accept: &'static str| header(&get("page.html", &[("accept-encoding", accept)]).unwrap(), "etag");
        let [plain, gzip, br] = ["", "gzip", "br"].map(tag);
        assert!(plain != gzip && gzip != br && br != plain, "{plain} {gzip} {br}");
        #[rustfmt::skip]
        let rows = [
            ("br",   br.clone(),                        StatusCode::NOT_MODIFIED),
            ("br",   format!("W/{br}"),                 StatusCode::NOT_MODIFIED),
            ("br",   format!("\"other\", {br}"),        StatusCode::NOT_MODIFIED),
            ("br",   "*".to_owned(),                    StatusCode::NOT_MODIFIED),
            ("br",   gzip.clone(),                      StatusCode::OK),
            ("gzip", gzip,                              StatusCode::NOT_MODIFIED),
            ("",     plain.clone(),                     StatusCode::NOT_MODIFIED),
            ("",     "\"other\"".to_owned(),            StatusCode::OK),
            ("",     plain.replace('"', ""),            StatusCode::OK),
        ];
        for (accept, known, status) in rows {
            let response = get("page.html", &[("accept-encoding", accept), ("if-none-match", &known)]).unwrap();
            assert_eq!(response.status(), status, "{accept} {known}");
            assert_eq!(header(&response, "etag"), tag(accept), "{accept} {known}");
            assert_eq!(header(&response, "vary"), "accept-encoding");
            let is_empty = to_bytes(response.into_body()).await.unwrap().is_empty();
            assert_eq!(is_empty, status == StatusCode::NOT_MODIFIED, "{accept} {known}");
        }
        for (path, cache) in [("page.html", "no-cache"), ("assets/app-1a2b.js", "public, max-age=31536000, immutable")]
        {
            assert_eq!(header(&get(path, &[]).unwrap(), "cache-control"), cache);
        }
    }
}

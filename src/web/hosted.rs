//! `GET /chat/{token}`: a page that is nothing but a chat, for links, QR codes and apps.
//! Nothing in it is inline, and nothing comes from elsewhere.

use super::Web;
use super::visited::active;
use crate::protocol::visitor::WidgetView;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use domain::announcement::Language;
use serde::Deserialize;

/// The icon is an empty one, so that no browser asks for another.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// What can be said of the page.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    /// In which language it is to be, before what the browser asks for.
    #[serde(default)]
    lang: String,
}

/// The page; one that says so where there is no such chat service.
pub(super) async fn page(web: Data<Web>, request: HttpRequest, token: Path<String>, said: Query<Said>) -> HttpResponse {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let languages = format!("{},{}", said.lang, accepted.unwrap_or_default());
    let found = async {
        let service = active(&web, &token).await?;
        let company = web.house.store.company_name(service.company).await?.unwrap_or_default();
        Ok::<_, super::error::ApiError>(WidgetView::of(&service, company, &languages))
    };
    let (status, html) = match found.await {
        Ok(view) => (StatusCode::OK, chat(&view, &token)),
        Err(error) => (error.status_code(), nothing(&languages)),
    };
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "accept-language"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

fn chat(view: &WidgetView, token: &str) -> String {
    let (company, token, language) = (escaped(&view.company), escaped(token), view.language.as_str());
    let (title, needs) = match language {
        "de" => (format!("Chat mit {company}"), "Der Chat braucht JavaScript."),
        _ => (format!("Chat with {company}"), "The chat needs JavaScript."),
    };
    let scripts = format!(
        "<script type=\"module\" src=\"/widget/page.js\"></script>\n\
         <script async src=\"/widget.js\" data-token=\"{token}\" data-language=\"{language}\"></script>\n"
    );
    document(language, &title, &scripts, &format!("<noscript><p>{needs}</p></noscript>"))
}

fn nothing(languages: &str) -> String {
    let (language, text) = match spoken(languages) {
        Language::De => ("de", "Diesen Chat gibt es nicht, oder er ist gerade nicht verfügbar."),
        Language::En => ("en", "There is no such chat, or it is not available at the moment."),
    };
    document(language, "Chat", "", &format!("<p>{text}</p>"))
}

/// Which of our languages somebody speaks best, by a list as in `Accept-Language`; English by default.
pub(super) fn spoken(languages: &str) -> Language {
    let mut spoken = languages.split(',').map(|language| language.trim().to_ascii_lowercase());
    let spoken = spoken.find(|language| language.starts_with("de") || language.starts_with("en"));
    if spoken.is_some_and(|language| language.starts_with("de")) { Language::De } else { Language::En }
}

fn document(language: &str, title: &str, scripts: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n{scripts}</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_company_calls_itself_is_text_and_no_markup() {
        assert_eq!(escaped("A & B <\"C\">"), "A &amp; B &lt;&quot;C&quot;&gt;");
    }

    #[test]
    fn a_chat_that_is_not_there_is_said_in_the_first_language_that_is_known() {
        let language = |languages: &str| nothing(languages).contains("<html lang=\"de\">");
        assert_eq!([",fr,de-AT", "de,en", ",DE"].map(language), [true; 3]);
        assert_eq!(["en,de", ",en-GB,de;q=0.3", ",fr", ","].map(language), [false; 4]);
    }
}

//! For supervisors of processes: is the daemon alive, and does it take work?

use crate::web::Web;
use crate::web::error::ANSWERS;
use crate::web::error::RETRY_S;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder};

/// `GET /healthz`: 200 as long as the daemon answers at all.
pub(in crate::web) async fn alive() -> HttpResponse {
    plain(HttpResponse::Ok(), "alive\n")
}

/// `GET /readyz`: 200 if it takes calls and chats, 503 while it starts, stops or cannot store anything. A second line says
/// if its clock is wrong, another one if it is degraded: values of companies cannot be read.
pub(in crate::web) async fn ready(web: Data<Web>) -> HttpResponse {
    if web.is_ready() {
        let discord = web.house.clock.discord().map_or(String::new(), |discord| format!("{discord}\n"));
        let degraded = match web.house.store.damages() {
            0 => String::new(),
            damages => format!("degraded: {damages} values of companies cannot be read (the log names them)\n"),
        };
        plain(HttpResponse::Ok(), format!("ready\n{discord}{degraded}"))
    } else {
        let mut response = HttpResponse::ServiceUnavailable();
        response.insert_header((header::RETRY_AFTER, RETRY_S));
        plain(response, "not ready\n")
    }
}

fn plain(mut response: HttpResponseBuilder, text: impl Into<String>) -> HttpResponse {
    for header in ANSWERS {
        response.insert_header(header);
    }
    response.content_type("text/plain; charset=utf-8").body(text.into())
}

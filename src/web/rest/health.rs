//! For supervisors of processes: is the daemon alive, and does it take work?

use crate::web::Web;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// `GET /healthz`: 200 as long as the daemon answers at all.
pub(in crate::web) async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("alive\n")
}

/// `GET /readyz`: 200 if it takes calls and chats, 503 while it starts, stops or cannot store anything. A second line says
/// if its clock is wrong.
pub(in crate::web) async fn ready(web: Data<Web>) -> HttpResponse {
    if web.is_ready() {
        let discord = web.house.clock.discord().map_or(String::new(), |discord| format!("{discord}\n"));
        HttpResponse::Ok().content_type("text/plain").body(format!("ready\n{discord}"))
    } else {
        HttpResponse::ServiceUnavailable().content_type("text/plain").body("not ready\n")
    }
}

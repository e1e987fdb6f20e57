//! `/api/v1/demo`: the telephones and the people of the demo, as its page shows and moves them, and the way to the
//! desktop in the page.
//! Never there without the demo: nobody needs to log in for it.

use super::pages;
use super::shop::{Desk, NoCall, Shop};
use super::telephone::{Key, Line};
use crate::actors::floor::{FloorAnswer, FloorRequest};
use crate::protocol::error::Code;
use crate::protocol::rest::NewPresence;
use crate::web::error::{self, ApiError};
use crate::web::{Web, auth};
use actix_web::http::header;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use domain::agent::{Command, Presence};
use domain::id::{AgentId, BreakReasonId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who works at the desktop in the page.
const AT_DESKTOP: &str = "anna";

/// All that is there in the demo only.
pub(super) fn routes(shop: Arc<Shop>) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(Data::from(shop.clone()))
            .service(
                web::scope("/api/v1/demo")
                    .route("", web::get().to(look))
                    .route("/calls", web::post().to(call))
                    .route("/phones/{agent}/{key}", web::post().to(press))
                    .route("/callers/{id}/hang_up", web::post().to(hang_up))
                    .route("/agents/{agent}/presence", web::put().to(put_presence))
                    .default_service(web::to(error::not_found)),
            )
            .route("/", web::get().to(pages::story))
            .route("/demo/desktop", web::get().to(desktop))
            .route("/demo/{path:.*}", web::get().to(pages::page));
    }
}

#[derive(Serialize)]
struct View {
    phones: Vec<PhoneView>,
    callers: Vec<CallerView>,
    token: String,
}

#[derive(Serialize)]
struct PhoneView {
    agent: String,
    display_name: String,
    voice_only: bool,
    presence: &'static str,
    state: &'static str,
    peer: Option<String>,
    /// Of this call, or of the last one.
    heard_ms: u128,
}

#[derive(Serialize)]
struct CallerView {
    id: u64,
    number: String,
    state: &'static str,
    /// Music included.
    heard_ms: u128,
}

#[derive(Serialize)]
struct NewCall {
    id: u64,
}

/// `GET /api/v1/demo`: everything.
async fn look(web: Data<Web>, shop: Data<Shop>) -> Result<HttpResponse, ApiError> {
    let agents: Vec<AgentId> = shop.desks.iter().map(|desk| desk.agent.id).collect();
    let FloorAnswer::Presences(presences) = web.ask(shop.company, FloorRequest::Presences { agents }).await? else {
        return Err(ApiError::new(Code::Unavailable, "the floor answered something else"));
    };
    let phones = shop.desks.iter().zip(presences).map(|(desk, presence)| phone_view(desk, presence)).collect();
    let callers = shop.callers().into_iter().map(|caller| CallerView {
        id: caller.id,
        state: match caller.telephone.line() {
            Line::Calling => "calling",
            // The daemon answers every call at once, with music.
            Line::Connected { .. } if shop.talks_with(&caller.number) => "talking",
            Line::Connected { .. } => "waiting",
            // Nobody calls a caller.
            Line::Idle | Line::Ringing { .. } => "ended",
        },
        heard_ms: caller.telephone.heard().as_millis(),
        number: caller.number,
    });
    let view = View { phones, callers: callers.collect(), token: shop.token.clone() };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(view))
}

fn phone_view(desk: &Desk, presence: Presence) -> PhoneView {
    let (state, peer) = match desk.telephone.line() {
        // It calls nobody.
        Line::Idle | Line::Calling if desk.telephone.is_registered() => ("idle", None),
        Line::Idle | Line::Calling => ("unregistered", None),
        Line::Ringing { peer } => ("ringing", Some(peer)),
        Line::Connected { peer } => ("talking", Some(peer)),
    };
    PhoneView {
        agent: desk.agent.login_name.clone(),
        display_name: desk.agent.display_name.clone(),
        voice_only: desk.agent.voice_only,
        presence: match presence {
            Presence::LoggedOut => "logged_out",
            Presence::Available => "available",
            Presence::Break { .. } => "break",
            Presence::Unavailable { .. } => "unavailable",
            Presence::LoggingOut => "logging_out",
        },
        state,
        peer,
        heard_ms: desk.telephone.heard().as_millis(),
    }
}

/// `POST /api/v1/demo/calls`: somebody calls; 201 with their `id`, 429 `too_many`.
async fn call(request: HttpRequest, shop: Data<Shop>) -> Result<HttpResponse, ApiError> {
    from_our_page(&request)?;
    let caller = shop.call().await.map_err(|why| match why {
        NoCall::TooMany => ApiError::new(Code::TooMany, "so many callers are enough: let one of them hang up"),
        NoCall::NoLine(error) => ApiError::new(Code::Unavailable, format!("no line for a caller: {error}")),
    })?;
    Ok(HttpResponse::Created().json(NewCall { id: caller.id }))
}

/// `POST /api/v1/demo/phones/{agent}/{answer|decline|hang_up}`: 204, or 409 `wrong_state`.
async fn press(request: HttpRequest, shop: Data<Shop>, path: Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    from_our_page(&request)?;
    let (agent, key) = path.into_inner();
    let key = match key.as_str() {
        "answer" => Key::Answer,
        "decline" => Key::Decline,
        "hang_up" => Key::HangUp,
        _ => return Err(ApiError::new(Code::NotFound, "a phone's keys are answer, decline and hang_up")),
    };
    done(desk(&shop, &agent)?.telephone.press(key).await)
}

/// `POST /api/v1/demo/callers/{id}/hang_up`: 204, or 409 `wrong_state`.
async fn hang_up(request: HttpRequest, shop: Data<Shop>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    from_our_page(&request)?;
    let caller = shop.callers().into_iter().find(|caller| caller.id.to_string() == *id);
    let caller = caller.ok_or_else(|| ApiError::new(Code::NotFound, "there is no such caller"))?;
    done(caller.telephone.press(Key::HangUp).await)
}

/// `PUT /api/v1/demo/agents/{agent}/presence`: 204 when it is durable.
async fn put_presence(
    web: Data<Web>,
    request: HttpRequest,
    shop: Data<Shop>,
    agent: Path<String>,
    body: Json<NewPresence>,
) -> Result<HttpResponse, ApiError> {
    from_our_page(&request)?;
    let command = match *body {
        NewPresence::Available {} => Command::LogIn,
        NewPresence::Break {} => Command::TakeBreak { reason: BreakReasonId(0) },
        NewPresence::Unavailable {} => Command::TakeOut,
        NewPresence::LoggedOut {} => Command::LogOut,
    };
    set_presence(&web, &shop, desk(&shop, &agent)?.agent.id, command).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// In which language somebody reads.
#[derive(Deserialize)]
struct Reader {
    lang: Option<String>,
}

/// `GET /demo/desktop`: Anna comes to work, and her desktop opens.
async fn desktop(
    request: HttpRequest,
    web: Data<Web>,
    shop: Data<Shop>,
    reader: Query<Reader>,
) -> Result<HttpResponse, ApiError> {
    let anna = desk(&shop, AT_DESKTOP)?;
    let cookie = auth::begin(&web, &anna.agent, &request).await?;
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

/// Changes whether somebody works, and waits until it is durable.
async fn set_presence(web: &Web, shop: &Shop, agent: AgentId, command: Command) -> Result<(), ApiError> {
    web.ask(shop.company, FloorRequest::SetPresence { agent, command }).await?;
    Ok(())
}

/// Somebody's desk.
fn desk<'a>(shop: &'a Shop, agent: &str) -> Result<&'a Desk, ApiError> {
    shop.desk(agent).ok_or_else(|| ApiError::new(Code::NotFound, format!("there is no agent {agent}")))
}

fn done(is_done: bool) -> Result<HttpResponse, ApiError> {
    if is_done {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(ApiError::new(Code::WrongState, "the telephone has no call with which this can be done"))
    }
}

/// Another site's page could ask as well, because nobody logs in here.
fn from_our_page(request: &HttpRequest) -> Result<(), ApiError> {
    if auth::is_same_origin(request) {
        Ok(())
    } else {
        Err(ApiError::new(Code::Forbidden, "only the demo's own pages may do this"))
    }
}

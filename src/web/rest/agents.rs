//! Agents: who there is and whether they work, and coming and going without a browser.
//! Never changes what an agent is like: that is their company's.

use crate::actors::floor::{FloorAnswer, FloorRequest};
use crate::protocol::error::Code;
use crate::protocol::rest::{AgentEntry, NewPresence};
use crate::web::Web;
use crate::web::access::{Anyone, Sees, area};
use crate::web::auth::Caller;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use domain::agent::Command;
use domain::company::Area;
use domain::id::BreakReasonId;

/// The company's people and whether they work, by id.
#[utoipa::path(
    get,
    path = "/agents",
    operation_id = "list_agents",
    tag = "agents",
    responses(
        (status = 200, description = "All of them", body = Vec<AgentEntry>),
    ),
    security(("session" = ["people: read"]), ("basic" = ["people: read"]), ("key" = ["people: read"]))
)]
pub(in crate::web) async fn list(
    Sees(person, within, ..): Sees<area::People>,
    web: Data<Web>,
) -> Result<HttpResponse, ApiError> {
    let mut answer = web.ask(person.company, FloorRequest::Agents).await?;
    if let FloorAnswer::Agents(agents) = &mut answer {
        agents.retain(|agent| within.has_any(agent.queues.iter().map(|queue| queue.queue)));
    }
    Ok(HttpResponse::Ok().json(answer))
}

/// Logs an agent in or out, for those without a browser. Everybody may change their own presence but to `unavailable`,
/// supervisors and administrators that of everybody in their company.
#[utoipa::path(
    put,
    path = "/agents/{name}/presence",
    operation_id = "set_presence",
    tag = "agents",
    params(("name" = String, Path, description = "The log-in name")),
    request_body = NewPresence,
    responses(
        (status = 204, description = "It is durable"),
        (status = 409, description = "The code of what stands in the way, such as `taken` or `wrong_state`"),
    ),
    security(("session" = []), ("basic" = []), ("key" = []))
)]
pub(in crate::web) async fn set_presence(
    who: Anyone,
    web: Data<Web>,
    name: Path<String>,
    body: Json<NewPresence>,
) -> Result<HttpResponse, ApiError> {
    let agent = web.house.store.agent_by_login(&name).await?.filter(|agent| agent.company == who.0.company);
    let agent = agent.ok_or_else(|| ApiError::new(Code::NotFound, format!("there is no agent {name}")))?;
    let others = || {
        let within = who.must_change(Area::People)?;
        let shared = within.has_any(agent.queues.keys().copied());
        let why = "your roles let you do this with those who serve your queues, and they serve none of them";
        if shared { Ok(()) } else { Err(ApiError::new(Code::Forbidden, why)) }
    };
    if who.0.agent() != Some(agent.id) {
        others()?;
    }
    let command = match *body {
        NewPresence::Available {} if !Caller::from(agent.clone()).rights(&web).await?.answers => {
            return Err(ApiError::new(Code::Forbidden, "no role of theirs lets calls and chats come to them"));
        }
        NewPresence::Available {} => Command::LogIn,
        NewPresence::Break {} => Command::TakeBreak { reason: BreakReasonId(0) },
        NewPresence::Unavailable {} => {
            others()?;
            Command::TakeOut
        }
        NewPresence::LoggedOut {} => Command::LogOut,
    };
    web.ask(agent.company, FloorRequest::SetPresence { agent: agent.id, command }).await?;
    Ok(HttpResponse::NoContent().finish())
}

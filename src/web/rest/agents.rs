//! Agents, for those who work without a browser.

use crate::actors::floor::Knock;
use crate::protocol::error::Code;
use crate::protocol::rest::NewPresence;
use crate::web::Web;
use crate::web::access::Agent;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use domain::agent::Command;
use domain::id::BreakReasonId;
use tokio::sync::oneshot;

/// `PUT /api/v1/agents/{name}/presence`: 204 when it is durable. Everybody may change their own, supervisors and
/// administrators that of everybody in their company.
pub(in crate::web) async fn set_presence(
    who: Agent,
    web: Data<Web>,
    name: Path<String>,
    body: Json<NewPresence>,
) -> Result<HttpResponse, ApiError> {
    let agent = web.house.store.agent_by_login(&name)?.filter(|agent| agent.company == who.0.company);
    let agent = agent.ok_or_else(|| ApiError::new(Code::NotFound, format!("there is no agent {name}")))?;
    if who.0.id != agent.id {
        who.must_supervise("log others in or out")?;
    }
    let gone = || ApiError::new(Code::Unavailable, "the company's floor is not open");
    let door = web.door(agent.company).ok_or_else(gone)?;
    let (answer, answered) = oneshot::channel();
    let command = match *body {
        NewPresence::Available {} => Command::LogIn,
        NewPresence::Break {} => Command::TakeBreak { reason: BreakReasonId(0) },
        NewPresence::Unavailable {} => {
            who.must_supervise("take agents out")?;
            Command::TakeOut
        }
        NewPresence::LoggedOut {} => Command::LogOut,
    };
    door.do_send(Knock(Box::new(move |floor| {
        // Whoever asked may have gone meanwhile.
        floor.set_presence(agent.id, command, Box::new(|_, result| _ = answer.send(result)));
    })));
    answered.await.map_err(|_| gone())??;
    Ok(HttpResponse::NoContent().finish())
}

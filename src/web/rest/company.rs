//! What a company is made of: its queues, people and chat services, with the ids that other requests ask for.
//! Never shows a password, nor what a customer said.

use crate::actors::floor::FloorRequest;
use crate::protocol::rest::{AgentEntry, QueueEntry, ServiceEntry};
use crate::web::Web;
use crate::web::access::Supervisor;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// The company's queues, by id.
#[utoipa::path(
    get,
    path = "/queues",
    operation_id = "list_queues",
    tag = "queues",
    responses(
        (status = 200, description = "All of them", body = Vec<QueueEntry>),
    ),
    security(("session" = ["supervisor"]), ("basic" = ["supervisor"]))
)]
pub(in crate::web) async fn queues(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(web.ask(person.company, FloorRequest::Queues).await?))
}

/// The company's people and whether they work, by id.
#[utoipa::path(
    get,
    path = "/agents",
    operation_id = "list_agents",
    tag = "agents",
    responses(
        (status = 200, description = "All of them", body = Vec<AgentEntry>),
    ),
    security(("session" = ["supervisor"]), ("basic" = ["supervisor"]))
)]
pub(in crate::web) async fn agents(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(web.ask(person.company, FloorRequest::Agents).await?))
}

/// The company's chat services.
#[utoipa::path(
    get,
    path = "/services",
    operation_id = "list_services",
    tag = "services",
    responses(
        (status = 200, description = "All of them", body = Vec<ServiceEntry>),
    ),
    security(("session" = ["supervisor"]), ("basic" = ["supervisor"]))
)]
pub(in crate::web) async fn services(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(web.ask(person.company, FloorRequest::Services).await?))
}

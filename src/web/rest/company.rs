//! What a company is made of: its queues, people and chat services, with the ids that other requests ask for.
//! Never shows a password, nor what a customer said.

use crate::actors::floor::FloorRequest;
use crate::web::Web;
use crate::web::access::Supervisor;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// `GET /api/v1/queues`: 200 with the company's queues, by id.
pub(in crate::web) async fn queues(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(web.ask(person.company, FloorRequest::Queues).await?))
}

/// `GET /api/v1/agents`: 200 with the company's people and whether they work, by id.
pub(in crate::web) async fn agents(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(web.ask(person.company, FloorRequest::Agents).await?))
}

/// `GET /api/v1/services`: 200 with the company's chat services.
pub(in crate::web) async fn services(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(web.ask(person.company, FloorRequest::Services).await?))
}

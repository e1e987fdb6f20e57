//! What a company is made of: its queues, people and chat services, with the ids that other requests ask for.
//! Never shows a password, nor what a customer said.

use super::items::on_floor;
use crate::actors::agent::presence;
use crate::protocol::rest::{AgentEntry, NamedQueue, PersonRole, QueueEntry, ServiceEntry};
use crate::store::{AgentRow, ChatServiceRow, FloorRows, QueueRow, Role};
use crate::web::Web;
use crate::web::access::Supervisor;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::id::QueueId;

/// `GET /api/v1/queues`: 200 with the company's queues, by id.
pub(in crate::web) async fn queues(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let listed = on_floor(&web, &person, |floor| {
        let rows = floor.rows();
        let entry = |row: &QueueRow| {
            let waiting = floor.queues().look(row.id, |queue| queue.waiting().count()).unwrap_or_default();
            let numbers = rows.numbers.iter().filter(|number| number.queue == row.id);
            QueueEntry {
                queue: row.id,
                name: row.name.clone(),
                waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
                numbers: numbers.map(|number| number.number.clone()).collect(),
            }
        };
        Ok(rows.queues.iter().map(entry).collect::<Vec<_>>())
    });
    Ok(HttpResponse::Ok().json(listed.await??))
}

/// `GET /api/v1/agents`: 200 with the company's people and whether they work, by id.
pub(in crate::web) async fn agents(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let listed = on_floor(&web, &person, |floor| {
        let rows = floor.rows();
        let entry = |row: &AgentRow| AgentEntry {
            agent: row.id,
            name: row.login_name.clone(),
            display_name: row.display_name.clone(),
            role: role(row.role),
            presence: floor.agents().look(row.id, |agent| presence(agent.presence())),
            queues: row.queues.keys().map(|queue| named(&rows, *queue)).collect(),
        };
        Ok(rows.agents.iter().map(entry).collect::<Vec<_>>())
    });
    Ok(HttpResponse::Ok().json(listed.await??))
}

/// `GET /api/v1/services`: 200 with the company's chat services.
pub(in crate::web) async fn services(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let listed = on_floor(&web, &person, |floor| {
        let rows = floor.rows();
        let entry = |row: &ChatServiceRow| ServiceEntry {
            token: row.token.clone(),
            name: row.name.clone(),
            queue: named(&rows, row.queue),
            active: row.active,
        };
        Ok(rows.services.iter().map(entry).collect::<Vec<_>>())
    });
    Ok(HttpResponse::Ok().json(listed.await??))
}

fn role(role: Role) -> PersonRole {
    match role {
        Role::Agent => PersonRole::Agent,
        Role::Supervisor => PersonRole::Supervisor,
        Role::Administrator => PersonRole::Administrator,
    }
}

fn named(rows: &FloorRows, id: QueueId) -> NamedQueue {
    NamedQueue { queue: id, name: rows.queue_name(id).to_owned() }
}

//! Queues, for those who steer what waits: which there are, what is put there, and where all of it goes.
//! Never changes what a queue is like: that is its company's.

use crate::actors::floor::{FloorAnswer, FloorRequest};
use crate::protocol::error::Code;
use crate::protocol::rest::{CreatedTask, MoveTo, NewTask, OutlookView, QueueEntry, TaskChannel};
use crate::web::Web;
use crate::web::access::{Changes, Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use domain::id::{ItemId, QueueId, TaskId};
use domain::queue::Channel;
use serde::Deserialize;
use utoipa::IntoParams;

/// The longest text of a task.
const TEXT_CHARACTERS_MAX: usize = 4000;

/// What comes, in the question whom it would meet.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct OutlookQuery {
    /// A call, if nothing else is said.
    #[serde(default)]
    channel: Channel,
}

/// The company's queues, by id.
#[utoipa::path(
    get,
    path = "/queues",
    operation_id = "list_queues",
    tag = "queues",
    responses(
        (status = 200, description = "All of them", body = Vec<QueueEntry>),
    ),
    security(("session" = ["work: read"]), ("basic" = ["work: read"]), ("key" = ["work: read"]))
)]
pub(in crate::web) async fn list(
    Sees(person, within, ..): Sees<area::Work>,
    web: Data<Web>,
) -> Result<HttpResponse, ApiError> {
    let mut answer = web.ask(person.company, FloorRequest::Queues).await?;
    if let FloorAnswer::Queues(queues) = &mut answer {
        queues.retain(|queue| within.has(queue.queue));
    }
    Ok(HttpResponse::Ok().json(answer))
}

/// Whom an item would meet that came now.
#[utoipa::path(
    get,
    path = "/queues/{queue}/outlook",
    operation_id = "queue_outlook",
    tag = "queues",
    params(("queue" = u64, Path, description = "As `GET /queues` lists it"), OutlookQuery),
    responses(
        (status = 200, description = "Where it would wait, and who could be asked", body = OutlookView),
    ),
    security(("session" = ["work: read"]), ("basic" = ["work: read"]), ("key" = ["work: read"]))
)]
pub(in crate::web) async fn outlook(
    Sees(person, within, ..): Sees<area::Work>,
    web: Data<Web>,
    queue: Path<String>,
    query: Query<OutlookQuery>,
) -> Result<HttpResponse, ApiError> {
    let (queue, channel) = (read_queue(&queue)?, query.channel);
    within.must_have(queue)?;
    Ok(HttpResponse::Ok().json(web.ask(person.company, FloorRequest::Outlook { queue, channel }).await?))
}

/// Sends everything that waits in a queue to another one.
#[utoipa::path(
    post,
    path = "/queues/{queue}/overflow",
    operation_id = "overflow_queue",
    tag = "queues",
    params(("queue" = u64, Path, description = "As `GET /queues` lists it")),
    request_body = MoveTo,
    responses(
        (status = 204, description = "The queue has heard of it"),
        (status = 409, description = "The code of what stands in the way, such as `taken` or `wrong_state`"),
    ),
    security(("session" = ["work: change"]), ("basic" = ["work: change"]), ("key" = ["work: change"]))
)]
pub(in crate::web) async fn overflow(
    Changes(person, within, ..): Changes<area::Work>,
    web: Data<Web>,
    queue: Path<String>,
    body: Json<MoveTo>,
) -> Result<HttpResponse, ApiError> {
    let (queue, to) = (read_queue(&queue)?, body.queue);
    within.must_have(queue)?;
    web.ask(person.company, FloorRequest::Overflow { queue, to }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Puts something that is to be done into a queue.
#[utoipa::path(
    post,
    path = "/queues/{queue}/tasks",
    operation_id = "create_task",
    tag = "queues",
    params(("queue" = u64, Path, description = "As `GET /queues` lists it")),
    request_body = NewTask,
    responses(
        (status = 201, description = "It is durable", body = CreatedTask),
        (status = 409, description = "The code of what stands in the way, such as `taken` or `wrong_state`"),
    ),
    security(("session" = ["work: change"]), ("basic" = ["work: change"]), ("key" = ["work: change"]))
)]
pub(in crate::web) async fn create_task(
    Changes(person, within, ..): Changes<area::Work>,
    web: Data<Web>,
    queue: Path<String>,
    body: Json<NewTask>,
) -> Result<HttpResponse, ApiError> {
    let NewTask { channel, text } = body.into_inner();
    if text.trim().is_empty() || text.chars().count() > TEXT_CHARACTERS_MAX {
        return Err(ApiError::new(Code::Malformed, format!("text: 1 to {TEXT_CHARACTERS_MAX} characters")));
    }
    let channel = match channel {
        TaskChannel::Callback => Channel::Callback,
        TaskChannel::Email => Channel::Email,
        TaskChannel::WorkItem => Channel::WorkItem,
    };
    let (queue, task) = (read_queue(&queue)?, TaskId(web.house.ids.next_item()));
    within.must_have(queue)?;
    web.ask(person.company, FloorRequest::CreateTask { task, channel, queue, text }).await?;
    Ok(HttpResponse::Created().json(CreatedTask { item: ItemId::Task(task).to_string() }))
}

fn read_queue(queue: &str) -> Result<QueueId, ApiError> {
    let expected = || format!("`{queue}` is no queue: expected its number, as GET /api/v1/queues lists it");
    queue.parse().map(QueueId).map_err(|_| ApiError::new(Code::Malformed, expected()))
}

//! Items that wait or are worked on: why they went where they are, and how supervisors send them elsewhere.

use crate::actors::floor::{Floor, Knock};
use crate::actors::ids::{Numbered, Party};
use crate::protocol::error::Code;
use crate::protocol::rest::{CreatedTask, Decisions, MoveTo, NewTask, TaskChannel, WhyNot};
use crate::store::AgentRow;
use crate::web::Web;
use crate::web::access::Supervisor;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use domain::Refusal;
use domain::id::{ItemId, QueueId, TaskId};
use domain::queue::{Channel, Command, Queue};
use std::rc::Rc;
use tokio::sync::oneshot;

/// The longest text of a task.
const TEXT_CHARACTERS_MAX: usize = 4000;

/// `GET /api/v1/items/{item}/why`: how it was decided to whom an item such as `call 1-6` went, and for one that waits why
/// each agent is not asked.
pub(in crate::web) async fn why(
    Supervisor(person): Supervisor,
    web: Data<Web>,
    item: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let item = read(&item)?;
    let rows = web.house.store.decisions(person.company, Party::from(item).number()).await?;
    let decisions = on_floor(&web, &person, move |floor| {
        let decisions = floor.decisions(item, &rows).map_err(ApiError::from)?;
        let waits = floor.board().borrow().place(item).is_some();
        let agents = if waits { why_not(floor, item) } else { vec![] };
        if decisions.is_empty() && !waits {
            return Err(ApiError::new(
                Code::NotFound,
                format!("nothing was decided about {item}, and it does not wait"),
            ));
        }
        Ok(Decisions { item: item.to_string(), decisions, agents })
    });
    Ok(HttpResponse::Ok().json(decisions.await??))
}

/// `POST /api/v1/items/{item}/move`: 204 when the queue has heard of it; a call that rings goes once the agent's phone is
/// quiet.
pub(in crate::web) async fn send_elsewhere(
    Supervisor(person): Supervisor,
    web: Data<Web>,
    item: Path<String>,
    body: Json<MoveTo>,
) -> Result<HttpResponse, ApiError> {
    let (item, to) = (read(&item)?, body.queue);
    let (answer, answered) = oneshot::channel();
    on_floor(&web, &person, move |floor| {
        let Some((queue, _)) = floor.board().borrow().place(item) else {
            _ = answer.send(Err(Refusal::Taken));
            return Ok(());
        };
        let to = destination(floor, to)?;
        floor.envelope::<Queue>(queue, Command::Move { item, to }, |envelope| {
            envelope.reply = Some(Box::new(|_, result| _ = answer.send(result)));
        });
        Ok(())
    })
    .await??;
    answered.await.map_err(|_| gone())??;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/queues/{queue}/overflow`: everything that waits goes to another queue; 204 when the queue has heard of
/// it.
pub(in crate::web) async fn overflow(
    Supervisor(person): Supervisor,
    web: Data<Web>,
    queue: Path<String>,
    body: Json<MoveTo>,
) -> Result<HttpResponse, ApiError> {
    let (queue, to) = (read_queue(&queue)?, body.queue);
    let (answer, answered) = oneshot::channel();
    on_floor(&web, &person, move |floor| {
        destination(floor, queue)?;
        let to = destination(floor, to)?;
        floor.envelope::<Queue>(queue, Command::Overflow { to }, |envelope| {
            envelope.reply = Some(Box::new(|_, result| _ = answer.send(result)));
        });
        Ok(())
    })
    .await??;
    answered.await.map_err(|_| gone())??;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/queues/{queue}/tasks`: 201 with the item when it is durable.
pub(in crate::web) async fn create_task(
    Supervisor(person): Supervisor,
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
    let (answer, answered) = oneshot::channel();
    on_floor(&web, &person, move |floor| {
        destination(floor, queue)?;
        floor.task_requested(task, channel, queue, text, Box::new(|_, result| _ = answer.send(result)));
        Ok(())
    })
    .await??;
    answered.await.map_err(|_| gone())??;
    Ok(HttpResponse::Created().json(CreatedTask { item: ItemId::Task(task).to_string() }))
}

fn why_not(floor: &Rc<Floor>, item: ItemId) -> Vec<WhyNot> {
    let board = floor.board().borrow();
    let rows = floor.rows();
    let of_agent = |row: &AgentRow| {
        let (obstacle, before) = match board.why_not(item, row.id) {
            Ok(obstacle) => (Some(obstacle.into()), None),
            Err(before) => (None, u32::try_from(before).ok()),
        };
        WhyNot { agent: row.display_name.clone(), obstacle, before }
    };
    rows.agents.iter().map(of_agent).collect()
}

fn destination(floor: &Rc<Floor>, queue: QueueId) -> Result<domain::queue::Destination, ApiError> {
    let known = floor.queues().look(queue, |_| ()).is_some();
    if known {
        Ok(floor.destination(queue))
    } else {
        Err(ApiError::new(Code::NotFound, format!("there is no queue {queue}")))
    }
}

fn read_queue(queue: &str) -> Result<QueueId, ApiError> {
    let expected = || format!("`{queue}` is no queue: expected its number, as GET /api/v1/queues lists it");
    queue.parse().map(QueueId).map_err(|_| ApiError::new(Code::Malformed, expected()))
}

fn read(item: &str) -> Result<ItemId, ApiError> {
    item.parse().map_err(|why: domain::id::NoItem| ApiError::new(Code::Malformed, why.to_string()))
}

pub(super) async fn on_floor<T: Send + 'static>(
    web: &Data<Web>,
    person: &AgentRow,
    what: impl FnOnce(&Rc<Floor>) -> Result<T, ApiError> + Send + 'static,
) -> Result<Result<T, ApiError>, ApiError> {
    let door = web.door(person.company).ok_or_else(gone)?;
    let (answer, answered) = oneshot::channel();
    door.do_send(Knock(Box::new(move |floor| _ = answer.send(what(floor)))));
    answered.await.map_err(|_| gone())
}

fn gone() -> ApiError {
    ApiError::new(Code::Unavailable, "the company's floor is not open")
}

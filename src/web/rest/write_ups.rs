//! What agents write of an item while they have it and for a while afterwards, and what was said in it.
//! Who may, and what is accepted, is decided by `domain::write_up`.

use super::found::{self, Found};
use crate::actors::floor::FloorRequest;
use crate::actors::ids::Numbered;
use crate::actors::records::{classification_view, classifications, named_agent};
use crate::protocol::desk::{NewWriteUp, Transcript, WriteUpView};
use crate::protocol::error::Code;
use crate::store::{Author, FloorRows, WriteUpRow, WritesUp};
use crate::web::Web;
use crate::web::access::{Agent, Anyone};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use domain::id::{ItemId, QueueId};
use domain::write_up::{Refusal, WriteUp, Writer};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of a transcript is read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Earlier {
    /// Only what was said before the message with this number; the end of it, if nothing is said.
    before: Option<u32>,
}

/// What agents wrote of an item and what it was about, with what it may be about. For whoever has or had it, and for
/// supervisors.
#[utoipa::path(
    get,
    path = "/items/{item}/write-up",
    operation_id = "get_write_up",
    tag = "items",
    params(("item" = String, Path, description = "Such as `call:1-6`, `chat:1-6` or `task:1-6`")),
    responses(
        (status = 200, description = "What is written; version 0 if nothing ever was", body = WriteUpView),
        (status = 409, description = "`not_yours`: whoever asks never had it"),
    ),
    security(("session" = []), ("basic" = []), ("key" = []))
)]
pub(in crate::web) async fn read(who: Anyone, web: Data<Web>, item: Path<String>) -> Result<HttpResponse, ApiError> {
    let (writer, Found { actor, queue, rows, .. }) = find(&web, &who, &item).await?;
    let row = web.house.store.write_up(who.0.company, actor.number()).await?;
    Ok(HttpResponse::Ok().json(view(&rows, queue, row, is_open(&web, writer))))
}

/// Writes of an item. While it is theirs, whoever has it writes; once it is over, whoever had it does for a week, and
/// supervisors for ever, which stands in the audit.
#[utoipa::path(
    put,
    path = "/items/{item}/write-up",
    operation_id = "write_up",
    tag = "items",
    params(("item" = String, Path, description = "Such as `call:1-6`, `chat:1-6` or `task:1-6`")),
    request_body = NewWriteUp,
    responses(
        (status = 200, description = "It is durable", body = WriteUpView),
        (status = 409, description = "`not_yours`: whoever writes never had it; `wrong_state`: it has been over for too long"),
        (status = 412, description = "`stale`: somebody else has written meanwhile"),
    ),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn write(
    who: Agent,
    web: Data<Web>,
    item: Path<String>,
    body: Json<NewWriteUp>,
) -> Result<HttpResponse, ApiError> {
    let (writer, Found { item, actor, queue, rows, .. }) = find(&web, &who.anyone(), &item).await?;
    let (store, at) = (&web.house.store, web.house.clock.now());
    writer.may_write(at).map_err(refused)?;
    let before = store.write_up(who.0.company, actor.number()).await?;
    let NewWriteUp { version, note, classifications } = body.into_inner();
    let written = WriteUp { note, classifications };
    let known = before.map(|row| row.written).unwrap_or_default();
    written.follows(&known, &rows, queue).map_err(refused)?;
    let row = store.write_up_changed(WritesUp {
        company: who.0.company,
        actor: actor.number(),
        item: item.to_string(),
        version,
        written,
        agent: who.0.id,
        at,
        audited: writer.is_audited().then(|| Author::Agent(who.0.login_name.clone())),
    });
    let row = row.await?;
    Ok(HttpResponse::Ok().json(view(&rows, queue, Some(row), true)))
}

/// What was said in a chat, the end of it first: for whoever has or had it, for supervisors, and for everybody once it is over
/// and known whose it was, as a part of what that customer had to do with the company.
#[utoipa::path(
    get,
    path = "/items/{item}/transcript",
    operation_id = "get_transcript",
    tag = "items",
    params(("item" = String, Path, description = "Such as `chat:1-6`; in calls and tasks nothing is written"), Earlier),
    responses(
        (status = 200, description = "A page", body = Transcript),
        (status = 409, description = "`not_yours`: whoever asks never had it, and nobody knows whose it is"),
    ),
    security(("session" = []), ("basic" = []), ("key" = []))
)]
pub(in crate::web) async fn transcript(
    who: Anyone,
    web: Data<Web>,
    item: Path<String>,
    query: Query<Earlier>,
) -> Result<HttpResponse, ApiError> {
    let ItemId::Chat(chat) = found::may_read(&web, &who, found::read(&item)?).await? else {
        return Ok(HttpResponse::Ok().json(Transcript { messages: vec![], notes: vec![], earlier: None }));
    };
    let before = query.before.unwrap_or(u32::MAX);
    Ok(HttpResponse::Ok().json(web.ask(who.0.company, FloorRequest::Transcript { chat, before }).await?))
}

/// An item of which somebody may write, and as whom.
async fn find(web: &Data<Web>, who: &Anyone, item: &str) -> Result<(Writer, Found), ApiError> {
    let found = found::look(web, &who.0, found::read(item)?).await?;
    match found.writer(who) {
        Writer::Stranger => Err(refused(Refusal::NotTheirs)),
        writer => Ok((writer, found)),
    }
}

fn is_open(web: &Data<Web>, writer: Writer) -> bool {
    writer.may_write(web.house.clock.now()).is_ok()
}

fn refused(why: Refusal) -> ApiError {
    let code = match why {
        Refusal::NotTheirs => Code::NotYours,
        Refusal::TooLate => Code::WrongState,
        Refusal::NoteTooLong | Refusal::TooMany | Refusal::NoChoice(_) => Code::Malformed,
    };
    ApiError::new(code, why.to_string())
}

fn view(rows: &FloorRows, queue: QueueId, row: Option<WriteUpRow>, editable: bool) -> WriteUpView {
    let choices = rows.classifications_of(queue).into_iter().map(|known| classification_view(rows, known)).collect();
    match row {
        None => WriteUpView {
            version: 0,
            note: String::new(),
            classifications: vec![],
            choices,
            by: None,
            at: None,
            editable,
        },
        Some(WriteUpRow { version, written, agent, at }) => WriteUpView {
            version,
            classifications: classifications(rows, &written),
            note: written.note,
            choices,
            by: Some(named_agent(rows, agent)),
            at: Some(at),
            editable,
        },
    }
}

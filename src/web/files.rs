//! Files in chats: how one comes in, piece by piece, and how it goes out, to be saved and never to be shown.
//! Never holds more of a file than a part of it, and never keeps one that belongs to no message.

mod incoming;
mod kind;

use super::Web;
use super::access::{Agent, Anyone};
use super::auth;
use super::budget::Budget;
use super::error::ApiError;
use super::limits;
use super::rest::found::may_read;
use crate::actors::floor::{FloorAnswer, FloorRequest};
use crate::actors::ids::{Numbered as _, Party};
use crate::config::Limits;
use crate::protocol::error::Code;
use crate::store::{FileRow, Store};
use actix_web::body::SizedStream;
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, HeaderName, HeaderValue,
};
use actix_web::web::{Bytes, Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use domain::file::{FilesTaken, NAME_CHARACTERS_MAX, saved_name};
use domain::id::{AgentId, ChatId, CompanyId, FileId, ItemId};
use domain::time::Timestamp;
use futures_util::stream;
use serde::Deserialize;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How long a file may take to come.
pub const UPLOAD_MAX: Duration = Duration::from_secs(600);
/// How many may come at once; each takes the memory of a part.
const AT_ONCE: usize = 64;
/// What belongs to no message after so long never will.
const LEFT_OVER_AFTER: Duration = Duration::from_secs(2 * 3600);
/// How many of them go at once.
const LEFT_OVER_MAX: u32 = 100;

/// How many files may come.
pub struct Uploads {
    chats: Budget<ChatId>,
    sources: Budget<IpAddr>,
    at_once: Arc<Semaphore>,
}

impl Uploads {
    /// The configured limits.
    pub fn new(limits: &Limits) -> Uploads {
        let some = |count: u32| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Uploads {
            chats: Budget::per_minute(some(limits.files_per_chat_per_minute)),
            sources: Budget::per_minute(some(limits.files_per_source_per_minute)),
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Forgets who has been quiet.
    pub fn forget_quiet(&self, now: Instant) {
        self.chats.forget_quiet(now);
        self.sources.forget_quiet(now);
    }

    fn takes(&self, now: Instant, from: &Sender) -> bool {
        // Agents are known, and many of them come from one address.
        let of_source = || from.agent.is_some() || self.sources.take(now, limits::network(from.source), 1);
        self.chats.take(now, from.chat, 1) && of_source()
    }
}

/// Who sends a file.
struct Sender {
    chat: ChatId,
    company: CompanyId,
    /// `None`: the visitor.
    agent: Option<AgentId>,
    source: IpAddr,
}

/// What is said of a file that is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    /// Which tab sends it: 8 to 64 characters, as on the socket.
    client: String,
    /// Which of that tab's commands it is: a number that no other command of it has. Sent again, it is the same message.
    command: u64,
    /// What the file is called.
    name: String,
}

/// An agent sends a file in a chat that they have: the body is the file. Sent again under the same number it is the same
/// message.
#[utoipa::path(
    post,
    path = "/chats/{chat}/files",
    operation_id = "send_file",
    tag = "chats",
    params(
        ("chat" = u64, Path, description = "The chat's number"),
        ("client" = String, Query, description = "Which tab or program sends it: 8 to 64 of `[0-9a-zA-Z_-]`"),
        ("command" = u64, Query, description = "A number that no other command of this client has"),
        ("name" = String, Query, description = "What the file is called, 1 to 255 characters"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 204, description = "It is a message of the chat, and durable"),
        (status = 403, description = "`forbidden`: no files are taken in this chat"),
        (status = 409, description = "The code of what stands in the way, such as `not_yours` or `chat_over`"),
        (status = 413, description = "`file_too_large`"),
        (status = 415, description = "`file_kind`: files of this kind are not taken"),
        (status = 422, description = "`file_empty`"),
        (status = 429, description = "`too_many`: files in this chat; with `Retry-After`"),
    ),
    security(("session" = []), ("basic" = []))
)]
pub(super) async fn agent_sends(
    Agent(person, _): Agent,
    web: Data<Web>,
    request: HttpRequest,
    chat: Path<u64>,
    sent: Query<Sent>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let (chat, company, source) = (ChatId(*chat), person.company, limits::source(&request));
    web.ask(company, FloorRequest::HasChat { agent: person.id, chat }).await?;
    let from = Sender { chat, company, agent: Some(person.id), source };
    receive(&web, from, sent.into_inner(), &request, body).await
}

/// A file of a chat, for the agent who has the chat, and for supervisors: to be saved, never to be shown.
#[utoipa::path(
    get,
    path = "/chats/{chat}/files/{file}",
    operation_id = "get_file",
    tag = "chats",
    params(
        ("chat" = u64, Path, description = "The chat's number"),
        ("file" = u64, Path, description = "The file's number, as its message says"),
    ),
    responses(
        (status = 200, description = "The file, as an attachment", content_type = "application/octet-stream"),
        (status = 409, description = "`not_yours`: somebody else has the chat"),
    ),
    security(("session" = []), ("basic" = []), ("key" = []))
)]
pub(super) async fn agent_reads(who: Anyone, web: Data<Web>, path: Path<(u64, u64)>) -> Result<HttpResponse, ApiError> {
    let (chat, id, company) = (ChatId(path.0), FileId(path.1), who.0.company);
    let file = find(&web, chat, company, id).await?;
    // Of one that is not theirs they may see what they may read.
    let has = match who.0.agent() {
        Some(agent) => web.ask(company, FloorRequest::HasChat { agent, chat }).await.is_ok(),
        None => false,
    };
    if !has {
        may_read(&web, &who, ItemId::Chat(chat)).await?;
    }
    Ok(attachment(web.house.store.clone(), id, &file))
}

/// `POST /visitor/files?client=…&command=…&name=…`, from a page of any site: whoever has the session of a chat sends a file
/// in it.
pub(super) async fn visitor_sends(web: Data<Web>, request: HttpRequest, body: Payload) -> HttpResponse {
    let sends = async {
        let sent = Query::<Sent>::from_query(request.query_string());
        let sent = sent.map_err(|why| ApiError::new(Code::Malformed, format!("the address's query: {why}")))?;
        let (chat, company) = visited(&web, &request).await?;
        let from = Sender { chat, company, agent: None, source: limits::source(&request) };
        receive(&web, from, sent.into_inner(), &request, body).await
    };
    everywhere(sends.await)
}

/// `GET /visitor/files/{file}`: a file of their chat, to be saved, never to be shown.
pub(super) async fn visitor_reads(web: Data<Web>, request: HttpRequest, file: Path<u64>) -> HttpResponse {
    let reads = async {
        let (chat, company) = visited(&web, &request).await?;
        let id = FileId(*file);
        let file = find(&web, chat, company, id).await?;
        Ok(attachment(web.house.store.clone(), id, &file))
    };
    everywhere(reads.await)
}

/// A browser asks whether a page of another site may do that, before it does: it may, whoever has a session.
pub(super) async fn may_visit() -> HttpResponse {
    let mut response = everywhere(Ok(HttpResponse::NoContent().finish()));
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_MAX_AGE, "7200"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Answers that the page of any site may read: who may do what, the session says, which no browser brings by itself.
fn everywhere(result: Result<HttpResponse, ApiError>) -> HttpResponse {
    let mut response = result.unwrap_or_else(|error| error.error_response());
    let headers: [(HeaderName, &str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        // Under which name it is saved.
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "content-disposition"),
        (header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The chat whose session a request brings, as `Authorization: Bearer …`.
async fn visited(web: &Web, request: &HttpRequest) -> Result<(ChatId, CompanyId), ApiError> {
    let none = || ApiError::new(Code::NotFound, "no chat has this session");
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let session = authorization.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(none)?;
    let found = web.house.store.visitor_session(&auth::hash(session)).await?.ok_or_else(none)?;
    Ok((found.chat, found.company))
}

async fn find(web: &Web, chat: ChatId, company: CompanyId, id: FileId) -> Result<FileRow, ApiError> {
    let is_there = |file: &FileRow| file.company == company && file.chat == Party::Chat(chat).number();
    let found = web.house.store.file(id).await?.filter(is_there);
    found.ok_or_else(|| ApiError::new(Code::NotFound, "there is no such file in this chat"))
}

async fn receive(
    web: &Web,
    from: Sender,
    sent: Sent,
    request: &HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let characters = sent.name.chars().count();
    if !super::visiting::is_client(&sent.client) || !(1..=NAME_CHARACTERS_MAX).contains(&characters) {
        let why = "client: 8 to 64 of [0-9a-zA-Z_-]; name: 1 to 255 characters";
        return Err(ApiError::new(Code::Malformed, why));
    }
    let answer = web.ask(from.company, FloorRequest::TakesFiles { chat: from.chat }).await?;
    let taken = if let FloorAnswer::FilesTaken(taken) = answer { taken } else { FilesTaken::default() };
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    incoming::check_length(&taken, length.unwrap_or(0))?;
    if !web.uploads.takes(Instant::now(), &from) {
        return Err(ApiError::new(Code::TooMany, "too many files at once: wait a moment"));
    }
    let too_many = |_| ApiError::new(Code::TooMany, "too many files are on their way: try again in some seconds");
    let _turn = web.uploads.at_once.clone().try_acquire_owned().map_err(too_many)?;
    let id = FileId(web.house.ids.next_item());
    let said = match incoming::take(web, id, &from, &taken, &sent.name, body).await {
        Ok(upload) => {
            let Sent { client, command: number, .. } = sent;
            let request = FloorRequest::Attach { chat: from.chat, agent: from.agent, client, number, upload };
            web.ask(from.company, request).await.map(|_| HttpResponse::NoContent().finish())
        }
        Err(error) => Err(error),
    };
    // Refused, or sent before: then another copy of it belongs to the message.
    if let Err(error) = web.house.store.file_discarded(id).await {
        tracing::error!(%error, "a file that belongs to no message is left over for now");
    }
    said
}

/// A file on its way out. Whatever it holds, no browser runs it: it is saved, under a name that is safe (RFC 6266).
fn attachment(store: Store, id: FileId, file: &FileRow) -> HttpResponse {
    let name = saved_name(&file.name, file.kind);
    // Those who do not know the other form get what is left of it; some of them look for escapes in it.
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '%' | '"' | '\\') || c == ' ' { c } else { '_' };
    let value = name.clone().into_bytes();
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(name.chars().map(plain).collect()),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value,
            }),
        ],
    };
    let parts = stream::try_unfold((store, 0_i64), move |(store, number)| async move {
        let part = store.file_part(id, number).await.map_err(|why| {
            tracing::error!(error = %why, "a file could not be read to its end");
            why
        })?;
        Ok::<_, crate::store::StoreError>(part.map(|part| (Bytes::from(part), (store, number + 1))))
    });
    HttpResponse::Ok()
        .insert_header(disposition)
        .insert_header((header::CONTENT_TYPE, file.kind.media_type()))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(SizedStream::new(file.size, Box::pin(parts)))
}

/// Takes away what came before and belongs to no message: whoever sent it went away in the midst of it.
pub(super) async fn sweep(web: &Web) {
    let store = &web.house.store;
    let before = Timestamp(web.house.clock.now().0.saturating_sub(LEFT_OVER_AFTER.as_millis() as u64));
    let left = store.files_left_over(before, LEFT_OVER_MAX).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "files of no message");
        vec![]
    });
    for file in left {
        if let Err(error) = store.file_discarded(file).await {
            tracing::warn!(%error, "a file of no message");
        }
    }
}

//! The records of calls, chats and tasks that are over: by page, one by one, and as CSV.

use super::paging::{after, limit, malformed, number};
use crate::actors::ids::{Numbered, Party};
use crate::actors::records::{csv, view};
use crate::protocol::error::Code;
use crate::protocol::rest::{CallRecord, Calls};
use crate::store::{ActorNumber, Cursor, FloorRows, RecordFilter, RecordRow, Store, StoreError};
use crate::web::Web;
use crate::web::access::{Sees, Within, area};
use crate::web::error::ApiError;
use actix_web::http::header;
use actix_web::web::{self, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use domain::id::{AgentId, ClassificationId, CompanyId, ItemId, QueueId};
use domain::queue::Channel;
use domain::record::Outcome;
use domain::time::Timestamp;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// How many records a page holds, if nothing else is asked for.
const LIMIT: u32 = 100;
/// How many it may hold.
const LIMIT_MAX: u32 = 1000;
/// The same for CSV, whose readers want whole days.
const CSV_LIMIT_MAX: u32 = 10_000;

/// What can be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct CallsQuery {
    /// What they were; calls, if nothing is said.
    #[param(value_type = Option<Channel>)]
    kind: Option<String>,
    /// Arrived at this time or later.
    #[param(value_type = Option<u64>)]
    from: Option<String>,
    /// Arrived before this time.
    #[param(value_type = Option<u64>)]
    to: Option<String>,
    /// The id of a queue in which they waited.
    #[param(value_type = Option<u64>)]
    queue: Option<String>,
    /// The id of an agent who talked in them.
    #[param(value_type = Option<u64>)]
    agent: Option<String>,
    /// The id of something they were about.
    #[param(value_type = Option<u64>)]
    classification: Option<String>,
    /// How they ended.
    #[param(value_type = Option<Outcome>)]
    outcome: Option<String>,
    /// How many: 1 to 1,000, usually 100; of CSV 1 to 10,000, usually 1,000.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    limit: Option<String>,
    /// `next` of the page before; the other fields stay as they were.
    cursor: Option<String>,
    /// Without it `Accept: text/csv` asks for CSV.
    #[param(value_type = Option<Format>, inline)]
    format: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
enum Format {
    Json,
    Csv,
}

/// A page of the records of calls that are over, the newest first, or with `kind` of other items. The next page is asked
/// for with `cursor`.
#[utoipa::path(
    get,
    path = "/calls",
    operation_id = "list_calls",
    tag = "calls",
    params(CallsQuery),
    responses(
        (status = 200, description = "A page; as CSV with the next one in `Link`", content(
            (Calls = "application/json"),
            (String = "text/csv")
        )),
    ),
    security(("session" = ["records: read"]), ("basic" = ["records: read"]), ("key" = ["records: read"]))
)]
pub(in crate::web) async fn list(
    Sees(person, within, ..): Sees<area::Records>,
    web: Data<Web>,
    request: HttpRequest,
    query: Query<CallsQuery>,
) -> Result<HttpResponse, ApiError> {
    let format = match query.format.as_deref() {
        Some("json") => Format::Json,
        Some("csv") => Format::Csv,
        Some(other) => return Err(malformed(format!("format: expected json or csv, found `{other}`"))),
        None if asks_for_csv(&request) => Format::Csv,
        None => Format::Json,
    };
    let (filter, limit) = read(&query, format)?;
    match (&within, filter.queue) {
        (Within::All, _) => {}
        (Within::Queues(_), Some(queue)) => within.must_have(queue)?,
        (Within::Queues(_), None) => {
            let why = "your roles let you see the records of the queues that you serve: name one of them with `queue`";
            return Err(ApiError::new(Code::Forbidden, why));
        }
    }
    let (calls, next) = on_pool(&web, person.company, move |store, rows, company| {
        let found = store.call_records(company, &filter, limit)?;
        for damage in found.damages {
            tracing::error!("a call record is left out: {damage}");
        }
        let next = found.next.map(written);
        Ok((found.rows.iter().map(|row| view(rows, row)).collect::<Vec<CallRecord>>(), next))
    })
    .await?;
    match format {
        Format::Json => Ok(HttpResponse::Ok().json(Calls { calls, next })),
        Format::Csv => {
            let text = csv(&calls, true).map_err(|_| ApiError::new(Code::Unavailable, "no CSV could be written"))?;
            let mut response = HttpResponse::Ok();
            response.content_type("text/csv; charset=utf-8; header=present");
            response.insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"calls.csv\""));
            if let Some(next) = next {
                // RFC 8288.
                let link = format!("<{}?{}>; rel=\"next\"", request.path(), following(request.query_string(), &next));
                response.insert_header((header::LINK, link));
            }
            Ok(response.body(text))
        }
    }
}

/// The record of one call, chat or task, which is there once that is over.
#[utoipa::path(
    get,
    path = "/calls/{call}",
    operation_id = "get_call",
    tag = "calls",
    params(("call" = String, Path, description = "Such as `call:1-6`, `1-6` or `chat:1-6`")),
    responses(
        (status = 200, description = "The record", body = CallRecord),
    ),
    security(("session" = ["records: read"]), ("basic" = ["records: read"]), ("key" = ["records: read"]))
)]
pub(in crate::web) async fn one(
    Sees(person, within, ..): Sees<area::Records>,
    web: Data<Web>,
    call: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let item = call.parse::<ItemId>().or_else(|_| format!("call {call}").parse());
    let item = item.map_err(|_| malformed(format!("`{call}` is no item, expected `call 1-6`, `1-6` or `chat 1-6`")))?;
    let actor = Party::from(item);
    let found = on_pool(&web, person.company, move |store, rows, company| {
        let row = store.call_record(company, actor.number())?;
        let is_within = |row: &RecordRow| within.has_any(row.record.queues.iter().copied());
        Ok(row.filter(is_within).map(|row| view(rows, &row)))
    });
    let unknown = || ApiError::new(Code::NotFound, format!("there is no {actor} that is over"));
    Ok(HttpResponse::Ok().json(found.await?.ok_or_else(unknown)?))
}

fn read(query: &CallsQuery, format: Format) -> Result<(RecordFilter, u32), ApiError> {
    let (usual, maximum) = match format {
        Format::Json => (LIMIT, LIMIT_MAX),
        Format::Csv => (LIMIT_MAX, CSV_LIMIT_MAX),
    };
    let limit = limit(number("limit", query.limit.as_deref())?, usual, 1..=maximum)?;
    let outcome = query.outcome.as_deref().map(str::parse::<Outcome>).transpose();
    let kind = query.kind.as_deref().map(str::parse::<Channel>).transpose();
    let filter = RecordFilter {
        kind: kind.map_err(|why| malformed(format!("kind: {why}")))?.unwrap_or_default(),
        from: number("from", query.from.as_deref())?.map(Timestamp),
        to: number("to", query.to.as_deref())?.map(Timestamp),
        queue: number("queue", query.queue.as_deref())?.map(QueueId),
        agent: number("agent", query.agent.as_deref())?.map(AgentId),
        classification: number("classification", query.classification.as_deref())?.map(ClassificationId),
        outcome: outcome.map_err(|why| malformed(format!("outcome: {why}")))?,
        after: after(query.cursor.as_deref(), place)?,
        ..RecordFilter::default()
    };
    Ok((filter, limit))
}

fn asks_for_csv(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|one| one.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv"))
}

/// A place as it stands in addresses.
pub(super) fn written(Cursor { arrived_at, actor }: Cursor) -> String {
    format!("{}-{}", arrived_at.0, actor.0)
}

/// A place that stood in an address.
pub(super) fn place(text: &str) -> Option<Cursor> {
    let (arrived_at, actor) = text.split_once('-')?;
    Some(Cursor { arrived_at: Timestamp(arrived_at.parse().ok()?), actor: ActorNumber(actor.parse().ok()?) })
}

/// The same query from another place on.
fn following(query: &str, next: &str) -> String {
    let others = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    others.map(str::to_owned).chain([format!("cursor={next}")]).collect::<Vec<_>>().join("&")
}

/// Reads on a thread that may wait for the disk.
pub(super) async fn on_pool<T: Send + 'static>(
    web: &Data<Web>,
    company: CompanyId,
    what: impl FnOnce(&Store, &FloorRows, CompanyId) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let store = web.house.store.clone();
    let done = web::block(move || match store.floor(company)? {
        Some(rows) => Ok(Some(what(&store, &rows, company)?)),
        None => Ok(None),
    });
    let stops = || ApiError::new(Code::Unavailable, "the daemon stops");
    let done: Result<Option<T>, StoreError> = done.await.map_err(|_| stops())?;
    done?.ok_or_else(|| ApiError::new(Code::NotFound, "there is no such company any more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_address() {
        let cursor = Cursor { arrived_at: Timestamp(1_795_342_500_000), actor: ActorNumber(34_359_738_379) };
        assert_eq!(place(&written(cursor)), Some(cursor));
        for text in ["", "-", "1", "1-", "-1", "1-x", "99999999999999999999-1"] {
            assert_eq!(place(text), None, "{text}");
        }
        assert_eq!(following("from=1&cursor=2-3&format=csv", "4-5"), "from=1&format=csv&cursor=4-5");
        assert_eq!(following("", "4-5"), "cursor=4-5");
    }
}

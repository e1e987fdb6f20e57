//! What belongs to whoever asks: the items that they had, and the templates for what they write.

use super::calls::{on_pool, place, written};
use super::paging::{after, limit, number};
use crate::actors::records::view;
use crate::protocol::desk::{OwnItems, TemplateView};
use crate::protocol::rest::CallRecord;
use crate::store::{FloorRows, RecordFilter, Word};
use crate::web::Web;
use crate::web::access::Agent;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use domain::contact::searchable;
use domain::id::{ClassificationId, QueueId};
use domain::time::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

/// How many records a page holds, if nothing else is asked for.
const LIMIT: u32 = 50;
/// How many it may hold.
const LIMIT_MAX: u32 = 200;
/// So many words are looked for.
const WORDS_MAX: usize = 5;

/// Which of one's own items are looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct OwnQuery {
    /// Beginnings of words in the note, in what it was about, or in the customer's number or name.
    text: Option<String>,
    /// Arrived at this time or later.
    #[param(value_type = Option<u64>)]
    from: Option<String>,
    /// Arrived before this time.
    #[param(value_type = Option<u64>)]
    to: Option<String>,
    /// The id of a queue in which they waited.
    #[param(value_type = Option<u64>)]
    queue: Option<String>,
    /// The id of something they were about.
    #[param(value_type = Option<u64>)]
    classification: Option<String>,
    /// How many: 1 to 200, usually 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next` of the page before; the other fields stay as they were.
    cursor: Option<String>,
}

/// A page of the items that whoever asks had, the newest first. The next page is asked for with `cursor`.
#[utoipa::path(
    get,
    path = "/items",
    operation_id = "list_own_items",
    tag = "items",
    params(OwnQuery),
    responses((status = 200, description = "A page", body = OwnItems)),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn items(
    Agent(person, _): Agent,
    web: Data<Web>,
    query: Query<OwnQuery>,
) -> Result<HttpResponse, ApiError> {
    let id = |name, text: &Option<String>| number(name, text.as_deref());
    let limit = limit(id("limit", &query.limit)?, LIMIT, 1..=LIMIT_MAX)?;
    let filter = RecordFilter {
        every_kind: true,
        agent: Some(person.id),
        from: id("from", &query.from)?.map(Timestamp),
        to: id("to", &query.to)?.map(Timestamp),
        queue: id("queue", &query.queue)?.map(QueueId),
        classification: id("classification", &query.classification)?.map(ClassificationId),
        after: after(query.cursor.as_deref(), place)?,
        ..RecordFilter::default()
    };
    let text = query.text.clone().unwrap_or_default();
    let page = on_pool(&web, person.company, move |store, rows, company| {
        let filter = RecordFilter { words: words(rows, &text), ..filter };
        let found = store.call_records(company, &filter, limit)?;
        for damage in found.damages {
            tracing::error!("a record is left out: {damage}");
        }
        let items: Vec<CallRecord> = found.rows.iter().map(|row| view(rows, row)).collect();
        Ok(OwnItems { items, next: found.next.map(written) })
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

/// The words that are looked for, each with the classifications in whose labels it is.
fn words(rows: &FloorRows, text: &str) -> Vec<Word> {
    let is_about = |id, word: &str| {
        let labels = searchable(&rows.classification_path(id).join(" "));
        labels.contains(&format!(" {word}"))
    };
    let ids = || {
        let here = rows.classifications.iter().map(|known| known.id);
        here.chain(rows.removed.classifications.keys().copied())
    };
    let word =
        |word: &str| Word { word: word.to_owned(), classifications: ids().filter(|id| is_about(*id, word)).collect() };
    searchable(text).split_whitespace().take(WORDS_MAX).map(word).collect()
}

/// The texts that agents write again and again, by name.
#[utoipa::path(
    get,
    path = "/templates",
    operation_id = "list_templates",
    tag = "templates",
    responses((status = 200, description = "All of them", body = Vec<TemplateView>)),
    security(("session" = []), ("basic" = []))
)]
pub(in crate::web) async fn templates(Agent(person, _): Agent, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let mut templates = on_pool(&web, person.company, |_, rows, _| Ok(rows.templates.clone())).await?;
    templates.sort_by(|one, other| one.name.cmp(&other.name));
    let view = |known: domain::company::Template| TemplateView {
        template: known.id,
        name: known.name,
        text: known.text,
        language: known.language,
        queues: known.queues.into_iter().collect(),
    };
    Ok(HttpResponse::Ok().json(templates.into_iter().map(view).collect::<Vec<_>>()))
}

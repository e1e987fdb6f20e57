//! Contacts in great numbers: taken over from a table, line by line, and written as one.
//! It carries; what a line says, and who is meant by it, is decided by `domain::contact`.

use super::calls::on_pool;
use crate::actors::floor::FloorRequest;
use crate::protocol::contacts::{ImportColumn, ImportNews};
use crate::protocol::error::{Code, RefusalView};
use crate::store::{AgentRow, Author, ContactCursor, Store, StoreError, Taken};
use crate::web::Web;
use crate::web::access::Supervisor;
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Payload, Query};
use domain::company::What;
use domain::contact::{Column, Columns, ContactEntry, IMPORT_BYTES_MAX, Import, Line, import as read_table, lines};
use domain::id::CompanyId;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use utoipa::IntoParams;

/// So many lines become durable as one: what others write meanwhile does not wait for long.
const BATCH: usize = 100;
/// So many persons are read at once.
const PAGE: usize = 1000;
/// How long nothing may come of a table that is on its way.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// A table may be big: one is taken over at a time.
static ONE: Semaphore = Semaphore::const_new(1);

/// How a table is taken over.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ImportQuery {
    /// Only say what would become of each line.
    #[serde(default)]
    dry_run: bool,
    /// What the columns hold, as a JSON list in their order: `name`, `organisation`, `language`, `notes`, `telephone`, `email`,
    /// `other:SYSTEM` (ids that another system gave), `field:NAME` or `ignored`. Without it, what stands above them says it.
    columns: Option<String>,
}

/// Takes over contacts from a table (CSV in UTF-8, with a line of headers; comma, semicolon or tab between the columns). Whoever
/// has a number, an address or an id that stands in a line is who is meant, and gets what the line says; whoever has none in it
/// is known by name and organisation. All others are new. A second time nothing changes.
#[utoipa::path(
    post,
    path = "/contacts/import",
    operation_id = "import_contacts",
    tag = "contacts",
    params(ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (
            status = 200,
            description = "As it goes on, a line of JSON each: first what was read, then each line of the table that is refused, \
                           and how far it is; at last how many were made, changed, left as they were and refused. What was told \
                           is durable",
            content_type = "application/jsonl",
            body = ImportNews,
        ),
        (status = 422, description = "`refused`: it is no table"),
    ),
    security(("session" = ["supervisor"]), ("basic" = ["supervisor"]))
)]
pub(in crate::web) async fn import(
    Supervisor(person): Supervisor,
    web: Data<Web>,
    query: Query<ImportQuery>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let another = |_| ApiError::new(Code::TooMany, "another table is being taken over, try again once that is done");
    let permit = ONE.try_acquire().map_err(another)?;
    let columns = query.columns.as_deref().map(columns).transpose()?;
    let table = whole(body).await?;
    let read =
        on_pool(&web, &person, move |_, rows, _| Ok(read_table(&table, columns.as_deref(), rows.country))).await?;
    let refused = |why: domain::contact::NoImport| {
        let (message, message_de) = (why.to_string(), why.german());
        let view = RefusalView { kind: "contact", name: String::new(), key: None, message, message_de };
        ApiError::refused(why.to_string(), vec![view])
    };
    let work = Work::new(&web, &person, query.dry_run, read.map_err(refused)?, permit);
    let news = stream::unfold(work, |work: Option<Work>| async move { Some(work?.go_on().await) });
    Ok(HttpResponse::Ok().content_type("application/jsonl").streaming(news))
}

/// What an address says that columns hold.
fn columns(text: &str) -> Result<Vec<Column>, ApiError> {
    let malformed = |why: String| ApiError::new(Code::Malformed, format!("columns: {why}"));
    let said: Vec<String> = serde_json::from_str(text).map_err(|why| malformed(why.to_string()))?;
    let column = |text: &String| Column::parse(text).ok_or_else(|| malformed(format!("no column holds `{text}`")));
    said.iter().map(column).collect()
}

async fn whole(mut body: Payload) -> Result<Vec<u8>, ApiError> {
    let malformed = |why: &str| ApiError::new(Code::Malformed, format!("the table {why}"));
    let mut table = vec![];
    loop {
        let next = timeout(SILENCE_MAX, body.next()).await.map_err(|_| malformed("did not come in time"))?;
        let broken = |why: PayloadError| malformed(&format!("did not come to its end: {why}"));
        let Some(bytes) = next.transpose().map_err(broken)? else { return Ok(table) };
        if table.len() + bytes.len() > IMPORT_BYTES_MAX {
            return Err(ApiError::new(
                Code::FileTooLarge,
                format!("a table may have {IMPORT_BYTES_MAX} bytes at most"),
            ));
        }
        table.extend_from_slice(&bytes);
    }
}

/// A table that is being taken over.
struct Work {
    web: Data<Web>,
    company: CompanyId,
    author: Author,
    dry_run: bool,
    /// What was read, until that is told.
    read: Option<ImportNews>,
    lines: std::vec::IntoIter<Line>,
    done: u32,
    made: u32,
    changed: u32,
    same: u32,
    refused: u32,
    _one: SemaphorePermit<'static>,
}

type Told = (Result<Bytes, Infallible>, Option<Work>);

impl Work {
    fn new(
        web: &Data<Web>,
        person: &AgentRow,
        dry_run: bool,
        read: Import,
        one: SemaphorePermit<'static>,
    ) -> Option<Work> {
        let Import { headers, examples, columns, lines } = read;
        let columns = headers.into_iter().zip(columns).zip(examples);
        let column = |((header, holds), example): ((String, Column), String)| ImportColumn {
            header,
            holds: holds.to_string(),
            example,
        };
        let lines_count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        Some(Work {
            web: web.clone(),
            company: person.company,
            author: Author::Agent(person.login_name.clone()),
            dry_run,
            read: Some(ImportNews::Read { columns: columns.map(column).collect(), lines: lines_count }),
            lines: lines.into_iter(),
            done: 0,
            made: 0,
            changed: 0,
            same: 0,
            refused: 0,
            _one: one,
        })
    }

    /// Does a part of it; nothing is left after the end.
    async fn go_on(mut self) -> Told {
        if let Some(read) = self.read.take() {
            return (told(&[read]), Some(self));
        }
        let lines: Vec<Line> = self.lines.by_ref().take(BATCH).collect();
        if lines.is_empty() {
            let Work { made, changed, same, refused, .. } = self;
            return (told(&[ImportNews::Done { made, changed, same, refused }]), None);
        }
        match self.take(lines).await {
            Ok(news) => (told(&news), Some(self)),
            Err(why) => {
                let why = ApiError::from(why);
                (told(&[ImportNews::Failed { code: why.code(), message: why.to_string() }]), None)
            }
        }
    }

    async fn take(&mut self, lines: Vec<Line>) -> Result<Vec<ImportNews>, StoreError> {
        self.done += lines.len() as u32;
        let (mut numbers, mut entries, mut news): (Vec<u64>, Vec<ContactEntry>, Vec<ImportNews>) = Default::default();
        for Line { number: line, entry } in lines {
            match entry {
                Ok(entry) => {
                    numbers.push(line);
                    entries.push(entry);
                }
                Err(why) => {
                    news.push(ImportNews::Refused { line, message: why.to_string(), message_de: why.german() });
                }
            }
        }
        let store: &Store = &self.web.house.store;
        let taken = if self.dry_run {
            store.plan_contacts(self.company, entries).await?
        } else {
            store.take_contacts(self.company, entries, self.author.clone()).await?
        };
        let mut contacts = vec![];
        for (line, taken) in numbers.into_iter().zip(taken) {
            match taken {
                Ok(Taken { what: None, .. }) => self.same += 1,
                Ok(Taken { contact, what: Some(what) }) => {
                    contacts.push(contact);
                    *(if what == What::New { &mut self.made } else { &mut self.changed }) += 1;
                }
                Err(why) => {
                    let (message, message_de) = (why.why.to_string(), why.why.german());
                    news.push(ImportNews::Refused { line, message, message_de });
                }
            }
        }
        self.refused += news.len() as u32;
        if !self.dry_run {
            // A floor that is not open shows nothing.
            _ = self.web.ask(self.company, FloorRequest::ContactsChanged { contacts }).await;
        }
        news.push(ImportNews::Progress { done: self.done });
        Ok(news)
    }
}

fn told(news: &[ImportNews]) -> Result<Bytes, Infallible> {
    let line = |news: &ImportNews| serde_json::to_string(news).unwrap_or_default() + "\n";
    Ok(news.iter().map(line).collect::<String>().into())
}

/// All contacts as a table (CSV in UTF-8), a line for each person, as it can be read in again.
#[utoipa::path(
    get,
    path = "/contacts/export",
    operation_id = "export_contacts",
    tag = "contacts",
    responses((status = 200, description = "By the alphabet", content_type = "text/csv", body = String)),
    security(("session" = ["supervisor"]), ("basic" = ["supervisor"]))
)]
pub(in crate::web) async fn export(Supervisor(person): Supervisor, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let fields = on_pool(&web, &person, |_, rows, _| Ok(rows.contact_fields.clone())).await?;
    let mut columns = Columns::of(fields.into_iter().map(|field| field.name));
    let (store, company) = (web.house.store.clone(), person.company);
    let mut after: Option<ContactCursor> = None;
    loop {
        let page = store.persons(company, after, PAGE).await?;
        page.persons.iter().for_each(|person| columns.add(person));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    // Spreadsheets know by the mark that it is UTF-8.
    let head = format!("\u{feff}{}", lines([columns.headers()]));
    let pages = stream::unfold(Some(None::<ContactCursor>), move |at| {
        let (store, columns) = (store.clone(), columns.clone());
        async move {
            let page = match store.persons(company, at?, PAGE).await {
                Ok(page) => page,
                Err(why) => return Some((Err(why), None)),
            };
            let text = lines(page.persons.iter().map(|person| columns.cells(person)));
            Some((Ok(Bytes::from(text)), page.next.map(Some)))
        }
    });
    let table = stream::once(async { Ok::<Bytes, StoreError>(head.into()) }).chain(pages);
    let mut response = HttpResponse::Ok();
    response.content_type("text/csv; charset=utf-8; header=present");
    response.insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"contacts.csv\""));
    Ok(response.streaming(table))
}

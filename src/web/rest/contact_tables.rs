//! Contacts in great numbers: taken over from a table, line by line, or from cards, and written as such.
//! It carries; what a line says, and who is meant by it, is decided by `domain::contact`.

use super::body::whole;
use super::calls::on_pool;
use crate::actors::floor::FloorRequest;
use crate::protocol::contacts::{ImportColumn, ImportNews};
use crate::protocol::error::{Code, RefusalView};
use crate::store::{Author, ContactCursor, Store, StoreError, Taken};
use crate::web::Web;
use crate::web::access::{Changes, Sees, area};
use crate::web::auth::Caller;
use crate::web::error::ApiError;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Payload, Query};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use domain::company::What;
use domain::contact::{Column, Columns, Contact, ContactEntry, IMPORT_BYTES_MAX, Import, Line};
use domain::contact::{are_cards, card, import as read_table, import_cards};
use domain::id::CompanyId;
use domain::table::{MARK, lines};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use std::convert::Infallible;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::{IntoParams, ToSchema};

/// So many lines become durable as one: what others write meanwhile does not wait for long.
const BATCH: usize = 100;
/// So many persons are read at once.
const PAGE: usize = 1000;

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
    /// `other:SYSTEM` (ids that another system gave), `field:NAME` or `ignored`. Without it, what stands above them says it. The
    /// columns of cards are their properties, in the order in which the first answer tells them.
    columns: Option<String>,
}

/// Takes over contacts from a table (CSV in UTF-8, with a line of headers; comma, semicolon or tab between the columns). Whoever
/// has a number, an address or an id that stands in a line is who is meant, and gets what the line says; whoever has none in it
/// is known by name and organisation. All others are new. A second time nothing changes. Cards (`text/vcard`, versions 2.1, 3.0
/// and 4.0, in UTF-8) are taken over in the same way.
#[utoipa::path(
    post,
    path = "/contacts/import",
    operation_id = "import_contacts",
    tag = "contacts",
    params(ImportQuery),
    request_body(content((String = "text/csv"), (String = "text/vcard"))),
    responses(
        (
            status = 200,
            description = "As it goes on, a line of JSON each: first what was read, then each line or card that is refused, \
                           and how far it is; at last how many were made, changed, left as they were and refused. What was told \
                           is durable",
            content_type = "application/jsonl",
            body = ImportNews,
        ),
        (status = 422, description = "`refused`: it is no table, or there are no cards in it"),
    ),
    security(("session" = ["contact_data: change"]), ("basic" = ["contact_data: change"]), ("key" = ["contact_data: change"]))
)]
pub(in crate::web) async fn import(
    Changes(person, ..): Changes<area::ContactData>,
    web: Data<Web>,
    request: HttpRequest,
    query: Query<ImportQuery>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let another = |_| ApiError::new(Code::TooMany, "another file is being taken over, try again once that is done");
    let permit = ONE.try_acquire().map_err(another)?;
    let columns = query.columns.as_deref().map(columns).transpose()?;
    let file = whole(body, IMPORT_BYTES_MAX).await?;
    // Whoever sends cards under another name means them all the same.
    let are_cards =
        matches!(request.content_type(), "text/vcard" | "text/x-vcard" | "text/directory") || are_cards(&file);
    let read = if are_cards { import_cards } else { read_table };
    let read =
        on_pool(&web, person.company, move |_, rows, _| Ok(read(&file, columns.as_deref(), rows.country))).await?;
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
        person: &Caller,
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
            author: person.author(),
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
        let (mut places, mut entries, mut news): (Vec<_>, Vec<ContactEntry>, Vec<ImportNews>) = Default::default();
        for Line { number: line, card, entry } in lines {
            match entry {
                Ok(entry) => {
                    places.push((line, card));
                    entries.push(entry);
                }
                Err(why) => {
                    let (message, message_de) = (why.to_string(), why.german());
                    news.push(ImportNews::Refused { line, card, message, message_de });
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
        for ((line, card), taken) in places.into_iter().zip(taken) {
            match taken {
                Ok(Taken { what: None, .. }) => self.same += 1,
                Ok(Taken { contact, what: Some(what) }) => {
                    contacts.push(contact);
                    *(if what == What::New { &mut self.made } else { &mut self.changed }) += 1;
                }
                Err(why) => {
                    let (message, message_de) = (why.why.to_string(), why.why.german());
                    news.push(ImportNews::Refused { line, card, message, message_de });
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

/// As what all contacts are written.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ExportQuery {
    /// `csv` (usually) or `vcard`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Csv,
    Vcard,
}

/// All contacts as a table (CSV in UTF-8), a line for each person, or as cards (vCard 4.0), as it can be read in again.
#[utoipa::path(
    get,
    path = "/contacts/export",
    operation_id = "export_contacts",
    tag = "contacts",
    params(ExportQuery),
    responses((
        status = 200,
        description = "By the alphabet",
        content((String = "text/csv"), (String = "text/vcard")),
    )),
    security(("session" = ["contact_data: read"]), ("basic" = ["contact_data: read"]), ("key" = ["contact_data: read"]))
)]
pub(in crate::web) async fn export(
    Sees(person, ..): Sees<area::ContactData>,
    web: Data<Web>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, ApiError> {
    let mut response = HttpResponse::Ok();
    let (store, company) = (web.house.store.clone(), person.company);
    Ok(match query.format {
        Format::Vcard => {
            response.content_type("text/vcard; charset=utf-8");
            response.insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"contacts.vcf\""));
            response.streaming(pages(store, company, |persons| persons.iter().map(|person| card(person)).collect()))
        }
        Format::Csv => {
            let columns = columns_of_all(&web, &person).await?;
            // Spreadsheets know by the mark that it is UTF-8.
            let head = format!("{MARK}{}", lines([columns.headers()]));
            let rows = pages(store, company, move |persons| lines(persons.iter().map(|person| columns.cells(person))));
            response.content_type("text/csv; charset=utf-8; header=present");
            response.insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"contacts.csv\""));
            response.streaming(stream::once(async { Ok::<Bytes, StoreError>(head.into()) }).chain(rows))
        }
    })
}

/// Those that the company defines, and all others that somebody has.
async fn columns_of_all(web: &Data<Web>, person: &Caller) -> Result<Columns, ApiError> {
    let fields = on_pool(web, person.company, |_, rows, _| Ok(rows.contact_fields.clone())).await?;
    let mut columns = Columns::of(fields.into_iter().map(|field| field.name));
    let mut after: Option<ContactCursor> = None;
    loop {
        let page = web.house.store.persons(person.company, after, PAGE).await?;
        page.persons.iter().for_each(|person| columns.add(person));
        after = page.next;
        if after.is_none() {
            return Ok(columns);
        }
    }
}

/// All persons, written page by page.
fn pages(
    store: Store,
    company: CompanyId,
    write: impl Fn(&[Vec<Contact>]) -> String,
) -> impl Stream<Item = Result<Bytes, StoreError>> {
    stream::unfold((Some(None::<ContactCursor>), write), move |(at, write)| {
        let store = store.clone();
        async move {
            match store.persons(company, at?, PAGE).await {
                Ok(page) => Some((Ok(Bytes::from(write(&page.persons))), (page.next.map(Some), write))),
                Err(why) => Some((Err(why), (None, write))),
            }
        }
    })
}
